"""Header lines without tabs + table type → the table's columns from left to right, if there is one way to read them.

The words of a header may be run together or blanks stand inside them; they are told apart by the form's own words.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import islice
from typing import NamedTuple

from crossfoot.figures import Line
from crossfoot.labels import words
from crossfoot.reading.headers import GENERAL_HEADERS, Path, is_index_word
from crossfoot.reading.tokens import is_numeral, words_of
from crossfoot.tabletypes import TableType

#: Words that stand above several columns and name none.
_GROUPS = frozenset(
    """
    项目 科目 收入 支出 功能分类科目 经济分类科目 支出功能分类科目 资金来源 金额 预算数 决算数
    科目编码 功能分类科目编码 部门预算经济分类 政府预算经济分类
    """.split()
)
_SPLIT_CODE = ("类", "款", "项")
_SENTENCE = re.compile(r"[。；，]")
_NOISE = re.compile(r"\d{4}年度?|\((?:单位[::]?)?(?:亿元|百万元|万元|千元|元|%)\)")
_MOST_READINGS = 40
Position = tuple[int, ...]
_TOTALS = frozenset({"合计", "总计", "小计"})


class HeadColumn(NamedTuple):
    """One column of a header: its schema key and the words above it, outermost first."""

    key: str
    path: Path


def is_header_line(line: Line, vocabulary: frozenset[str], *, first: bool = True) -> bool:
    """Says whether a line consists of header words, or numbers the columns; `first` ones need two words."""
    if _SENTENCE.search(line.text):
        return False
    if any(is_numeral(word) and not is_index_word(word.text) for word in words_of(line)):
        return False
    said = _said(line)
    if not said:
        return _is_index_line(line)
    told = told_apart(said, _with_general(vocabulary))
    if told is None or (len(told) == 1 and (first or told[0] in _TOTALS)):
        return False
    return not all(word in _TOTALS for word in told)


def told_apart(said: str, vocabulary: frozenset[str]) -> tuple[str, ...] | None:
    """Returns the fewest words of the vocabulary that make up the text, or None if none do."""
    return _told_apart(said, vocabulary)


@lru_cache(maxsize=4096)
def _told_apart(said: str, vocabulary: frozenset[str]) -> tuple[str, ...] | None:
    longest = _longest(vocabulary)
    best: list[tuple[str, ...] | None] = [()]
    reached = 0
    for end in range(1, len(said) + 1):
        if end - reached > longest:
            return None
        ways = [
            (*before, said[start:end])
            for start in range(max(0, end - longest), end)
            if (before := best[start]) is not None and said[start:end] in vocabulary
        ]
        best.append(min(ways, key=len) if ways else None)
        reached = end if ways else reached
    return best[-1]


@lru_cache(maxsize=64)
def _longest(vocabulary: frozenset[str]) -> int:
    return max(map(len, vocabulary), default=0)


@lru_cache(maxsize=64)
def _with_general(vocabulary: frozenset[str]) -> frozenset[str]:
    return vocabulary | GENERAL_HEADERS


def _said(line: Line) -> str:
    """Returns a header line's words without blanks, years, units and column numbers."""
    kept = [word.text for word in words_of(line) if not is_index_word(word.text) and not is_numeral(word)]
    return _NOISE.sub("", words("".join(kept)))


def _is_index_line(line: Line) -> bool:
    texts = [word.text for word in words_of(line)]
    return len(texts) > 1 and all(is_index_word(text) for text in texts) and not any("." in text for text in texts)


def columns_of(lines: Sequence[Line], known: TableType) -> tuple[HeadColumn, ...] | None:
    """Returns the form's columns that the header lines name, in their order; None if not all words are explained.

    The form's own order is tried; a header on one line may have any order. Of several ways the one with the most
    columns is right, if it is one.
    """
    vocabulary = _vocabulary(known)
    said = [text for line in lines if (text := _said(line))]
    told = [told_apart(text, vocabulary) for text in said]
    rows = [row for row in told if row is not None]
    if not rows or len(rows) < len(said):
        return None
    specs = _specs(known, rows)
    found = list(islice(_Walk(rows, specs).columns(), _MOST_READINGS))
    if not found and len(rows) == 1:
        found = list(_any_order(rows[0], specs))
    most = [columns for columns in found if len(columns) == max(map(len, found))]
    keys = {tuple(column.key for column in columns) for columns in most}
    return most[0] if len(keys) == 1 else None


def _vocabulary(known: TableType) -> frozenset[str]:
    parts = {part for column in known.columns.values() for path in column.paths for part in path if part}
    return frozenset(parts) | _GROUPS | frozenset(_SPLIT_CODE)


def _specs(known: TableType, rows: Sequence[Sequence[str]]) -> dict[str, tuple[Path, ...]]:
    """Returns the header paths of each column; a code that the header splits over 类, 款 and 项 is three columns."""
    specs = {key: column.paths for key, column in known.columns.items()}
    split = [word for word in _SPLIT_CODE if any(word in row for row in rows)]
    if len(split) < 2 or "class" in specs or "code" not in specs:
        return specs
    pieces = {key: ((word,),) for key, word in zip(("class", "division", "item"), split, strict=False)}
    return pieces | {key: paths for key, paths in specs.items() if key != "code"}


def _any_order(row: Sequence[str], specs: Mapping[str, tuple[Path, ...]]) -> Iterator[tuple[HeadColumn, ...]]:
    """Yields the columns of a one-line header, if each word is one column's and no other's."""
    named = [[key for key, paths in specs.items() if (word,) in paths] for word in row]
    keys = [keys[0] for keys in named if len(keys) == 1]
    if len(keys) == len(row) == len(set(keys)):
        yield tuple(HeadColumn(key, (word,)) for key, word in zip(keys, row, strict=True))


class _Walk:
    """Every way to go through a form's columns and the header lines at once, all words used in their order."""

    def __init__(self, rows: Sequence[Sequence[str]], specs: Mapping[str, tuple[Path, ...]]) -> None:
        self.rows = rows
        self.specs = list(specs.items())
        self.dead: set[tuple[int, Position, Path]] = set()

    def columns(self) -> Iterator[tuple[HeadColumn, ...]]:
        """Yields the columns of each way."""
        yield from self._from(0, (0,) * len(self.rows), ())

    def _from(self, place: int, at: Position, above: Path) -> Iterator[tuple[HeadColumn, ...]]:
        if all(position == len(row) for position, row in zip(at, self.rows, strict=True)):
            yield ()
            return
        if (place, at, above) in self.dead:
            return
        is_dead = True
        for columns in self._steps(place, at, above):
            is_dead = False
            yield columns
        if is_dead:
            self.dead.add((place, at, above))

    def _steps(self, place: int, at: Position, above: Path) -> Iterator[tuple[HeadColumn, ...]]:
        for row in range(len(self.rows) - 1):
            if at[row] < len(self.rows[row]) and self.rows[row][at[row]] in _GROUPS:
                yield from self._from(place, _advanced(at, row), above)
        if place == len(self.specs):
            return
        key, paths = self.specs[place]
        for path in dict.fromkeys(paths):
            for after in self._taken(at, path, above):
                for rest in self._from(place + 1, after, path[:-1]):
                    yield (HeadColumn(key, path), *rest)
        yield from self._from(place + 1, at, above)

    def _taken(self, at: Position, path: Path, above: Path) -> Iterator[Position]:
        """Yields the positions after a column's words were taken; a group that is open is not said again."""
        shared = 0
        while shared < min(len(above), len(path) - 1) and above[shared] == path[shared]:
            shared += 1
        yield from self._take(path[shared:], at, 0)

    def _take(self, parts: Path, at: Position, lowest: int) -> Iterator[Position]:
        if not parts:
            yield at
            return
        for row in range(lowest, len(self.rows)):
            if at[row] < len(self.rows[row]) and self.rows[row][at[row]] == parts[0]:
                yield from self._take(parts[1:], _advanced(at, row), row + 1)


def _advanced(at: Position, row: int) -> Position:
    return (*at[:row], at[row] + 1, *at[row + 1 :])
