"""Which cells of a document deserve a second look, and by what sign that shows without colour."""

from typing import NamedTuple

from crossfoot.figures import Cell, Document


class Mark(NamedTuple):
    """A sign put behind a cell, its style on a terminal, and what the legend says of it."""

    sign: str
    style: str
    meaning: str


FAILING = Mark("✗", "bold red", "does not fit; see below")
ILLEGIBLE = Mark("□", "yellow", "illegible in the source")
REPAIRED = Mark("*", "cyan", "our reading was repaired, with evidence in the source")
DERIVED = Mark("=", "cyan", "computed from the document's own sums, not read")
RESOLVED = Mark("†", "cyan", "as a person says; what was read stands in the note")
UNPLACED = Mark("?", "yellow", "neither proved nor grounded")
GROUNDED = Mark("°", "", "stands so in the source, but no sum proves it")


def marks_of(document: Document) -> dict[str, Mark]:
    """Returns the marks by cell reference; an unmarked non-zero amount is proved."""
    found: dict[str, Mark] = {}
    for table in document.tables:
        for reference, _, cell in table.cells():
            mark = _mark(cell)
            if mark:
                found[reference] = mark
    return found | dict.fromkeys(_suspects(document), FAILING)


def _mark(cell: Cell) -> Mark | None:
    by_state = {"illegible": ILLEGIBLE, "repaired": REPAIRED, "derived": DERIVED, "resolved": RESOLVED}
    if cell.state in by_state:
        return by_state[cell.state]
    if not cell.value:
        return None
    return {"grounded": GROUNDED, "neither": UNPLACED}.get(cell.proof or "")


def _suspects(document: Document) -> set[str]:
    """Returns the cells that explain the failing checks, and the stated totals of those that nothing explains."""
    failing = {check.id: check for check in document.checks if check.outcome == "fails"}
    suspects: set[str] = set()
    explained: set[str] = set()
    for finding in document.findings:
        if finding.severity == "note":  # a repair, not a suspect
            continue
        named = [cell.cell for cell in finding.cells if cell.implied]
        suspects.update(named)
        if named:
            explained.update(finding.checks)
    totals = {check.terms[0].cell for check in failing.values() if check.terms and check.id not in explained}
    return suspects | totals
