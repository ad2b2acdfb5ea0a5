"""Readings of one document → its book of cells and every declared identity, evaluated. It explains nothing."""

from collections.abc import Sequence
from typing import NamedTuple

from crossfoot.figures import Cell, Check, Reading, Row, Section
from crossfoot.judging.check import check_identity
from crossfoot.judging.identities import table_identities
from crossfoot.judging.ledger import Entry, Ledger
from crossfoot.judging.links import link_identities
from crossfoot.judging.performance import score_identities
from crossfoot.judging.structure import moved_cells
from crossfoot.judging.untestable import Untestable, untestable_of
from crossfoot.tabletypes import Catalog

_LONGEST_NAME = 45

Tables = Sequence[tuple[Section, Reading]]


class Evaluated(NamedTuple):
    """The tables of a document with their ledger and checks.

    `moved` are cells that stand where none of them can, `untestable` is what no sum can be made of.
    """

    tables: Tables
    ledger: Ledger
    checks: tuple[Check, ...]
    moved: tuple[tuple[Entry, Row, Cell], ...]
    untestable: Untestable


def evaluate(tables: Tables, catalog: Catalog) -> Evaluated:
    """Returns the evaluated identities of a document's tables: their own, and those between them."""
    entries = tuple(_entry(section, reading, catalog) for section, reading in tables)
    ledger = Ledger(entries, catalog)
    moved = tuple((entry, row, cell) for entry in entries for row, cell in moved_cells(entry))
    untestable = untestable_of(entries, [(entry, row) for entry, row, _ in moved])
    identities = [identity for entry in entries for identity in table_identities(entry)]
    for entry in entries:
        if entry.known is not None and any(
            rule.kind == "check" and rule.text == "scores" for rule in entry.known.identities
        ):
            identities += score_identities(entry)
    identities += link_identities(ledger)
    once = {identity.id: identity for identity in identities}
    checks = tuple(check_identity(untestable.block(identity), ledger) for identity in once.values())
    return Evaluated(tuple(tables), ledger, checks, moved, untestable)


def _entry(section: Section, reading: Reading, catalog: Catalog) -> Entry:
    title = section.title if len(section.title) <= _LONGEST_NAME else f"{section.title[: _LONGEST_NAME - 1]}…"
    name = section.number or title or reading.type
    known = catalog.forms.get((reading.family, reading.type, reading.form))
    return Entry(reading, name, section.body, known)
