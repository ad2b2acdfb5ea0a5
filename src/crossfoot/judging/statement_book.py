"""Facts as amounts that checks can add: in 元 where they are money, each with its rounding.

The rounding of an amount is half a unit of the finest place printed in its section of prose; a count is exact.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import NamedTuple

from crossfoot.figures import Check, CheckKind, Finding, Source, Term
from crossfoot.numerals import SCALES, half_unit
from crossfoot.statements import Fact, Unread

_ZERO = Decimal(0)
MONEY_ROLES = frozenset({"amount", "budget", "previous", "change"})


class Statements(NamedTuple):
    """What the narrative of a document gives to be judged: its facts, and the amounts that no pattern took."""

    facts: tuple[Fact, ...] = ()
    unread: tuple[Unread, ...] = ()


class Tested(NamedTuple):
    """A check of facts with the finding it makes when it fails; `proves` are the facts that it pins if it holds."""

    check: Check
    finding: Finding | None = None
    proves: tuple[str, ...] = ()


@dataclass(frozen=True)
class Book:
    """The facts of one document, by id and by what they are part of."""

    source: Source
    statements: Statements

    @property
    def facts(self) -> Sequence[Fact]:
        """Returns all facts in the order of the text."""
        return self.statements.facts

    @cached_property
    def by_id(self) -> Mapping[str, Fact]:
        """Returns the facts by id."""
        return {fact.id: fact for fact in self.facts}

    @cached_property
    def of(self) -> Mapping[str, Sequence[Fact]]:
        """Returns for each fact those that are its parts, changes, shares and completions."""
        found: dict[str, list[Fact]] = {}
        for fact in self.facts:
            if fact.of:
                found.setdefault(fact.of, []).append(fact)
        return found

    @cached_property
    def by_subject(self) -> Mapping[tuple[str, str, str], Sequence[Fact]]:
        """Returns the facts by section, measure and item."""
        found: dict[tuple[str, str, str], list[Fact]] = {}
        for fact in self.facts:
            found.setdefault((fact.section, fact.measure, fact.item), []).append(fact)
        return found

    @cached_property
    def unread_money(self) -> Sequence[int]:
        """Returns where the amounts of money stand that are in no fact."""
        return sorted(one.span[0] for one in self.statements.unread if one.unit in SCALES)

    @cached_property
    def _places(self) -> Mapping[tuple[str, str], int]:
        finest: dict[tuple[str, str], int] = {}
        for fact in self.facts:
            if fact.unit in SCALES:
                key = (fact.section, fact.unit)
                finest[key] = max(finest.get(key, 0), fact.places)
        return finest

    def unit(self, fact: Fact) -> str:
        """Returns the fact's unit; an amount printed without one has that of its total."""
        if fact.unit or fact.state == "words" or fact.of not in self.by_id:
            return fact.unit
        return self.by_id[fact.of].unit

    def value(self, fact: Fact) -> Decimal:
        """Returns the amount in 元 where it is money, else the number as printed."""
        return fact.value * SCALES.get(self.unit(fact), Decimal(1))

    def half(self, fact: Fact) -> Decimal:
        """Returns half a unit of the finest place, in the same unit as `value`; words and counts are exact."""
        unit = self.unit(fact)
        if fact.state == "words" or unit not in SCALES:
            return half_unit(fact.places) if unit in {"%", "％"} else _ZERO
        return half_unit(max(fact.places, self._places.get((fact.section, unit), 0))) * SCALES[unit]


def checked(
    rule: str, kind: CheckKind, terms: Sequence[tuple[str, int]], result: tuple[bool, Decimal, Decimal], unit: str
) -> Check:
    """Returns an executed check; `result` is whether it holds, the gap and the tolerance, in `unit`."""
    holds, gap, tolerance = result
    return Check(
        id=f"{terms[0][0]}~{rule}",
        rule=rule,
        kind=kind,
        origin="declared",
        tables=(),
        terms=tuple(Term(cell=ref, weight=weight) for ref, weight in terms),
        outcome="holds" if holds else "fails",
        gap=tidy(gap),
        tolerance=tidy(tolerance),
        unit=unit,
    )


def tidy(value: Decimal) -> Decimal:
    """Returns the value without trailing zeros and without exponent."""
    return value.normalize() + _ZERO if value else _ZERO


def said(fact: Fact) -> str:
    """Returns a fact in words: `行政运行 589.86万元`, `revenue total 1292.44万元`."""
    name = fact.item or fact.measure.replace("_", " ")
    return f"{name} {fact.printed}{fact.unit}"
