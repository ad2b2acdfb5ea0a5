"""What moves the columns of a table and changes no cell's text: two columns exchanged, long names wrapped.

Each function takes a degraded text, a rate and dice, and returns it moved, as in `layout`.
"""

import random
import re
from collections.abc import Sequence

from crossfoot.evaluation.damages import Degraded, Line
from crossfoot.evaluation.places import is_row, tables

_HAN = re.compile(r"[\u4e00-\u9fff]")
_UNCUT = re.compile(r"[0-9A-Za-z.,%]{2}")
_DIGIT = re.compile(r"\d")
#: A column is this many characters wide, at least and at most, where names are wrapped; longer texts are no names.
_NARROWEST, _WIDEST, _LONGEST_NAME = 7, 12, 40


def shuffled_columns(text: Degraded, rate: float, dice: random.Random) -> Degraded:
    """Returns the text with two columns exchanged in a share of the tables where that is well defined.

    That is where every row has the same number of fields under one header line whose names are all printed and all
    different: with merged or repeated names a column means what its neighbours say.
    """
    lines = list(text.lines)
    for table in tables([line.text for line in lines]):
        hit, first, second = dice.random(), dice.random(), dice.random()
        rows = [lines[position].text.split("\t") for position in table]
        if hit < rate and _is_plain(rows):
            one = int(first * len(rows[0]))
            other = (one + 1 + int(second * (len(rows[0]) - 1))) % len(rows[0])
            for position, cells in zip(table, rows, strict=True):
                cells[one], cells[other] = cells[other], cells[one]
                lines[position] = lines[position]._replace(text="\t".join(cells))
    return text._replace(lines=tuple(lines))


def _is_plain(rows: Sequence[Sequence[str]]) -> bool:
    names = [name.strip() for name in rows[0]]
    is_header = all(names) and len(set(names)) == len(names) and not any(_DIGIT.search(name) for name in names)
    return is_header and len(names) > 1 and all(len(cells) == len(names) for cells in rows)


def wrapped_cells(text: Degraded, rate: float, dice: random.Random) -> Degraded:
    """Returns the text with long names of a share of the rows going on on the following lines, as in narrow columns.

    By table, the rest stands in its column, or at the start of the line, or the row itself goes on behind it.
    """
    texts = [line.text for line in text.lines]
    changed: dict[int, list[str]] = {}
    for table in tables(texts):
        width = _NARROWEST + int(dice.random() * (_WIDEST - _NARROWEST + 1))
        wrapped = (_in_its_column, _at_the_start, _within)[int(dice.random() * 3)]
        for position in table:
            if dice.random() < rate and is_row(texts[position]):
                changed[position] = wrapped([_pieces(cell, width) for cell in texts[position].split("\t")])
    lines = [
        Line(line.numbers, part)
        for position, line in enumerate(text.lines)
        for part in changed.get(position, [line.text])
    ]
    return text._replace(lines=tuple(lines))


def _in_its_column(cells: Sequence[Sequence[str]]) -> list[str]:
    height = max(len(pieces) for pieces in cells)
    rows = ["\t".join(pieces[row] if row < len(pieces) else "" for pieces in cells) for row in range(height)]
    return [rows[0], *(row.rstrip("\t") for row in rows[1:])]


def _at_the_start(cells: Sequence[Sequence[str]]) -> list[str]:
    first, *rest = _in_its_column(cells)
    return [first, *(row.strip("\t") for row in rest)]


def _within(cells: Sequence[Sequence[str]]) -> list[str]:
    return "\t".join("\n".join(pieces) for pieces in cells).split("\n")


def _pieces(cell: str, width: int) -> list[str]:
    """Returns a name in pieces of at most a width; no numeral is cut, and what is no long name stays whole."""
    if not width < len(cell) <= _LONGEST_NAME or len(_HAN.findall(cell)) * 2 < len(cell):
        return [cell]
    found: list[str] = []
    rest = cell
    while len(rest) > width:
        cut = next((end for end in range(width, 0, -1) if not _UNCUT.fullmatch(rest[end - 1 : end + 1])), len(rest))
        found.append(rest[:cut])
        rest = rest[cut:]
    return [*found, rest] if rest else found
