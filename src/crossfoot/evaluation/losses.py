"""Damage to whole lines: illegible, gone, or there twice.

Each function takes the lines, a rate and dice, and returns the damages; as in `glyphs`, what is damaged at a lower rate
is damaged at a higher one too.
"""

import random
from collections.abc import Iterable, Sequence

from crossfoot.evaluation.damages import Damage, Trace
from crossfoot.evaluation.places import UNIT_LINE, has_content, tables

_SHORTEST_BLOCK, _LONGEST_BLOCK = 2, 8
#: The share of illegible places that are a whole table.
_WHOLE_SHARE = 0.25


def illegible_blocks(lines: Sequence[str], rate: float, dice: random.Random) -> list[Damage]:
    """Returns, in a share of the tables, 2 to 8 lines or all of them that cannot be read."""
    found: list[Damage] = []
    for table in tables(lines):
        hit, whole, length, place = dice.random(), dice.random(), dice.random(), dice.random()
        if hit < rate:
            count = _SHORTEST_BLOCK + int(length * (_LONGEST_BLOCK - _SHORTEST_BLOCK + 1))
            if whole >= _WHOLE_SHARE and count < len(table):
                first = table.start + int(place * (len(table) - count + 1))
                found += _whole("illegible_blocks", lines, range(first, first + count), "marked")
            else:
                found += _whole("illegible_blocks", lines, table, "marked")
    return found


def dropped_lines(lines: Sequence[str], rate: float, dice: random.Random) -> list[Damage]:
    """Returns rows and sentences with numerals that are gone."""
    return _whole("dropped_lines", lines, _hit(lines, rate, dice), "gone")


def duplicated_lines(lines: Sequence[str], rate: float, dice: random.Random) -> list[Damage]:
    """Returns rows and sentences with numerals that stand there twice."""
    return _whole("duplicated_lines", lines, _hit(lines, rate, dice), "again")


def unit_line_removed(lines: Sequence[str], rate: float, dice: random.Random) -> list[Damage]:
    """Returns lines that say the unit of a table and are gone."""
    units = [position for position, line in enumerate(lines) if UNIT_LINE.fullmatch(line)]
    return _whole("unit_line_removed", lines, [position for position in units if dice.random() < rate], "gone")


def _hit(lines: Sequence[str], rate: float, dice: random.Random) -> list[int]:
    return [position for position, line in enumerate(lines) if has_content(line) and dice.random() < rate]


def _whole(kind: str, lines: Sequence[str], positions: Iterable[int], trace: Trace) -> list[Damage]:
    after = "" if trace != "again" else None
    return [
        Damage(kind, position + 1, 0, lines[position], lines[position] if after is None else after, trace)
        for position in positions
    ]
