"""One run at a time writes a store: a lock that the kernel takes back when its holder dies, however it dies.

The lock is SQLite's own on an empty file beside the store, so that it works wherever the store does.
"""

import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from crossfoot.errors import StoreError

_SECONDS_BETWEEN_TRIES = 0.25


def lock_path(store: Path) -> Path:
    """Returns the file that is locked while a run writes the store, by whatever link it is named."""
    store = store.resolve()
    return store.with_name(f"{store.name}-lock")


@contextmanager
def locked(store: Path, *, wait: bool, say: Callable[[], None]) -> Iterator[None]:
    """Holds the lock as a context manager; while another holds it, waits after calling `say` once, or raises."""
    path = lock_path(store)
    try:
        connection = sqlite3.connect(path, timeout=0, isolation_level=None)
    except sqlite3.Error as error:
        raise StoreError(f"{path}: {error}; check that its folder exists and can be written") from None
    with closing(connection):
        said = False
        while not _taken(connection, path):
            if not wait:
                raise StoreError(f"{store}: another run is writing it; without --no-wait this one waits for its end")
            if not said:
                say()
                said = True
            time.sleep(_SECONDS_BETWEEN_TRIES)
        yield


def is_locked(store: Path) -> bool:
    """Says whether a run is writing the store now."""
    path = lock_path(store)
    if not path.is_file():
        return False
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", timeout=0, uri=True)) as connection:
            connection.execute("PRAGMA user_version").fetchone()
    except sqlite3.Error:
        return True
    return False


def _taken(connection: sqlite3.Connection, path: Path) -> bool:
    try:
        connection.execute("BEGIN EXCLUSIVE")
    except sqlite3.OperationalError as error:
        if "locked" in str(error):
            return False
        raise StoreError(f"{path}: cannot be locked ({error}); check its permissions") from None
    return True
