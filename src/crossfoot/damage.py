"""A damaged numeral → what it may have been. Nothing here knows a sum, and nothing here decides.

Damage is what scanning and copying do to one printed numeral: glyphs become unknown (`1□92.44`) or look like another
(`l292.44`), separators move, turn into one another or get lost (`1292,44`), a bracket loses its half. The digits that
are still legible keep their order and none is added, so what a damaged text may have been is a finite pattern over
digits; a value fits it or does not.
"""

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal
from functools import lru_cache
from itertools import combinations, pairwise
from typing import Literal, NamedTuple

from crossfoot.numerals import narrow, read_numeral

#: The gravest damage of a text, gravest first: too little is legible; digits are unknown; digits look like letters; the
#: minus is half a bracket or no minus; the numeral is split by blanks; a point or comma is lost, moved or mistaken.
DamageKind = Literal["none_legible", "mask", "glyphs", "bracket", "split", "point"]

#: Letters and marks that are taken for exactly one digit.
CONFUSED: dict[str, str] = {
    glyph: digit
    for digit, glyphs in {"0": "OoDQ", "1": "lI|i!", "2": "Zz", "5": "Ss", "6": "b", "8": "B", "9": "gq"}.items()
    for glyph in glyphs
}

#: Letters that are taken for either of two digits.
DOUBTFUL: dict[str, str] = {"C": "06", "G": "06", "T": "17", "Y": "47"}

#: Glyphs that say: something stood here.
UNKNOWN = frozenset("□■�?_▯▢◻☐")

_DIGITS = "0123456789"
_ANY = _DIGITS + ".,"
_GAP = "[illegible]"
_POINTS = frozenset(".。·・")
_SEPARATORS = _POINTS | frozenset(",、;:' ")
_MOST = 50
_LONGEST = 40

#: How many decimals more than it has glyphs a torn numeral may have, at least.
_HIDDEN = 4

_GAPS = re.compile(r"(?:\[illegible\]\s*)+", re.IGNORECASE)
_SIGN = re.compile(r"(?P<clean>[-−–△▲+])|(?P<dash>[—―‐‑‒一ー]{1,2}|_(?=\s?[0-9][^_]*$))")
_AROUND_SEPARATOR = re.compile(r"\s*([.,])\s*")

_Style = Literal["printed", "plain", "digits"]


class Damage(NamedTuple):
    """A damaged numeral: its gravest damage, its text, its sign, and what each of its glyphs may have been.

    `glyphs` holds one entry per glyph: the digits (and separators) it may stand for, or `[illegible]` for one glyph or
    more; `certain` counts the digits that are printed as digits, without leading zeros.

    >>> damage_of("1□9Z.44", 2)
    Damage(kind='mask', printed='1□9Z.44', negative=False, glyphs=('1', '0123456789.,', '9', '2', '.', '4', '4'), certain=4)
    """  # noqa: E501

    kind: DamageKind
    printed: str
    negative: bool
    glyphs: tuple[str, ...]
    certain: int


class _Way(NamedTuple):
    """One way to hold the glyphs against a numeral: as it is printed, without its commas, or as its digits alone."""

    glyphs: tuple[str, ...]
    style: _Style


class _Signed(NamedTuple):
    body: str
    negative: bool
    damaged: bool


def damage_of(printed: str, places: int | None) -> Damage | None:
    """Returns the damage of a numeral in a column of `places` decimals; None for a clean one, a blank and for words.

    Where decimals vary (`places` is None), a lost or moved point cannot be seen. Zero is zero wherever its point
    stands. What cannot be one numeral (two figures in one text) is `none_legible`, and no value fits it.

    >>> damage_of("1292.44", 2) is None, damage_of("1 292.44", None).kind
    (True, 'split')
    >>> damage_of("129244", 2).kind, damage_of("129244", None) is None
    ('point', True)
    """
    numeral = read_numeral(printed)
    if numeral.legibility == "blank":
        return None
    if numeral.legibility == "printed" and (places is None or numeral.places == places or not numeral.value):
        return None
    damage = _damage(printed, places) if len(printed) <= _LONGEST else None
    if damage is None and numeral.legibility == "illegible":
        return Damage("none_legible", printed, False, (), 0)
    return damage


def fits(damage: Damage, value: Decimal, places: int | None) -> bool:
    """Returns whether the value, printed with `places` decimals, could have become this text by the damage.

    It may have been printed with or without thousands commas, and where decimals vary (None) with or without trailing
    zeros. An unknown glyph is exactly one digit; it is a point or comma only where everything else then stands in its
    place. Separators count as long as they can be right: if they cannot, only the digits and their order do. Of a text
    of the kind `none_legible` that says little, however well a value fits.

    >>> fits(damage_of("1□92.44", 2), Decimal("1292.44"), 2), fits(damage_of("1□92.44", 2), Decimal("1292.45"), 2)
    (True, False)
    >>> fits(damage_of("12.50)", 2), Decimal("-12.5"), 2), fits(damage_of("1292,44", None), Decimal("1292.44"), None)
    (True, True)
    """
    if (value < 0) != damage.negative:
        return False
    over, under = value.copy_abs().as_integer_ratio()
    for decimals in _decimals(damage.glyphs, under, places):
        steps, rest = divmod(over * 10**decimals, under)
        digits = str(steps).zfill(decimals + 1)
        for way in _ways(damage.glyphs, places) if not rest else ():
            for filling in _fillings(way, len(digits), decimals):
                if all(digit in allowed for digit, allowed in zip(digits, filling, strict=True)):
                    return True
    return False


def candidates(damage: Damage, low: Decimal, high: Decimal, places: int) -> list[Decimal]:
    """Returns the values with `places` decimals from `low` to `high` that fit, in order, the first fifty at most.

    The walk goes over what the glyphs may be, bounded by the interval, so that a wide interval costs nothing.

    >>> [str(value) for value in candidates(damage_of("1□92.44", 2), Decimal(1000), Decimal(1300), 2)]
    ['1092.44', '1192.44', '1292.44']
    """
    least, most = _steps_up(low, places), -_steps_up(high.copy_negate(), places)
    if damage.negative:
        least, most = max(-most, 1), -least
    least = max(least, 0)
    if least > most:
        return []
    lengths: Sequence[int] = range(places + 1, len(str(most).zfill(places + 1)) + 1)
    found: list[int] = []
    for length in reversed(lengths) if damage.negative else lengths:
        shortest = 10 ** (length - 1) if length > places + 1 else 0
        bounds = max(least, shortest), min(most, 10**length - 1)
        same: set[int] = set()
        for way in _ways(damage.glyphs, places):
            for filling in _fillings(way, length, places):
                same.update(_walk(filling, bounds, damage.negative))
        found += sorted(same, reverse=damage.negative)
        if len(found) >= _MOST:
            break
    sign = int(damage.negative)
    return [Decimal((sign, tuple(map(int, str(steps))), -places)) for steps in found[:_MOST]]


def fillings(damage: Damage, low: Decimal, high: Decimal, places: int | None, finest: int) -> list[Decimal]:
    """Returns the values from `low` to `high` that fit, in order.

    Where decimals vary (None) they have up to `finest` places, and the point that is printed is the point.

    >>> [str(value) for value in fillings(damage_of("□5.78", None), Decimal(15), Decimal(158), None, 2)]
    ['15.78', '25.78', '35.78', '45.78', '55.78', '65.78', '75.78', '85.78', '95.78']
    """
    if places is not None:
        return candidates(damage, low, high, places)
    tried = (value for decimals in range(finest + 1) for value in candidates(damage, low, high, decimals))
    return sorted({value for value in tried if fits(damage, value, None)})


def _damage(printed: str, places: int | None) -> Damage | None:
    """Returns what the glyphs may stand for, or None if they are no single numeral."""
    signed = _signed(_GAPS.sub(_GAP, narrow(printed.strip())).lstrip("¥￥").removesuffix("%").strip())
    body = _AROUND_SEPARATOR.sub(r"\1", signed.body)
    if _is_several(body, places):
        return None
    marks = _marks(body)
    glyphs = tuple(_stands_for(marks, at) for at in range(len(marks)))
    if "" in glyphs or not _is_numeric(marks):
        return None
    certain = _count_certain(marks, glyphs)
    return Damage(_kind(signed, marks, glyphs, certain), printed, signed.negative, glyphs, certain)


def _signed(text: str) -> _Signed:
    """Returns the text without sign and brackets; both brackets are a clean negative, one alone a damaged one."""
    sign = _SIGN.match(text)
    dashed = bool(sign and sign["dash"])
    rest = text[sign.end() :].strip() if sign else text
    brackets = rest.startswith("("), rest.endswith(")")
    negative = any(brackets) or dashed or bool(sign and sign["clean"] != "+")
    body = rest.removeprefix("(").removesuffix(")").strip()
    return _Signed(body, negative, dashed or brackets[0] != brackets[1])


def _is_several(body: str, places: int | None) -> bool:
    """Returns whether blanks part whole figures: two have a point, or one before the last has all its decimals."""
    pieces = body.split()
    pointed = [piece for piece in pieces if "." in piece]
    whole = re.compile(rf"\.[^.]{{{places}}}$" if places else r"(?!)")
    return (len(pieces) > 1 and len(pointed) > 1) or any(whole.search(piece) for piece in pieces[:-1])


def _marks(body: str) -> list[str]:
    """Returns the glyphs of the text, `[illegible]` as one and any run of blanks as one."""
    return re.findall(r"\[illegible\]|\s+|.", body)


def _stands_for(marks: Sequence[str], at: int) -> str:
    """Returns what a glyph may stand for; nothing if it cannot stand in a numeral."""
    mark = marks[at]
    if mark == _GAP or (mark.isascii() and mark.isdigit()):
        return mark
    if mark.isspace():
        return " "
    if mark in _SEPARATORS:
        return mark
    if mark in UNKNOWN:
        return _ANY
    known = CONFUSED.get(mark) or DOUBTFUL.get(mark)
    if known:
        return known
    inside = 0 < at < len(marks) - 1 and all(_is_digit(marks[side]) for side in (at - 1, at + 1))
    return _DIGITS if inside and mark.isalpha() and ord(mark) < 0x2E80 else ""  # from there on: Chinese signs, words


def _is_digit(mark: str) -> bool:
    return mark in _DIGITS or mark in UNKNOWN or mark in CONFUSED or mark in DOUBTFUL or mark == _GAP


def _is_numeric(marks: Sequence[str]) -> bool:
    """Returns whether the glyphs are a numeral's: one is a digit or unknown, or a point stands between two."""
    if any(mark == _GAP or mark in UNKNOWN or mark in _DIGITS for mark in marks):
        return True
    return any(mark == "." and 0 < at < len(marks) - 1 for at, mark in enumerate(marks))


def _count_certain(marks: Sequence[str], glyphs: Sequence[str]) -> int:
    first = next((at for at, glyph in enumerate(glyphs) if glyph != "0" and glyph not in _SEPARATORS), len(marks))
    return sum(mark in _DIGITS for mark in marks[first:])


def _kind(signed: _Signed, marks: Sequence[str], glyphs: Sequence[str], certain: int) -> DamageKind:
    if any(len(glyph) > 1 for glyph in glyphs):
        return "mask" if certain > 1 else "none_legible"
    if any(mark in CONFUSED for mark in marks):
        return "glyphs"
    if signed.damaged:
        return "bracket"
    return "split" if " " in glyphs else "point"


def _decimals(glyphs: Sequence[str], under: int, places: int | None) -> Sequence[int]:
    """Returns the decimals that a value may have been printed with; `under` is its denominator."""
    if places is not None:
        return (places,)
    needed = 0
    while 10**needed % under:
        needed += 1
    return range(needed, max(needed, len(glyphs)) + (_HIDDEN if _GAP in glyphs else 0) + 1)


def _steps_up(value: Decimal, places: int) -> int:
    """Returns the least number of units of the last place that is not below the value, exactly."""
    over, under = value.as_integer_ratio()
    whole: int = (-over * 10**places) // under
    return -whole


@lru_cache(maxsize=4096)
def _ways(glyphs: tuple[str, ...], places: int | None) -> tuple[_Way, ...]:
    """Returns how the glyphs are held against a numeral: as printed if its separators can be right, else by digits.

    Where decimals vary, the one point that is printed is the point; if there is none or several are, any separator may
    be it, or none.
    """
    printed = _Way(glyphs, "printed")
    for decimals in range(len(glyphs) + 1) if places is None else (places,):
        longest = decimals + len(glyphs) + _HIDDEN if _GAP in glyphs else len(glyphs)
        if any(_fillings(printed, length, decimals) for length in range(decimals + 1, longest + 1)):
            return (printed,)
    if not glyphs:
        return ()
    digits = _only_digits(glyphs)
    if places is not None:
        return (_Way(digits, "digits"),)
    points = [at for at, glyph in enumerate(glyphs) if glyph in _POINTS]
    if len(points) == 1:
        return (_pointed(glyphs, points[0]),)
    separators = [at for at, glyph in enumerate(glyphs) if glyph in _SEPARATORS]
    return (_Way(digits, "plain"), *(_pointed(glyphs, at) for at in separators))


def _pointed(glyphs: tuple[str, ...], at: int) -> _Way:
    whole, part = _only_digits(glyphs[:at]), tuple(_as_digit(one) for one in glyphs[at:] if one not in _SEPARATORS)
    return _Way((*whole, ".", *part) if part else whole, "plain")


def _only_digits(glyphs: Sequence[str]) -> tuple[str, ...]:
    """Returns the glyphs that are digits, without leading zeros."""
    digits = [_as_digit(glyph) for glyph in glyphs if glyph not in _SEPARATORS]
    first = next((at for at, glyph in enumerate(digits) if glyph != "0"), len(digits))
    return tuple(digits[first:])


def _as_digit(glyph: str) -> str:
    return _DIGITS if glyph == _ANY else glyph


@lru_cache(maxsize=8192)
def _fillings(way: _Way, length: int, places: int) -> tuple[tuple[str, ...], ...]:
    """Returns which digits each place of a numeral of so many digits may hold, once for each way to lay the glyphs."""
    found: list[tuple[str, ...]] = []
    for shape in _shapes(way.style, length, places):
        unprinted = length if way.style != "printed" and length == places + 1 else 0  # leading zeros that got lost
        for zeros in range(unprinted + 1):
            for glyphs in _spread(("0",) * zeros + way.glyphs, len(shape)):
                filling = _laid(glyphs, shape)
                if filling and (length == places + 1 or filling[0] != "0"):
                    found.append(filling)
    return tuple(dict.fromkeys(found))


def _shapes(style: _Style, length: int, places: int) -> Iterator[str]:
    """Yields how a numeral of so many digits is printed, `d` for a digit: ddddd.dd and dd,ddd.dd."""
    whole, part = "d" * (length - places), "." + "d" * places if places else ""
    if style == "digits":
        yield "d" * length
        return
    yield whole + part
    if style == "printed" and len(whole) > 3:
        head = len(whole) % 3 or 3
        yield "d" * head + ",ddd" * ((len(whole) - head) // 3) + part


def _spread(glyphs: tuple[str, ...], length: int) -> Iterator[tuple[str, ...]]:
    """Yields the glyphs at this length, each `[illegible]` as one unknown glyph or more."""
    gaps = glyphs.count(_GAP)
    spare = length - len(glyphs)
    if not gaps:
        if not spare:
            yield glyphs
        return
    for cuts in combinations(range(spare + gaps - 1), gaps - 1) if spare >= 0 else ():
        edges = (-1, *cuts, spare + gaps - 1)
        sizes = iter([right - left for left, right in pairwise(edges)])
        yield tuple(one for glyph in glyphs for one in ([_ANY] * next(sizes) if glyph == _GAP else [glyph]))


def _laid(glyphs: Sequence[str], shape: str) -> tuple[str, ...] | None:
    """Returns the digits that each `d` of the shape may be, or None if a glyph cannot stand at its place."""
    filling = []
    for glyph, place in zip(glyphs, shape, strict=True):
        if place != "d":
            if place not in glyph:
                return None
        elif not (digits := glyph.removesuffix(".,") if glyph not in _SEPARATORS else ""):
            return None
        else:
            filling.append(digits)
    return tuple(filling)


def _walk(filling: Sequence[str], bounds: tuple[int, int], descending: bool) -> list[int]:
    """Returns the first fifty numbers within the bounds whose digits are allowed, from one end of the interval."""
    low, high = bounds
    found: list[int] = []
    choices = [[int(digit) for digit in sorted(allowed, reverse=descending)] for allowed in filling]

    def step(at: int, head: int) -> None:
        if at == len(choices):
            found.append(head)
            return
        unit = 10 ** (len(choices) - at - 1)
        for digit in choices[at]:
            number = head * 10 + digit
            if number * unit <= high and (number + 1) * unit > low and len(found) < _MOST:
                step(at + 1, number)

    step(0, 0)
    return found
