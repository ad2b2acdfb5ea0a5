"""What a model is shown of a table: numbered records under named columns, and how its answer is laid on them again.

Where a record still has its separators, the source says which cell stands where; the answer must have all of its
cells, in their order, and no other. Where they are lost, the pieces must stand in the record in their order and use
it up.
"""

import re
from collections.abc import Sequence
from typing import NamedTuple

from crossfoot.figures import Line
from crossfoot.labels import words
from crossfoot.numerals import narrow
from crossfoot.reading.fields import Field, Fields
from crossfoot.reading.tokens import is_numeral

#: Signs that structure the answer or the conversation (`<|im_end|>`, `</s>`, `[INST]`), and what is shown instead.
_SHOWN = str.maketrans(
    {"|": "¦", "｜": "¦", '"': "”", "\\": "＼", "\t": " ", "<": "＜", ">": "＞", "[": "［", "]": "］"}
)
_DIGIT = re.compile(r"\d")
#: Where a code or an amount is glued to a name.
_GLUED = re.compile(r"[0-9][一-鿿]|[一-鿿）)][0-9]")
_COMMA = re.compile(r"(?<=\d)[,，]\s?(?=\d{3})")
_SPACES = re.compile(r"\s+")


class Record(NamedTuple):
    """One record of a table: the number of its first line and its fields; `lost` if they are only pieces of text."""

    number: int
    fields: Fields
    lost: bool = False

    @property
    def shown(self) -> str:
        """Returns the record as it is shown: `L12|210|卫生健康支出||657.63`, blanks at its end left out."""
        between = " " if self.lost else "|"
        cells = between.join(shown_text(field.text) for field in self.fields)
        return f"L{self.number}|{cells.rstrip('| ')}"


class Sheet(NamedTuple):
    """Records that share their columns: printed heads and schema keys by position."""

    title: str
    heads: tuple[str, ...]
    keys: tuple[str, ...]
    records: tuple[Record, ...]

    @property
    def is_lost(self) -> bool:
        """Says whether the columns of the records are lost."""
        return any(record.lost for record in self.records)


class Laid(NamedTuple):
    """An answer laid on its record: the source's fields by position, and what is wrong with the answer."""

    fields: Fields
    problems: tuple[str, ...]


def shown_text(text: str) -> str:
    """Returns a text as a model may see it: nothing in it ends an answer, a message or a turn."""
    return _SPACES.sub(" ", text.translate(_SHOWN)).strip()


def whole_line(line: Line) -> Field:
    """Returns a line as one field, blanks around it left out."""
    text = line.text.strip()
    start = line.start + len(line.text) - len(line.text.lstrip())
    return Field(text, line.number, start, start + len(text))


def lay(record: Record, pieces: Sequence[str]) -> Laid:
    """Returns the pieces of an answer laid on their record; only what stands there becomes a field.

    An answer that is all blank where the record is not, or has a zero that is not printed, fails like any other.
    """
    return _lay_lost(record, pieces) if record.lost else _lay_columns(record, pieces)


def same(printed: str, piece: str) -> bool:
    """Says whether a piece is the printed text: digit for digit, thousands commas and widths of signs aside."""
    wanted, given = words(shown_text(printed)), words(shown_text(piece))
    return given in {wanted, words(printed)} or (
        bool(_DIGIT.search(wanted)) and _COMMA.sub("", wanted) == _COMMA.sub("", given)
    )


def _lay_columns(record: Record, pieces: Sequence[str]) -> Laid:
    """Lays pieces on a record with columns: which cell stands where is the source's to say, not the answer's.

    A small model drops a blank at the beginning or puts an amount under the next head; that moves no cell, for the
    separators stand in the source. Only pieces in the source's own order count, by the longest run they share.
    """
    given = [piece.strip() for piece in pieces if piece.strip()]
    printed = [place for place, field in enumerate(record.fields) if field.text]
    pairs = _shared([record.fields[place].text for place in printed], given)
    kept = {printed[first] for first, _ in pairs}
    problems = [f"{record.fields[place].text!r} was dropped" for place in printed if place not in kept]
    matched = {second for _, second in pairs}
    problems += [f"{piece!r} does not stand there" for place, piece in enumerate(given) if place not in matched]
    laid = tuple(
        field if place in kept or not field.text else Field("", field.line, field.start, field.start)
        for place, field in enumerate(record.fields)
    )
    return Laid(laid, tuple(problems))


def _shared(printed: Sequence[str], given: Sequence[str]) -> list[tuple[int, int]]:
    """Returns the longest common subsequence of printed texts and pieces, as pairs of their places."""
    longest = [[0] * (len(given) + 1) for _ in range(len(printed) + 1)]
    for i in range(len(printed) - 1, -1, -1):
        for j in range(len(given) - 1, -1, -1):
            fits = same(printed[i], given[j])
            longest[i][j] = longest[i + 1][j + 1] + 1 if fits else max(longest[i + 1][j], longest[i][j + 1])
    pairs: list[tuple[int, int]] = []
    i = j = 0
    while i < len(printed) and j < len(given):
        if same(printed[i], given[j]) and longest[i][j] == longest[i + 1][j + 1] + 1:
            pairs.append((i, j))
            i, j = i + 1, j + 1
        elif longest[i + 1][j] >= longest[i][j + 1]:
            i += 1
        else:
            j += 1
    return pairs


def _lay_lost(record: Record, pieces: Sequence[str]) -> Laid:
    """Lays pieces on a record without columns: each must follow the one before it, and nothing may be left over.

    All or nothing: half a record could foot as well as a whole one.
    """
    text, offsets, starts = _run_of(record)
    laid: list[Field] = []
    problems: list[str] = []
    at = 0
    for piece in pieces:
        wanted = _bare(piece)
        if not wanted:
            continue
        start = _place_of(text, wanted, at, starts)
        if start < 0:
            problems.append(f"{piece.strip()!r} does not stand there")
            continue
        if _bare(text[at:start]):
            problems.append(f"{text[at:start]!r} was dropped")
        at = start + len(wanted)
        if _is_several_cells(record, offsets[start][0], offsets[at - 1][0]):
            problems.append(f"{piece.strip()!r} is not one cell")
            continue
        laid.append(_field_at(record, offsets, start, at))
    if text[at:]:
        problems.append(f"{text[at:]!r} was dropped")
    return Laid(() if problems else tuple(laid), tuple(problems))


def _is_several_cells(record: Record, first: int, last: int) -> bool:
    """Says whether a piece over these fields holds a numeral and something else: a small model copies whole records."""
    return first < last and any(is_numeral(field) for field in record.fields[first : last + 1])


def _bare(text: str) -> str:
    return "".join(shown_text(text).split())


def _run_of(record: Record) -> tuple[str, list[tuple[int, int]], frozenset[int]]:
    """Returns the record's characters without blanks, where each stands (field, place), and where words start."""
    characters: list[str] = []
    offsets: list[tuple[int, int]] = []
    starts: set[int] = set()
    for order, field in enumerate(record.fields):
        after_blank = True
        for place, character in enumerate(field.text):
            if not character.isspace():
                if after_blank:
                    starts.add(len(characters))
                characters.append(character.translate(_SHOWN))
                offsets.append((order, place))
            after_blank = character.isspace()
    return "".join(characters), offsets, frozenset((*starts, len(characters)))


def _place_of(text: str, wanted: str, at: int, starts: frozenset[int]) -> int:
    """Returns where the wanted characters follow, never cut out of a printed word; −1 if nowhere."""
    start = text.find(wanted, at)
    while start >= 0:
        stop = start + len(wanted)
        if all(place in starts or _may_be_cut(text, place) for place in (start, stop)):
            return start
        start = text.find(wanted, start + 1)
    return -1


def _may_be_cut(text: str, place: int) -> bool:
    """Says whether a word may be cut here: a code or amount glued to Chinese words, never a sign, damage or a part."""
    return bool(_GLUED.fullmatch(narrow(text[place - 1 : place + 1])))


def _field_at(record: Record, offsets: Sequence[tuple[int, int]], start: int, stop: int) -> Field:
    """Returns the source's text between two places of the run; fields of several lines are joined."""
    first, last = offsets[start], offsets[stop - 1]
    head, tail = record.fields[first[0]], record.fields[last[0]]
    if first[0] == last[0] and first[1] == 0 and last[1] == len(head.text) - 1:
        return head
    if first[0] == last[0]:
        text = head.text[first[1] : last[1] + 1]
    else:
        middle = (field.text for field in record.fields[first[0] + 1 : last[0]])
        text = "".join([head.text[first[1] :], *middle, tail.text[: last[1] + 1]])
    return Field(text, head.line, head.start + first[1], tail.start + last[1] + 1)
