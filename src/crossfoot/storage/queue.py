"""The review queue: what was found in all documents, the worthiest of attention first. It loads no document.

Rows of a store that an earlier version made have no ids yet; they get them when the queue is first asked for.
"""

import json
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import NamedTuple

from crossfoot.figures import Finding, Severity
from crossfoot.findingids import finding_ids
from crossfoot.storage.database import Opened

#: Errors first, then warnings; then the most money, unknown amounts last; then the most broken checks.
_WORTH = """
    ORDER BY f.severity = 'error' DESC, f.severity = 'warning' DESC, f.stake_fen IS NULL, f.stake_fen DESC,
    f.checks_broken DESC, d.name, f.line, f.position
"""
_COLUMNS = (
    "f.id, f.severity, f.code, d.department, d.region, d.fiscal_year, d.kind, d.name, f.document, "
    "coalesce(t.type, ''), coalesce(t.number, ''), coalesce(t.title, ''), f.table_id, f.line, f.at_stake_yuan, "
    "f.checks_broken, f.accepted_from, f.message, f.quoted, f.json"
)
_FROM = (
    "FROM findings f JOIN documents d ON d.id = f.document "
    "LEFT JOIN tables t ON t.document = f.document AND t.id = f.table_id"
)
#: A finding is about the table where it stands and about every table of which it names a cell.
_ABOUT_TABLES = """
    EXISTS (SELECT 1 FROM tables x WHERE x.document = f.document
        AND x.type || char(9) || x.number IN (SELECT value FROM json_each(?))
        AND (x.id = f.table_id OR EXISTS (SELECT 1 FROM json_each(f.json, '$.cells') c
            WHERE json_extract(c.value, '$.cell') LIKE x.id || '.%')))
"""


class Asked(NamedTuple):
    """What of the queue is asked for; nothing said means everything that is open.

    `documents` are ids, `tables` pairs of type and number; `settled` adds what a person has decided on.
    """

    documents: Sequence[str] | None = None
    year: int | None = None
    tables: Sequence[tuple[str, str]] | None = None
    codes: Sequence[str] = ()
    severity: Severity | None = None
    settled: bool = False
    limit: int | None = None


class Flagged(NamedTuple):
    """A finding in the queue with the document and table it is about; `stake` is in 元, None if it is unknown."""

    id: str
    severity: str
    code: str
    department: str
    region: str
    fiscal_year: int | None
    kind: str
    document: str
    document_id: str
    table_type: str
    table_number: str
    table_title: str
    table_id: str
    line: int
    at_stake_yuan: str | None
    checks_broken: int
    accepted_from: str
    message: str
    quoted: str
    json: str

    @property
    def stake(self) -> Decimal | None:
        """Returns the amount at stake in 元."""
        return None if self.at_stake_yuan is None else Decimal(self.at_stake_yuan)

    @property
    def finding(self) -> Finding:
        """Returns the finding itself, with the cells it names."""
        return Finding.model_validate_json(self.json)


class Queue:
    """The findings of a store."""

    def __init__(self, database: Opened) -> None:
        self._db = database

    def asked(self, asked: Asked) -> Iterator[Flagged]:
        """Yields what is asked for, the worthiest of attention first; of superseded documents nothing."""
        self._give_ids()
        where, values = _where(asked)
        limit = "" if asked.limit is None else f"LIMIT {int(asked.limit)}"
        query = f"SELECT {_COLUMNS} {_FROM} WHERE {where} {_WORTH} {limit}"
        for row in self._db.rows(query, *values):
            yield Flagged(*row)

    def count(self, asked: Asked) -> int:
        """Returns how many findings are asked for, whatever the limit."""
        where, values = _where(asked)
        return int(self._db.rows(f"SELECT count(*) {_FROM} WHERE {where}", *values)[0][0])

    def by_id(self, prefix: str) -> tuple[Flagged, ...]:
        """Returns the findings whose ids start so, of superseded documents too."""
        self._give_ids()
        query = f"SELECT {_COLUMNS} {_FROM} WHERE f.id >= ? AND f.id < ? ORDER BY f.id"
        return tuple(Flagged(*row) for row in self._db.rows(query, prefix, f"{prefix}~"))

    def table_names(self) -> list[tuple[str, str]]:
        """Returns the types and numbers that tables of the store have."""
        return [(row[0], row[1]) for row in self._db.rows("SELECT DISTINCT type, number FROM tables")]

    def _give_ids(self) -> None:
        """Gives ids, and what findings are sorted by, to those that an earlier version stored without."""
        rows = self._db.rows("SELECT DISTINCT document FROM findings WHERE id = ''")
        if rows:
            with self._db.writing():
                for (document,) in rows:
                    self._give_ids_in(document)

    def _give_ids_in(self, document: str) -> None:
        query = "SELECT position, json, at_stake_yuan FROM findings WHERE document = ? ORDER BY position"
        rows = self._db.rows(query, document)
        findings = [Finding.model_validate_json(text) for _, text, _ in rows]
        ids = finding_ids(document, findings)
        for name, finding, (position, _, stake) in zip(ids, findings, rows, strict=True):
            fen = None if stake is None else min(int(Decimal(stake) * 100), 2**63 - 1)
            broken = 0 if finding.severity == "note" else len(finding.checks)
            self._db.write(
                "UPDATE findings SET id = ?, stake_fen = ?, checks_broken = ? WHERE document = ? AND position = ?",
                name, fen, broken, document, position,
            )  # fmt: skip


def _where(asked: Asked) -> tuple[str, list[str | int]]:
    """Returns the condition in SQL and its values."""
    parts, values = ["d.superseded_by = ''"], list[str | int]()
    if asked.severity is not None:
        parts.append("f.severity = ?")
        values.append(asked.severity)
    elif asked.settled:
        parts.append("(f.severity <> 'note' OR f.accepted_from <> '' OR f.code = 'resolved')")
    else:
        parts.append("f.severity <> 'note'")
    if not asked.settled:
        parts.append("f.accepted_from = '' AND f.code <> 'resolved'")
    if asked.documents is not None:
        parts.append("f.document IN (SELECT value FROM json_each(?))")
        values.append(json.dumps(list(asked.documents)))
    if asked.year is not None:
        parts.append("d.fiscal_year = ?")
        values.append(asked.year)
    if asked.tables is not None:
        parts.append(_ABOUT_TABLES)
        values.append(json.dumps(["\t".join(pair) for pair in asked.tables], ensure_ascii=False))
    if asked.codes:
        parts.append("f.code IN (SELECT value FROM json_each(?))")
        values.append(json.dumps(list(asked.codes)))
    return " AND ".join(parts), values
