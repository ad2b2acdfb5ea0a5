"""Failing equations that belong together → all smallest sets of actions after which every equation holds. Exact.

Error localisation as Fellegi and Holt define it (1976), by iterative deepening over whole numbers. A figure may change
only by what makes one of its failing equations hold exactly. A limit on the work ends in `Exhausted`.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from crossfoot.judging.actions import Action
from crossfoot.judging.system import Equation, System

#: The most actions in one explanation, and the most steps of a search; both end in a flag, never in a guess.
_MOST_ACTIONS = 4
_MOST_STEPS = 20_000
#: Where figures may change that other sums speak for, two at most: two errors that cancel in one sum.
_MOST_RELAXED = 2
_MOST_RELAXED_STEPS = 3_000

#: A set of actions that explains; sorted, so that equal sets are equal.
Way = tuple[Action, ...]


class Exhausted(Exception):  # noqa: N818 - no error: a result
    """The search was given up: there are more hypotheses than can be tried."""


class Problem(NamedTuple):
    """Equations that fail together; groups of cells that may change as one, and the moves that touch them.

    `relaxed` allows a step to break an equation that a later one mends.
    """

    system: System
    failing: tuple[Equation, ...]
    groups: tuple[tuple[str, ...], ...]
    moves: tuple[Action, ...] = ()
    relaxed: bool = False


def smallest_ways(problem: Problem) -> list[Way]:
    """Returns all sets of the fewest actions after which everything holds; none if four do not do.

    Raises Exhausted where that cannot be settled within the limit.
    """
    most = _MOST_RELAXED if problem.relaxed else _MOST_ACTIONS
    search = _Search(problem)
    for number in range(1, most + 1):
        ways = search.ways_of(number)
        if ways:
            return ways
    return []


class _Search:
    def __init__(self, problem: Problem) -> None:
        self._problem = problem
        self._system = problem.system
        self._equations: dict[str, Equation] = {equation.id: equation for equation in problem.failing}
        self._gaps: dict[str, int] = {equation.id: equation.gap for equation in problem.failing}
        self._violated: set[str] = set(self._gaps)
        self._weights: list[Mapping[str, int]] = [self._weights_of(group) for group in problem.groups]
        self._touching: dict[str, list[int]] = {}
        for place, weights in enumerate(self._weights):
            for name in weights:
                self._touching.setdefault(name, []).append(place)
        self._moving: dict[str, list[int]] = {}
        for place, move in enumerate(problem.moves):
            self._learn(move)
            for name in move.effects:
                self._moving.setdefault(name, []).append(place)
        self._widest = max(
            [len(weights) for weights in self._weights] + [len(move.effects) for move in problem.moves], default=0
        )
        self._steps = _MOST_RELAXED_STEPS if problem.relaxed else _MOST_STEPS

    def ways_of(self, number: int) -> list[Way]:
        """Returns the explanations of exactly that many actions, one for each set of cells, in a stable order."""
        found: dict[tuple[tuple[str, ...], ...], tuple[int, Way]] = {}
        for way in self._extended((), number):
            key = tuple(sorted(action.cells for action in way))
            rank = self._inexact(way)
            if key not in found or rank < found[key][0]:
                found[key] = (rank, tuple(sorted(way, key=lambda action: action.cells)))
        return [way for _, way in (found[key] for key in sorted(found))]

    # --- equations ----------------------------------------------------------------------------------------------------

    def _weights_of(self, group: Sequence[str]) -> Mapping[str, int]:
        touched = self._system.touched_by(group)
        return {name: weight for name, (equation, weight) in touched.items() if self._knows(equation)}

    def _learn(self, move: Action) -> None:
        for cell in move.cells:
            for equation in self._system.of(cell):
                self._knows(equation)

    def _knows(self, equation: Equation) -> bool:
        """Takes in an equation that an action touches; one that fails and is not of the problem is left out of it."""
        if equation.id not in self._equations:
            if equation.fails:
                return False
            self._equations[equation.id] = equation
            self._gaps[equation.id] = equation.gap
        return True

    def _fails(self, name: str, gap: int) -> bool:
        equation = self._equations[name]
        return not equation.unknown and abs(gap) > equation.tolerance

    def _inexact(self, way: Way) -> int:
        """Returns how many of the mended equations would only hold within their rounding."""
        touched = {name for action in way for name in action.effects if name in self._equations}
        gaps = {name: self._equations[name].gap for name in touched}
        for action in way:
            for name, effect in action.effects.items():
                if name in gaps:
                    gaps[name] += effect
        return sum(1 for gap in gaps.values() if gap)

    # --- the search ---------------------------------------------------------------------------------------------------

    def _extended(self, way: Way, left: int) -> Iterator[Way]:
        if not self._violated:
            if left == 0:
                yield way
            return
        if left == 0 or (not self._problem.relaxed and len(self._violated) > left * self._widest):
            return
        taken = {cell for action in way for cell in action.cells}
        chosen = min(self._violated, key=lambda name: (self._options(name), self._system.order_of(name)))
        for action in self._actions(chosen, taken):
            self._steps -= 1
            if self._steps < 0:
                raise Exhausted
            undo = self._applied(action, left)
            if undo is not None:
                yield from self._extended((*way, action), left - 1)
                self._set(undo)

    def _options(self, name: str) -> int:
        return len(self._touching.get(name, ())) + len(self._moving.get(name, ()))

    def _actions(self, name: str, taken: set[str]) -> Iterator[Action]:
        """Yields what could be done about an equation: each group by what mends one of its equations, each move."""
        for place in self._touching.get(name, ()):
            group, weights = self._problem.groups[place], self._weights[place]
            if taken.isdisjoint(group):
                gaps = {other: self._gaps[other] for other in weights if other in self._violated}
                yield from plain_changes(self._system, group, weights, gaps)
        for place in self._moving.get(name, ()):
            move = self._problem.moves[place]
            if taken.isdisjoint(move.cells):
                yield move

    def _applied(self, action: Action, left: int) -> list[tuple[str, int]] | None:
        """Carries out an action and returns what undoes it; None if it leads away from an explanation."""
        gaps = {name: self._gaps[name] + effect for name, effect in action.effects.items() if name in self._gaps}
        mended = sum(1 for name, gap in gaps.items() if name in self._violated and not self._fails(name, gap))
        broken = sum(1 for name, gap in gaps.items() if name not in self._violated and self._fails(name, gap))
        if not self._problem.relaxed and (broken or not mended):
            return None
        if self._problem.relaxed and broken and left == 1:
            return None
        undo = [(name, self._gaps[name]) for name in gaps]
        self._set(gaps.items())
        return undo

    def _set(self, gaps: Iterable[tuple[str, int]]) -> None:
        for name, gap in gaps:
            self._gaps[name] = gap
            (self._violated.add if self._fails(name, gap) else self._violated.discard)(name)


def plain_changes(
    system: System, group: Sequence[str], weights: Mapping[str, int], gaps: Mapping[str, int]
) -> Iterator[Action]:
    """Yields the changes of a group of cells of which each closes one of the gaps exactly, the smallest first."""
    steps = {-gap // weights[name] for name, gap in gaps.items() if gap % weights[name] == 0}
    for change in sorted(steps, key=lambda change: (abs(change), change)):
        if not any(_is_nonsense(system.value(cell), change) for cell in group):
            effects = {name: weight * change for name, weight in weights.items()}
            yield Action("change", tuple((cell, change) for cell in group), effects)


def _is_nonsense(value: int, change: int) -> bool:
    """Says whether the change would make a blank or positive figure negative by anything but a lost minus sign."""
    return value >= 0 and value + change < 0 and value + change != -value
