"""A document's proposals, ties, repairs and computed figures → what a person has to decide on, each with its sums.

Everything is worked out from the stored document: proposals stand in findings, and sums are added up with and without.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import NamedTuple

from crossfoot.figures import Check, Derivation, Document, Finding, Repair, Table
from crossfoot.numerals import read_numeral
from crossfoot.output.findings import findings_about
from crossfoot.output.places import Place, Places
from crossfoot.output.proposals import (
    Book,
    Proposal,
    beside_of,
    book_of,
    broken_by,
    cells_of,
    closing,
    held_by,
    is_one_change,
    proposals_of,
    replaced_by,
)
from crossfoot.output.weighing import Weighed, holds_with, weigh

#: What a structural move is called stands in the message, before what follows from it.
_CONSEQUENCE = ": then "


class Compared(NamedTuple):
    """A check as printed and with what is proposed; `before` is None where the printed figures cannot be added up.

    `cells` are those in question.
    """

    check: Check
    before: Weighed | None
    after: Weighed
    cells: frozenset[str]


class Slip(NamedTuple):
    """One slip: the figures that would be others, what move it is if not a plain change, and the sums it breaks.

    `broken` are sums that hold as printed and would not with the proposal.
    """

    finding: Finding
    proposals: tuple[Proposal, ...]
    move: str
    sums: tuple[Compared, ...]
    broken: tuple[Compared, ...]


class Alternative(NamedTuple):
    """One way to explain failing sums: what would change, how many of the sums then hold, how many no longer."""

    proposals: tuple[Proposal, ...]
    mended: int
    broken: int


class Tie(NamedTuple):
    """Several ways to explain the same failing sums; `shared` are the changes that all of them make."""

    finding: Finding
    alternatives: tuple[Alternative, ...]
    shared: tuple[Proposal, ...]
    sums: tuple[Weighed, ...]
    checks: tuple[Check, ...]


class Mended(NamedTuple):
    """A repair with where it stands and the sums that it closes."""

    repair: Repair
    place: Place
    sums: tuple[Compared, ...]


class Filled(NamedTuple):
    """A computed figure with where it stands and the sums in which it stands."""

    derivation: Derivation
    place: Place
    sums: tuple[Compared, ...]


class Decisions(NamedTuple):
    """All that is to be decided on in a table, and what of the document's findings and checks is shown with it."""

    slips: tuple[Slip, ...]
    ties: tuple[Tie, ...]
    repairs: tuple[Mended, ...]
    derived: tuple[Filled, ...]

    def says(self, finding: Finding) -> bool:
        """Says whether a block tells a finding: a slip or tie, or that cells were repaired, computed or illegible."""
        if finding in [*(slip.finding for slip in self.slips), *(tie.finding for tie in self.ties)]:
            return True
        told = {"repaired": self._repaired(), "derived": self._filled(), "illegible": self._filled()}
        cells = {cited.cell for cited in finding.cells}
        return bool(cells) and cells <= told.get(finding.code, frozenset())

    def _repaired(self) -> frozenset[str]:
        return frozenset(one.repair.cell for one in self.repairs)

    def _filled(self) -> frozenset[str]:
        return frozenset(one.derivation.cell for one in self.derived)

    def shown_checks(self) -> frozenset[str]:
        """Returns the ids of the checks that are written out."""
        sums = [slip.sums for slip in self.slips]
        sums += [mended.sums for mended in self.repairs]
        sums += [filled.sums for filled in self.derived]
        compared = [one.check.id for own in sums for one in own]
        return frozenset([*compared, *(check.id for tie in self.ties for check in tie.checks)])


def decisions_about(document: Document, table: Table, places: Places) -> Decisions:
    """Returns what is to be decided on in the table: its own repairs and fills, and every proposal that touches it."""
    book = book_of(document, places)
    findings = findings_about(document, table)
    proposed = {place: found for place, one in enumerate(findings) if (found := proposals_of(one, book))}
    beside = beside_of(document, book)
    slips: list[Slip] = []
    ties: list[Tie] = []
    for place, proposals in proposed.items():
        decision = _slip_or_tie(findings[place], proposals, book, beside)
        if isinstance(decision, Slip):
            slips.append(decision)
        elif decision is not None:
            ties.append(decision)
    prefix = f"{table.id}."
    return Decisions(
        slips=tuple(slips),
        ties=tuple(ties),
        repairs=tuple(
            Mended(
                one, places[one.cell], _closed(one.cell, one.checks, (book, beside), read_numeral(one.original).value)
            )
            for one in document.repairs
            if one.cell.startswith(prefix) and one.cell in places
        ),
        derived=tuple(
            Filled(one, places[one.cell], _closed(one.cell, one.checks, (book, beside), None))
            for one in document.derivations
            if one.cell.startswith(prefix) and one.cell in places
        ),
    )


class Counts(NamedTuple):
    """How much there is to decide on in a table: proposals, ties, repairs and computed figures."""

    proposals: int = 0
    ties: int = 0
    repairs: int = 0
    derived: int = 0

    def in_words(self) -> str:
        """Returns what there is, e.g. `2 proposals, 1 repair`."""
        names = (("proposal", "s"), ("tie", "s"), ("repair", "s"), ("computed", ""))
        return ", ".join(
            f"{number} {name}{plural if number > 1 else ''}"
            for number, (name, plural) in zip(self, names, strict=True)
            if number
        )


def counts_of(document: Document, places: Places) -> dict[str, Counts]:
    """Returns for each table in which there is something to decide on how much it is, by the table's id."""
    book = book_of(document, places)
    kinds = [(_table_of(one.cell), "repairs") for one in document.repairs]
    kinds += [(_table_of(one.cell), "derived") for one in document.derivations]
    for finding in document.findings:
        proposals = proposals_of(finding, book)
        is_slip = finding.code != "ambiguous_repair" and is_one_change(proposals)
        kinds += [(table, "proposals" if is_slip else "ties") for table in {_table_of(one.cell) for one in proposals}]
    number = Counter(kinds)
    return {
        table.id: Counts(*(number[table.id, kind] for kind in Counts._fields))
        for table in document.tables
        if any(number[table.id, kind] for kind in Counts._fields)
    }


def _table_of(cell: str) -> str:
    return cell.partition(".")[0]


# --- one slip, or a tie -----------------------------------------------------------------------------------------------


def _slip_or_tie(
    finding: Finding, proposals: Sequence[Proposal], book: Book, beside: Mapping[str, Proposal]
) -> Slip | Tie | None:
    """Returns a tie if the finding says so, or if not all its proposals together close its sums but some of them do.

    A tie of structural moves that cannot be put together from the cells that are cited is left to the message.
    """
    checks = [book.by_id[name] for name in finding.checks if name in book.by_id]
    if finding.code != "ambiguous_repair" and is_one_change(proposals):
        cells = {one.cell for one in proposals}
        own = [check for check in checks if cells & cells_of(check)]  # others a figure enters only by the move
        compared = tuple(_compared(check, proposals, beside, book.places) for check in own)
        if all(one.after.holds for one in compared) or not closing(proposals, own, book):
            return _slip(finding, proposals, compared, (book, beside))
    if any(check.fault == "structure" for check in checks) and not any(
        not broken_by(way, book) for way in closing(proposals, checks, book)
    ):
        return None
    return _tie(finding, proposals, checks, book)


def _slip(
    finding: Finding,
    proposals: Sequence[Proposal],
    compared: tuple[Compared, ...],
    known: tuple[Book, Mapping[str, Proposal]],
) -> Slip:
    book, beside = known
    move, then, _ = finding.message.partition(_CONSEQUENCE)
    held = (_compared(check, proposals, beside, book.places) for check in held_by(proposals, book))
    is_whole = all(one.after.holds for one in compared)
    broken = tuple(one for one in held if not one.after.holds) if is_whole else ()
    return Slip(finding, tuple(proposals), move if then else "", compared, broken)


def _compared(check: Check, own: Sequence[Proposal], beside: Mapping[str, Proposal], places: Places) -> Compared:
    """Returns the check with its finding's proposals; with those of other slips too if it does not hold without."""
    cells = cells_of(check)
    used = {one.cell: one for one in own if one.cell in cells}
    both = {cell: one for cell, one in beside.items() if cell in cells} | used
    if not holds_with(check, places, replaced_by(used.values())) and holds_with(
        check, places, replaced_by(both.values())
    ):
        used = both
    before = weigh(check, places, {cell: one.before for cell, one in used.items()})
    after = weigh(check, places, replaced_by(used.values()))
    return Compared(check, before, after, frozenset(used))


def _tie(finding: Finding, proposals: Sequence[Proposal], checks: Sequence[Check], book: Book) -> Tie:
    chosen = closing(proposals, checks, book) if checks else []
    ways = chosen or [(one,) for one in proposals]
    shared = [one for one in ways[0] if all(one in way for way in ways)] if chosen and len(ways) > 1 else []
    marked = {one.cell: one.before for one in proposals}
    return Tie(
        finding=finding,
        alternatives=tuple(
            Alternative(
                way, sum(holds_with(check, book.places, replaced_by(way)) for check in checks), broken_by(way, book)
            )
            for way in ways
        ),
        shared=tuple(shared),
        sums=tuple(
            weigh(check, book.places, {cell: value for cell, value in marked.items() if cell in cells_of(check)})
            for check in checks
        ),
        checks=tuple(checks),
    )


# --- repairs and fills ------------------------------------------------------------------------------------------------


def _closed(
    cell: str, names: Iterable[str], known: tuple[Book, Mapping[str, Proposal]], source: Decimal | None
) -> tuple[Compared, ...]:
    """Returns the named sums of a cell with its stored value; `source` is what the source prints, if that is a number.

    Sums that wait for the cell alone are added; with what slips propose beside it, if they do not hold without.
    """
    book, beside = known
    value = book.places[cell].cell.value
    waiting = [check.id for check in book.by_cell.get(cell, ()) if check.waits_for == (cell,)]
    checks = [book.by_id[name] for name in dict.fromkeys((*names, *waiting)) if name in book.by_id]
    found: list[Compared] = []
    for check in checks:
        others = replaced_by(one for one in beside.values() if one.cell in cells_of(check))
        is_closed = holds_with(check, book.places, {}) or not holds_with(check, book.places, others)
        after = weigh(check, book.places, {**({} if is_closed else others), cell: value})
        if cell in cells_of(check) and after.state != "unread":
            before = None if source is None else weigh(check, book.places, {cell: source})
            found.append(Compared(check, before, after, frozenset({cell} if is_closed else {cell, *others})))
    return tuple(found)
