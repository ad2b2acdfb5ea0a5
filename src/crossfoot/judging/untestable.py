"""Which sums cannot be executed because of how a table was read: cells that moved, columns lost, records not read.

A sum over what was not read would fail, and blame the document for it.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from crossfoot.figures import Identity, Row
from crossfoot.judging.ledger import Entry, ref_of

#: What a model's reading says of a record that it did not read, or not as it stands.
_NOT_READ = frozenset({"reader_failed", "misread", "ungrounded"})


class Untestable(NamedTuple):
    """Why cells stand in no sum, by reference, and why tables stand in none over several rows, by id."""

    cells: Mapping[str, str]
    tables: Mapping[str, str]

    def block(self, identity: Identity) -> Identity:
        """Returns the identity, blocked with the reason if it cannot be executed."""
        if not self.cells and not self.tables:
            return identity
        why = next((self.cells[term.cell] for term in identity.terms if term.cell in self.cells), "")
        if not why and len({term.cell.rpartition(".")[0] for term in identity.terms}) > 1:
            touched = (term.cell.partition(".")[0] for term in identity.terms)
            why = next((self.tables[table] for table in touched if table in self.tables), "")
        return identity._replace(blocked=why) if why else identity


def untestable_of(entries: Sequence[Entry], moved: Sequence[tuple[Entry, Row]]) -> Untestable:
    """Returns what cannot be tested; `moved` are the rows whose cells have moved."""
    cells = _of_loose_rows(entries)
    for entry, row in moved:
        cells |= _of_row(entry, row, f"cells of {entry.name} {row.name or row.code} have moved")
    tables: dict[str, str] = {}
    for entry in entries:
        lines = _lines_not_read(entry)
        if lines:
            tables[entry.id] = f"not all of {entry.name} was read (L{min(lines)})"
        for row in entry.reading.rows:
            if row.line in lines:
                cells |= _of_row(entry, row, f"{entry.name} {row.name or row.code} was not read as it stands")
    return Untestable(cells, tables)


def _of_loose_rows(entries: Sequence[Entry]) -> dict[str, str]:
    """Returns why the amounts of rows with loose numerals stand in no sum: a blank cell may be where one belongs."""
    return {
        ref_of(entry.reading, row, cell.column): f"the columns of {entry.name} {row.name or row.code} are lost"
        for entry in entries
        for row in entry.reading.rows
        for cell in row.cells
        if row.loose and cell.kind == "amount"
    }


def _of_row(entry: Entry, row: Row, why: str) -> dict[str, str]:
    return {ref_of(entry.reading, row, cell.column): why for cell in row.cells}


def _lines_not_read(entry: Entry) -> frozenset[int]:
    """Returns the lines of the records that a model did not read, or not as they stand."""
    if entry.reading.reader != "llm":
        return frozenset()
    return frozenset(
        remark.line for remark in entry.reading.remarks if remark.code in _NOT_READ and remark.severity == "error"
    )
