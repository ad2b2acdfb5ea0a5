"""Findings → the figures that they propose, and which of these together close the sums that fail."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from itertools import combinations
from typing import NamedTuple

from crossfoot.figures import Check, CitedCell, Document, Finding
from crossfoot.numerals import read_numeral
from crossfoot.output.places import Place, Places
from crossfoot.output.weighing import Replaced, holds_with, is_weighable
from crossfoot.plausible import IN_WORDS, edit_of

#: An alternative of a tie changes this many figures at most.
_MOST_AT_ONCE = 4


class Proposal(NamedTuple):
    """A figure that would be another: `after` in the cell's unit, and the slip that explains the change, if any."""

    cell: str
    line: int
    printed: str
    proposed: str
    before: Decimal | None
    after: Decimal
    slip: str

    @property
    def is_moved(self) -> bool:
        """Says whether the figure stays as it is and only its sum is another."""
        return self.before == self.after

    @property
    def counted(self) -> Decimal:
        """Returns what the figure counts in its sums with the proposal: nothing if it belongs in others."""
        return Decimal(0) if self.is_moved else self.after


class Book(NamedTuple):
    """The weighable checks of a document by id and by cell, and where its cells stand."""

    places: Places
    by_id: Mapping[str, Check]
    by_cell: Mapping[str, Sequence[Check]]


def proposals_of(finding: Finding, book: Book) -> tuple[Proposal, ...]:
    """Returns what a finding proposes, each change once; nothing of a note, nor if a change cannot be shown whole.

    What does not follow from sums over cells is told by the finding's own message.
    """
    places = book.places
    if finding.severity == "note" or not any(check in book.by_id for check in finding.checks):
        return ()
    implied = [cited for cited in finding.cells if cited.implied]
    found = [_proposal(cited, places[cited.cell]) for cited in implied if cited.cell in places]
    proposals = list(dict.fromkeys(one for one in found if one is not None))
    return tuple(proposals) if len(found) == len(implied) and None not in found else ()


def _proposal(cited: CitedCell, place: Place) -> Proposal | None:
    numeral = read_numeral(cited.implied)
    if numeral.value is None:
        return None
    edit = edit_of(place.cell.printed, numeral.value, max(numeral.places, place.cell.places), _neighbours(place))
    cell = place.cell
    slip = IN_WORDS[edit] if edit else ""
    return Proposal(cited.cell, cell.line, cell.printed, cited.implied, cell.value, numeral.value, slip)


def _neighbours(place: Place) -> list[str]:
    """Returns what stands beside the cell in its row, and above and below it in its column."""
    row, table = place.row, place.table
    amounts = [cell for cell in row.cells if cell.kind == "amount"]
    columns = [cell.column for cell in amounts]
    at = columns.index(place.cell.column) if place.cell.column in columns else None
    beside = [] if at is None else [cell.printed for cell in (*amounts[max(at - 1, 0) : at], *amounts[at + 1 : at + 2])]
    rows = [other for other in table.rows if (other.panel, other.block) == (row.panel, row.block)]
    where = next((number for number, other in enumerate(rows) if other.index == row.index), 0)
    others = [
        other.cell(place.cell.column) for other in (*rows[max(where - 1, 0) : where], *rows[where + 1 : where + 2])
    ]
    return [*beside, *(other.printed for other in others if other is not None)]


def book_of(document: Document, places: Places) -> Book:
    """Returns the checks of a document that can be added up anew, and where its cells stand."""
    weighable = [check for check in document.checks if is_weighable(check, places)]
    by_cell: dict[str, list[Check]] = {}
    for check in weighable:
        for cell in dict.fromkeys(term.cell for term in check.terms):
            by_cell.setdefault(cell, []).append(check)
    return Book(places, {check.id: check for check in weighable}, by_cell)


def beside_of(document: Document, book: Book) -> dict[str, Proposal]:
    """Returns what plain slips propose, by cell: two slips in one sum close it only together."""
    found: dict[str, Proposal] = {}
    for finding in document.findings:
        proposals = proposals_of(finding, book)
        if finding.code != "ambiguous_repair" and is_one_change(proposals):
            for one in proposals:
                found.setdefault(one.cell, one)
    return found


def is_one_change(proposals: Sequence[Proposal]) -> bool:
    """Says whether the proposals can be made together: no cell would be two figures."""
    return len({one.cell for one in proposals}) == len(proposals)


def replaced_by(proposals: Iterable[Proposal]) -> Replaced:
    """Returns the figures that the proposals put in the place of others."""
    return {one.cell: one.counted for one in proposals}


def held_by(proposals: Iterable[Proposal], book: Book) -> list[Check]:
    """Returns the checks of the proposals' cells that hold as printed."""
    found = [check for one in proposals for check in book.by_cell.get(one.cell, ())]
    return list({check.id: check for check in found if check.outcome == "holds"}.values())


def closing(proposals: Sequence[Proposal], checks: Sequence[Check], book: Book) -> list[tuple[Proposal, ...]]:
    """Returns the smallest choices among the proposals that close all the checks and break none; else any that close.

    No choice contains another one.
    """
    harmless: list[tuple[Proposal, ...]] = []
    others: list[tuple[Proposal, ...]] = []
    for size in range(1, _MOST_AT_ONCE + 1):
        for chosen in combinations(proposals, size):
            if not is_one_change(chosen) or any(set(one) <= set(chosen) for one in harmless):
                continue
            if all(holds_with(check, book.places, replaced_by(chosen)) for check in checks):
                if not broken_by(chosen, book):
                    harmless.append(chosen)
                elif not any(set(one) <= set(chosen) for one in others):
                    others.append(chosen)
    return harmless or others


def broken_by(chosen: Sequence[Proposal], book: Book) -> int:
    """Returns how many sums that hold as printed would not with the proposals."""
    return sum(not holds_with(check, book.places, replaced_by(chosen)) for check in held_by(chosen, book))


def cells_of(check: Check) -> set[str]:
    """Returns the references of a check's cells."""
    return {term.cell for term in check.terms}
