"""The store: one SQLite file that keeps documents with their source texts, and proves itself by judging them again.

Each save is one transaction, so what was finished before a crash is there. It structures nothing itself.
"""

import sys
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple, Self

from pydantic import ValidationError

from crossfoot.errors import StoreError
from crossfoot.figures import Document, DocumentKind, Finding, Noun, Outcome, Source
from crossfoot.output.outline import MOST_FINDINGS, Outline
from crossfoot.reading.source import from_text
from crossfoot.storage.calls import StoredCalls
from crossfoot.storage.database import Opened, Value
from crossfoot.storage.differences import differences
from crossfoot.storage.files import File, attach, files_of, history_of, is_current, note_gone_below
from crossfoot.storage.queue import Queue
from crossfoot.storage.records import Ready, Record, outline_record, ready
from crossfoot.storage.resolutions import StoredResolutions
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
        #: The run that writes, as `storage.runs` sets it; None for what no run writes.
        self.run: int | None = None
        self._db = Opened(path)
        self.calls = StoredCalls(self._db)
        self.queue = Queue(self._db)
        self.resolutions = StoredResolutions(self._db)

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
        self.keep(ready(document, source), path, made_with)

    def keep(self, made: Ready, path: str, made_with: str) -> None:
        """Keeps a document whose rows are ready, as `save` does, in one transaction with what `writing` is around."""
        with self.writing():
            self._put({**made.record, "path": path, "made_with": made_with}, made, self.run)
            if path:
                attach(self._db, path, made.name, made.id, self.run)

    def put_judgement(self, document: Document, source: Source) -> None:
        """Keeps another judgement of a stored document; where it came from and what made it stay as they are."""
        made = ready(document, source)
        with self.writing():
            path, made_with = self._row("SELECT path, made_with FROM documents WHERE id = ?", document.id)
            run = next((row[0] for row in self._db.rows("SELECT run FROM outlines WHERE document = ?", made.id)), None)
            self._put({**made.record, "path": path, "made_with": made_with}, made, run)

    def _put(self, record: Record, made: Ready, run: int | None) -> None:
        """Writes the rows; the document's own is changed in place, so that its path and what refers to it stay."""
        changed = ", ".join(f"{name} = excluded.{name}" for name in record if name not in {"id", "path"})
        self._db.write(
            f"INSERT INTO documents ({', '.join(record)}) VALUES ({', '.join('?' * len(record))}) "  # noqa: S608
            f"ON CONFLICT (id) DO UPDATE SET {changed}",
            *record.values(),
        )
        for table, rows in made.rows.items():
            self._db.write(f"DELETE FROM {table} WHERE document = ?", made.id)  # noqa: S608  names are ours
            if rows.values:
                self._db.insert(table, rows.columns, rows.values)
        self._db.write("UPDATE outlines SET run = ? WHERE document = ?", run, made.id)

    def note_file(self, path: str, name: str, document: str) -> None:
        """Notes that the file has the content of a document that is kept; writes nothing if that is known."""
        if not is_current(self._db, path, name, document):
            with self.writing():
                attach(self._db, path, name, document, self.run)

    def note_gone_below(self, folder: str) -> int:
        """Notes which files below the folder are gone, and returns how many; their documents stay."""
        return note_gone_below(self._db, folder)

    def files(self, document: str) -> tuple[File, ...]:
        """Returns the files that have or had the document's content."""
        return files_of(self._db, document)

    def history(self, path: str) -> tuple[File, ...]:
        """Returns the contents that the file had, the latest last."""
        return history_of(self._db, path)

    def outline(self, document: str, name: str) -> Outline:
        """Returns what a summary says of the document under that name, without reading the whole of it."""
        query = "SELECT json FROM outlines WHERE document = ?"
        rows = self._db.rows(query, document)
        if not rows:  # kept before there were outlines
            record = outline_record(self.load(document))
            self._db.insert("outlines", tuple(record), [tuple(record.values())])
            rows = self._db.rows(query, document)
        found = self._db.rows(
            "SELECT json FROM findings WHERE document = ? AND severity <> 'note' "
            "ORDER BY severity = 'warning', position LIMIT ?",
            document, MOST_FINDINGS,
        )  # fmt: skip
        findings = tuple(Finding.model_validate_json(text) for (text,) in found)
        bare = Outline.model_validate_json(f'{{"name": "", {rows[0][0][1:]}')
        return bare.model_copy(update={"name": name, "findings": findings})

    def is_of_run(self, document: str) -> bool:
        """Says whether the document was made by the run that writes now."""
        rows = self._db.rows("SELECT run FROM outlines WHERE document = ?", document)
        return self.run is not None and rows == [(self.run,)]

    def text_of(self, document: str) -> str:
        """Returns the document's JSON as it is kept."""
        return str(self._row("SELECT json FROM documents WHERE id = ?", document)[0])

    def runs(self) -> tuple[Run, ...]:
        """Returns the runs as they are written, the latest first."""
        names = tuple(Run.model_fields)
        rows = self._db.rows(f"SELECT {', '.join(names)} FROM runs ORDER BY id DESC")  # noqa: S608
        return tuple(Run.model_validate(dict(zip(names, row, strict=True))) for row in rows)

    def writing(self) -> AbstractContextManager[None]:
        """Keeps other writers out while something is read and decided on; all of it is written, or nothing."""
        return self._db.writing()

    def write(self, statement: str, *values: Value) -> int:
        """Writes by a statement in SQL and returns the number of the row that it made last."""
        return self._db.write(statement, *values)

    def damage(self) -> tuple[str, ...]:
        """Returns what SQLite finds wrong with the file itself, nothing if it is whole."""
        return tuple(str(said) for (said,) in self._db.rows("PRAGMA quick_check(5)") if said != "ok")

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
        rows = self._db.rows(query, year, kind)
        return tuple(Department(name, region, bool(is_named)) for name, region, is_named in rows)

    def of_department(self, department: Department) -> tuple[Stored, ...]:
        """Returns the entries of the department's documents, by year and name."""
        which = "department = ?" if department.is_named else "department = '' AND name = ?"
        where = f"WHERE superseded_by = '' AND {which} AND region = ? ORDER BY fiscal_year, name"
        return self._entries(where, department.name, department.region)

    def names_like(self, name: str) -> tuple[tuple[str, str], ...]:
        """Returns id and name of the documents whose own names, or names of further files, contain these characters."""
        query = (
            "SELECT id, name FROM documents INDEXED BY documents_by_department "
            "WHERE superseded_by = '' AND instr(name, ?1) "
            "UNION SELECT document, files.name FROM files JOIN documents ON documents.id = document "
            "WHERE superseded_by = '' AND state <> 'replaced' AND instr(files.name, ?1) ORDER BY 2, 1"
        )
        return tuple((document, called) for document, called in self._db.rows(query, name))

    def by_path(self, path: str) -> tuple[Stored, ...]:
        """Returns the entries of the file of that path, which may be one of several that have the content."""
        return self._entries(
            "WHERE superseded_by = '' AND id IN (SELECT document FROM files WHERE path = ? AND state <> 'replaced') "
            "ORDER BY name",
            path,
        )

    def by_content(self, sha256: str) -> Stored | None:
        """Returns the entry of the document that has this content, or None."""
        return next(iter(self._entries("WHERE superseded_by = '' AND sha256 = ?", sha256)), None)

    def by_id(self, prefix: str) -> tuple[Stored, ...]:
        """Returns the entries whose ids start so, superseded ones too."""
        # In hexadecimal digits nothing goes beyond `g`; a range can use the index.
        return self._entries("WHERE id >= ? AND id < ? ORDER BY id", prefix, f"{prefix}g")

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

    def text(self, document: str) -> str:
        """Returns the text that the document was structured from, without its lines."""
        return str(self._row("SELECT source_text FROM documents WHERE id = ?", document)[0])

    def tables(self, document: str) -> tuple[TablePlace, ...]:
        """Returns the document's tables and where they stand."""
        names = tuple(TablePlace.model_fields)
        query = f"SELECT {', '.join(names)} FROM tables WHERE document = ? ORDER BY first_line, id"  # noqa: S608
        rows = self._db.rows(query, document)
        return tuple(TablePlace.model_validate(dict(zip(names, row, strict=True))) for row in rows)

    def terms_from(self, beginning: str, most: int) -> tuple[str, ...]:
        """Returns the trigrams of the texts that begin so, at most that many."""
        query = "SELECT term FROM search_terms WHERE term >= ? AND term < ? LIMIT ?"
        rows = self._db.rows(query, beginning, beginning + chr(sys.maxunicode), most)
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
        return tuple(self._db.rows(query, *((match,) if match else ()), year, year, kind, kind, *titled))

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

    def _entries(self, where: str, *values: Value) -> tuple[Stored, ...]:
        names = tuple(Stored.model_fields)
        rows = self._db.rows(f"SELECT {', '.join(names)} FROM documents {where}", *values)  # noqa: S608  written here
        return tuple(Stored.model_validate(dict(zip(names, row, strict=True))) for row in rows)

    def _row(self, query: str, document: str) -> tuple[Any, ...]:
        rows = self._db.rows(query, document)
        if not rows:
            raise StoreError(f"{self.path}: holds no document {document}")
        return rows[0]
