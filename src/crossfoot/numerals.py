"""Printed numeral ⇄ Decimal: the one door through which an amount enters.

What a figure stands for follows XBRL Calculations 1.1 (2023): the closed interval of half a
unit of the last printed place to both sides. Nothing here guesses: a damaged numeral has no value.
"""

import re
from decimal import Context, Decimal
from functools import lru_cache
from typing import Literal, NamedTuple

_HALF_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20}

Legibility = Literal["printed", "blank", "illegible", "words"]

#: Yuan in one printed unit, exactly.
SCALES: dict[str, Decimal] = {
    "元": Decimal(1),
    "千元": Decimal(1_000),
    "万元": Decimal(10_000),
    "百万元": Decimal(1_000_000),
    "亿元": Decimal(100_000_000),
}

#: Marks that stand for "nothing here" in an amount cell.
BLANK_MARKS = frozenset({"", "-", "--", "—", "——", "–", "−", "/", "\\", "**", "*", "***"})

#: More digits than these are no amount.
_MOST_DIGITS = 28
#: Wide enough for the amounts of that many digits in any unit, and for their sums.
EXACT = Context(prec=80)

_NUMERAL = re.compile(
    r"(?P<sign>[-−–△▲+]?)\s*(?P<whole>[0-9]{1,3}(?:\s?,\s?[0-9]{3})+|[0-9]+)(?:\s?\.\s?(?P<part>[0-9]+))?\s*(?P<percent>%?)"
)
_SEPARATORS = re.compile(r"[\s,]")
_BRACKETED = re.compile(r"\((?P<inside>[\d,.\s]+)\)")
_CHINESE = re.compile(r"[一-鿿]")
_DAMAGE = re.compile(r"\[illegible\]|[□■�?＿_]")
_LOOKS_NUMERIC = re.compile(r"^[-−+(△▲]?[\dOolISB□■?,.，．\s%]*[\d□■][\dOolISB□■?,.，．\s%)]*$")


class Numeral(NamedTuple):
    """What one cell's text says: its value, decimal places and whether it can be read.

    >>> read_numeral("1,292.44")
    Numeral(legibility='printed', value=Decimal('1292.44'), places=2, percent=False)
    """

    legibility: Legibility
    value: Decimal | None = None
    places: int = 0
    percent: bool = False


_BLANK = Numeral("blank")
_ILLEGIBLE = Numeral("illegible")
_WORDS = Numeral("words")


def narrow(text: str) -> str:
    """Returns the text with full-width letters, digits and signs as their half-width forms, and nothing else.

    Footnote marks (①, ²) stay what they are: they are no digits.
    """
    return text if text.isascii() else text.translate(_HALF_WIDTH)


@lru_cache(maxsize=65536)
def read_numeral(text: str) -> Numeral:
    """Returns what the text of a whole cell says as a number.

    A number split after its point (`657. 63`) is joined; a malformed one (`1,23.4`, `12O.5`,
    `1□92.44`) is illegible, never guessed.
    """
    stripped = text.strip()
    if stripped in BLANK_MARKS:
        return _BLANK
    if stripped.isascii() and stripped.isdigit() and len(stripped) <= _MOST_DIGITS:
        return Numeral("printed", Decimal(stripped), 0, False)
    plain = narrow(stripped).lstrip("¥￥")
    if plain in BLANK_MARKS:
        return _BLANK
    match = _NUMERAL.fullmatch(plain)
    if match:
        return _from_match(match, match["sign"] in {"-", "−", "–", "△", "▲"})
    bracketed = _BRACKETED.fullmatch(plain)
    if bracketed and (inner := _NUMERAL.fullmatch(bracketed["inside"].strip())):
        return _from_match(inner, True)
    if _DAMAGE.search(plain) and not _CHINESE.search(plain):
        return _ILLEGIBLE
    return _ILLEGIBLE if _LOOKS_NUMERIC.match(plain) else _WORDS


def _from_match(match: re.Match[str], negative: bool) -> Numeral:
    whole = _SEPARATORS.sub("", match["whole"])
    part = match["part"] or ""
    if len(whole) + len(part) > _MOST_DIGITS:
        return _ILLEGIBLE
    value = Decimal(f"{whole}.{part}" if part else whole)
    return Numeral("printed", -value if negative else value, len(part), bool(match["percent"]))


@lru_cache(maxsize=64)
def half_unit(places: int) -> Decimal:
    """Returns half a unit of the last printed place: 2 places give 0.005."""
    return Decimal(5).scaleb(-places - 1)


def in_yuan(value: Decimal, unit: str) -> Decimal:
    """Returns the exact amount in 元 of a value printed in `unit`."""
    return EXACT.add(EXACT.normalize(EXACT.multiply(value, SCALES[unit])), Decimal(0))


def plain(value: Decimal) -> str:
    """Returns the value as digits without exponent: 1239844, 657.63, 0."""
    return format(value, "f")
