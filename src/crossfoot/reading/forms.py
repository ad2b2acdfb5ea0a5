"""Section + form type → Reading: labelled fields, and records under their own header rows, block by block.

Rows that drifted out of their columns are put back only if alignment.py knows exactly one way.
"""

import re
from collections.abc import Sequence

from crossfoot.figures import Column, Finding, Reading, Row, Section, Source
from crossfoot.labels import header_words, unit_in
from crossfoot.reading.alignment import with_levels_filled
from crossfoot.reading.cells import column_unit, explain, make_cell
from crossfoot.reading.fields import Field, Fields, is_vertical, rows_of, split_line, vertical_rows
from crossfoot.reading.form_records import block_started, open_block, read_record
from crossfoot.reading.form_state import LEVEL_ROW, FormState, explain_side_labels, words_joined
from crossfoot.tabletypes import FieldType, TableType


def read_form(source: Source, section: Section, known: TableType, table: str) -> Reading:
    """Returns the reading of a form by its own separators."""
    return read_form_rows(form_rows(source, section, known), section, known, table)


def form_rows(source: Source, section: Section, known: TableType) -> list[Fields]:
    """Returns the rows of a form; text printed one cell per line is turned into rows."""
    lines = section.body_lines
    if known.colon:
        return [split_line(source.line(number)) for number in lines if source.line(number).text.strip()]
    return vertical_rows(source, lines) if is_vertical(source, lines) else rows_of(source, lines)


def read_form_rows(rows: Sequence[Fields], section: Section, known: TableType, table: str) -> Reading:
    """Returns the reading of a form's rows, whoever split them into fields."""
    if known.colon:
        rows = [_at_colon(row) for row in rows]
    state = FormState(table, known, section.unit or "")
    for place, row in enumerate(rows):
        _read_row(state, row, rows[place + 1 :])
    _close_awaited(state, ())
    return Reading(
        table=table,
        type=known.type,
        family=known.family,
        form=known.about,
        shape="form",
        reader="grid",
        columns=tuple(state.columns.values()),
        rows=tuple(_with_levels(state)),
        explained=tuple(state.explained),
        remarks=tuple(state.remarks),
    )


def _at_colon(row: Fields) -> Fields:
    """Returns label and value of a `label：value` line as two fields; a row that is no such line stays as it is."""
    whole = row[0]
    if not re.search("[:：]", whole.text):
        return row
    if whole.text.rstrip()[-1] in ":：" and len(row) > 1:
        return (whole._replace(text=whole.text.rstrip()[:-1], end=whole.start + len(whole.text.rstrip()) - 1), *row[1:])
    cut = min(place for mark in ":：" if (place := whole.text.find(mark)) >= 0)
    value = whole.text[cut + 1 :]
    start = whole.start + cut + 1 + len(value) - len(value.lstrip())
    return (
        Field(whole.text[:cut], whole.line, whole.start, whole.start + cut),
        Field(value.strip(), whole.line, start, start + len(value.strip())),
    )


def _with_levels(state: FormState) -> list[Row]:
    rows: list[Row] = []
    for block in state.known.blocks:
        own = [row for row in state.rows if row.block == block.name]
        items = [row for row in own if row.kind not in {"total", "subtotal"}] if block.tree else []
        filled = {id(row): new for row, new in zip(items, with_levels_filled(items, block.tree), strict=True)}
        for row in own:
            new = filled.get(id(row), row)
            rows.append(new)
    rows.sort(key=lambda row: (row.line, min(cell.span for cell in row.cells)))
    real = [row for row in rows if row.index != LEVEL_ROW]
    return [
        row.model_copy(update={"index": index, "level": 0 if row.kind == "total" else 1})
        for index, row in enumerate(real, start=1)
    ]


# --- one row ----------------------------------------------------------------------------------------------------------


def _read_row(state: FormState, row: Fields, following: Sequence[Fields]) -> None:
    if _take_awaited(state, row):
        return
    started = block_started(state.known, row)
    if started is not None:
        open_block(state, started, row, following)
        return
    if state.block is not None and state.width < 0:  # a further header row of the block just opened
        state.width = -state.width
        state.explained += explain(row, "header")
        return
    has_label = any(_field_of(state, item.text) for item in row if item.text)
    if state.block is not None and not (has_label and _is_field_row(state, row)):
        read_record(state, row)
    elif has_label:
        state.block = None
        _read_fields(state, row)
    else:
        explain_side_labels(state, [item for item in row if item.text])


# --- labelled fields --------------------------------------------------------------------------------------------------


def _field_of(state: FormState, text: str) -> tuple[str, str, FieldType] | None:
    """Returns block, key and field that a label names, counting how often the label was met before."""
    word = header_words(text)
    met = state.seen.get(word, 0) + 1
    fallback: tuple[str, str, FieldType] | None = None
    for block in state.known.blocks:
        for key, known in block.fields.items():
            if word in known.known:
                if known.nth == met:
                    return block.name, key, known
                fallback = (block.name, key, known)
    return fallback


def _is_field_row(state: FormState, row: Fields) -> bool:
    """Says whether a row inside a records block leaves it: its first or second text is a field's label."""
    filled = [item for item in row if item.text][:2]
    return any(_field_of(state, item.text) for item in filled)


def _read_fields(state: FormState, row: Fields) -> None:
    labels: list[tuple[int, tuple[str, str, FieldType]]] = []
    for place, item in enumerate(row):
        found = _field_of(state, item.text) if item.text else None
        if found is not None:
            labels.append((place, found))
            state.seen[header_words(item.text)] = state.seen.get(header_words(item.text), 0) + 1
    side = [item for item in row[: labels[0][0]] if item.text]
    explain_side_labels(state, side)
    for order, (place, (block, key, known)) in enumerate(labels):
        stop = labels[order + 1][0] if order + 1 < len(labels) else len(row)
        is_head = order + 1 < len(labels) and labels[order + 1][1][1] == key
        state.unit = unit_in(row[place].text) or state.unit
        state.explained += explain([row[place]], "label")
        if is_head:
            continue
        values = [item for item in row[place + 1 : stop] if item.text]
        if not values and known.kind == "text" and place > 0:
            state.awaited.append((place, key, known, row[place], block))
            continue
        blank = row[place + 1] if place + 1 < stop else Field("", row[place].line, row[place].end, row[place].end)
        value = values[0] if values else Field("", blank.line, blank.start, blank.start)
        _add_field(state, block, (key, known), row[place], value)
        explain_side_labels(state, [])
        for item in values[1:]:
            _add_field(state, block, (key, known), row[place], item)


def _take_awaited(state: FormState, row: Fields) -> bool:
    """Gives labels that had no value beside them the text in the row below, at their own place."""
    if not state.awaited:
        return False
    is_labelled = block_started(state.known, row) is not None or any(_field_of(state, i.text) for i in row if i.text)
    if is_labelled:
        _close_awaited(state, ())
        return False
    taken = _close_awaited(state, row)
    rest = [item for item in row if item.text and item not in taken]
    if rest and taken:
        explain_side_labels(state, [])
        state.remarks.append(_stray(state, rest[0]))
    return bool(taken)


def _close_awaited(state: FormState, row: Fields) -> list[Field]:
    taken: list[Field] = []
    for place, key, known, label, block in state.awaited:
        value = row[place] if place < len(row) and row[place].text else None
        if value is not None:
            taken.append(value)
        _add_field(state, block, (key, known), label, value or Field("", label.line, label.end, label.end))
    state.awaited = []
    return taken


def _stray(state: FormState, item: Field) -> Finding:
    return Finding(
        code="uncovered_text", severity="warning", table=state.table, line=item.line,
        message=f"no field of the form takes {item.text[:30]!r}",
    )  # fmt: skip


def _add_field(state: FormState, block: str, spec: tuple[str, FieldType], label: Field, value: Field) -> None:
    key, known = spec
    column = Column(key=key, header="", kind=known.kind, unit=column_unit(known.kind, "", state.unit), panel=block)
    state.columns.setdefault((block, key), column)
    state.rows.append(
        Row(
            index=0,
            line=value.line,
            kind="field",
            block=block,
            name=words_joined(label.text),
            cells=(make_cell(column, value),),
        )
    )
