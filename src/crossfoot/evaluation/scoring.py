"""A structured document against one labelled table: what is right, wrong, missing, misplaced or invented, and why.

An amount is right when it stands under its column in its row, as printed, with the exact number. Silent is what is
not right in a table given out as accepted or repaired, unless the damage left nothing to see and nothing was proved.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
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
    """A labelled cell with what was read for it; `kind` None is right."""

    expected: Expected
    cell: Cell | None
    kind: MissKind | None
    reason: str = ""
    found: str = ""


def ground_of(degraded: Degraded) -> Ground:
    """Returns where everything stands in a degraded text."""
    damages: dict[Place, Damage] = {}
    for damage in degraded.damages:
        for offset in range(damage.start, damage.start + len(damage.before)):
            damages.setdefault(Place(damage.line, offset), damage)
    return Ground(degraded.now(), damages)


def score_table(case: Case, document: Document | None, ground: Ground) -> TableScore:
    """Returns the score of one case; a document of None is one on which crossfoot failed: every cell is missing."""
    first, last = case.label.lines
    lines = frozenset(now for number in range(first, last + 1) for now in ground.now.get(number, ()))
    tables, found = _tables_on(document, lines)
    labelled = labelled_rows(case, ground.damages, ground.now)
    main = tables[0] if tables else None
    read = list(read_rows(tables, lines, main if found else None))
    matches = match_rows(labelled, read)
    given_out = _is_given_out(document, tables)
    judged: list[tuple[LabelledRow, Judged]] = []
    extras = {(order, column): cell for order, row in enumerate(read) for column, cell in row.cells.items()}
    for order, row in enumerate(labelled):
        match = matches.get(order)
        for expected in row.cells:
            cell = None if match is None else extras.pop((match, expected.column), None)
            judged.append((row, _judge(expected, cell)))
    judged = [(row, _placed(row, one, extras, read)) for row, one in judged]
    misses = [_miss(row, one, ground, given_out) for row, one in judged if one.kind is not None]
    twice = [row for row in labelled if row.is_again]
    again = {order for order, one in enumerate(read) if any(_repeats(row, one) for row in twice)}
    misses += [_extra(read[order], column, cell, ground, order in again) for (order, column), cell in extras.items()]
    misses += _units(case, main, given_out=given_out)
    said = [one for _, one in judged if one.expected.left]
    return TableScore(
        case=case.name,
        held_out=case.label.held_out,
        first_line=first,
        found=found,
        typed=main is not None and (main.type, main.family) == (case.label.type, case.label.family),
        verdict="crashed" if document is None else main.verdict.outcome if main else "not_found",
        reasons=tuple(main.verdict.reasons) if main else (),
        **_counts(said, misses, extras.values()),
        gone=len(judged) - len(said),
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


def _is_given_out(document: Document | None, tables: Sequence[Table]) -> bool:
    """Says whether what is missing here is missing without a word: no table of it is flagged, nor the document."""
    if document is None:
        return False
    if not tables:
        return document.verdict.outcome != "flagged"
    return all(table.verdict.outcome != "flagged" for table in tables)


def _judge(expected: Expected, cell: Cell | None) -> Judged:
    """Returns how the cell that was read under that row and column compares with the labelled one."""
    if cell is None or cell.state == "derived":
        return Judged(expected, cell, "missing", _why_missing(expected, cell))
    true, left = number_in(expected.cell.printed), number_in(expected.left)
    is_clean = "clean" in expected.traces
    if cell.state == "repaired":
        is_same = cell.value == true if expected.cell.is_number else bare(cell.printed) == bare(expected.cell.printed)
        if is_same:
            return Judged(expected, cell, None)
        kind: MissKind = "unseen" if is_clean and cell.value == left and cell.proof != "proved" else "wrong"
        return Judged(expected, cell, kind, f"repaired to {cell.value}, printed was {cell.original}", cell.printed)
    if bare(cell.printed) != expected.left:
        return Judged(expected, cell, "wrong", "another text than is printed there", cell.printed)
    if not expected.cell.is_number or cell.value == true:
        return Judged(expected, cell, None)
    if cell.value is None:
        is_marked = "marked" in expected.traces or true is None
        return Judged(expected, cell, None if is_marked else "wrong", "no number was made of it", cell.printed)
    if is_clean and cell.value == left:
        if cell.proof == "proved":
            return Judged(expected, cell, "wrong", "a damaged figure is called proved", cell.printed)
        return Judged(expected, cell, "unseen", "the damage left nothing to see", cell.printed)
    return Judged(expected, cell, "wrong", f"the number made of it is {cell.value}", cell.printed)


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
            return Judged(one.expected, cell, "misplaced", f"read as {where}{lacks}", cell.printed)
    return one


def _miss(row: LabelledRow, one: Judged, ground: Ground, given_out: bool) -> Miss:
    cell = one.expected.cell
    kind = one.kind or "wrong"
    is_lost = kind == "missing" and not one.expected.left and "marked" not in one.expected.traces
    return Miss(
        kind="unseen" if is_lost else kind,
        line=cell.line,
        now=one.cell.line if one.cell else next(iter(ground.now.get(cell.line, ())), 0),
        row=row.name,
        panel=row.panel,
        column=one.expected.column,
        is_amount=cell.is_number,
        expected=cell.printed,
        found=one.found,
        reason=one.reason,
        is_silent=given_out and kind != "unseen" and not is_lost,
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
        is_amount=cell.kind in NUMBERS,
        expected="",
        found=cell.printed,
        reason="the line stands twice" if is_again else "nothing is printed in that row and column",
        is_silent=row.table.verdict.outcome != "flagged" and not is_again,
    )


def _repeats(row: LabelledRow, read: ReadRow) -> bool:
    return read.panel == row.panel and read.key in row.keys and bool(read.lines & row.now)


def _units(case: Case, table: Table | None, *, given_out: bool) -> Iterator[Miss]:
    """Yields a miss where the amounts of the table are taken in another unit than the document prints."""
    if table is None or case.label.unit not in _MONEY_UNITS:
        return
    units = {column.unit for column in table.columns if column.kind == "amount" and column.unit in _MONEY_UNITS}
    for unit in sorted(units - {case.label.unit}):
        yield Miss(
            kind="wrong",
            line=case.label.lines[0],
            now=table.lines[0],
            row="",
            panel="",
            column="unit",
            is_amount=True,
            expected=case.label.unit,
            found=unit,
            reason="the amounts are taken in another unit",
            is_silent=given_out,
        )


def _counts(said: Sequence[Judged], misses: Sequence[Miss], extras: Iterable[Cell]) -> dict[str, int]:
    """Returns the counts of a score: of the cells that the text still says, and of what was read besides."""
    amounts = [one for one in said if one.expected.cell.is_number]
    texts = [one for one in said if not one.expected.cell.is_number]
    beside = Counter(cell.kind in NUMBERS for cell in extras)
    beside.subtract(miss.is_amount for miss in misses if miss.kind == "unseen" and not miss.expected)
    states = Counter((one.cell.state, _is_true(one)) for one in amounts if one.cell is not None)
    proved = Counter(one.kind is None for one in amounts if _claims_proof(one))
    return {
        "amounts": len(amounts),
        "amounts_right": sum(one.kind is None for one in amounts),
        "amounts_read": sum(_is_read(one) for one in amounts) + beside[True],
        "texts": len(texts),
        "texts_right": sum(one.kind is None for one in texts),
        "texts_read": sum(_is_read(one) for one in texts) + beside[False],
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


def _claims_proof(one: Judged) -> bool:
    """Says whether the amount is called proved in a place that has a name."""
    return one.cell is not None and one.cell.proof == "proved" and not _is_unnamed(one.cell.column)


def _is_unnamed(column: str) -> bool:
    """Says whether it is the key of a column of which only the position is known: c4."""
    return column[:1] == "c" and column[1:].isdigit()


def _is_true(one: Judged) -> bool:
    return one.cell is not None and one.cell.value == number_in(one.expected.cell.printed)
