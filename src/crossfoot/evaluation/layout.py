"""What moves blanks, tabs and lines and changes no cell's text: no damage, but the columns or rows may be lost.

Each function takes a degraded text (its characters may be damaged already), a rate and dice, and returns it moved; as
in `glyphs`, what a lower rate moves a higher one moves too.
"""

import random
import re
from collections.abc import Sequence

from crossfoot.evaluation.chance import dice_for
from crossfoot.evaluation.damages import Degraded, Line
from crossfoot.evaluation.places import header, is_row, tables

_TABS = re.compile(r"\t+")
_DIGIT = re.compile(r"\d")
_TAB = re.compile(r"\t")
#: Pages before the first table: the outline and the report.
_FIRST_PAGE = 5


def tabs_to_spaces(text: Degraded, rate: float, dice: random.Random) -> Degraded:
    """Returns the text with a share of its tables without tabs: a run of them is one or two blanks."""
    lines = list(text.lines)
    for table in tables(_texts(lines)):
        hit = dice.random() < rate
        for position in table:
            blanks = dice_for(dice.getrandbits(32))  # one draw a line, however many tabs it has
            if hit:
                lines[position] = lines[position]._replace(text=_without_tabs(lines[position].text, blanks))
    return text._replace(lines=tuple(lines))


def _without_tabs(line: str, dice: random.Random) -> str:
    return _TABS.sub(lambda _: " " * dice.choice((1, 2)), line.strip())


def dropped_tabs(text: Degraded, rate: float, dice: random.Random) -> Degraded:
    """Returns the text with a share of the single tabs between a row's fields, blank ones too, turned into a blank."""
    return text._replace(lines=tuple(_with_fewer_tabs(line, rate, dice) for line in text.lines))


def _with_fewer_tabs(line: Line, rate: float, dice: random.Random) -> Line:
    if not is_row(line.text):
        return line
    fields = line.text.rstrip()
    return line._replace(
        text=_TAB.sub(lambda _: " " if dice.random() < rate else "\t", fields) + line.text[len(fields) :]
    )


def fused_rows(text: Degraded, rate: float, dice: random.Random) -> Degraded:
    """Returns the text with a share of neighbouring rows on one line, joined by a tab or a blank."""
    pairs = {position for table in tables(_texts(text.lines)) for position in table[1:]}
    lines: list[Line] = []
    was_fused = False
    for position, line in enumerate(text.lines):
        hit, joint = dice.random(), dice.random()
        can = position in pairs and not was_fused and _is_data(line.text) and _is_data(lines[-1].text)
        was_fused = can and hit < rate
        if was_fused:
            before = lines.pop()
            joined = f"{before.text}\t{line.text}" if joint < 0.5 else f"{before.text.rstrip()} {line.text.lstrip()}"
            lines.append(Line((*before.numbers, *line.numbers), joined))
        else:
            lines.append(line)
    return text._replace(lines=tuple(lines))


def page_breaks(text: Degraded, rate: float, dice: random.Random) -> Degraded:
    """Returns the text with pages ending inside its tables: a line with the page's number, and the header again."""
    texts = _texts(text.lines)
    page = _FIRST_PAGE
    put_in: dict[int, list[Line]] = {}
    for table in tables(texts):
        head = header(texts, table)
        for position in table[len(head) + 1 :]:
            if dice.random() < rate and texts[position - 1].strip() and texts[position].strip():
                number = [Line((), line) for line in ("", f"- {page} -", "")]
                put_in[position] = number + [Line((), texts[row]) for row in head]
                page += 1
    lines = [line for position, own in enumerate(text.lines) for line in (*put_in.get(position, ()), own)]
    return text._replace(lines=tuple(lines))


def _is_data(line: str) -> bool:
    return is_row(line) and _DIGIT.search(line) is not None


def _texts(lines: Sequence[Line]) -> list[str]:
    return [line.text for line in lines]
