"""Rows in reading order → their levels: by code length, by outline label, by unit, or by position.

Level 1 is the highest, 0 is a total. Nothing here looks at amounts.
"""

from collections.abc import Sequence
from typing import NamedTuple

from crossfoot.figures import Cell, Row, RowKind
from crossfoot.labels import label_of
from crossfoot.tabletypes import Hierarchy


class RowDraft(NamedTuple):
    """A row before its level is known."""

    line: int
    kind: RowKind
    panel: str
    code: str
    name: str
    realigned: bool
    cells: tuple[Cell, ...]
    indent: int = 0
    stray: bool = False  # its code stood in the list before it
    loose: tuple[Cell, ...] = ()


def with_levels(rows: Sequence[RowDraft], hierarchy: Hierarchy) -> list[Row]:
    """Returns the rows numbered from 1 in the given order, with their levels, panel by panel."""
    panels: dict[str, list[int]] = {}
    for place, row in enumerate(rows):
        panels.setdefault("" if hierarchy in {"unit", "position"} else row.panel, []).append(place)
    levels = [1] * len(rows)
    for places in panels.values():
        group = [rows[place] for place in places]
        for place, level in zip(places, _levels(group, hierarchy), strict=True):
            levels[place] = level
    return [
        Row(
            index=index,
            line=row.line,
            kind=row.kind,
            panel=row.panel,
            code=row.code,
            name=row.name,
            level=level,
            realigned=row.realigned,
            cells=row.cells,
            loose=row.loose,
        )
        for index, (row, level) in enumerate(zip(rows, levels, strict=True), start=1)
    ]


def _levels(rows: Sequence[RowDraft], hierarchy: Hierarchy) -> list[int]:
    if hierarchy == "code":
        return _by_code(rows)
    if hierarchy == "label":
        return _by_label(rows)
    if hierarchy == "unit":
        return [_unit_level(row) for row in rows]
    if hierarchy == "position":
        return _by_position(rows)
    return [0 if row.kind in {"total", "subtotal"} else 1 for row in rows]


def _by_code(rows: Sequence[RowDraft]) -> list[int]:
    lengths = sorted({len(row.code) for row in rows if row.code})
    return [
        0 if row.kind in {"total", "subtotal"} else lengths.index(len(row.code)) + 1 if row.code else 1 for row in rows
    ]


def _unit_level(row: RowDraft) -> int:
    return {"total": 0, "unit": 1, "indicator": 3}.get(row.kind, 2)


def _by_label(rows: Sequence[RowDraft]) -> list[int]:
    """Returns levels by outline style: a style seen before returns to its level, a new one goes one deeper.

    Unlabelled rows stand under the labelled one above, until a total ends the list; after it they are level 1.
    """
    levels: list[int] = []
    open_styles: list[str] = []
    for row in rows:
        label = label_of(row.name)
        if row.kind in {"total", "subtotal"}:
            levels.append(0)
            open_styles = []
        elif label.style == "none":
            levels.append(len(open_styles) + 1)
        else:
            if label.style in open_styles:
                del open_styles[open_styles.index(label.style) + 1 :]
            else:
                open_styles.append(label.style)
            levels.append(len(open_styles))
    return levels


def _by_position(rows: Sequence[RowDraft]) -> list[int]:
    """Returns levels of a project list: units by code prefix, then categories nesting, then projects.

    A run of categories before a project nests; a shorter run later takes the deepest levels of the first.
    """
    levels: list[int] = []
    codes: list[str] = []
    depth = 0
    run = 0
    categories = 0
    for place, row in enumerate(rows):
        if row.kind == "total":
            levels.append(0)
        elif row.code:
            while codes and not (row.code.startswith(codes[-1]) and row.code != codes[-1]):
                codes.pop()
            codes.append(row.code)
            depth, categories, run = len(codes), 0, 0
            levels.append(depth)
        elif row.kind == "subtotal":
            run = _run_length(rows, place) if run == 0 else run - 1
            categories = max(categories, run)
            levels.append(depth + 1 + categories - run)
        else:
            run = 0
            levels.append(depth + categories + 1)
    return levels


def _run_length(rows: Sequence[RowDraft], start: int) -> int:
    length = 0
    for row in rows[start:]:
        if row.kind != "subtotal":
            break
        length += 1
    return length
