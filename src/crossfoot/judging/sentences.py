"""Facts against facts: lists against their totals, changes, rates, shares, completions and headcounts (N2 … N6).

A list is held to its total only where it is complete by what it holds or says; else its parts may only not exceed it.
"""

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from decimal import Decimal

from crossfoot.figures import Check, CitedCell, Finding
from crossfoot.judging.statement_book import Book, Tested, checked, said, tidy
from crossfoot.numerals import half_unit, plain
from crossfoot.statements import Fact

_ZERO = Decimal(0)
_FAMILIES: tuple[tuple[str, frozenset[str]], ...] = (
    ("funds", frozenset({
        "gpb_revenue", "gov_fund_revenue", "state_capital_revenue", "fiscal_revenue", "revenue_item", "carry_over",
        "gpb_expenditure", "gov_fund_expenditure", "state_capital_expenditure",
    })),
    ("kinds", frozenset({
        "basic_expenditure", "gpb_basic_expenditure", "project_expenditure", "gpb_project_expenditure",
        "expenditure_item",
    })),
    ("basic", frozenset({"personnel", "operating"})),
    ("functions", frozenset({"function_item"})),
    ("economic", frozenset({"economic_item"})),
    ("three public", frozenset({"abroad", "reception", "vehicle", "vehicle_purchase", "vehicle_running"})),
    ("procurement", frozenset({"procurement_goods", "procurement_works", "procurement_services"})),
    ("reception", frozenset({"domestic_reception", "foreign_reception"})),
)  # fmt: skip
#: Lists that are complete by definition once all of these are in them.
_COMPLETE: tuple[frozenset[str], ...] = (
    frozenset({"personnel", "operating"}),
    frozenset({"vehicle_purchase", "vehicle_running"}),
    frozenset({"procurement_goods", "procurement_works", "procurement_services"}),
    frozenset({"abroad", "reception", "vehicle"}),
    frozenset({"abroad", "reception", "vehicle_purchase", "vehicle_running"}),
)
_PERCENT = Decimal(100)


def sentence_checks(book: Book) -> Iterator[Tested]:
    """Yields the checks of facts against facts."""
    for fact in book.facts:
        if fact.role in {"amount", "budget", "previous"}:
            yield from _lists(book, fact)
        if fact.role == "count":
            yield from _headcount(book, fact)
        if fact.role == "rate":
            yield from _rate(book, fact)
        if fact.role == "previous":
            yield from _previous(book, fact)
        if fact.role in {"share", "completion"}:
            yield from _ratio(book, fact)


def warning(fact: Fact, message: str, facts: Sequence[Fact], check: Check) -> Finding:
    """Returns the finding of a sentence; it cites facts only, so that prose never flags a table."""
    return Finding(
        code="source_inconsistency", severity="warning", line=fact.line, message=message,
        cells=tuple(CitedCell(cell=one.id, label=said(one), line=one.line, printed=one.printed) for one in facts[:12]),
        checks=(check.id,),
    )  # fmt: skip


# --- lists ------------------------------------------------------------------------------------------------------------


def _lists(book: Book, total: Fact) -> Iterator[Tested]:
    below = [fact for fact in book.of.get(total.id, ()) if fact.role == total.role]
    for name, family in _FAMILIES:
        parts = _once([fact for fact in below if fact.measure in family])
        if name == "three public" and any(part.measure == "vehicle" for part in parts):
            parts = [part for part in parts if part.measure not in {"vehicle_purchase", "vehicle_running"}]
        if parts is not None and len(parts) > 1:
            yield from _list(book, total, _top(book, parts))


def _once(parts: Sequence[Fact]) -> list[Fact]:
    """Returns each part once; one that is stated again with another value stays twice and makes the list fail."""
    found: dict[tuple[str, str, str, Decimal], Fact] = {}
    for part in parts:
        found.setdefault((part.measure, part.item, part.code, part.value), part)
    return list(found.values())


def _top(book: Book, parts: Sequence[Fact]) -> list[Fact]:
    """Returns the highest level of a list: codes that extend no other, 类 before 款 before 项."""
    codes = {part.code for part in parts if part.code}
    kept = [part for part in parts if not any(part.code.startswith(code) and part.code != code for code in codes)]
    levels = {part.id: _level(book, part) for part in kept}
    highest = min(levels.values())
    return [part for part in kept if levels[part.id] == highest]


def _level(book: Book, part: Fact) -> int:
    marks = re.findall(r"[（(]([类款项])[)）]", book.source.text[part.sentence[0] : part.span[0]][-90:])
    return "类款项".index(marks[-1]) if marks and part.measure == "function_item" else 0


def _list(book: Book, total: Fact, parts: Sequence[Fact]) -> Iterator[Tested]:
    if len(parts) < 2:
        return
    gap = sum((book.value(part) for part in parts), _ZERO) - book.value(total)
    tolerance = sum((book.half(fact) for fact in (total, *parts)), _ZERO)
    is_complete = _is_complete(book, total, parts)
    holds = abs(gap) <= tolerance if is_complete else gap <= tolerance
    unit = book.unit(total)
    terms = [(total.id, -1), *((part.id, 1) for part in parts)]
    rule = f"narrative: list of {total.measure}" if is_complete else f"narrative: parts of {total.measure}"
    in_unit = (holds, _scaled(book, total, gap), _scaled(book, total, tolerance))
    check = checked(rule, "sum" if is_complete else "at_most", terms, in_unit, unit)
    if _is_unsure(book, total, parts):
        why = "an amount of the list was not read"
        yield Tested(check.model_copy(update={"outcome": "untestable", "why": why, "gap": None, "tolerance": None}))
        return
    if all(fact.value == 0 for fact in (total, *parts)):
        yield Tested(check.model_copy(update={"all_zero": True}))
        return
    if holds:
        pinned = [fact.id for fact in (total, *parts) if fact.value]
        is_exact = is_complete and abs(gap) <= book.half(total)
        yield Tested(check, proves=tuple(pinned) if is_exact and len(pinned) > 1 else ())
        return
    written = " + ".join(plain(part.value) for part in parts)
    sum_of = plain(tidy(_scaled(book, total, gap) + total.value))
    more = "" if is_complete else ", more than the total"
    message = f"{said(total)}; what is listed under it, {written}, gives {sum_of}{more}"
    yield Tested(check, warning(total, message, (total, *parts), check))


def _is_unsure(book: Book, total: Fact, parts: Sequence[Fact]) -> bool:
    """Says whether an amount between a total and its last part is in no fact, so that a part may be missing."""
    end = max(part.span[1] for part in parts)
    place = bisect_left(book.unread_money, total.span[1])
    return place < len(book.unread_money) and book.unread_money[place] < end


def _is_complete(book: Book, total: Fact, parts: Sequence[Fact]) -> bool:
    measures = {part.measure for part in parts}
    if any(known <= measures for known in _COMPLETE) or all(part.is_exhaustive for part in parts):
        return True
    shares = [[f for f in book.of.get(part.id, ()) if f.role == "share"] for part in parts]
    if total.role != "amount" or not all(shares):
        return False
    added = sum((found[0].value for found in shares), _ZERO)
    rounding = sum((2 * half_unit(found[0].places) for found in shares), _ZERO)
    return abs(added - _PERCENT) <= rounding


def _scaled(book: Book, like: Fact, value: Decimal) -> Decimal:
    """Returns a value in the fact's printed unit."""
    return value * like.value / book.value(like) if like.value else value / _unit_in_yuan(book, like)


def _unit_in_yuan(book: Book, fact: Fact) -> Decimal:
    one = fact.model_copy(update={"value": Decimal(1)})
    return book.value(one)


def _headcount(book: Book, total: Fact) -> Iterator[Tested]:
    """N6: 编制 and 实有 are the sum of 行政 and 事业, vehicles that of their kinds where 其他用车 is among them."""
    parts = [fact for fact in book.of.get(total.id, ()) if fact.role == "count"]
    if total.of or len(parts) < 2:
        return
    names = " ".join(part.item for part in parts)
    is_complete = ("行政" in names and "事业" in names) or "其他用车" in names
    if total.measure not in {"staff_quota", "staff_actual", "vehicles_count"}:
        return
    gap = sum((part.value for part in parts), _ZERO) - total.value
    holds = gap == 0 if is_complete else gap <= 0
    terms = [(total.id, -1), *((part.id, 1) for part in parts)]
    check = checked(f"narrative: sum of {total.measure}", "count", terms, (holds, gap, _ZERO), total.unit)
    if holds:
        pinned = [fact.id for fact in (total, *parts) if fact.value] if is_complete else []
        yield Tested(check, proves=tuple(pinned) if len(pinned) > 1 else ())
        return
    written = " + ".join(f"{part.item} {plain(part.value)}" for part in parts)
    message = f"{said(total)}; its parts {written} give {plain(gap + total.value)}"
    yield Tested(check, warning(total, message, (total, *parts), check))


# --- changes and ratios -----------------------------------------------------------------------------------------------


def _previous(book: Book, before: Fact) -> Iterator[Tested]:
    """N3: the year before + the change = this year, where a passage states all three."""
    same = book.by_subject[before.section, before.measure, before.item]
    now = [fact for fact in same if fact.role == "amount"]
    changes = [fact for fact in same if fact.role == "change" and fact.of in {one.id for one in now}]
    if len(now) != 1 or len(changes) != 1:
        return
    change = changes[0]
    weight = -1 if change.direction == "decrease" else 1
    gap = book.value(before) + weight * book.value(change) - book.value(now[0])
    tolerance = sum((book.half(fact) for fact in (before, change, now[0])), _ZERO)
    holds = abs(gap) <= tolerance
    terms = [(now[0].id, -1), (before.id, 1), (change.id, weight)]
    result = (holds, _scaled(book, change, gap) if change.value else gap, tolerance)
    check = checked("narrative: the year before and the change", "sum", terms, result, book.unit(now[0]))
    facts = (now[0], before, change)
    pinned = tuple(fact.id for fact in facts if fact.value)
    message = f"{said(now[0])}; the year before {before.printed} and the change {change.printed} do not give it"
    yield Tested(check, None if holds else warning(change, message, facts, check), pinned if holds else ())


def _rate(book: Book, rate: Fact) -> Iterator[Tested]:
    """N3: the rate of change is the change over the year before, which is this year less the change."""
    now = book.by_id.get(rate.of)
    changes = [fact for fact in book.of.get(rate.of, ()) if fact.role == "change" and fact.span < rate.span]
    if now is None or not changes or not changes[-1].value or changes[-1].direction == "unchanged":
        return
    change = changes[-1]
    sign = 1 if change.direction == "decrease" else -1
    base = book.value(now) + sign * book.value(change)
    rounding = book.half(now) + book.half(change)
    yield from _held(
        book, rate, (change, now), (book.value(change), book.half(change), base, rounding), "of the year before"
    )


def _ratio(book: Book, rate: Fact) -> Iterator[Tested]:
    """N4, N5: a share is the part over the whole, a completion what was done over what was planned."""
    part, whole = book.by_id.get(rate.of), book.by_id.get(rate.whole)
    if part is None or whole is None or part.id == whole.id or rate.state == "words":
        return
    money = (book.value(part), book.half(part), book.value(whole), book.half(whole))
    yield from _held(book, rate, (part, whole), money, f"of {said(whole)}")


def _held(
    book: Book, rate: Fact, facts: tuple[Fact, Fact], money: tuple[Decimal, Decimal, Decimal, Decimal], of_what: str
) -> Iterator[Tested]:
    """Yields that a printed percentage lies where its rounded amounts put it; one unit of its last place is allowed."""
    part, part_half, whole, whole_half = money
    if whole - whole_half <= 0 or any(book.unit(fact) == "" and fact.state != "words" for fact in facts):
        return
    low = (part - part_half) / (whole + whole_half) * _PERCENT
    high = (part + part_half) / (whole - whole_half) * _PERCENT
    unit = 2 * half_unit(rate.places)
    exact = part / whole * _PERCENT
    holds = low <= rate.value + unit and rate.value - unit <= high
    terms = [(rate.id, -1), *((fact.id, 1) for fact in facts)]
    places = Decimal(1).scaleb(-max(rate.places, 2))
    result = (holds, (exact - rate.value).quantize(places), ((high - low) / 2 + unit).quantize(places))
    check = checked(f"narrative: {rate.role}", "ratio", terms, result, "%")
    if holds:
        pins = rate.value and part and abs(exact - rate.value) <= unit
        yield Tested(check, proves=(rate.id,) if pins else ())
        return
    message = f"{said(rate)} {rate.role}; {facts[0].printed} is {plain(exact.quantize(places))}% {of_what}"
    yield Tested(check, warning(rate, message, (rate, *facts), check))
