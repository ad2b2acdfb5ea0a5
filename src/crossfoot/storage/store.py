"""The store: one SQLite file that keeps documents with their source texts, and proves itself by judging them again.

Each save is one transaction, so what was finished before a crash is there. It structures nothing itself.
"""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self

from pydantic import ValidationError
from sqlite_utils.db import Table

from crossfoot.errors import StoreError
from crossfoot.figures import Document, DocumentKind, Noun, Outcome, Source
from crossfoot.reading.source import from_text
from crossfoot.storage.calls import StoredCalls
from crossfoot.storage.database import explained, open_database, written_at_once
from crossfoot.storage.differences import differences
from crossfoot.storage.queue import Queue
from crossfoot.storage.records import (
    cell_records,
    check_records,
    document_record,
    fact_records,
    finding_records,
    table_records,
)
from crossfoot.storage.resolutions import StoredResolutions
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


class Department(NamedTuple):
    """A department of the store, or a document without one by its name (`is_named` is False)."""

    name: str
    region: str
    is_named: bool


class TablePlace(Noun):
    """A table of a stored document and the lines in which it stands."""

    id: str
    type: str
    number: str
    title: str
    first_line: int
    last_line: int


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
        self.queue = Queue(self._db, path)
        self.resolutions = StoredResolutions(self._db, path)

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
        with explained(self.path), written_at_once(self._db):
            self._db.execute("DELETE FROM documents WHERE id = ?", [document.id])
            self._table("documents").insert(record)
            self._insert_parts(document, source)
            if path:
                self._db.execute(
                    "UPDATE documents SET superseded_by = ? WHERE path = ? AND id <> ?",
                    [document.id, path, document.id],
                )

    def put_judgement(self, document: Document, source: Source) -> None:
        """Keeps another judgement of a stored document; where it came from and what made it stay as they are."""
        judged = document_record(document)
        with explained(self.path), self._db.atomic():
            self._table("documents").update(document.id, judged)
            for part in ("tables", "cells", "facts", "findings", "checks"):
                self._db.execute(f"DELETE FROM {part} WHERE document = ?", [document.id])  # noqa: S608  named here
            self._insert_parts(document, source)

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Keeps other writers out while something is read and decided on; all of it is written, or nothing."""
        with explained(self.path):
            self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._db.rollback()
            raise
        with explained(self.path):
            self._db.commit()

    def _insert_parts(self, document: Document, source: Source) -> None:
        self._table("tables").insert_all(table_records(document))
        self._table("cells").insert_all(cell_records(document))
        self._table("facts").insert_all(fact_records(document))
        self._table("findings").insert_all(finding_records(document, source))
        self._table("checks").insert_all(check_records(document))

    def documents(self) -> tuple[Stored, ...]:
        """Returns the entries of all documents whose file has no newer content, by department, year and name."""
        return self._entries("WHERE superseded_by = '' ORDER BY department, fiscal_year, name")

    def departments(self, year: int | None = None, kind: DocumentKind | None = None) -> tuple[Department, ...]:
        """Returns the departments that have a document of that year and kind, by name and region, from an index."""
        query = (
            "SELECT DISTINCT CASE department WHEN '' THEN name ELSE department END, region, department <> '' "
            "FROM documents INDEXED BY documents_by_department "
            "WHERE superseded_by = '' AND (?1 IS NULL OR fiscal_year = ?1) AND (?2 IS NULL OR kind = ?2) ORDER BY 1, 2"
        )
        with explained(self.path):
            rows = self._db.execute(query, [year, kind]).fetchall()
        return tuple(Department(name, region, bool(is_named)) for name, region, is_named in rows)

    def of_department(self, department: Department) -> tuple[Stored, ...]:
        """Returns the entries of the department's documents, by year and name."""
        which = "department = ?" if department.is_named else "department = '' AND name = ?"
        where = f"WHERE superseded_by = '' AND {which} AND region = ? ORDER BY fiscal_year, name"
        return self._entries(where, department.name, department.region)

    def named_like(self, name: str) -> tuple[Stored, ...]:
        """Returns the entries whose names contain these characters."""
        return self._entries(
            "INDEXED BY documents_by_department WHERE superseded_by = '' AND instr(name, ?) "
            "ORDER BY department, fiscal_year, name",
            name,
        )

    def by_path(self, path: str) -> tuple[Stored, ...]:
        """Returns the entries of the file of that path."""
        return self._entries("WHERE superseded_by = '' AND path = ? ORDER BY name", path)

    def by_content(self, sha256: str) -> Stored | None:
        """Returns the entry of the document that has this content, or None."""
        return next(iter(self._entries("WHERE superseded_by = '' AND sha256 = ?", sha256)), None)

    def by_id(self, prefix: str) -> tuple[Stored, ...]:
        """Returns the entries whose ids start so, superseded ones too."""
        # In hexadecimal digits nothing goes beyond `g`; a range can use the index.
        return self._entries("WHERE id >= ? AND id < ? ORDER BY id", prefix, f"{prefix}g")

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

    def text(self, document: str) -> str:
        """Returns the text that the document was structured from, without its lines."""
        return str(self._row("SELECT source_text FROM documents WHERE id = ?", document)[0])

    def tables(self, document: str) -> tuple[TablePlace, ...]:
        """Returns the document's tables and where they stand."""
        names = tuple(TablePlace.model_fields)
        with explained(self.path):
            query = f"SELECT {', '.join(names)} FROM tables WHERE document = ? ORDER BY first_line, id"  # noqa: S608
            rows = self._db.execute(query, [document]).fetchall()
        return tuple(TablePlace.model_validate(dict(zip(names, row, strict=True))) for row in rows)

    def terms_from(self, beginning: str, most: int) -> tuple[str, ...]:
        """Returns the trigrams of the texts that begin so, at most that many."""
        query = "SELECT term FROM search_terms WHERE term >= ? AND term < ? LIMIT ?"
        with explained(self.path):
            rows = self._db.execute(query, [beginning, beginning + chr(sys.maxunicode), most]).fetchall()
        return tuple(str(row[0]) for row in rows)

    def with_terms(
        self, match: str, titled: Sequence[str], year: int | None, kind: DocumentKind | None
    ) -> tuple[tuple[str, str, str], ...]:
        """Returns id, department and region of the documents whose trigrams match (all for ""), and that are asked for.

        Those with a table whose title has all of `titled` come first.
        """
        has_title = " AND ".join("instr(lower(replace(title, ' ', '')), ?)" for _ in titled)
        # The plus keeps SQLite from trying every number with every document.
        matches = "AND +number IN (SELECT rowid FROM search_index WHERE search_index MATCH ?)" if match else ""
        query = (
            "SELECT id, department, region FROM documents JOIN searched ON searched.document = documents.id "  # noqa: S608
            f"WHERE superseded_by = '' {matches} "
            "AND (? IS NULL OR fiscal_year = ?) AND (? IS NULL OR kind = ?) "
            f"ORDER BY EXISTS (SELECT 1 FROM tables WHERE tables.document = documents.id AND {has_title}) DESC, "
            "department, fiscal_year, name"
        )
        with explained(self.path):
            values = [*([match] if match else ()), year, year, kind, kind, *titled]
            return tuple(self._db.execute(query, values).fetchall())

    def verify(self, catalog: Catalog) -> Iterator[Difference]:
        """Judges everything stored again and yields what comes out otherwise; nothing yielded means nothing differs."""
        from crossfoot.pipeline import judge_again  # with all that reads and judges, which nobody else here needs

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

    def _table(self, name: str) -> Table:
        return self._db.table(name)
