"""Failing equations → what explains them: every smallest set of actions, for equations that hang together.

A cell is a suspect if no sum that holds exactly contains it (Scholtus 2009); agreement between copies of one total
clears nobody, and copies may be wrong together. A cell is certain if every smallest explanation gives it the same value
(Flesca, Furfaro and Parisi 2010). Ties are reported as ties, never broken.
"""

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from functools import reduce
from itertools import product
from math import prod
from typing import Literal, NamedTuple

from crossfoot.judging.actions import Action
from crossfoot.judging.search import Exhausted, Problem, Way, plain_changes, smallest_ways
from crossfoot.judging.system import Equation, System

#: `explained`: one smallest explanation. `tied`: several. `unexplained`: none of up to four actions.
#: `exhausted`: there are more hypotheses than can be tried.
Outcome = Literal["explained", "tied", "unexplained", "exhausted"]
_Group = tuple[str, ...]


class Explanation(NamedTuple):
    """Failing equations that belong together and all smallest explanations of them.

    `certain` are the cells that every way changes alike, with their steps. `is_relaxed` marks ways that change cells
    for which other sums speak: candidates for a person, no more.
    """

    equations: tuple[Equation, ...]
    ways: tuple[Way, ...]
    outcome: Outcome
    certain: Mapping[str, int]
    is_relaxed: bool = False


def locate(system: System, moves: Sequence[Action] = ()) -> list[Explanation]:
    """Returns the failing equations of a document grouped into explanations, in the order of the document.

    `moves` are the structural hypotheses (moves.py); a plain change of one figure is always considered.
    """
    failing = system.failing()
    moves = [move for move in moves if not any(system.is_settled(cell) for cell in move.cells)]
    suspects = _Suspects(system)
    groups = {group: None for equation in failing for group in suspects.groups_of(equation)}
    found: list[Explanation] = []
    for component in _components(failing, groups, moves):
        found += _explain(Problem(system, tuple(component), *_own(component, groups, moves)))
    return _merged(_doubted(system, found))


def _doubted(system: System, found: Sequence[Explanation]) -> list[Explanation]:
    """Returns the explanations, those without any looked at again with all cells in doubt: two errors may cancel.

    Equations that share any cell are looked at together first, then as they hang together by their suspects.
    """
    left = [explanation for explanation in found if explanation.outcome == "unexplained"]
    equations = [equation for explanation in left for equation in explanation.equations]
    cells: list[_Group] = [(cell,) for equation in equations for cell in equation.terms]
    cells += [tuple(next(iter(equation.terms)) for equation in one.equations) for one in left]
    doubtful: dict[str, Explanation] = {}
    for together in _components(equations, cells, ()):
        parts = [one for one in left if not {e.id for e in one.equations}.isdisjoint(e.id for e in together)]
        whole = _relaxed(system, together)
        for explanation in [whole] if whole is not None else [_relaxed(system, one.equations) or one for one in parts]:
            doubtful |= {equation.id: explanation for equation in explanation.equations}
    again = [doubtful.get(explanation.equations[0].id, explanation) for explanation in found]
    return list({id(explanation): explanation for explanation in again}.values())


def _merged(found: Sequence[Explanation]) -> list[Explanation]:
    """Returns the explanations; unexplained failures stand alone, or with others of one identity between two tables."""
    merged: list[Explanation] = []
    unexplained: dict[tuple[str, tuple[str, ...]], int] = {}
    for explanation in found:
        if explanation.ways:
            merged.append(explanation)
            continue
        for equation in explanation.equations:
            key = (equation.check.rule, equation.check.tables)
            if len(equation.check.tables) > 1 and key in unexplained:
                place = unexplained[key]
                merged[place] = merged[place]._replace(equations=(*merged[place].equations, equation))
            else:
                unexplained[key] = len(merged)
                merged.append(explanation._replace(equations=(equation,)))
    return merged


class _Suspects:
    """Which cells may be wrong, and which stand and fall together as copies of one amount."""

    def __init__(self, system: System) -> None:
        self._system = system
        self._known: dict[str, bool] = {}

    def is_suspect(self, cell: str) -> bool:
        """Says whether no equation that clears its cells contains this one."""
        known = self._known.get(cell)
        if known is None:
            known = self._known[cell] = not self._system.is_cleared(cell)
        return known

    def groups_of(self, equation: Equation) -> Iterable[_Group]:
        """Yields each suspect cell of an equation, alone and with the suspect copies of it."""
        for cell in equation.terms:
            if self.is_suspect(cell):
                yield (cell,)
            copies = tuple(copy for copy in self._copies(cell) if self.is_suspect(copy))
            if len(copies) > 1:
                yield copies

    def _copies(self, cell: str) -> list[str]:
        """Returns the cells that print the same amount as this one, by equations that hold; itself included."""
        seen, waiting = {cell}, [cell]
        while waiting:
            for equation in self._system.of(waiting.pop()):
                if equation.is_copy and equation.holds and not equation.check.all_zero:
                    filled = [other for other in equation.terms if self._system.value(other)]
                    new = [other for other in filled if other not in seen]
                    seen.update(new)
                    waiting += new
        return sorted(seen, key=place_of)


def place_of(cell: str) -> tuple[int, int, str]:
    """Returns what orders cell references as they stand in the document."""
    table, row, column = cell.split(".", 2)
    return int(table[1:]), int(row[1:]), column


def _components(failing: Sequence[Equation], groups: Iterable[_Group], moves: Iterable[Action]) -> list[list[Equation]]:
    """Returns the failing equations in groups that no suspect and no move connects."""
    together: dict[str, set[str]] = {equation.id: {equation.id} for equation in failing}
    cells: dict[str, set[str]] = {}
    for equation in failing:
        for cell in equation.terms:
            cells.setdefault(cell, set()).add(equation.id)
    joined = [{name for cell in group for name in cells.get(cell, ())} for group in groups]
    joined += [{name for name in move.effects if name in together} for move in moves]
    for names in joined:
        whole: set[str] = reduce(set.union, (together[name] for name in names), set())
        together.update(dict.fromkeys(whole, whole))
    parts: dict[int, list[Equation]] = {}
    for equation in failing:
        parts.setdefault(id(together[equation.id]), []).append(equation)
    return list(parts.values())


def _own(
    component: Sequence[Equation], groups: Iterable[_Group], moves: Iterable[Action]
) -> tuple[tuple[_Group, ...], tuple[Action, ...]]:
    """Returns the groups and moves that touch a component."""
    names = {equation.id for equation in component}
    cells = {cell for equation in component for cell in equation.terms}
    own = sorted((group for group in groups if not cells.isdisjoint(group)), key=lambda g: (len(g), *map(place_of, g)))
    return tuple(own), tuple(move for move in moves if not names.isdisjoint(move.effects))


# --- one component ----------------------------------------------------------------------------------------------------


def _explain(problem: Problem) -> list[Explanation]:
    try:
        ways = smallest_ways(problem)
    except Exhausted:
        return _partly(problem, "exhausted")
    if not ways:
        return _partly(problem, "unexplained")
    return _split(problem.failing, ways)


def _partly(problem: Problem, outcome: Outcome) -> list[Explanation]:
    """Returns what single actions explain of a component that nothing small explains whole, and the rest as it is.

    What an action of which there is but one does to the other failing equations is taken into account for them.
    """
    ways = _single(problem)
    mended = {_key(way): _mended(problem, way) for way in ways}
    most = max((len(names) for names in mended.values()), default=0)
    if most < 2:
        return [Explanation(problem.failing, (), outcome, {})]
    best = [way for way in ways if len(mended[_key(way)]) == most]
    found: list[Explanation] = []
    left = {equation.id: equation for equation in problem.failing}
    for names in _together([mended[_key(way)] for way in best]):
        own = [way for way in best if mended[_key(way)] <= names]
        found.append(_explanation([left.pop(equation.id) for equation in problem.failing if equation.id in names], own))
    for explanation in found:
        if len(explanation.ways) == 1:
            left = {name: _changed(equation, explanation.ways[0]) for name, equation in left.items()}
    closed = [equation for equation in left.values() if abs(equation.gap) <= equation.tolerance]
    found = [_with_closed(explanation, closed) for explanation in found]
    rest = [equation for equation in left.values() if abs(equation.gap) > equation.tolerance]
    for component in _components(rest, problem.groups, problem.moves):
        groups, moves = _own(component, problem.groups, problem.moves)
        found += _explain(problem._replace(failing=tuple(component), groups=groups, moves=moves))
    return found


def _together(sets: Sequence[frozenset[str]]) -> list[frozenset[str]]:
    """Returns the sets joined as far as they overlap."""
    joined: list[frozenset[str]] = []
    for names in sets:
        apart = [other for other in joined if other.isdisjoint(names)]
        joined = [*apart, names.union(*(other for other in joined if other not in apart))]
    return joined


def _changed(equation: Equation, way: Way) -> Equation:
    """Returns an equation with the gap that it has after the actions."""
    return equation._replace(gap=equation.gap + sum(action.effects.get(equation.id, 0) for action in way))


def _with_closed(explanation: Explanation, closed: Sequence[Equation]) -> Explanation:
    """Returns the explanation with those equations that hold after it and others, and that it has a part in."""
    if len(explanation.ways) != 1:
        return explanation
    own = [e for e in closed if any(e.id in action.effects for action in explanation.ways[0])]
    return explanation._replace(equations=(*explanation.equations, *own))


def _single(problem: Problem) -> list[Way]:
    """Returns the single actions that mend some of the failing equations and break none that holds, one for a group."""
    failing = {equation.id: equation for equation in problem.failing}
    found: list[Way] = []
    for group in problem.groups:
        touched = problem.system.touched_by(group)
        weights = {name: weight for name, (_, weight) in touched.items()}
        gaps = {name: failing[name].gap for name in weights if name in failing}
        ways = [(action,) for action in plain_changes(problem.system, group, weights, gaps)]
        held = [equation for equation, _ in touched.values() if equation.holds]
        harmless = [way for way in ways if not any(_fails_after(equation, way) for equation in held)]
        if harmless:
            found.append(max(harmless, key=lambda way: len(_mended(problem, way))))
    return found + [(move,) for move in problem.moves]


def _fails_after(equation: Equation, way: Way) -> bool:
    return abs(_changed(equation, way).gap) > equation.tolerance


def _ways_or_none(problem: Problem) -> list[Way]:
    try:
        return smallest_ways(problem)
    except Exhausted:
        return []


def _mended(problem: Problem, way: Way) -> frozenset[str]:
    """Returns the ids of the failing equations that hold after the actions."""
    touched = {name for action in way for name in action.effects}
    return frozenset(e.id for e in problem.failing if e.id in touched and not _fails_after(e, way))


def _relaxed(system: System, failing: Sequence[Equation]) -> Explanation | None:
    """Returns explanations by two cells at most, whatever other sums say of them, or None if there is none."""
    terms = {cell for equation in failing for cell in equation.terms}
    cells = sorted((cell for cell in terms if not system.is_settled(cell)), key=place_of)
    problem = Problem(system, tuple(failing), tuple((cell,) for cell in cells), relaxed=True)
    ways = _ways_or_none(problem)
    return _explanation(failing, ways)._replace(is_relaxed=True) if ways else None


def _split(failing: Sequence[Equation], ways: Sequence[Way]) -> list[Explanation]:
    """Returns the explanations, apart where every choice for one part goes with every choice for the others."""
    parts = _parts(failing, ways)
    projected = [{_key(own): own for way in ways if (own := _about(way, names))} for names in parts]
    whole = {_key(way) for way in ways}
    if len(parts) > 1 and len(whole) == prod(len(own) for own in projected):
        combined = {tuple(sorted(sum(choice, ()))) for choice in product(*projected)}
        if combined == whole:
            return [
                _explanation([equation for equation in failing if equation.id in names], list(own.values()))
                for names, own in zip(parts, projected, strict=True)
            ]
    return [_explanation(failing, ways)]


def _parts(failing: Sequence[Equation], ways: Sequence[Way]) -> list[set[str]]:
    """Returns the ids of the failing equations in groups that no action of any explanation touches together."""
    actions = {_key((action,)): action for way in ways for action in way}
    return [{equation.id for equation in part} for part in _components(failing, (), actions.values())]


def _about(way: Way, names: AbstractSet[str]) -> Way:
    return tuple(action for action in way if not names.isdisjoint(action.effects))


def _key(way: Way) -> tuple[tuple[str, tuple[tuple[str, int], ...]], ...]:
    return tuple(sorted((action.kind, action.changes) for action in way))


def _explanation(failing: Sequence[Equation], ways: Sequence[Way]) -> Explanation:
    outcome: Outcome = "explained" if len(ways) == 1 else "tied"
    return Explanation(tuple(failing), tuple(ways), outcome, _certain(ways))


def _certain(ways: Sequence[Way]) -> dict[str, int]:
    """Returns the cells that all ways change by the same steps."""
    changes = [{cell: steps for action in way for cell, steps in action.changes} for way in ways]
    first, *others = changes
    return {cell: steps for cell, steps in first.items() if all(other.get(cell) == steps for other in others)}
