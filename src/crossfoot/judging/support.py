"""What the equations say of a cell that cannot be read: the value each leaves for it, and who vouches for the rest."""

from collections.abc import Sequence
from fractions import Fraction
from typing import NamedTuple

from crossfoot.judging.derive import derivations_of
from crossfoot.judging.elimination import Determined
from crossfoot.judging.system import Equation, System

#: So many sums of several figures, all exact, show that a table's figures were not rounded one by one.
_MANY_EXACT = 20
#: With more unread cells than these in a document, only sums are looked at that have no other one.
_MOST_UNREAD = 60


class Support(NamedTuple):
    """What one equation (or several, put together) leaves for a cell, in steps: a value and its rounding to both sides.

    `others` are the other cells with a figure by which it does so.
    """

    equations: tuple[Equation, ...]
    value: Fraction
    rounding: Fraction
    others: frozenset[str]

    @property
    def low(self) -> Fraction:
        """Returns the least that the cell may be."""
        return self.value - self.rounding

    @property
    def high(self) -> Fraction:
        """Returns the most that the cell may be."""
        return self.value + self.rounding


def direct_supports(system: System, cell: str) -> list[Support]:
    """Returns what each equation leaves for a cell that is the only one in it which cannot be read."""
    return [
        support_of(system, equation, cell)
        for equation in system.of(cell)
        if equation.unknown == (cell,) and equation.terms[cell]
    ]


def supports_of(system: System, cell: str) -> list[Support]:
    """Returns what the equations leave for a cell that cannot be read: each that has no other such cell.

    Where these are not two independent ones, those as well whose other unread cells yet others give.
    """
    direct = direct_supports(system, cell)
    if len(independent(direct)) > 1 or len(system.unread) > _MOST_UNREAD:
        return direct
    indirect = (one for one in derivations_of(cell, system) if len(one.combination) > 1)
    return [*direct, *(_indirect_support(system, cell, one) for one in indirect)]


def _indirect_support(system: System, cell: str, one: Determined) -> Support:
    equations = tuple(equation for equation, _ in one.combination)
    others = frozenset(other for equation in equations for other in equation.terms if system.value(other)) - {cell}
    return Support(equations, one.value, max(one.high - one.value, one.value - one.low), others)


def support_of(system: System, equation: Equation, cell: str) -> Support:
    """Returns what an equation leaves for one of its cells if all others are right."""
    weight = equation.terms[cell]
    gap = equation.gap - weight * system.value(cell)
    rounding = Fraction(0 if is_exact(system, equation) else equation.tolerance, abs(weight))
    others = frozenset(other for other in equation.terms if other != cell and system.value(other))
    return Support((equation,), Fraction(-gap, weight), rounding, others)


def is_exact(system: System, equation: Equation) -> bool:
    """Says whether the table of an equation prints exact figures: many sums of several figures, and every one exact.

    Then no rounding needs to be allowed for: figures rounded one by one would leave some of so many sums open. Between
    two tables nothing follows from that; each may be rounded from the same exact figures by itself.
    """
    tables = equation.check.tables
    if len(tables) != 1:
        return False
    exact, inexact = exactness(system, tables[0])
    return not inexact and exact >= _MANY_EXACT


def exactness(system: System, table: str) -> tuple[int, int]:
    """Returns how many of a table's sums of three or more figures hold exactly, and how many do not."""
    known = system.exactness.get(table)
    if known is None:
        exact = inexact = 0
        for check in system.checks:
            if check.tables == (table,) and check.outcome in {"holds", "fails"} and check.kind == "sum":
                if check.gap:
                    inexact += check.outcome == "holds"
                elif sum(1 for term in check.terms if system.value(term.cell)) > 2:
                    exact += 1
        known = system.exactness[table] = (exact, inexact)
    return known


def agree(supports: Sequence[Support]) -> bool:
    """Says whether one value can satisfy all supports."""
    return max(one.low for one in supports) <= min(one.high for one in supports)


def independent(supports: Sequence[Support]) -> list[Support]:
    """Returns supports of which no two share an equation or a figure, the closest ones first."""
    chosen: list[Support] = []
    for support in sorted(supports, key=lambda one: (len(one.equations), one.rounding, one.equations[0].id)):
        names = {equation.id for equation in support.equations}
        if all(
            names.isdisjoint(equation.id for equation in other.equations) and support.others.isdisjoint(other.others)
            for other in chosen
        ):
            chosen.append(support)
    return chosen


def is_vouched(system: System, support: Support, cell: str) -> bool:
    """Says whether every other figure of a support stands in a further sum that holds exactly, blanks included.

    Otherwise a slip in one of them and another filling of the cell would look just the same.
    """
    names = {equation.id for equation in support.equations}
    members = {other for equation in support.equations for other in equation.terms if other != cell}
    return all(system.is_cleared(other, names) for other in sorted(members))
