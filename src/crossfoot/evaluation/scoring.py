"""A structured document against one labelled table: what is right, wrong, missing, misplaced or invented, and why.

An amount is right when it stands under its column in its row, as printed, with the exact number, in the document's
unit. Silent is what is not right in a table given out as accepted or repaired, unless the damage left nothing to see
and nothing was proved.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from crossfoot.evaluation.cases import NUMBERS, Case, Place, bare, number_in
from crossfoot.evaluation.damages import Damage, Degraded
from crossfoot.evaluation.matching import Expected, LabelledRow, ReadRow, labelled_rows, match_rows, read_rows
from crossfoot.evaluation.nouns import Miss, MissKind, TableScore
from crossfoot.figures import Cell, Document, Table

_MONEY_UNITS = frozenset({"元", "万元"})


class Ground(NamedTuple):
    """What a degraded text says of where things stand: each line's lines now, and what became of each character."""

    now: Mapping[int, tuple[int, ...]]
    damages: Mapping[Place, Damage]


class Judged(NamedTuple):
    """A labelled cell with what was read for it, and in which table; `kind` None is right."""

    expected: Expected
    cell: Cell | None
    kind: MissKind | None
    reason: str = ""
    found: str = ""
    table: Table | None = None

    @property
    def is_amount(self) -> bool:
        """Says whether a number is printed there, or was made of what is none."""
        return self.expected.cell.is_number or (self.kind is not None and self.cell is not None and _is_sum(self.cell))


def ground_of(degraded: Degraded) -> Ground:
    """Returns where everything stands in a degraded text."""
    damages: dict[Place, Damage] = {}
    for damage in degraded.damages:
        for offset in range(damage.start, damage.start + len(damage.before)):
            damages.setdefault(Place(damage.line, offset), damage)
    return Ground(degraded.now(), damages)


def score_table(case: Case, document: Document | None, ground: Ground) -> TableScore:
    """Returns the score of one case; a document of None is one on which crossfoot failed.

    Every cell of it is missing, and counts as given out wrong besides: what was never read may not leave precision
    better than it was.
    """
    first, last = case.label.lines
    lines = frozenset(now for number in range(first, last + 1) for now in ground.now.get(number, ()))
    tables, found = _tables_on(document, lines)
    labelled = labelled_rows(case, ground.damages, ground.now)
    main = tables[0] if tables else None
    read = list(read_rows(tables, lines, main if found else None))
    matches = match_rows(labelled, read)
    judged: list[tuple[LabelledRow, Judged]] = []
    extras = {(order, column): cell for order, row in enumerate(read) for column, cell in row.cells.items()}
    for order, row in enumerate(labelled):
        match = matches.get(order)
        for expected in row.cells:
            cell = None if match is None else extras.pop((match, expected.column), None)
            one = _judge(expected, cell, case.label.unit)
            judged.append((row, one if match is None else one._replace(table=read[match].table)))
    judged = [(row, _placed(row, one, extras, read)) for row, one in judged]
    silence = _Silence(document, tables)
    misses = [_miss(row, one, ground, silence) for row, one in judged if one.kind is not None]
    again = _again(labelled, read, matches)
    misses += [
        _extra(read[order], column, cell, ground, (order, column) in again) for (order, column), cell in extras.items()
    ]
    misses += _other_type(case, main, labelled)
    beside = [cell for place, cell in extras.items() if place not in again]
    counts = _counts([one for _, one in judged], misses, beside)
    if document is None:
        counts |= {"amounts_read": counts["amounts"], "texts_read": counts["texts"]}
    return TableScore(
        case=case.name,
        held_out=case.label.held_out,
        first_line=first,
        found=found,
        typed=main is not None and (main.type, main.family) == (case.label.type, case.label.family),
        verdict="crashed" if document is None else main.verdict.outcome if main else "not_found",
        reasons=tuple(main.verdict.reasons) if main else (),
        **counts,
        gone=sum(not one.expected.left for _, one in judged),
        checks_declared=main.verdict.tally.checks_declared if main else 0,
        checks_executed=main.verdict.tally.checks_executed if main else 0,
        misses=tuple(sorted(misses, key=lambda miss: (miss.line, miss.now, miss.column))),
    )


def _tables_on(document: Document | None, lines: frozenset[int]) -> tuple[list[Table], bool]:
    """Returns the tables that stand on those lines, the one with most of them first, and whether it is that table.

    It is when at least half of its lines are these, and half of these are its own.
    """
    shares = []
    for table in document.tables if document else ():
        own = range(table.lines[0], table.lines[1] + 1)
        common = len(lines.intersection(own))
        if common:
            shares.append((common, len(own), table))
    shares.sort(key=lambda share: -share[0])
    found = bool(shares) and 2 * shares[0][0] >= max(len(lines), shares[0][1])
    return [table for _, _, table in shares], found


class _Silence(NamedTuple):
    """What decides whether a miss is silent: the document, and the tables on the lines of the case."""

    document: Document | None
    tables: Sequence[Table]

    def of(self, one: Judged, now: Sequence[int]) -> bool:
        """Says whether nothing warns of it: not the table that gives it out, nor any where it is missing."""
        if self.document is None:
            return False
        if one.cell is not None and one.table is not None:
            is_said = one.cell.state == "derived" and one.cell.value == number_in(one.expected.cell.printed)
            return _is_given_out(one.table) and not is_said
        if not self.tables:
            return self.document.verdict.outcome != "flagged"
        here = [table for table in self.tables if any(table.lines[0] <= line <= table.lines[1] for line in now)]
        return all(_is_given_out(table) for table in [self.tables[0], *here])


def _is_given_out(table: Table) -> bool:
    return table.verdict.outcome != "flagged"


def _judge(expected: Expected, cell: Cell | None, unit: str) -> Judged:
    """Returns how the cell that was read under that row and column compares with the labelled one."""
    if cell is None or cell.state == "derived":
        return Judged(expected, cell, "missing", _why_missing(expected, cell))
    if not expected.left:
        return Judged(expected, cell, "invented", "nothing is left of it in the text", cell.printed)
    kind, reason = _compared(expected, cell)
    if kind in {None, "unseen"} and expected.cell.is_number and cell.value is not None and _is_other_unit(cell, unit):
        kind, reason = "wrong", f"taken in {cell.unit}, printed in {unit}"
    return Judged(expected, cell, kind, reason, cell.printed if kind else "")


def _compared(expected: Expected, cell: Cell) -> tuple[MissKind | None, str]:
    """Returns how a cell that was read differs from the labelled one, and why that counts as it does."""
    true, left = number_in(expected.cell.printed), number_in(expected.left)
    is_clean = "clean" in expected.traces
    if cell.state == "repaired":
        is_same = cell.value == true if expected.cell.is_number else bare(cell.printed) == bare(expected.cell.printed)
        if is_same and (expected.cell.is_number or not _is_sum(cell)):
            return None, ""
        kind: MissKind = "unseen" if is_clean and cell.value == left and cell.proof != "proved" else "wrong"
        return kind, f"repaired to {cell.value}, printed was {cell.original}"
    if bare(cell.printed) != expected.left:
        return "wrong", "another text than is printed there"
    if not expected.cell.is_number:
        return (
            ("wrong", f"no number is printed there, and {cell.value} was made of it") if _is_sum(cell) else (None, "")
        )
    if cell.value == true:
        return None, ""
    if cell.value is None:
        is_marked = "marked" in expected.traces or true is None
        return (None, "") if is_marked else ("wrong", "no number was made of it")
    if is_clean and cell.value == left:
        if cell.proof == "proved":
            return "wrong", "a damaged figure is called proved"
        return "unseen", "the damage left nothing to see"
    return "wrong", f"the number made of it is {cell.value}"


def _is_sum(cell: Cell) -> bool:
    """Says whether the cell is given out as a number that is not zero."""
    return cell.kind in NUMBERS and bool(cell.value)


def _is_other_unit(cell: Cell, unit: str) -> bool:
    return unit in _MONEY_UNITS and cell.unit in _MONEY_UNITS - {unit}


def _why_missing(expected: Expected, cell: Cell | None) -> str:
    if cell is not None:
        return f"illegible; computed as {cell.value}"
    if not expected.left:
        return "its line is illegible" if "marked" in expected.traces else "its line is gone"
    return "nothing was read in its row and column"


def _placed(row: LabelledRow, one: Judged, extras: dict[tuple[int, str], Cell], read: Sequence[ReadRow]) -> Judged:
    """Returns a missing cell as misplaced where the same text of the same line was read in another place."""
    if one.kind != "missing" or one.cell is not None or not one.expected.left:
        return one
    for (order, column), cell in extras.items():
        if cell.line in row.now and bare(cell.printed) == one.expected.left:
            del extras[order, column]
            where = f"{read[order].key} · {column}".removeprefix("field ")
            lacks = "; nothing says which column that is" if _is_unnamed(column) else ""
            reason = f"read as {where}{lacks}"
            return Judged(one.expected, cell, "misplaced", reason, cell.printed, read[order].table)
    return one


def _miss(row: LabelledRow, one: Judged, ground: Ground, silence: _Silence) -> Miss:
    cell = one.expected.cell
    kind = one.kind or "wrong"
    is_lost = one.cell is None and not one.expected.left and "marked" not in one.expected.traces
    now = [number for place in cell.places for number in ground.now.get(place.line, ())]
    return Miss(
        kind="unseen" if is_lost else kind,
        line=cell.line,
        now=one.cell.line if one.cell else next(iter(now), 0),
        row=row.name,
        panel=row.panel,
        column=one.expected.column,
        is_amount=one.is_amount,
        expected=cell.printed,
        found=one.found,
        reason=one.reason,
        is_silent=kind != "unseen" and not is_lost and silence.of(one, now),
    )


def _extra(row: ReadRow, column: str, cell: Cell, ground: Ground, is_again: bool) -> Miss:
    """Returns what was read without a label; a line that stands twice in the text was not invented."""
    line = next((number for number, now in ground.now.items() if cell.line in now), 0)
    return Miss(
        kind="unseen" if is_again else "invented",
        line=line,
        now=cell.line,
        row=row.key.removeprefix("field "),
        panel=row.panel,
        column=column,
        is_amount=_is_number(cell),
        expected="",
        found=cell.printed,
        reason="the line stands twice" if is_again else "nothing is printed in that row and column",
        is_silent=_is_given_out(row.table) and not is_again,
    )


def _is_number(cell: Cell) -> bool:
    """Says whether it was read as a number, be it one that cannot be read; a dash is none."""
    return cell.kind in NUMBERS and (bool(cell.value) or any(sign.isdigit() for sign in cell.printed))


def _again(
    labelled: Sequence[LabelledRow], read: Sequence[ReadRow], matches: Mapping[int, int]
) -> frozenset[tuple[int, str]]:
    """Returns the cells read without a label, by row and column, that a line says which stands in the text twice.

    As many rows are excused as it stands there more often than once, and of them what is printed there alone.
    """
    found: set[tuple[int, str]] = set()
    taken = set(matches.values())
    for row in (row for row in labelled if row.is_again):
        others = [order for order, one in enumerate(read) if order not in taken and _repeats(row, one)]
        for order in others[: len(row.now) - 1]:
            taken.add(order)
            cells = read[order].cells
            said = {expected.column: expected for expected in row.cells}
            found |= {(order, column) for column in cells.keys() & said if _is_said(said[column], cells[column])}
    return frozenset(found)


def _repeats(row: LabelledRow, read: ReadRow) -> bool:
    return read.panel == row.panel and read.key in row.keys and bool(read.lines & row.now)


def _is_said(expected: Expected, cell: Cell) -> bool:
    is_number = expected.cell.is_number
    is_value = cell.value in {number_in(expected.left), None} if is_number else not _is_sum(cell)
    return bare(cell.printed) == expected.left and is_value


def _other_type(case: Case, table: Table | None, labelled: Sequence[LabelledRow]) -> Iterator[Miss]:
    """Yields a miss where amounts are given out as those of another table than it is, of whatever family."""
    true = case.label.type, case.label.family
    if table is None or table.type == case.label.type or not _is_given_out(table):
        return
    if not any(one.cell.is_number and one.left for row in labelled for one in row.cells):
        return
    yield Miss(
        kind="wrong",
        line=case.label.lines[0],
        now=table.lines[0],
        row="",
        panel="",
        column="type",
        is_amount=True,
        expected=" of ".join(true),
        found=f"{table.type} of {table.family}",
        reason="the amounts are given out as another table's",
        is_silent=True,
    )


def _counts(every: Sequence[Judged], misses: Sequence[Miss], beside: Sequence[Cell]) -> dict[str, int]:
    """Returns the counts of a score: of the cells that the text still says, and of what was read besides."""
    said = [one for one in every if one.expected.left]
    amounts = [one for one in said if one.expected.cell.is_number]
    texts = [one for one in said if not one.expected.cell.is_number]
    more = Counter(_is_number(cell) for cell in beside if cell.state != "derived")
    more.update(one.is_amount for one in every if not one.expected.left and _is_read(one))
    numbers = [one for one in every if one.expected.cell.is_number and one.cell is not None]
    states = Counter((one.cell.state, _is_true(one)) for one in numbers if one.cell is not None)
    states.update((cell.state, False) for cell in beside if _is_sum(cell))
    proved = Counter(one.kind is None for one in every if one.is_amount and _claims_proof(one.cell))
    proved[False] += sum(_is_number(cell) and _claims_proof(cell) for cell in beside)
    return {
        "amounts": len(amounts),
        "amounts_right": sum(one.kind is None for one in amounts),
        "amounts_read": sum(_is_read(one) for one in amounts) + more[True],
        "texts": len(texts),
        "texts_right": sum(one.kind is None for one in texts),
        "texts_read": sum(_is_read(one) for one in texts) + more[False],
        "silent_amounts": sum(miss.is_silent and miss.is_amount for miss in misses),
        "unseen": sum(miss.kind == "unseen" and miss.is_amount for miss in misses),
        "proved": proved[True],
        "proved_wrong": proved[False],
        "repaired_right": states["repaired", True],
        "repaired_wrong": states["repaired", False],
        "derived_right": states["derived", True],
        "derived_wrong": states["derived", False],
    }


def _is_read(one: Judged) -> bool:
    return one.cell is not None and one.cell.state != "derived"


def _claims_proof(cell: Cell | None) -> bool:
    """Says whether the amount is called proved in a place that has a name."""
    return cell is not None and cell.proof == "proved" and not _is_unnamed(cell.column)


def _is_unnamed(column: str) -> bool:
    """Says whether it is the key of a column of which only the position is known: c4."""
    return column[:1] == "c" and column[1:].isdigit()


def _is_true(one: Judged) -> bool:
    return one.cell is not None and one.cell.value == number_in(one.expected.cell.printed)
