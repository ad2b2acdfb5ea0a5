"""Damaged numerals: whatever damage made of a figure, the figure fits it, and nothing with another legible digit does.

The figures are printed and damaged here, without crossfoot's own tables.
"""

import doctest
import re
from collections.abc import Callable
from decimal import Decimal
from typing import NamedTuple

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from crossfoot import damage as module
from crossfoot.damage import candidates, damage_of, fits
from crossfoot.numerals import read_numeral

LOOKS_LIKE = {"0": "OoDQ", "1": "lI|i!", "2": "Zz", "5": "Ss", "6": "b", "8": "B", "9": "gq"}
UNKNOWN = "□■�?＿_"
SIZES = [10**2, 10**4, 10**6, 10**9, 10**18]


class Figure(NamedTuple):
    """A value as a table prints it."""

    value: Decimal
    places: int
    printed: str


def figure_of(steps: int, places: int, commas: bool) -> Figure:
    whole, part = divmod(steps, 10**places)
    printed = (f"{whole:,}" if commas else str(whole)) + (f".{part:0{places}d}" if places else "")
    return Figure(Decimal(printed.replace(",", "")), places, printed)


@st.composite
def figures(draw: st.DrawFn, least: int = 1, damaging: object = None) -> Figure:
    """What the damage needs is there: a point, a thousands comma."""
    places = draw(st.integers(int(damaging in NEEDS_POINT), 4))
    commas = damaging in NEEDS_COMMA
    least = max(least, 10 ** (places + 3) if commas else 1)
    size = draw(st.sampled_from([size for size in SIZES if size > least]))
    return figure_of(draw(st.integers(least, size - 1)), places, commas or draw(st.booleans()))


def spots_of(text: str, pattern: str) -> list[int]:
    return [match.start() for match in re.finditer(pattern, text)]


def replaced(text: str, at: int, by: str) -> str:
    return text[:at] + by + text[at + 1 :]


def masked(draw: st.DrawFn, text: str) -> str:
    """Some digits became unknown glyphs (a leading `_` is left out: it may be a minus)."""
    for at in draw(st.lists(st.sampled_from(spots_of(text, r"\d")), min_size=1, max_size=3, unique=True)):
        text = replaced(text, at, draw(st.sampled_from(UNKNOWN[: 4 if at == 0 else 6])))
    return text


def masked_anywhere(draw: st.DrawFn, text: str) -> str:
    """One digit, point or comma became an unknown glyph."""
    return replaced(text, draw(st.integers(0, len(text) - 1)), "□")


def torn(draw: st.DrawFn, text: str) -> str:
    """A run of glyphs became `[illegible]`."""
    start = draw(st.integers(0, len(text) - 1))
    return text[:start] + "[illegible]" + text[draw(st.integers(start + 1, len(text))) :]


def lettered(draw: st.DrawFn, text: str) -> str:
    """Some digits became the letters that look like them, but not all."""
    spots = spots_of(text, "[0125689]")
    digits = spots_of(text, r"\d")
    assume(spots and len(digits) > 1)
    chosen = draw(st.lists(st.sampled_from(spots), min_size=1, max_size=len(digits) - 1, unique=True))
    for at in chosen:
        text = replaced(text, at, draw(st.sampled_from(LOOKS_LIKE[text[at]])))
    return text


def split(draw: st.DrawFn, text: str) -> str:
    """A blank came between two digits."""
    spots = spots_of(text, r"(?<=\d)\d")
    assume(spots)
    at = draw(st.sampled_from(spots))
    return text[:at] + draw(st.sampled_from([" ", "　", "  "])) + text[at:]


def comma_as_point(_draw: st.DrawFn, text: str) -> str:
    assume("." in text)
    return text.replace(".", ",")


def point_lost(_draw: st.DrawFn, text: str) -> str:
    assume("." in text)
    return text.replace(".", "")


def point_moved(draw: st.DrawFn, text: str) -> str:
    """The point stands between two other digits, or where a comma stood."""
    assume("." in text)
    rest = text.replace(".", "")
    spots = [at for at in spots_of(rest, r"(?<=\d)\d") if at != text.index(".")]
    assume(spots)
    at = draw(st.sampled_from(spots))
    return rest[:at] + "." + rest[at:]


def points_for_commas(_draw: st.DrawFn, text: str) -> str:
    assume("," in text)
    return text.replace(",", ".")


def comma_moved(draw: st.DrawFn, text: str) -> str:
    """A comma stands one digit further on."""
    assume("," in text)
    at = draw(st.sampled_from(spots_of(text, ",")))
    return text[:at] + text[at + 1] + "," + text[at + 2 :]


def comma_added(draw: st.DrawFn, text: str) -> str:
    """A comma stands before the last two digits of the whole part."""
    whole = text.split(".", maxsplit=1)[0]
    assume(len(whole) > 2 and "," not in whole[-2:])
    at = len(whole) - draw(st.integers(1, 2))
    assume(text[at - 1] != ",")
    return text[:at] + "," + text[at:]


def point_added(draw: st.DrawFn, text: str) -> str:
    assume("." in text)
    at = draw(st.sampled_from(spots_of(text, r"\d")))
    return text[:at] + "." + text[at:]


#: Damage that shows whatever the other figures of the column are.
SEEN_ALONE = [masked, masked_anywhere, torn, lettered, split]
#: Damage of the point, to be seen where all other figures have the same decimals.
SEEN_IN_COLUMN = [
    comma_as_point, point_lost, point_moved, points_for_commas, comma_moved, comma_added, point_added,
]  # fmt: skip
NEEDS_POINT = [comma_as_point, point_lost, point_moved, point_added]
NEEDS_COMMA = [points_for_commas, comma_moved]
Damaging = Callable[[st.DrawFn, str], str]


def wide(text: str) -> str:
    return "".join(chr(ord(mark) + 0xFEE0) if "!" <= mark <= "~" else mark for mark in text)


@pytest.mark.parametrize("damaging", SEEN_ALONE + SEEN_IN_COLUMN)
@given(data=st.data(), minus=st.booleans(), full_width=st.booleans())
def test_every_damage_is_seen_and_the_figure_fits(
    damaging: Damaging, data: st.DataObject, minus: bool, full_width: bool
) -> None:
    """Also with a minus, in full-width forms, and beyond 2^53."""
    figure = data.draw(figures(damaging=damaging))
    text = data.draw(st.composite(lambda draw: damaging(draw, figure.printed))())
    assume(read_numeral(text).places != figure.places or read_numeral(text).value is None)
    value, text = (-figure.value, "-" + text) if minus else (figure.value, text)
    text = wide(text) if full_width else text
    damage = damage_of(text, figure.places)
    assert damage is not None
    assert fits(damage, value, figure.places)
    assert not fits(damage, -value, figure.places)
    assert value in candidates(damage, value, value, figure.places)


@pytest.mark.parametrize("damaging", SEEN_ALONE)
@given(data=st.data(), figure=figures(), dropped=st.booleans())
def test_where_decimals_vary_the_figure_fits_with_and_without_its_zeros(
    damaging: Damaging, data: st.DataObject, figure: Figure, dropped: bool
) -> None:
    """A damaged 12.40 is 12.4, and a damaged 12.4 is 12.40."""
    printed = figure.printed.rstrip("0").rstrip(".") if dropped and figure.places else figure.printed
    text = data.draw(st.composite(lambda draw: damaging(draw, printed))())
    assume(read_numeral(text).value is None)
    damage = damage_of(text, None)
    assert damage is not None
    assert fits(damage, figure.value, None)
    assert fits(damage, figure.value.normalize(), None)


@given(figures(), st.sampled_from(["(…", "…)", "—…", "——…", "一…", "_…", "＿…", "（…", "…）", "— …"]), st.booleans())
def test_half_a_bracket_and_a_false_minus_are_negative(figure: Figure, form: str, varying: bool) -> None:
    """The figure fits as a negative, never as a positive."""
    places = None if varying else figure.places
    damage = damage_of(form.replace("…", figure.printed), places)
    assert damage is not None
    assert (damage.kind, damage.negative) == ("bracket", True)
    assert fits(damage, -figure.value, places)
    assert not fits(damage, figure.value, places)


@pytest.mark.parametrize("damaging", [masked, lettered, split, *SEEN_IN_COLUMN])
@given(data=st.data())
def test_another_legible_digit_never_fits(damaging: Damaging, data: st.DataObject) -> None:
    """A value that differs from the true one where a digit is still printed is not what stood there."""
    figure = data.draw(figures(least=100, damaging=damaging))
    text = data.draw(st.composite(lambda draw: damaging(draw, figure.printed))())
    assume(read_numeral(text).places != figure.places or read_numeral(text).value is None)
    true = figure.printed.replace(".", "").replace(",", "")
    left = re.sub(r"[^\w□■�?＿|!]", "", text)
    assert len(left) == len(true)
    spots = [at for at, mark in enumerate(left) if "0" <= mark <= "9"]
    assume(spots)
    at = data.draw(st.sampled_from(spots))
    digit = data.draw(st.sampled_from([other for other in "0123456789"[at == 0 :] if other != true[at]]))
    other = Decimal(replaced(true, at, digit)) / 10**figure.places
    damage = damage_of(text, figure.places)
    assert damage is not None
    assert not fits(damage, other, figure.places)


@given(st.data(), figures())
def test_masks_fit_what_a_plain_comparison_says(data: st.DataObject, figure: Figure) -> None:
    """A mask is compared glyph by glyph with both ways to print the other value."""
    spots = st.lists(st.integers(0, len(figure.printed) - 1), min_size=1, max_size=4, unique=True)
    text = figure.printed
    for at in data.draw(spots):
        text = replaced(text, at, "□")
    number = figure.printed.replace(".", "").replace(",", "")
    change = data.draw(st.lists(st.sampled_from(range(len(number))), max_size=3))
    for at in change:
        number = replaced(number, at, data.draw(st.sampled_from("0123456789")))
    others = [figure_of(int(number), figure.places, commas) for commas in (False, True)]
    same = [
        len(other.printed) == len(text) and all(a in ("□", b) for a, b in zip(text, other.printed, strict=True))
        for other in others
    ]
    damage = damage_of(text, figure.places)
    assert damage is not None
    assert fits(damage, others[0].value, figure.places) == any(same)


TEXTS = st.lists(st.sampled_from([*"0112345.,  □□?OlBGx()-—_", "[illegible]"]), min_size=1, max_size=9).map("".join)


@given(TEXTS, st.integers(0, 3), st.integers(-20_000, 20_000), st.integers(0, 3_000))
@example("1□□□", 0, 0, 3000)
@example("[illegible]1[illegible]", 2, 0, 3000)
@example("-[illegible]0", 1, -3000, 3000)
@example("0.□5", 2, 0, 300)
@example("□5,,0", 2, 0, 3000)
@example("-□", 0, -5, 10)
def test_candidates_are_what_trying_every_value_finds(text: str, places: int, start: int, width: int) -> None:
    """The walk over the mask and the walk over the interval agree, fifty at most."""
    damage = damage_of(text, places)
    assume(damage is not None)
    assert damage is not None
    tried = [Decimal(steps).scaleb(-places) for steps in range(start, start + width + 1)]
    expected = [value for value in tried if fits(damage, value, places)][:50]
    assert candidates(damage, tried[0], tried[-1], places) == expected


@given(figures(least=0), st.sampled_from(["…", "-…", "(…)", "△…", "¥…", "+…", " … ", "（…）", "…%"]), st.booleans())
def test_clean_numerals_have_no_damage(figure: Figure, form: str, full_width: bool) -> None:
    """Whatever the sign and width, with and without commas."""
    text = form.replace("…", wide(figure.printed) if full_width else figure.printed)
    assert read_numeral(text).value is not None
    assert damage_of(text, figure.places) is None
    assert damage_of(text, None) is None


@given(st.one_of(TEXTS, st.text(max_size=12)), st.one_of(st.none(), st.integers(0, 3)))
def test_what_cannot_be_read_is_damaged_and_what_can_is_not(text: str, places: int | None) -> None:
    """No text breaks it; every illegible numeral has a damage, no blank has one."""
    damage, numeral = damage_of(text, places), read_numeral(text)
    if numeral.legibility == "illegible":
        assert damage is not None
    if numeral.legibility == "blank" or (numeral.value is not None and places in {None, numeral.places}):
        assert damage is None
    if damage is not None:
        assert damage.certain <= len(damage.glyphs)
        assert fits(damage, Decimal("12.34"), places) in {True, False}


@pytest.mark.parametrize(
    ("text", "places", "kind", "legible", "fitting"),
    [
        ("1□92.44", 2, "mask", 5, "1092.44 1292.44 1992.44"),
        ("1?92.44", None, "mask", 5, "1092.44 1292.44"),
        ("1□292.44", 2, "mask", 6, "1292.44 10292.44"),  # the unknown glyph may be the comma
        ("1292□44", 2, "mask", 6, "1292.44"),  # here it can only be the point
        ("1292□44", None, "mask", 6, "1292.44 1292144"),
        ("12[illegible]", 2, "mask", 2, "12.00 12.34 1234.56 12345.67"),
        ("12.[illegible]", 2, "mask", 2, "12.00 12.99"),
        ("1G.50", 2, "mask", 3, "16.50 10.50"),
        ("1x2.50", 2, "mask", 4, "102.50 192.50"),
        ("12□4.4", 2, "mask", 4, "123.44 129.44"),  # the point cannot be right, the digits can
        ("_2_.50", 2, "mask", 3, "121.50 929.50"),
        ("l292.44", 2, "glyphs", 5, "1292.44"),
        ("12O.5", 1, "glyphs", 3, "120.5"),
        ("12O.5", None, "glyphs", 3, "120.5 120.50"),
        ("lO.OO", 2, "glyphs", 0, "10.00"),
        ("１２．５Ｏ", 2, "glyphs", 3, "12.50"),
        ("(12.5O)", 2, "glyphs", 3, "-12.50"),
        ("Bb,S9g.Zq", 2, "glyphs", 1, "86599.29"),
        ("1292,44", 2, "point", 6, "1292.44"),
        ("1292,44", None, "point", 6, "1292.44"),
        ("1,2345.6", None, "point", 6, "12345.6 12345.60"),
        ("1.292.44", None, "point", 6, "1292.44 1.29244"),
        ("1,292。44", 2, "point", 6, "1292.44"),
        ("1292..44", 2, "point", 6, "1292.44"),
        ("129244", 2, "point", 6, "1292.44"),
        ("129.244", 2, "point", 6, "1292.44"),
        (".44", 2, "point", 2, "0.44"),
        ("610", 2, "point", 3, "6.10"),
        ("12 92.44", 2, "split", 6, "1292.44"),
        ("1292 44", 2, "split", 6, "1292.44"),
        ("1292 44", None, "split", 6, "1292.44 129244"),
        ("(12.50", 2, "bracket", 4, "-12.50"),
        ("12.50）", 2, "bracket", 4, "-12.50"),
        ("一12.50", 2, "bracket", 4, "-12.50"),
        ("_12.50", None, "bracket", 4, "-12.50 -12.5"),
        ("[illegible]", 2, "none_legible", 0, "12.50 0.00"),
        ("□□", 0, "none_legible", 0, "10 99"),
        ("□□.□□", 2, "none_legible", 0, "12.50 99.99"),
        ("1□.□□", 2, "none_legible", 1, "12.50"),
        ("0.0□", 2, "none_legible", 0, "0.01 0.00"),
        ("9007199254740993.0□", 2, "mask", 17, "9007199254740993.01 9007199254740993.09"),
    ],
)
def test_damage_by_hand(text: str, places: int | None, kind: str, legible: int, fitting: str) -> None:
    """The kind, how many digits are certain, and values that fit, none of them with the other sign."""
    damage = damage_of(text, places)
    assert damage is not None
    values = [Decimal(value) for value in fitting.split()]
    assert (damage.kind, damage.certain) == (kind, legible)
    assert [value for value in values if not fits(damage, value, places)] == []
    assert not any(fits(damage, -value, places) for value in values if value)


@pytest.mark.parametrize(
    ("text", "places", "value"),
    [
        ("1□92.44", 2, "192.44"),  # exactly one digit, not none
        ("1□92.44", 2, "12392.44"),
        ("1□92.44", 2, "12924.4"),
        ("1□92.44", 2, "1292.445"),  # no such decimals in this column
        ("1□□2.44", 2, "12.44"),
        ("1x292.44", 2, "1292.44"),  # a letter stands for a digit, not for a comma
        ("1G.50", 2, "18.50"),
        ("l292.44", 2, "7292.44"),
        ("12O.5", None, "12.05"),
        ("1,2345.6", None, "1234.56"),
        ("1,2345.6", None, "123456"),  # the point that is printed is the point
        ("12 9□44", None, "129.44"),  # with a blank inside, an unknown glyph is a digit
        ("129244", 2, "129244"),
        ("610", 2, "610"),
        ("12 92.44", 2, "92.44"),
        ("12[illegible]", 0, "12"),
        ("12.50 30.00", 2, "125030.00"),
    ],
)
def test_what_does_not_fit(text: str, places: int | None, value: str) -> None:
    """No digit is added or lost, and a letter is taken only for its digit."""
    damage = damage_of(text, places)
    assert damage is not None
    assert not fits(damage, Decimal(value), places)


@pytest.mark.parametrize(
    "text",
    ["", "—", "——", "**", "无", "合计", "2021年", "12月31日", "BOSS", "一", "GDP", "3G网络", "0", "0.0", "12.50"],
)
def test_words_blanks_and_zeros_are_not_damaged(text: str) -> None:
    """They are no damaged numerals of a column of two decimals."""
    assert damage_of(text, 2) is None


def test_two_figures_in_one_text_are_no_numeral() -> None:
    """Nothing fits them, with decimals known or not."""
    for text in ("12.50 30.00", "12.50 30", "1.5 2.5"):
        for places in (2, None) if text != "12.50 30" else (2,):
            damage = damage_of(text, places)
            assert damage is not None
            assert damage.kind == "none_legible"
            assert candidates(damage, Decimal(0), Decimal(10**12), 2) == []


def test_candidates_are_the_first_fifty_in_order() -> None:
    """Of a wide interval as of a narrow one, negatives too, bounds included and exact."""
    damage = damage_of("1□□2.44", 2)
    assert damage is not None
    found = candidates(damage, Decimal(0), Decimal(10) ** 30, 2)
    assert [str(value) for value in (found[0], found[10], found[-1])] == ["1002.44", "1102.44", "1492.44"]
    assert [str(value) for value in candidates(damage, Decimal("1012.44"), Decimal("1022.4399"), 2)] == ["1012.44"]
    negative = damage_of("-1□.50", 2)
    assert negative is not None
    assert [str(value) for value in candidates(negative, Decimal(-100), Decimal("-17.5"), 2)] == [
        "-19.50", "-18.50", "-17.50",
    ]  # fmt: skip


def test_the_examples_in_the_docstrings_hold() -> None:
    """As they are printed there."""
    result = doctest.testmod(module)
    assert (result.failed, result.attempted > 2) == (0, True)
