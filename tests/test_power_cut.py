"""A power cut leaves a store as far as it had reached the disk: what is in it is whole, and a rerun does the rest.

What SQLite writes of a run goes to a log beside the store, which is brought to the disk with every document. Cut off
anywhere, or blank from there on, is what a disk may hold of it after the lights went out.
"""

import os
import random
import shutil
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from archives import LONG, Gate, begun, ids_in, make_archive, rows_of
from crossfoot.storage.database import Opened
from crossfoot.storage.store import Store
from crossfoot.tabletypes import load_catalog

#: More than a run has done when it is held, fewer than those after which SQLite empties its log into the store.
_DOCUMENTS = 45
_PAGE = 4096
_BESIDES = ("tables", "cells", "facts", "findings", "checks", "outlines")

Rows = dict[str, list[tuple[object, ...]]]
Tear = Callable[[bytes, int], bytes]


def cut(log: bytes, place: int) -> bytes:
    return log[:place]


def blank(log: bytes, place: int) -> bytes:
    """Returns the log as a disk that knew its length before its content has it."""
    return log[:place] + bytes(len(log) - place)


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_archive(tmp_path_factory.mktemp("archive") / "in", _DOCUMENTS)


@pytest.fixture(scope="module")
def whole(archive: Path) -> Rows:
    """Returns the rows of the store of a run that nobody disturbed."""
    return structured(archive, archive.parent / "whole.db")


@pytest.fixture(scope="module", params=["a new store", "a store with documents"])
def torn(request: pytest.FixtureRequest, archive: Path) -> Path:
    """Returns a store as it is in the middle of a run, with its log: a picture of the disk, not of what is open."""
    folder = archive.parent / request.param
    folder.mkdir()
    store, before = folder / "s.db", 0
    if request.param == "a store with documents":
        before = len(ids_in(structured(archive / "区0", store), "documents"))
    there = store.read_bytes() if before else b""
    with Gate(folder / "log") as gate:
        process = begun("structure", archive, "--db", store, "--jobs", "1", "--log", folder / "log")
        gate.pass_lines(before + 2)
        assert process.pid is not None
        stop(process.pid)
        for name in ("s.db", "s.db-wal"):
            shutil.copy(folder / name, folder / name.replace("s.db", "torn.db"))
        process.kill()
        process.join()
    # All that the run has written is in the log, so that losing any end of it is what a power cut can do.
    assert store.read_bytes() == there if before else store.stat().st_size <= _PAGE
    return folder / "torn.db"


@pytest.mark.parametrize("tear", [cut, blank])
def test_a_torn_log_costs_only_what_was_not_finished(
    archive: Path, whole: Rows, torn: Path, tear: Tear, tmp_path: Path
) -> None:
    """Wherever it is torn: no half of a document is there, nothing differs, and the rest is done as if nothing was."""
    log = torn.with_name(f"{torn.name}-wal").read_bytes()
    chance = random.Random(20232)
    places = [0, 31, len(log) - 1, *sorted(chance.randrange(len(log)) for _ in range(5))]
    left = []
    for number, place in enumerate(places):
        store = tmp_path / f"{number}.db"
        shutil.copy(torn, store)
        store.with_name(f"{store.name}-wal").write_bytes(tear(log, place))
        with Store(store) as opened:
            assert opened.damage() == ()
            assert list(opened.verify(load_catalog())) == []
        found = rows_of(store)
        there = ids_in(found, "documents")
        for table in _BESIDES:
            assert found[table] == [row for row in whole[table] if row[0] in there], (place, table)
        left.append(len(there))
        assert structured(archive, store) == whole, place
    assert left[3:] == sorted(left[3:])
    assert left[0] < left[2] < _DOCUMENTS


def test_every_document_is_brought_to_the_disk(tmp_path: Path) -> None:
    """As long as SQLite is told so: by itself it is not on every system."""
    opened = Opened(tmp_path / "s.db")
    assert [opened.rows(f"PRAGMA {name}") for name in ("journal_mode", "synchronous")] == [[("wal",)], [(2,)]]
    opened.close()


def structured(archive: Path, store: Path) -> Rows:
    """Lets a run finish, and returns the rows of the store."""
    process = begun("structure", archive, "--db", store, "--jobs", "1", "--quiet")
    process.join(LONG)
    assert process.exitcode in {0, 1}
    return rows_of(store)


def stop(pid: int) -> None:
    """Holds a process, and waits until it stands still."""
    os.kill(pid, signal.SIGSTOP)
    while ") T " not in Path(f"/proc/{pid}/stat").read_text(encoding="utf-8"):
        time.sleep(0.005)
