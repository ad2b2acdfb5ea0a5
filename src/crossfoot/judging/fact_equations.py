"""Facts → equations that say what an unread cell is: only those that are grounded, of the document's year and alone."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from math import ceil
from typing import NamedTuple

from crossfoot.figures import Check, Source, Term
from crossfoot.judging.identities import Selector
from crossfoot.judging.links import cells_of
from crossfoot.judging.statement_book import Book, Statements, said
from crossfoot.judging.system import Equation, System
from crossfoot.numerals import SCALES
from crossfoot.statements import Fact
from crossfoot.tabletypes import Rule, relation

_ROLES = frozenset({"amount", "budget", "previous", "change"})
#: Rows that a rule names only together with a fact.
_OF_THE_FACT = frozenset({"item", "class"})


_Terms = tuple[tuple[int, str], ...]


class Said(NamedTuple):
    """The facts that may speak for a cell, by measure and role, and the book that scales them."""

    book: Book
    facts: Mapping[tuple[str, str], Sequence[Fact]]


def usable(source: Source, facts: Sequence[Fact], checks: Iterable[Check], year: int | None) -> Said:
    """Returns the facts that may speak for a cell: grounded, of the year, in no failing check, not only a model's."""
    failing = {term.cell for check in checks if check.outcome == "fails" for term in check.terms}
    book = Book(source, Statements(tuple(facts)))
    found: dict[tuple[str, str], list[Fact]] = {}
    for fact in facts:
        is_grounded = fact.proof == "proved" or (fact.proof == "grounded" and fact.reader == "pattern")
        is_money = fact.unit in SCALES or (fact.state == "words" and not fact.value)
        if fact.role in _ROLES and not fact.item and is_money and is_grounded and fact.id not in failing:
            of_year = _year(fact, book)
            if of_year is None or year is None or of_year == year:
                found.setdefault((fact.measure, fact.role), []).append(fact)
    return Said(book, found)


def _year(fact: Fact, book: Book) -> int | None:
    """Returns the year a fact speaks of: its own, or that of the total or amount it belongs to."""
    seen: set[str] = set()
    while fact.year is None and fact.of in book.by_id and fact.of not in seen:
        seen.add(fact.of)
        fact = book.by_id[fact.of]
    return fact.year


def measure_of(rule: Rule) -> tuple[str, str]:
    """Returns what a `stated` rule is about: measure and role; without a role it is the amount."""
    measure, _, role = relation(rule.text)[0][0][1].partition(".")
    return measure, role or "amount"


def stated_selectors(rule: Rule) -> list[tuple[int, Selector]]:
    """Returns the cells that a `stated` rule names; none if only the fact itself says which row is meant."""
    selectors = [(weight, Selector(name)) for weight, name in relation(rule.text)[2]]
    return [] if any(one.row.rpartition("/")[2] in _OF_THE_FACT for _, one in selectors) else selectors


def fact_equations(system: System, told: Said, family: str, tables: AbstractSet[str]) -> Iterator[Equation]:
    """Yields what the usable facts say of the cells of the given tables, by the family's `stated` rules."""
    rules = system.ledger.catalog.links.get(family, ())
    stated: dict[tuple[str, str], set[_Terms]] = {}
    for rule in rules:
        if rule.kind == "stated":
            stated.setdefault(measure_of(rule), set()).add(relation(rule.text)[2])
    equal = [relation(rule.text) for rule in rules if rule.kind == "equal"]
    sides = [(left, right) for left, sign, right in equal if sign == "="]
    for rule in rules:
        facts = told.facts.get(measure_of(rule), ()) if rule.kind == "stated" else ()
        if not facts or not _is_one_amount(rule, stated[measure_of(rule)], sides):
            continue
        terms: dict[str, int] = {}
        for weight, selector in stated_selectors(rule):
            entries = system.ledger.by_type(selector.type, family)
            cells = cells_of(entries[0], selector) if len(entries) == 1 else []
            terms.update(dict.fromkeys(cells, weight))
        if any(cell.partition(".")[0] in tables for cell in terms):
            for fact in facts:
                yield _equation(system, told.book, rule, fact, terms)


def _is_one_amount(rule: Rule, wanted: AbstractSet[_Terms], equal: Sequence[tuple[_Terms, _Terms]]) -> bool:
    """Says whether all cells that the fact may restate are one amount by the links; else any of them may be meant.

    `wanted` are those cells by all rules of the fact's measure, `equal` the sides of the links that are equal.
    """
    same = {relation(rule.text)[2]}
    while more := {
        other
        for left, right in equal
        for one, other in ((left, right), (right, left))
        if one in same and other not in same
    }:
        same |= more
    return wanted <= same


def _equation(system: System, book: Book, rule: Rule, fact: Fact, terms: Mapping[str, int]) -> Equation:
    """Returns that the cells add up to the fact; scaled by a power of ten so that all are whole numbers of steps."""
    sign = -1 if fact.role == "change" and fact.direction == "decrease" else 1
    value, half = system.exact_steps(book.value(fact) * sign), system.exact_steps(book.half(fact))
    factor = 10 ** max(0, *(-int(number.normalize().as_tuple().exponent) for number in (value, half)))
    unknown = tuple(cell for cell in terms if system.ledger.cells[cell][2].state in {"illegible", "derived"})
    gap = factor * sum(weight * system.value(cell) for cell, weight in terms.items()) - int(value * factor)
    tolerance = ceil(half * factor) + factor * sum(abs(weight) * system.half(cell) for cell, weight in terms.items())
    check = Check(
        id=f"{fact.id}~stated: {rule.text}",
        rule=f"stated: {rule.text}",
        kind="equal" if len(terms) == 1 else "sum",
        origin="declared",
        tables=(),
        terms=(Term(cell=fact.id, weight=-1), *(Term(cell=cell, weight=weight) for cell, weight in terms.items())),
        outcome="untestable",
        why=f"the text says {said(fact)}{_told_of(fact)} (L{fact.line})",
        waits_for=unknown,
    )
    weights = {cell: weight * factor for cell, weight in terms.items()}
    return Equation(check, weights, gap, tolerance, unknown, is_copy=len(terms) == 1)


def _told_of(fact: Fact) -> str:
    """Returns what a fact's number is besides the amount of the year, in words."""
    if fact.role == "change":
        compared = {"increase": "more than", "decrease": "less than", "unchanged": "as"}.get(fact.direction, "beside")
        return f", {compared} the year before"
    return {"budget": " in the budget", "previous": " the year before"}.get(fact.role, "")
