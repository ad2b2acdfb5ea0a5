"""The repairs of a document carried out: applied, evaluated anew, and taken back where a check that held would fail.

A repair is a repair only if the same check accepts it. What was read stays beside what it is read as, so that the
reading before can always be had again (`as_read`).
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import NamedTuple

from crossfoot.figures import Cell, CitedCell, Finding, Reading, Repair, Source
from crossfoot.judging.evaluate import Evaluated, evaluate
from crossfoot.judging.ledger import ref_of, with_cells
from crossfoot.judging.locate import Explanation, locate
from crossfoot.judging.moves import moves
from crossfoot.judging.repair import Gate, repairs_of
from crossfoot.judging.system import System
from crossfoot.numerals import read_numeral
from crossfoot.tabletypes import Catalog


class Mended(NamedTuple):
    """A document's tables after their repairs, evaluated; what still fails, explained; and the repairs.

    `crowded` are the tables that would need more repairs than a table may have, with how many.
    """

    evaluated: Evaluated
    system: System
    explanations: Sequence[Explanation]
    repairs: tuple[Repair, ...]
    crowded: Mapping[str, int]


def mend(source: Source, evaluated: Evaluated, ungrounded: frozenset[str], catalog: Catalog) -> Mended:
    """Returns the tables with all repairs that pass the gate and that the checks accept.

    A table that would need more repairs than it may have gets none at all.
    """
    crowded: dict[str, int] = {}
    while True:
        mended = _mended(source, evaluated, (ungrounded, frozenset(crowded)), catalog)
        if not mended.crowded:
            return mended._replace(crowded=crowded)
        crowded |= mended.crowded


def _mended(
    source: Source, evaluated: Evaluated, shut: tuple[frozenset[str], frozenset[str]], catalog: Catalog
) -> Mended:
    """Returns the tables with their repairs, up to where one table would need too many; `shut` tables get none.

    A repair may make another one possible in the same sum, so it is looked again until there is none.
    """
    ungrounded, shut_tables = shut
    done: list[Repair] = []
    refused = {f"{reading.table}.{cell}" for _, reading in evaluated.tables for cell in reading.undone}
    refused |= {ref for ref, (_, _, cell) in evaluated.ledger.cells.items() if cell.state == "resolved"}
    while True:
        system = System(evaluated.checks, evaluated.ledger)
        explanations = locate(system, moves(system))
        misread = ungrounded - {repair.cell for repair in done}
        counts = Counter(repair.cell.partition(".")[0] for repair in done)
        mendable = repairs_of(Gate(source, system, explanations, misread), counts)
        crowded = {table: number for table, number in mendable.crowded.items() if table not in shut_tables}
        if crowded:
            return Mended(evaluated, system, explanations, tuple(done), crowded)
        found = [
            repair
            for repair in mendable.repairs
            if repair.cell not in refused and repair.cell.partition(".")[0] not in shut_tables
        ]
        repaired = _accepted(evaluated, found, refused, catalog)
        if repaired is None:
            return Mended(evaluated, system, explanations, tuple(done), {})
        evaluated, kept = repaired
        done += kept


def _accepted(
    before: Evaluated, found: Sequence[Repair], refused: set[str], catalog: Catalog
) -> tuple[Evaluated, Sequence[Repair]] | None:
    """Returns the tables with those of the repairs after which no check fails that did not; None if none is left."""
    while found:
        repaired = {repair.cell: _repaired(before.ledger.cells[repair.cell][2], repair) for repair in found}
        tables = [(section, with_cells(reading, repaired)) for section, reading in before.tables]
        after = evaluate(tables, catalog)
        wrong = _broken(before, after, repaired.keys())
        if not wrong:
            return after, found
        refused |= wrong
        found = [repair for repair in found if repair.cell not in wrong]
    return None


def _broken(before: Evaluated, after: Evaluated, repaired: AbstractSet[str]) -> set[str]:
    """Returns the repaired cells of checks that fail now, if they held before or the repair itself was to mend them."""
    held = {check.id for check in before.checks if check.outcome == "holds"}
    wrong: set[str] = set()
    for check in after.checks:
        own = {term.cell for term in check.terms if term.cell in repaired}
        if check.outcome == "fails" and (own or check.id in held):
            wrong |= own or repaired
    return wrong


def _repaired(cell: Cell, repair: Repair) -> Cell:
    return cell.model_copy(
        update={
            "state": "repaired",
            "printed": repair.printed,
            "original": repair.original,
            "value": repair.value,
            "places": read_numeral(repair.printed).places,
        }
    )


def as_read(reading: Reading) -> Reading:
    """Returns the reading without its repairs: every cell as the source prints it, or as it was read."""
    cells = ((ref_of(reading, row, cell.column), cell) for row in reading.rows for cell in row.cells)
    return with_cells(reading, {ref: _as_read(cell) for ref, cell in cells if cell.state == "repaired"})


def _as_read(cell: Cell) -> Cell:
    numeral = read_numeral(cell.original)
    state = "illegible" if numeral.value is None else "printed"
    return cell.model_copy(
        update={
            "state": state, "printed": cell.original, "original": "", "value": numeral.value, "places": numeral.places
        }
    )  # fmt: skip


def repair_findings(mended: Mended) -> list[Finding]:
    """Returns a note for each repair: what stands in the source, what it is read as, and why.

    Tables that would need more repairs than a table may have get an error: nothing of them was repaired.
    """
    ledger = mended.evaluated.ledger
    found: list[Finding] = []
    for repair in mended.repairs:
        entry, _, cell = ledger.cells[repair.cell]
        label = ledger.label(repair.cell)
        cited = CitedCell(
            cell=repair.cell, label=label, line=cell.line, printed=repair.original, implied=repair.printed
        )
        message = f"{label}: {repair.original!r} is read as {repair.printed}; {repair.reason}"
        found.append(
            Finding(
                code="repaired", severity="note", message=message, table=entry.id, line=cell.line,
                cells=(cited,), checks=repair.checks,
            )
        )  # fmt: skip
    for entry in ledger.entries:
        if entry.id in mended.crowded:
            number = mended.crowded[entry.id]
            message = f"{entry.name}: {number} damaged figures could be read with the sums; so many put its rows and "
            message += "columns in doubt, and none was"
            line = next(row.line for row in entry.reading.rows)
            found.append(Finding(code="illegible", severity="error", message=message, table=entry.id, line=line))
    return found
