"""Header paths + table type → Layout: which column of the body is which field of which panel.

Columns that the form does not know are kept under keys c1, c2, …: nothing is dropped for being unknown.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from crossfoot.figures import Column, ColumnKind
from crossfoot.reading.cells import column_unit, guess_kind
from crossfoot.reading.fields import Fields
from crossfoot.reading.headers import Path, match_columns, place_panels
from crossfoot.tabletypes import ColumnType, TableType

_CODE_KEYS = (("code",), ("class", "division", "item"), ("unit_code",), ("number",), ("seq",))
_NAME_KEYS = ("name", "label", "unit_name", "title", "task", "source", "project")
_CODE_PIECE = ColumnType(headers=(), kind="code")
_NAME_HEADERS = ("名称", "项目", "科目", "单位", "内容", "指标")


class Panel(NamedTuple):
    """One list of a table: its columns by position, and which of them hold code, name and numbers."""

    name: str
    columns: Mapping[int, Column]
    codes: tuple[int, ...]
    label: int | None
    amounts: tuple[int, ...]


class Layout(NamedTuple):
    """The panels of a table from left to right; ordinal columns (行次) belong to a panel but make no cells."""

    panels: tuple[Panel, ...]
    ordinals: frozenset[int]
    width: int

    def columns(self) -> tuple[Column, ...]:
        """Returns all columns from left to right."""
        return tuple(column for panel in self.panels for _, column in sorted(panel.columns.items()))


class Heads(NamedTuple):
    """The header paths of the columns, for comparing and as printed, and the fields that some were given besides."""

    paths: Sequence[Path]
    printed: Sequence[str]
    named: Mapping[int, str] = {}


def lay_out(known: TableType | None, heads: Heads, body: Sequence[Fields], unit: str | None) -> Layout:
    """Returns the layout of a records or panels table, or of a table of unknown type (`known` None)."""
    paths, printed = heads.paths, heads.printed
    if known is None or not known.all_columns():
        return _lay_out_unknown(paths, printed, body, unit)
    placed = (
        place_panels(paths, known) if known.panels else {"": {**match_columns(paths, known.columns), **heads.named}}
    )
    specs = {name: known.panels[name] if known.panels else known.columns for name in placed}
    panels: list[Panel] = []
    ordinals: set[int] = set()
    for place, (name, mapping) in enumerate(placed.items()):
        columns: dict[int, Column] = {}
        pieces = _split_code(mapping, specs[name], paths, body)
        for position, key in {**mapping, **pieces}.items():
            spec = specs[name].get(key, _CODE_PIECE)
            if spec.kind == "ordinal":
                ordinals.add(position)
            else:
                columns[position] = _column(key, printed[position], spec, unit, name)
        stop = min((min(m) for m in list(placed.values())[place + 1 :] if m), default=len(paths))
        start = 0 if place == 0 else min(mapping, default=stop)
        for position in range(start, stop):
            if position not in columns and position not in ordinals and _has_content(paths, body, position):
                columns[position] = _unknown_column(position, printed[position], body, unit, name)
        panels.append(_panel(name, columns))
    return Layout(tuple(panels), frozenset(ordinals), len(paths))


def _split_code(
    mapping: Mapping[int, str], spec: Mapping[str, ColumnType], paths: Sequence[Path], body: Sequence[Fields]
) -> dict[int, str]:
    """Returns class, division and item columns where the body splits one code over 类, 款 and 项.

    They are known by their headers, or, where those are lost, by holding two digits beside the code's column.
    """
    start = next((place for place, key in mapping.items() if key in {"code", "unit_code"}), None)
    if start is None or "class" in spec:
        return {}
    stop = min((place for place in mapping if place > start), default=len(paths))
    run = [start]
    labelled = any([field.text for field in row[start : start + 3]] == ["类", "款", "项"] for row in body)
    for place in range(start + 1, min(stop, start + 3)):
        leaf = paths[place][-1] if paths[place] else ""
        texts = [row[place].text for row in body if place < len(row) and row[place].text]
        holds_pieces = bool(texts) and all((text.isdigit() and len(text) <= 3) or text in "类款项" for text in texts)
        if leaf not in {"款", "项"} and not labelled and not (holds_pieces and (not leaf or leaf == paths[start][-1])):
            break
        run.append(place)
    return dict(zip(run, ("class", "division", "item"), strict=False)) if len(run) > 1 else {}


def _column(key: str, printed: str, spec: ColumnType, unit: str | None, panel: str) -> Column:
    kind: ColumnKind = spec.kind
    return Column(key=key, header=printed, kind=kind, unit=column_unit(kind, printed, unit, spec.unit), panel=panel)


def _unknown_column(position: int, printed: str, body: Sequence[Fields], unit: str | None, panel: str) -> Column:
    kind = guess_kind(printed, [row[position].text for row in body if position < len(row)])
    return Column(key=f"c{position + 1}", header=printed, kind=kind, unit=column_unit(kind, printed, unit), panel=panel)


def _has_content(paths: Sequence[Path], body: Sequence[Fields], position: int) -> bool:
    return bool(paths[position]) or any(position < len(row) and row[position].text for row in body)


def _panel(name: str, columns: Mapping[int, Column]) -> Panel:
    by_key = {column.key: position for position, column in columns.items()}
    codes = next((tuple(by_key[key] for key in keys if key in by_key) for keys in _CODE_KEYS if keys[0] in by_key), ())
    if not codes:  # the form has no code column, but the table does
        codes = tuple(place for place, column in sorted(columns.items()) if column.kind == "code")[:1]
        beside = columns.get(codes[0] + 1) if codes else None
        if beside is not None and beside.kind == "text" and beside.header.endswith("科目名称"):
            return Panel(name, columns, codes, codes[0] + 1, _numeric(columns))
    names = [by_key[key] for key in _NAME_KEYS if key in by_key and by_key[key] not in codes]
    label = next((place for place in names if columns[place].kind == "text"), None)
    if label is None:
        label = next((place for place, column in sorted(columns.items()) if column.kind == "text"), None)
    return Panel(name, columns, codes, label, _numeric(columns))


def _numeric(columns: Mapping[int, Column]) -> tuple[int, ...]:
    return tuple(place for place, column in columns.items() if column.kind in {"amount", "ratio", "score"})


def _lay_out_unknown(paths: Sequence[Path], printed: Sequence[str], body: Sequence[Fields], unit: str | None) -> Layout:
    starts = _repeated_starts(paths)
    panels: list[Panel] = []
    ordinals: set[int] = set()
    for place, start in enumerate(starts):
        stop = starts[place + 1] if place + 1 < len(starts) else len(paths)
        name = "" if len(starts) == 1 else paths[start][0] if len(paths[start]) > 1 else str(place + 1)
        columns: dict[int, Column] = {}
        for position in range(start, stop):
            if not _has_content(paths, body, position):
                continue
            if paths[position] and paths[position][-1] == "行次":
                ordinals.add(position)
            else:
                columns[position] = _unknown_column(position, printed[position], body, unit, name)
        codes = tuple(place for place, column in sorted(columns.items()) if column.kind == "code")[:3]
        names = [place for place, column in sorted(columns.items()) if column.kind == "text"]
        named = [p for p in names if any(word in columns[p].header for word in _NAME_HEADERS)]
        label = next(iter(named or names), None)
        panels.append(Panel(name, columns, _leading(codes, label), label, _numeric(columns)))
    return Layout(tuple(panels), frozenset(ordinals), len(paths))


def _leading(codes: tuple[int, ...], label: int | None) -> tuple[int, ...]:
    """Returns the code columns left of the name: further ones (a second classification) are not the row's key."""
    return codes if label is None else tuple(place for place in codes if place < label) or codes[:1]


def _repeated_starts(paths: Sequence[Path]) -> list[int]:
    """Returns where lists side by side begin: each column whose last header word is that of the first column."""
    if not paths or not paths[0]:
        return [0]
    first = paths[0][-1]
    repeats = [place for place, path in enumerate(paths) if path and path[-1] == first]
    return repeats if first in {"项目", "科目编码", "科目代码", "科目名称", "名称", "收入", "支出"} else [0]
