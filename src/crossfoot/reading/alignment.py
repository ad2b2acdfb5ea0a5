"""Tokens of a drifted row → the columns they belong in, if there is exactly one best way.

A way keeps the order of the tokens and puts each where its content may stand; the best has the fewest shifts.
Vertical merges lose their labels on the other rows: `with_levels_filled` gives every indicator its level path.
"""

import re
from collections.abc import Mapping, Sequence
from itertools import combinations, pairwise

from crossfoot.figures import Column, Row
from crossfoot.labels import words
from crossfoot.numerals import read_numeral
from crossfoot.reading.fields import Field, Fields

_LEVEL1 = frozenset(
    """
    产出指标 效益指标 完成指标 投入管理指标 投入指标 过程指标 效果指标 管理指标 履职效能
    社会效应
    """.split()
)
_LEVEL2 = frozenset(
    """
    数量指标 质量指标 时效指标 经济成本指标 社会成本指标 生态环境成本指标 经济效益指标
    社会效益指标 生态效益指标 可持续影响指标 服务对象满意度指标 社会效益 经济效益 生态效益
    可持续影响 工作目标管理 预算和财务管理 绩效管理 履职目标实现 履职效益 服务对象满意度
    社会公众满意度指标 社会公众满意度 重点工作任务完成
    """.split()
)
#: Words that may stand on either level.
_EITHER = frozenset(["成本指标", "满意度指标", "满意度"])
_POINTS = re.compile(r"\((\d+(?:\.\d+)?)分?\)$")
_NUMBERED = re.compile(r"^指标(\d+)[::]?")
_ELLIPSIS = re.compile(r"^[.…·。]{2,}$")


def level_word(text: str) -> str:
    """Returns a level label for comparing, without its points: `产出指标 (50分)` is 产出指标."""
    return _POINTS.sub("", words(text))


def level_points(text: str) -> str:
    """Returns the points printed with a level label, or nothing: `产出指标 (50分)` has 50."""
    match = _POINTS.search(words(text))
    return match[1] if match else ""


def may_stand(column: Column, text: str, *, strict: bool, pointed: bool = False) -> bool:
    """Says whether a text may stand in a column, by its content.

    `strict` knows level labels by name only; `pointed` tables print points with every first level (`产出指标(50分)`).
    """
    word = level_word(text)
    if (
        (strict or column.key in {"level1", "level2"})
        and column.key != "name"
        and (_NUMBERED.match(word) or _ELLIPSIS.match(word))
    ):
        return False
    if column.kind == "score":
        numeral = read_numeral(text)
        return numeral.legibility in {"printed", "blank"} and not numeral.percent and (numeral.value or 0) <= 100
    if column.key == "level1":
        if pointed and not level_points(text):
            return False
        return word in _LEVEL1 or word in _EITHER or (not strict and word.endswith(("指标", "满意度", "效益")))
    if column.key == "level2":
        known = word in _LEVEL2 or word in _EITHER
        return known or (not strict and word not in _LEVEL1)
    if column.key == "name":
        return word not in _LEVEL1 and (not strict or not read_numeral(text).value)
    if column.key in {"reason", "note"}:
        return read_numeral(text).legibility == "words"
    return word not in _LEVEL1


def is_in_place(columns: Mapping[int, Column], fields: Fields, width: int, *, pointed: bool) -> bool:
    """Says whether every token already stands where it may; a row of another width is looked at strictly."""
    strict = len(fields) != width
    return all(
        place in columns and may_stand(columns[place], field.text, strict=strict, pointed=pointed)
        for place, field in enumerate(fields)
        if field.text
    )


def realign(columns: Mapping[int, Column], fields: Fields, *, pointed: bool = False) -> dict[int, Field] | None:
    """Returns the only best placing of a row's tokens, column position → field, or None if there is none or a tie."""
    tokens = [(place, field) for place, field in enumerate(fields) if field.text]
    positions = sorted(columns)
    if not tokens or len(tokens) > len(positions):
        return None
    ways: dict[int, list[tuple[int, ...]]] = {}
    for chosen in combinations(positions, len(tokens)):
        if all(
            may_stand(columns[to], field.text, strict=True, pointed=pointed)
            for to, (_, field) in zip(chosen, tokens, strict=True)
        ):
            shifts = [to - place for to, (place, _) in zip(chosen, tokens, strict=True)]
            cost = (shifts[0] != 0) + sum(a != b for a, b in pairwise(shifts))
            ways.setdefault(cost, []).append(chosen)
    if not ways or len(ways[min(ways)]) != 1:
        return None
    return {to: field for to, (_, field) in zip(ways[min(ways)][0], tokens, strict=True)}


def has_pointed_levels(rows: Sequence[Fields]) -> bool:
    """Says whether the rows print points with their first-level labels."""
    return any(level_word(f.text) in _LEVEL1 and bool(level_points(f.text)) for row in rows for f in row if f.text)


def is_level_only(fields: Fields) -> bool:
    """Says whether a row holds nothing but level labels, as vertical merges leave them on a line of their own."""
    filled = [level_word(field.text) for field in fields if field.text]
    return 0 < len(filled) <= 2 and all(word in _LEVEL1 or word in _LEVEL2 or word in _EITHER for word in filled)


def with_levels_filled(rows: Sequence[Row], tree: Sequence[str]) -> list[Row]:
    """Returns indicator rows with their level path (`产出指标/数量指标`) as panel.

    A label holds for its merge group. A group starts at a printed label or where 指标N starts again at 1, and its
    label may stand on a later row of it; rows before the first label of a column belong to that label.
    """
    if len(tree) < 2:
        return list(rows)
    groups = _groups(rows, tree[1])
    outer = _labels(rows, groups, tree[0])
    inner = _labels(rows, groups, tree[1])
    return [
        row.model_copy(update={"panel": "/".join(words(part) for part in (high, low) if part)})
        for row, high, low in zip(rows, outer, inner, strict=True)
    ]


def _groups(rows: Sequence[Row], column: str) -> list[int]:
    """Returns for each row the number of its merge group."""
    groups: list[int] = []
    has_label = False
    group = 0
    for row in rows:
        label = _text(row, column)
        number = _NUMBERED.match(words(row.name))
        restarts = number is not None and number[1] == "1"
        if (label and (has_label or restarts)) or (restarts and groups and not label):
            group += 1
            has_label = bool(label)
        else:
            has_label = has_label or bool(label)
        groups.append(group)
    return groups


def _labels(rows: Sequence[Row], groups: Sequence[int], column: str) -> list[str]:
    by_group: dict[int, str] = {}
    for row, group in zip(rows, groups, strict=True):
        if text := _text(row, column):
            by_group.setdefault(group, text)
    labels: list[str] = []
    current = next(iter(by_group.values()), "")
    for group in groups:
        current = by_group.get(group, current)
        labels.append(current)
    return labels


def _text(row: Row, column: str) -> str:
    cell = row.cell(column)
    return cell.printed if cell is not None else ""
