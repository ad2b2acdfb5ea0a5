"""Slips of a hand: made here on the printed digits, named there; both directions belong together."""

import doctest
from decimal import Decimal
from typing import get_args

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from crossfoot import plausible
from crossfoot.plausible import IN_WORDS, Edit, edit_of

#: What the slip is called when printed and implied change places.
BACK = {"dropped": "inserted", "inserted": "dropped"}
STEPS = st.one_of(st.integers(0, 10**4), st.integers(0, 10**8), st.integers(10**17, 10**19))
PLACES = st.integers(0, 4)


def pointed(digits: str, places: int) -> str:
    """Returns the digits with the point set, without leading zeros."""
    digits = digits.lstrip("0").zfill(places + 1)
    return f"{digits[:-places]}.{digits[-places:]}" if places else digits


@pytest.mark.parametrize(
    ("printed", "implied", "places", "edit"),
    [
        ("1592.44", "1292.44", 2, "digit"),
        ("1,592.44", "1292.44", 2, "digit"),
        ("-1592.44", "-1292.44", 2, "digit"),
        ("0.05", "1.05", 2, "digit"),
        ("(1592.44)", "-1292.44", 2, "digit"),
        ("9007199254740993", "9007199254740992", 0, "digit"),
        ("1229.44", "1292.44", 2, "transposed"),
        ("1294.24", "1292.44", 2, "transposed"),  # across the point
        ("192.44", "1292.44", 2, "dropped"),
        ("1292.4", "1292.44", 2, "dropped"),  # behind the point, where it shows in the decimals
        ("12292.44", "1292.44", 2, "inserted"),  # a digit twice
        ("1292.443", "1292.44", 2, "inserted"),
        ("129244", "1292.44", 2, "point"),
        ("129.24", "12924", 2, "point"),
        ("0.05", "0.5", 2, "point"),
        ("12924400", "1292.44", 2, "unit"),
        ("0.129244", "1292.44", 2, "unit"),
        ("129244000000.00", "1292.44", 2, "unit"),
        ("12.50", "-12.50", 2, "sign"),
        ("-12.50", "12.50", 2, "sign"),
        ("△12.50", "12.50", 2, "sign"),
        ("", "12.50", 2, "blank"),
        ("—", "12.50", 2, "blank"),
        # too few digits: everything would be one slip away
        ("13", "12", 0, None),
        ("0.13", "0.12", 2, None),
        ("21", "12", 0, None),
        ("12", "127", 0, None),
        # no slip at all
        ("1292.44", "1292.44", 2, None),
        ("1292.4", "1292.40", 2, None),
        ("", "0", 2, None),
        # two slips, or none of these
        ("1593.44", "1292.44", 2, None),
        ("-1592.44", "1292.44", 2, None),
        ("1922.54", "1292.44", 2, None),
        ("8.31", "1292.44", 2, None),
        # no numeral, and a figure that this column cannot print
        ("1□92.44", "1292.44", 2, None),
        ("合计", "1292.44", 2, None),
        ("1292.44", "1292.445", 2, None),
    ],
)
def test_slips_by_hand(printed: str, implied: str, places: int, edit: Edit | None) -> None:
    """Each class with and without commas, brackets and decimals, and what is none."""
    assert edit_of(printed, Decimal(implied), places) == edit


def test_a_neighbour_explains_what_no_slip_of_digits_does() -> None:
    """The implied figure stands beside; a slip of the digits comes first, and a zero beside says nothing."""
    assert edit_of("3.10", Decimal("1087.65"), 2, ["0.40", "1,087.65"]) == "neighbour"
    assert edit_of("3.10", Decimal("1087.65"), 2, ["0.40", "-1,087.65", "无", ""]) is None
    assert edit_of("1087.66", Decimal("1087.65"), 2, ["1087.65"]) == "digit"
    assert edit_of("1087.65", Decimal(0), 2, ["0.00"]) is None


def test_every_slip_has_words() -> None:
    """Each once, in the order of the type."""
    assert tuple(IN_WORDS) == get_args(Edit)
    assert len(set(IN_WORDS.values())) == len(IN_WORDS)


def distance(one: str, other: str) -> int:
    """Returns the optimal string alignment distance, by its recurrence."""
    rows = [list(range(len(other) + 1))]
    for i, a in enumerate(one, 1):
        row = [i]
        for j, b in enumerate(other, 1):
            best = min(row[-1] + 1, rows[-1][j] + 1, rows[-1][j - 1] + (a != b))
            if i > 1 and j > 1 and (a, b) == (other[j - 2], one[i - 2]):
                best = min(best, rows[-2][j - 2] + 1)
            row.append(best)
        rows.append(row)
    return rows[-1][-1]


@given(st.data(), STEPS, PLACES)
def test_distance_one_is_a_slip_and_more_is_none(data: st.DataObject, steps: int, places: int) -> None:
    """The classes of the digits are exactly what the recurrence calls distance 1, where there are digits enough."""
    implied = str(steps)
    printed = implied
    for _ in range(data.draw(st.integers(1, 2))):
        at = data.draw(st.integers(0, len(printed) - 1))
        digit = data.draw(st.sampled_from("0123456789"))
        swapped = printed[:at] + printed[at : at + 2][::-1] + printed[at + 2 :]
        several = [
            printed[:at] + digit + printed[at + 1 :],
            printed[:at] + digit + printed[at:],
            printed[:at] + printed[at + 1 :],
            swapped,
        ]
        printed = data.draw(st.sampled_from(several)).lstrip("0") or "0"
    assume(min(len(printed), len(implied)) > max(3, places))
    edit = edit_of(pointed(printed, places), Decimal(steps).scaleb(-places), places)
    assume(edit not in {"point", "unit"})
    assert (edit in {"digit", "transposed", "dropped", "inserted"}) == (distance(printed, implied) == 1)


@given(STEPS, st.data(), PLACES, st.booleans(), st.booleans())
def test_there_and_back(steps: int, data: st.DataObject, places: int, minus: bool, other_minus: bool) -> None:
    """What turns one figure into the other turns it back; lost and added change places."""
    digits = str(steps)
    at = data.draw(st.integers(0, len(digits) - 1))
    near = [
        digits[:at] + digits[at + 1 :] or "0",
        digits[:at] + "7" + digits[at + 1 :],
        digits[:at] + digits[at : at + 2][::-1] + digits[at + 2 :],
        digits + "0" * data.draw(st.integers(0, 9)),
        digits,
        str(data.draw(STEPS)),
    ]
    other = data.draw(st.sampled_from(near))
    one_text, other_text = ("-" * minus) + pointed(digits, places), ("-" * other_minus) + pointed(other, places)
    there = edit_of(one_text, Decimal(other_text), places)
    back = edit_of(other_text, Decimal(one_text), places)
    assert back == BACK.get(there or "", there)
    if abs(Decimal(one_text)) == abs(Decimal(other_text)):
        assert there == ("sign" if minus != other_minus and steps else None)


@given(STEPS, PLACES, st.integers(1, 8), st.booleans())
def test_powers_of_ten(steps: int, places: int, power: int, up: bool) -> None:
    """Four and eight places are units, the others a point that moved."""
    assume(steps)
    implied = Decimal(steps).scaleb(-places)
    printed = format(implied.scaleb(power if up else -power), "f")
    assume(sum(map(str.isdigit, printed)) <= 28)  # more are no amount
    assert edit_of(printed, implied, places) == ("unit" if power in {4, 8} else "point")


def test_the_examples_in_the_docstrings_hold() -> None:
    """As they are printed there."""
    result = doctest.testmod(plausible)
    assert (result.failed, result.attempted > 2) == (0, True)
