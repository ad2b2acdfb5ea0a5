"""A failing check → the sum as a person would write it on paper, each amount with its label and line.

It explains what was checked; it never decides whether a check holds.
"""

from decimal import Decimal
from typing import NamedTuple

from crossfoot.figures import Check, Noun, Term
from crossfoot.numerals import SCALES, plain
from crossfoot.places import Place, Places, table_label

_LINEAR = frozenset({"sum", "equal", "at_most"})


class Entry(Noun):
    """One amount of a written sum: `sign` is "" for the first part, `≠` or `<` for the stated total."""

    sign: str
    amount: str
    label: str
    line: int


class WrittenSum(Noun):
    """A failing check in words and numbers; a `sentence` is `589.86 + 702.58 = 1292.44 ≠ 1294.44 (gap −2.00 万元)`."""

    rule: str
    sentence: str
    entries: tuple[Entry, ...]
    left_out: int = 0


class _Part(NamedTuple):
    """A term with its weighted amount in the check's unit; a blank counts as zero."""

    amount: Decimal
    printed: str
    label: str
    line: int


def write_out(check: Check, places: Places) -> WrittenSum:
    """Returns the check written out; blank and zero parts of a sum are counted, not listed."""
    across = len({term.cell.partition(".")[0] for term in check.terms}) > 1
    resolved = [_part(term, check.unit, places, across) for term in check.terms]
    if check.kind not in _LINEAR or len(resolved) < 2:
        cited = tuple(Entry(sign="", amount=part.printed, label=part.label, line=part.line) for part in resolved)
        return WrittenSum(rule=check.rule, sentence=check.why or "does not hold", entries=cited)
    total, *parts = resolved
    counted = [part for part in parts if part.amount] or parts[:1]
    entries = [_entry(index, part) for index, part in enumerate(counted)]
    sign = "<" if check.kind == "at_most" else "≠"
    stated = Entry(sign=sign, amount=signed(-total.amount), label=total.label, line=total.line)
    summed = sum((part.amount for part in parts), Decimal())
    return WrittenSum(
        rule=check.rule,
        sentence=_sentence(check, entries, summed, stated),
        entries=(*entries, stated),
        left_out=len(parts) - len(counted),
    )


def signed(value: Decimal) -> str:
    """Returns the value as plain digits with a real minus sign."""
    return plain(value).replace("-", "−")


def _sentence(check: Check, entries: list[Entry], summed: Decimal, stated: Entry) -> str:
    left = " ".join(f"{entry.sign} {entry.amount}".strip() for entry in entries)
    if len(entries) > 1:
        left = f"{left} = {signed(summed)}"
    gap = "" if check.gap is None else f" (gap {signed(check.gap)} {check.unit}".rstrip() + ")"
    return f"{left} {stated.sign} {stated.amount}{gap}"


def _entry(index: int, part: _Part) -> Entry:
    if index == 0:
        return Entry(sign="", amount=signed(part.amount), label=part.label, line=part.line)
    sign = "−" if part.amount < 0 else "+"
    return Entry(sign=sign, amount=plain(abs(part.amount)), label=part.label, line=part.line)


def _part(term: Term, unit: str, places: Places, across: bool) -> _Part:
    place = places.get(term.cell)
    if place is None:
        return _Part(Decimal(), "", term.cell, 0)
    label = f"{table_label(place.table)} {place.label}" if across else place.label
    return _Part(term.weight * _in_unit(place, unit), place.cell.printed, label, place.cell.line)


def _in_unit(place: Place, unit: str) -> Decimal:
    cell = place.cell
    value = cell.value if cell.value is not None else Decimal()
    if cell.unit == unit or cell.unit not in SCALES or unit not in SCALES:
        return value
    return value * SCALES[cell.unit] / SCALES[unit]
