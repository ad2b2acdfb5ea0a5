"""Failing sums → the ways in which figures that are all printed may stand in the wrong place, each as one action.

Swaps follow Scholtus' correctSigns (Statistics Netherlands, 2008); shifts, powers of ten and rows are of the same kind.
A figure that should be another is no move, nor is one cell's power of ten: those change one cell.
"""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from itertools import pairwise

from crossfoot.judging.actions import Action
from crossfoot.judging.miscounted import cumulations, duplicates, other_parents, other_units
from crossfoot.judging.powers import scaled_columns, scaled_rows
from crossfoot.judging.scene import Rows, Scene, Strip, column_of, list_of
from crossfoot.judging.system import System


def moves(system: System) -> list[Action]:
    """Returns the structural moves that explain failing equations, the simplest kinds first.

    Each makes two failing equations hold (or the one it touches, if that shares no cell with another failing one), and
    breaks none that holds. Of moves of two kinds that do the same to every equation only the simpler kind is returned;
    of one kind all are, for they cannot be told apart.
    """
    scene = Scene(Rows(system))
    kind_of: dict[frozenset[tuple[str, int]], str] = {}
    found: dict[tuple[str, str, tuple[tuple[str, int], ...]], Action] = {}
    for make in _MAKERS:
        for action in make(scene):
            if kind_of.setdefault(frozenset(action.effects.items()), action.kind) == action.kind:
                parent = action.words if action.kind == "parent" else ""
                found.setdefault((action.kind, parent, tuple(sorted(action.changes))), action)
    return list(found.values())


# --- two figures ------------------------------------------------------------------------------------------------------


def exchanges(scene: Scene) -> Iterator[Action]:
    """Yields two neighbouring figures of a row, of two lists on one line, or of a column, exchanged."""
    for strip in scene.near:
        for left in range(len(strip.refs) - 1):
            if strip.place[left] + 1 == strip.place[left + 1]:
                yield from _exchange(scene, (strip, left), (strip, left + 1))
    for first, second in _side_by_side(scene):
        yield from _exchange(scene, (first, len(first.refs) - 1), (second, 0))
    for above, below in scene.neighbours:
        for place, key in enumerate(above.keys):
            other = below.at(key)
            if other is not None:
                yield from _exchange(scene, (above, place), (below, other))


def _side_by_side(scene: Scene) -> Iterator[tuple[Strip, Strip]]:
    """Yields rows of two lists that stand side by side on one line."""
    for line in dict.fromkeys((strip.entry.id, strip.row.line) for strip in scene.near):
        yield from pairwise(scene.rows.on_line.get(line, ()))


def _exchange(scene: Scene, first: tuple[Strip, int], second: tuple[Strip, int]) -> Iterator[Action]:
    (one, left), (other, right) = first, second
    difference = other.values[right] - one.values[left]
    changes = ((one.refs[left], difference), (other.refs[right], -difference))
    if not difference or not (scene.weights(changes[0][0]) or scene.weights(changes[1][0])):
        return
    readable = one.legible[left] and other.legible[right] and one.units[left] == other.units[right]
    if readable and scene.would_mend(changes):
        effects = scene.effects_of(changes)
        yield from scene.offered("exchange", changes, effects, _exchanged(scene, first, second))


def _exchanged(scene: Scene, first: tuple[Strip, int], second: tuple[Strip, int]) -> str:
    (one, left), (other, right) = first, second
    if one is other:
        return f"{one.column(left)} and {one.column(right)} of {one.name} are exchanged"
    if one.keys[left] == other.keys[right] and one.row.panel == other.row.panel:
        return f"the {one.column(left)} of {one.name} and of {other.name} are exchanged"
    label = scene.system.ledger.label
    return f"{label(one.refs[left])} and {label(other.refs[right])} are exchanged"


# --- a row, or a part of it, one column off ---------------------------------------------------------------------------


def shifts(scene: Scene) -> Iterator[Action]:
    """Yields rows of which two or more figures belong one column to the left or right; a blank makes room for them."""
    for strip in scene.near:
        for run in _runs(strip):
            for place in run:
                if strip.blank[place]:
                    yield from _shifts_into(scene, strip, run, place, 1)
                    yield from _shifts_into(scene, strip, run, place, -1)


def _runs(strip: Strip) -> Iterator[range]:
    """Yields the stretches of a row's money cells that stand side by side, can be read and have one unit."""
    start = 0
    for place in range(len(strip.refs)):
        if not strip.legible[place]:
            yield range(start, place)
            start = place + 1
        elif place > start and (
            strip.place[place] != strip.place[place - 1] + 1 or strip.units[place] != strip.units[place - 1]
        ):
            yield range(start, place)
            start = place
    yield range(start, len(strip.refs))


def _shifts_into(scene: Scene, strip: Strip, run: range, gap: int, step: int) -> Iterator[Action]:
    """Yields the shifts that fill the blank at `gap` with the figures beyond it (`step` 1: those to its right).

    The figures from the blank to the one before `end` move; each further figure touches but two more cells.
    """
    if gap + step not in run or strip.blank[gap + step]:
        return
    effects: dict[int, int] = {}
    mended: set[int] = set()
    figures = 0
    end = gap + step
    while end in run:
        value = strip.values[end]
        for ref, steps in ((strip.refs[end - step], value), (strip.refs[end], -value)) if value else ():
            for place, weight in scene.weights(ref):
                effects[place] = effects.get(place, 0) + weight * steps
                (mended.add if scene.closes(place, effects[place]) else mended.discard)(place)
        figures += not strip.blank[end]
        if figures > 1 and not strip.blank[end] and mended and scene.suffices(mended, sum(map(bool, effects.values()))):
            yield from _shift(scene, strip, gap, end)
        end += step


def _shift(scene: Scene, strip: Strip, gap: int, end: int) -> Iterator[Action]:
    """Yields the shift of the figures beyond the blank at `gap` up to the one at `end` towards it."""
    step = 1 if end > gap else -1
    after = {place: strip.values[place + step] for place in range(gap, end, step)} | {end: 0}
    changes = tuple(
        (strip.refs[place], after[place] - strip.values[place])
        for place in sorted(after)
        if after[place] != strip.values[place]
    )
    effects = scene.effects_of(changes)
    yield from scene.offered("shift", changes, effects, _shifted(strip, gap + step, end))


def _shifted(strip: Strip, first: int, last: int) -> str:
    side = "right" if last > first else "left"
    low, high = sorted((first, last))
    is_all = all(strip.blank[place] or low <= place <= high for place in range(len(strip.refs)))
    part = "" if is_all else f" from {strip.column(low)} to {strip.column(high)}"
    return f"the figures of {strip.name}{part} stand one column too far {side}"


# --- two rows ---------------------------------------------------------------------------------------------------------


def row_exchanges(scene: Scene) -> Iterator[Action]:
    """Yields the figures of two rows exchanged: neighbours, or any two rows in failing equations."""
    tried: set[tuple[str, int, int]] = set()
    for above, below in (*scene.neighbours, *_partners(scene)):
        key = (above.entry.id, above.row.index, below.row.index)
        if key in tried or above.keys != below.keys or above.units != below.units:
            continue
        tried.add(key)
        if not all(above.legible) or not all(below.legible):
            continue
        differing = [place for place in range(len(above.keys)) if above.values[place] != below.values[place]]
        changes = [(above.refs[place], below.values[place] - above.values[place]) for place in differing]
        changes += [(below.refs[place], above.values[place] - below.values[place]) for place in differing]
        if scene.would_mend(changes):
            words = (
                f"the figures of {above.name} (L{above.row.line}) and {below.name} (L{below.row.line}) are exchanged"
            )
            yield from scene.offered("rows", changes, scene.effects_of(changes), words)


def _partners(scene: Scene) -> Iterator[tuple[Strip, Strip]]:
    """Yields two rows of one list of which a failing equation says that the one has the other's figure.

    What figure a cell should have follows from each of its equations; only rows with such a figure are looked at.
    """
    for equation in scene.failing:
        if len({ref.rpartition(".")[0] for ref in equation.terms}) == 1:
            continue  # a sum across a row goes with its row
        for ref, weight in equation.terms.items():
            if abs(weight) == 1:
                strip = scene.rows.of(ref)
                listed, key = list_of(strip.entry, strip.row), column_of(ref)[1]
                wanted = scene.system.value(ref) - weight * equation.gap
                for other in _with_figure(scene.rows.figures(listed, key), wanted, equation.tolerance):
                    first, second = sorted((strip, scene.rows.of(other)), key=lambda strip: strip.row.index)
                    yield first, second


def _with_figure(figures: Sequence[tuple[int, str]], wanted: int, tolerance: int) -> Iterator[str]:
    """Yields the cells of a column with a figure, or one that differs from it by less than the tolerance."""
    for place in range(bisect_left(figures, (wanted - tolerance, "")), len(figures)):
        if figures[place][0] > wanted + tolerance:
            return
        yield figures[place][1]


_MAKERS = (
    exchanges, shifts, row_exchanges, scaled_rows, scaled_columns, duplicates, other_parents, other_units, cumulations,
)  # fmt: skip
