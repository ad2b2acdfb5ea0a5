"""Checks → how far each amount is proved: by sums that hold, and that a slip into the next column would break."""

import re
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from decimal import Decimal
from typing import NamedTuple

from crossfoot.figures import Cell, Check, Proof, Reading, Row
from crossfoot.judging.ledger import Entry, Ledger, is_unknown_key, list_of, ref_of, unnamed_columns
from crossfoot.numerals import SCALES

_ZERO = Decimal(0)
_DIGIT = re.compile(r"\d")
#: So many rows may have run together with another, or lost a tab; where it is more, it is the header that has.
_FEW = 2


def checks_by_cell(checks: Sequence[Check]) -> dict[str, list[Check]]:
    """Returns the executed linear checks in which each cell stands."""
    found: dict[str, list[Check]] = {}
    for check in checks:
        if check.kind in {"sum", "equal"} and check.outcome in {"holds", "fails"}:
            for term in check.terms:
                found.setdefault(term.cell, []).append(check)
    return found


class Proven(NamedTuple):
    """What proofs are made of: cells, their executed checks, the cells not in the source, and the checks that prove."""

    ledger: Ledger
    by_cell: Mapping[str, Sequence[Check]]
    ungrounded: frozenset[str]
    proving: frozenset[str]


def proving_checks(checks: Sequence[Check], spent: AbstractSet[str], ledger: Ledger) -> frozenset[str]:
    """Returns the ids of the sums that hold with two or more non-zero amounts and that are not spent.

    A check is spent if a repair rests on it alone: the figure was made to fit it, so it proves nothing.
    """
    sums = (check for check in checks if check.kind == "sum" and check.outcome == "holds")
    return frozenset(check.id for check in sums if check.id not in spent and _non_zero(check, ledger) >= 2)


def prove(entry: Entry, book: Proven) -> dict[str, Proof]:
    """Returns for each non-zero amount of a table that was read whether it is proved, grounded, or neither.

    Proved: in at least one sum that holds with two or more non-zero printed amounts, in none that fails, and moving
    it to a neighbouring amount column would break a check. Agreement between copies of one total proves nothing.
    What a person says is proved by sums as any other figure, and never grounded: it does not stand in the text.
    Where figures stand under no header, or words where amounts should, cells have moved; nothing there is in place.
    """
    proofs: dict[str, Proof] = {}
    moved = _moved(entry.reading)
    for row, cell, ref in entry.amounts:
        if not cell.value or cell.state == "derived":
            continue
        checks = book.by_cell.get(ref, ())
        is_proved = (
            any(check.id in book.proving for check in checks)
            and all(check.outcome == "holds" for check in checks)
            and row.index not in moved
            and not _holds_words(row)
            and _is_pinned(entry, row, cell, (book.ledger, book.by_cell))
        )
        unproved: Proof = "neither" if cell.state == "resolved" else "grounded"
        proofs[ref] = "neither" if ref in book.ungrounded else "proved" if is_proved else unproved
    return proofs


def _moved(reading: Reading) -> frozenset[int]:
    """Returns the rows, by index, of which nothing says in which columns their amounts stand.

    A figure under no header makes its row one; where several rows of a list have such its header is read wrong, and
    all are. Lists side by side are told apart by their headers alone: there one that is unknown may have shifted all.
    """
    unnamed = unnamed_columns(reading)
    lists: dict[str, list[Row]] = {}
    for row in reading.rows:
        lists.setdefault(list_of(reading, row), []).append(row)
    found: set[int] = set()
    for place, rows in lists.items():
        loose = [row.index for row in rows if any((place, cell.column) in unnamed for cell in _figures(row))]
        unknown = [row for row in rows if any(is_unknown_key(cell.column) for cell in _figures(row))]
        if reading.shape == "panels" and len(unknown) > _FEW:
            return frozenset(row.index for row in reading.rows)
        found.update([row.index for row in rows] if len(loose) > _FEW or 2 * len(loose) >= len(rows) else loose)
    return frozenset(found)


def _figures(row: Row) -> list[Cell]:
    return [cell for cell in row.cells if _DIGIT.search(cell.printed)]


def _holds_words(row: Row) -> bool:
    """Says whether words stand in one of the row's cells of amounts."""
    return any(
        cell.kind == "amount" and cell.printed and cell.state == "illegible" and not _DIGIT.search(cell.printed)
        for cell in row.cells
    )


def _non_zero(check: Check, ledger: Ledger) -> int:
    return sum(1 for term in check.terms if ledger.cells[term.cell][2].value)


def _is_pinned(entry: Entry, row: Row, cell: Cell, book: tuple[Ledger, Mapping[str, Sequence[Check]]]) -> bool:
    """Says whether a slip into either neighbouring amount column of the row would break a check that holds."""
    amounts = [other for other in row.cells if other.kind == "amount"]
    place = next(i for i, other in enumerate(amounts) if other.column == cell.column)
    neighbours = [amounts[i] for i in (place - 1, place + 1) if 0 <= i < len(amounts)]
    return all(_slip_breaks(entry, row, cell, (neighbour, *book)) for neighbour in neighbours)


def _slip_breaks(entry: Entry, row: Row, cell: Cell, other: tuple[Cell, Ledger, Mapping[str, Sequence[Check]]]) -> bool:
    """Says whether a check breaks when the cell's figure stands in its neighbour instead (they change places)."""
    neighbour, ledger, by_cell = other
    moved = (cell.value or _ZERO) - (neighbour.value or _ZERO)
    if not moved:
        return True
    here, there = ref_of(entry.reading, row, cell.column), ref_of(entry.reading, row, neighbour.column)
    changes = {here: -moved, there: moved}
    rounding = {here: _ZERO, there: _ZERO}
    if neighbour.value is None:  # the cell becomes blank, which is exactly nothing; the neighbour becomes a figure
        half = ledger.halves[here]
        rounding = {here: -half, there: half}
    for check in {c.id: c for ref in changes for c in by_cell.get(ref, ())}.values():
        if check.outcome != "holds" or check.gap is None or check.tolerance is None:
            continue
        gap, tolerance = check.gap, check.tolerance
        for term in check.terms:
            if term.cell in changes:
                scale = _scale(check, ledger.cells[term.cell][2])
                gap += term.weight * changes[term.cell] * scale
                tolerance += abs(term.weight) * rounding[term.cell] * scale
        if abs(gap) > tolerance:
            return True
    return False


def _scale(check: Check, cell: Cell) -> Decimal:
    return SCALES[cell.unit] / SCALES[check.unit] if check.unit in SCALES and cell.unit in SCALES else Decimal(1)
