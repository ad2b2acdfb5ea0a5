"""Records inside a form: header rows that open a block, its rows (put back in place if they drifted), its totals."""

from collections.abc import Mapping, Sequence

from crossfoot.figures import Cell, Column, Finding, Row
from crossfoot.labels import header_levels, header_words, label_of, unit_in, words
from crossfoot.reading.alignment import has_pointed_levels, is_in_place, is_level_only, realign
from crossfoot.reading.cells import TOTAL_NAMES, column_unit, explain, make_cell
from crossfoot.reading.fields import Field, Fields
from crossfoot.reading.form_state import LEVEL_ROW, FormState, explain_side_labels, words_joined
from crossfoot.reading.headers import Path, header_paths, match_columns, printed_paths
from crossfoot.tabletypes import BlockType, TableType


def block_started(known: TableType, row: Fields) -> BlockType | None:
    """Returns the records block whose header row this is: all of its start words stand in the row."""
    present = {header_words(item.text) for item in row if item.text}
    for block in known.blocks:
        starts = [header_words(word) for word in block.start]
        if starts and all(any(word.startswith(start) for word in present) for start in starts):
            return block
    return None


def open_block(state: FormState, block: BlockType, row: Fields, following: Sequence[Fields]) -> None:
    """Opens a block at its header row: lays out its columns and takes note of the labels beside it."""
    header = [row]
    if following and is_second_header(following[0], block):
        header.append(following[0])
    paths = header_paths(header, block.leaves)
    printed = printed_paths(header, block.leaves)
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
    used = [printed[place] for place in state.places if place < len(printed)]
    side = [
        item for place, item in enumerate(row) if item.text and place not in state.places and not _in_path(item, used)
    ]
    state.explained += explain([item for item in row if item not in side], "header")
    state.side = words_joined("".join(item.text for item in side))
    explain_side_labels(state, side)


def _headless_column(block: BlockType, paths: Sequence[Path], following: Sequence[Fields]) -> dict[int, str]:
    """Returns the column without a header of its own, if the block has one: where the next row's first text stands."""
    key = next((key for key, column in block.columns.items() if ("",) in column.paths), None)
    if key is None or not following:
        return {}
    place = next(place for place, item in enumerate(following[0]) if item.text)
    return {place: key} if place >= len(paths) or not paths[place] or paths[place] == paths[0] else {}


def _in_path(item: Field, printed: Sequence[str]) -> bool:
    return any(words(item.text) == words(part) for path in printed for part in header_levels(path))


def is_second_header(row: Fields, block: BlockType) -> bool:
    """Says whether all of a row's texts are headers of the block just opened."""
    filled = [header_words(item.text) for item in row if item.text]
    return bool(filled) and all(word in block.leaves for word in filled)


# --- records ----------------------------------------------------------------------------------------------------------


def read_record(state: FormState, row: Fields) -> None:
    """Reads one row of the open block: a record, a total, or level labels on a line of their own."""
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
    _add_record(state, row, placed, realigned=realigned)


def _add_level_row(state: FormState, block: BlockType, row: Fields) -> None:
    """Adds a row that only carries level labels; it is taken out again once the levels are filled."""
    placed = realign({p: c for p, c in state.places.items() if c.key in block.tree}, row)
    if placed is None:
        _leave_unplaced(state, row)
        return
    state.explained += explain(row, "level label")
    cells = tuple(make_cell(state.places[place], item) for place, item in sorted(placed.items()))
    first = next(item for item in row if item.text)
    state.rows.append(Row(index=LEVEL_ROW, line=first.line, kind=block.rows, block=block.name, cells=cells))


def _add_record(state: FormState, row: Fields, placed: Mapping[int, Field], *, realigned: bool) -> None:
    block, columns = state.block, state.places
    if block is None:
        return
    whole = {place: placed.get(place) or _gap(row, place) for place in columns}
    cells = [make_cell(columns[place], item) for place, item in sorted(whole.items())]
    extra = [item for place, item in enumerate(row) if item.text and item not in placed.values()]
    cells += _unknown_cells(state, block, row, extra)
    name = _record_name(columns, whole) if block.rows != "field" else state.side
    if not any(cell.printed for cell in cells):
        return
    label = label_of(name)
    state.rows.append(
        Row(
            index=0,
            line=min(item.line for item in row if item.text),
            kind="memo" if label.of_which else block.rows,
            block=block.name,
            name=name,
            realigned=realigned,
            cells=tuple(cells),
        )
    )


def _unknown_cells(state: FormState, block: BlockType, row: Fields, extra: Sequence[Field]) -> list[Cell]:
    """Returns cells for fields in columns that the block does not know, so that nothing is dropped."""
    cells: list[Cell] = []
    for item in extra:
        place = row.index(item)
        column = Column(key=f"c{place + 1}", header="", kind="text", panel=block.name)
        state.columns.setdefault((block.name, column.key), column)
        cells.append(make_cell(column, item))
    return cells


def _record_name(columns: Mapping[int, Column], whole: Mapping[int, Field]) -> str:
    for place, column in columns.items():
        if column.key in {"name", "task", "source"}:
            return whole[place].text
    return ""


def _read_total(state: FormState, block: BlockType, row: Fields, label: Field) -> None:
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


def _leave_unplaced(state: FormState, row: Fields) -> None:
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
