"""What the sums and sentences of a judged document say of what cannot be read: cells, and tables illegible as a whole.

It comes last. Nothing that is judged rests on it, so the document judged without it is the same; `underived` gives back
what was read.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import NamedTuple

from crossfoot.damage import fillings
from crossfoot.figures import Derivation, Finding, Reading, Source
from crossfoot.judging.derive import Contradiction, derive, filled
from crossfoot.judging.evaluate import Evaluated
from crossfoot.judging.fills import Fits
from crossfoot.judging.narrative import NarrativeJudgement
from crossfoot.judging.performance import cite
from crossfoot.judging.system import System
from crossfoot.judging.whole_tables import DerivedTable, Known, derived_tables
from crossfoot.numerals import plain
from crossfoot.statements import Fact

_MOST_SHOWN = 6


class Computed(NamedTuple):
    """The readings with derived cells, by table; the derivations in the order of the document; notes and errors."""

    readings: Mapping[str, Reading]
    derivations: tuple[Derivation, ...]
    findings: tuple[Finding, ...]


def compute(source: Source, evaluated: Evaluated, system: System, narrative: NarrativeJudgement) -> Computed:
    """Returns what follows for the cells that cannot be read; `system` holds the equations of `evaluated`.

    Only the readings of tables in which something was derived are among the returned ones.
    """
    ledger = evaluated.ledger
    derived = derive(system, evaluated.checks, legible(system))
    readings = {entry.id: filled(entry.reading, derived.derivations, ledger) for entry in ledger.entries}
    readings = {table: reading for table, reading in readings.items() if _has(reading, derived.derivations)}
    findings = [_note(table, derived.derivations, system) for table in readings]
    findings += [_contradiction(one, system) for one in derived.contradictions]
    whole = _whole(source, evaluated, narrative)
    readings |= {one.reading.table: one.reading for one in whole}
    findings += [one.note for one in whole]
    derivations = (*derived.derivations, *(derivation for one in whole for derivation in one.derivations))
    order = {entry.id: place for place, entry in enumerate(ledger.entries)}
    in_order = sorted(derivations, key=lambda one: order[one.cell.partition(".")[0]])
    return Computed(readings, tuple(in_order), tuple(findings))


def _whole(source: Source, evaluated: Evaluated, narrative: NarrativeJudgement) -> list[DerivedTable]:
    if not any(section.body == "illegible" for section, _ in evaluated.tables):
        return []
    year = _year_of(narrative.facts)
    known = Known(evaluated.checks, evaluated.untestable, narrative.facts, narrative.checks, year)
    return derived_tables(source, evaluated.tables, evaluated.ledger, known)


def legible(system: System) -> Fits:
    """Returns what says whether the legible digits of a damaged numeral allow a value; what says nothing allows all."""

    def fits(cell: str, low: Decimal, high: Decimal) -> bool:
        damage = system.ledger.damage_of(cell)
        if damage is None or (damage.kind == "none_legible" and not damage.certain):
            return True
        finest = max(system.ledger.places_of(cell), -int(low.as_tuple().exponent) if low == high else 0)
        return bool(fillings(damage, low, high, system.ledger.uniform_places(cell), finest))

    return fits


def _has(reading: Reading, derivations: Sequence[Derivation]) -> bool:
    return any(one.cell.partition(".")[0] == reading.table for one in derivations)


def _year_of(facts: Sequence[Fact]) -> int | None:
    """Returns the year that most amounts of the narrative are of; of equals the last."""
    years = Counter(fact.year for fact in facts if fact.role == "amount" and fact.year is not None)
    return max(years, key=lambda year: (years[year], year), default=None)


def _note(table: str, derivations: Sequence[Derivation], system: System) -> Finding:
    """Returns the note on the derived cells of a table that was read."""
    ledger = system.ledger
    own = [one for one in derivations if one.cell.partition(".")[0] == table]
    said = [f"{ledger.label(one.cell)} {plain(one.value)}: {one.reason}" for one in own[:_MOST_SHOWN]]
    more = f"; and {len(own) - _MOST_SHOWN} more" if len(own) > _MOST_SHOWN else ""
    what = "a figure that cannot be read follows" if len(own) == 1 else f"{len(own)} figures that cannot be read follow"
    cited = (cite(one.cell, ledger, plain(one.value)) for one in own)
    return Finding(
        code="derived", severity="note", table=table, line=own[0].line, cells=tuple(cited),
        message=f"{what} from the sums: {'; '.join(said)}{more}", checks=_checks(own),
    )  # fmt: skip


def _checks(derivations: Sequence[Derivation]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for one in derivations for name in one.checks))


def _contradiction(one: Contradiction, system: System) -> Finding:
    ledger = system.ledger
    entry, _, cell = ledger.cells[one.cells[0]]
    cited = (cite(ref, ledger) for ref in one.cells)
    return Finding(
        code="source_inconsistency", severity="error", table=entry.id, line=cell.line, cells=tuple(cited),
        message=f"{ledger.label(one.cells[0])} cannot be read, and {one.reason}", checks=one.checks,
    )  # fmt: skip
