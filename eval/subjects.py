"""Texts that foot, with what is known of them: figures and sums by place, and where crossfoot reads each cell.

The truth is the generator's, or what an undamaged example prints; crossfoot's reading only says which cell is which.
"""

from collections.abc import Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import NamedTuple

from corrupt import Place, fields_of, reading
from made_budgets import made_budget
from made_sheets import MadeSum

from crossfoot.figures import Cell, Document, Table
from crossfoot.pipeline import structure
from crossfoot.reading.source import from_text
from crossfoot.tabletypes import Catalog

#: A cell by what does not change with its figure: line of the undamaged text, list or block, column.
Key = tuple[int, str, str]
#: The money cells that were read, each with its table and where it stands in the text that was read.
CellsRead = dict[Key, tuple[Table, Cell, Place]]
_ZERO = Decimal(0)


class Subject(NamedTuple):
    """A text that foots: figures by place, sums, the places that may be damaged by table, and where each cell is read.

    `flagged` are the tables that are flagged without any damage, `derived` what is computed without any, by reference:
    nothing of a made text.
    """

    name: str
    seed: int
    text: str
    figures: Mapping[Place, str]
    sums: tuple[MadeSum, ...]
    tables: tuple[tuple[Place, ...], ...]
    places: Mapping[Key, Place]
    flagged: frozenset[int] = frozenset()
    derived: Mapping[str, Decimal | None] = MappingProxyType({})


def true_value(subject: Subject, place: Place) -> Decimal:
    """Returns the amount at a place of the undamaged text; nothing printed is zero."""
    return reading(subject.figures.get(place, "")) or _ZERO


# --- texts that foot --------------------------------------------------------------------------------------------------


def made_subject(shape: str, seed: int, catalog: Catalog) -> tuple[Subject, list[str]]:
    """Returns a made text, and what crossfoot says against it: nothing, if all is well."""
    made = made_budget(seed, shape)
    document = structure(from_text(made.text), catalog)
    found = {place: (key, cell) for key, (_, cell, place) in cells_read(document, made.text, {}).items()}
    wrong = [
        f"{document.verdict.outcome}: {finding.message}" for finding in document.findings if finding.severity != "note"
    ]
    wrong += [] if document.verdict.outcome == "accepted" else [document.verdict.outcome]
    for place, cell in made.cells.items():
        key, read = found.get(place, ((0, "", ""), None))
        if (cell.printed and read is None) or (read is not None and read.value != reading(cell.printed)):
            wrong.append(f"{place} prints {cell.printed!r}, read {read and read.value}")
        elif read is not None and cell.column != (f"{key[1]}.{key[2]}" if key[1] else key[2]):
            wrong.append(f"{place} is of {cell.column}, read as {key}")
    figures = {place: cell.printed for place, cell in made.cells.items()}
    filled = [place for place, printed in figures.items() if reading(printed)]
    tables = tuple(tuple(p for p in filled if first <= p.line <= last) for first, last in made.tables)
    places = {key: place for place, (key, _) in found.items() if place in figures}
    return Subject(shape, seed, made.text, figures, made.sums, tables, places), wrong


def example_subject(name: str, text: str, catalog: Catalog) -> Subject:
    """Returns a real text; its truth is what it prints, in its tables that foot, and its sums those that hold there."""
    document = structure(from_text(text), catalog)
    read = cells_read(document, text, {})
    failing = {term.cell for check in document.checks if check.outcome == "fails" for term in check.terms}
    footed = [t for t in document.tables if t.verdict.outcome == "accepted" and t.verdict.basis == "footed"]
    clean = {table.id for table in footed if failing.isdisjoint(ref for ref, _, _ in table.cells())}
    own = {key: (table, cell, place) for key, (table, cell, place) in read.items() if table.id in clean}
    figures = {
        place: "" if cell.value is None else cell.printed
        for _, cell, place in own.values()
        if cell.state != "illegible"
    }
    ref_place = {
        f"{table.id}.r{row.index}.{cell.column}": place
        for table in document.tables for row in table.rows for cell in row.cells
        if (place := _place(cell, text)) in figures
    }  # fmt: skip
    tables = tuple(
        tuple(
            sorted(place for other, _, place in own.values() if other.id == table and _is_plain(figures, place, text))
        )
        for table in sorted(clean)
    )
    flagged = frozenset(i for i, table in enumerate(document.tables) if table.verdict.outcome == "flagged")
    places = {key: place for key, (_, _, place) in own.items()}
    derived = {ref: cell.value for t in document.tables for ref, _, cell in t.cells() if cell.state == "derived"}
    sums, filled = _sums_that_hold(document, ref_place), tuple(places for places in tables if places)
    return Subject(name, 0, text, figures, sums, filled, places, flagged, derived)


def _is_plain(figures: Mapping[Place, str], place: Place, text: str) -> bool:
    """Says whether an amount that is not zero stands alone in its field, without markup."""
    return bool(reading(figures.get(place, ""))) and fields_of(text, place.line)[place.field] == figures[place]


def _sums_that_hold(document: Document, places: Mapping[str, Place]) -> tuple[MadeSum, ...]:
    """Returns the sums of an undamaged document all of whose figures stand at known places, in one unit."""
    cells = {f"{t.id}.r{r.index}.{c.column}": c for t in document.tables for r in t.rows for c in r.cells}
    found = []
    for check in document.checks:
        units = {cells[term.cell].unit for term in check.terms if term.cell in cells}
        known = all(term.cell in places for term in check.terms) and len(units) == 1
        if check.kind in {"sum", "equal"} and check.outcome == "holds" and not check.all_zero and known:
            printed = [term for term in check.terms if cells[term.cell].value is not None]
            terms = tuple((places[term.cell], term.weight) for term in check.terms)
            tolerance = check.tolerance or _ZERO
            is_of_rows = check.rule.startswith(("rollup", "grand total", "panel total"))
            found.append(MadeSum(terms, tolerance, tolerance / len(printed), is_of_rows))
    return tuple(found)


def _place(cell: Cell, text: str) -> Place:
    start = text.rfind("\n", 0, cell.span[0]) + 1
    return Place(cell.line, text.count("\t", start, cell.span[0]))


def cells_read(document: Document, text: str, moved: Mapping[int, int]) -> CellsRead:
    """Returns the money cells of a document by line of the undamaged text, list and column.

    `moved` says for a line which line it was before; a key that stands for two cells is left out.
    """
    found: CellsRead = {}
    twice: set[Key] = set()
    for table in document.tables:
        for row in table.rows:
            listed = "" if table.shape == "records" else row.panel or row.block
            for cell in row.cells:
                key = (moved.get(cell.line, cell.line), listed, cell.column)
                if cell.kind == "amount" and key[0] > 0:
                    twice |= {key} & found.keys()
                    found[key] = (table, cell, _place(cell, text))
    return {key: one for key, one in found.items() if key not in twice}
