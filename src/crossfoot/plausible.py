"""What slip of a hand or an eye would turn one figure into another: it ranks and describes, and never suffices.

The slips are those of S. Scholtus, "Automatic correction of simple typing errors in numerical data with balance edits"
(Statistics Netherlands, discussion paper 09046, 2009): digit strings at optimal string alignment distance 1, that is
one digit replaced, left out or added, or two neighbours exchanged. The sign is kept apart from the digits. The slips of
printed tables are added: power of ten, unit, sign, a neighbour's figure, nothing printed.
"""

from collections.abc import Sequence
from decimal import Decimal
from typing import Literal

from crossfoot.numerals import Numeral, read_numeral

Edit = Literal["digit", "transposed", "dropped", "inserted", "point", "unit", "sign", "neighbour", "blank"]

#: What a finding says of a slip.
IN_WORDS: dict[Edit, str] = {
    "digit": "one digit",
    "transposed": "two neighbouring digits exchanged",
    "dropped": "a digit lost",
    "inserted": "a digit too many",
    "point": "the decimal point moved",
    "unit": "the figure in another unit",
    "sign": "a minus sign lost, or one too many",
    "neighbour": "the neighbour's figure",
    "blank": "left out",
}

#: With fewer digits than these, any figure is one slip away from many.
_DIGITS_TO_REPLACE = 3
_DIGITS_TO_COUNT = 4

#: The powers of ten between units: 元 and 万元, 元 and 亿元 (or 万元 and 亿元, the first again).
_UNIT_STEPS = frozenset({4, 8})


def edit_of(printed: str, implied: Decimal, places: int, neighbours: Sequence[str] = ()) -> Edit | None:
    """Returns the slip that turns `implied`, in a column of `places` decimals, into `printed`; None if none does.

    Decimals are kept in their place: 12.40 and 124.0 differ by a power of ten, not by nothing. What the slip does to
    the digits comes before what a neighbour explains. A numeral that cannot be read has no slip, and neither has one
    that is right, nor a blank that stands for zero.

    >>> edit_of("1592.44", Decimal("1292.44"), 2), edit_of("1229.44", Decimal("1292.44"), 2)
    ('digit', 'transposed')
    >>> edit_of("192.44", Decimal("1292.44"), 2), edit_of("12924400", Decimal("1292.44"), 2)
    ('dropped', 'unit')
    >>> edit_of("3.10", Decimal("87.65"), 2, ["0.40", "87.65"]), edit_of("3.10", Decimal("87.65"), 2)
    ('neighbour', None)
    """
    numeral = read_numeral(printed)
    steps = _steps(implied, places)
    if steps is None:
        return None
    if numeral.legibility == "blank":
        return "blank" if implied else None
    if numeral.value is None or numeral.value == implied:
        return None
    edit = _of_value(numeral.value, implied) or _of_digits(numeral, steps, places)
    if edit is None and implied and any(read_numeral(neighbour).value == implied for neighbour in neighbours):
        return "neighbour"
    return edit


def _steps(value: Decimal, places: int) -> int | None:
    """Returns the value in units of the last place, or None if it has more decimals."""
    over, under = value.as_integer_ratio()
    steps, rest = divmod(over * 10**places, under)
    return None if rest else steps


def _of_value(printed: Decimal, implied: Decimal) -> Edit | None:
    """Returns the slip that keeps the digits: of the sign, the unit or the point."""
    if not printed or not implied:
        return None
    if printed == implied.copy_negate():
        return "sign"
    (sign, digits, power), (other_sign, other_digits, other_power) = _significant(printed), _significant(implied)
    if (sign, digits) != (other_sign, other_digits):
        return None
    return "unit" if abs(power - other_power) in _UNIT_STEPS else "point"


def _significant(value: Decimal) -> tuple[int, str, int]:
    """Returns sign, digits without leading and trailing zeros, and the power of ten of the last digit."""
    sign, digits, exponent = value.as_tuple()
    text = "".join(map(str, digits))
    kept = text.rstrip("0")
    return sign, kept.lstrip("0"), int(exponent) + len(text) - len(kept)


def _of_digits(printed: Numeral, steps: int, places: int) -> Edit | None:
    """Returns the slip at distance 1 between two figures of the same sign; decimals that are not printed are zeros.

    A digit lost or added after the point shows in the number of decimals.
    """
    value = printed.value or Decimal(0)
    if (value < 0) != (steps < 0):
        return None
    implied = str(abs(steps)).zfill(places + 1)
    if printed.places != places:
        raw = str(abs(_steps(value, printed.places) or 0)).zfill(printed.places + 1)
        if printed.places - places == len(raw) - len(implied) and abs(printed.places - places) == 1:
            edit = _of_length(raw, implied, after=len(raw) - printed.places)
            if edit:
                return edit
    scaled = _steps(value, places)
    if scaled is None:
        return None
    digits = str(abs(scaled)).zfill(places + 1)
    return _of_same_length(digits, implied) if len(digits) == len(implied) else _of_length(digits, implied)


def _of_same_length(printed: str, implied: str) -> Edit | None:
    if max(len(printed.lstrip("0")), len(implied.lstrip("0"))) < _DIGITS_TO_REPLACE:
        return None
    apart = [at for at, (one, other) in enumerate(zip(printed, implied, strict=True)) if one != other]
    if len(apart) == 1:
        return "digit"
    exchanged = len(apart) == 2 and apart[1] == apart[0] + 1 and sorted(printed) == sorted(implied)
    return "transposed" if exchanged else None


def _of_length(printed: str, implied: str, after: int = 0) -> Edit | None:
    """Returns whether one digit was lost or added, at or behind the place `after`."""
    short, long = sorted((printed, implied), key=len)
    if len(long) != len(short) + 1 or len(long.lstrip("0")) < _DIGITS_TO_COUNT:
        return None
    if not any(short == long[:at] + long[at + 1 :] for at in range(after, len(long))):
        return None
    return "dropped" if short == printed else "inserted"
