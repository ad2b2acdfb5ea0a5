"""Facts against tables: what the families' links say a sentence restates (N1), and the forms of single projects.

A fact holds if any cell that may be meant says the same; it fails only if none does. A blank cell says nothing of it.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import NamedTuple

from rapidfuzz import fuzz

from crossfoot.figures import Row
from crossfoot.judging.identities import Selector
from crossfoot.judging.ledger import Entry, Ledger, ref_of
from crossfoot.judging.links import cells_of
from crossfoot.judging.sentences import warning
from crossfoot.judging.statement_book import Book, Tested, checked, said, tidy
from crossfoot.labels import label_of, words
from crossfoot.numerals import SCALES, plain
from crossfoot.statements import Fact
from crossfoot.tabletypes import Rule, relation

_ZERO = Decimal(0)
_ALIKE = 82
_STAFFED = re.compile(r"机构人员|^(?:指标\d*:)?(?:本单位|本部门)?(?:实有|在职|在编|在岗)(?:人员|职工)?(?:数量?|人数)?$")
_ON_STAFF = re.compile(r"在职[:人员]*(\d+)人")
_ONLY_STAFF = re.compile(r"^[=]?(\d+)人$")


class _Candidate(NamedTuple):
    """Cells that together may be what a fact restates, their sum in 元 and its rounding."""

    rule: str
    refs: tuple[str, ...]
    value: Decimal
    half: Decimal


class Judged(NamedTuple):
    """The tables as already judged: which cells are in doubt, corrected, or proved.

    In doubt are the cells of failing sums that nothing explains; `corrected` has what the sums imply for others.
    """

    ledger: Ledger
    suspects: frozenset[str]
    corrected: Mapping[str, Decimal]
    proved: frozenset[str]


def stated_checks(book: Book, tables: Judged) -> Iterator[Tested]:
    """Yields the checks of facts against cells; agreement with a cell that is itself not proved proves nothing."""
    ledger = tables.ledger
    rules = _rules(ledger)
    for fact in book.facts:
        if fact.unit not in SCALES or fact.role not in {"amount", "budget"}:
            continue
        found = [
            candidate
            for family, rule in rules.get((fact.measure, fact.role), ())
            for candidate in _candidates(ledger, family, rule, fact)
        ]
        if found:
            yield _best(book, tables, fact, found)
    yield from _projects(book, tables)
    yield from _staff(book, ledger)


def _rules(ledger: Ledger) -> dict[tuple[str, str], list[tuple[str, Rule]]]:
    found: dict[tuple[str, str], list[tuple[str, Rule]]] = {}
    families = dict.fromkeys(entry.known.family for entry in ledger.entries if entry.known is not None)
    for family in families:
        for rule in ledger.catalog.links.get(family, ()):
            if rule.kind == "stated":
                measure, _, role = relation(rule.text)[0][0][1].partition(".")
                found.setdefault((measure, role or "amount"), []).append((family, rule))
    return found


def _candidates(ledger: Ledger, family: str, rule: Rule, fact: Fact) -> Iterator[_Candidate]:
    _, _, right = relation(rule.text)
    refs: list[str] = []
    for _, name in right:
        selector = Selector(name)
        entries = ledger.by_type(selector.type, family)[:1]
        refs += [ref for entry in entries for ref in _cells(ledger, entry, selector, fact)]
    amounts = [(ref, ledger.cells[ref][2]) for ref in refs]
    known = [(ref, cell) for ref, cell in amounts if cell.value is not None and cell.unit in SCALES]
    if not known or any(cell.state == "illegible" for _, cell in amounts):
        return
    total = sum((cell.value * SCALES[cell.unit] for _, cell in known if cell.value is not None), _ZERO)
    half = sum((ledger.halves.get(ref, _ZERO) * SCALES[cell.unit] for ref, cell in known), _ZERO)
    yield _Candidate(rule.text, tuple(ref for ref, _ in known), total, half)


def _cells(ledger: Ledger, entry: Entry, selector: Selector, fact: Fact) -> list[str]:
    """Returns the cells a selector names; the row `item` is the fact's own, `class` the items of its 类."""
    rows = entry.reading.rows
    panel, _, last = selector.row.rpartition("/")
    if last not in {"item", "class"}:
        return cells_of(entry, selector)
    if last == "class":
        codes = [code for code, name in ledger.catalog.codes.get("functional", {}).items() if _same(name, fact.item)]
        chosen = [row for row in rows if codes and row.kind == "item" and row.code.startswith(codes[0])]
    else:
        listed = [row for row in rows if row.panel == panel or not panel]
        chosen = _named(ledger, listed, fact)
    return [ref_of(entry.reading, row, selector.column) for row in chosen if row.cell(selector.column) is not None]


def _named(ledger: Ledger, rows: Sequence[Row], fact: Fact) -> list[Row]:
    by_code = [row for row in rows if fact.code and row.code == fact.code]
    if by_code:
        return by_code[:1]
    standard = ledger.catalog.codes.get("government", {}).get(fact.code, "")
    names = [name for name in (standard, fact.item) if name]
    found = [row for row in rows if row.kind == "item" and any(_same(row.name, name) for name in names)]
    return found if len(found) == 1 else []


def _same(name: str, other: str) -> bool:
    return bool(other) and _core(name) == _core(other)


def _core(name: str) -> str:
    return label_of(name).name.removesuffix("支出")


def _best(book: Book, tables: Judged, fact: Fact, found: Sequence[_Candidate]) -> Tested:
    """Returns the check against the first cell that agrees, else against the closest one."""
    value, half = book.value(fact), book.half(fact)
    agreeing = [one for one in found if abs(one.value - value) <= 2 * half + one.half]
    chosen = agreeing[0] if agreeing else min(found, key=lambda one: abs(one.value - value))
    scale = SCALES[fact.unit]
    gap, tolerance = (chosen.value - value) / scale, (2 * half + chosen.half) / scale
    terms = [(fact.id, -1), *((ref, 1) for ref in chosen.refs)]
    is_copy = len(chosen.refs) == 1
    check = checked(
        f"stated: {chosen.rule}", "equal" if is_copy else "sum", terms, (bool(agreeing), gap, tolerance), fact.unit
    )
    if agreeing:
        is_zero = value == 0 and chosen.value == 0
        pins = abs(chosen.value - value) <= max(half, chosen.half) and tables.proved.issuperset(chosen.refs)
        return Tested(check.model_copy(update={"all_zero": is_zero}), proves=(fact.id,) if value and pins else ())
    if tables.suspects.intersection(chosen.refs) or any(_says_corrected(tables, one, value, half) for one in found):
        return Tested(check)
    label = tables.ledger.label(chosen.refs[0]) + ("" if is_copy else f" and {len(chosen.refs) - 1} more")
    message = f"{said(fact)}; {label} says {plain(tidy(chosen.value / scale))}{fact.unit}"
    return Tested(check, warning(fact, message, (fact,), check))


def _says_corrected(tables: Judged, one: _Candidate, value: Decimal, half: Decimal) -> bool:
    """Says whether a sentence says what cells would say that the sums of their tables correct."""
    changes = [
        (tables.corrected[ref] - (cell.value or _ZERO)) * SCALES[cell.unit]
        for ref in one.refs
        if ref in tables.corrected and (cell := tables.ledger.cells[ref][2]).unit in SCALES
    ]
    return bool(changes) and abs(one.value + sum(changes, _ZERO) - value) <= 2 * half + one.half


# --- forms of projects, and staff -------------------------------------------------------------------------------------


def _projects(book: Book, tables: Judged) -> Iterator[Tested]:
    """X-SC1: the report on a project states the budget and the spending of its form."""
    items: dict[str, list[Fact]] = {}
    for fact in book.facts:
        if fact.measure == "project" and fact.item:
            items.setdefault(fact.item, []).append(fact)
    forms = [entry for entry in tables.ledger.entries if entry.reading.type == "project_performance_self_evaluation"]
    for item, facts in items.items():
        partners = [entry for entry in forms if _is_form_of(item, entry)]
        if len(partners) != 1:
            continue
        for role, column in (("budget", "budget"), ("amount", "executed")):
            of_role = [fact for fact in facts if fact.role == role]
            yield from _against_form(book, tables, of_role, (partners[0], column))


def _against_form(book: Book, tables: Judged, facts: Sequence[Fact], form: tuple[Entry, str]) -> Iterator[Tested]:
    entry, column = form
    cells = [
        (ref_of(entry.reading, row, column), cell)
        for row in entry.reading.rows
        if (cell := row.cell(column)) is not None and cell.value is not None and cell.unit in SCALES
    ]
    if not facts or not cells:
        return
    ref, cell = cells[0]
    value = (cell.value or _ZERO) * SCALES[cell.unit]
    fact = min(facts, key=lambda one: abs(book.value(one) - value))
    scale = SCALES.get(fact.unit, Decimal(1))
    gap, tolerance = (value - book.value(fact)) / scale, book.half(fact) * 2 / scale
    holds = abs(gap) <= tolerance
    check = checked(
        f"narrative: {column} of a project", "equal", [(fact.id, -1), (ref, 1)], (holds, gap, tolerance), fact.unit
    )
    if holds:
        yield Tested(check, proves=(fact.id,) if value and ref in tables.proved else ())
        return
    message = f"{said(fact)}; {tables.ledger.label(ref)} says {cell.printed}{cell.unit}"
    yield Tested(check, warning(fact, message, (fact,), check))


def _is_form_of(item: str, entry: Entry) -> bool:
    names = [cell.printed for row in entry.reading.rows for cell in row.cells if cell.column == "project"]
    names += [*re.findall(r"[（(]([^（()）]+)[)）]", entry.name), entry.name]
    plain_item = _project_core(item)
    return any(
        name and (plain_item in name or fuzz.ratio(plain_item, name) >= _ALIKE) for name in map(_project_core, names)
    )


def _project_core(name: str) -> str:
    return re.sub(r"项目|支出|经费|费", "", words(name))


def _staff(book: Book, ledger: Ledger) -> Iterator[Tested]:
    """N6: the staff that a performance form counts is the staff in post that the text counts."""
    totals = [fact for fact in book.facts if fact.measure == "staff_actual" and not fact.item]
    if len(totals) != 1:
        return
    fact = totals[0]
    for entry in ledger.entries:
        if "performance" not in entry.reading.type:
            continue
        for row in entry.reading.rows:
            for cell in row.cells if _STAFFED.search(words(row.name)) else ():
                match = (_ON_STAFF if "在职" in cell.printed else _ONLY_STAFF).search(words(cell.printed))
                if match is None or cell.column not in {"value", "actual"}:
                    continue
                number = Decimal(match[1])
                ref = ref_of(entry.reading, row, cell.column)
                result = (number == fact.value, number - fact.value, _ZERO)
                check = checked("narrative: staff of a form", "count", [(fact.id, -1), (ref, 1)], result, "人")
                message = f"{said(fact)}; {entry.name} {row.name} says {cell.printed}"
                yield Tested(check, None if number == fact.value else warning(fact, message, (fact,), check))
