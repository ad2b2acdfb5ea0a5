"""Moves by powers of ten: of all figures of a row or of a column, and what such a slip is called."""

from collections.abc import Iterator, Sequence

from crossfoot.judging.actions import Action
from crossfoot.judging.scene import Scene, Strip, list_of
from crossfoot.judging.system import Equation

#: By how many places the figures of a row or column may be off.
_POWERS = (1, -1, 2, -2, 3, -3, 4, -4, 8, -8)
#: No figure is printed finer than the millionth part of its unit: six decimals.
_SMALLEST = 1_000_000


def scaled_rows(scene: Scene) -> Iterator[Action]:
    """Yields the rows all of whose figures (two or more) are a power of ten too large or too small."""
    for strip in scene.near:
        cells = [(ref, value) for ref, value in zip(strip.refs, strip.values, strict=True) if value]
        whole = frozenset(strip.refs)
        if len(cells) > 1 and all(strip.legible):
            for power in fitting_powers(scene, cells, _POWERS):
                changes = scaled(scene, cells, power)
                if changes:
                    words = f"every figure of {strip.name} is {how_wrong(power)}"
                    effects = scene.effects_of(changes, whole)
                    yield from scene.offered("scale", changes, effects, words)


def scaled_columns(scene: Scene) -> Iterator[Action]:
    """Yields the columns of a table or list all of whose figures are a power of ten too large or too small."""
    tried: set[tuple[str, str, str, str]] = set()
    for strip in scene.near:
        for place, key in enumerate(strip.keys):
            column = (*list_of(strip.entry, strip.row), key)
            if column not in tried and scene.weights(strip.refs[place]) and strip.row.kind != "field":
                tried.add(column)
                yield from _scaled_column(scene, strip, key)


def _scaled_column(scene: Scene, strip: Strip, key: str) -> Iterator[Action]:
    found = [(other, place) for other in scene.rows.list_of(strip)[0] if (place := other.at(key)) is not None]
    cells = [(other.refs[place], other.values[place]) for other, place in found if other.values[place]]
    if len(cells) < 2:
        return
    whole = frozenset(other.refs[place] for other, place in found)
    header = strip.column(strip.keys.index(key))
    for power in fitting_powers(scene, cells, _POWERS):
        changes = scaled(scene, cells, power)
        if changes:
            where = (
                f"{strip.row.panel} {header}" if strip.entry.reading.shape == "panels" and strip.row.panel else header
            )
            words = f"every figure of column {where} is {how_wrong(power)}"
            effects = scene.effects_of(changes, whole)
            yield from scene.offered("scale", changes, effects, words)


def fitting_powers(scene: Scene, cells: Sequence[tuple[str, int]], powers: Sequence[int]) -> list[int]:
    """Returns the powers of ten by which the cells together, multiplied, make two or more failing equations hold.

    An equation that lies wholly within the cells says nothing: it is as right or wrong at every power.
    """
    inside: dict[int, int] = {}
    for ref, value in cells:
        for place, weight in scene.weights(ref):
            inside[place] = inside.get(place, 0) + weight * value
    parts = [(scene.failing[place], part, scene.failing[place].gap - part) for place, part in inside.items() if part]
    return [
        power
        for power in powers
        if sum(bool(rest) and _holds_at(power, one, part, rest) for one, part, rest in parts) > 1
    ]


def _holds_at(power: int, equation: Equation, inside: int, rest: int) -> bool:
    """Says whether an equation holds once the part of its sum that stands in the cells is multiplied."""
    factor: int = 10 ** abs(power)
    if power > 0:
        return abs(rest + inside * factor) <= equation.tolerance
    is_next_to_nothing = abs(inside) <= equation.tolerance * factor  # then leaving it out would do as well
    return not is_next_to_nothing and abs(rest * factor + inside) <= equation.tolerance * factor


def scaled(scene: Scene, cells: Sequence[tuple[str, int]], power: int) -> list[tuple[str, int]]:
    """Returns by how many steps each figure changes if all are multiplied by a power of ten.

    It is nothing if one of them would need more decimals than can be printed.
    """
    factor: int = 10 ** abs(power)
    if power > 0:
        return [(ref, value * factor - value) for ref, value in cells]
    changes: list[tuple[str, int]] = []
    for ref, value in cells:
        smaller, left = divmod(value, factor)
        if left or smaller % _least_step(scene, ref):
            return []
        changes.append((ref, smaller - value))
    return changes


def _least_step(scene: Scene, ref: str) -> int:
    """Returns how many steps the last decimal is that can be printed, at least one."""
    system = scene.system
    whole: int = system.grain(ref) * 10 ** system.ledger.places_of(ref)
    return max(1, whole // _SMALLEST)


def how_wrong(power: int) -> str:
    """Returns what is wrong with figures that are right once multiplied by a power of ten."""
    return f"{10 ** abs(power):,} times too {'small' if power > 0 else 'large'}"
