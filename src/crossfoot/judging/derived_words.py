"""How a derived cell follows from the sums, in words: `表5 合计 900.00 less its other parts 500.00 + 100.00`."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import NamedTuple

from crossfoot.figures import Term
from crossfoot.judging.elimination import Determined
from crossfoot.judging.ledger import Ledger
from crossfoot.judging.system import Equation
from crossfoot.judging.wording import added_up
from crossfoot.numerals import plain

_MOST_SUMS = 4


class Figures(NamedTuple):
    """What the cells of a document say in words: as read, or as derived (`values`)."""

    ledger: Ledger
    values: Mapping[str, Decimal]

    def has(self, cell: str) -> bool:
        """Says whether the cell has a figure, read or derived."""
        return cell in self.values or self.ledger.cells[cell][2].value is not None

    def number(self, cell: str) -> str:
        """Returns the cell's figure as digits; nothing counts as 0."""
        value = self.values.get(cell, self.ledger.cells[cell][2].value)
        return plain(value) if value is not None else "0"

    def named(self, cell: str) -> str:
        """Returns the cell by name, and its figure if it has one."""
        return f"{self.ledger.label(cell)} {self.number(cell)}" if self.has(cell) else self.ledger.label(cell)


def reason_of(one: Determined, figures: Figures) -> str:
    """Returns the equations that give a cell in words: the last of them alone, if the others give its other cells."""
    equations = list({equation.id: equation for equation, _ in one.combination}.values())
    for equation in equations:
        others = [cell for cell in equation.unknown if cell != one.cell]
        if one.cell in equation.terms and all(cell in figures.values for cell in others):
            if not others:
                return _alone(one.cell, equation, figures)
            if len(equations) == 1:
                return _nothing_left(equation, one.cell, figures)
            return f"{_alone(one.cell, equation, figures)}, derived as well"
    shown = [_written_out(equation, figures) for equation in equations[:_MOST_SUMS]]
    hidden = len(equations) - len(shown)
    more = f"; and {hidden} more {'sum' if hidden == 1 else 'sums'}" if hidden else ""
    return f"{'; '.join(shown)}{more}"


def _alone(cell: str, equation: Equation, figures: Figures) -> str:
    """Returns what one equation says of a cell that alone is unknown in it."""
    said = _said_in_text(equation, figures)
    if said:
        return said
    mine = equation.terms[cell]
    others = [term for term in equation.check.terms if term.cell != cell and figures.has(term.cell)]
    against = [Term(cell=term.cell, weight=-term.weight * mine) for term in others]  # as the cell's own sum has them
    if equation.check.terms[0].cell == cell and equation.check.kind != "equal":
        return f"the sum of its parts {_signed(against, figures)}"
    first, *rest = sorted(against, key=lambda term: term.weight < 0)  # what is added before what is taken away
    if not rest:
        only = "the same amount" if equation.check.kind == "equal" else "which has no other part"
        return f"{'' if first.weight > 0 else '−'}{figures.named(first.cell)}, {only}"
    named = figures.named(first.cell)
    if all(term.weight < 0 for term in rest):
        taken = [Term(cell=term.cell, weight=-term.weight) for term in rest]
        is_total = first.cell == equation.check.terms[0].cell
        return f"{named} less {'its other parts ' if is_total else ''}{_signed(taken, figures)}"
    return f"{named} + {_signed(rest, figures)}".replace("+ −", "− ")


def _nothing_left(equation: Equation, cell: str, figures: Figures) -> str:
    """Returns that a total is reached, which leaves nothing for parts that are not negative."""
    whole = equation.check.terms[0].cell
    terms = (term for term in equation.check.terms[1:] if term.cell != cell and figures.has(term.cell))
    parts = [term for term in terms if figures.number(term.cell).strip("0.")]
    reached = f"its other parts {_signed(parts, figures)} reach it" if parts else "it is zero"
    return f"{figures.named(whole)} leaves nothing: {reached}, and no part is negative"


def _written_out(equation: Equation, figures: Figures) -> str:
    """Returns an equation with more than one unknown cell, or one of several, as `whole = parts`; unknowns by name."""
    said = _said_in_text(equation, figures)
    if said:
        return said
    shown = [term for term in equation.check.terms if term.cell in equation.unknown or figures.has(term.cell)]
    left = [Term(cell=term.cell, weight=-term.weight) for term in shown if term.weight < 0]
    right = [term for term in shown if term.weight > 0]
    return f"{_named(left, figures, equation)} = {_named(right, figures, equation) or '0'}"


def _said_in_text(equation: Equation, figures: Figures) -> str:
    """Returns the sentence behind an equation with a fact in it, as whoever made the equation words it."""
    return equation.check.why if any(term.cell not in figures.ledger.cells for term in equation.check.terms) else ""


def _named(terms: Sequence[Term], figures: Figures, equation: Equation) -> str:
    """Returns the terms added up: a total and unknown cells by name, other figures as numbers."""
    total = equation.check.terms[0].cell
    parts: list[str] = []
    for term in terms:
        number = "" if term.cell in equation.unknown else figures.number(term.cell)
        name = figures.ledger.label(term.cell) if not number or term.cell == total else ""
        parts.append(("" if term.weight > 0 else "−") + " ".join(filter(None, (name, number))))
    return added_up(parts)


def _signed(terms: Sequence[Term], figures: Figures) -> str:
    parts = [f"{'' if term.weight > 0 else '−'}{figures.number(term.cell)}" for term in terms]
    return added_up(parts)
