"""What may have gone wrong, as one action each: a figure that should be another, or a known way to misplace figures.

An action changes the gaps of equations; an explanation is the fewest actions after which every equation holds.
"""

from collections.abc import Mapping
from typing import Literal, NamedTuple

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
