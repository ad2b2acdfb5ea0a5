"""Archives of small disclosures for tests of batches, and stores compared row by row."""

import fcntl
import multiprocessing
import os
import select
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from multiprocessing.process import BaseProcess
from pathlib import Path
from threading import Thread
from typing import Any, Self

from crossfoot.cli import main

#: A run in the background of a shell inherits that Ctrl-C is ignored; here it is not.
RUN = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); from crossfoot.cli import main; main()"

#: Seconds after which something hangs, on however busy a machine.
LONG = 600

#: What belongs to a run and not to what it made.
_OF_RUNS = {"run", "made_at"}
_TABLES = ("documents", "tables", "cells", "facts", "findings", "checks", "outlines", "files")


def text_of(number: int, total: int = 0) -> str:
    """Returns a small budget whose sums hold, or do not with another `total`; every number gives another content."""
    first, second = 100 + number, 7 * number + 3
    return (
        f"某市第{number}局\n2023年部门预算\n\n一般公共预算支出表\n单位：万元\n"
        "科目编码\t科目名称\t合计\t基本支出\t项目支出\n"
        f"\t合计\t{total or first + second}.00\t{first}.00\t{second}.00\n"
        f"208\t社会保障和就业支出\t{first + second}.00\t{first}.00\t{second}.00\n"
    )


def make_archive(folder: Path, number: int) -> Path:
    """Writes so many disclosures into two levels of folders; each seventh has a sum that fails."""
    for one in range(1, number + 1):
        path = folder / f"区{one % 3}" / f"{one:04}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text_of(one, total=0 if one % 7 else 5), encoding="utf-8")
    return folder


def command(*arguments: str | Path) -> list[str]:
    """Returns the command line as a process is started with it."""
    return [sys.executable, "-c", RUN, *map(str, arguments)]


@contextmanager
def started(*arguments: str | Path, **more: Any) -> Iterator["subprocess.Popen[str]"]:
    """Starts the command line, in a session of its own; whatever becomes of the test, it does not outlive it."""
    environment = os.environ | more.pop("environment", {})
    with subprocess.Popen(
        command(*arguments), stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8", env=environment,
        start_new_session=True, **more,
    ) as process:  # fmt: skip
        try:
            yield process
        finally:
            if process.poll() is None:
                process.kill()


class Gate:
    """A log that a run cannot fill: it waits at it until somebody reads, so that it cannot end before it is let.

    The pipe holds some twenty lines.
    """

    def __init__(self, path: Path) -> None:
        os.mkfifo(path)
        self.path = path
        self._end = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
        fcntl.fcntl(self._end, fcntl.F_SETPIPE_SZ, 4096)
        self._drain = Thread(target=self._read_all, daemon=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._drain.is_alive():
            self._drain.join(LONG)
        os.close(self._end)

    def pass_lines(self, number: int = 1) -> None:
        """Waits until so many more documents are done."""
        for _ in range(number):
            while self._read(1) not in {b"\n", b""}:
                pass

    def open(self) -> None:
        """Lets the run go on to its end."""
        self._drain.start()

    def _read_all(self) -> None:
        while self._read(4096):
            pass

    def _read(self, most: int) -> bytes:
        waiting, _, _ = select.select([self._end], [], [], LONG)
        assert waiting, "nothing was written"
        return os.read(self._end, most)


def begun(*arguments: str | Path) -> BaseProcess:
    """Starts the command line in a process that has everything imported already, for what is done many times.

    It is a process like any other, and prints nothing.
    """
    server = multiprocessing.get_context("forkserver")
    server.set_forkserver_preload(["crossfoot.cli.structuring", "crossfoot.storage.batch"])
    process = server.Process(target=_silently, args=([*map(str, arguments)],))
    process.start()
    return process


def _silently(arguments: list[str]) -> None:
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    sys.argv = ["crossfoot", *arguments]
    main()


def crossfoot(*arguments: str | Path, **more: Any) -> tuple[int, str, str]:
    """Returns the exit status, stdout and stderr of the command line; it never shows a traceback."""
    with started(*arguments, **more) as process:
        out, err = process.communicate(timeout=LONG)
    assert "Traceback" not in err, err
    return process.returncode, out, err


def children_of(process: int) -> list[int]:
    """Returns the processes that it has started and that are there."""
    return sorted(pid for pid, parent in _parents().items() if parent == process)


def workers_of(process: int) -> list[int]:
    """Returns the processes that structure for it: the children of a child."""
    parents = _parents()
    return sorted(pid for pid, parent in parents.items() if parents.get(parent) == process)


def _parents() -> dict[int, int]:
    parents = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            parents[int(path.parent.name)] = int(path.read_text(encoding="utf-8").rpartition(")")[2].split()[1])
    return parents


def rows_of(store: Path) -> dict[str, list[tuple[object, ...]]]:
    """Returns every row of every table but those of runs, without the columns that belong to runs."""
    connection = sqlite3.connect(f"{store.resolve().as_uri()}?mode=ro", uri=True)
    try:
        found: dict[str, list[tuple[object, ...]]] = {}
        for table in _TABLES:
            columns = [row[1] for row in connection.execute(f"PRAGMA table_info({table})") if row[1] not in _OF_RUNS]
            query = f"SELECT {', '.join(columns)} FROM {table} ORDER BY {', '.join(columns)}"  # noqa: S608
            found[table] = connection.execute(query).fetchall()
    finally:
        connection.close()
    return found


def ids_in(rows: dict[str, list[tuple[object, ...]]], table: str) -> set[object]:
    """Returns the documents that have rows in the table."""
    place = 1 if table == "files" else 0
    return {row[place] for row in rows[table]}


def query(store: Path, statement: str) -> list[tuple[object, ...]]:
    """Returns what SQLite says to the statement."""
    connection = sqlite3.connect(store)
    try:
        found = connection.execute(statement).fetchall()
        connection.commit()
    finally:
        connection.close()
    return found
