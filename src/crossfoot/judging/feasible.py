"""Integer equations over rows with options → which options occur in some solution. Exact; a limit ends the search.

Every equation is a sum of intervals, one of each row's chosen option; it holds if zero lies in the sum.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

Option = tuple[int, ...]
Options = dict[int, tuple[Option, ...]]
Interval = tuple[int, int]

_MOST_NODES = 3000


class Exhausted(Exception):  # noqa: N818  no error: the search has no answer within its limit
    """The search was given up."""


class Equation(NamedTuple):
    """`low`, `high` of what is fixed, and for each row what each of its options adds; `is_at_most` bounds one side."""

    low: int
    high: int
    spans: Mapping[int, Mapping[Option, Interval]]
    is_at_most: bool = False


class Feasible(NamedTuple):
    """The options of each row that occur in a solution, and how many solutions there are."""

    options: Mapping[int, tuple[Option, ...]]
    ways: int


def feasible_options(options: Mapping[int, Sequence[Option]], equations: Sequence[Equation]) -> Feasible | None:
    """Returns the options that occur in some solution, None if there is no solution; Exhausted beyond the limit."""
    search = _Search(tuple(equations))
    start = {row: tuple(ways) for row, ways in options.items()}
    found = search.project(start, list(start), range(len(equations)))
    return None if found is None else Feasible(*found)


@dataclass
class _Search:
    equations: tuple[Equation, ...]
    nodes: int = 0
    touching: dict[int, list[int]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for number, equation in enumerate(self.equations):
            for row in equation.spans:
                self.touching.setdefault(row, []).append(number)

    def project(self, options: Options, rows: Sequence[int], changed: Sequence[int]) -> tuple[Options, int] | None:
        """Returns for these rows the options that occur in a solution, and the number of solutions found."""
        self.nodes += 1
        if self.nodes > _MOST_NODES:
            raise Exhausted
        narrowed = self._narrowed(options, changed)
        if narrowed is None:
            return None
        count = 1
        found = {row: narrowed[row] for row in rows}
        for part in self._parts(narrowed, rows):
            occurring = self._occurring(narrowed, part)
            if occurring is None:
                return None
            found.update(occurring[0])
            count *= occurring[1]
        return found, count

    def _occurring(self, options: Options, part: Sequence[int]) -> tuple[Options, int] | None:
        """Returns what occurs in the solutions of one connected part, by trying every option of its busiest row."""
        row = max(part, key=lambda member: (len(self.touching.get(member, ())), -len(options[member]), -member))
        seen: dict[int, set[Option]] = {member: set() for member in part}
        count = 0
        for way in options[row]:
            found = self.project({**options, row: (way,)}, part, self.touching.get(row, ()))
            if found is not None:
                count += found[1]
                for member, ways in found[0].items():
                    seen[member].update(ways)
        if not count:
            return None
        return {member: tuple(way for way in options[member] if way in seen[member]) for member in part}, count

    def _parts(self, options: Options, rows: Sequence[int]) -> list[list[int]]:
        """Returns the undecided rows in groups that no equation connects."""
        left = {row for row in rows if len(options[row]) > 1}
        parts: list[list[int]] = []
        while left:
            part, edge = [], [min(left)]
            left.discard(edge[0])
            while edge:
                row = edge.pop()
                part.append(row)
                near = {other for number in self.touching.get(row, ()) for other in self.equations[number].spans}
                edge += sorted(near & left)
                left -= near
            parts.append(sorted(part))
        return parts

    def _narrowed(self, options: Options, changed: Sequence[int]) -> Options | None:
        """Returns the options without those that some equation rules out whatever the other rows do."""
        narrowed = dict(options)
        waiting = dict.fromkeys(changed)
        while waiting:
            number = next(iter(waiting))
            del waiting[number]
            for row in self._ruled_out(narrowed, self.equations[number]):
                if not narrowed[row]:
                    return None
                waiting.update(dict.fromkeys(other for other in self.touching[row] if other != number))
        return narrowed

    def _ruled_out(self, options: Options, equation: Equation) -> list[int]:
        """Narrows the rows of one equation in place and returns those that lost an option."""
        bounds: dict[int, Interval] = {}
        low, high = equation.low, equation.high
        for row, spans in equation.spans.items():
            spread = [spans[way] for way in options[row]]
            bounds[row] = min(span[0] for span in spread), max(span[1] for span in spread)
            low, high = low + bounds[row][0], high + bounds[row][1]
        lost: list[int] = []
        for row, spans in equation.spans.items():
            rest_low, rest_high = low - bounds[row][0], high - bounds[row][1]
            kept = tuple(
                way
                for way in options[row]
                if (equation.is_at_most or rest_low + spans[way][0] <= 0) and rest_high + spans[way][1] >= 0
            )
            if len(kept) < len(options[row]):
                options[row] = kept
                lost.append(row)
                if not kept:
                    return lost
        return lost
