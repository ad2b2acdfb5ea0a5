"""Numerals whose columns are lost → the only placement that foots; what several placements share is placed, no more.

A row's numerals keep their order. A placement foots if every sum of the table holds within the tolerance of check.py,
an empty cell counting as zero. Where none foots, nothing is placed: the numerals stay loose and the table is flagged.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from itertools import combinations
from math import comb
from typing import NamedTuple

from crossfoot.figures import Cell, Finding, FindingCode, Identity, Reading, Row
from crossfoot.judging.feasible import Equation, Exhausted, Feasible, feasible_options
from crossfoot.judging.identities import table_identities
from crossfoot.judging.ledger import Entry, ref_of
from crossfoot.tabletypes import TableType

_LINEAR = frozenset({"sum", "equal", "at_most"})
#: A row with more ways than this is left to a person.
_MOST_WAYS = 2000
_ONE = Decimal(1)

#: For a doubtful row its possible placements: for each numeral the position of its amount column.
Way = tuple[int, ...]


class _Doubt(NamedTuple):
    """A row with loose numerals that might be placed, and in which ways."""

    row: Row
    ways: tuple[Way, ...]


class _Board(NamedTuple):
    """A table being placed: its amount columns from left to right, its doubtful rows, its identities."""

    reading: Reading
    columns: tuple[str, ...]
    doubts: Mapping[int, _Doubt]
    identities: tuple[Identity, ...]
    places: int


def place(reading: Reading, known: TableType | None, possible: Mapping[int, tuple[Way, ...]] | None = None) -> Reading:
    """Returns the reading with its loose numerals in cells where one placement foots, and a remark where not.

    `possible` are by line the only ways that come into question; of any other row all do that keep the order.
    """
    columns = tuple(column.key for column in reading.columns if column.kind == "amount")
    loose = [row for row in reading.rows if row.loose]
    if not loose:
        return reading
    board = _Board(
        reading,
        columns,
        _doubts(reading, loose, columns, possible or {}),
        _identities(reading, known, columns),
        _finest(reading),
    )
    try:
        settled = _settled(board)
    except Exhausted:
        return _remarked(reading, loose, "ambiguous_repair", "more placements foot, or might, than can be tried")
    if settled is None:
        return _remarked(reading, loose, "unplaced", "no placement of the numerals foots")
    placed = reading.model_copy(update={"rows": tuple(_placed(board, row, settled.options) for row in reading.rows)})
    left = [row for row in placed.rows if row.loose]
    if not left:
        return placed
    if all(row.index not in board.doubts for row in left):
        return _remarked(placed, left, "unplaced", "they are too many, illegible or of several kinds")
    return _remarked(placed, left, "ambiguous_repair", f"{settled.ways} or more placements of the numerals foot alike")


def _remarked(reading: Reading, rows: Sequence[Row], code: FindingCode, why: str) -> Reading:
    lines = ", ".join(f"L{row.line}" for row in rows[:8]) + (", …" if len(rows) > 8 else "")
    many = "1 row" if len(rows) == 1 else f"{len(rows)} rows"
    message = f"the columns of {many} are lost ({lines}): {why}"
    remark = Finding(code=code, severity="warning", table=reading.table, line=rows[0].line, message=message)
    return reading.model_copy(update={"remarks": (*reading.remarks, remark)})


# --- the table as a puzzle --------------------------------------------------------------------------------------------


def _doubts(
    reading: Reading, loose: Sequence[Row], columns: Sequence[str], possible: Mapping[int, tuple[Way, ...]]
) -> dict[int, _Doubt]:
    """Returns the rows that may be placed at all: their numerals legible, and not more than the columns.

    Where a column of figures holds anything but money (a rate, a count), any numeral may be that column's.
    """
    if any(column.kind in {"ratio", "score", "count"} for column in reading.columns):
        return {}
    found: dict[int, _Doubt] = {}
    for row in loose:
        free = [place for place, key in enumerate(columns) if _is_free(row, key)]
        legible = all(cell.state != "illegible" for cell in row.loose)
        if legible and len(free) == len(columns) and comb(len(free), len(row.loose)) in range(1, _MOST_WAYS):
            found[row.index] = _Doubt(row, possible.get(row.line) or tuple(combinations(free, len(row.loose))))
    return found


def _is_free(row: Row, key: str) -> bool:
    cell = row.cell(key)
    return cell is None or not cell.printed


def _identities(reading: Reading, known: TableType | None, columns: Sequence[str]) -> tuple[Identity, ...]:
    """Returns the sums that any placement must satisfy, as if each loose row had a figure in every amount column."""
    rows = tuple(
        row.model_copy(update={"cells": _stand_ins(row, columns)}) if row.loose else row for row in reading.rows
    )
    entry = Entry(reading.model_copy(update={"rows": rows}), reading.table, "present", known)
    return tuple(
        identity
        for identity in table_identities(entry)
        if identity.kind in _LINEAR and not identity.blocked and not identity.lacks
    )


def _stand_ins(row: Row, columns: Sequence[str]) -> tuple[Cell, ...]:
    others = tuple(cell for cell in row.cells if cell.column not in columns)
    return (
        *others,
        *(row.loose[0].model_copy(update={"column": key, "state": "printed", "value": _ONE}) for key in columns),
    )


def _finest(reading: Reading) -> int:
    cells = [cell for row in reading.rows for cell in (*row.cells, *row.loose)]
    return max((cell.places for cell in cells if cell.kind == "amount" and cell.value is not None), default=0)


def _settled(board: _Board) -> Feasible | None:
    """Returns which options of each doubtful row foot in some placement, None if there is no placement.

    A column's rounding is only known once its figures are; it starts as coarse as it may be and gets finer with
    every figure that is certain to stand in it, so that no placement is ruled out by a tolerance that is too narrow.
    """
    options = {index: doubt.ways for index, doubt in board.doubts.items()}
    places = _places(board, options)
    while True:
        found = feasible_options(options, _equations(board, places))
        if found is None or not found.is_complete:
            return found
        finer = _places(board, found.options)
        if finer == places:
            return found
        options, places = dict(found.options), finer


def _places(board: _Board, options: Mapping[int, Sequence[Way]]) -> dict[str, int]:
    """Returns for each amount column the decimal places of the figures that are certain to stand in it."""
    finest = dict.fromkeys(board.columns, 0)
    for row in board.reading.rows:
        for cell in row.cells:
            if cell.column in finest and cell.value is not None:
                finest[cell.column] = max(finest[cell.column], cell.places)
        for numeral, column in _certain(row, options.get(row.index, ())).items():
            key, cell = board.columns[column], row.loose[numeral]
            finest[key] = max(finest[key], cell.places if cell.value is not None else 0)
    return finest


def _certain(row: Row, ways: Sequence[Way]) -> dict[int, int]:
    """Returns for each of the row's numerals that stands in the same column in all ways that column."""
    if not ways:
        return {}
    return {numeral: ways[0][numeral] for numeral in range(len(row.loose)) if len({way[numeral] for way in ways}) == 1}


# --- equations in half units ------------------------------------------------------------------------------------------


def _equations(board: _Board, places: Mapping[str, int]) -> list[Equation]:
    """Returns the identities as integer intervals over the doubtful rows; one between fixed cells says nothing."""
    cells = {ref_of(board.reading, row, key): (row, key) for row in board.reading.rows for key in board.columns}
    found = (_equation(board, identity, cells, places) for identity in board.identities)
    return [equation for equation in found if equation is not None]


def _equation(
    board: _Board, identity: Identity, cells: Mapping[str, tuple[Row, str]], places: Mapping[str, int]
) -> Equation | None:
    """Returns one identity as an equation, None if it cannot be executed or has no row that moves."""
    terms = [(term.weight, *cells[term.cell]) for term in identity.terms if term.cell in cells]
    if len(terms) != len(identity.terms) or any(_is_silent(board, identity, term) for term in terms):
        return None
    low = high = 0
    moving: dict[int, list[tuple[int, str]]] = {}
    for weight, row, key in terms:
        if row.index in board.doubts:
            moving.setdefault(row.index, []).append((weight, key))
        else:
            below, above = _interval(board, row.cell(key), weight, places[key])
            low, high = low + below, high + above
    if not moving:
        return None
    spans = {
        index: {
            way: _moved(board, board.doubts[index].row, way, (weighted, places)) for way in board.doubts[index].ways
        }
        for index, weighted in moving.items()
    }
    return Equation(low, high, spans, is_at_most=identity.kind == "at_most")


def _is_silent(board: _Board, identity: Identity, term: tuple[int, Row, str]) -> bool:
    """Says whether a term keeps an identity from being executed: a blank total, or a row that cannot be placed."""
    weight, row, key = term
    if row.index in board.doubts:
        return False
    cell = row.cell(key)
    if row.loose or (cell is not None and cell.state == "illegible"):
        return True
    is_blank = cell is None or cell.state == "blank"
    return is_blank and (weight < 0 or identity.kind in {"equal", "at_most"})


def _interval(board: _Board, cell: Cell | None, weight: int, places: int) -> tuple[int, int]:
    """Returns what a figure contributes, less and plus its rounding, in halves of the table's finest unit."""
    if cell is None or cell.value is None:
        return 0, 0
    middle = weight * int((cell.value * 2).scaleb(board.places))
    rounding = abs(weight) * 10 ** (board.places - max(places, cell.places))
    return middle - rounding, middle + rounding


def _moved(
    board: _Board, row: Row, way: Way, how: tuple[Sequence[tuple[int, str]], Mapping[str, int]]
) -> tuple[int, int]:
    weighted, places = how
    low = high = 0
    for weight, key in weighted:
        column = board.columns.index(key)
        if column in way:
            below, above = _interval(board, row.loose[way.index(column)], weight, places[key])
            low, high = low + below, high + above
    return low, high


# --- cells ------------------------------------------------------------------------------------------------------------


def _placed(board: _Board, row: Row, options: Mapping[int, Sequence[Way]]) -> Row:
    """Returns the row with those of its numerals in cells that stand in one column in every placement that foots."""
    certain = _certain(row, options.get(row.index, ()))
    if not certain:
        return row
    units = {column.key: column.unit for column in board.reading.columns}
    cells = {cell.column: cell for cell in row.cells}
    for numeral, column in certain.items():
        key = board.columns[column]
        cells[key] = row.loose[numeral].model_copy(update={"column": key, "unit": units[key]})
    order = [column.key for column in board.reading.columns]
    loose = tuple(cell for numeral, cell in enumerate(row.loose) if numeral not in certain)
    ordered = tuple(cells[key] for key in order if key in cells)
    return row.model_copy(update={"cells": ordered, "loose": loose, "realigned": True})
