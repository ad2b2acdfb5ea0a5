"""The SQLite file behind the store: opened, told from other programs' files, and brought to today's tables.

It knows nothing of documents; what is kept in the tables is decided by store.py.
"""

import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import RLock
from typing import Any

from sqlite_utils import Database

from crossfoot.errors import StoreError

#: "xfoo", so that another program's database is told from ours before anything is written to it.
_APPLICATION_ID = 0x78666F6F
_BUSY_SECONDS = 30.0
#: What is written is copied into its place after so many pages (32 MB), not after the 4 MB of a few documents.
_PAGES_BETWEEN_CHECKPOINTS = 8000

Value = str | int | float | None

#: Each script is applied once, in order; the number of applied ones is the database's user_version.
_MIGRATIONS: tuple[str, ...] = (
    """
    CREATE TABLE documents (
        id TEXT PRIMARY KEY, name TEXT NOT NULL, path TEXT NOT NULL, superseded_by TEXT NOT NULL DEFAULT '',
        department TEXT NOT NULL, region TEXT NOT NULL, fiscal_year INTEGER, kind TEXT NOT NULL,
        outcome TEXT NOT NULL, sha256 TEXT NOT NULL, encoding TEXT NOT NULL, crossfoot_version TEXT NOT NULL,
        made_with TEXT NOT NULL, json TEXT NOT NULL, source_text TEXT NOT NULL);
    CREATE INDEX documents_by_path ON documents (path);
    CREATE TABLE tables (
        document TEXT NOT NULL REFERENCES documents (id) ON DELETE CASCADE, id TEXT NOT NULL,
        type TEXT NOT NULL, number TEXT NOT NULL, title TEXT NOT NULL, unit TEXT, outcome TEXT NOT NULL, basis TEXT,
        amounts INTEGER NOT NULL, proved INTEGER NOT NULL, checks_declared INTEGER NOT NULL,
        checks_executed INTEGER NOT NULL, checks_failed INTEGER NOT NULL, PRIMARY KEY (document, id));
    CREATE TABLE cells (
        document TEXT NOT NULL REFERENCES documents (id) ON DELETE CASCADE, reference TEXT NOT NULL,
        table_id TEXT NOT NULL, panel TEXT NOT NULL, row_code TEXT NOT NULL, row_name TEXT NOT NULL,
        row_kind TEXT NOT NULL, column_key TEXT NOT NULL, printed TEXT NOT NULL, value TEXT, value_yuan TEXT,
        state TEXT NOT NULL, proof TEXT, line INTEGER NOT NULL, PRIMARY KEY (document, reference)) WITHOUT ROWID;
    CREATE TABLE findings (
        document TEXT NOT NULL REFERENCES documents (id) ON DELETE CASCADE, position INTEGER NOT NULL,
        code TEXT NOT NULL, severity TEXT NOT NULL, table_id TEXT NOT NULL, line INTEGER NOT NULL,
        message TEXT NOT NULL, at_stake_yuan TEXT, json TEXT NOT NULL, PRIMARY KEY (document, position));
    CREATE TABLE checks (
        document TEXT NOT NULL REFERENCES documents (id) ON DELETE CASCADE, rule TEXT NOT NULL, kind TEXT NOT NULL,
        outcome TEXT NOT NULL, number INTEGER NOT NULL, PRIMARY KEY (document, rule, kind, outcome));
    """,
    """
    CREATE TABLE calls (
        key TEXT PRIMARY KEY, about TEXT NOT NULL, answer TEXT NOT NULL, finish TEXT NOT NULL,
        tokens_in INTEGER NOT NULL, tokens_out INTEGER NOT NULL, why TEXT NOT NULL, made_at TEXT NOT NULL
        ) WITHOUT ROWID;
    CREATE TABLE endpoints (
        base_url TEXT NOT NULL, model TEXT NOT NULL, output TEXT NOT NULL, PRIMARY KEY (base_url, model));
    """,
    """
    CREATE TABLE facts (
        document TEXT NOT NULL REFERENCES documents (id) ON DELETE CASCADE, id TEXT NOT NULL,
        measure TEXT NOT NULL, role TEXT NOT NULL, item TEXT NOT NULL, code TEXT NOT NULL, printed TEXT NOT NULL,
        value TEXT NOT NULL, unit TEXT NOT NULL, value_yuan TEXT, direction TEXT NOT NULL, year INTEGER,
        part_of TEXT NOT NULL, reader TEXT NOT NULL, proof TEXT, line INTEGER NOT NULL,
        PRIMARY KEY (document, id)) WITHOUT ROWID;
    """,
    Path(__file__).with_name("analysis.sql").read_text(encoding="utf-8"),
    # A person's decisions: no foreign key, so that they outlive the document that is structured again.
    """
    ALTER TABLE findings ADD COLUMN id TEXT NOT NULL DEFAULT '';
    ALTER TABLE findings ADD COLUMN stake_fen INTEGER;
    ALTER TABLE findings ADD COLUMN checks_broken INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE findings ADD COLUMN accepted_from TEXT NOT NULL DEFAULT '';
    ALTER TABLE findings ADD COLUMN quoted TEXT NOT NULL DEFAULT '';
    CREATE INDEX findings_by_id ON findings (id);
    CREATE TABLE resolutions (
        id INTEGER PRIMARY KEY AUTOINCREMENT, document TEXT NOT NULL, finding TEXT NOT NULL, code TEXT NOT NULL,
        message TEXT NOT NULL, line INTEGER NOT NULL, decision TEXT NOT NULL, cell TEXT NOT NULL,
        span_start INTEGER NOT NULL, span_end INTEGER NOT NULL, column_key TEXT NOT NULL, table_type TEXT NOT NULL,
        table_title TEXT NOT NULL, unit TEXT NOT NULL, panel TEXT NOT NULL, row_code TEXT NOT NULL,
        row_name TEXT NOT NULL, was_read TEXT NOT NULL, printed TEXT NOT NULL, note TEXT NOT NULL,
        made_by TEXT NOT NULL, made_at TEXT NOT NULL);
    CREATE INDEX resolutions_by_document ON resolutions (document);
    CREATE INDEX resolutions_by_finding ON resolutions (finding);
    CREATE TRIGGER resolutions_stay BEFORE UPDATE ON resolutions
        BEGIN SELECT RAISE(ABORT, 'a resolution is never changed'); END;
    CREATE TRIGGER resolutions_are_kept BEFORE DELETE ON resolutions
        BEGIN SELECT RAISE(ABORT, 'a resolution is never deleted'); END;
    """,
    # Which files had which content, since which run; the run of a document stands with its outline, in a small row.
    """
    CREATE TABLE runs (
        id INTEGER PRIMARY KEY AUTOINCREMENT, started_at TEXT NOT NULL, ended_at TEXT, seconds REAL NOT NULL DEFAULT 0,
        status TEXT NOT NULL DEFAULT 'running', paths TEXT NOT NULL, reader TEXT NOT NULL,
        model TEXT NOT NULL DEFAULT '', prompt TEXT NOT NULL DEFAULT '', jobs INTEGER NOT NULL,
        files INTEGER NOT NULL, structured INTEGER NOT NULL DEFAULT 0, kept INTEGER NOT NULL DEFAULT 0,
        failed INTEGER NOT NULL DEFAULT 0, accepted INTEGER NOT NULL DEFAULT 0, repaired INTEGER NOT NULL DEFAULT 0,
        flagged INTEGER NOT NULL DEFAULT 0, tokens_in INTEGER NOT NULL DEFAULT 0,
        tokens_out INTEGER NOT NULL DEFAULT 0, cost TEXT);
    CREATE TABLE outlines (
        document TEXT PRIMARY KEY REFERENCES documents (id) ON DELETE CASCADE, run INTEGER, json TEXT NOT NULL
        ) WITHOUT ROWID;
    CREATE TABLE files (
        path TEXT NOT NULL, document TEXT NOT NULL REFERENCES documents (id) ON DELETE CASCADE, name TEXT NOT NULL,
        state TEXT NOT NULL, run INTEGER, PRIMARY KEY (path, document)) WITHOUT ROWID;
    CREATE INDEX files_by_document ON files (document);
    INSERT INTO files (path, document, name, state)
        SELECT path, id, name, CASE superseded_by WHEN '' THEN 'current' ELSE 'replaced' END
        FROM documents WHERE path <> '';
    CREATE INDEX documents_by_content ON documents (sha256, made_with);
    """,
    # Each document adds a segment to the index; merged by sixteen and not by four they are rewritten half as often.
    "INSERT INTO search_index (search_index, rank) VALUES ('automerge', 16);",
    Path(__file__).with_name("comparison.sql").read_text(encoding="utf-8"),
)


class Opened:
    """A database that is open: one thread at a time uses it, one transaction at a time writes it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._database = open_database(path)
        self._turn = RLock()

    def close(self) -> None:
        """Closes it, when nobody uses it any more."""
        with self._turn:
            self._database.close()

    @contextmanager
    def using(self) -> Iterator[None]:
        """Lets one thread in at a time, and explains what SQLite says."""
        with self._turn, explained(self.path):
            yield

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Makes what is read and written within it one transaction: all of it is kept, or nothing.

        It waits until no other process writes. Within another one it is a part of that.
        """
        with self.using():
            if self._database.conn.in_transaction:
                yield
            else:
                with _written_at_once(self._database):
                    yield

    def rows(self, query: str, *values: Value) -> list[tuple[Any, ...]]:
        """Returns what a question in SQL gives."""
        with self.using():
            return self._database.execute(query, values).fetchall()

    def write(self, statement: str, *values: Value) -> int:
        """Writes by a statement in SQL and returns the number of the row that it made last."""
        with self.writing():
            return int(self._database.execute(statement, values).lastrowid or 0)

    def insert(self, table: str, columns: Sequence[str], rows: Sequence[Sequence[Value]]) -> None:
        """Adds rows to a table, their values in the order of the columns."""
        places = ", ".join("?" * len(columns))
        statement = f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({places})"  # noqa: S608  names are ours
        with self.writing():
            self._database.conn.executemany(statement, rows)


def open_database(path: Path) -> Database:
    """Returns the database, created if there is none; raises StoreError if it is not ours or too new."""
    with explained(path):
        connection = _connect(path)
        try:
            database = Database(connection)
            database.execute("PRAGMA foreign_keys = ON")
            database.execute(f"PRAGMA wal_autocheckpoint = {_PAGES_BETWEEN_CHECKPOINTS}")
            database.execute("PRAGMA synchronous = FULL")  # what is written is on the disk; not so by itself everywhere
            _migrate(database, path)
        except BaseException:
            connection.close()
            raise
    return database


def _connect(path: Path) -> sqlite3.Connection:
    """Returns a connection; of a store that this user may only read, one that writes nothing.

    Where a log stands beside it, somebody writes it now or was killed at it, and its latest documents are in the log.
    """
    real = path.resolve()
    if real.is_file() and not (os.access(real, os.W_OK) and os.access(real.parent, os.W_OK)):
        how = "mode=ro" if real.with_name(f"{real.name}-wal").exists() else "immutable=1"
        return sqlite3.connect(f"{real.as_uri()}?{how}", uri=True, timeout=_BUSY_SECONDS)
    # Threads that ask a model keep their calls here too; the store lets one in at a time.
    return sqlite3.connect(path, timeout=_BUSY_SECONDS, check_same_thread=False)


@contextmanager
def explained(path: Path) -> Iterator[None]:
    """Turns SQLite's errors into a StoreError that says what to do."""
    try:
        yield
    except sqlite3.Error as error:
        raise StoreError(f"{path}: {_explanation(str(error))}") from None


@contextmanager
def _written_at_once(database: Database) -> Iterator[None]:
    """Makes one transaction that waits for its turn to write before it reads anything.

    Full-text tables are read when a statement is prepared; a transaction that reads first and writes later is
    refused, not queued, when another process has written in between.
    """
    database.execute("BEGIN IMMEDIATE")
    try:
        yield
        database.commit()
    except BaseException:
        database.rollback()
        raise


def _migrate(database: Database, path: Path) -> None:
    if _applied(database, path) == len(_MIGRATIONS):
        return
    database.enable_wal()
    # Two processes may open a new store at once: only the holder of the write lock migrates.
    with _written_at_once(database):
        done = _applied(database, path)
        for number, script in enumerate(_MIGRATIONS[done:], start=done + 1):
            database.executescript(script)
            database.execute(f"PRAGMA user_version = {number}")
        database.execute(f"PRAGMA application_id = {_APPLICATION_ID}")


def _applied(database: Database, path: Path) -> int:
    """Returns how many migrations the database has seen; refuses one that is not ours or too new."""
    application, version = _pragma(database, "application_id"), _pragma(database, "user_version")
    is_empty = not database.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
    if application != _APPLICATION_ID and not is_empty:
        raise StoreError(f"{path}: is another program's database; name another file with --db")
    if version > len(_MIGRATIONS):
        raise StoreError(
            f"{path}: was made by a newer crossfoot (store version {version}, this one knows "
            f"{len(_MIGRATIONS)}); update crossfoot or name another file with --db"
        )
    return version


def _pragma(database: Database, name: str) -> int:
    return int(database.execute(f"PRAGMA {name}").fetchone()[0])


def _explanation(error: str) -> str:
    if "not a database" in error or "malformed" in error:
        return (
            f"is no usable SQLite database ({error}); move it away, and `structure` makes it anew from the texts, "
            "or save what can be read with `sqlite3 FILE .recover | sqlite3 NEW`, and name that one with --db"
        )
    if "disk is full" in error:
        return "the disk is full; what was finished is kept: make room, and the same command does the rest"
    if "disk I/O error" in error:
        return (
            "the disk is full or fails (disk I/O error); what was finished is kept: when that is mended, the same "
            "command does the rest"
        )
    if "locked" in error:
        return "is being written by another process; try again when that has finished"
    if "unable to open" in error:
        return f"cannot be opened ({error}); check that its folder exists and can be written"
    if "readonly" in error:
        return "cannot be written; check its permissions or name another file with --db"
    return f"{error}; check the disk, or name another file with --db"
