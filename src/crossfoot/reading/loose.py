"""Rows of pieces (by code from blanks, or by a model) → Reading; numerals whose column is not certain stay loose.

A row with as many numerals as the table has columns of figures has them in place. Any other keeps them in order for
judging/placement.py, which alone may say where they belong.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from crossfoot.figures import Cell, Column, Explained, Reading
from crossfoot.numerals import BLANK_MARKS
from crossfoot.reading.cells import make_cell
from crossfoot.reading.fields import Field, Fields
from crossfoot.reading.outline import RowDraft
from crossfoot.reading.records import Record
from crossfoot.reading.rowkinds import kind_of_row, leveled, total_names, with_memos, with_units
from crossfoot.tabletypes import TableType

_FIGURES = frozenset({"amount", "ratio", "score", "count"})


class Pieces(NamedTuple):
    """One row: the fields of its code and text columns by key, and its numerals from left to right."""

    line: int
    texts: Mapping[str, Field]
    numerals: Fields


class Frame(NamedTuple):
    """What rows of pieces are read against: the table's id, form, and its columns from left to right."""

    table: str
    known: TableType
    columns: tuple[Column, ...]


class Sides(NamedTuple):
    """The columns beside the figures: code and name, a second code and name, and one text after the figures."""

    codes: tuple[str, ...]
    name: str
    second_codes: tuple[str, ...] = ()
    second_name: str = ""
    rest: str = ""


def sides_of(columns: Sequence[Column]) -> Sides | None:
    """Returns the columns left and right of the figures, None if they are not of that order."""
    figures = [place for place, column in enumerate(columns) if column.kind in _FIGURES]
    if not figures or figures != list(range(figures[0], figures[-1] + 1)):
        return None
    left, right = columns[: figures[0]], columns[figures[-1] + 1 :]
    groups: list[tuple[tuple[str, ...], str]] = []
    codes: list[str] = []
    for column in left:
        if column.kind == "code":
            codes.append(column.key)
        else:
            groups.append((tuple(codes), column.key))
            codes = []
    if codes or not 1 <= len(groups) <= 2 or len(right) > 1 or any(column.kind != "text" for column in right):
        return None
    second = groups[1] if len(groups) == 2 else ((), "")
    return Sides(*groups[0], *second, rest=right[0].key if right else "")


def pieces_of(record: Record, columns: Sequence[Column]) -> Pieces | None:
    """Returns the record's pieces under the table's code and text columns; None where a piece has no sure column."""
    sides = sides_of(columns)
    if sides is None or not record.is_whole or len(record.codes) > len(sides.codes):
        return None
    if not record.codes and record.name is None:
        return None
    if len(sides.second_codes) < len(record.second_codes) or (record.second_name is not None and not sides.second_name):
        return None
    numerals, rest = record.numerals, record.rest
    figures = sum(1 for column in columns if column.kind in _FIGURES)
    if sides.rest and rest is None and len(numerals) == figures + 1 and numerals[-1].text in BLANK_MARKS:
        numerals, rest = numerals[:-1], numerals[-1]
    if rest is not None and not sides.rest:
        return None
    texts = dict(zip(sides.codes, record.codes, strict=False)) | dict(
        zip(sides.second_codes, record.second_codes, strict=False)
    )
    name = _first_word(record) if sides.second_name and record.second_name is None else record.name
    named = ((sides.name, name), (sides.second_name, record.second_name), (sides.rest, rest))
    texts |= {key: field for key, field in named if field is not None}
    return Pieces(record.lines[0], texts, numerals)


def _first_word(record: Record) -> Field | None:
    """Returns the name up to its first blank: where a second name may follow, the words after it may be that one.

    They are left to nobody, and found as text that no cell uses.
    """
    name = record.name
    if name is None or len(record.lines) > 1:
        return name
    first = name.text.split()[0]
    return Field(first, name.line, name.start, name.start + len(first))


def reading_of(frame: Frame, rows: Sequence[Pieces], explained: Sequence[Explained] = ()) -> Reading:
    """Returns the reading that the rows make, their numerals in cells or loose."""
    return Reading(
        table=frame.table,
        type=frame.known.type,
        family=frame.known.family,
        form=frame.known.about,
        shape=frame.known.shape,
        reader="grid",
        columns=frame.columns,
        rows=tuple(
            leveled(
                with_memos(with_units([draft_of(frame, row) for row in rows], frame.known), frame.known), frame.known
            )
        ),
        explained=tuple(explained),
    )


def draft_of(frame: Frame, row: Pieces) -> RowDraft:
    """Returns one row before its level and its unit are known."""
    figures = [column for column in frame.columns if column.kind in _FIGURES]
    in_place = len(row.numerals) == len(figures)
    placed = dict(zip((column.key for column in figures), row.numerals, strict=True)) if in_place else {}
    fields = {**row.texts, **placed}
    nothing = _nowhere(row)
    cells = tuple(make_cell(column, fields.get(column.key, nothing)) for column in frame.columns)
    loose = () if in_place else tuple(_loose(figures, numeral) for numeral in row.numerals)
    code, name = _key_of(frame, row)
    kind = kind_of_row(frame.known, total_names(frame.known), (code, name), (*cells, *loose))
    return RowDraft(line=row.line, kind=kind, panel="", code=code, name=name, realigned=False, cells=cells, loose=loose)


def _loose(figures: Sequence[Column], numeral: Field) -> Cell:
    """Returns a numeral without column; its unit is known once the column is."""
    units = {column.unit for column in figures if column.kind == "amount"}
    column = Column(key="", header="", kind="amount", unit=next(iter(units)) if len(units) == 1 else "")
    return make_cell(column, numeral)


def _nowhere(row: Pieces) -> Field:
    """Returns an empty field at the row's beginning, for the cells that it leaves blank."""
    first = min((*row.texts.values(), *row.numerals), key=lambda field: field.start)
    return Field("", first.line, first.start, first.start)


def _key_of(frame: Frame, row: Pieces) -> tuple[str, str]:
    """Returns the row's code, 款 and 项 with their leading zeros, and its name."""
    sides = sides_of(frame.columns)
    if sides is None:
        return "", ""
    first, *rest = [row.texts[key].text for key in sides.codes if key in row.texts] or [""]
    name = row.texts.get(sides.name)
    return "".join((first, *(piece.zfill(2) for piece in rest))), name.text if name is not None else ""
