"""Equations with unknown cells → which of them are determined, and by what combination: exact, over fractions.

A cell is determined iff its unit vector lies in the row space of the equations restricted to the unknown cells. What
one equation gives by itself is taken first, the smallest rounding first, then Gaussian elimination of what is left.
"""

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from fractions import Fraction
from heapq import heappop, heappush
from typing import NamedTuple, TypeVar

from crossfoot.judging.system import Equation, System

_Key = TypeVar("_Key", str, int)

#: A whole number wherever it is one, as nearly all are: computing with fractions takes ten times as long.
Exact = int | Fraction
#: Multipliers by the place of the line; their weighted sum has one unknown cell left, with weight one.
Combination = Mapping[int, Exact]

#: More unknown cells than these in one connected piece are left to the equations that give one by themselves.
_MOST_UNKNOWN = 120


class Line(NamedTuple):
    """An equation by its unknown cells: Σ weight·cell + rest = 0 within `tolerance`; all in steps."""

    equation: Equation
    weights: Mapping[str, int]
    rest: Exact
    tolerance: Exact


class Determined(NamedTuple):
    """A cell with the value that a combination of equations gives it, and between what roundings allow it; in steps."""

    cell: str
    value: Fraction
    low: Fraction
    high: Fraction
    combination: tuple[tuple[Equation, Exact], ...]


def line_of(equation: Equation, system: System, unknowns: AbstractSet[str]) -> Line:
    """Returns an equation by its unknown cells: those that cannot be read, and those of `unknowns`."""
    terms = equation.terms.items()
    weights = {cell: weight for cell, weight in terms if weight and (cell in unknowns or cell in equation.unknown)}
    counted = sum(weight * system.value(cell) for cell, weight in weights.items() if cell in system.ledger.cells)
    return Line(equation, weights, equation.gap - counted, equation.tolerance)


def says_something(line: Line, system: System) -> bool:
    """Says whether a line does more than to set a cell to zero because all else in its sum is blank."""
    cells = system.ledger.cells
    known = (term.cell for term in line.equation.check.terms if term.cell not in line.weights)
    return len(line.weights) > 1 or any(cell not in cells or cells[cell][2].value is not None for cell in known)


def solve(lines: Sequence[Line]) -> dict[str, Combination]:
    """Returns every cell that the lines determine, with a combination of small rounding."""
    by_cell = places_by_cell(lines)
    found = _one_by_one(lines, by_cell)
    left = [cell for cell in by_cell if cell not in found]
    for piece in pieces(left, lines, by_cell):
        if len(piece) <= _MOST_UNKNOWN:
            found.update(_eliminated(piece, lines, found, by_cell))
    return found


def places_by_cell(lines: Sequence[Line]) -> dict[str, list[int]]:
    """Returns for each unknown cell the places of the lines in which it stands."""
    found: dict[str, list[int]] = {}
    for place, line in enumerate(lines):
        for cell in line.weights:
            found.setdefault(cell, []).append(place)
    return found


def determined(cell: str, combination: Combination, lines: Sequence[Line]) -> Determined:
    """Returns the value and interval that a combination gives a cell."""
    value = Fraction(-sum(factor * lines[place].rest for place, factor in combination.items()))
    radius = rounding(combination, lines)
    used = tuple((lines[place].equation, factor) for place, factor in sorted(combination.items()))
    return Determined(cell, value, value - radius, value + radius, used)


def rounding(combination: Combination, lines: Sequence[Line]) -> Exact:
    """Returns by how much the roundings of a combination can move its result."""
    return sum(max(factor, -factor) * lines[place].tolerance for place, factor in combination.items())


def through(cell: str, place: int, lines: Sequence[Line], found: Mapping[str, Combination]) -> Combination | None:
    """Returns what one line gives a cell when its other unknown cells are known by `found`, or None if one is not."""
    weights = lines[place].weights
    others = [other for other in weights if other != cell]
    if any(other not in found for other in others):
        return None
    parts: list[tuple[Exact, Combination]] = [(_quotient(1, weights[cell]), {place: 1})]
    parts += [(_quotient(-weights[other], weights[cell]), found[other]) for other in others]
    return _added(parts)


def _one_by_one(lines: Sequence[Line], by_cell: Mapping[str, Sequence[int]]) -> dict[str, Combination]:
    """Returns the cells that lines with one unknown cell give, repeated, the smallest rounding first."""
    found: dict[str, Combination] = {}
    waiting: list[tuple[Exact, int, int, str]] = []
    offers: list[Combination] = []

    def offer(place: int) -> None:
        unknown = [cell for cell in lines[place].weights if cell not in found]
        if len(unknown) == 1 and (combination := through(unknown[0], place, lines, found)) is not None:
            heappush(waiting, (rounding(combination, lines), place, len(offers), unknown[0]))
            offers.append(combination)

    for place in range(len(lines)):
        offer(place)
    while waiting:
        _, _, number, cell = heappop(waiting)
        if cell not in found:
            found[cell] = offers[number]
            for place in by_cell[cell]:
                offer(place)
    return found


def pieces(
    cells: Sequence[str], lines: Sequence[Line], by_cell: Mapping[str, Sequence[int]]
) -> Iterable[Sequence[str]]:
    """Yields the cells in groups that no line connects."""
    left = dict.fromkeys(cells)
    while left:
        piece = [next(iter(left))]
        del left[piece[0]]
        for cell in piece:
            for other in dict.fromkeys(other for place in by_cell[cell] for other in lines[place].weights):
                if other in left:
                    del left[other]
                    piece.append(other)
        yield piece


class _Row(NamedTuple):
    weights: dict[str, Exact]
    combination: dict[int, Exact]


def _eliminated(
    piece: Sequence[str], lines: Sequence[Line], found: Mapping[str, Combination], by_cell: Mapping[str, Sequence[int]]
) -> dict[str, Combination]:
    """Returns the cells of the piece that Gaussian elimination determines, the cells already found put in."""
    places = dict.fromkeys(place for cell in piece for place in by_cell[cell])
    rows = [_row(place, lines, found) for place in sorted(places, key=lambda place: (lines[place].tolerance, place))]
    solved: list[tuple[str, _Row]] = []
    for whole in rows:
        row = whole
        for cell, pivot in solved:
            row = _less(row, cell, pivot)
        if row.weights:
            cell = next(iter(row.weights))
            lead = row.weights[cell]
            pivot = _Row(_divided(row.weights, lead), _divided(row.combination, lead))
            solved = [(other, _less(known, cell, pivot)) for other, known in solved]
            solved.append((cell, pivot))
    return {cell: row.combination for cell, row in solved if len(row.weights) == 1}


def _row(place: int, lines: Sequence[Line], found: Mapping[str, Combination]) -> _Row:
    weights = lines[place].weights
    parts: list[tuple[Exact, Combination]] = [(1, {place: 1})]
    parts += [(-weight, found[cell]) for cell, weight in weights.items() if cell in found]
    return _Row({cell: weight for cell, weight in weights.items() if cell not in found}, _added(parts))


def _less(row: _Row, cell: str, pivot: _Row) -> _Row:
    factor = row.weights.get(cell)
    if not factor:
        return row
    weights = {**row.weights}
    for other, weight in pivot.weights.items():
        weights[other] = weights.get(other, 0) - factor * weight
    combination = _added([(1, row.combination), (-factor, pivot.combination)])
    return _Row({other: weight for other, weight in weights.items() if weight}, combination)


def _divided(values: Mapping[_Key, Exact], by: Exact) -> dict[_Key, Exact]:
    return {key: _quotient(value, by) for key, value in values.items()}


def _quotient(value: Exact, by: Exact) -> Exact:
    """Returns value / by, as a whole number where it is one."""
    if by in {1, -1}:
        return value * by
    quotient = Fraction(value) / by
    return quotient.numerator if quotient.denominator == 1 else quotient


def _added(parts: Sequence[tuple[Exact, Combination]]) -> dict[int, Exact]:
    total: dict[int, Exact] = {}
    for factor, combination in parts:
        for place, multiplier in combination.items():
            total[place] = total.get(place, 0) + factor * multiplier
    return {place: multiplier for place, multiplier in total.items() if multiplier}
