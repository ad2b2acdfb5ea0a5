"""A mixture that imitates a bad scan: several degradations at once, in the order in which a scan suffers them."""

import random
from collections.abc import Mapping

from crossfoot.evaluation.chance import dice_for
from crossfoot.evaluation.columns import wrapped_cells
from crossfoot.evaluation.damages import Damage, Degraded, damaged
from crossfoot.evaluation.glyphs import lost_points, masked_digits, ocr_confusions
from crossfoot.evaluation.layout import page_breaks, tabs_to_spaces
from crossfoot.evaluation.losses import illegible_blocks
from crossfoot.evaluation.places import is_row

#: The characters first, then what of the page cannot be read: both count by the lines of the undamaged text.
_DAMAGING = {
    "illegible_blocks": illegible_blocks,
    "ocr_confusions": ocr_confusions,
    "masked_digits": masked_digits,
    "lost_points": lost_points,
}
#: Then the layout: a page ends, columns are narrow, tabs are lost last.
_MOVING = {"page_breaks": page_breaks, "wrapped_cells": wrapped_cells, "tabs_to_spaces": tabs_to_spaces}


def bad_scan(text: str, rates: Mapping[str, float], dice: random.Random) -> Degraded:
    """Returns the text as a bad scan leaves it, with a rate for each part of the mixture."""
    lines = text.split("\n")
    seed = dice.getrandbits(32)
    taken: dict[int, set[int]] = {}
    damages: list[Damage] = []
    for kind, function in _DAMAGING.items():
        for damage in function(lines, rates[kind], dice_for(kind, seed)):
            places = set(range(damage.start, damage.start + len(damage.before)))
            if not places & taken.get(damage.line, set()):
                taken.setdefault(damage.line, set()).update(places)
                damages.append(damage)
    result = damaged(text, damages)
    for kind, move in _MOVING.items():
        result = move(result, rates[kind], dice_for(kind, seed))
    tabs = {number for line in result.lines if "\t" in line.text for number in line.numbers}
    without_tabs = {number for number, line in enumerate(lines, start=1) if is_row(line)} - tabs
    return result._replace(damages=tuple(_as_it_shows(damage, without_tabs) for damage in result.damages))


def _as_it_shows(damage: Damage, without_tabs: set[int]) -> Damage:
    """Returns the damage with the trace it has where the tabs are gone too: a blank for a point parts two numerals."""
    return damage._replace(trace="clean") if damage.after == " " and damage.line in without_tabs else damage
