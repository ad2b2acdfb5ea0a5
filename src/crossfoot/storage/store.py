"""The store: one SQLite file that keeps documents with their source texts, and proves itself by judging them again.

Each save is one transaction, so what was finished before a crash is there. It structures nothing itself.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

from pydantic import ValidationError

from crossfoot.errors import StoreError
from crossfoot.figures import Amount, Document, DocumentKind, Finding, Noun, Outcome, Source
from crossfoot.pipeline import judge_again
from crossfoot.reading.source import from_text
from crossfoot.storage.calls import StoredCalls
from crossfoot.storage.database import explained, open_database
from crossfoot.storage.differences import differences
from crossfoot.storage.records import (
    Record,
    cell_records,
    check_records,
    document_record,
    fact_records,
    finding_records,
    table_records,
)
from crossfoot.tabletypes import Catalog


class Stored(Noun):
    """A document's entry in the store; `path` is "" when it was not read from a file.

    `superseded_by` is the id of a newer content of the same file, or "".
    """

    id: str
    name: str
    path: str
    department: str
    region: str
    fiscal_year: int | None
    kind: DocumentKind
    outcome: Outcome
    sha256: str
    made_with: str
    superseded_by: str


class StoredFinding(Noun):
    """A finding with the document it is in and the amount at stake in 元, None if that is unknown."""

    document: Stored
    finding: Finding
    at_stake_yuan: Amount | None


class Difference(Noun):
    """Something about a stored document that came out otherwise when it was judged again."""

    document: str
    name: str
    what: str


class Store:
    """A crossfoot database, opened for the time of a `with` block; created unless `must_exist`."""

    def __init__(self, path: Path, *, must_exist: bool = False) -> None:
        if must_exist and not path.is_file():
            raise StoreError(f"{path}: no such store; `crossfoot structure` makes one, --db names another")
        self.path = path
        self._db = open_database(path)
        self.calls = StoredCalls(self._db, path)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._db.close()

    def save(self, document: Document, source: Source, path: str = "", made_with: str = "") -> None:
        """Keeps the document in place of what was kept of the same content; an earlier content of `path` is superseded.

        `made_with` is a fingerprint of what structured it, by which a rerun can tell that nothing would change.
        """
        record = {
            **document_record(document),
            "path": path,
            "sha256": source.sha256,
            "encoding": source.encoding,
            "made_with": made_with,
            "source_text": source.text,
        }
        with explained(self.path), self._db.atomic():
            self._db.execute("DELETE FROM documents WHERE id = ?", [document.id])
            self._insert("documents", [record])
            self._insert("tables", table_records(document))
            self._insert("cells", cell_records(document))
            self._insert("facts", fact_records(document))
            self._insert("findings", finding_records(document))
            self._insert("checks", check_records(document))
            if path:
                self._db.execute(
                    "UPDATE documents SET superseded_by = ? WHERE path = ? AND id <> ?",
                    [document.id, path, document.id],
                )

    def documents(self) -> tuple[Stored, ...]:
        """Returns the entries of all documents whose file has no newer content, by department, year and name."""
        return self._entries("WHERE superseded_by = '' ORDER BY department, fiscal_year, name")

    def by_id(self, prefix: str) -> tuple[Stored, ...]:
        """Returns the entries whose ids start so, superseded ones too."""
        return self._entries("WHERE substr(id, 1, ?) = ? ORDER BY id", len(prefix), prefix)

    def made_from(self, sha256: str, made_with: str) -> Stored | None:
        """Returns the entry of the document made from this content by the same means, or None."""
        return next(iter(self._entries("WHERE sha256 = ? AND made_with = ?", sha256, made_with)), None)

    def load(self, document: str) -> Document:
        """Returns the document of that id."""
        text = str(self._row("SELECT json FROM documents WHERE id = ?", document)[0])
        try:
            return Document.model_validate_json(text)
        except ValidationError as error:
            made = self._row("SELECT crossfoot_version FROM documents WHERE id = ?", document)[0]
            raise StoreError(
                f"{self.path}: document {document[:12]}, stored by crossfoot {made}, cannot be read "
                f"({error.errors()[0]['msg']}); structure it again with --force"
            ) from None

    def source(self, document: str) -> Source:
        """Returns the text that the document was structured from, as it was."""
        name, sha256, encoding, text = self._row(
            "SELECT name, sha256, encoding, source_text FROM documents WHERE id = ?", document
        )
        return from_text(str(text), str(name)).model_copy(update={"sha256": sha256, "encoding": encoding})

    def findings(self) -> Iterator[StoredFinding]:
        """Yields the warnings and errors of all documents."""
        entries = {entry.id: entry for entry in self.documents()}
        query = (
            "SELECT document, json, at_stake_yuan FROM findings WHERE severity <> 'note' ORDER BY document, position"
        )
        with explained(self.path):
            rows = self._db.execute(query).fetchall()
        for document, text, stake in rows:
            if document in entries:
                finding = Finding.model_validate_json(text)
                yield StoredFinding(document=entries[document], finding=finding, at_stake_yuan=stake)

    def verify(self, catalog: Catalog) -> Iterator[Difference]:
        """Judges everything stored again and yields what comes out otherwise; nothing yielded means nothing differs."""
        for entry in self._entries("ORDER BY name, id"):
            try:
                before = self.load(entry.id)
            except StoreError as error:
                yield Difference(document=entry.id, name=entry.name, what=str(error))
                continue
            unknown = sorted({t.type for t in before.tables if t.family} - {known.type for known in catalog.types})
            if unknown:
                what = f"was structured with the table types {', '.join(unknown)}; give their folder with --schemas"
                yield Difference(document=entry.id, name=entry.name, what=what)
                continue
            after = judge_again(before, self.source(entry.id), catalog)
            for what in differences(before, after):
                yield Difference(document=entry.id, name=entry.name, what=what)

    def _entries(self, where: str, *values: str | int) -> tuple[Stored, ...]:
        names = tuple(Stored.model_fields)
        with explained(self.path):
            query = f"SELECT {', '.join(names)} FROM documents {where}"  # noqa: S608  both are written here
            rows = self._db.execute(query, values).fetchall()
        return tuple(Stored.model_validate(dict(zip(names, row, strict=True))) for row in rows)

    def _row(self, query: str, document: str) -> tuple[object, ...]:
        with explained(self.path):
            row: tuple[object, ...] | None = self._db.execute(query, [document]).fetchone()
        if row is None:
            raise StoreError(f"{self.path}: holds no document {document}")
        return row

    def _insert(self, table: str, records: Iterable[Record]) -> None:
        """Inserts records of the same keys; a document has thousands, so nothing is looked up for each of them."""
        rows = list(records)
        if rows:
            names = tuple(rows[0])
            query = f"INSERT INTO {table} ({', '.join(names)}) VALUES ({', '.join('?' * len(names))})"  # noqa: S608  our own names
            self._db.conn.executemany(query, [tuple(row.values()) for row in rows])
