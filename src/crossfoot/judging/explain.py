"""Explanations of failing checks → findings in words that name cells, printed and implied values.

The words are for a person who decides; nothing is computed here that locate.py did not find.
"""

from collections.abc import Sequence
from decimal import Decimal

from crossfoot.figures import Check, CitedCell, Finding, FindingCode
from crossfoot.judging.actions import Action
from crossfoot.judging.ledger import Ledger
from crossfoot.judging.locate import Explanation
from crossfoot.judging.performance import cite
from crossfoot.judging.search import Way
from crossfoot.judging.system import System
from crossfoot.judging.wording import added_up
from crossfoot.numerals import SCALES, plain, read_numeral

_CANCELLING = "Two figures explain it that cancel in a sum that holds"
_MOST_REASONS = 4
_MOST_CHOICES = 3
_MOST_CITED, _MOST_NAMED = 8, 12


def findings_of(explanation: Explanation, system: System, ungrounded: frozenset[str]) -> list[Finding]:
    """Returns the findings of an explanation, one for each slip; ours (`misread`) if a cell is not in the source."""
    ledger = system.ledger
    checks = tuple(equation.check for equation in explanation.equations)
    cells = {term.cell for check in checks for term in check.terms}
    code: FindingCode = "misread" if cells & ungrounded else "source_inconsistency"
    if explanation.outcome == "explained" and not explanation.is_relaxed:
        return [_slip(action, explanation, system, code) for action in explanation.ways[0]]
    if explanation.ways:
        return [_tied(explanation, system, code)]
    found = _unexplained(checks, ledger, code)
    if explanation.outcome == "exhausted":
        return [found.model_copy(update={"message": f"{found.message}; there are more explanations than can be tried"})]
    return [found]


def _slip(action: Action, explanation: Explanation, system: System, code: FindingCode) -> Finding:
    """Returns the finding of one slip: which cells, what is printed, what the sums imply, and why."""
    ledger = system.ledger
    mended = {equation.id: equation.check for equation in explanation.equations if equation.id in action.effects}
    touched = [equation.id for cell in action.cells for equation in system.of(cell)]
    checks = [mended[name] for name in dict.fromkeys([*touched, *mended]) if name in mended]
    reasons = list(dict.fromkeys(_reason(check, action.cells, ledger) for check in checks))
    hidden = len(reasons) - _MOST_REASONS
    more = f", and {hidden} more {'check agrees' if hidden == 1 else 'checks agree'}" if hidden > 0 else ""
    said = f"{', and '.join(reasons[:_MOST_REASONS])}{more}"
    cited = _cited([action], system)
    if action.kind == "change":
        where = " and ".join(
            dict.fromkeys(
                f"{ledger.label(ref)} prints {ledger.cells[ref][2].printed or 'nothing'}" for ref in action.cells
            )
        )
        message = f"{where}; {said}: implied {cited[0].implied}"
    else:
        message = f"{action.words}: then {len(checks)} sums hold that fail ({said})"
    entry, _, cell = ledger.cells[action.cells[0]]
    return Finding(
        code=_unit_code(action, system, code), severity="error", message=message, table=entry.id, line=cell.line,
        cells=cited, checks=tuple(check.id for check in checks),
    )  # fmt: skip


def _unit_code(action: Action, system: System, code: FindingCode) -> FindingCode:
    """Returns unit_conflict where every implied value is the printed one in another unit."""
    for ref, steps in action.changes:
        value = system.value(ref)
        changed = value + steps
        if not value or value == changed or not _is_in_another_unit(value, changed):
            return code
    return "unit_conflict"


def _is_in_another_unit(one: int, other: int) -> bool:
    """Says whether one amount is the other in another unit of money."""
    return any(one * scale == other or other * scale == one for scale in SCALES.values())


def _tied(explanation: Explanation, system: System, code: FindingCode) -> Finding:
    """Returns the finding of a tie: no explanation is chosen, and all are named as far as there is room."""
    ledger = system.ledger
    checks = tuple(equation.check for equation in explanation.equations)
    sums = "; ".join(sum_in_words(check, ledger) for check in checks[:2])
    more = f"; and {len(checks) - 2} more" if len(checks) > 2 else ""
    choices = [_choice(way, system) for way in explanation.ways]
    hidden = len(choices) - _MOST_CHOICES
    shown = " or ".join(choices[:_MOST_CHOICES])
    shown += f" or {hidden} other{'' if hidden == 1 else 's'}" if hidden > 0 else ""
    certain = [f"{ledger.label(ref)} is {implied(system, ref, steps)}" for ref, steps in explanation.certain.items()]
    surely = f"; in all of them {' and '.join(certain)}" if certain and len(choices) > 1 else ""
    doubt = _CANCELLING if len(choices) == 1 else "It cannot be known which figure is wrong"
    entry, _, cell = ledger.cells[explanation.ways[0][0].cells[0]]
    kinds = {_unit_code(action, system, code) for way in explanation.ways for action in way}
    tied: FindingCode = "ambiguous_repair" if code != "misread" and len(choices) > 1 else code
    return Finding(
        code="unit_conflict" if kinds == {"unit_conflict"} else tied,
        severity="error",
        message=f"{sums}{more}. {doubt}: {shown}{surely}",
        table=entry.id,
        line=cell.line,
        cells=_cited([action for way in explanation.ways for action in way], system),
        checks=tuple(check.id for check in checks),
    )


def _cited(actions: Sequence[Action], system: System) -> tuple[CitedCell, ...]:
    """Returns the cells that actions change, each with its value then: the first ones, and one of every table.

    A table is flagged by the cells that a finding names, so none may be left out.
    """
    changes = list(dict.fromkeys((ref, steps) for action in actions for ref, steps in action.changes))
    first_of = {ref.partition(".")[0]: (ref, steps) for ref, steps in reversed(changes)}
    shown = [change for place, change in enumerate(changes) if place < _MOST_CITED or change in first_of.values()]
    return tuple(cite(ref, system.ledger, implied(system, ref, steps)) for ref, steps in shown)


def _choice(way: Way, system: System) -> str:
    return " with ".join(_action_in_words(action, system) for action in way)


def _action_in_words(action: Action, system: System) -> str:
    if action.kind != "change":
        return action.words
    ref, steps = action.changes[0]
    return (
        f"{system.ledger.label(ref)} {system.ledger.cells[ref][2].printed or 'blank'} → {implied(system, ref, steps)}"
    )


def implied(system: System, ref: str, steps: int) -> str:
    """Returns what a cell would print if it were changed by so many steps."""
    value = system.printed(ref, system.value(ref) + steps)
    places = max(system.ledger.places_of(ref), -int(value.normalize().as_tuple().exponent))
    return plain(value.quantize(Decimal(1).scaleb(-places)))


def _unexplained(checks: Sequence[Check], ledger: Ledger, code: FindingCode) -> Finding:
    ids = tuple(check.id for check in checks)
    refs = list(dict.fromkeys(term.cell for check in checks for term in check.terms))
    first_of = {ref.partition(".")[0]: ref for ref in reversed(refs)}.values()  # a table is flagged by its cells
    entry, _, cell = ledger.cells[refs[0]]
    if len(checks) > 1 or len(checks[0].tables) > 1:
        message = _disagreement(checks, ledger)
    else:
        message = f"{sum_in_words(checks[0], ledger)}; no single figure explains it"
    return Finding(
        code=code, severity="error", message=message, table=entry.id, line=cell.line,
        cells=tuple(cite(ref, ledger) for place, ref in enumerate(refs) if place < _MOST_NAMED or ref in first_of),
        checks=ids,
    )  # fmt: skip


def _disagreement(checks: Sequence[Check], ledger: Ledger) -> str:
    """Returns what two or more tables say of the same rows, table by table."""
    entries = [entry for entry in ledger.entries if entry.id in checks[0].tables]
    parts = [
        f"{_subject(check, ledger)} {' / '.join(_said_by(entry.id, check, ledger) for entry in entries)}"
        for check in checks[:4]
    ]
    more = f"; and {len(checks) - 4} more" if len(checks) > 4 else ""
    total = sum((check.gap or Decimal(0) for check in checks), Decimal(0))
    cancels = "; the differences cancel, and each table foots by itself" if total == 0 and len(checks) > 1 else ""
    gap = f" (gap {_signed(checks[0].gap)})" if len(checks) == 1 else ""
    return f"{' and '.join(entry.name for entry in entries)} disagree: {'; '.join(parts)}{more}{gap}{cancels}"


def _subject(check: Check, ledger: Ledger) -> str:
    entry, _, _ = ledger.cells[check.terms[0].cell]
    return ledger.label(check.terms[0].cell).removeprefix(entry.name).strip()


def _said_by(table: str, check: Check, ledger: Ledger) -> str:
    values = [(term.cell, abs(term.weight)) for term in check.terms if term.cell.partition(".")[0] == table]
    if not values:
        return "not there"
    return _signed_sum(values, ledger) or "blank"


def _reason(check: Check, slipped: Sequence[str], ledger: Ledger) -> str:
    """Returns why a check speaks against the slipped cells: what its parts give, or what the other copy says."""
    mine = [term for term in check.terms if term.cell in slipped]
    others = [term for term in check.terms if term.cell not in slipped and _is_printed(term.cell, ledger)]
    if len(others) == 1 and (check.kind == "equal" or others[0].weight < 0):
        return f"{ledger.label(others[0].cell)} says {_value_of(others[0].cell, ledger)}"
    if mine and mine[0].weight < 0:
        parts = _signed_sum([(term.cell, term.weight) for term in others], ledger)
        total = sum((t.weight * (ledger.cells[t.cell][2].value or Decimal(0)) for t in others), Decimal(0))
        return f"its parts {parts} give {plain(total)}" if len(others) > 1 else f"its only part says {parts}"
    total_term = next((term for term in others if term.weight < 0), None)
    if total_term is None:
        return sum_in_words(check, ledger)
    return f"{ledger.label(total_term.cell)} {_value_of(total_term.cell, ledger)} less its other parts leaves the rest"


def sum_in_words(check: Check, ledger: Ledger) -> str:
    """Returns a failing sum written out: `表5 合计 prints 10, its parts 3 + 4 give 7 (gap −3)`."""
    total = [term for term in check.terms if term.weight < 0]
    parts = [(term.cell, term.weight) for term in check.terms if term.weight > 0 or term not in total]
    shown = [(ref, weight) for ref, weight in parts if _is_printed(ref, ledger)]
    if not total:
        return f"{_signed_sum(shown, ledger)} has no counterpart (gap {_signed(check.gap)})"
    head = f"{ledger.label(total[0].cell)} prints {_value_of(total[0].cell, ledger)}"
    if check.kind == "at_most":
        return f"{head}, more than {_value_of(shown[0][0], ledger)} of {ledger.label(shown[0][0])}" if shown else head
    return f"{head}, its parts {_signed_sum(shown, ledger) or 'are all blank'} (gap {_signed(check.gap)})"


def _signed_sum(parts: Sequence[tuple[str, int]], ledger: Ledger) -> str:
    shown = [
        f"{'' if weight > 0 else '−'}{_value_of(ref, ledger)}" for ref, weight in parts if ledger.cells[ref][2].value
    ]
    return added_up(shown)


def _value_of(ref: str, ledger: Ledger) -> str:
    cell = ledger.cells[ref][2]
    return plain(cell.value) if cell.value is not None else "blank"


def _is_printed(ref: str, ledger: Ledger) -> bool:
    return ledger.cells[ref][2].value is not None


def _signed(gap: Decimal | None) -> str:
    return "" if gap is None else f"{'+' if gap > 0 else '−' if gap < 0 else ''}{plain(abs(gap))}"


def failed_check_finding(check: Check, ledger: Ledger) -> Finding:
    """Returns the finding of a failing check that is no equation: at-most, ratio."""
    first = check.terms[0].cell
    entry, _, cell = ledger.cells[first]
    if check.kind == "ratio":
        numerator, denominator = (_value_of(term.cell, ledger) for term in check.terms[1:3])
        exact = (cell.value or Decimal(0)) + (check.gap or Decimal(0))
        message = f"{ledger.label(first)} prints {cell.printed}; {numerator} / {denominator} is {plain(exact)}%"
    else:
        message = sum_in_words(check, ledger)
    return Finding(
        code="source_inconsistency", severity="error", message=message, table=entry.id, line=cell.line,
        cells=tuple(cite(term.cell, ledger) for term in check.terms), checks=(check.id,),
    )  # fmt: skip


def implied_by(finding: Finding) -> dict[str, Decimal]:
    """Returns the values that a finding implies, by the cells it cites."""
    values = {cited.cell: read_numeral(cited.implied).value for cited in finding.cells if cited.implied}
    return {cell: value for cell, value in values.items() if value is not None}
