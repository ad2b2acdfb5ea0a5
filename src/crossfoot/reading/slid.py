"""Rows that have lost or won a tab among their figures → the numerals of which the column is not certain.

A table that keeps its empty cells has as many fields in every row. One row with fewer has lost an empty cell, and what
stood to its right has slid to the left; where the cell was the row itself does not say.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import combinations_with_replacement
from typing import NamedTuple

from crossfoot.figures import Column, Reading, Row
from crossfoot.numerals import read_numeral
from crossfoot.reading.cells import make_cell
from crossfoot.reading.fields import Field, Fields
from crossfoot.reading.layout import Layout

#: So many tabs are lost or won at most, and so many rows at least show how many fields a row has.
_MOST_TABS, _FEWEST_ROWS = 2, 2


class Slid(NamedTuple):
    """The numerals of a row from left to right, and the ways in which they may stand: the place of each's column."""

    is_short: bool
    numerals: Fields
    ways: tuple[tuple[int, ...], ...]


def slid_rows(body: Sequence[Fields], layout: Layout, reading: Reading) -> dict[int, Slid]:
    """Returns by line the rows that have a field or two fewer or more than all other rows.

    There are none where rows may end early because their last cells are empty: some row must keep an empty last cell.
    """
    figures = _figures(layout)
    if reading.shape != "records" or not figures:
        return {}
    lines = {row.line for row in reading.rows if not row.realigned and not row.loose}
    rows = [row for row in body if len(row) > 1 and _line_of(row) in lines]
    if len({len(row) for row in rows}) < 2:
        return {}
    ((width, alike), *_) = Counter(len(row) for row in rows).most_common()
    other = [row for row in rows if len(row) != width]
    if alike < max(_FEWEST_ROWS, len(other) + 1) or any(abs(len(row) - width) > _MOST_TABS for row in other):
        return {}
    keeps_blanks = any(not row[-1].text for row in rows if len(row) == width)
    found: dict[int, Slid] = {}
    for row in other:
        numerals = _numerals(row, layout, figures)
        if numerals and (len(row) > width or keeps_blanks or not row[-1].text):
            places = [place for place, field in enumerate(row[figures.start :]) if field.text]
            found[_line_of(row)] = Slid(len(row) < width, numerals, _ways(places, width - len(row), len(figures)))
    return {line: row for line, row in found.items() if row.ways}


def _ways(places: Sequence[int], lost: int, columns: int) -> tuple[tuple[int, ...], ...]:
    """Returns the columns in which numerals at these places may stand if so many empty cells were lost (or won)."""
    steps = range(lost + 1) if lost > 0 else range(0, lost - 1, -1)
    ways = (
        tuple(place + step for place, step in zip(places, shift, strict=True))
        for shift in combinations_with_replacement(steps, len(places))
    )
    return tuple(way for way in ways if len(set(way)) == len(way) and min(way) >= 0 and max(way) < columns)


def _line_of(row: Fields) -> int:
    return next((field.line for field in row if field.text), row[0].line)


def _figures(layout: Layout) -> range:
    """Returns the positions of the columns of figures, if they are all money and stand side by side; else nothing."""
    if len(layout.panels) != 1:
        return range(0)
    (panel,) = layout.panels
    places = sorted(place for place, column in panel.columns.items() if column.kind not in {"text", "code"})
    if not places or tuple(places) != panel.amounts or places != list(range(places[0], places[-1] + 1)):
        return range(0)
    return range(places[0], places[-1] + 1)


def _numerals(row: Fields, layout: Layout, figures: range) -> Fields:
    """Returns the row's numerals from left to right; none where its words do not stand where they should."""
    columns = layout.panels[0].columns
    before = [(field, columns.get(place)) for place, field in enumerate(row[: figures.start])]
    if any(column is not None and _is_out_of_place(field, column) for field, column in before):
        return ()
    filled = tuple(field for field in row[figures.start :] if field.text)
    legible = all(read_numeral(field.text).legibility in {"printed", "blank"} for field in filled)
    return filled if legible and len(filled) <= len(figures) else ()


def _is_out_of_place(field: Field, column: Column) -> bool:
    """Says whether an amount stands where a name or a code should."""
    is_numeral = read_numeral(field.text).value is not None
    return is_numeral and (column.kind == "text" or not field.text.isdigit())


def loosened(reading: Reading, slid: Mapping[int, Slid]) -> Reading:
    """Returns the reading with the numerals of these lines loose, in no column."""
    columns = [column for column in reading.columns if column.kind == "amount"]
    rows = (_loose(row, columns, slid[row.line].numerals) if row.line in slid else row for row in reading.rows)
    return reading.model_copy(update={"rows": tuple(rows)})


def _loose(row: Row, columns: Sequence[Column], numerals: Fields) -> Row:
    units = {column.unit for column in columns}
    nowhere = Column(key="", header="", kind="amount", unit=next(iter(units)) if len(units) == 1 else "")
    empty = Field("", numerals[0].line, numerals[0].start, numerals[0].start)
    blank = {column.key: make_cell(column, empty) for column in columns}
    texts = tuple(cell for cell in row.cells if cell.column not in blank)
    loose = tuple(make_cell(nowhere, field) for field in numerals)
    return row.model_copy(update={"cells": (*texts, *blank.values()), "loose": loose})
