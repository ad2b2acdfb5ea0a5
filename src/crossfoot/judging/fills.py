"""A connected piece of unknown cells → their values and intervals, or why none of it is filled.

A value stands on the grid of its column and inside the interval that all its equations leave. A piece whose sums
contradict one another gets no value at all (rule of `deductive` 1.0.1: no fill may break what it must satisfy).
"""

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from math import ceil, floor
from typing import NamedTuple

from crossfoot.judging.elimination import Combination, Determined, Line, determined, places_by_cell, solve, through
from crossfoot.judging.system import System

#: Says whether a cell's damaged text can stand for a value between the two, both in the printed unit.
Fits = Callable[[str, Decimal, Decimal], bool]

_ZERO = Fraction(0)
_MOST_ROUNDS = 8
#: So many figures of an interval are tried against the legible digits of a damaged numeral.
_MOST_TRIED = 100


class Fill(NamedTuple):
    """A cell's value on the grid of its column, between what all its equations allow; in steps.

    `agreeing` are the equations besides the combination in which nothing else is left unknown.
    """

    one: Determined
    value: int
    low: Fraction
    high: Fraction
    agreeing: tuple[str, ...] = ()


class Refused(NamedTuple):
    """Why a piece is not filled; `is_contradiction` if no figures at all could satisfy its sums."""

    cells: tuple[str, ...]
    checks: tuple[str, ...]
    reason: str
    is_contradiction: bool = True


class Columns:
    """What the columns of a document print: how fine, and whether negatives."""

    def __init__(self, system: System, signed: frozenset[str] = frozenset()) -> None:
        """Makes the book of a system's columns; the cells in `signed` may be negative whatever is printed."""
        self.system = system
        self.signed = signed
        cells = system.ledger.cells.values()
        self._negative = {(entry.id, one.column) for entry, _, one in cells if one.value is not None and one.value < 0}

    def may_be_negative(self, cell: str) -> bool:
        """Says whether a figure of the cell's column is negative, or the cell is a difference."""
        entry, _, one = self.system.ledger.cells[cell]
        return cell in self.signed or (entry.id, one.column) in self._negative

    def grain(self, one: Determined) -> int:
        """Returns the finest place that the columns behind a derived cell print in its unit, in steps.

        Its own column may print none of its places: where zeros are dropped, 9.4 stands beside 610 and 5.
        """
        cells = self.system.ledger.cells
        unit = cells[one.cell][2].unit
        behind = {one.cell, *(cell for equation, _ in one.combination for cell in equation.terms)}
        return min(self.system.grain(cell) for cell in behind if cell in cells and cells[cell][2].unit == unit)

    def nearest(self, one: Determined, low: Fraction, high: Fraction) -> int | None:
        """Returns the figure nearest to the cell's value that can be printed between the two, or None; in steps."""
        grain = self.grain(one)
        inside = min(max(one.value, low), high)
        choices = (grain * round(inside / grain), grain * floor(inside / grain), grain * ceil(inside / grain))
        return next((steps for steps in choices if low <= steps <= high), None)

    def fitting(self, fill: Fill, fits: Fits) -> int | None:
        """Returns the figure nearest to the fill's value that the legible digits allow, or None; in steps."""
        cell, grain = fill.one.cell, self.grain(fill.one)
        first, last = ceil(fill.low / grain), floor(fill.high / grain)
        if last - first > _MOST_TRIED:
            return None
        for steps in sorted(
            (grain * count for count in range(first, last + 1)), key=lambda s: (abs(s - fill.value), s)
        ):
            printed = self.system.printed(cell, steps)
            if fits(cell, printed, printed):
                return steps
        return None


def filled_piece(
    lines: Sequence[Line], limits: Sequence[Line], columns: Columns, fits: Fits | None = None
) -> dict[str, Fill] | Refused:
    """Returns the fills of the piece that `lines` make up, maybe none; `limits` are its 其中, at least zero."""
    known = list(lines)
    fills: dict[str, Fill] = {}
    for _ in range(_MOST_ROUNDS):
        found = solve(known)
        narrowed = _narrowed(found, known, columns)
        if isinstance(narrowed, Refused):
            return narrowed
        fills = narrowed
        nothing_left = _zeros(lines, fills, columns)
        if not nothing_left:
            break
        known += nothing_left
    resting = _resting_on_figures(fills, columns.system)
    fills = {cell: fill for cell, fill in fills.items() if cell in resting and not _is_coarse(fill.one, columns.system)}
    if fits is not None:
        legible = _legible(fills, columns, fits)
        if isinstance(legible, Refused):
            return legible
        fills = legible
    return _refusal(lines, limits, fills) or fills


def _narrowed(found: Mapping[str, Combination], lines: Sequence[Line], columns: Columns) -> dict[str, Fill] | Refused:
    """Returns the cells found with the interval that all their equations leave and a value in it."""
    places = places_by_cell(lines)
    fills: dict[str, Fill] = {}
    for cell, combination in found.items():
        one = determined(cell, combination, lines)
        low, high = one.low, one.high
        agreeing: dict[str, None] = {}
        for place in places[cell]:
            other = through(cell, place, lines, found)
            if other is not None:
                second = determined(cell, other, lines)
                low, high = max(low, second.low), min(high, second.high)
                agreeing[lines[place].equation.id] = None
        used = dict.fromkeys(equation.id for equation, _ in one.combination)
        checks = tuple(dict.fromkeys([*used, *agreeing]))
        if low > high:
            return Refused((cell,), checks, "the sums give it different amounts")
        if high < 0 and not columns.may_be_negative(cell):
            return Refused((cell,), checks, "it would be negative, and its column prints no negative")
        low = low if columns.may_be_negative(cell) else max(low, _ZERO)
        value = columns.nearest(one, low, high)
        if value is None:
            return Refused((cell,), checks, "no figure of its column satisfies all its sums")
        fills[cell] = Fill(one, value, low, high, tuple(name for name in agreeing if name not in used))
    return fills


def _zeros(lines: Sequence[Line], fills: Mapping[str, Fill], columns: Columns) -> list[Line]:
    """Returns that cells are zero: parts, none negative, of a total that its other parts already reach."""
    found: list[Line] = []
    for line in lines:
        left = {cell: weight for cell, weight in line.weights.items() if cell not in fills}
        signs = {weight > 0 for weight in left.values()}
        if len(signs) != 1 or any(columns.may_be_negative(cell) for cell in left):
            continue
        filled = [(fills[cell], weight) for cell, weight in line.weights.items() if cell in fills]
        rest = line.rest + sum(weight * fill.value for fill, weight in filled)
        room = -rest if signs == {True} else rest
        slack = line.tolerance + sum(abs(weight) * (fill.high - fill.low) for fill, weight in filled)
        if -slack <= room <= 0:
            found += [
                Line(line.equation, {cell: 1}, 0, Fraction(room + slack, abs(weight))) for cell, weight in left.items()
            ]
    return found


def _resting_on_figures(fills: Mapping[str, Fill], system: System) -> set[str]:
    """Returns the cells behind which a figure or a sentence stands, maybe through others: blanks alone give nothing."""
    cells = system.ledger.cells
    behind = {
        cell: {t.cell for equation, _ in fill.one.combination for t in equation.check.terms} - {cell}
        for cell, fill in fills.items()
    }
    resting: set[str] = set()
    while more := {
        cell
        for cell, others in behind.items()
        if cell not in resting
        and any(o in resting or o not in cells or cells[o][2].state in {"printed", "repaired"} for o in others)
    }:
        resting |= more
    return resting


def _is_coarse(one: Determined, system: System) -> bool:
    """Says whether a cell would follow from an amount in another unit or a sentence that is coarser than its column.

    123.98万元 does not say what a column of 元 prints.
    """
    cells, grain = system.ledger.cells, system.grain(one.cell)
    unit = cells[one.cell][2].unit
    for equation, _ in one.combination:
        own = [cell for cell in equation.terms if cells[cell][2].unit == unit]
        rest = equation.tolerance - sum(abs(equation.terms[cell]) * system.half(cell) for cell in own)
        is_mixed = len(own) < len(equation.check.terms)
        if is_mixed and rest > grain * min(abs(weight) for weight in equation.terms.values()):
            return True
    return False


def _legible(fills: Mapping[str, Fill], columns: Columns, fits: Fits) -> dict[str, Fill] | Refused:
    """Returns the fills with values that fit the legible digits of damaged numerals; others are left out."""
    found: dict[str, Fill] = {}
    for cell, fill in fills.items():
        system = columns.system
        if not fits(cell, system.printed(cell, floor(fill.low)), system.printed(cell, ceil(fill.high))):
            checks = tuple(equation.id for equation, _ in fill.one.combination)
            return Refused((cell,), checks, "what can be read of it fits no amount that its sums allow")
        value = columns.fitting(fill, fits)
        if value is not None:
            found[cell] = fill._replace(value=value)
    return found


def _refusal(lines: Sequence[Line], limits: Sequence[Line], fills: Mapping[str, Fill]) -> Refused | None:
    """Returns why the values together are refused: they break an equation or an 其中; else None."""
    for line in lines:
        if all(cell in fills for cell in line.weights) and abs(_gap(line, fills)) > line.tolerance:
            return Refused(tuple(line.weights), (line.equation.id,), "the values break a sum", is_contradiction=False)
    for limit in limits:
        if any(cell not in fills for cell in limit.weights) or _gap(limit, fills) >= -limit.tolerance:
            continue
        best = limit.rest + sum(
            weight * (fills[cell].high if weight > 0 else fills[cell].low) for cell, weight in limit.weights.items()
        )
        why = "an 其中 would be more than its row"
        return Refused(tuple(limit.weights), (limit.equation.id,), why, is_contradiction=best < -limit.tolerance)
    return None


def _gap(line: Line, fills: Mapping[str, Fill]) -> Fraction:
    return Fraction(line.rest + sum(weight * fills[cell].value for cell, weight in line.weights.items()))
