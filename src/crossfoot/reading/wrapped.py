"""Rows that a line break cut in the middle of a cell → whole rows.

Only what can be nothing else is joined: the two lines together have the table's width, they follow one another
directly, and the glued cell is a known header, or a name between a code and its amounts.
"""

import re
from collections import Counter
from collections.abc import Sequence

from crossfoot.labels import header_words, label_of
from crossfoot.numerals import read_numeral
from crossfoot.reading.fields import Field, Fields, is_illegible

_LONGEST_NAME = 40
#: What the rest of a cell does not begin with, or hold between blanks: the number of a row, and a figure.
_STARTS_A_ROW = re.compile(
    r"^[(（]?(?:\d{1,3}|[一二三四五六七八九十]{1,3})[)）、.．\s]|(?:^|\s)-?\d[\d,]*(?:\.\d+)?%?(?:\s|$)"
)


def join_wrapped(rows: Sequence[Fields], vocabulary: frozenset[str], *, with_data: bool) -> list[Fields]:
    """Returns the rows with cut ones joined; `with_data` also where the cut went through a row's name."""
    if len(rows) < 2:
        return list(rows)
    width = Counter(map(len, rows)).most_common(1)[0][0]
    joined: list[Fields] = [rows[0]]
    last_line = rows[0][-1].line
    for row in rows[1:]:
        if row[0].line == last_line + 1 and _continues(joined[-1], row, width, (vocabulary, with_data)):
            joined[-1] = _glued(joined[-1], row)
        else:
            joined.append(row)
        last_line = row[-1].line
    return joined


def _continues(before: Fields, row: Fields, width: int, how: tuple[frozenset[str], bool]) -> bool:
    vocabulary, with_data = how
    last, first = before[-1], row[0]
    fits = len(before) + len(row) - 1 == width and len(before) < width
    if with_data and fits and not first.text and _is_cut_before_amounts(before, row):
        return True
    if not last.text or not first.text or _is_number(first.text) or _is_number(last.text) or is_illegible(row):
        return False
    if is_illegible(before) or label_of(first.text).style != "none":
        return False
    trails = len(row) == 1 and len(before) == width and not _STARTS_A_ROW.search(first.text)
    if not (fits or trails):
        return False
    if header_words(last.text + first.text) in vocabulary:
        return True
    return with_data and (trails or _is_cut_name(before, row))


def _is_cut_before_amounts(before: Fields, row: Fields) -> bool:
    """Says whether the first line ends after a row's name, and the second has nothing but its amounts."""
    key, amounts = [field.text for field in before[1:]], [field.text for field in row if field.text]
    has_key = bool(key) and all(key) and not any(map(_is_number, key))
    return has_key and bool(amounts) and all(map(_is_number, amounts))


def _is_cut_name(before: Fields, row: Fields) -> bool:
    """Says whether the first line ends in a row's name, and the second goes on with it and has the amounts."""
    ends_open = len(before[-1].text) <= _LONGEST_NAME and before[-1].text[-1] not in "。；;.）)"
    only_key = not any(_is_number(field.text) for field in before[1:])
    return ends_open and only_key and any(_is_number(field.text) for field in row[1:])


def _is_number(text: str) -> bool:
    return bool(text) and read_numeral(text).value is not None


def _glued(before: Fields, row: Fields) -> Fields:
    last, first = before[-1], row[0]
    whole = Field(last.text + first.text, last.line, last.start, first.end, last.indent)
    return (*before[:-1], whole, *row[1:])
