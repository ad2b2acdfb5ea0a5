"""The rows of a body → how many are header, what each column's header path is, and which column is which.

A header cell that is blank belongs to the cell on its left if something stands under it, else to the cell above.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import lru_cache

from rapidfuzz import fuzz

from crossfoot.labels import header_words, label_of
from crossfoot.numerals import read_numeral
from crossfoot.reading.fields import Fields
from crossfoot.tabletypes import ColumnType, TableType

#: Words that head columns or rows of headers in any form, beside those of the known forms.
GENERAL_HEADERS = frozenset(
    """
    项目 收入 支出 合计 小计 总计 金额 预算数 决算数 备注 类 款 项 栏次 行次 科目编码
    科目代码 科目名称 单位 名称 编码 代码 序号 本年支出 本年收入 基本支出 项目支出 人员经费
    公用经费 栏目 单位名称 单位编码 功能科目 经济科目 年初预算数 全年预算数 说明 预算 决算
    科目 数量 单价 上年结转 增减 比例 增减率 执行数 功能分类科目 经济分类科目 科目(单位)
    其他资金 类别 内容
    """.split()
)
_INDEX = re.compile(r"^(?:\*+|\d{1,2}|[A-Z]|栏次|行次|\d{1,2}=[\d+()\-=]+|[一二三四五六七八九十]|[①-⑳]|—)$")
_INDEX_WORDS = frozenset({"栏次", "**", "*", "行次"})

_EMPTY_WORDS = frozenset({"决算数", "预算数", "金额", "执行数", "本年预算数", "年初预算数"})

#: Heads of the one column of amounts that a form may have.
_PLAIN_HEADS = _EMPTY_WORDS | {"预算", "决算", "本年预算", "本年决算", "支出预算", "支出决算"}

Path = tuple[str, ...]


def is_index_word(text: str) -> bool:
    """Says whether a word only numbers a column: 3, 栏次, **."""
    return bool(_INDEX.match(header_words(text) or text))


def is_index_row(row: Fields) -> bool:
    """Says whether a row only numbers the columns: `栏次 1 2 3`, `** ** 1 2`."""
    filled = [field.text for field in row if field.text]
    if not filled or not all(_INDEX.match(header_words(text) or text) for text in filled):
        return False
    numbers = [int(text) for text in filled if text.isdecimal()]
    named = any((header_words(text) or text) in _INDEX_WORDS for text in filled)
    return (named and len(filled) > 1) or (
        len(numbers) >= 3 and numbers == list(range(numbers[0], numbers[0] + len(numbers)))
    )


def count_header_rows(rows: Sequence[Fields], vocabulary: frozenset[str]) -> int:
    """Returns how many rows at the top are header; index rows (栏次) count as header, a row with a figure never does.

    The first row is taken as header unless it holds figures: a page whose header is lost has none.
    """
    count = 0
    for row in rows[:8]:
        if is_index_row(row) or _is_header(row, vocabulary, first=count == 0):
            count += 1
        else:
            break
    return count if count or not rows or _has_figure(rows[0]) else 1


def _is_header(row: Fields, vocabulary: frozenset[str], *, first: bool) -> bool:
    filled = [header_words(field.text) for field in row if field.text]
    if not filled or (len(filled) == 1 and not first and filled[0] in {"合计", "总计", "小计"}):
        return False
    if _has_figure(row) and not _INDEX_WORDS.intersection(filled):
        return False
    known = [word for word in filled if word in vocabulary or word in GENERAL_HEADERS or _INDEX.match(word)]
    if len(known) == len(filled):
        return any(not _INDEX.match(word) for word in known)
    if first:
        return not (len(filled) > 1 and label_of(filled[0]).style != "none")
    words_known = [word for word in known if not _INDEX.match(word)]
    return len(words_known) >= 0.5 * len(filled) and not any(_is_item(field.text) for field in row)


def _has_figure(row: Fields) -> bool:
    return any(read_numeral(field.text).legibility in {"printed", "illegible"} for field in row if field.text)


def _is_item(text: str) -> bool:
    return bool(text) and (label_of(text).style != "none" or re.fullmatch(r"\d{3,}", text) is not None)


def header_paths(rows: Sequence[Fields], vocabulary: frozenset[str]) -> tuple[Path, ...]:
    """Returns for each column the words above it from outside in, index words left out.

    >>> 本年支出 ⇥ ⇥ ⇥ over 小计 ⇥ 基本支出 ⇥ 项目支出 gives (本年支出, 小计), (本年支出, 基本支出), …
    """
    return _both_paths(rows, vocabulary)[0]


def printed_paths(rows: Sequence[Fields], vocabulary: frozenset[str]) -> tuple[str, ...]:
    """Returns for each column the same path as printed, joined with `/`, years and units kept."""
    return _both_paths(rows, vocabulary)[1]


def _both_paths(rows: Sequence[Fields], vocabulary: frozenset[str]) -> tuple[tuple[Path, ...], tuple[str, ...]]:
    """Returns the paths for comparing and as printed; index rows count only for how many columns there are."""
    width = max((len(row) for row in rows), default=0)
    texts = tuple(tuple(field.text for field in row) for row in rows if not is_index_row(row))
    return _paths_of(texts, width, vocabulary)


@lru_cache(maxsize=1024)  # the same few headers stand in every document of a form
def _paths_of(
    rows: tuple[tuple[str, ...], ...], width: int, vocabulary: frozenset[str]
) -> tuple[tuple[Path, ...], tuple[str, ...]]:
    blank = ("", "")
    grid = [
        [
            (_header_word(row[column], vocabulary), _as_printed(row[column])) if column < len(row) else blank
            for column in range(width)
        ]
        for row in rows
    ]
    columns = _columns(grid)
    comparing = tuple(tuple(dict.fromkeys(word for word, _ in column)) for column in columns)
    return comparing, tuple("/".join(dict(column).values()) for column in columns)


def _as_printed(text: str) -> str:
    return re.sub(r"\s+", "", re.sub(r"<[^<>]*>|\*\*", "", text))


def _columns(grid: Sequence[Sequence[tuple[str, str]]]) -> list[list[tuple[str, str]]]:
    """Returns for each column the fields above it; a blank one is its left neighbour's if something stands under it."""
    width = len(grid[0]) if grid else 0
    spans: list[list[int]] = [list(range(width)) for _ in grid]
    for depth, row in enumerate(grid):
        for column in range(1, width):
            if row[column][0] or not any(below[column][0] for below in grid[depth + 1 :]):
                continue
            same_parent = depth == 0 or spans[depth - 1][column] == spans[depth - 1][column - 1]
            if (row[column - 1][0] or spans[depth][column - 1] != column - 1) and same_parent:
                spans[depth][column] = spans[depth][column - 1]
    return [
        [grid[depth][spans[depth][column]] for depth in range(len(grid)) if grid[depth][spans[depth][column]][0]]
        for column in range(width)
    ]


def telling_paths(paths: Sequence[Path]) -> tuple[Path, ...]:
    """Returns the paths without a last word that stands under most headers alike (决算数) and tells nothing."""
    leaves = Counter(path[-1] for path in paths if len(path) > 1)
    for leaf, times in leaves.items():
        heads = {path[:-1] for path in paths if len(path) > 1 and path[-1] == leaf}
        others = {path[:-1] for path in paths if len(path) > 1 and path[-1] != leaf}
        if leaf in _EMPTY_WORDS and times >= 3 and len(heads) == times and not heads & others:
            return tuple(path[:-1] if len(path) > 1 and path[-1] == leaf else path for path in paths)
    return tuple(paths)


def _header_word(text: str, vocabulary: frozenset[str]) -> str:
    word = header_words(text)
    return "" if _INDEX.match(word) and word not in vocabulary and word not in {"类", "款", "项"} else word


def match_columns(
    paths: Sequence[Path], columns: Mapping[str, ColumnType], start: int = 0, stop: int | None = None
) -> dict[int, str]:
    """Returns column position → schema key, each used once, within [start, stop).

    The longest matching path wins, then the leftmost; what is left is matched by likeness (truncated headers).
    """
    matched: dict[int, str] = {}
    positions = range(start, len(paths) if stop is None else stop)
    candidates = [
        (-_fit(paths[position], known), order, position, key)
        for order, (key, known) in enumerate(columns.items())
        for position in positions
    ]
    for score, _, position, key in sorted(candidates):
        if score < 0 and position not in matched and key not in matched.values():
            matched[position] = key
    for key, known in columns.items():
        if key in matched.values():
            continue
        close = [(-_likeness(paths[position], known), position) for position in positions if position not in matched]
        if close and min(close)[0] <= -80:
            matched[min(close)[1]] = key
    return matched | _plain_amount(paths, columns, matched, positions)


def _plain_amount(
    paths: Sequence[Path], columns: Mapping[str, ColumnType], matched: Mapping[int, str], positions: range
) -> dict[int, str]:
    """Returns the form's total where it stands under nothing but 预算数 or 2023年预算, and no other column does."""
    key = next((key for key in ("total", "amount") if key in columns), None)
    plain = [place for place in positions if place not in matched and paths[place] and paths[place][-1] in _PLAIN_HEADS]
    return {plain[0]: key} if key is not None and key not in matched.values() and len(plain) == 1 else {}


def _fit(path: Path, known: ColumnType) -> int:
    """Returns how well a column's header path fits: 0 for not at all, more for a longer and exact path."""
    best = 2 if known.kind == "code" and path and path[-1] == "类" else 0
    for wanted in known.paths:
        if wanted == ("",):
            best = max(best, 1 if not path else 0)
        elif path and wanted[-1] == path[-1] and _in_order(wanted, path):
            best = max(best, 10 * len(wanted) + (5 if len(wanted) == len(path) else 0))
        elif len(path) > 1 and path[-1] in {"小计", "合计"} and wanted[-1] == path[-2] and _in_order(wanted, path):
            best = max(best, 10 * len(wanted) - 4)
    return best


def _in_order(wanted: Path, path: Path) -> bool:
    rest = iter(path)
    return all(part in rest for part in wanted)


def _likeness(path: Path, known: ColumnType) -> float:
    if not path or len(path[-1]) < 3:
        return 0.0
    return max(fuzz.ratio(path[-1], wanted[-1]) for wanted in known.paths)


def place_panels(paths: Sequence[Path], known: TableType) -> dict[str, dict[int, str]]:
    """Returns for each panel of a form its column position → key, panels from left to right.

    A panel begins at the column that fits its first key and ends where the next begins.
    """
    starts: list[tuple[str, int]] = []
    position = 0
    for name, columns in known.panels.items():
        first_key = next(iter(columns))
        found = match_columns(paths, {first_key: columns[first_key]}, position)
        if not found:
            continue
        fits = [place for place in range(position, len(paths)) if _fit(paths[place], columns[first_key])]
        start = fits[0] if fits else min(found)
        starts.append((name, start))
        position = start + 1
    ends = [*[start for _, start in starts[1:]], len(paths)][: len(starts)]
    return {
        name: match_columns(paths, known.panels[name], start, end)
        for (name, start), end in zip(starts, ends, strict=True)
    }
