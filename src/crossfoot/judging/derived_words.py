"""How a derived cell follows from the sums, in words: `表5 合计 900.00 less its other parts 500.00 + 100.00`."""

from collections.abc import Sequence

from crossfoot.figures import Term
from crossfoot.judging.elimination import Determined
from crossfoot.judging.ledger import Ledger
from crossfoot.judging.system import Equation
from crossfoot.numerals import plain

_MOST_SUMS, _MOST_PARTS = 4, 12


def reason_of(one: Determined, ledger: Ledger) -> str:
    """Returns the equations that give a cell in words; `one` names them."""
    equations = list({equation.id: equation for equation, _ in one.combination}.values())
    if len(equations) == 1:
        return _alone(one.cell, equations[0], ledger)
    shown = [_written_out(equation, ledger) for equation in equations[:_MOST_SUMS]]
    hidden = len(equations) - len(shown)
    more = f"; and {hidden} more {'sum' if hidden == 1 else 'sums'}" if hidden else ""
    return f"{'; '.join(shown)}{more}"


def _alone(cell: str, equation: Equation, ledger: Ledger) -> str:
    """Returns what one equation says of a cell that alone is unknown in it."""
    said = _said_in_text(equation, ledger)
    if said:
        return said
    if len(equation.unknown) > 1:
        return _nothing_left(equation, ledger)
    mine = equation.terms[cell]
    others = [term for term in equation.check.terms if term.cell != cell and _has_figure(term.cell, ledger)]
    whole = next((term for term in others if term.weight < 0), None)
    if mine < 0 and whole is None:
        return f"the sum of its parts {_signed(others, ledger)}"
    if whole is None:
        return f"{_signed(others, ledger)} and it cancel"
    parts = [term for term in others if term is not whole]
    named = f"{ledger.label(whole.cell)} {_value(whole.cell, ledger)}"
    if not parts:
        return f"{named}, the same amount" if equation.check.kind == "equal" else f"{named} has no other part"
    if mine < 0:
        return f"{_signed(parts, ledger)} less {named}"
    return f"{named} less its other parts {_signed(parts, ledger)}"


def _nothing_left(equation: Equation, ledger: Ledger) -> str:
    """Returns that a total is reached, which leaves nothing for parts that are not negative."""
    whole = equation.check.terms[0].cell
    number = f" {_value(whole, ledger)}" if _has_figure(whole, ledger) else ""
    parts = [term for term in equation.check.terms[1:] if ledger.cells[term.cell][2].value]
    reached = f"its other parts {_signed(parts, ledger)} reach it" if parts else "it is zero"
    return f"{ledger.label(whole)}{number} leaves nothing: {reached}, and no part is negative"


def _written_out(equation: Equation, ledger: Ledger) -> str:
    """Returns an equation with more than one unknown cell, or one of several, as `whole = parts`; unknowns by name."""
    said = _said_in_text(equation, ledger)
    if said:
        return said
    shown = [term for term in equation.check.terms if term.cell in equation.unknown or _has_figure(term.cell, ledger)]
    left = [Term(cell=term.cell, weight=-term.weight) for term in shown if term.weight < 0]
    right = [term for term in shown if term.weight > 0]
    return f"{_named(left, ledger, equation)} = {_named(right, ledger, equation) or '0'}"


def _said_in_text(equation: Equation, ledger: Ledger) -> str:
    """Returns the sentence behind an equation with a fact in it, as whoever made the equation words it."""
    return equation.check.why if any(term.cell not in ledger.cells for term in equation.check.terms) else ""


def _named(terms: Sequence[Term], ledger: Ledger, equation: Equation) -> str:
    """Returns the terms added up: a total and unknown cells by name, other figures as numbers."""
    total = equation.check.terms[0].cell
    parts: list[str] = []
    for term in terms[:_MOST_PARTS]:
        number = "" if term.cell in equation.unknown else _value(term.cell, ledger)
        name = ledger.label(term.cell) if not number or term.cell == total else ""
        parts.append(("" if term.weight > 0 else "−") + " ".join(filter(None, (name, number))))
    return _joined(parts, len(terms))


def _signed(terms: Sequence[Term], ledger: Ledger) -> str:
    parts = [f"{'' if term.weight > 0 else '−'}{_value(term.cell, ledger)}" for term in terms[:_MOST_PARTS]]
    return _joined(parts, len(terms))


def _joined(parts: Sequence[str], count: int) -> str:
    return " + ".join(parts).replace("+ −", "− ") + (" + …" if count > len(parts) else "")


def _value(cell: str, ledger: Ledger) -> str:
    value = ledger.cells[cell][2].value
    return plain(value) if value is not None else "0"


def _has_figure(cell: str, ledger: Ledger) -> bool:
    return ledger.cells[cell][2].value is not None
