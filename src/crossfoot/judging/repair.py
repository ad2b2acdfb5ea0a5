"""Damaged and misread cells → repairs, where sums and the source together leave one value; else none. Pure.

The gate: the cell is damaged, or not what stands at its place. One value is left by the sums within twice their
rounding. The source has evidence for it. No more than a few cells of a table are repaired. After it no check that held
fails. A numeral that stands clean in the source is never changed, whatever the sums say.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from crossfoot.damage import Damage, fillings
from crossfoot.figures import Evidence, Fault, Repair, Source
from crossfoot.judging.actions import Action
from crossfoot.judging.explain import implied
from crossfoot.judging.locate import Explanation
from crossfoot.judging.support import Support, agree, independent, is_vouched, support_of, supports_of
from crossfoot.judging.system import Equation, System
from crossfoot.judging.wording import left_by
from crossfoot.numerals import plain, read_numeral

_FEWEST_DIGITS = 5
_MOST_REPAIRS, _ONE_IN = 3, 50


class Gate(NamedTuple):
    """What repairs are judged by: source, equations, what explains the failing ones, and cells not in the source."""

    source: Source
    system: System
    explanations: Sequence[Explanation]
    ungrounded: frozenset[str]


class Mendable(NamedTuple):
    """The repairs that pass the gate, and how many were held back in tables that would need too many."""

    repairs: list[Repair]
    crowded: Mapping[str, int]


def repairs_of(gate: Gate, done: Mapping[str, int]) -> Mendable:
    """Returns the repairs that pass the gate, in the order of the document; `done` counts earlier ones by table."""
    by_table: dict[str, list[Repair]] = {}
    for repair in (*_of_illegible(gate), *_of_failing(gate)):
        by_table.setdefault(repair.cell.partition(".")[0], []).append(repair)
    counts = {table: done.get(table, 0) + len(own) for table, own in by_table.items()}
    crowded = {table: number for table, number in counts.items() if number > most_repairs(gate.system, table)}
    kept = [repair for table, own in by_table.items() if table not in crowded for repair in own]
    order = {cell: place for place, cell in enumerate(gate.system.ledger.cells)}
    return Mendable(sorted(kept, key=lambda repair: order[repair.cell]), crowded)


def most_repairs(system: System, table: str) -> int:
    """Returns how many repairs a table may have; if it needs more, its structure is in doubt and not its glyphs."""
    amounts = [ref for ref, (entry, _, cell) in system.ledger.cells.items() if entry.id == table and cell.value]
    return max(_MOST_REPAIRS, len(amounts) // _ONE_IN)


class _Found(NamedTuple):
    """A value that passed the gate, in steps: why, by what support, and what else was considered."""

    cell: str
    steps: int
    fault: Fault
    evidence: Evidence
    supports: Sequence[Support]
    others: tuple[str, ...] = ()


# --- numerals that cannot be read -------------------------------------------------------------------------------------


def _of_illegible(gate: Gate) -> list[Repair]:
    ledger = gate.system.ledger
    found: list[Repair] = []
    for cell in gate.system.unread:
        damage = ledger.damage_of(cell)
        if ledger.cells[cell][2].state == "illegible" and damage is not None and damage.kind != "none_legible":
            repair = _of_damaged(gate, cell, damage)
            if repair is not None:
                found.append(repair)
    return found


def _of_damaged(gate: Gate, cell: str, damage: Damage) -> Repair | None:
    """Returns the repair of a numeral with damaged glyphs, None if the gate stays shut."""
    system = gate.system
    supports = supports_of(system, cell)
    if not supports or not agree(supports):
        return None
    steps = _only_value(system, cell, damage, supports)
    if steps is None:
        return None
    used = independent(supports)
    evidence = _evidence(system, cell, (damage, steps), used)
    if evidence is None:
        return None
    others = _other_fillings(system, cell, damage, steps)
    return _repair(gate, _Found(cell, steps, "glyph", evidence, supports, others))


def _only_value(system: System, cell: str, damage: Damage, supports: Sequence[Support]) -> int | None:
    """Returns the one value in steps that fits the damage within twice the rounding of each support.

    Twice, so that no other filling is near; and the value itself within the rounding.
    """
    low = _decimal(system, cell, max(one.value - 2 * one.rounding for one in supports))
    high = _decimal(system, cell, min(one.value + 2 * one.rounding for one in supports))
    found = _fillings(system, cell, damage, (low, high))
    if len(found) != 1:
        return None
    steps = system.steps(cell, found[0])
    return steps if all(one.low <= steps <= one.high for one in supports) else None


def _fillings(system: System, cell: str, damage: Damage, bounds: tuple[Decimal, Decimal]) -> list[Decimal]:
    return fillings(damage, *bounds, system.ledger.uniform_places(cell), system.ledger.places_of(cell))


def _decimal(system: System, cell: str, steps: Fraction) -> Decimal:
    whole = steps.numerator // steps.denominator
    return system.printed(cell, whole if steps.denominator == 1 else whole + 1)


def _evidence(system: System, cell: str, found: tuple[Damage, int], used: Sequence[Support]) -> Evidence | None:
    """Returns what in the source speaks for the value, None if nothing does."""
    damage, steps = found
    if damage.kind == "mask" and not _is_mostly_legible(damage):
        return None
    if len(used) > 1:
        return "mask" if damage.kind == "mask" else "glyphs"
    (only,) = used
    if _is_copied(system, only, steps):
        return "copy"
    if damage.kind == "mask" and is_vouched(system, only, cell):
        return "mask"
    return None


def _is_mostly_legible(damage: Damage) -> bool:
    """Says whether of a mask at least every other digit is legible; else it fits too much to be evidence."""
    hidden = [glyph for glyph in damage.glyphs if len(glyph) > 1]
    return not any("[" in glyph for glyph in hidden) and len(hidden) <= damage.certain


def _is_copied(system: System, support: Support, steps: int) -> bool:
    """Says whether a support is a clean copy elsewhere, of five digits or more, that a sum vouches for."""
    equation, *more = support.equations
    if more or not equation.is_copy or len(support.others) != 1:
        return False
    (other,) = support.others
    printed = system.ledger.cells[other][2].printed
    digits = "".join(character for character in printed if character.isdigit()).strip("0")
    return system.value(other) == steps and len(digits) >= _FEWEST_DIGITS and system.is_cleared(other, {equation.id})


def _other_fillings(system: System, cell: str, damage: Damage, steps: int) -> tuple[str, ...]:
    """Returns what else the damaged glyphs could show, each filling as it would be printed, if these are not many."""
    value = system.printed(cell, steps)
    found = _fillings(system, cell, damage, (min(value * 10, -value * 10), max(value * 10, -value * 10)))
    return tuple(f"{plain(other)} fits the legible glyphs, but not the sums" for other in found if other != value)


# --- cells of failing equations: not what stands at their place, or out of their column's form ------------------------


def _of_failing(gate: Gate) -> list[Repair]:
    found: list[Repair] = []
    for explanation in gate.explanations:
        if explanation.outcome != "explained" or explanation.is_relaxed or len(explanation.ways[0]) != 1:
            continue
        (action,) = explanation.ways[0]
        if action.kind == "change" and len(action.changes) == 1:
            repair = _of_slip(gate, action, explanation.equations)
            if repair is not None:
                found.append(repair)
    return found


def _of_slip(gate: Gate, action: Action, equations: Sequence[Equation]) -> Repair | None:
    system = gate.system
    ((cell, change),) = action.changes
    own = [equation for equation in equations if equation.id in action.effects]
    steps = system.value(cell) + change
    if any(abs(change * equation.terms[cell]) <= 2 * equation.tolerance for equation in own):
        return None
    if any(equation.unknown for equation in system.of(cell)):
        return None
    if cell in gate.ungrounded:
        return _misread(gate, cell, steps, own)
    damage = system.ledger.damage_of(cell)
    supports = [support_of(system, equation, cell) for equation in own]
    if damage is None or len(independent(supports)) < 2:
        return None
    only = _only_value(system, cell, damage, supports)
    return None if only is None else _repair(gate, _Found(cell, only, "glyph", "glyphs", supports))


def _misread(gate: Gate, cell: str, steps: int, own: Sequence[Equation]) -> Repair | None:
    """Returns the repair of a cell that is not what stands at its place, if what stands there is the implied value."""
    entry = gate.system.ledger.cells[cell][2]
    stands = read_numeral(gate.source.text[entry.span[0] : entry.span[1]]).value
    if stands is None or gate.system.steps(cell, stands) != steps:
        return None
    return _repair(gate, _Found(cell, steps, "misread", "source", [support_of(gate.system, one, cell) for one in own]))


# --- putting together -------------------------------------------------------------------------------------------------


def _repair(gate: Gate, found: _Found) -> Repair:
    system, cell = gate.system, found.cell
    entry = system.ledger.cells[cell][2]
    said = ", and ".join(_said(support, cell, system) for support in found.supports[:3])
    more = f", and {len(found.supports) - 3} more agree" if len(found.supports) > 3 else ""
    equations = (equation for support in found.supports for equation in support.equations if cell in equation.terms)
    printed = implied(system, cell, found.steps - system.value(cell))
    return Repair(
        cell=cell,
        line=entry.line,
        original=entry.printed,
        printed=printed,
        value=Decimal(printed),
        fault=found.fault,
        evidence=found.evidence,
        reason=f"{said}{more}; {_WORDS[found.evidence]}",
        checks=tuple(dict.fromkeys(equation.id for equation in equations)),
        alternatives=found.others,
    )


def _said(support: Support, cell: str, system: System) -> str:
    """Returns a support in words."""
    equation, *more = support.equations
    if not more:
        return left_by(equation, cell, system)
    return f"{len(support.equations)} sums together leave {plain(_decimal(system, cell, support.value))}"


_WORDS: Mapping[Evidence, str] = {
    "source": "and that stands in the source at its place",
    "mask": "and no other value near it fits the digits that are legible",
    "glyphs": "and it is what the damaged glyphs show",
    "copy": "and that amount stands clean elsewhere in the document",
}
