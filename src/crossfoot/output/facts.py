"""Document → facts: one flat row per cell, blank and text cells too.

It repeats what the document says of a cell; it computes nothing but the parent row and the amount in 元.
"""

from collections.abc import Iterator
from pathlib import PurePath
from typing import NamedTuple

from crossfoot.figures import Cell, Document, Row, Source, Table
from crossfoot.numerals import SCALES, in_yuan, plain
from crossfoot.output.places import Place, column_of, columns_of


class Fact(NamedTuple):
    """One cell with everything needed to use it alone; the fields are the columns of the file, in order."""

    document: str
    document_id: str
    department: str
    fiscal_year: str
    kind: str
    table_type: str
    table_number: str
    table_title: str
    unit: str
    panel: str
    parent: str
    row_code: str
    row_name: str
    row_kind: str
    column: str
    column_header: str
    column_unit: str
    printed: str
    value: str
    value_yuan: str
    state: str
    proved: str
    original: str
    verdict: str
    page: str
    line: str


def facts(document: Document, source: Source) -> Iterator[Fact]:
    """Yields every cell of the document as a fact, in the order of the tables and rows."""
    for table in document.tables:
        above = parents(table)
        columns = columns_of(table)
        for row in table.rows:
            for cell in row.cells:
                place = Place(table=table, row=row, column=column_of(columns, row, cell), cell=cell)
                yield _fact(document, place, above[row.index], _page(source, cell.line))


def parents(table: Table) -> dict[int, str]:
    """Returns for each row's index what its parent is called: the code, or else the name, or "" at the top.

    A parent is the nearest row above in the panel with a smaller level; a 其中 row hangs under the row it is part of.
    Totals, of level 0, are nobody's parent.
    """
    found: dict[int, str] = {}
    outlines: dict[tuple[str, str], list[Row]] = {}
    last_whole: dict[tuple[str, str], Row] = {}
    for row in table.rows:
        panel = (row.block, row.panel)
        outline = outlines.setdefault(panel, [])
        if row.level > 0:
            while outline and outline[-1].level >= row.level:
                outline.pop()
        if row.kind == "memo":
            found[row.index] = _called(last_whole.get(panel))
        else:
            found[row.index] = _called(outline[-1]) if outline and row.level > 0 else ""
            last_whole[panel] = row
        if row.level > 0:
            outline.append(row)
    return found


def _called(row: Row | None) -> str:
    if row is None or row.level == 0:
        return ""
    return row.code or row.name


def document_name(document: Document) -> str:
    """Returns the source file's name without its extension, with forward slashes."""
    return PurePath(document.source.name).with_suffix("").as_posix()


def yuan(cell: Cell) -> str:
    """Returns the exact amount in 元 as plain digits, "" when the cell is no money or its unit is unknown."""
    if cell.value is None or cell.unit not in SCALES:
        return ""
    return plain(in_yuan(cell.value, cell.unit))


def _page(source: Source, line: int) -> str:
    if not 1 <= line <= len(source.lines):
        return ""
    page = source.line(line).page
    return "" if page is None else str(page)


def _fact(document: Document, place: Place, parent: str, page: str) -> Fact:
    table, row, cell = place.table, place.row, place.cell
    return Fact(
        document=document_name(document),
        document_id=document.id,
        department=document.department,
        fiscal_year="" if document.fiscal_year is None else str(document.fiscal_year),
        kind=document.kind,
        table_type=table.type,
        table_number=table.number,
        table_title=table.title,
        unit=table.unit or "",
        panel=row.panel,
        parent=parent,
        row_code=row.code,
        row_name=row.name,
        row_kind=row.kind,
        column=cell.column,
        column_header=place.column.header,
        column_unit=cell.unit,
        printed=cell.printed,
        value="" if cell.value is None else plain(cell.value),
        value_yuan=yuan(cell),
        state=cell.state,
        proved=cell.proof or "",
        original=cell.original,
        verdict=table.verdict.outcome,
        page=page,
        line=str(cell.line) if cell.line else "",
    )
