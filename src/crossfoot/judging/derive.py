"""Cells that cannot be read → what the document's own sums say they are, exactly, and between what roundings allow.

Follows deductive imputation (de Waal et al. 2011; `deductive::impute_lr`) with exact elimination: a cell is derived iff
the equations determine it, or a total already reached leaves nothing for it. A derived cell is evidence for nothing.
"""

from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from decimal import Decimal
from fractions import Fraction
from itertools import combinations
from math import ceil, floor
from typing import NamedTuple

from crossfoot.figures import Cell, Check, Derivation, Reading
from crossfoot.judging.derived_words import Figures, reason_of
from crossfoot.judging.elimination import (
    Determined,
    determined,
    line_of,
    pieces,
    places_by_cell,
    says_something,
    solve,
)
from crossfoot.judging.fills import Columns, Fill, Fits, Refused, filled_piece
from crossfoot.judging.ledger import Ledger, with_cells
from crossfoot.judging.system import Equation, System

_MOST_DERIVATIONS, _MOST_DIRECT = 4, 8


class Contradiction(NamedTuple):
    """Unknown cells that the sums contradict one another about, so that none of them is derived, and why."""

    cells: tuple[str, ...]
    checks: tuple[str, ...]
    reason: str


class Derived(NamedTuple):
    """What was derived, in the order of the document, and where the sums contradict one another."""

    derivations: tuple[Derivation, ...] = ()
    contradictions: tuple[Contradiction, ...] = ()


# --- what equations determine -----------------------------------------------------------------------------------------


def derivations_of(cell: str, system: System) -> list[Determined]:
    """Returns up to four independent derivations of a cell: they share no equation and no other cell with a figure.

    First come equations in which it alone is unknown, then those whose other unknown cells yet others give.
    """
    asked = {cell, *system.unread}
    equations = {equation.id: equation for equation in (*system.open(), *system.of(cell))}
    lines = [line_of(one, system, asked) for one in equations.values()]
    direct = [
        determined(cell, {place: Fraction(1, line.weights[cell])}, lines)
        for place, line in enumerate(lines)
        if set(line.weights) == {cell}
    ]
    direct.sort(key=lambda one: one.high - one.low)  # sorting is stable: else in the order of the document
    found = _independent(direct[:_MOST_DIRECT], system, asked)
    while len(found) < _MOST_DERIVATIONS:
        used = {equation.id for one in found for equation, _ in one.combination}
        taken = frozenset().union(*(_figures(one, system, asked) for one in found))
        free = [
            line
            for line in lines
            if line.equation.id not in used and not taken & _figures_in([line.equation], system, asked)
        ]
        more = solve(free).get(cell)
        if more is None:
            break
        found.append(determined(cell, more, free))
    return found


def _independent(direct: Sequence[Determined], system: System, unknowns: AbstractSet[str]) -> list[Determined]:
    """Returns the largest set of derivations that share no cell with a figure; of equals the least rounded."""
    figures = [_figures(one, system, unknowns) for one in direct]
    for size in range(min(len(direct), _MOST_DERIVATIONS), 0, -1):
        for chosen in combinations(range(len(direct)), size):
            if all(not figures[one] & figures[other] for one, other in combinations(chosen, 2)):
                return [direct[place] for place in chosen]
    return []


def _figures(one: Determined, system: System, unknowns: AbstractSet[str]) -> frozenset[str]:
    return _figures_in([equation for equation, _ in one.combination], system, unknowns)


def _figures_in(equations: Iterable[Equation], system: System, unknowns: AbstractSet[str]) -> frozenset[str]:
    """Returns the known cells of the equations that carry a figure; blanks tie nothing together."""
    return frozenset(
        cell
        for equation in equations
        for cell in equation.terms
        if cell not in unknowns and system.ledger.cells[cell][2].value is not None
    )


# --- fills ------------------------------------------------------------------------------------------------------------


class MadeUp(NamedTuple):
    """What is said of made-up tables, by id: equations that no check is made of, and cells that may be negative."""

    tables: AbstractSet[str]
    further: Sequence[Equation]
    signed: frozenset[str]


def derive(system: System, checks: Sequence[Check], fits: Fits | None = None, made_up: MadeUp | None = None) -> Derived:
    """Returns the cells that cannot be read and that the sums give; `checks` are all of the document's.

    A connected piece of unknown cells is filled as a whole or not at all: not where its sums contradict one another,
    nor where a value would be negative in a column without negatives, break an 其中, or not fit the legible digits that
    `fits` knows of. Where tables are made up, pieces without a cell of theirs are left aside.
    """
    opened = [*system.open(), *(made_up.further if made_up is not None else ())]
    if not opened:
        return Derived()
    doubtful = suspects(system)
    lines = [line_of(one, system, frozenset()) for one in opened if not doubtful.intersection(one.terms)]
    lines = [line for line in lines if says_something(line, system)]
    waiting = [check for check in checks if check.kind == "at_most" and check.waits_for]
    limits = [line_of(system.equation(check), system, frozenset()) for check in waiting]
    columns = Columns(system, made_up.signed if made_up is not None else frozenset())
    by_cell = places_by_cell(lines)
    derivations: list[Derivation] = []
    contradictions: list[Contradiction] = []
    for piece in pieces(list(by_cell), lines, by_cell):
        if made_up is not None and all(cell.partition(".")[0] not in made_up.tables for cell in piece):
            continue
        mine = [lines[place] for place in dict.fromkeys(place for cell in piece for place in by_cell[cell])]
        about = [limit for limit in limits if not limit.weights.keys().isdisjoint(piece)]
        fills = filled_piece(mine, about, columns, fits)
        if isinstance(fills, Refused):
            if fills.is_contradiction:
                contradictions.append(Contradiction(fills.cells, fills.checks, fills.reason))
            continue
        figures = Figures(system.ledger, {cell: _value_of(fill, system) for cell, fill in fills.items()})
        derivations += [_derivation(fill, system, figures) for fill in fills.values()]
    order = {cell: place for place, cell in enumerate(system.ledger.cells)}
    return Derived(tuple(sorted(derivations, key=lambda one: order[one.cell])), tuple(contradictions))


def _value_of(fill: Fill, system: System) -> Decimal:
    return _shown(system.printed(fill.one.cell, fill.value), system.ledger.places_of(fill.one.cell))


def _derivation(fill: Fill, system: System, figures: Figures) -> Derivation:
    cell = fill.one.cell
    places = system.ledger.places_of(cell)
    used = (equation.id for equation, _ in fill.one.combination)
    more = len(fill.agreeing)
    agreeing = f"; {more} more {'sum agrees' if more == 1 else 'sums agree'}" if more else ""
    return Derivation(
        cell=cell,
        line=system.ledger.cells[cell][2].line,
        value=figures.values[cell],
        low=_shown(system.printed(cell, ceil(fill.low)), places),
        high=_shown(system.printed(cell, floor(fill.high)), places),
        reason=f"{reason_of(fill.one, figures)}{agreeing}",
        checks=tuple(dict.fromkeys([*used, *fill.agreeing])),
    )


def _shown(value: Decimal, places: int) -> Decimal:
    """Returns the amount with at least the column's places and no exponent: 300.00, never 3E+2."""
    digits = max(places, -int(value.normalize().as_tuple().exponent))
    return value if value.as_tuple().exponent == -digits else value.quantize(Decimal(1).scaleb(-digits))


def filled(reading: Reading, derivations: Iterable[Derivation], ledger: Ledger) -> Reading:
    """Returns the reading with those of its cells derived: the value set, the printed text as the source has it."""
    own = (one for one in derivations if one.cell.partition(".")[0] == reading.table)
    return with_cells(reading, {one.cell: _as_derived(ledger.cells[one.cell][2], one, ledger) for one in own})


def _as_derived(cell: Cell, derivation: Derivation, ledger: Ledger) -> Cell:
    places = ledger.places_of(derivation.cell)
    return cell.model_copy(update={"state": "derived", "value": derivation.value, "places": places})


def suspects(system: System) -> frozenset[str]:
    """Returns the figures of sums that fail which no exact sum vouches for: nothing is computed from them."""
    return frozenset(cell for equation in system.failing() for cell in equation.terms if not system.is_cleared(cell))
