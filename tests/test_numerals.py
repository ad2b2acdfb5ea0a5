"""Printed numeral ⇄ Decimal: read exactly or not at all."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossfoot.numerals import SCALES, half_unit, in_yuan, plain, read_numeral


@pytest.mark.parametrize(
    ("text", "value", "places"),
    [
        ("1,292.44", "1292.44", 2),
        ("1292.44", "1292.44", 2),
        ("657. 63", "657.63", 2),
        ("123.9844", "123.9844", 4),
        ("0.00", "0.00", 2),
        ("0", "0", 0),
        ("１，２３４．５", "1234.5", 1),
        ("-3.2", "-3.2", 1),
        ("△3.2", "-3.2", 1),
        ("(3.2)", "-3.2", 1),
        ("99.24%", "99.24", 2),
        ("9007199254740993.01", "9007199254740993.01", 2),
    ],
)
def test_numerals_are_read_exactly(text: str, value: str, places: int) -> None:
    """Commas, split points, full-width forms and signs are read; beyond 2^53 nothing is lost."""
    numeral = read_numeral(text)
    assert (numeral.legibility, str(numeral.value), numeral.places) == ("printed", value, places)


@pytest.mark.parametrize("text", ["1□92.44", "1?92.44", "12O.5", "l292.44", "1,23.4", "1.2.3", "[illegible]", "1，23"])
def test_damage_is_illegible_never_guessed(text: str) -> None:
    """A damaged or malformed numeral has no value."""
    assert read_numeral(text) == ("illegible", None, 0, False)


@pytest.mark.parametrize("text", ["", " ", "—", "-", "**", "/", "－"])
def test_placeholders_are_blank_not_zero(text: str) -> None:
    """What stands for nothing is blank."""
    assert read_numeral(text).legibility == "blank"
    assert read_numeral(text).value is None


@pytest.mark.parametrize("text", ["2021年", "56.61万元", "≥95%", "指标1", "无"])
def test_words_are_not_numbers(text: str) -> None:
    """A text with a number in it is a text."""
    assert read_numeral(text).legibility == "words"


@given(st.decimals(min_value=0, max_value=10**15, places=2), st.booleans())
def test_round_trip(value: Decimal, with_commas: bool) -> None:
    """Whatever is printed with two decimals is read back as it was, with or without commas."""
    text = f"{value:,.2f}" if with_commas else f"{value:.2f}"
    assert read_numeral(text).value == value


@given(st.text(max_size=12))
def test_any_text_is_read_or_refused(text: str) -> None:
    """No text crashes the door, and only printed numerals have a value."""
    numeral = read_numeral(text)
    assert (numeral.value is not None) == (numeral.legibility == "printed")


@given(st.decimals(min_value=-(10**12), max_value=10**12, places=4), st.sampled_from(sorted(SCALES)))
def test_yuan_is_exact(value: Decimal, unit: str) -> None:
    """The conversion to 元 is exact and comes back."""
    assert in_yuan(value, unit) / SCALES[unit] == value


def test_half_unit_and_plain() -> None:
    """Half a unit of the last place, and digits without exponent."""
    assert (half_unit(0), half_unit(2)) == (Decimal("0.5"), Decimal("0.005"))
    assert plain(Decimal("1.239844E+6")) == "1239844"


@pytest.mark.parametrize("text", ["9" * 28, "9" * 26 + ".99", "9" * 29, "9" * 27 + ".99", "9" * 5000])
def test_a_numeral_of_very_many_digits_is_no_amount(text: str) -> None:
    """Up to 28 digits a figure is read exactly; beyond that it is damage, and never a crash."""
    numeral = read_numeral(text)
    is_read = len(text.replace(".", "")) <= 28
    assert (numeral.legibility, numeral.value) == (("printed", Decimal(text)) if is_read else ("illegible", None))
