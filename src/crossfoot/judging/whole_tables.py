"""Tables that are illegible as a whole → the rows that links and sentences determine, each cell derived.

A table of which nothing can be read is taken to have the rows that the form's links name, all cells unknown; what the
equations then determine is kept. A list by code holds no other codes than its links name, so its sums follow too.
"""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from typing import NamedTuple

from crossfoot.figures import Check, Derivation, Finding, Identity, Reading, Row, Section, Source
from crossfoot.judging.check import check_identity
from crossfoot.judging.derive import MadeUp, derive, filled
from crossfoot.judging.fact_equations import Said, fact_equations, usable
from crossfoot.judging.identities import table_identities
from crossfoot.judging.ledger import Entry, Ledger, ref_of
from crossfoot.judging.links import link_identities
from crossfoot.judging.made_up import can_be_made, made_up, named_places
from crossfoot.judging.system import System
from crossfoot.judging.untestable import Untestable
from crossfoot.statements import Fact

#: Sums down a column, for which no row may be missing.
_DOWN = ("rollup:", "grand total:")


class DerivedTable(NamedTuple):
    """A table that is illegible as a whole with the rows that follow, and the note that says so."""

    reading: Reading
    derivations: tuple[Derivation, ...]
    note: Finding


class Known(NamedTuple):
    """What is known of a document when its tables are judged: their checks and what cannot be tested in them.

    Of the narrative: its facts as judged, its checks, and the document's year.
    """

    checks: Sequence[Check]
    untestable: Untestable = Untestable({}, {})
    facts: Sequence[Fact] = ()
    told: Sequence[Check] = ()
    year: int | None = None


def underived(reading: Reading) -> Reading:
    """Returns the reading as it was read: rows made of derived cells alone are gone, other derived cells illegible."""
    rows = tuple(_underived_row(row) for row in reading.rows if not _is_made_up(row))
    columns = reading.columns if rows or len(rows) == len(reading.rows) else ()
    return reading.model_copy(update={"rows": rows, "columns": columns})


def _is_made_up(row: Row) -> bool:
    return bool(row.cells) and all(cell.state == "derived" and not cell.printed for cell in row.cells)


def _underived_row(row: Row) -> Row:
    if all(cell.state != "derived" for cell in row.cells):
        return row
    plain = {"state": "illegible", "value": None, "places": 0}
    cells = tuple(cell.model_copy(update=plain) if cell.state == "derived" else cell for cell in row.cells)
    return row.model_copy(update={"cells": cells})


def derived_tables(
    source: Source,
    tables: Sequence[tuple[Section, Reading]],
    ledger: Ledger,
    known: Known,
) -> list[DerivedTable]:
    """Returns for each illegible table of a known form the rows that follow from other tables and sentences.

    `ledger` holds the same tables in the same order. A table of which nothing follows is not returned. Rows of a list
    whose amounts are all zero are left out, as the forms do not print them.
    """
    empty = {
        reading.table: entry
        for (section, reading), entry in zip(tables, ledger.entries, strict=True)
        if section.body == "illegible" and not reading.rows and can_be_made(entry, ledger)
    }
    if not empty:
        return []
    said = usable(source, known.facts, (*known.checks, *known.told), known.year)
    of_tables = tuple(check for check in known.checks if all(term.cell in ledger.cells for term in check.terms))
    book = _Book(ledger, of_tables, said, known.untestable)
    made: dict[str, Reading] = {}
    listed: dict[str, frozenset[int]] = {}
    for section, reading in tables:
        places = named_places(empty[reading.table], ledger, said) if reading.table in empty else []
        rows = made_up(section, empty[reading.table], places, ledger, said) if places else None
        if rows is not None:
            made[reading.table] = rows
            listed[reading.table] = frozenset(row for row, place in enumerate(places, start=1) if place.is_listed)
    first = book.derived(made, {})
    made = {table: _with_blanks(reading, first) for table, reading in made.items()}
    whole = {table: _whole_columns(reading, listed[table], first.derivations) for table, reading in made.items()}
    pruned = {table: _pruned(reading, first.derivations) for table, reading in made.items()}
    second = book.derived(pruned, whole)
    finished = (_finished(reading, second) for reading in pruned.values())
    return [one for one in finished if one is not None]


# --- what follows of them ---------------------------------------------------------------------------------------------


class _Found(NamedTuple):
    """What follows of the made-up tables: the ledger with them, the derivations by cell, and the checks by id."""

    ledger: Ledger
    derivations: Mapping[str, Derivation]
    checks: Mapping[str, Check]


class _Book(NamedTuple):
    """The document as judged, for judging it with made-up tables in it."""

    ledger: Ledger
    checks: tuple[Check, ...]
    told: Said
    untestable: Untestable

    def derived(self, made: Mapping[str, Reading], whole: Mapping[str, AbstractSet[str]]) -> _Found:
        """Returns what follows of the made-up tables; a column is added up only if it is named in `whole`."""
        entries = tuple(
            replace(one, reading=made[one.id], body="present") if one.id in made else one for one in self.ledger.entries
        )
        ledger = Ledger(entries, self.ledger.catalog)
        own = (one for entry in entries if entry.id in made for one in table_identities(entry))
        identities = [one for one in own if _may_be_used(one, whole.get(one.tables[0], frozenset()))]
        identities += [one for one in link_identities(ledger, made.keys()) if _links(one, made.keys())]
        further = {one.id: check_identity(self.untestable.block(one), ledger) for one in identities}
        checks = [*(check for check in self.checks if check.id not in further), *further.values()]
        system = System(checks, ledger)
        families = dict.fromkeys(entry.reading.family for entry in entries if entry.id in made)
        stated = [one for family in families for one in fact_equations(system, self.told, family, made.keys())]
        found = derive(system, checks, made_up=MadeUp(made.keys(), stated, _differences(identities)))
        known = {**further, **{one.id: one.check for one in stated}}
        return _Found(ledger, {one.cell: one for one in found.derivations if _table(one.cell) in made}, known)


def _links(identity: Identity, made: AbstractSet[str]) -> bool:
    """Says whether an identity links a made-up table with cells of another; a row without a partner says nothing."""
    return len({_table(term.cell) in made for term in identity.terms}) > 1


def _table(cell: str) -> str:
    return cell.partition(".")[0]


def _column(cell: str) -> str:
    return cell.split(".", 2)[2]


def _may_be_used(identity: Identity, whole: AbstractSet[str]) -> bool:
    """Says whether a sum of a made-up table needs no row that may be missing."""
    if identity.rule.startswith("each row"):
        return True
    return identity.rule.startswith(_DOWN) and all(_column(term.cell) in whole for term in identity.terms)


def _differences(identities: Sequence[Identity]) -> frozenset[str]:
    """Returns the cells that are differences (增减), which are negative as often as not."""
    return frozenset(
        one.terms[0].cell
        for one in identities
        if one.rule.startswith("each row") and any(term.weight < 0 for term in one.terms[1:])
    )


def _pruned(reading: Reading, derivations: Mapping[str, Derivation]) -> Reading:
    """Returns the made-up reading without the rows of which nothing follows, and without codes that have no amount."""
    return reading.model_copy(update={"rows": tuple(row for row in reading.rows if _stays(reading, row, derivations))})


def _with_blanks(reading: Reading, found: _Found) -> Reading:
    """Returns the made-up reading with those cells blank of which all that a link compares them with is blank."""
    cells = found.ledger.cells
    blank = {
        term.cell
        for check in found.checks.values()
        for term in check.terms
        if len(check.tables) > 1
        and check.waits_for == (term.cell,)
        and term.cell not in found.derivations
        and all(other.cell == term.cell or cells[other.cell][2].is_blank for other in check.terms)
    }
    rows = (
        row.model_copy(
            update={
                "cells": tuple(
                    cell.model_copy(update={"state": "blank"}) if ref_of(reading, row, cell.column) in blank else cell
                    for cell in row.cells
                )
            }
        )
        for row in reading.rows
    )
    return reading.model_copy(update={"rows": tuple(rows)})


def _stays(reading: Reading, row: Row, derivations: Mapping[str, Derivation]) -> bool:
    refs = (ref_of(reading, row, cell.column) for cell in row.cells)
    values = [derivations[ref].value for ref in refs if ref in derivations]
    return row.kind == "total" or (any(values) if row.code else bool(values))


def _whole_columns(reading: Reading, listed: AbstractSet[int], derivations: Mapping[str, Derivation]) -> frozenset[str]:
    """Returns the columns of which each code that a list names has a value or is blank; others have no amount."""
    rows = [row for row in reading.rows if row.index in listed]
    unknown = {
        cell.column
        for row in rows
        for cell in row.cells
        if not cell.is_blank and ref_of(reading, row, cell.column) not in derivations
    }
    return frozenset(cell.column for row in rows for cell in row.cells) - unknown


def _finished(reading: Reading, found: _Found) -> DerivedTable | None:
    """Returns the table of the derived cells alone, its rows numbered anew, or None if there are none."""
    kept = [row for row in reading.rows if any(ref_of(reading, row, c.column) in found.derivations for c in row.cells)]
    if not kept:
        return None
    numbers = {row.index: place for place, row in enumerate(kept, start=1)}
    values = filled(reading, found.derivations.values(), found.ledger)
    made: list[Derivation] = []
    rows: list[Row] = []
    for row in values.rows:
        if row.index not in numbers:
            continue
        cells = tuple(cell for cell in row.cells if cell.state == "derived")
        rows.append(row.model_copy(update={"index": numbers[row.index], "cells": cells}))
        for cell in cells:
            one = found.derivations[ref_of(reading, row, cell.column)]
            checks = _own_checks(one, found)
            made.append(one.model_copy(update={"cell": ref_of(reading, rows[-1], cell.column), "checks": checks}))
    columns = {cell.column for row in rows for cell in row.cells}
    shown = tuple(one for one in reading.columns if one.kind != "amount" or one.key in columns)
    whole = reading.model_copy(update={"rows": tuple(rows), "columns": shown})
    return DerivedTable(whole, tuple(made), _note(reading, found, len(rows)))


def _own_checks(one: Derivation, found: _Found) -> tuple[str, ...]:
    """Returns the document's own checks among those behind a cell: a link with an illegible table goes by its text."""
    links = (check for name in one.checks if (check := found.checks.get(name)) is not None and len(check.tables) > 1)
    return tuple(dict.fromkeys(check.rule.partition(": ")[2] for check in links))


def _note(reading: Reading, found: _Found, rows: int) -> Finding:
    entry: Entry = next(one for one in found.ledger.entries if one.id == reading.table)
    own = {ref: one for ref, one in found.derivations.items() if _table(ref) == reading.table}
    used = [check for one in own.values() for name in one.checks if (check := found.checks.get(name)) is not None]
    behind = {table for check in used for table in check.tables} - {reading.table}
    names = [other.name for other in found.ledger.entries if other.id in behind]
    names += ["the text"] if any(check.rule.startswith("stated:") for check in used) else []
    amounts = "1 amount" if len(own) == 1 else f"{len(own)} amounts"
    follow = "follows" if len(own) == 1 else "follow"
    message = f"{entry.name} is illegible; {amounts} in {rows} {'row' if rows == 1 else 'rows'} {follow} from "
    return Finding(
        code="derived", severity="note", table=reading.table, line=reading.rows[0].line,
        message=f"{message}{', '.join(names)}; nothing else of it is known",
    )  # fmt: skip
