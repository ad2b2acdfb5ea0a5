"""The store: one SQLite file that keeps documents with their source texts, and proves itself by judging them again.

Each save is one transaction, so what was finished before a crash is there. It structures nothing itself.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import RLock
from types import TracebackType
from typing import Self

from pydantic import ValidationError

from crossfoot.errors import StoreError
from crossfoot.figures import Amount, Document, DocumentKind, Finding, Noun, Outcome, Source
from crossfoot.output.outline import MOST_FINDINGS, Outline
from crossfoot.pipeline import judge_again
from crossfoot.reading.source import from_text
from crossfoot.storage.calls import StoredCalls
from crossfoot.storage.database import explained, open_database
from crossfoot.storage.differences import differences
from crossfoot.storage.files import File, attach, files_of, history_of, is_current
from crossfoot.storage.records import Ready, outline_record, ready
from crossfoot.storage.runs import Run
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
        #: The run that writes, as `storage.runs` sets it; None for what no run writes.
        self.run: int | None = None
        self._db = open_database(path)
        self._turn = RLock()
        self.calls = StoredCalls(self._db, self._using)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._turn:
            self._db.close()

    def save(self, document: Document, source: Source, path: str = "", made_with: str = "") -> None:
        """Keeps the document in place of what was kept of the same content; an earlier content of `path` is superseded.

        `made_with` is a fingerprint of what structured it, by which a rerun can tell that nothing would change.
        """
        self.keep(ready(document, source), path, made_with)

    def keep(self, made: Ready, path: str, made_with: str) -> None:
        """Keeps a document whose rows are ready, as `save` does; within `writing` it is one with what else is written.

        The document's own row is changed in place, so that what refers to it stays.
        """
        record = {**made.record, "path": path, "made_with": made_with}
        changed = ", ".join(f"{name} = excluded.{name}" for name in record if name not in {"id", "path"})
        with self.writing():
            self._execute(
                f"INSERT INTO documents ({', '.join(record)}) VALUES ({', '.join('?' * len(record))}) "  # noqa: S608
                f"ON CONFLICT (id) DO UPDATE SET {changed}",
                *record.values(),
            )
            for table, rows in made.rows.items():
                self._execute(f"DELETE FROM {table} WHERE document = ?", made.id)  # noqa: S608  names are ours
                if rows.values:
                    places = ", ".join("?" * len(rows.columns))
                    into = f"INSERT INTO {table} ({', '.join(rows.columns)}) VALUES ({places})"  # noqa: S608
                    self._db.conn.executemany(into, rows.values)
            self._execute("UPDATE outlines SET run = ? WHERE document = ?", self.run, made.id)
            if path:
                attach(self._db, path, made.name, made.id, self.run)

    def note_file(self, path: str, name: str, document: str) -> None:
        """Notes that the file has the content of a document that is kept; writes nothing if that is known."""
        with self._using():
            if not is_current(self._db, path, name, document):
                with self._db.atomic():
                    attach(self._db, path, name, document, self.run)

    def files(self, document: str) -> tuple[File, ...]:
        """Returns the files that have or had the document's content."""
        with self._using():
            return files_of(self._db, document)

    def history(self, path: str) -> tuple[File, ...]:
        """Returns the contents that the file had, the latest last."""
        with self._using():
            return history_of(self._db, path)

    def outline(self, document: str, name: str) -> Outline:
        """Returns what a summary says of the document under that name, without reading the whole of it."""
        with self._using():
            row = self._execute("SELECT json FROM outlines WHERE document = ?", document).fetchone()
            if row is None:  # kept before there were outlines
                record = outline_record(self.load(document))
                self._execute("INSERT INTO outlines (document, json) VALUES (?, ?)", *record.values())
                row = (record["json"],)
            found = self._execute(
                "SELECT json FROM findings WHERE document = ? AND severity <> 'note' "
                "ORDER BY severity = 'warning', position LIMIT ?",
                document, MOST_FINDINGS,
            ).fetchall()  # fmt: skip
        findings = tuple(Finding.model_validate_json(one[0]) for one in found)
        bare = Outline.model_validate_json(f'{{"name": "", {str(row[0])[1:]}')
        return bare.model_copy(update={"name": name, "findings": findings})

    def is_of_run(self, document: str) -> bool:
        """Says whether the document was made by the run that writes now."""
        with self._using():
            row = self._execute("SELECT run FROM outlines WHERE document = ?", document).fetchone()
        return self.run is not None and row is not None and row[0] == self.run

    def text_of(self, document: str) -> str:
        """Returns the document's JSON as it is kept."""
        return str(self._row("SELECT json FROM documents WHERE id = ?", document)[0])

    def runs(self) -> tuple[Run, ...]:
        """Returns the runs as they are written, the latest first."""
        names = tuple(Run.model_fields)
        with self._using():
            rows = self._execute(f"SELECT {', '.join(names)} FROM runs ORDER BY id DESC").fetchall()  # noqa: S608
        return tuple(Run.model_validate(dict(zip(names, row, strict=True))) for row in rows)

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Makes what is written within it one transaction: all of it is kept, or nothing."""
        with self._using(), self._db.atomic():
            yield

    def write(self, statement: str, *values: str | float | None) -> int:
        """Writes by a statement in SQL and returns the number of the row that it made last."""
        with self._using():
            return int(self._execute(statement, *values).lastrowid or 0)

    def damage(self) -> tuple[str, ...]:
        """Returns what SQLite finds wrong with the file itself, nothing if it is whole."""
        with self._using():
            rows = self._execute("PRAGMA quick_check(5)").fetchall()
        return tuple(str(row[0]) for row in rows if row[0] != "ok")

    def documents(self) -> tuple[Stored, ...]:
        """Returns the entries of all documents whose file has no newer content, by department, year and name."""
        return self._entries("WHERE superseded_by = '' ORDER BY department, fiscal_year, name")

    def by_id(self, prefix: str) -> tuple[Stored, ...]:
        """Returns the entries whose ids start so, superseded ones too."""
        return self._entries("WHERE substr(id, 1, ?) = ? ORDER BY id", len(prefix), prefix)

    def made_from(self, sha256: str, *made_with: str) -> Stored | None:
        """Returns the entry of the document made from this content by one of these means, or None."""
        marks = ", ".join("?" * len(made_with))
        return next(iter(self._entries(f"WHERE sha256 = ? AND made_with IN ({marks})", sha256, *made_with)), None)

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
        with self._using():
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
        with self._using():
            query = f"SELECT {', '.join(names)} FROM documents {where}"  # noqa: S608  both are written here
            rows = self._db.execute(query, values).fetchall()
        return tuple(Stored.model_validate(dict(zip(names, row, strict=True))) for row in rows)

    def _row(self, query: str, document: str) -> tuple[object, ...]:
        with self._using():
            row: tuple[object, ...] | None = self._db.execute(query, [document]).fetchone()
        if row is None:
            raise StoreError(f"{self.path}: holds no document {document}")
        return row

    def _execute(self, statement: str, *values: str | float | None) -> sqlite3.Cursor:
        return self._db.execute(statement, values)

    @contextmanager
    def _using(self) -> Iterator[None]:
        """Lets one thread in at a time, and explains what SQLite says."""
        with self._turn, explained(self.path):
            yield
