"""A person's decisions → readings with the values that they say, and findings that flag nothing because they are known.

What was read stays beside what a person says. A person's value is evidence: sums take it as it is and never change it.
"""

from collections.abc import Iterator, Sequence

from crossfoot.figures import NUMERIC_KINDS, Cell, CitedCell, Finding, Reading, Resolution
from crossfoot.findingids import finding_ids
from crossfoot.judging.ledger import Ledger, ref_of, with_cells
from crossfoot.numerals import read_numeral


def with_values(reading: Reading, resolutions: Sequence[Resolution]) -> Reading:
    """Returns the reading with the values that a person says of its cells."""
    return with_cells(reading, {one.cell: _resolved(one.read, one.printed) for one in resolutions if one.read})


def _resolved(read: Cell, printed: str) -> Cell:
    numeral = read_numeral(printed) if read.kind in NUMERIC_KINDS else None
    said = {
        "state": "resolved",
        "printed": printed,
        "original": read.printed,
        "value": numeral.value if numeral else None,
        "places": numeral.places if numeral else 0,
    }
    return read.model_copy(update=said)


def without_values(reading: Reading, resolutions: Sequence[Resolution]) -> Reading:
    """Returns the reading with the cells of the resolutions as they were read."""
    return with_cells(reading, {one.cell: one.read for one in resolutions if one.read})


def resolved_findings(ledger: Ledger, resolutions: Sequence[Resolution]) -> Iterator[Finding]:
    """Yields a note for each value that comes from a person: who says it, and why."""
    said = {one.cell: one for one in resolutions if one.read}
    for ref, (entry, _, cell) in ledger.cells.items():
        if cell.state == "resolved":
            label = ledger.label(ref)
            cited = CitedCell(cell=ref, label=label, line=cell.line, printed=cell.original, implied=cell.printed)
            by, why = said[ref].by, " ".join(said[ref].note.split())
            message = (
                f"{label}: {by} says {cell.printed or 'nothing'!r} ({why}); {cell.original or 'nothing'!r} was read"
            )
            yield Finding(
                code="resolved", severity="note", message=message, table=entry.id, line=cell.line, cells=(cited,)
            )


def lost_values(resolutions: Sequence[Resolution]) -> Iterator[Finding]:
    """Yields a warning for each value of a person whose cell is no longer there."""
    for one in resolutions:
        if one.decision == "value" and one.read is None:
            message = f"{one.by} said that line {one.line} prints {one.printed!r} ({one.cell}, finding {one.finding}); "
            message += "no such cell is read any more"
            yield Finding(code="resolution_lost", severity="warning", message=message, line=one.line)


def in_order(document: str, findings: Sequence[Finding], resolutions: Sequence[Resolution]) -> tuple[Finding, ...]:
    """Returns the findings in the order of the document, each once; those that a person accepted are notes.

    An accepted finding that is not there any more is noted; it flags nothing either way.
    """
    ordered = sorted(dict.fromkeys(findings), key=_order)
    accepted = {one.finding: one for one in resolutions if one.decision == "accept"}
    if not accepted:
        return tuple(ordered)
    ids = finding_ids(document, ordered)
    known = [
        finding.model_copy(update={"severity": "note", "accepted_from": finding.severity})
        if name in accepted and finding.severity != "note"
        else finding
        for name, finding in zip(ids, ordered, strict=True)
    ]
    gone = [
        Finding(
            code="resolution_lost", severity="note", line=one.line,
            message=f"{one.by} accepted the finding {name}, which is not there any more",
        )
        for name, one in accepted.items()
        if name not in ids
    ]  # fmt: skip
    return tuple(sorted([*known, *gone], key=_order))


def _order(finding: Finding) -> tuple[int, str, str]:
    return finding.line, finding.table, finding.message


def cells_of(reading: Reading) -> dict[str, Cell]:
    """Returns the reading's cells by reference."""
    return {ref_of(reading, row, cell.column): cell for row in reading.rows for cell in row.cells}
