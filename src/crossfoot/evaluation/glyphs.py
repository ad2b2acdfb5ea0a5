"""Damage to single characters: confused, masked, or a lost decimal point.

Each function takes the lines, a rate and dice, and returns the damages; it rolls the same number of dice for each place
at every rate, so that with one seed a higher rate damages what a lower one does, and more. No two damages overlap.
"""

import random
import re
from collections.abc import Sequence

from crossfoot.evaluation.damages import Damage, Trace
from crossfoot.evaluation.places import NUMERAL, has_content, is_row

#: What a digit is taken for when its shape alone decides. A letter in a numeral shows; another digit does not.
_LETTERS = {"0": "OoD", "1": "lI|", "2": "Z", "4": "A", "5": "S", "6": "bG", "8": "B", "9": "gq"}
_DIGITS = {
    "0": "68", "1": "74", "2": "73", "3": "85", "4": "91", "5": "63", "6": "50", "7": "12", "8": "36", "9": "40",
}  # fmt: skip
#: Characters of these documents that differ in a stroke. Any of a group may be taken for any other.
_LOOKALIKES = (
    "未末", "己已巳", "人入", "千干于", "土士", "日曰目", "大太犬", "天夫", "木本", "休体", "住往", "贷货", "侯候",
    "治冶", "设没", "科料", "壮状", "处外", "公么", "会令今", "历厉", "田由甲", "刀力", "几儿", "情清", "待侍",
    "晴睛", "王玉主", "拨拔", "折拆析", "项顶", "问间", "暖暧", "小少", "贝见", "经轻", "育肓", "般股",
)  # fmt: skip
_MASKS = "□□□?*"
#: What is left of a decimal point; the last is the one that the examples carry.
_POINTS = ("", ",", " ", ". ", ". ", ". ")
_POINT = re.compile(r"\.\d")
#: Characters err three times as often as digits: there are thousands of them and ten digits (an assumption).
_TEXT_TO_DIGITS = 3
_LETTER_SHARE = 0.5


def _others() -> dict[str, str]:
    found: dict[str, str] = {}
    for group in _LOOKALIKES:
        for character in group:
            found[character] = found.get(character, "") + group.replace(character, "")
    return found


_OTHERS = _others()


def ocr_confusions(lines: Sequence[str], rate: float, dice: random.Random) -> list[Damage]:
    """Returns digits taken for letters or other digits, and characters of table cells for others that look alike."""
    found: list[Damage] = []
    for number, line in enumerate(lines, start=1):
        if not has_content(line):
            continue
        has_cells = is_row(line)
        for start, sign in enumerate(line):
            if sign in _DIGITS:
                hit, by_letter, which = dice.random(), dice.random(), dice.random()
                if hit < rate:
                    is_letter = sign in _LETTERS and by_letter < _LETTER_SHARE
                    after = _picked(_LETTERS[sign] if is_letter else _DIGITS[sign], which)
                    trace: Trace = "marked" if is_letter else "clean"
                    found.append(Damage("ocr_confusions", number, start, sign, after, trace))
            elif has_cells and sign in _OTHERS:
                hit, which = dice.random(), dice.random()
                if hit < rate * _TEXT_TO_DIGITS:
                    after = _picked(_OTHERS[sign], which)
                    found.append(Damage("ocr_confusions", number, start, sign, after, "clean"))
    return found


def masked_digits(lines: Sequence[str], rate: float, dice: random.Random) -> list[Damage]:
    """Returns digits with a box, a question mark or an asterisk in their place."""
    found: list[Damage] = []
    for number, line in enumerate(lines, start=1):
        for start, sign in enumerate(line):
            if sign in _DIGITS:
                hit, which = dice.random(), dice.random()
                if hit < rate:
                    found.append(Damage("masked_digits", number, start, sign, _picked(_MASKS, which), "marked"))
    return found


def lost_points(lines: Sequence[str], rate: float, dice: random.Random) -> list[Damage]:
    """Returns decimal points that are lost, or are a comma or a blank now, or have a blank behind them."""
    found: list[Damage] = []
    for number, line in enumerate(lines, start=1):
        for match in NUMERAL.finditer(line):
            point = match.group().find(".")
            if point < 0 or _goes_on(line, match):
                continue
            hit, which = dice.random(), dice.random()
            if hit < rate:
                after = _POINTS[int(which * len(_POINTS))]
                trace = _trace(match.group(), point, after)
                found.append(Damage("lost_points", number, match.start() + point, ".", after, trace))
    return found


def _goes_on(line: str, match: re.Match[str]) -> bool:
    """Says whether another point follows with digits, as in a date: that is no amount."""
    return _POINT.match(line, match.end()) is not None


def _trace(numeral: str, point: int, after: str) -> Trace:
    """Returns whether the numeral still looks like print without its point."""
    whole, decimals = numeral[:point], numeral[point + 1 :]
    if not after:
        return "marked" if "," in whole else "clean"  # 1,23984400 groups no thousands
    if after == "," and len(decimals) == 3 and (len(whole) <= 3 or "," in whole):
        return "clean"  # 123,984 looks like thousands
    return "marked"


def _picked(signs: str, which: float) -> str:
    return signs[int(which * len(signs))]
