"""Section + table type → Reading by the section's own columns: records and panels. Forms are in forms.py.

Every field becomes a cell or is explained; a row is never skipped because it does not fit.
"""

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from rapidfuzz import fuzz

from crossfoot.figures import Cell, Explained, Finding, Reading, Row, RowKind, Section, Source
from crossfoot.labels import header_words, label_of, words
from crossfoot.numerals import read_numeral
from crossfoot.reading.cells import TOTAL_NAMES, explain, make_cell
from crossfoot.reading.fields import Field, Fields, rows_of
from crossfoot.reading.headers import (
    GENERAL_HEADERS,
    count_header_rows,
    header_paths,
    is_index_row,
    printed_paths,
    telling_paths,
)
from crossfoot.reading.layout import Layout, Panel, lay_out
from crossfoot.reading.outline import RowDraft, with_levels
from crossfoot.reading.wrapped import join_wrapped
from crossfoot.tabletypes import Catalog, TableType

_GLUED_CODE = re.compile(r"^[\[（(]?(\d{3}(?:\d\d){0,2})[\])）]?[-－—_\s]*(?=[^\d\s])")
_STRAY_CODE = re.compile(r"^\d{3}(?:\d\d)?$")


class _Body(NamedTuple):
    """What the rows are read against."""

    known: TableType | None
    layout: Layout
    totals: frozenset[str]
    subtotals: frozenset[str]
    codes: Mapping[str, str]


def read_grid(source: Source, section: Section, known: TableType | None, catalog: Catalog, table: str) -> Reading:
    """Returns the reading of a records or panels table; `known` None reads header and rows of an unknown form."""
    rows = join_wrapped(rows_of(source, section.body_lines), catalog.headers | GENERAL_HEADERS, with_data=True)
    header_count = count_header_rows(rows, catalog.headers)
    header, body = rows[:header_count], rows[header_count:]
    paths = header_paths(header, catalog.headers)
    width = max((len(row) for row in rows), default=0)
    paths = (*paths, *((),) * (width - len(paths)))
    printed = printed_paths(header, paths)
    layout = lay_out(known, telling_paths(paths), printed, body, section.unit)
    context = _Body(known, layout, *_total_names(known), catalog.economic_codes())
    explained = [entry for row in header for entry in explain(row, "栏次" if is_index_row(row) else "header")]
    read, more = _read_rows(context, header, body)
    if known is not None and known.hierarchy == "position":
        read = _with_leaves(read)
    hierarchy = known.hierarchy if known else ("code" if any(row.code for row in read) else "label")
    leveled = with_levels(read, hierarchy)
    return Reading(
        table=table,
        type=known.type if known else "unknown",
        family=known.family if known else "",
        form=known.about if known else "",
        shape=known.shape if known else "unknown",
        reader="grid",
        columns=layout.columns(),
        rows=tuple(leveled),
        explained=tuple(explained + more),
        remarks=tuple(_remarks(leveled, body, table)),
    )


def _total_names(known: TableType | None) -> tuple[frozenset[str], frozenset[str]]:
    totals, subtotals = set(TOTAL_NAMES), {"小计"}
    for rule in known.identities if known else ():
        if rule.kind in {"grand total", "panel grand"}:
            totals.update(map(words, rule.names))
        elif rule.kind == "panel total":
            subtotals.update(map(words, rule.names))
    return frozenset(totals), frozenset(subtotals - totals)


def _read_rows(
    context: _Body, header: Sequence[Fields], body: Sequence[Fields]
) -> tuple[list[RowDraft], list[Explained]]:
    header_texts = {_texts(row) for row in header}
    rows: list[RowDraft] = []
    explained: list[Explained] = []
    totals: set[tuple[str, ...]] = set()
    owner = ""
    after_header = False
    for fields in body:
        texts = _texts(fields)
        if texts in header_texts or is_index_row(fields):
            explained += explain(fields, "repeated header")
            after_header = True
            continue
        if after_header and texts in totals:
            explained += explain(fields, "repeated total")
            continue
        if len(_filled(fields)) == 1 and "[illegible]" in texts[0]:
            explained += explain(fields, "illegible")
            continue
        for panel in context.layout.panels:
            row = _read_row(context, panel, fields)
            if row is None:
                continue
            if context.known is not None and context.known.hierarchy == "unit":
                owner = row.name if row.kind == "unit" else "" if row.kind == "total" else owner
                row = row._replace(panel=owner) if owner else row
            if row.kind in {"total", "subtotal"}:
                totals.add(texts)
            rows.append(row)
        explained += _ordinals(context, fields)
        after_header = False
    return _with_memos(_with_of_which(rows), context.known), explained


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
    code = "".join(field.text for position in panel.codes if (field := placed.get(position)) and _is_code(field.text))
    name = _name_of(panel, placed, context.totals)
    if not panel.codes and (glued := _GLUED_CODE.match(name)):
        code = glued[1]
    first = next(field for field in placed.values() if field.text)
    return RowDraft(
        line=first.line,
        kind=_kind(context, panel, code, name, cells),
        panel=panel.name,
        code=code,
        name=name,
        realigned=stray is not None,
        cells=cells,
        indent=placed[panel.label].indent if panel.label in placed else 0,
    )


def _is_code(text: str) -> bool:
    return any(character.isdigit() for character in text)


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
    return bool(label) and words(label).endswith("合计") and blank and len(context.layout.panels) > 1


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


# --- kinds of rows ----------------------------------------------------------------------------------------------------


def _kind(context: _Body, panel: Panel, code: str, name: str, cells: Sequence[Cell]) -> RowKind:
    label = label_of(name)
    if not code and (label.name in context.totals or header_words(name) in context.totals):
        return "total"
    if not code and (label.name in context.subtotals or label.name.endswith("合计")):
        return "subtotal"
    if label.of_which:
        return "memo"
    if context.known is None:
        return "item"
    if context.known.hierarchy == "unit":
        return _kind_under_units(context.known, code, name, cells)
    if context.known.hierarchy == "position":
        brief = next((cell for cell in cells if cell.column == "brief"), None)
        if code:
            return "unit"
        return "project" if brief is None or brief.state != "blank" else "subtotal"
    return "unit" if "unit_code" in {column.key for column in panel.columns.values()} else "item"


def _kind_under_units(known: TableType, code: str, name: str, cells: Sequence[Cell]) -> RowKind:
    if "class" in known.columns:
        return "item" if code else "unit"
    if not name:
        return "indicator"
    has_amount = any(cell.kind == "amount" and cell.state != "blank" for cell in cells)
    return "project" if has_amount or "-" in code else "unit"


def _with_of_which(rows: list[RowDraft]) -> list[RowDraft]:
    """Returns the rows, those that continue an 其中 list, by its numbering or its indent, marked as part of it."""
    styles: dict[str, str] = {}
    above: dict[str, set[str]] = {}
    indents: dict[str, int] = {}
    marked: list[RowDraft] = []
    for row in rows:
        label = label_of(row.name)
        is_inside = label.style == "none" and row.indent >= indents.get(row.panel, 99) > 0
        if label.of_which:
            styles[row.panel], indents[row.panel] = label.style, row.indent
        elif row.kind == "item" and (is_inside or (label.style != "none" and styles.get(row.panel) == label.style)):
            marked.append(row._replace(kind="memo"))
            continue
        elif label.style == "none" or label.style in above.get(row.panel, ()) or styles.get(row.panel) == "none":
            styles.pop(row.panel, None)
            indents.pop(row.panel, None)
        if row.panel not in styles and label.style != "none":
            above.setdefault(row.panel, set()).add(label.style)
        marked.append(row)
    return marked


def _with_memos(rows: list[RowDraft], known: TableType | None) -> list[RowDraft]:
    """Returns the rows, those that the form calls 其中 by their names marked; in a list with a 合计, only below it."""
    memo = frozenset(map(words, known.memo)) if known is not None else frozenset()
    if not memo:
        return rows
    totalled = {row.panel for row in rows if row.kind in {"total", "subtotal"}}
    below: set[str] = set()
    marked: list[RowDraft] = []
    for row in rows:
        if row.kind in {"total", "subtotal"}:
            below.add(row.panel)
        is_memo = label_of(row.name).name in memo and (row.panel in below or row.panel not in totalled)
        marked.append(row._replace(kind="memo") if is_memo and row.kind == "item" else row)
    return marked


def _with_leaves(rows: list[RowDraft]) -> list[RowDraft]:
    """Returns a project list's rows, a category that has nothing under it made a project."""
    leaves: list[RowDraft] = []
    below = False
    for row in reversed(rows):
        if row.kind == "project":
            below = True
        elif row.kind == "subtotal" and not below:
            leaves.append(row._replace(kind="project"))
            below = True
            continue
        elif row.kind in {"unit", "total"}:
            below = False
        leaves.append(row)
    return leaves[::-1]


def _remarks(rows: Sequence[Row], body: Sequence[Fields], table: str) -> list[Finding]:
    remarks = [
        Finding(
            code="realigned",
            severity="note",
            table=table,
            line=row.line,
            message=f"code {row.code} of {row.name} stands in the cell to its left and was put back",
        )
        for row in rows
        if row.realigned
    ]
    lost = [field for fields in body for field in fields if "[illegible]" in field.text and len(_filled(fields)) == 1]
    remarks += [
        Finding(code="illegible", severity="error", table=table, line=field.line, message="rows are illegible here")
        for field in lost
    ]
    return remarks
