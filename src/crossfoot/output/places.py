"""Where a cell stands: from a reference such as `t3.r12.total` to its table, row and column, and what to call it."""

from collections.abc import Collection, Mapping
from decimal import Decimal
from typing import NamedTuple

from crossfoot.figures import Cell, Check, Column, Document, Finding, Row, Table
from crossfoot.labels import header_levels
from crossfoot.numerals import SCALES, read_numeral


class Place(NamedTuple):
    """A cell with the table, row and column in which it stands; it lives only while a document is shown or kept."""

    table: Table
    row: Row
    column: Column
    cell: Cell

    @property
    def label(self) -> str:
        """Returns what to call the cell, e.g. `210 卫生健康支出, 合计`."""
        return ", ".join(dict.fromkeys(part for part in (self.row.panel, row_label(self.row), self._header()) if part))

    def _header(self) -> str:
        """Returns the column's header; a list of its own with one column of amounts needs none."""
        amounts = [
            column for column in self.table.columns if column.kind == "amount" and column.panel == self.column.panel
        ]
        if self.column.panel and amounts == [self.column]:
            return ""
        header = " ".join(header_levels(self.column.header))
        return "" if header in {self.row.name, self.row.panel} else header


Places = Mapping[str, Place]


def row_label(row: Row) -> str:
    """Returns the row's code and name, without repeating a name that is the code."""
    return " ".join(dict.fromkeys(part for part in (row.code, row.name) if part))


def table_label(table: Table) -> str:
    """Returns what to call a table, its number or else its title or id."""
    return table.number or table.title or table.id


def heading(table: Table) -> str:
    """Returns the table's number and title as one line."""
    return f"{table.number} {table_title(table)}".strip()


def table_title(table: Table) -> str:
    """Returns a table's title, or else its type, and the unit or project it is about if the title does not say so."""
    title = table.title or table.type
    return title if table.owner in title else f"{title} · {table.owner}"


def places_of(document: Document, tables: Collection[str] | None = None) -> Places:
    """Returns every cell of the document by its reference, or of those tables alone."""
    found: dict[str, Place] = {}
    for table in document.tables:
        if tables is not None and table.id not in tables:
            continue
        columns = columns_of(table)
        for reference, row, cell in table.cells():
            column = column_of(columns, row, cell)
            found[reference] = Place(table=table, row=row, column=column, cell=cell)
    return found


def columns_of(table: Table) -> Mapping[tuple[str, str], Column]:
    """Returns the table's columns by list or part of the form, and key."""
    return {(column.panel, column.key): column for column in table.columns}


def column_of(columns: Mapping[tuple[str, str], Column], row: Row, cell: Cell) -> Column:
    """Returns the column in which the row's cell stands; one without header if the table has none of that key."""
    for part in (row.panel, row.block, ""):
        column = columns.get((part, cell.column))
        if column:
            return column
    return Column(key=cell.column, header="", kind=cell.kind, unit=cell.unit)


def at_stake(finding: Finding, checks: Mapping[str, Check], places: Places) -> Decimal | None:
    """Returns the largest gap in 元 that the finding is about, or None when no amount is known."""
    gaps: list[Decimal] = []
    for cited in finding.cells:
        printed, implied = read_numeral(cited.printed).value, read_numeral(cited.implied).value
        place = places.get(cited.cell)
        if printed is not None and implied is not None and place and place.cell.unit in SCALES:
            gaps.append(abs(implied - printed) * SCALES[place.cell.unit])
    for name in finding.checks:
        check = checks.get(name)
        if check and check.outcome == "fails" and check.gap is not None and check.unit in SCALES:
            gaps.append(abs(check.gap) * SCALES[check.unit])
    return max(gaps, default=None)
