"""Which row that was read is which labelled row: by its code or name, and only where that fails by its line.

A row is keyed by what names it, not by where it stands, so that amounts beside the wrong name count as wrong. A row
that nothing names, or no labelled row is called so, is known by its line.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from crossfoot.evaluation.cases import Case, LabelledCell, Place, bare
from crossfoot.evaluation.damages import Damage, Trace
from crossfoot.figures import Cell, Row, Table


class Expected(NamedTuple):
    """A labelled cell with what the degraded text has left of it."""

    cell: LabelledCell
    column: str
    left: str
    traces: frozenset[Trace]


class LabelledRow(NamedTuple):
    """A row of the labels: its list or block, the texts that may name it, the lines where it stands now, its cells."""

    panel: str
    keys: frozenset[str]
    name: str
    now: frozenset[int]
    is_again: bool
    cells: tuple[Expected, ...]


class ReadRow(NamedTuple):
    """A row as read, with the table it belongs to; blank cells are left out."""

    table: Table
    panel: str
    key: str
    lines: frozenset[int]
    cells: Mapping[str, Cell]


def labelled_rows(case: Case, damages: Mapping[Place, Damage], now: Mapping[int, tuple[int, ...]]) -> list[LabelledRow]:
    """Returns the labelled rows in printed order; every labelled field of a form is a row of its own."""
    groups: dict[tuple[int, str, str], list[LabelledCell]] = defaultdict(list)
    for cell in case.cells:
        groups[cell.record, cell.panel, cell.column if cell.is_field else ""].append(cell)
    return [_labelled(panel, cells, damages, now) for (_, panel, _), cells in groups.items()]


def _labelled(
    panel: str,
    cells: Sequence[LabelledCell],
    damages: Mapping[Place, Damage],
    now: Mapping[int, tuple[int, ...]],
) -> LabelledRow:
    expected = tuple(
        Expected(cell, _column(cell.column, cell.kind, cell.printed), *cell.left(damages)) for cell in cells
    )
    if cells[0].is_field:
        keys = [_field_key(cells[0].column)]
    else:
        keys = [
            _key((one.column, one.cell.kind, text(one)) for one in expected)
            for text in (lambda one: bare(one.cell.printed), lambda one: one.left)
        ]
    return LabelledRow(
        panel=panel,
        keys=frozenset(keys) - {""},
        name=keys[0].removeprefix("field "),
        now=frozenset(number for cell in cells for place in cell.places for number in now.get(place.line, ())),
        is_again=any("again" in one.traces for one in expected),
        cells=expected,
    )


def read_rows(tables: Iterable[Table], lines: frozenset[int], whole: Table | None) -> Iterator[ReadRow]:
    """Yields the rows of the tables that stand on those lines, and all rows of the `whole` one."""
    for table in tables:
        for row in table.rows:
            cells = [cell for cell in row.cells if _says(cell) and (cell.line in lines or table is whole)]
            filled = _filled(cells)
            if filled:
                panel = row.panel if table.shape == "panels" else row.block
                on = frozenset(cell.line for cell in filled.values())
                yield ReadRow(table, panel, _read_key(row, filled), on, filled)


def _says(cell: Cell) -> bool:
    """Says whether there is anything in the cell: a text, or a value that was computed where nothing is printed."""
    return bool(cell.printed) or (cell.state == "derived" and bool(cell.value))


def _filled(cells: Iterable[Cell]) -> dict[str, Cell]:
    """Returns the cells by column; a total's name among the codes stays there where the row has a name besides."""
    every = list(cells)
    own = {cell.column for cell in every}
    moved = ((_column(cell.column, cell.kind, cell.printed), cell) for cell in every)
    return {cell.column if column != cell.column and column in own else column: cell for column, cell in moved}


def match_rows(labelled: Sequence[LabelledRow], read: Sequence[ReadRow]) -> dict[int, int]:
    """Returns, for each labelled row that was read, which of the rows that is, both by position.

    A row of the same key on the same line comes first, then one of the same key elsewhere, then one on the line that
    is not called as another labelled row is.
    """
    names = {(row.panel, key) for row in labelled for key in row.keys}
    found: dict[int, int] = {}
    free = dict(enumerate(read))
    for fits in (_same_key_and_line, _same_key, _same_line):
        for order, row in enumerate(labelled):
            if order in found:
                continue
            for number, one in free.items():
                is_another = fits is _same_line and bool(row.keys) and (one.panel, one.key) in names
                if one.panel == row.panel and fits(row, one) and not is_another:
                    found[order] = number
                    del free[number]
                    break
    return found


def _same_key_and_line(row: LabelledRow, one: ReadRow) -> bool:
    return one.key in row.keys and bool(one.lines & row.now)


def _same_key(row: LabelledRow, one: ReadRow) -> bool:
    return one.key in row.keys


def _same_line(row: LabelledRow, one: ReadRow) -> bool:
    return bool(one.lines & row.now)


def _column(column: str, kind: str, printed: str) -> str:
    """Returns the column; a total's name in the column of codes is taken for a name."""
    return "name" if kind == "code" and column == "code" and not any(sign.isdigit() for sign in printed) else column


def _read_key(row: Row, cells: Mapping[str, Cell]) -> str:
    if row.kind == "field" and len(cells) == 1:
        return _field_key(next(iter(cells)))
    return _key((column, cell.kind, bare(cell.printed)) for column, cell in cells.items()) or row.code or row.name


def _field_key(column: str) -> str:
    return f"field {column}"


def _key(cells: Iterable[tuple[str, str, str]]) -> str:
    """Returns what names a row: its codes, else its first text."""
    every = list(cells)
    codes = "".join(text for column, kind, text in every if kind == "code" and column != "name")
    return codes or next((text for column, kind, text in every if kind in {"text", "code"}), "")
