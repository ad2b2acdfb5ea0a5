"""Integer equations over rows with options → which options occur in some solution. Exact; a limit ends the search.

Every equation is a sum of intervals, one of each row's chosen option; it holds if zero lies in the sum. Options are
ruled out by the bounds of each equation, then by all the sums it can reach; what is left is tried.
"""

from collections.abc import Iterable, Mapping, Sequence
from itertools import accumulate
from typing import NamedTuple

Option = tuple[int, ...]
Interval = tuple[int, int]

#: How many intervals are looked at before the search is given up: about half a second of work.
_MOST_WORK = 1_000_000
#: An equation that reaches more sums than this is looked at by its bounds only.
_MOST_SUMS = 600

#: For each row the numbers of its options that are left.
_Domains = list[tuple[int, ...]]


class Exhausted(Exception):  # noqa: N818  no error: the search has no answer within its limit
    """The search was given up."""


class Equation(NamedTuple):
    """`low`, `high` of what is fixed, and for each row what each of its options adds; `is_at_most` bounds one side."""

    low: int
    high: int
    spans: Mapping[int, Mapping[Option, Interval]]
    is_at_most: bool = False


class Feasible(NamedTuple):
    """The options of each row that occur in a solution, and how many solutions were met (one: there is no other).

    Where the search was given up after the first solution, options that were not ruled out are kept too.
    """

    options: Mapping[int, tuple[Option, ...]]
    ways: int
    is_complete: bool


def feasible_options(options: Mapping[int, Sequence[Option]], equations: Sequence[Equation]) -> Feasible | None:
    """Returns the options that occur in some solution, None if there is no solution.

    Exhausted if none was found within the limit.
    """
    rows = list(options)
    search = _Search([list(options[row]) for row in rows], equations, {row: place for place, row in enumerate(rows)})
    found = search.occurring()
    if found is None:
        return None
    kept = {row: tuple(options[row][way] for way in found[place]) for place, row in enumerate(rows)}
    return Feasible(kept, search.ways, search.is_complete)


class _Sum(NamedTuple):
    """An equation by places: what is fixed, and for each row it touches what each option adds."""

    low: int
    high: int
    spans: dict[int, list[Interval]]
    is_at_most: bool


class _Search:
    """One puzzle being solved; it counts its own work."""

    def __init__(
        self, options: Sequence[Sequence[Option]], equations: Sequence[Equation], at: Mapping[int, int]
    ) -> None:
        self.start: _Domains = [tuple(range(len(ways))) for ways in options]
        self.sums = [
            _Sum(
                equation.low,
                equation.high,
                {at[row]: [spans[way] for way in options[at[row]]] for row, spans in equation.spans.items()},
                equation.is_at_most,
            )
            for equation in equations
        ]
        self.touching: list[list[int]] = [[] for _ in options]
        for number, equation in enumerate(self.sums):
            for row in equation.spans:
                self.touching[row].append(number)
        self.work = 0
        self.ways = 1
        self.is_complete = True

    def occurring(self) -> _Domains | None:
        """Returns for each row the options of all solutions, each shown by a solution that has it."""
        domains = self._narrowed(self.start, range(len(self.sums)))
        if domains is None:
            return None
        for part in self._parts(domains, range(len(domains))):
            shown = self._shown(domains, part)
            if shown is None:
                return None
            for row in part:
                domains[row] = tuple(sorted(shown[row]))
        return domains

    def _shown(self, domains: _Domains, part: Sequence[int]) -> dict[int, set[int]] | None:
        shown: dict[int, set[int]] = {row: set() for row in part}
        solutions: set[tuple[int, ...]] = set()
        for row, way in [(member, way) for member in part for way in domains[member]]:
            if way in shown[row]:
                continue
            try:
                solution = self._solved(domains, part, (row, way))
            except Exhausted:
                if not solutions:
                    raise
                self.is_complete = False
                self.ways *= max(2, len(solutions))  # whether there is another is not known
                return {row: set(domains[row]) for row in part}
            if solution is not None:
                solutions.add(tuple(solution[member] for member in part))
                for member in part:
                    shown[member].add(solution[member])
        self.ways *= len(solutions)
        return shown if solutions else None

    def _solved(self, domains: _Domains, part: Sequence[int], choice: tuple[int, int]) -> dict[int, int] | None:
        """Returns one solution of a part in which a row has a certain option, or None."""
        row, way = choice
        chosen = list(domains)
        chosen[row] = (way,)
        narrowed = self._narrowed(chosen, self.touching[row])
        if narrowed is None:
            return None
        solution = {member: narrowed[member][0] for member in part}
        for smaller in self._parts(narrowed, part):
            member = min(smaller, key=lambda one: (-len(self.touching[one]), len(narrowed[one]), one))
            tries = (self._solved(narrowed, smaller, (member, other)) for other in narrowed[member])
            rest = next((found for found in tries if found is not None), None)
            if rest is None:
                return None
            solution.update(rest)
        return solution

    def _parts(self, domains: _Domains, rows: Iterable[int]) -> list[list[int]]:
        """Returns the undecided rows in groups that no equation connects."""
        left = {row for row in rows if len(domains[row]) > 1}
        parts: list[list[int]] = []
        while left:
            part, edge = [], [min(left)]
            left.discard(edge[0])
            while edge:
                row = edge.pop()
                part.append(row)
                near = {other for number in self.touching[row] for other in self.sums[number].spans} & left
                edge += sorted(near)
                left -= near
            parts.append(sorted(part))
        return parts

    def _narrowed(self, domains: _Domains, changed: Iterable[int]) -> _Domains | None:
        """Returns the options without those that some equation rules out; None if a row has none left."""
        narrowed = list(domains)
        by_bounds, by_sums = dict.fromkeys(changed), dict.fromkeys(changed)
        while by_bounds or by_sums:
            waiting, rule_out = (by_bounds, self._by_bounds) if by_bounds else (by_sums, self._by_sums)
            number = next(iter(waiting))
            del waiting[number]
            for row in rule_out(narrowed, self.sums[number]):
                if not narrowed[row]:
                    return None
                again = dict.fromkeys(self.touching[row])
                by_bounds.update(again)
                by_sums.update(again)
        return narrowed

    def _spend(self, work: int) -> None:
        self.work += work
        if self.work > _MOST_WORK:
            raise Exhausted

    def _by_bounds(self, domains: _Domains, equation: _Sum) -> list[int]:
        """Narrows the rows of one equation by the least and the most the others can add; returns those that lost."""
        bounds: dict[int, Interval] = {}
        low, high = equation.low, equation.high
        for row, spans in equation.spans.items():
            self._spend(len(domains[row]))
            bounds[row] = min(spans[way][0] for way in domains[row]), max(spans[way][1] for way in domains[row])
            low, high = low + bounds[row][0], high + bounds[row][1]
        lost: list[int] = []
        for row, spans in equation.spans.items():
            most = bounds[row][0] - low if not equation.is_at_most else bounds[row][1]
            least = bounds[row][1] - high
            kept = tuple(way for way in domains[row] if spans[way][0] <= most and spans[way][1] >= least)
            if len(kept) < len(domains[row]):
                domains[row] = kept
                lost.append(row)
        return lost

    def _by_sums(self, domains: _Domains, equation: _Sum) -> list[int]:
        """Narrows the rows of one equation by all sums they can reach together, if those are few enough to list."""
        free = {row: {spans[way] for way in domains[row]} for row, spans in equation.spans.items()}
        low = equation.low + sum(next(iter(spans))[0] for spans in free.values() if len(spans) == 1)
        high = equation.high + sum(next(iter(spans))[1] for spans in free.values() if len(spans) == 1)
        rows = sorted((row for row in free if len(free[row]) > 1), key=lambda row: -max(abs(s[1]) for s in free[row]))
        if equation.is_at_most or len(rows) < 2:
            return []
        layers = self._reached((low, high), [free[row] for row in rows])
        if not layers:
            return []
        alive = {total for total in layers[-1] if total[0] <= 0 <= total[1]}
        lost: list[int] = []
        for row, layer in zip(reversed(rows), reversed(layers[:-1]), strict=True):
            used = {span for span in free[row] for total in layer if (total[0] + span[0], total[1] + span[1]) in alive}
            alive = {
                total for total in layer if any((total[0] + span[0], total[1] + span[1]) in alive for span in used)
            }
            if len(used) < len(free[row]):
                domains[row] = tuple(way for way in domains[row] if equation.spans[row][way] in used)
                lost.append(row)
        return lost

    def _reached(self, start: Interval, spans: Sequence[set[Interval]]) -> list[set[Interval]]:
        """Returns the sums reached after each row that can still come to zero; nothing if they are too many."""
        least = list(accumulate((min(s[0] for s in own) for own in reversed(spans)), initial=0))[::-1]
        most = list(accumulate((max(s[1] for s in own) for own in reversed(spans)), initial=0))[::-1]
        layers = [{start}]
        for place, own in enumerate(spans, start=1):
            self._spend(len(layers[-1]) * len(own))
            reached = {
                (low, high)
                for total in layers[-1]
                for span in own
                if (low := total[0] + span[0]) + least[place] <= 0 <= (high := total[1] + span[1]) + most[place]
            }
            if len(reached) > _MOST_SUMS:
                return []
            layers.append(reached)
        return layers
