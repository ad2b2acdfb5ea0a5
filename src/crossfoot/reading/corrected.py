"""A person's text for a cell that names a row → the row's code, name, kind and level with it, and back again.

What was read is kept with the decision. A name that a person corrects is judged like any other that was read.
"""

from collections.abc import Mapping, Sequence

from crossfoot.figures import NUMERIC_KINDS, Cell, Reading, Resolution, Row
from crossfoot.labels import words
from crossfoot.reading.grid import joined_code
from crossfoot.reading.rowkinds import kind_of_row, total_names
from crossfoot.tabletypes import TableType


def with_rows_read(resolutions: Sequence[Resolution], readings: Sequence[Reading]) -> tuple[Resolution, ...]:
    """Returns the decisions, those about texts with what names their row, as it was read."""
    rows = {f"{reading.table}.r{row.index}": row for reading in readings for row in reading.rows}
    return tuple(
        one.model_copy(update={"row": _bare(rows[_row_of(one)])})
        if one.read is not None and one.read.kind not in NUMERIC_KINDS and _row_of(one) in rows
        else one
        for one in resolutions
    )


def with_labels(reading: Reading, known: TableType | None, resolutions: Sequence[Resolution]) -> Reading:
    """Returns the reading, in which the texts are as persons say, with its rows named by them."""
    said: dict[str, dict[str, Cell]] = {}
    for one in resolutions:
        if one.row is not None and one.read is not None:
            said.setdefault(_row_of(one), {})[one.read.column] = one.read
    labels = {
        ref: _named(reading, known, row, said[ref])
        for row in reading.rows
        if (ref := f"{reading.table}.r{row.index}") in said
    }
    return _relabelled(reading, labels)


def without_labels(reading: Reading, resolutions: Sequence[Resolution]) -> Reading:
    """Returns the reading with its rows named as they were read."""
    return _relabelled(reading, {_row_of(one): one.row for one in resolutions if one.row is not None})


def _row_of(one: Resolution) -> str:
    return ".".join(one.cell.split(".", 2)[:2])


def _bare(row: Row) -> Row:
    return row.model_copy(update={"cells": (), "loose": ()})


def _relabelled(reading: Reading, labels: Mapping[str, Row]) -> Reading:
    """Returns the reading with the cells of its rows in rows that are called otherwise."""
    if not any(f"{reading.table}.r{row.index}" in labels for row in reading.rows):
        return reading
    rows = ((row, labels.get(f"{reading.table}.r{row.index}", row)) for row in reading.rows)
    made = tuple(label.model_copy(update={"cells": row.cells, "loose": row.loose}) for row, label in rows)
    return reading.model_copy(update={"rows": made})


def _named(reading: Reading, known: TableType | None, row: Row, read: Mapping[str, Cell]) -> Row:
    """Returns the row called by the texts that stand now in the cells `read`, where these had called it."""
    codes = [cell for cell in row.cells if cell.kind == "code"]
    before = [read.get(cell.column, cell).printed for cell in codes]
    code = joined_code([cell.printed for cell in codes]) if joined_code(before) == row.code else row.code
    naming = next((column for column, cell in read.items() if words(cell.printed) == words(row.name) != ""), None)
    name = next((cell.printed for cell in row.cells if cell.column == naming), row.name)
    names = total_names(known)
    by_rule = kind_of_row(known, names, (row.code, row.name), row.cells) == row.kind
    kind = kind_of_row(known, names, (code, name), row.cells) if by_rule else row.kind
    level = row.level if kind == row.kind else 0 if kind in {"total", "subtotal"} else 1
    if known is not None and known.hierarchy == "code" and len(code) != len(row.code):
        alike = (one.level for one in reading.rows if one.panel == row.panel and len(one.code) == len(code) > 0)
        level = next(alike, level)
    return row.model_copy(update={"code": code, "name": name, "kind": kind, "level": level})
