"""Checks of their own kind for performance forms: scores, achievements, execution rates, amounts restated in words.

Sums of scores are linear and go through check.py; the others are evaluated here and never used to solve anything.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from typing import NamedTuple

from crossfoot.figures import Cell, Check, CitedCell, Finding, FindingCode, Identity, Row, Severity, Term
from crossfoot.judging.ledger import Entry, Ledger, ref_of
from crossfoot.labels import words
from crossfoot.numerals import narrow, read_numeral

_AMOUNT_IN_WORDS = re.compile(r"(\d[\d,]*(?:\.\d+)?)万元")
_POINTS = re.compile(r"\((\d+(?:\.\d+)?)分?\)$")
_NUMBERED = re.compile(r"^指标\d+")


class Remark(NamedTuple):
    """A named check with the finding it makes when it fails."""

    check: Check
    finding: Finding | None


def score_identities(entry: Entry) -> list[Identity]:
    """Returns Σ分值 and Σ得分 against the 总分 row (S1, S2), and 得分 ≤ 分值 of each row (S7)."""
    found: list[Identity] = []
    rows = entry.reading.rows
    total = next((row for row in rows if row.kind == "total" and words(row.name) == "总分"), None)
    for key, rule in (("weight", "scores: Σ分值 = 总分"), ("score", "scores: Σ得分 = 总分")):
        if total is not None and total.cell(key) is not None:
            parts = [row for row in rows if row is not total and (cell := row.cell(key)) and cell.value is not None]
            terms = [(ref_of(entry.reading, total, key), -1), *((ref_of(entry.reading, row, key), 1) for row in parts)]
            found.append(_identity(entry, rule, terms, "sum"))
    for row in rows:
        score, weight = row.cell("score"), row.cell("weight")
        if score and weight and score.value is not None and weight.value is not None:
            terms = [(ref_of(entry.reading, row, "score"), -1), (ref_of(entry.reading, row, "weight"), 1)]
            found.append(_identity(entry, "scores: 得分 ≤ 分值", terms, "at_most"))
    return found


def _identity(entry: Entry, rule: str, terms: Sequence[tuple[str, int]], kind: str) -> Identity:
    return Identity(
        id=f"{terms[0][0]}~{rule}",
        rule=rule,
        kind="sum" if kind == "sum" else "at_most",
        origin="declared",
        tables=(entry.id,),
        terms=tuple(Term(cell=cell, weight=weight) for cell, weight in terms),
    )


def named_checks(ledger: Ledger) -> list[Remark]:
    """Returns the named checks that the forms and families of a document declare, evaluated."""
    found: list[Remark] = []
    for entry in ledger.entries:
        for rule in entry.known.identities if entry.known is not None else ():
            if rule.kind == "check" and rule.text in IN_TABLE:
                found += IN_TABLE[rule.text](entry, ledger)
    families = dict.fromkeys(entry.known.family for entry in ledger.entries if entry.known is not None)
    for family in families:
        for rule in ledger.catalog.links.get(family, ()):
            if rule.kind == "check" and rule.text in BETWEEN_TABLES:
                found += BETWEEN_TABLES[rule.text](ledger)
    return found


_Said = tuple[bool, FindingCode, Severity, str]


def _remark(
    rule: str, entries: Sequence[Entry], cells: Sequence[tuple[str, str]], verdict: _Said, ledger: Ledger
) -> Remark:
    """Returns an evaluated named check; `cells` are references with what is implied."""
    holds, code, severity, message = verdict
    check = Check(
        id=f"{cells[0][0]}~{rule}",
        rule=rule,
        kind="named",
        origin="declared",
        tables=tuple(entry.id for entry in entries),
        terms=tuple(Term(cell=ref, weight=1) for ref, _ in cells),
        outcome="holds" if holds else "fails",
        why="" if holds else message,
    )
    if holds:
        return Remark(check, None)
    cited = tuple(cite(ref, ledger, implied) for ref, implied in cells)
    finding = Finding(
        code=code, severity=severity, message=message, table=entries[0].id, line=cited[0].line, cells=cited,
        checks=(check.id,),
    )  # fmt: skip
    return Remark(check, finding)


def cite(ref: str, ledger: Ledger, implied: str = "") -> CitedCell:
    """Returns a cell as a finding names it."""
    _, _, cell = ledger.cells[ref]
    return CitedCell(cell=ref, label=ledger.label(ref), line=cell.line, printed=cell.printed, implied=implied)


# --- in one form ------------------------------------------------------------------------------------------------------


def _points_of_levels(entry: Entry, ledger: Ledger) -> Iterator[Remark]:
    """S3: the points printed with a first level (`产出指标(50分)`) are the sum of its rows' 分值."""
    groups: dict[str, list[Row]] = {}
    for row in entry.reading.rows:
        if row.kind == "indicator" and row.panel:
            groups.setdefault(row.panel.split("/")[0], []).append(row)
    for level, rows in groups.items():
        match = _POINTS.search(level)
        weights = [(row, cell.value) for row in rows if (cell := row.cell("weight")) and cell.value is not None]
        if not match or not weights:
            continue
        total = sum((value for _, value in weights), Decimal(0))
        cells = [(ref_of(entry.reading, row, "weight"), "") for row, _ in weights]
        message = f"{entry.name} {level}: the 分值 of its rows add up to {total}"
        yield _remark("scores: points of a level", [entry], cells,
                      (total == Decimal(match[1]), "source_inconsistency", "error", message), ledger)  # fmt: skip


def _scored_values(entry: Entry, ledger: Ledger) -> Iterator[Remark]:
    """S8: a score needs an achievement to score."""
    unscored: list[tuple[Row, Cell]] = []
    scored: list[tuple[str, str]] = []
    for row in entry.reading.rows:
        actual, target, score = row.cell("actual"), row.cell("target"), row.cell("score")
        if row.kind != "indicator" or actual is None or target is None or score is None or not score.value:
            continue
        if actual.state == "blank" and target.state != "blank":
            unscored.append((row, score))
        else:
            scored.append((ref_of(entry.reading, row, "score"), ""))
    if unscored:
        cells = [(ref_of(entry.reading, row, "score"), "") for row, _ in unscored]
        names = "; ".join(f"{row.name} scores {score.printed}" for row, score in unscored)
        message = f"{entry.name}: {names} although no 实际完成值 is printed"
        yield _remark(
            "scores: a score needs a value", [entry], cells, (False, "unscored_value", "warning", message), ledger
        )
    elif scored:
        yield _remark("scores: a score needs a value", [entry], scored, (True, "unscored_value", "warning", ""), ledger)


def _listed_items(entry: Entry, ledger: Ledger) -> Iterator[Remark]:
    """S6: an indicator's amount in words is the sum of the unnumbered rows listed under it."""
    rows = [row for row in entry.reading.rows if row.kind == "indicator"]
    for place, row in enumerate(rows):
        if not _NUMBERED.match(words(row.name)):
            continue
        listed: list[Row] = []
        for below in rows[place + 1 :]:
            weight = below.cell("weight")
            if _NUMBERED.match(words(below.name)) or (weight is not None and weight.value is not None):
                break
            listed.append(below)
        for key in ("target", "actual"):
            yield from _sum_in_words(entry, ledger, (row, listed), key)


def _sum_in_words(entry: Entry, ledger: Ledger, rows: tuple[Row, Sequence[Row]], key: str) -> Iterator[Remark]:
    row, listed = rows
    total = _one_amount(row.cell(key))
    parts = [(below, amount) for below in listed if (amount := _one_amount(below.cell(key))) is not None]
    if total is None or len(parts) < 2:
        return
    gives = sum((amount for _, amount in parts), Decimal(0))
    written = " + ".join(str(amount) for _, amount in parts)
    message = f"{entry.name} {row.name} prints {total}万元; the items listed under it, {written}, give {gives}"
    cells = [(ref_of(entry.reading, row, key), f"{gives}万元")]
    cells += [(ref_of(entry.reading, below, key), "") for below, _ in parts]
    yield _remark(
        f"listed items: {key}", [entry], cells, (total == gives, "source_inconsistency", "error", message), ledger
    )


def _one_amount(cell: Cell | None) -> Decimal | None:
    found = _amounts_in_words(cell.printed) if cell is not None else []
    return found[0] if len(found) == 1 else None


def _amounts_in_words(text: str) -> list[Decimal]:
    """Returns the amounts in 万元 that a sentence names."""
    found = (read_numeral(match[1]).value for match in _AMOUNT_IN_WORDS.finditer(narrow(text)))
    return [value for value in found if value is not None]


# --- between tables ---------------------------------------------------------------------------------------------------


class _Rate(NamedTuple):
    entry: Entry
    row: Row
    rate: Cell


def _rates(ledger: Ledger) -> list[_Rate]:
    return [
        _Rate(entry, row, cell)
        for entry in ledger.entries
        for row in entry.reading.rows
        if (cell := row.cell("rate")) is not None and cell.value is not None
    ]


def _execution_scores(ledger: Ledger) -> Iterator[Remark]:
    """S7: under the same weight, a higher execution rate does not get a lower score."""
    scored = [
        (found, weight, score)
        for found in _rates(ledger)
        if (weight := _value(found.row, "weight")) is not None and (score := _value(found.row, "score")) is not None
    ]
    for found, weight, score in scored:
        beaten = [
            (other, points)
            for other, other_weight, points in scored
            if other_weight == weight and points > score and (other.rate.value or 0) < (found.rate.value or 0)
        ]
        cells = [(ref_of(found.entry.reading, found.row, "score"), "")]
        cells += [(ref_of(other.entry.reading, other.row, "score"), "") for other, _ in beaten]
        others = ", ".join(f"{other.rate.printed} gets {points} ({other.entry.name})" for other, points in beaten)
        message = f"{found.entry.name}: 执行率 {found.rate.printed} gets {score} of {weight} points, but {others}"
        verdict: _Said = (not beaten, "score_conflict", "warning", message)
        yield _remark("scores: monotone in the rate", [found.entry], cells, verdict, ledger)


def _value(row: Row, column: str) -> Decimal | None:
    cell = row.cell(column)
    return cell.value if cell is not None else None


def _ratio_variants(ledger: Ledger) -> Iterator[Remark]:
    """E1: the same amounts give the same printed ratio; a second way of rounding is only noted."""
    groups: dict[tuple[Decimal, Decimal], list[_Rate]] = {}
    for found in _rates(ledger):
        budget, executed = _value(found.row, "budget"), _value(found.row, "executed")
        if budget and executed:
            groups.setdefault((budget, executed), []).append(found)
    for (whole, part), rates in groups.items():
        values = {found.rate.value for found in rates}
        if len(values) < 2:
            continue
        cells = [(ref_of(found.entry.reading, found.row, "rate"), "") for found in rates]
        printed = ", ".join(f"{found.rate.printed} (L{found.rate.line})" for found in rates)
        message = f"{part}/{whole} is printed in {len(values)} ways: {printed}"
        yield _remark(
            "ratios: one ratio, one figure", [rates[0].entry], cells, (False, "ratio_variants", "note", message), ledger
        )


def _authority_codes(ledger: Ledger) -> Iterator[Remark]:
    """K2: one authority has one code; a form that prints another one than most is reported."""
    printed = [
        (entry, row, cell)
        for entry in ledger.entries
        for row in entry.reading.rows
        if (cell := row.cell("authority_code")) is not None and cell.printed
    ]
    counts = {code: sum(1 for *_, cell in printed if cell.printed == code) for code in {c.printed for *_, c in printed}}
    usual = max(counts, key=lambda code: (counts[code], code), default="")
    for entry, row, cell in printed:
        holds = cell.printed == usual or counts[usual] == counts[cell.printed]
        message = (
            f"{entry.name} prints the authority's code as {cell.printed}; {counts[usual]} other forms print {usual}"
        )
        cells = [(ref_of(entry.reading, row, cell.column), usual)]
        yield _remark(
            "codes: one authority, one code", [entry], cells, (holds, "code_conflict", "warning", message), ledger
        )


_RESTATED = (
    ("人员经费", "gpb_expenditure_by_function", "personnel"),
    ("公用经费", "gpb_expenditure_by_function", "operating"),
    ("业务经费", "gpb_expenditure_by_function", "project"),
)
_OWN_COST = re.compile(r"总成本|所需经费|整体预算金额|项目成本|总金额")


def _stated_amounts(ledger: Ledger) -> Iterator[Remark]:
    """X-SX13, X-SX14: an amount in words among the cost indicators restates the form's total or a table's column."""
    for entry in ledger.entries:
        if entry.reading.type not in {"project_performance_target", "department_performance_target"}:
            continue
        for row in entry.reading.rows:
            value = row.cell("value")
            if row.kind == "indicator" and "成本" in row.panel and value is not None:
                yield from _restated(entry, row, value, ledger)


def _restated(entry: Entry, row: Row, value: Cell, ledger: Ledger) -> Iterator[Remark]:
    amounts = _amounts_in_words(value.printed)
    names = [part for part in re.split(r"[;；、]", re.sub(r"^指标\d+[:：]", "", row.name)) if part.strip()]
    ref = ref_of(entry.reading, row, "value")
    if not amounts and value.printed.isdigit():
        yield from _bare_amount(entry, ref, value, ledger)
    if len(amounts) != len(names):
        return
    for name, amount in zip(names, amounts, strict=True):
        stated = _stated_elsewhere(entry, name, ledger)
        if stated is None:
            continue
        other, total = stated
        message = f"{entry.name} {row.name} says {amount}万元; {ledger.label(other)} says {total}万元"
        verdict: _Said = (amount == total, "source_inconsistency", "error", message)
        yield _remark(f"stated amounts: {words(name)}", [entry], [(ref, str(total)), (other, "")], verdict, ledger)


def _stated_elsewhere(entry: Entry, name: str, ledger: Ledger) -> tuple[str, Decimal] | None:
    """Returns the cell that an amount in words restates, with its value in 万元."""
    if _OWN_COST.search(name):
        rows = [row for row in entry.reading.rows if row.cell("total") is not None and row.kind in {"field", "total"}]
        return _in_wan(entry, rows, "total")
    for word, table, column in _RESTATED:
        if word in name:
            for other in ledger.entries:
                if other.reading.type == table:
                    top = [row for row in other.reading.rows if row.kind == "total"] or [
                        row for row in other.reading.rows if len(row.code) == 3
                    ]
                    return _in_wan(other, top, column) if len(top) == 1 else None
    return None


def _in_wan(entry: Entry, rows: Sequence[Row], column: str) -> tuple[str, Decimal] | None:
    for row in rows:
        cell = row.cell(column)
        if cell is not None and cell.value is not None and cell.unit in {"万元", "元"}:
            value = cell.value if cell.unit == "万元" else cell.value / 10000
            return ref_of(entry.reading, row, column), value
    return None


def _bare_amount(entry: Entry, ref: str, value: Cell, ledger: Ledger) -> Iterator[Remark]:
    """U1: a bare number in a form of 万元 that is an amount in 元 elsewhere."""
    fields = [
        c for row in entry.reading.rows if row.kind in {"field", "total"} for c in row.cells if c.kind == "amount"
    ]
    if not any(cell.unit == "万元" for cell in fields):
        return
    for other, (_, _, cell) in ledger.cells.items():
        if cell.kind == "amount" and cell.unit == "元" and cell.value == Decimal(value.printed) and cell.value:
            message = (
                f"{entry.name} is in 万元, but its {value.printed} is the {cell.printed} 元 of {ledger.label(other)}"
            )
            yield _remark(
                "units: a bare amount",
                [entry],
                [(ref, ""), (other, "")],
                (False, "unit_conflict", "note", message),
                ledger,
            )
            return


IN_TABLE: dict[str, Callable[[Entry, Ledger], Iterator[Remark]]] = {
    "scores": _points_of_levels,
    "scored_values": _scored_values,
    "listed_items": _listed_items,
}
BETWEEN_TABLES: dict[str, Callable[[Ledger], Iterator[Remark]]] = {
    "execution_scores": _execution_scores,
    "ratio_variants": _ratio_variants,
    "authority_codes": _authority_codes,
    "stated_amounts": _stated_amounts,
}
