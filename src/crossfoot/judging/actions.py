"""What may have gone wrong, as one action each: a figure that should be another, or a known way to misplace figures.

An action changes the gaps of equations; an explanation is the fewest actions after which every equation holds.
"""

from collections.abc import Mapping, Sequence
from typing import Literal, NamedTuple

from crossfoot.judging.system import System

#: A figure (or every copy of one) that should be another; or a structural move: two figures exchanged, the figures of a
#: row one column off, the figures of two rows exchanged, a power of ten, a row that stands twice, a row under the wrong
#: parent, another unit throughout, a total that runs on.
ActionKind = Literal["change", "exchange", "shift", "rows", "scale", "duplicate", "parent", "unit", "cumulation"]


class Action(NamedTuple):
    """One action: the cells it changes, each by so many steps, and by how much the gap of each equation grows by it.

    `words` says what a structural move would do, for a person; a plain change has none.
    """

    kind: ActionKind
    changes: tuple[tuple[str, int], ...]
    effects: Mapping[str, int]
    words: str = ""

    @property
    def cells(self) -> tuple[str, ...]:
        """Returns the references of the cells it changes."""
        return tuple(cell for cell, _ in self.changes)


def action_of(system: System, kind: ActionKind, changes: Sequence[tuple[str, int]], words: str = "") -> Action:
    """Returns the action that changes the cells by the given steps; its effects follow from the equations."""
    effects: dict[str, int] = {}
    for cell, steps in changes:
        for equation in system.of(cell):
            effects[equation.id] = effects.get(equation.id, 0) + equation.terms[cell] * steps
    return Action(kind, tuple(changes), {name: effect for name, effect in effects.items() if effect}, words)
