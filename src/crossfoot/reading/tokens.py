"""A line without tabs → its words between blanks, each with its span, and what they say: code, name, numerals, rest.

Nothing is decided here about columns; a line that does not have the order code, name, numerals, text is not a row.
"""

import re
from typing import NamedTuple

from crossfoot.figures import Line
from crossfoot.numerals import BLANK_MARKS, read_numeral
from crossfoot.reading.fields import Field, Fields

#: A code of the functional (201 …) or economic (301 …, 501 …) classification: 类, 款 or 项.
SUBJECT_CODE = re.compile(r"(?:2[0-3]\d|3[01]\d|399|50\d|51\d|599)(?:\d\d){0,2}")
_WORD = re.compile(r"\S+")
_CODE = re.compile(r"\d{3}(?:\d\d){0,4}|\d{6,}|\d{4}-\d{4,}")
_LONG_CODE = re.compile(r"(?:2[0-3]\d|3[01]\d|399|50\d|51\d|599)(?:\d\d){1,2}")
_CODE_PIECE = re.compile(r"\d{2}")
_GLUED_CODE = re.compile(r"(?:2[0-3]\d|3[01]\d|399|50\d|51\d|599)(?:\d\d){0,2}(?=[一-鿿])")
_GLUED_AMOUNT = re.compile(r"(?<=[一-鿿)）])-?\d[\d,]*\.\d+$")
_CUT_NUMERAL = re.compile(r"[\d,]+\.")
#: An amount among words, which then are more than one cell.
HAS_AMOUNT = re.compile(r"(?:^|\s)-?\d[\d,]*\.\d+(?:\s|$)")


class LinePieces(NamedTuple):
    """One line taken apart: the pieces of its code, its name, a second code and name, its numerals, and what follows.

    `is_whole` is False where the words cannot be told apart in this order.
    """

    codes: Fields
    name: Field | None
    second_codes: Fields
    second_name: Field | None
    numerals: Fields
    rest: Field | None
    is_whole: bool

    @property
    def is_anchor(self) -> bool:
        """Says whether the line has a code or numerals of its own, and not only words."""
        return bool(self.codes or self.numerals)


def words_of(line: Line) -> Fields:
    """Returns the words of a line; a code or an amount glued to a name, and one cut at its point, are mended."""
    found: list[Field] = []
    for match in _WORD.finditer(line.text):
        found += _unglued(Field(match[0], line.number, line.start + match.start(), line.start + match.end()))
    mended: list[Field] = []
    for word in found:
        if mended and _CUT_NUMERAL.fullmatch(mended[-1].text) and word.text.isdigit():
            mended[-1] = _spanned(line, mended[-1], word)
        else:
            mended.append(word)
    return tuple(mended)


def _unglued(word: Field) -> list[Field]:
    code = _GLUED_CODE.match(word.text)
    if code:
        first, second = _cut(word, code.end())
        return [first, *_unglued(second)]
    amount = _GLUED_AMOUNT.search(word.text)
    return list(_cut(word, amount.start())) if amount else [word]


def _cut(word: Field, at: int) -> tuple[Field, Field]:
    middle = word.start + at
    return Field(word.text[:at], word.line, word.start, middle), Field(word.text[at:], word.line, middle, word.end)


def _spanned(line: Line, first: Field, last: Field) -> Field:
    """Returns everything from the first word to the last as one field."""
    return Field(line.text[first.start - line.start : last.end - line.start], line.number, first.start, last.end)


def is_numeral(word: Field) -> bool:
    """Says whether a word is a numeral, a damaged one, or a mark that stands for nothing."""
    return word.text in BLANK_MARKS or read_numeral(word.text).legibility in {"printed", "illegible"}


def take_apart(line: Line) -> LinePieces:
    """Returns the line's pieces in the order code, name, second code, second name, numerals, rest."""
    words = words_of(line)
    codes = _leading_codes(words)
    place = len(codes)
    start = place
    while place < len(words) and not is_numeral(words[place]):
        place += 1
    name = _spanned(line, words[start], words[place - 1]) if place > start else None
    second_codes: Fields = ()
    second_name: Field | None = None
    if codes and name is not None:
        second_codes, after = _second_codes(words, place)
        if second_codes:
            start, place = place + len(second_codes), after
            second_name = _spanned(line, words[start], words[place - 1])
    numerals_from = place
    while place < len(words) and is_numeral(words[place]):
        place += 1
    rest = _spanned(line, words[place], words[-1]) if place < len(words) else None
    is_whole = bool(words) and (rest is None or (place > numerals_from and name is not None))
    is_whole = is_whole and not any(HAS_AMOUNT.search(part.text) for part in (name, second_name, rest) if part)
    if rest is not None and (is_numeral(words[-1]) or sum(map(is_numeral, words[place:])) > 1):
        is_whole = False  # further figures after words: another list, or another row
    if numerals_from < place and not codes and name is None and _LONG_CODE.fullmatch(words[numerals_from].text):
        is_whole = False  # a code before whole numbers cannot be told from an amount
    return LinePieces(codes, name, second_codes, second_name, words[numerals_from:place], rest, is_whole)


def _leading_codes(words: Fields) -> Fields:
    """Returns the code at the start of a line, its 类, 款 and 项 perhaps apart, if a name or amounts follow."""
    if not words or not _CODE.fullmatch(words[0].text):
        return ()
    pieces = 1
    if len(words[0].text) == 3:
        while pieces < min(3, len(words)) and _CODE_PIECE.fullmatch(words[pieces].text):
            pieces += 1
    after = words[pieces] if pieces < len(words) else None
    if after is not None and is_numeral(after) and not _is_amount_after_code(words[0], words[pieces:]):
        return ()
    return words[:pieces]


def _is_amount_after_code(code: Field, others: Fields) -> bool:
    """Says whether a word before amounts only is a code: a subject's, and one of the amounts has decimals."""
    return bool(SUBJECT_CODE.fullmatch(code.text)) and any("." in word.text for word in others if is_numeral(word))


def _second_codes(words: Fields, place: int) -> tuple[Fields, int]:
    """Returns a second code and where the words after it end; without a name and numerals after it there is none."""
    if place >= len(words) or not re.fullmatch(r"\d{3}(?:\d\d)?", words[place].text):
        return (), place
    start = place + 1
    if len(words[place].text) == 3 and start < len(words) and _CODE_PIECE.fullmatch(words[start].text):
        start += 1
    end = start
    while end < len(words) and not is_numeral(words[end]):
        end += 1
    return (words[place:start], end) if end > start else ((), place)


def width_of(text: str) -> int:
    """Returns how many half-width places the text takes."""
    return sum(1 if character.isascii() else 2 for character in text if not character.isspace())
