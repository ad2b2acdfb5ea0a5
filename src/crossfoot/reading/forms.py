"""Section + form type → Reading: labelled fields, and records under their own header rows, block by block.

Rows that drifted out of their columns are put back only if alignment.py knows exactly one way.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from crossfoot.figures import Cell, Column, Explained, Finding, Reading, Row, RowKind, Section, Source
from crossfoot.labels import header_words, label_of, unit_in, words
from crossfoot.reading.alignment import has_pointed_levels, is_in_place, is_level_only, realign, with_levels_filled
from crossfoot.reading.cells import TOTAL_NAMES, column_unit, explain, make_cell
from crossfoot.reading.fields import Field, Fields, rows_of, split_line, vertical_rows
from crossfoot.reading.headers import Path, header_paths, match_columns, printed_paths
from crossfoot.tabletypes import BlockType, FieldType, TableType

#: The index of a row that only carries level labels; it goes once the labels are given to the rows they hold for.
_LEVEL_ROW = -1


@dataclass
class _State:
    """What has been read so far of one form; filled row by row."""

    table: str
    known: TableType
    unit: str
    rows: list[Row] = field(default_factory=list)
    explained: list[Explained] = field(default_factory=list)
    columns: dict[tuple[str, str], Column] = field(default_factory=dict)
    remarks: list[Finding] = field(default_factory=list)
    seen: dict[str, int] = field(default_factory=dict)
    block: BlockType | None = None
    places: dict[int, Column] = field(default_factory=dict)
    width: int = 0
    pointed: bool = False
    awaited: list[tuple[int, str, FieldType, Field, str]] = field(default_factory=list)


def read_form(source: Source, section: Section, known: TableType, table: str) -> Reading:
    """Returns the reading of a form; text printed one cell per line is turned into rows first."""
    lines = section.body_lines
    if known.colon:
        rows = [_colon_fields(source, number) for number in lines if source.line(number).text.strip()]
    else:
        rows = vertical_rows(source, lines) if known.vertical else rows_of(source, lines)
    state = _State(table, known, section.unit or "")
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


def _colon_fields(source: Source, number: int) -> Fields:
    """Returns label and value of a `label：value` line as two fields."""
    whole = split_line(source.line(number))[0]
    cut = min(place for mark in ":：" if (place := whole.text.find(mark)) >= 0)
    value = whole.text[cut + 1 :]
    start = whole.start + cut + 1 + len(value) - len(value.lstrip())
    return (
        Field(whole.text[:cut], number, whole.start, whole.start + cut),
        Field(value.strip(), number, start, start + len(value.strip())),
    )


def _with_levels(state: _State) -> list[Row]:
    rows: list[Row] = []
    for block in state.known.blocks:
        own = [row for row in state.rows if row.block == block.name]
        items = [row for row in own if row.kind not in {"total", "subtotal"}] if block.tree else []
        filled = {id(row): new for row, new in zip(items, with_levels_filled(items, block.tree), strict=True)}
        for row in own:
            new = filled.get(id(row), row)
            rows.append(new)
    rows.sort(key=lambda row: (row.line, min(cell.span for cell in row.cells)))
    real = [row for row in rows if row.index != _LEVEL_ROW]
    return [
        row.model_copy(update={"index": index, "level": 0 if row.kind == "total" else 1})
        for index, row in enumerate(real, start=1)
    ]


# --- one row ----------------------------------------------------------------------------------------------------------


def _read_row(state: _State, row: Fields, following: Sequence[Fields]) -> None:
    if _take_awaited(state, row):
        return
    started = _block_started(state, row)
    if started is not None:
        _open_block(state, started, row, following)
        return
    if state.block is not None and state.width < 0:  # a further header row of the block just opened
        state.width = -state.width
        state.explained += explain(row, "header")
        return
    has_label = any(_field_of(state, item.text) for item in row if item.text)
    if state.block is not None and not (has_label and _is_field_row(state, row)):
        _read_record(state, row)
    elif has_label:
        state.block = None
        _read_fields(state, row)
    else:
        _explain_side_labels(state, [item for item in row if item.text])


def _block_started(state: _State, row: Fields) -> BlockType | None:
    """Returns the records block whose header row this is: all of its start words stand in the row."""
    present = {header_words(item.text) for item in row if item.text}
    for block in state.known.blocks:
        starts = {header_words(word) for word in block.start}
        if starts and all(any(word.startswith(start) for word in present) for start in starts):
            return block
    return None


def _open_block(state: _State, block: BlockType, row: Fields, following: Sequence[Fields]) -> None:
    header = [row]
    vocabulary = frozenset(path[-1] for column in block.columns.values() for path in column.paths)
    if following and _is_second_header(following[0], vocabulary):
        header.append(following[0])
    paths = header_paths(header, vocabulary)
    printed = printed_paths(header, paths)
    matched = match_columns(paths, {key: c for key, c in block.columns.items() if ("",) not in c.paths})
    matched.update(_headless_column(block, paths, following[len(header) - 1 :]))
    state.block = block
    state.width = -len(row) if len(header) == 2 else len(row)
    unit = next((unit for item in row if (unit := unit_in(item.text))), state.unit)
    state.places = {}
    state.pointed = bool(block.tree) and has_pointed_levels(following)
    for place, key in sorted(matched.items()):
        spec = block.columns[key]
        header_text = printed[place] if place < len(printed) and ("",) not in spec.paths else ""
        column = Column(
            key=key,
            header=header_text,
            kind=spec.kind,
            unit=column_unit(spec.kind, header_text, unit, spec.unit),
            panel=block.name,
        )
        state.places[place] = column
        state.columns[(block.name, key)] = column
    known_places = set(state.places)
    side = [item for place, item in enumerate(row) if item.text and place not in known_places and not _in_path(item, printed)]
    state.explained += explain([item for item in row if item not in side], "header")
    _explain_side_labels(state, side)


def _headless_column(block: BlockType, paths: Sequence[Path], following: Sequence[Fields]) -> dict[int, str]:
    """Returns the column without a header of its own, if the block has one: where the next row's first text stands."""
    key = next((key for key, column in block.columns.items() if ("",) in column.paths), None)
    if key is None or not following:
        return {}
    place = next(place for place, item in enumerate(following[0]) if item.text)
    return {place: key} if place >= len(paths) or not paths[place] or paths[place] == paths[0] else {}


def _in_path(item: Field, printed: Sequence[str]) -> bool:
    return any(words(item.text) == words(part) for path in printed for part in path.split("/"))


def _is_second_header(row: Fields, vocabulary: frozenset[str]) -> bool:
    filled = [header_words(item.text) for item in row if item.text]
    return bool(filled) and all(word in vocabulary for word in filled)


def _explain_side_labels(state: _State, fields: Sequence[Field]) -> None:
    """Takes note of labels beside a block (绩效指标, 资金金额（万元）); a unit in one holds for what follows."""
    for item in fields:
        state.unit = unit_in(item.text) or state.unit
    state.explained += explain(fields, "label")


# --- records ----------------------------------------------------------------------------------------------------------


def _read_record(state: _State, row: Fields) -> None:
    block = state.block
    if block is None:
        return
    total = next((item for item in row if item.text), None)
    if total is not None and header_words(total.text) in {words(name) for name in (*block.totals, *TOTAL_NAMES)}:
        _read_total(state, block, row, total)
        return
    placed: dict[int, Field] | None = {
        place: row[place] if place < len(row) else _blank_after(row) for place in state.places
    }
    realigned = False
    if block.tree and len(row) == 1 and is_level_only(row):
        _add_level_row(state, block, row)
        return
    if block.tree and not is_in_place(state.places, row, state.width, pointed=state.pointed):
        placed = realign(state.places, row, pointed=state.pointed)
        realigned = placed is not None
    if placed is None:
        _leave_unplaced(state, row)
        return
    _add_record(state, block, row, placed, block.rows, realigned)


def _add_level_row(state: _State, block: BlockType, row: Fields) -> None:
    """Adds a row that only carries level labels; it is taken out again once the levels are filled."""
    placed = realign({p: c for p, c in state.places.items() if c.key in block.tree}, row)
    if placed is None:
        _leave_unplaced(state, row)
        return
    state.explained += explain(row, "level label")
    cells = tuple(make_cell(state.places[place], item) for place, item in sorted(placed.items()))
    first = next(item for item in row if item.text)
    state.rows.append(Row(index=_LEVEL_ROW, line=first.line, kind=block.rows, block=block.name, cells=cells))


def _add_record(
    state: _State, block: BlockType, row: Fields, placed: Mapping[int, Field], kind: RowKind, realigned: bool
) -> None:
    columns = state.places
    whole = {place: placed.get(place) or _gap(row, place) for place in columns}
    cells = [make_cell(columns[place], item) for place, item in sorted(whole.items())]
    extra = [item for place, item in enumerate(row) if item.text and item not in placed.values()]
    cells += _unknown_cells(state, block, row, extra)
    name = _record_name(columns, whole)
    if not any(cell.printed for cell in cells):
        return
    label = label_of(name)
    state.rows.append(
        Row(
            index=0,
            line=min(item.line for item in row if item.text),
            kind="memo" if label.of_which else kind,
            block=block.name,
            name=name,
            realigned=realigned,
            cells=tuple(cells),
        )
    )


def _unknown_cells(state: _State, block: BlockType, row: Fields, extra: Sequence[Field]) -> list[Cell]:
    """Returns cells for fields in columns that the block does not know, so that nothing is dropped."""
    cells: list[Cell] = []
    for item in extra:
        place = row.index(item)
        column = Column(key=f"c{place + 1}", header="", kind="text", panel=block.name)
        state.columns.setdefault((block.name, column.key), column)
        cells.append(make_cell(column, item))
    return cells


def _record_name(columns: Mapping[int, Column], whole: Mapping[int, Field]) -> str:
    for key in ("name", "task", "source", "goal"):
        for place, column in columns.items():
            if column.key == key and (whole[place].text or key != "task"):
                return whole[place].text if key != "goal" else ""
    return ""


def _read_total(state: _State, block: BlockType, row: Fields, label: Field) -> None:
    """Reads a total row; its label may stand in any text column, its numbers drift only among number columns."""
    rest = tuple(Field("", i.line, i.start, i.start) if i is label else i for i in row)
    numbers = {p: c for p, c in state.places.items() if c.kind in {"amount", "score", "ratio"}}
    placed = {place: rest[place] for place in numbers if place < len(rest) and rest[place].text}
    realigned = False
    if [item for item in rest if item.text and item not in placed.values()]:
        found = realign(numbers, rest)
        if found is None:
            _leave_unplaced(state, row)
            return
        placed, realigned = found, True
    state.explained += explain([label], "label")
    cells = tuple(make_cell(column, placed.get(place) or _gap(row, place)) for place, column in sorted(numbers.items()))
    state.rows.append(
        Row(index=0, line=label.line, kind="total", block=block.name, name=label.text, realigned=realigned, cells=cells)
    )


def _leave_unplaced(state: _State, row: Fields) -> None:
    first = next(item for item in row if item.text)
    state.remarks.append(
        Finding(
            code="ambiguous_repair",
            severity="warning",
            table=state.table,
            line=first.line,
            message=f"the cells of this row stand in no column, and more than one or no way puts them back: "
            f"{' | '.join(item.text[:20] for item in row if item.text)}",
        )
    )


def _gap(row: Fields, place: int) -> Field:
    """Returns the blank field at a place of the row (an empty span where the row has other text or ends early)."""
    item = row[place] if place < len(row) else row[-1]
    end = item.start if place < len(row) else item.end
    return Field("", item.line, end, end)


def _blank_after(row: Fields) -> Field:
    last = row[-1]
    return Field("", last.line, last.end, last.end)


# --- labelled fields --------------------------------------------------------------------------------------------------


def _field_of(state: _State, text: str) -> tuple[str, str, FieldType] | None:
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


def _is_field_row(state: _State, row: Fields) -> bool:
    """Says whether a row inside a records block leaves it: its first or second text is a field's label."""
    filled = [item for item in row if item.text][:2]
    return any(_field_of(state, item.text) for item in filled)


def _read_fields(state: _State, row: Fields) -> None:
    labels: list[tuple[int, tuple[str, str, FieldType]]] = []
    for place, item in enumerate(row):
        found = _field_of(state, item.text) if item.text else None
        if found is not None:
            labels.append((place, found))
            state.seen[header_words(item.text)] = state.seen.get(header_words(item.text), 0) + 1
    side = [item for item in row[: labels[0][0]] if item.text]
    _explain_side_labels(state, side)
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
        _explain_side_labels(state, [])
        for item in values[1:]:
            _add_field(state, block, (key, known), row[place], item)


def _take_awaited(state: _State, row: Fields) -> bool:
    """Gives labels that had no value beside them the text in the row below, at their own place."""
    if not state.awaited:
        return False
    is_labelled = _block_started(state, row) is not None or any(_field_of(state, i.text) for i in row if i.text)
    if is_labelled:
        _close_awaited(state, ())
        return False
    taken = _close_awaited(state, row)
    rest = [item for item in row if item.text and item not in taken]
    if rest and taken:
        _explain_side_labels(state, [])
        state.remarks.append(_stray(state, rest[0]))
    return bool(taken)


def _close_awaited(state: _State, row: Fields) -> list[Field]:
    taken: list[Field] = []
    for place, key, known, label, block in state.awaited:
        value = row[place] if place < len(row) and row[place].text else None
        if value is not None:
            taken.append(value)
        _add_field(state, block, (key, known), label, value or Field("", label.line, label.end, label.end))
    state.awaited = []
    return taken


def _stray(state: _State, item: Field) -> Finding:
    return Finding(
        code="uncovered_text", severity="warning", table=state.table, line=item.line,
        message=f"no field of the form takes {item.text[:30]!r}",
    )  # fmt: skip


def _add_field(state: _State, block: str, spec: tuple[str, FieldType], label: Field, value: Field) -> None:
    key, known = spec
    column = Column(key=key, header="", kind=known.kind, unit=column_unit(known.kind, "", state.unit), panel=block)
    state.columns.setdefault((block, key), column)
    kind: RowKind = "field"
    state.rows.append(
        Row(index=0, line=value.line, kind=kind, block=block, name=words_joined(label.text), cells=(make_cell(column, value),))
    )


def words_joined(text: str) -> str:
    """Returns a label as printed, without blanks inside and the colon at its end."""
    return "".join(text.split()).rstrip("：:")
