"""Whose fault each failing check is: our reading's, the damaged text's, a misplacement's, or the document's own."""

from collections.abc import Iterable, Sequence

from crossfoot.figures import Check, Fault
from crossfoot.judging.actions import Action
from crossfoot.judging.locate import Explanation
from crossfoot.judging.system import System
from crossfoot.plausible import edit_of

#: Slips of a single figure that misplace a sign or a unit.
_MISPLACED = frozenset({"sign", "unit"})


def with_faults(
    checks: Sequence[Check], explanations: Iterable[Explanation], system: System, ungrounded: frozenset[str]
) -> tuple[Check, ...]:
    """Returns the checks, each failing one with whose fault it is."""
    known: dict[str, Fault] = {}
    for explanation in explanations:
        fault = _fault(explanation, system, ungrounded)
        known |= {equation.id: fault for equation in explanation.equations}
    return tuple(
        check.model_copy(update={"fault": known.get(check.id) or _of_one(check, ungrounded)})
        if check.outcome == "fails"
        else check
        for check in checks
    )


def _of_one(check: Check, ungrounded: frozenset[str]) -> Fault:
    """Returns the fault of a check that is no equation."""
    return "misread" if any(term.cell in ungrounded for term in check.terms) else "source_inconsistency"


def _fault(explanation: Explanation, system: System, ungrounded: frozenset[str]) -> Fault:
    cells = {cell for equation in explanation.equations for cell in equation.terms}
    if cells & ungrounded:
        return "misread"
    actions = [action for way in explanation.ways for action in way]
    if not actions or explanation.is_relaxed:
        return "source_inconsistency"
    kinds = [_kind(action, system) for action in actions]
    return kinds[0] if len(set(kinds)) == 1 else "source_inconsistency"


def _kind(action: Action, system: System) -> Fault:
    if action.kind != "change":
        return "structure"
    kinds = {_kind_of_cell(cell, steps, system) for cell, steps in action.changes}
    return kinds.pop() if len(kinds) == 1 else "source_inconsistency"


def _kind_of_cell(cell: str, steps: int, system: System) -> Fault:
    if system.ledger.damage_of(cell) is not None:
        return "glyph"
    value = system.printed(cell, system.value(cell) + steps)
    edit = edit_of(system.ledger.cells[cell][2].printed, value, system.ledger.places_of(cell))
    return "structure" if edit in _MISPLACED else "source_inconsistency"
