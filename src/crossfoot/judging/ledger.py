"""The readings of one document as one book of cells: by reference, by table, by row name and code.

A reference is `t3.r12.total`. Pure lookups; nothing is judged here.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property

from crossfoot.damage import Damage, damage_of
from crossfoot.figures import BodyState, Cell, Reading, Row
from crossfoot.labels import header_levels, label_of, words
from crossfoot.numerals import half_unit
from crossfoot.tabletypes import Catalog, TableType

#: So many figures of a column that print the same decimals show what its form is.
FEWEST_ALIKE = 4
_UNKNOWN_COLUMN = re.compile(r"c\d+")


@dataclass(frozen=True)
class Entry:
    """A table of the document as the judging half sees it: its caption, state and reading."""

    reading: Reading
    name: str
    body: BodyState
    known: TableType | None

    @property
    def id(self) -> str:
        """Returns the table's id, e.g. t3."""
        return self.reading.table

    @cached_property
    def amounts(self) -> Sequence[tuple[Row, Cell, str]]:
        """Returns the table's money cells, each with its row and reference."""
        return [
            (row, cell, ref_of(self.reading, row, cell.column))
            for row in self.reading.rows
            for cell in row.cells
            if cell.kind == "amount"
        ]


def ref_of(reading: Reading, row: Row, column: str) -> str:
    """Returns the reference of a cell."""
    return f"{reading.table}.r{row.index}.{column}"


def with_cells(reading: Reading, changed: Mapping[str, Cell]) -> Reading:
    """Returns the reading with other cells at these references."""
    if not any(ref.partition(".")[0] == reading.table for ref in changed):
        return reading
    return reading.model_copy(update={"rows": tuple(_with_cells(reading, row, changed) for row in reading.rows)})


def _with_cells(reading: Reading, row: Row, changed: Mapping[str, Cell]) -> Row:
    cells = tuple(changed.get(ref_of(reading, row, cell.column), cell) for cell in row.cells)
    return row if cells == row.cells else row.model_copy(update={"cells": cells})


@dataclass(frozen=True)
class Ledger:
    """All tables of one document."""

    entries: tuple[Entry, ...]
    catalog: Catalog

    @cached_property
    def cells(self) -> Mapping[str, tuple[Entry, Row, Cell]]:
        """Returns every cell by reference."""
        found: dict[str, tuple[Entry, Row, Cell]] = {}
        for entry in self.entries:
            for row in entry.reading.rows:
                of_row = ref_of(entry.reading, row, "")
                for cell in row.cells:
                    found[of_row + cell.column] = entry, row, cell
        return found

    @cached_property
    def _columns(self) -> Mapping[str, tuple[str, str, str]]:
        """Returns for each cell what is one column on paper: its table, list or block, and column."""
        found: dict[str, tuple[str, str, str]] = {}
        for entry in self.entries:
            for row in entry.reading.rows:
                of_row = ref_of(entry.reading, row, "")
                of_fields = (entry.id, row.block, "field") if row.kind == "field" else None
                place = list_of(entry.reading, row)
                for cell in row.cells:
                    found[of_row + cell.column] = of_fields or (entry.id, place, cell.column)
        return found

    @cached_property
    def places(self) -> Mapping[tuple[str, str, str], int]:
        """Returns the finest decimal place that each money column prints, by table, list or block, and column.

        A single figure that is finer than all the others of a column, which agree, sets no place for them: they would
        be taken as exact to it. The fields of a form's block share one unit, as they are one column on paper.
        """
        finest: dict[tuple[str, str, str], int] = {}
        columns = self._columns
        for ref, (_, _, cell) in self.cells.items():
            if cell.value is not None:
                key = columns[ref]
                if cell.places >= finest.get(key, 0):
                    finest[key] = cell.places
        return {key: self._without_outlier(key, places) for key, places in finest.items()}

    def _without_outlier(self, key: tuple[str, str, str], finest: int) -> int:
        counts = self._printed_places.get(key, Counter[int]())
        others = [(places, number) for places, number in counts.items() if places != finest]
        is_outlier = counts[finest] == 1 and len(others) == 1 and others[0][0] and others[0][1] >= FEWEST_ALIKE
        return others[0][0] if is_outlier else finest

    @cached_property
    def finest(self) -> int:
        """Returns the most decimal places that any figure of the document prints."""
        return max((cell.places for _, _, cell in self.cells.values() if cell.value is not None), default=0)

    @cached_property
    def halves(self) -> Mapping[str, Decimal]:
        """Returns for each cell with a figure half a unit of its column's finest place, in the printed unit."""
        of_column = {key: half_unit(places) for key, places in self.places.items()}
        columns = self._columns
        return {ref: of_column[columns[ref]] for ref, (_, _, cell) in self.cells.items() if cell.value is not None}

    def places_of(self, ref: str) -> int:
        """Returns the decimal places that a cell's column really uses."""
        places = self.places.get(self._columns[ref])
        return self.cells[ref][2].places if places is None else places

    @cached_property
    def _printed_places(self) -> Mapping[tuple[str, str, str], Counter[int]]:
        """Returns for each money column how often its figures, zeros aside, print so many decimal places."""
        found: dict[tuple[str, str, str], Counter[int]] = {}
        columns = self._columns
        for ref, (_, _, cell) in self.cells.items():
            if cell.state == "printed" and cell.value:
                counts = found.get(columns[ref])
                if counts is None:
                    counts = found[columns[ref]] = Counter()
                counts[cell.places] += 1
        return found

    def uniform_places(self, ref: str) -> int | None:
        """Returns the decimal places that all other figures of a cell's column print, if there are so many of them."""
        cell = self.cells[ref][2]
        counts = self._printed_places.get(self._columns[ref], Counter[int]()).copy()
        if cell.value and cell.state == "printed":
            counts[cell.places] -= 1
        used = [(places, number) for places, number in counts.items() if number]
        return used[0][0] if len(used) == 1 and used[0][0] and used[0][1] >= FEWEST_ALIKE else None

    def damage_of(self, ref: str) -> Damage | None:
        """Returns the damage of a cell's numeral, None for a clean one in its column, for a blank and for words."""
        return damage_of(self.cells[ref][2].printed, self.uniform_places(ref))

    def by_type(self, name: str, family: str) -> list[Entry]:
        """Returns the tables of a type in a family."""
        return [e for e in self.entries if e.reading.type == name and e.known is not None and e.known.family == family]

    def label(self, ref: str) -> str:
        """Returns a cell in words: 表4 本年支出合计 (部门预算支出经济分类)."""
        entry, row, cell = self.cells[ref]
        column = next(
            (c for c in entry.reading.columns if c.key == cell.column and c.panel in {row.panel, row.block, ""}), None
        )
        header = header_levels(column.header)[-1] if column is not None and len(amount_keys(row)) > 1 else ""
        name = row.name or row.code
        code = f"{row.code} " if row.code and row.name else ""
        panel = f" ({row.panel})" if row.panel and row.panel != row.name else ""
        return f"{entry.name} {code}{name}{panel}{' ' + header if header else ''}"


def amount_keys(row: Row) -> list[str]:
    """Returns the keys of the row's money cells from left to right."""
    return [cell.column for cell in row.cells if cell.kind == "amount"]


def amounts(entry: Entry) -> Sequence[tuple[Row, Cell, str]]:
    """Returns a table's money cells, each with its row and reference."""
    return entry.amounts


def unnamed_columns(reading: Reading) -> frozenset[tuple[str, str]]:
    """Returns the columns that have no header and that the form does not know, by list or block, and key."""
    return frozenset((c.panel, c.key) for c in reading.columns if not c.header and is_unknown_key(c.key))


def list_of(reading: Reading, row: Row) -> str:
    """Returns the list or the block of its table that a row is of; its columns are known by that."""
    return row.block or (row.panel if reading.shape == "panels" else "")


def is_stranger(cell: Cell) -> bool:
    """Says whether a money cell stands in a column that the form does not know."""
    return cell.kind == "amount" and is_unknown_key(cell.column)


def is_unknown_key(column: str) -> bool:
    """Says whether it is the key of a column that the form does not know: c1, c2, …."""
    return _UNKNOWN_COLUMN.fullmatch(column) is not None


def rows_named(rows: Iterable[Row], *names: str) -> list[Row]:
    """Returns the rows that carry one of the names, outline label and 其中 aside."""
    whole, bare = {words(name) for name in names}, {label_of(name).name for name in names}
    return [row for row in rows if words(row.name) in whole or label_of(row.name).name in bare]
