"""Damages a printed table in known ways: a figure, two figures, a row, a column; what was changed is told.

It knows nothing of crossfoot: a text is lines of fields between tabs. A place is the number of a line, from 1, and of
a field of it, from 0. The same dice do the same damage.
"""

import random
import re
from collections.abc import Callable, Sequence
from decimal import Decimal
from itertools import pairwise
from typing import Literal, NamedTuple

DamageClass = Literal["glyph", "clean", "structure"]


class Place(NamedTuple):
    """Where a figure stands: line from 1, field between tabs from 0."""

    line: int
    field: int


class Change(NamedTuple):
    """What one figure was printed as, and what stands at its place now."""

    place: Place
    original: str
    printed: str


class Damage(NamedTuple):
    """A damaged text and what was done to it. Places are those of the text before a line was dropped or doubled."""

    kind: str
    text: str
    changes: tuple[Change, ...]
    dropped: int = 0
    doubled: int = 0


#: Letters that are taken for digits, by digit.
LOOKALIKES = {"0": "OoD", "1": "lI|", "2": "Z", "5": "S", "6": "b", "8": "B", "9": "g"}
_FULL_WIDTH = {ord(sign): ord(sign) + 0xFEE0 for sign in "0123456789.,-()"}
_HALF_WIDTH = {wide: chr(narrow) for narrow, wide in _FULL_WIDTH.items()}
_SIGNS = "-−△"
_POWERS = (1, 1, 2, 3, 4, 4)
_PLAIN = re.compile(r"(?P<sign>[-−△]?)(?P<whole>\d+|\d{1,3}(?:,\d{3})+)(?P<part>\.\d+)?")


def reading(printed: str) -> Decimal | None:
    """Returns what a careful person reads: the amount of a well-formed numeral, or None.

    Full-width forms and a blank beside the point are read; a blank elsewhere or anything else is not.
    """
    text = re.sub(r"\s*\.\s*", ".", printed.translate(_HALF_WIDTH).strip())
    is_bracketed = text.startswith("(") and text.endswith(")")
    match = _PLAIN.fullmatch(text[1:-1] if is_bracketed else text)
    if match is None or (is_bracketed and match["sign"]):
        return None
    value = Decimal(match["whole"].replace(",", "") + (match["part"] or ""))
    return -value if is_bracketed or match["sign"] else value


def fields_of(text: str, line: int) -> list[str]:
    """Returns the fields of a line, numbered from 1."""
    return text.split("\n")[line - 1].split("\t")


def damaged(text: str, kind: str, places: Sequence[Place], dice: random.Random) -> Damage | None:
    """Returns the text with one damage of that kind at one of the places, or None where none can have it.

    The places are those of the filled figures of one table.
    """
    if kind in ONE_FIGURE:
        return _one_figure(text, kind, places, dice)
    if not places:
        return None
    done = STRUCTURE[kind](text, sorted(places), dice)
    return None if done is None else done._replace(kind=kind)


def class_of(kind: str) -> DamageClass:
    """Returns whether a kind leaves a trace in the numeral, makes another numeral of it, or moves figures."""
    return "glyph" if kind in GLYPH else "clean" if kind in CLEAN else "structure"


# --- one figure -------------------------------------------------------------------------------------------------------


def _one_figure(text: str, kind: str, places: Sequence[Place], dice: random.Random) -> Damage | None:
    for place in dice.sample(sorted(places), len(places)):
        original = fields_of(text, place.line)[place.field]
        now = _neighbour(text, place, places, dice) if kind == "copied" else ONE_FIGURE[kind](original, dice)
        if now is not None and now != original and (kind not in CLEAN or reading(now) != reading(original)):
            change = Change(place, original, now)
            return Damage(kind, with_changes(text, [change]), (change,))
    return None


def with_changes(text: str, changes: Sequence[Change]) -> str:
    """Returns the text with what the changes print at their places; a place beyond the end of its line is made."""
    lines = text.split("\n")
    for change in changes:
        fields = lines[change.place.line - 1].split("\t")
        fields += [""] * (change.place.field + 1 - len(fields))
        fields[change.place.field] = change.printed
        lines[change.place.line - 1] = "\t".join(fields)
    return "\n".join(lines)


def _digits(printed: str) -> list[int]:
    return [index for index, sign in enumerate(printed) if sign in "0123456789"]


def _put(printed: str, index: int, sign: str) -> str:
    return printed[:index] + sign + printed[index + 1 :]


def _letter(printed: str, dice: random.Random) -> str | None:
    able = [index for index in _digits(printed) if printed[index] in LOOKALIKES]
    if not able:
        return None
    index = dice.choice(able)
    return _put(printed, index, dice.choice(LOOKALIKES[printed[index]]))


def _masked(printed: str, dice: random.Random, count: int) -> str | None:
    digits = _digits(printed)
    if len(digits) < max(2, count + 1):
        return None
    mask, text = dice.choice("□?"), printed
    for index in dice.sample(digits, count):
        text = _put(text, index, mask)
    return text


def _mask_one(printed: str, dice: random.Random) -> str | None:
    return _masked(printed, dice, 1)


def _mask_two(printed: str, dice: random.Random) -> str | None:
    return _masked(printed, dice, 2)


def _illegible(_printed: str, _dice: random.Random) -> str | None:
    return "[illegible]"


def _point_lost(printed: str, _dice: random.Random) -> str | None:
    return printed.replace(".", "") if "." in printed else None


def _point_moved(printed: str, dice: random.Random) -> str | None:
    """Returns the numeral with its point one digit further left or right, at least one digit on either side."""
    match = re.fullmatch(r"(\D*)(\d+)\.(\d+)(\D*)", printed)
    if match is None:
        return None
    before, whole, part, after = match.groups()
    able = [f"{whole[:-1]}.{whole[-1]}{part}"] if len(whole) > 1 else []
    able += [f"{whole}{part[0]}.{part[1:]}"] if len(part) > 1 else []
    return f"{before}{dice.choice(able)}{after}" if able else None


def _comma_as_point(printed: str, _dice: random.Random) -> str | None:
    return printed.replace(",", ".", 1) if "," in printed and "." in printed else None


def _point_as_comma(printed: str, _dice: random.Random) -> str | None:
    return printed.replace(".", ",") if "." in printed else None


def _split(printed: str, dice: random.Random) -> str | None:
    """Returns the numeral with a blank between two of its signs."""
    digits = _digits(printed)
    able = range(digits[0] + 1, digits[-1] + 1) if digits else range(0)
    index = dice.choice(able) if able else 0
    return f"{printed[:index]} {printed[index:]}" if index else None


def _full_width(printed: str, _dice: random.Random) -> str | None:
    return printed.translate(_FULL_WIDTH)


def _half_bracket(printed: str, dice: random.Random) -> str | None:
    return dice.choice([printed[1:], printed[:-1]]) if printed[0] == "(" and printed[-1] == ")" else None


def _substituted(printed: str, dice: random.Random) -> str | None:
    index = dice.choice(_digits(printed))
    return _put(printed, index, dice.choice([digit for digit in "0123456789" if digit != printed[index]]))


def _transposed(printed: str, dice: random.Random) -> str | None:
    digits = _digits(printed)
    pairs = [(a, b) for a, b in pairwise(digits) if printed[a] != printed[b]]
    if not pairs:
        return None
    first, second = dice.choice(pairs)
    return _put(_put(printed, first, printed[second]), second, printed[first])


def _in_whole(printed: str) -> list[int]:
    """Returns where the digits before the point stand; a dropped or doubled one there keeps the decimals."""
    end = printed.find(".") if "." in printed else len(printed)
    return [index for index in _digits(printed) if index < end]


def _dropped(printed: str, dice: random.Random) -> str | None:
    able = _in_whole(printed)
    if len(able) < 2 or "," in printed:
        return None
    index = dice.choice(able)
    return printed[:index] + printed[index + 1 :]


def _inserted(printed: str, dice: random.Random) -> str | None:
    if "," in printed:
        return None
    index = dice.choice(_in_whole(printed))
    return printed[:index] + dice.choice("123456789") + printed[index:]


def _minus_lost(printed: str, _dice: random.Random) -> str | None:
    value = reading(printed)
    return printed.strip("()" + _SIGNS) if value is not None and value < 0 else None


def _blanked(_printed: str, _dice: random.Random) -> str | None:
    return ""


def _neighbour(text: str, place: Place, places: Sequence[Place], dice: random.Random) -> str | None:
    """Returns what is printed in the nearest figure of the row, or of the column, beside a place."""
    row = sorted((abs(p.field - place.field), p) for p in places if p.line == place.line and p != place)
    column = sorted((abs(p.line - place.line), p) for p in places if p.field == place.field and p != place)
    near = [beside[0][1] for beside in (row, column) if beside]
    other = dice.choice(near) if near else None
    return None if other is None else fields_of(text, other.line)[other.field]


Figure = Callable[[str, random.Random], str | None]
GLYPH: dict[str, Figure] = {
    "letter": _letter, "mask_one": _mask_one, "mask_two": _mask_two, "illegible": _illegible,
    "point_lost": _point_lost, "point_moved": _point_moved, "comma_as_point": _comma_as_point,
    "point_as_comma": _point_as_comma, "split": _split, "full_width": _full_width, "half_bracket": _half_bracket,
}  # fmt: skip
CLEAN: dict[str, Figure] = {
    "substituted": _substituted, "transposed": _transposed, "dropped": _dropped, "inserted": _inserted,
    "minus_lost": _minus_lost, "blanked": _blanked, "copied": _blanked,  # copied needs more than the figure: _neighbour
}  # fmt: skip
ONE_FIGURE = {**GLYPH, **CLEAN}


# --- rows and columns -------------------------------------------------------------------------------------------------


def _printed_at(text: str, place: Place) -> str:
    fields = fields_of(text, place.line)
    return fields[place.field] if place.field < len(fields) else ""


def _moved(text: str, wanted: Sequence[tuple[Place, str]]) -> Damage | None:
    """Returns the text with new figures at these places, or None if each stays what it was."""
    changes = tuple(
        Change(place, original, now) for place, now in wanted if (original := _printed_at(text, place)) != now
    )
    return Damage("", with_changes(text, changes), changes) if changes else None


def _swapped(text: str, pairs: Sequence[tuple[Place, Place]], dice: random.Random) -> Damage | None:
    different = [(a, b) for a, b in pairs if _printed_at(text, a) != _printed_at(text, b)]
    if not different:
        return None
    first, second = dice.choice(different)
    return _moved(text, [(first, _printed_at(text, second)), (second, _printed_at(text, first))])


def _swapped_in_row(text: str, places: Sequence[Place], dice: random.Random) -> Damage | None:
    return _swapped(text, [(a, b) for a, b in pairwise(places) if a.line == b.line], dice)


def _swapped_in_column(text: str, places: Sequence[Place], dice: random.Random) -> Damage | None:
    ordered = sorted(places, key=lambda place: (place.field, place.line))
    return _swapped(text, [(a, b) for a, b in pairwise(ordered) if a.field == b.field], dice)


def _shifted(text: str, places: Sequence[Place], dice: random.Random, *, left: bool) -> Damage | None:
    """Returns the text with the figures of a row from some place on moved by one column: a tab lost or added.

    A tab is lost only beside a blank, and none is added where the last column is filled, so no figure is lost.
    """
    fields = {place.field for place in places}
    first, last = min(fields), max(fields)
    if fields != set(range(first, last + 1)):
        return None  # columns of words stand between: lists side by side
    able: list[tuple[int, int]] = []
    for line in sorted({place.line for place in places}):
        figures = [_printed_at(text, Place(line, field)) for field in range(first, last + 1)]
        for start in range(len(figures)):
            moves = any(figures[start + 1 :]) and not figures[start] if left else any(figures[start:])
            if moves and (left or not figures[-1]):
                able.append((line, start))
    if not able:
        return None
    line, start = dice.choice(able)
    figures = [_printed_at(text, Place(line, field)) for field in range(first, last + 1)]
    now = [*figures[:start], *figures[start + 1 :], ""] if left else [*figures[:start], "", *figures[start:-1]]
    done = _moved(text, [(Place(line, first + index), figure) for index, figure in enumerate(now)])
    if done is None:
        return None
    lines = text.split("\n")
    pieces = lines[line - 1].split("\t")
    at = first + start
    lines[line - 1] = "\t".join([*pieces[:at], *pieces[at + 1 :]] if left else [*pieces[:at], "", *pieces[at:]])
    return done._replace(text="\n".join(lines))


def _tab_lost(text: str, places: Sequence[Place], dice: random.Random) -> Damage | None:
    return _shifted(text, places, dice, left=True)


def _tab_added(text: str, places: Sequence[Place], dice: random.Random) -> Damage | None:
    return _shifted(text, places, dice, left=False)


def _rows_exchanged(text: str, places: Sequence[Place], dice: random.Random) -> Damage | None:
    lines = sorted({place.line for place in places})
    fields = sorted({place.field for place in places})
    pairs = list(pairwise(lines))
    for above, below in dice.sample(pairs, len(pairs)):
        both = [(Place(above, field), Place(below, field)) for field in fields]
        wanted = [(a, _printed_at(text, b)) for a, b in both] + [(b, _printed_at(text, a)) for a, b in both]
        done = _moved(text, wanted)
        if done is not None:
            return done
    return None


def _row_duplicated(text: str, places: Sequence[Place], dice: random.Random) -> Damage | None:
    line = dice.choice(sorted({place.line for place in places}))
    lines = text.split("\n")
    return Damage("", "\n".join([*lines[:line], lines[line - 1], *lines[line:]]), (), doubled=line)


def _row_dropped(text: str, places: Sequence[Place], dice: random.Random) -> Damage | None:
    line = dice.choice(sorted({place.line for place in places}))
    lines = text.split("\n")
    changes = tuple(Change(place, _printed_at(text, place), "") for place in places if place.line == line)
    return Damage("", "\n".join([*lines[: line - 1], *lines[line:]]), changes, dropped=line)


def _times(printed: str, power: int) -> str | None:
    """Returns a figure times a power of ten with as many decimals and the same commas and sign, or None."""
    value = reading(printed)
    if value is None:
        return None
    places = len(printed.partition(".")[2].rstrip(")"))
    scaled = abs(value).scaleb(power)
    if scaled != scaled.quantize(Decimal(1).scaleb(-places)):
        return None
    text = f"{scaled:,.{places}f}" if "," in printed else f"{scaled:.{places}f}"
    return re.sub(r"\d[\d,.]*", text, printed, count=1)


def _scaled(text: str, places: Sequence[Place], power: int) -> Damage | None:
    now = [(place, _times(_printed_at(text, place), power)) for place in places]
    whole = [(place, figure) for place, figure in now if figure is not None]
    return _moved(text, whole) if len(whole) == len(now) else None


def _scaled_cell(text: str, places: Sequence[Place], dice: random.Random) -> Damage | None:
    return _scaled(text, [dice.choice(places)], dice.choice([-1, dice.choice(_POWERS)]))


def _scaled_row(text: str, places: Sequence[Place], dice: random.Random) -> Damage | None:
    line = dice.choice(places).line
    return _scaled(text, [place for place in places if place.line == line], dice.choice(_POWERS))


def _scaled_column(text: str, places: Sequence[Place], dice: random.Random) -> Damage | None:
    field = dice.choice(places).field
    return _scaled(text, [place for place in places if place.field == field], dice.choice(_POWERS))


def _unit_slip(text: str, places: Sequence[Place], _dice: random.Random) -> Damage | None:
    """Returns the table with its figures in 元 under a unit line that says 万元."""
    return _scaled(text, places, 4)


Structural = Callable[[str, Sequence[Place], random.Random], Damage | None]
STRUCTURE: dict[str, Structural] = {
    "swapped_in_row": _swapped_in_row, "swapped_in_column": _swapped_in_column, "tab_lost": _tab_lost,
    "tab_added": _tab_added, "rows_exchanged": _rows_exchanged, "row_duplicated": _row_duplicated,
    "row_dropped": _row_dropped, "scaled_cell": _scaled_cell, "scaled_row": _scaled_row,
    "scaled_column": _scaled_column, "unit_slip": _unit_slip,
}  # fmt: skip
KINDS = (*GLYPH, *CLEAN, *STRUCTURE)
#: After these the places of the text before are no longer those of the text.
MOVES_LINES = frozenset({"row_duplicated", "row_dropped"})
