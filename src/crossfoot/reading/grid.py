"""Section + table type → Reading by the section's own columns: records and panels. Forms are in forms.py.

Every field becomes a cell or is explained; a row is never skipped because it does not fit.
"""

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from rapidfuzz import fuzz

from crossfoot.figures import Explained, Finding, Line, Reading, Section, Source
from crossfoot.labels import header_words, words
from crossfoot.numerals import read_numeral
from crossfoot.reading.cells import explain, make_cell
from crossfoot.reading.fields import Field, Fields, is_illegible, rows_of
from crossfoot.reading.headers import (
    GENERAL_HEADERS,
    count_header_rows,
    header_paths,
    is_index_row,
    printed_paths,
    telling_paths,
)
from crossfoot.reading.layout import Heads, Layout, Panel, lay_out
from crossfoot.reading.loose import Frame, draft_of, pieces_of
from crossfoot.reading.outline import RowDraft
from crossfoot.reading.records import record_of
from crossfoot.reading.rowkinds import TotalNames, kind_of_row, leveled, total_names, with_memos, with_units
from crossfoot.reading.wrapped import join_wrapped
from crossfoot.tabletypes import Catalog, TableType

_GLUED_CODE = re.compile(r"^[\[（(]?(\d{3}(?:\d\d){0,2})[\])）]?[-－—_\s]*(?=[^\d\s])")
_STRAY_CODE = re.compile(r"^\d{3}(?:\d\d)?$")


class _Body(NamedTuple):
    """What the rows are read against."""

    known: TableType | None
    layout: Layout
    names: TotalNames
    codes: Mapping[str, str]


class Rows(NamedTuple):
    """A table's rows: header and body, and the fields that columns with unknown headers were given, by position."""

    header: Sequence[Fields]
    body: Sequence[Fields]
    named: Mapping[int, str] = {}


def grid_rows(source: Source, section: Section, catalog: Catalog) -> Rows:
    """Returns the rows of a body as its own separators split them: header, and what stands below."""
    rows = join_wrapped(rows_of(source, section.body_lines), catalog.headers | GENERAL_HEADERS, with_data=True)
    header_count = count_header_rows(rows, catalog.headers)
    return Rows(rows[:header_count], rows[header_count:])


def lay_out_rows(rows: Rows, known: TableType | None, catalog: Catalog, unit: str | None) -> Layout:
    """Returns which column of the rows is which field of the form."""
    header, body = rows.header, rows.body
    width = max((len(row) for row in (*header, *body)), default=0)
    paths = header_paths(header, catalog.headers)
    paths = (*paths, *((),) * (width - len(paths)))
    printed = printed_paths(header, catalog.headers)
    printed = (*printed, *("",) * (width - len(printed)))
    return lay_out(known, Heads(telling_paths(paths), printed, rows.named), body, unit)


def read_rows(
    rows: Rows,
    section: Section,
    known: TableType | None,
    catalog: Catalog,
    table: str,
) -> Reading:
    """Returns the reading of header and body rows, whoever split them into fields."""
    header, body = rows.header, rows.body
    layout = lay_out_rows(rows, known, catalog, section.unit)
    context = _Body(known, layout, total_names(known), catalog.economic_codes())
    explained = [entry for row in header for entry in explain(*_of_header(row))]
    read, more = _read_rows(context, header, body)
    return Reading(
        table=table,
        type=known.type if known else "unknown",
        family=known.family if known else "",
        form=known.about if known else "",
        shape=known.shape if known else "unknown",
        reader="grid",
        columns=layout.columns(),
        rows=tuple(leveled(read, known)),
        explained=tuple(explained + more),
        remarks=tuple(_remarks(read, body, table)),
    )


def _read_rows(
    context: _Body, header: Sequence[Fields], body: Sequence[Fields]
) -> tuple[list[RowDraft], list[Explained]]:
    """Returns the rows, and what explains the other fields."""
    header_texts = {_texts(row) for row in header}
    rows: list[RowDraft] = []
    explained: list[Explained] = []
    totals: set[tuple[str, ...]] = set()
    after_header = False
    for printed in body:
        fields = _widened(context.layout, printed)
        texts = _texts(fields)
        if texts in header_texts or is_index_row(fields):
            explained += explain(fields, "repeated header")
            after_header = True
            continue
        if after_header and texts in totals:
            explained += explain(fields, "repeated total")
            continue
        if is_illegible(fields):
            explained += explain(fields, "illegible")
            continue
        lost = _lost_row(context, fields)
        if lost is not None:
            rows.append(lost)
            continue
        for panel in context.layout.panels:
            row = _read_row(context, panel, fields)
            if row is None:
                continue
            if row.kind == "total":  # a subtotal below the header may be the next group's, of the same name
                totals.add(texts)
            rows.append(row if fields is printed else row._replace(realigned=True))
        explained += _ordinals(context, fields)
        after_header = False
    return with_memos(with_units(rows, context.known), context.known), explained


def _of_header(row: Fields) -> tuple[Sequence[Field], str]:
    """Returns the fields of a header row that being header explains: figures only beside 栏次."""
    if is_index_row(row) or any(header_words(field.text) in {"栏次", "行次"} for field in row):
        return row, "栏次"
    return [field for field in row if read_numeral(field.text).value is None], "header"


def _widened(layout: Layout, fields: Fields) -> Fields:
    """Returns the row with the empty 款 and 项 cells put back that a page conversion dropped between code and name.

    There is one way to do it: the code's further columns are all that is missing, and a name and figures follow.
    """
    (panel, *others) = layout.panels or (None,)
    if panel is None or others or len(panel.codes) < 2 or panel.label != panel.codes[-1] + 1:
        return fields
    missing = len(panel.codes) - 1
    if len(fields) != layout.width - missing or not fields[0].text.isdigit() or panel.codes[0] != 0:
        return fields
    rest = [read_numeral(field.text).legibility for field in fields[2:]]
    if read_numeral(fields[1].text).legibility != "words" or not all(seen in {"printed", "blank"} for seen in rest):
        return fields
    return (fields[0], *(_empty_at(fields[1]) for _ in range(missing)), *fields[1:])


def _lost_row(context: _Body, fields: Fields) -> RowDraft | None:
    """Returns the row of a line that lost its tabs, its numerals loose unless they are all there; else None."""
    if len(fields) > 1 or len(context.layout.panels) != 1 or context.known is None or context.known.panels:
        return None
    line = Line(number=fields[0].line, start=fields[0].start, text=fields[0].text)
    columns = context.layout.columns()
    pieces = pieces_of(record_of(line), columns) if len(columns) > 2 else None
    return draft_of(Frame("", context.known, columns), pieces) if pieces is not None and pieces.numerals else None


def _texts(fields: Fields) -> tuple[str, ...]:
    return tuple(words(field.text) for field in fields if field.text)


def _filled(fields: Fields) -> list[Field]:
    return [field for field in fields if field.text]


def _ordinals(context: _Body, fields: Fields) -> list[Explained]:
    return [
        entry
        for position in context.layout.ordinals
        if position < len(fields)
        for entry in explain([fields[position]], "行次")
    ]


def _read_row(context: _Body, panel: Panel, fields: Fields) -> RowDraft | None:
    """Returns the panel's row of one line, or None when the panel has nothing on it."""
    placed = {position: fields[position] for position in panel.columns if position < len(fields)}
    stray = _stray_code(context, panel, fields)
    if stray is not None:
        placed[panel.codes[0]] = stray
    for position in _taken_by_next(context, panel, fields):
        placed[position] = _empty_at(fields[position])
    far = _far_total(context, panel, fields)
    if far is not None:
        placed[panel.amounts[0]] = far
    elif _amount_of_another(context, panel, fields):
        return None
    if not any(field.text for field in placed.values()):
        return None
    cells = tuple(make_cell(panel.columns[position], field) for position, field in sorted(placed.items()))
    code = joined_code([placed[position].text for position in panel.codes if position in placed])
    name = _name_of(panel, placed, context.names.totals)
    if not panel.codes and (glued := _GLUED_CODE.match(name)):
        code = glued[1]
    elif panel.codes and not name and (glued := _GLUED_CODE.match(code)):
        code, name = glued[1], code[glued.end() :].strip()
    first = next(field for field in placed.values() if field.text)
    return RowDraft(
        line=first.line,
        kind=kind_of_row(context.known, context.names, (code, name), cells),
        panel=panel.name,
        code=code,
        name=name,
        realigned=False,
        cells=cells,
        indent=placed[panel.label].indent if panel.label in placed else 0,
        stray=stray is not None,
    )


def joined_code(pieces: Sequence[str]) -> str:
    """Returns the code of its pieces; 款 and 项 that lost a leading zero get it back: 208, 5, 1 is 2080501."""
    first, *rest = pieces or [""]
    whole = [first, *(piece.zfill(2) if piece.isdecimal() else piece for piece in rest)]
    return "".join(piece for piece in whole if _is_code(piece))


def _is_code(text: str) -> bool:
    return any(character.isdigit() for character in text) and not re.search(r"\d[.,]\d", text)


def _name_of(panel: Panel, placed: Mapping[int, Field], totals: frozenset[str]) -> str:
    """Returns the row's name: the name cell, or a 合计 that stands in the code cell or in any other text cell."""
    label = placed.get(panel.label) if panel.label is not None else None
    if label is not None and label.text:
        return label.text
    in_code = (placed[p].text for p in panel.codes if p in placed and placed[p].text and not _is_code(placed[p].text))
    texts = (field.text for place, field in sorted(placed.items()) if panel.columns[place].kind == "text")
    return next(in_code, "") or next((text for text in texts if words(text) in totals), "")


# --- hard geometries: a code in the wrong cell, a total whose amount stands under another list ------------------------


def _stray_code(context: _Body, panel: Panel, fields: Fields) -> Field | None:
    """Returns a code that slipped one cell to the left, out of its empty cell into the list before.

    It is one only if it is the standard code of the name beside it.
    """
    if len(panel.codes) != 1 or panel.label is None or panel.codes[0] < 1:
        return None
    if max(panel.label, panel.codes[0]) >= len(fields):
        return None
    position = panel.codes[0]
    before, code, name = fields[position - 1], fields[position], fields[panel.label]
    if code.text or not name.text or not _STRAY_CODE.match(before.text):
        return None
    standard = context.codes.get(before.text)
    is_other_list = any(position - 1 in other.columns for other in context.layout.panels if other is not panel)
    return before if standard and is_other_list and fuzz.ratio(words(standard), words(name.text)) >= 80 else None


def _taken_by_next(context: _Body, panel: Panel, fields: Fields) -> list[int]:
    for other in context.layout.panels:
        stray = None if other is panel else _stray_code(context, other, fields)
        if stray is not None:
            return [position for position in panel.columns if position < len(fields) and fields[position] is stray]
    return []


def _empty_at(field: Field) -> Field:
    return Field("", field.line, field.start, field.start)


def _is_far_label(context: _Body, panel: Panel, fields: Fields) -> bool:
    """Says whether the panel's part of a line is only a total's label, its own amount cells empty."""
    texts = [fields[place].text for place in (*panel.codes, panel.label) if place is not None and place < len(fields)]
    label = "".join(texts)
    blank = all(not fields[place].text for place in panel.amounts if place < len(fields))
    in_code = any(
        fields[place].text and not _is_code(fields[place].text) for place in panel.codes if place < len(fields)
    )
    return in_code and words(label).endswith("合计") and blank and len(context.layout.panels) > 1


def _far_total(context: _Body, panel: Panel, fields: Fields) -> Field | None:
    """Returns the amount of a total whose cell spans the following lists: the next numeral before any other text."""
    if len(panel.amounts) != 1 or not _is_far_label(context, panel, fields):
        return None
    for field in fields[panel.amounts[0] + 1 :]:
        if field.text:
            return field if read_numeral(field.text).legibility == "printed" else None
    return None


def _amount_of_another(context: _Body, panel: Panel, fields: Fields) -> bool:
    """Says whether the panel has nothing on the line but the amount that a total to its left took."""
    own = [fields[position] for position in panel.columns if position < len(fields) and fields[position].text]
    if len(own) != 1:
        return False
    return any(_far_total(context, other, fields) is own[0] for other in context.layout.panels if other is not panel)


def _remarks(rows: Sequence[RowDraft], body: Sequence[Fields], table: str) -> list[Finding]:
    remarks = [
        Finding(
            code="realigned",
            severity="note",
            table=table,
            line=row.line,
            message=f"the code of {row.code} {row.name} stood one cell to the left, in the list before it",
        )
        for row in rows
        if row.stray
    ]
    lost = [field for fields in body if is_illegible(fields) for field in _filled(fields)]
    remarks += [
        Finding(code="illegible", severity="error", table=table, line=field.line, message="rows are illegible here")
        for field in lost
    ]
    return remarks
