"""A failing check → the sum as a person would write it on paper, each amount with its label and line.

It explains what was checked; it never decides whether a check holds.
"""

from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from crossfoot.figures import Check, Noun, Term
from crossfoot.numerals import plain
from crossfoot.output.places import Places, table_label
from crossfoot.output.weighing import LINEAR, in_unit, sides, signed


class Entry(Noun):
    """One amount of a written sum: `sign` is "" for the first part, `≠` or `<` for the stated total."""

    sign: str
    amount: str
    label: str
    line: int


class WrittenSum(Noun):
    """A failing check in words and numbers; a `sentence` is `5.10 + 2.20 = 7.30 ≠ 7.50 (gap −0.20 万元)`."""

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
    if check.kind not in LINEAR or len(resolved) < 2:
        cited = tuple(Entry(sign="", amount=part.printed, label=part.label, line=part.line) for part in resolved)
        return WrittenSum(rule=check.rule, sentence=check.why or "does not hold", entries=cited)
    stated, parts = _sides(check, resolved)
    sign = "<" if check.kind == "at_most" else "≠"
    gap = signed(_total(parts) - _total(stated))
    return WrittenSum(
        rule=check.rule,
        sentence=f"{_in_words(parts)} {sign} {_in_words(stated)} (gap {f'{gap} {check.unit}'.rstrip()})",
        entries=(*_entries(parts, ""), *_entries(stated, sign)),
        left_out=len(resolved) - len(_counted(stated)) - len(_counted(parts)),
    )


def _sides(check: Check, resolved: Sequence[_Part]) -> tuple[list[_Part], list[_Part]]:
    """Returns the stated side, which the terms begin with at weight −1, as it stands, and the side of the parts."""
    cut = len(sides(check.terms)[0])
    return [part._replace(amount=-part.amount) for part in resolved[:cut]], list(resolved[cut:])


def _counted(side: Sequence[_Part]) -> Sequence[_Part]:
    return [part for part in side if part.amount] or side[:1]


def _total(side: Sequence[_Part]) -> Decimal:
    return sum((part.amount for part in side), Decimal())


def _in_words(side: Sequence[_Part]) -> str:
    entries = _entries(side, "")
    words = " ".join(f"{entry.sign} {entry.amount}".strip() for entry in entries)
    return f"{words} = {signed(_total(side))}" if len(entries) > 1 else words


def _entries(side: Sequence[_Part], sign: str) -> tuple[Entry, ...]:
    """Returns the amounts that count, the first one under the given sign."""
    first, *rest = _counted(side)
    entries = [Entry(sign=sign, amount=signed(first.amount), label=first.label, line=first.line)]
    for part in rest:
        sign = "−" if part.amount < 0 else "+"
        entries.append(Entry(sign=sign, amount=plain(abs(part.amount)), label=part.label, line=part.line))
    return tuple(entries)


def _part(term: Term, unit: str, places: Places, across: bool) -> _Part:
    place = places.get(term.cell)
    if place is None:
        return _Part(Decimal(), "", term.cell, 0)
    label = f"{table_label(place.table)} {place.label}" if across else place.label
    value = place.cell.value if place.cell.value is not None else Decimal()
    amount = term.weight * in_unit(value, place.cell.unit, unit)
    return _Part(amount, place.cell.printed, label, place.cell.line)
