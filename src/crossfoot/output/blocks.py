"""Table → blocks as a person would lay them out: a header and lines for each panel or part of a form.

It arranges cells; how they look on a terminal, in a sheet or in Markdown is decided elsewhere.
"""

from crossfoot.figures import Cell, Column, Noun, Row, Table
from crossfoot.labels import words
from crossfoot.numerals import plain


class Slot(Noun):
    """One field of a line: a cell with its reference, or a label or gap that no cell holds."""

    text: str = ""
    reference: str = ""
    cell: Cell | None = None

    @property
    def is_number(self) -> bool:
        """Says whether the slot holds a number that can be read."""
        return self.cell is not None and self.cell.value is not None and self.cell.kind not in {"code", "text"}

    @property
    def exported(self) -> str:
        """Returns the text for files without marks: what was computed or comes from a person says so."""
        cell = self.cell
        if cell is not None and cell.state == "resolved":
            return f"{self.text} (by a person; {cell.original or 'nothing'} was read)".strip()
        if cell is None or cell.state != "derived" or cell.value is None:
            return self.text
        return f"{cell.printed} (computed {plain(cell.value)})".strip()


class Block(Noun):
    """One panel of a table, or one part of a form, or the whole table: every line has one slot per header.

    `naming` is the position of the column that names the rows.
    """

    panel: str
    header: tuple[str, ...]
    lines: tuple[tuple[Slot, ...], ...]
    naming: int = 0

    def is_numeric(self, position: int) -> bool:
        """Says whether most of what stands in the column at this position are numbers."""
        filled = [line[position] for line in self.lines if line[position].text]
        return bool(filled) and 2 * sum(slot.is_number for slot in filled) > len(filled)

    def without_blanks(self) -> tuple["Block", tuple[str, ...]]:
        """Returns the block without the columns that are blank throughout, and the headers it dropped."""
        kept = [index for index in range(len(self.header)) if any(line[index].text for line in self.lines)]
        if not kept:
            return self, ()
        dropped = tuple(header for index, header in enumerate(self.header) if index not in kept)
        lines = tuple(tuple(line[index] for index in kept) for line in self.lines)
        header = tuple(self.header[index] for index in kept)
        naming = kept.index(self.naming) if self.naming in kept else 0
        return Block(panel=self.panel, header=header, lines=lines, naming=naming), dropped


def blocks(table: Table) -> tuple[Block, ...]:
    """Returns the table's blocks in the order in which their first rows stand; labelled fields are one of their own."""
    lists = {column.panel for column in table.columns}
    groups: dict[tuple[str, bool], list[Row]] = {}
    for row in table.rows:
        part = row.panel if row.panel in lists else row.block
        groups.setdefault((part, row.kind == "field"), []).append(row)
    if not groups:
        groups = {(column.panel, False): [] for column in table.columns}
    return tuple(
        _fields(table.id, part, rows) if labelled else _records(table, part, rows)
        for (part, labelled), rows in groups.items()
    )


def shown(cell: Cell) -> str:
    """Returns the cell's text: as printed, or the digits of a value that was not printed."""
    return cell.printed or ("" if cell.value is None else plain(cell.value))


def _fields(table: str, panel: str, rows: list[Row]) -> Block:
    lines = tuple((Slot(text=row.name or cell.column), _slot(table, row, cell)) for row in rows for cell in row.cells)
    return Block(panel=panel, header=("field", "value"), lines=lines)


def _records(table: Table, panel: str, rows: list[Row]) -> Block:
    columns = _columns(table, panel, rows)
    header = [column.header.removeprefix(f"{panel}/") or column.key for column in columns]
    lines = [
        _named(_coded([_slot(table.id, row, row.cell(column.key)) for column in columns], row, columns), row, columns)
        for row in rows
    ]
    if any(len(line) > len(header) for line in lines):
        header.insert(0, "row")
        lines = [line if len(line) == len(header) else [Slot(), *line] for line in lines]
    names = [row.name for row in rows]
    matches = [
        sum(line[position].text == name for line, name in zip(lines, names, strict=True))
        for position in range(len(header))
    ]
    naming = matches.index(max(matches)) if matches else 0
    return Block(panel=panel, header=tuple(header), lines=tuple(map(tuple, lines)), naming=naming)


def _columns(table: Table, panel: str, rows: list[Row]) -> list[Column]:
    """Returns the columns of the list or part, then those that only its cells know."""
    columns = {column.key: column for column in table.columns if column.panel in {panel, ""}}
    for row in rows:
        for cell in row.cells:
            columns.setdefault(cell.column, Column(key=cell.column, header="", kind=cell.kind, unit=cell.unit))
    fields = {cell.column for row in table.rows if row.kind == "field" for cell in row.cells}
    used = {cell.column for row in rows for cell in row.cells}
    return [column for key, column in columns.items() if key in used or key not in fields]


def _coded(line: list[Slot], row: Row, columns: list[Column]) -> list[Slot]:
    """Returns the line with the row's code in its first column of codes, if no cell holds it: of a row not printed."""
    position = next((place for place, column in enumerate(columns) if column.kind == "code"), None)
    if not row.code or position is None or any(cell.kind == "code" for cell in row.cells):
        return line
    return [*line[:position], Slot(text=row.code), *line[position + 1 :]]


def _named(line: list[Slot], row: Row, columns: list[Column]) -> list[Slot]:
    """Returns the line with the row's name in its first empty text column, or in front, if no cell holds it."""
    name = words(row.name)
    if not name or any(name in words(cell.printed) for cell in row.cells):
        return line
    for position, column in enumerate(columns):
        if column.kind == "text" and not line[position].text:
            return [*line[:position], Slot(text=row.name), *line[position + 1 :]]
    return [Slot(text=row.name), *line]


def _slot(table: str, row: Row, cell: Cell | None) -> Slot:
    if cell is None:
        return Slot()
    return Slot(text=shown(cell), reference=f"{table}.r{row.index}.{cell.column}", cell=cell)
