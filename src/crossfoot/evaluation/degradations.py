"""What can happen to a document's text before it reaches us: small pure functions with seeds and levels.

`eval/cases/degradations.md` says what the levels are calibrated to. Nothing here knows how texts are read.
"""

import hashlib
import random
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from crossfoot.evaluation.chance import dice_for
from crossfoot.evaluation.columns import shuffled_columns, wrapped_cells
from crossfoot.evaluation.damages import Damage, Degraded, Line, damaged, undamaged
from crossfoot.evaluation.glyphs import lost_points, masked_digits, ocr_confusions
from crossfoot.evaluation.layout import dropped_tabs, fused_rows, page_breaks, tabs_to_spaces
from crossfoot.evaluation.losses import dropped_lines, duplicated_lines, illegible_blocks, unit_line_removed
from crossfoot.evaluation.mixture import bad_scan

#: A rate for each level from 1 to 4.
Rates = tuple[float, float, float, float]
LEVELS = range(5)

_Damaging = Callable[[Sequence[str], float, random.Random], list[Damage]]
_Moving = Callable[[Degraded, float, random.Random], Degraded]
_Mixing = Callable[[str, Mapping[str, float], random.Random], Degraded]


class Degradation(NamedTuple):
    """A degradation: what it does in a sentence, its rates by what they are a share of, and its function."""

    sentence: str
    rates: Mapping[str, Rates]
    function: _Mixing


def degrade(text: str, name: str, level: int, seed: int) -> Degraded:
    """Returns the text with a degradation at a level (0 for none); the same for the same arguments.

    Raises ValueError for a level that there is not, KeyError for a degradation that there is not.
    """
    if level not in LEVELS:
        raise ValueError(f"There is no level {level}; levels are 0 to {LEVELS[-1]}.")
    if level == 0 or name == "none":
        return undamaged(text)
    degradation = DEGRADATIONS[name]
    rates = {of: by_level[level - 1] for of, by_level in degradation.rates.items()}
    dice = dice_for(name, seed, hashlib.sha256(text.encode()).hexdigest())  # no two texts roll alike
    if "\r\n" not in text:
        return degradation.function(text, rates, dice)
    result = degradation.function(text.replace("\r\n", "\n"), rates, dice)
    *lines, last = result.lines
    return result._replace(lines=(*(Line(line.numbers, f"{line.text}\r") for line in lines), last))


def _damaging(function: _Damaging) -> _Mixing:
    def done(text: str, rates: Mapping[str, float], dice: random.Random) -> Degraded:
        (rate,) = rates.values()
        return damaged(text, function(text.split("\n"), rate, dice))

    return done


def _moving(function: _Moving) -> _Mixing:
    def done(text: str, rates: Mapping[str, float], dice: random.Random) -> Degraded:
        (rate,) = rates.values()
        return function(undamaged(text), rate, dice)

    return done


_BAD_SCAN: Mapping[str, Rates] = {
    "illegible_blocks": (0.05, 0.08, 0.12, 0.20),
    "ocr_confusions": (0.0005, 0.0035, 0.014, 0.035),
    "masked_digits": (0.0002, 0.0015, 0.006, 0.015),
    "lost_points": (0.005, 0.01, 0.03, 0.08),
    "page_breaks": (0.006, 0.03, 0.05, 0.10),
    "wrapped_cells": (0.02, 0.10, 0.25, 0.50),
    "tabs_to_spaces": (0.05, 0.15, 0.35, 0.70),
}

DEGRADATIONS: Mapping[str, Degradation] = {
    "tabs_to_spaces": Degradation(
        "Tabs of a table are one or two blanks; blank cells leave no trace.",
        {"tables": (0.05, 0.25, 0.50, 1.0)},
        _moving(tabs_to_spaces),
    ),
    "wrapped_cells": Degradation(
        "Long names go on on the following lines.", {"rows": (0.02, 0.10, 0.30, 1.0)}, _moving(wrapped_cells)
    ),
    "dropped_tabs": Degradation(
        "Single tabs are a blank, so that the row slides to the left.",
        {"tabs": (0.007, 0.015, 0.03, 0.08)},
        _moving(dropped_tabs),
    ),
    "ocr_confusions": Degradation(
        "Digits are letters or other digits, characters of table cells others that look alike.",
        {"digits": (0.0005, 0.005, 0.02, 0.05)},
        _damaging(ocr_confusions),
    ),
    "masked_digits": Degradation(
        "Digits are a box, a question mark or an asterisk.",
        {"digits": (0.0002, 0.005, 0.02, 0.05)},
        _damaging(masked_digits),
    ),
    "lost_points": Degradation(
        "Decimal points are lost, or a comma or a blank.",
        {"points": (0.005, 0.01, 0.04, 0.10)},
        _damaging(lost_points),
    ),
    "illegible_blocks": Degradation(
        "Two to eight lines of a table, or all of it, are one `[illegible]`.",
        {"tables": (0.05, 0.15, 0.30, 0.60)},
        _damaging(illegible_blocks),
    ),
    "dropped_lines": Degradation(
        "Rows and sentences with numerals are gone.",
        {"lines": (0.002, 0.01, 0.03, 0.08)},
        _damaging(dropped_lines),
    ),
    "duplicated_lines": Degradation(
        "Rows and sentences with numerals stand there twice.",
        {"lines": (0.002, 0.01, 0.03, 0.08)},
        _damaging(duplicated_lines),
    ),
    "shuffled_columns": Degradation(
        "Two columns of a table are exchanged, names and all.",
        {"tables": (0.10, 0.25, 0.50, 1.0)},
        _moving(shuffled_columns),
    ),
    "page_breaks": Degradation(
        "Pages end inside tables: a page number and the header again.",
        {"rows": (0.006, 0.03, 0.05, 0.10)},
        _moving(page_breaks),
    ),
    "fused_rows": Degradation(
        "Two neighbouring rows stand on one line.", {"rows": (0.002, 0.01, 0.03, 0.08)}, _moving(fused_rows)
    ),
    "unit_line_removed": Degradation(
        "Lines that say the unit are gone.", {"unit lines": (0.05, 0.25, 0.50, 1.0)}, _damaging(unit_line_removed)
    ),
    "bad_scan": Degradation("A mixture that imitates a bad scan.", _BAD_SCAN, bad_scan),
}
