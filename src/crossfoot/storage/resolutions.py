"""What persons decided about findings: rows that are added and never changed, and which of them are in force.

Of two decisions about one cell, or about one finding, the later one counts. A cell is known by its place in the text,
so that a decision finds it again when tables and rows are numbered otherwise.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Literal, NamedTuple

from crossfoot.figures import Cell, Document, Resolution, Source
from crossfoot.storage.database import Opened
from crossfoot.tabletypes import Catalog

Decision = Literal["value", "accept", "undo"]


class Decided(NamedTuple):
    """One decision as it was recorded: about which finding, what, by whom and when.

    A value, and taking one back, have the cell with its place, what was read there and what the person says; `line` is
    the cell's then, else the finding's.
    """

    document: str
    finding: str
    code: str
    message: str
    line: int
    decision: Decision
    note: str
    made_by: str
    made_at: str
    cell: str = ""
    span_start: int = 0
    span_end: int = 0
    column_key: str = ""
    table_type: str = ""
    table_title: str = ""
    unit: str = ""
    panel: str = ""
    row_code: str = ""
    row_name: str = ""
    was_read: str = ""
    printed: str = ""

    @property
    def subject(self) -> tuple[object, ...]:
        """Returns what it decides on: a place in the text, or a finding."""
        return (self.span_start, self.span_end, self.column_key) if self.cell else (self.finding,)


_NAMES = ", ".join(Decided._fields)


class StoredResolutions:
    """The decisions in a store."""

    def __init__(self, database: Opened) -> None:
        self._db = database

    def add(self, decided: Decided) -> None:
        """Records a decision; earlier ones stay."""
        self._db.insert("resolutions", Decided._fields, [decided])

    def of_document(self, document: str) -> tuple[Decided, ...]:
        """Returns all decisions about a document, the earliest first."""
        return self._rows("WHERE document = ? ORDER BY id", document)

    def about(self, prefix: str) -> tuple[Decided, ...]:
        """Returns all decisions about findings whose ids start so, the earliest first."""
        return self._rows("WHERE finding >= ? AND finding < ? ORDER BY id", prefix, f"{prefix}~")

    def in_force(self) -> tuple[Decided, ...]:
        """Returns the decisions that count, of all documents that have no newer content, by document and line."""
        rows = self._rows("WHERE document IN (SELECT id FROM documents WHERE superseded_by = '') ORDER BY document, id")
        by_document: dict[str, list[Decided]] = {}
        for row in rows:
            by_document.setdefault(row.document, []).append(row)
        return tuple(row for rows in by_document.values() for row in in_force(rows))

    def applied_to(self, document: Document, source: Source, catalog: Catalog) -> Document:
        """Returns the document judged with the decisions that are in force about its content.

        A document about which nothing was decided is returned as it is.
        """
        rows = in_force(self.of_document(document.id))
        if not rows and not document.resolutions:
            return document
        from crossfoot.pipeline import cells_as_read, resolve  # with all that judges, which whoever asks does not need

        return resolve(document, source, catalog, placed(rows, cells_as_read(document)))

    def _rows(self, where: str, *values: str) -> tuple[Decided, ...]:
        query = f"SELECT {_NAMES} FROM resolutions {where}"  # noqa: S608  both are written here
        return tuple(Decided(*row) for row in self._db.rows(query, *values))


def now() -> str:
    """Returns the present time, to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def in_force(rows: Iterable[Decided]) -> tuple[Decided, ...]:
    """Returns which of one document's decisions count, by line: the last about each cell and finding.

    Who says what a cell of a finding prints no longer accepts the finding.
    """
    last: dict[tuple[object, ...], Decided] = {}
    for row in rows:
        last[row.subject] = row
        if row.decision == "value":
            last.pop((row.finding,), None)
    found = [row for row in last.values() if row.decision != "undo"]
    return tuple(sorted(found, key=lambda row: (row.line, row.span_start, row.column_key, row.finding)))


def placed(rows: Iterable[Decided], cells: Mapping[str, Cell]) -> tuple[Resolution, ...]:
    """Returns the decisions with the cells that stand at their places now; `cells` are the document's, as read."""
    found: list[Resolution] = []
    for row in rows:
        ref = _cell_of(row, cells) if row.cell else ""
        found.append(
            Resolution(
                finding=row.finding,
                decision="value" if row.decision == "value" else "accept",
                line=row.line,
                by=row.made_by,
                at=row.made_at,
                note=row.note,
                cell=ref or row.cell,
                printed=row.printed,
                read=cells.get(ref),
            )
        )
    return tuple(found)


def _cell_of(row: Decided, cells: Mapping[str, Cell]) -> str:
    """Returns the cell at a decision's place: in its column, or the only one there; else nothing."""
    span = row.span_start, row.span_end
    there = [ref for ref, cell in cells.items() if cell.span == span and cell.line == row.line]
    same = [ref for ref in there if cells[ref].column == row.column_key]
    if row.cell in same:
        return row.cell
    if len(same) == 1:
        return same[0]
    return there[0] if len(there) == 1 and span[0] < span[1] else ""
