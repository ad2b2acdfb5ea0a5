"""Moves of rows that are counted wrongly, not printed wrongly: twice, under another parent, in another unit, run on."""

from collections.abc import Iterator, Sequence

from crossfoot.judging.actions import Action
from crossfoot.judging.powers import fitting_powers, how_wrong, scaled
from crossfoot.judging.scene import Scene, Strip, column_of, list_of, total_of
from crossfoot.judging.system import Equation
from crossfoot.labels import words

#: 千元, 万元 and 亿元 against 元.
_UNIT_POWERS = (3, -3, 4, -4, 8, -8)


# --- a row that stands twice ------------------------------------------------------------------------------------------


def duplicates(scene: Scene) -> Iterator[Action]:
    """Yields rows that stand twice: their figures taken out of the sums in which both are parts."""
    taken: set[tuple[str, int]] = set()
    for strip in reversed(scene.near):
        if not any(strip.values) or not all(strip.legible):
            continue
        for other, is_same in _twins(scene, strip):
            if (other.entry.id, other.row.index) in taken or not _are_parts_of_one(scene, strip, other):
                continue
            changes = [(ref, -value) for ref, value in zip(strip.refs, strip.values, strict=True) if value]
            effects = scene.effects_of(changes, frozenset(strip.refs))
            found = scene.offered("duplicate", changes, effects, _twice(strip, other, is_same=is_same))
            yield from found
            if found and is_same:  # which of the two goes makes no difference
                taken.add((strip.entry.id, strip.row.index))
            break


def _twins(scene: Scene, strip: Strip) -> Iterator[tuple[Strip, bool]]:
    """Yields the rows of the same list with the same figures, and whether it is the same row: of its code and name.

    Those of another name stand next to it.
    """
    listed, own = scene.rows.list_of(strip)
    for place, other in enumerate(listed):
        if place == own or other.values != strip.values or other.keys != strip.keys:
            continue
        is_same = other.row.code == strip.row.code and words(other.row.name) == words(strip.row.name)
        if abs(place - own) == 1 or is_same:
            yield other, is_same


def _are_parts_of_one(scene: Scene, strip: Strip, other: Strip) -> bool:
    """Says whether a failing sum adds up the figures of both rows."""
    for place, ref in enumerate(strip.refs):
        mine = dict(scene.weights(ref)) if strip.values[place] else {}
        theirs = dict(scene.weights(other.refs[place])) if mine else {}
        if any(weight > 0 and theirs.get(equation) == weight for equation, weight in mine.items()):
            return True
    return False


def _twice(strip: Strip, other: Strip, *, is_same: bool) -> str:
    first, second = sorted((strip.row.line, other.row.line))
    if is_same:
        return f"row {strip.name} stands twice (L{first}, L{second})"
    return f"row {strip.name} repeats the figures of {other.name} (L{first}, L{second})"


# --- a row under the wrong parent -------------------------------------------------------------------------------------


def other_parents(scene: Scene) -> Iterator[Action]:
    """Yields rows that are counted in one sum and belong in another: one has too much by their figure, one too little.

    The row leaves the one and enters the other in every money column; no figure changes.
    """
    tried: set[tuple[str, str, str, str]] = set()
    for equation in scene.failing:
        if total := total_of(equation):
            for other in scene.rows.sums[column_of(total)]:
                crowded, lacking = ((equation, total), other) if equation.gap > 0 else (other, (equation, total))
                if _make_up(crowded[0], lacking[0]) and _in_one_list(scene, crowded[1], lacking[1]):
                    yield from _reparented(scene, crowded, lacking, tried)


def _make_up(crowded: Equation, lacking: Equation) -> bool:
    """Says whether the one sum has as much too much as the other has too little."""
    is_near = abs(crowded.gap + lacking.gap) <= crowded.tolerance + lacking.tolerance
    return crowded.gap > 0 > lacking.gap and is_near


def _in_one_list(scene: Scene, first: str, second: str) -> bool:
    one, other = scene.rows.of(first), scene.rows.of(second)
    return list_of(one.entry, one.row) == list_of(other.entry, other.row)


def _reparented(
    scene: Scene, source: tuple[Equation, str], target: tuple[Equation, str], tried: set[tuple[str, str, str, str]]
) -> Iterator[Action]:
    (crowded, left), (lacking, entered) = source, target
    for ref, weight in crowded.terms.items():
        if weight != 1 or ref in lacking.terms or abs(crowded.gap - scene.system.value(ref)) > crowded.tolerance:
            continue
        strip = scene.rows.of(ref)
        key = (ref.rpartition(".")[0], left.split(".")[1], entered.split(".")[1], lacking.check.rule)
        effects = _moved_between(scene, strip, source, target) if key not in tried else None
        tried.add(key)
        if effects:
            out, into = (scene.rows.of(total).name for total in (left, entered))
            said = f"row {strip.name} (L{strip.row.line}) is counted under {out} but belongs under {into}"
            yield from scene.offered("parent", [(cell, 0) for cell in strip.refs], effects, said)


def _moved_between(
    scene: Scene, strip: Strip, source: tuple[Equation, str], target: tuple[Equation, str]
) -> dict[str, tuple[Equation, int]] | None:
    """Returns what it does to the two sums, in every money column, that a row leaves one and enters the other.

    It is None where a column has no such sum.
    """
    effects: dict[str, tuple[Equation, int]] = {}
    for key, ref, value in zip(strip.keys, strip.refs, strip.values, strict=True):
        if not value:
            continue
        (crowded, left), (lacking, entered) = source, target
        out = _same_sum(scene, crowded, left, key)
        into = _same_sum(scene, lacking, entered, key)
        if out is None or into is None or out.terms.get(ref) != 1 or ref in into.terms:
            return None
        effects[out.id] = out, -value
        effects[into.id] = into, value
    return effects


def _same_sum(scene: Scene, equation: Equation, total: str, key: str) -> Equation | None:
    """Returns the sum of the same rows in another column, or None."""
    other = f"{total.rpartition('.')[0]}.{key}"
    of_total = (known for known in scene.system.of(other) if known.check.rule == equation.check.rule)
    return next((known for known in of_total if total_of(known) == other), None)


# --- a table in another unit ------------------------------------------------------------------------------------------


def other_units(scene: Scene) -> Iterator[Action]:
    """Yields tables all of whose amounts are a power of ten off, seen from sums between tables alone."""
    tables = dict.fromkeys(
        table for equation in scene.failing if len(equation.check.tables) > 1 for table in equation.check.tables
    )
    entries = {entry.id: entry for entry in scene.system.ledger.entries}
    for table in sorted(tables, key=lambda name: int(name[1:])):
        strips = [scene.rows.strip(entries[table], row) for row in entries[table].reading.rows]
        cells = [pair for strip in strips for pair in zip(strip.refs, strip.values, strict=True) if pair[1]]
        whole = frozenset(ref for strip in strips for ref in strip.refs)
        for power in fitting_powers(scene, cells, _UNIT_POWERS):
            changes = scaled(scene, cells, power)
            if len(changes) > 1:
                said = f"every amount of {entries[table].name} is {how_wrong(power)}"
                yield from scene.offered("unit", changes, scene.effects_of(changes, whole), said)


# --- a total that runs on ---------------------------------------------------------------------------------------------


def cumulations(scene: Scene) -> Iterator[Action]:
    """Yields subtotals filled in as running totals: each has the subtotal before it in its figures (two or more)."""
    before = _running(scene)
    runs: list[list[Strip]] = []
    for strip, previous in before.values():
        if runs and _key(runs[-1][-1]) == _key(previous):
            runs[-1].append(strip)
        else:
            runs.append([strip])
    for run in runs:
        changes = [change for strip in run for change in _net(strip, before[_key(strip)][1])]
        if len(changes) > 1:
            first = before[_key(run[0])][1]
            names = " and ".join(strip.name for strip in run)
            said = f"the figures of {names} run on from {first.name} above instead of standing for themselves"
            yield from scene.offered("cumulation", changes, scene.effects_of(changes), said)


def _running(scene: Scene) -> dict[tuple[int, int], tuple[Strip, Strip]]:
    """Returns the totals of failing sums that are too large by the total before them, each with that one, in order."""
    found: dict[tuple[int, int], tuple[Strip, Strip]] = {}
    columns = dict.fromkeys(column_of(total) for equation in scene.failing if (total := total_of(equation)))
    for equation, total in (pair for column in columns for pair in scene.rows.sums[column]):
        if equation.gap >= 0:
            continue
        strip = scene.rows.of(total)
        previous = _before(*scene.rows.list_of(strip))
        place = previous.at(column_of(total)[1]) if previous is not None else None
        if previous is None or place is None or not all((*previous.legible, *strip.legible)):
            continue
        if abs(equation.gap + previous.values[place]) <= equation.tolerance:
            found[_key(strip)] = strip, previous
    return dict(sorted(found.items()))


def _key(strip: Strip) -> tuple[int, int]:
    return int(strip.entry.id[1:]), strip.row.index


def _before(listed: Sequence[Strip], place: int) -> Strip | None:
    """Returns the row of the same kind and level before a row in its list, or None."""
    own = listed[place].row
    alike = (strip for strip in reversed(listed[:place]) if (strip.row.kind, strip.row.level) == (own.kind, own.level))
    return next(alike, None)


def _net(strip: Strip, previous: Strip) -> list[tuple[str, int]]:
    changes: list[tuple[str, int]] = []
    for key, ref in zip(strip.keys, strip.refs, strict=True):
        place = previous.at(key)
        if place is not None and previous.values[place]:
            changes.append((ref, -previous.values[place]))
    return changes
