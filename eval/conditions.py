"""What can happen to a table's text before it reaches us, as small pure functions with a seed.

Knows nothing of crossfoot. Lines carry the number that they have in the undamaged document, so that a cell can be
found again wherever it went. `printed` is what a faithful reader may find on each line.
"""

import random
import re
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

_NUMERAL = re.compile(r"\d(?:[\d,.]*\d)?")
_TABS = re.compile(r"\t+")
_TEXT = re.compile(r"[^\d\s,.%-]")
_LONGEST_NAME = 12
_DAMAGED_SHARE = 0.05
_LOOKALIKES = {"0": "O", "1": "l"}
_MASK = "□"


class Line(NamedTuple):
    """A line and the number that it, or the line it was cut from, has in the original."""

    number: int
    text: str


class Changed(NamedTuple):
    """The lines as a reader gets them, and by number the text that is truly printed there."""

    lines: tuple[Line, ...]
    printed: Mapping[int, str]


Condition = Callable[[Sequence[Line], frozenset[int], int], Changed]


def as_it_is(lines: Sequence[Line], rows: frozenset[int], seed: int) -> Changed:
    """Returns the lines unchanged."""
    del rows, seed
    return Changed(tuple(lines), _by_number(lines))


def lost_tabs(lines: Sequence[Line], rows: frozenset[int], seed: int) -> Changed:
    """Returns the lines without tabs: a run of them is one or two blanks, so that empty cells leave no trace.

    Of a text cell longer than twelve characters the rest stands on the following lines, as in narrow columns.
    """
    del rows
    chance = random.Random(f"lost {seed}")
    changed = [Line(line.number, text) for line in lines for text in _without_tabs(line.text, chance)]
    return Changed(tuple(changed), _by_number(lines))


def damaged_digits(lines: Sequence[Line], rows: frozenset[int], seed: int) -> Changed:
    """Returns the lines with one digit damaged in about every twentieth numeral of the `rows`, in one at least.

    0 becomes O, 1 becomes l, any other digit a box; no character moves.
    """
    places = [
        (order, match.start(), match.end())
        for order, line in enumerate(lines)
        if line.number in rows
        for match in _NUMERAL.finditer(line.text)
    ]
    chance = random.Random(f"damaged {seed} {lines[0].number}")
    number = min(len(places), max(1, round(_DAMAGED_SHARE * len(places))))
    texts = [line.text for line in lines]
    for order, start, end in chance.sample(places, number):
        at = chance.choice([place for place in range(start, end) if texts[order][place].isdigit()])
        sign = _LOOKALIKES.get(texts[order][at], _MASK)
        texts[order] = texts[order][:at] + sign + texts[order][at + 1 :]
    changed = tuple(Line(line.number, text) for line, text in zip(lines, texts, strict=True))
    return Changed(changed, _by_number(changed))


CONDITIONS: Mapping[str, Condition] = {"as it is": as_it_is, "lost tabs": lost_tabs, "damaged digits": damaged_digits}


def _by_number(lines: Sequence[Line]) -> dict[int, str]:
    return {line.number: line.text for line in lines}


def _without_tabs(text: str, chance: random.Random) -> list[str]:
    """Returns the line that a line with tabs becomes, and those that its long names go on in."""
    if "\t" not in text:
        return [text]
    cells = [_pieces(cell.strip()) for cell in _TABS.split(text) if cell.strip()]
    found: list[str] = []
    for depth in range(max((len(cell) for cell in cells), default=1)):
        row = ""
        for cell in cells:
            if depth < len(cell):
                row += (" " * chance.randint(1, 2) if row else "") + cell[depth]
        found.append(row)
    return found


def _pieces(cell: str) -> list[str]:
    if not _TEXT.search(cell):
        return [cell]
    return [cell[start : start + _LONGEST_NAME].strip() for start in range(0, len(cell), _LONGEST_NAME)]
