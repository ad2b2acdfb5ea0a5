"""Whatever stops a run, at whatever moment: what is in the store is whole, and the same command does the rest."""

import os
import random
import signal
import time
from pathlib import Path

import pytest

from archives import LONG, Gate, begun, children_of, crossfoot, ids_in, make_archive, query, rows_of, started

_DOCUMENTS, _KILLS = 30, 50
_LONGER = 45
#: Most of the kills hit one process, which does everything; each so many one with others beside it.
_EACH_BESIDE = 7
#: Most fall at moments of the clock; each so many one amid the writing, on however fast or busy a machine.
_EACH_AMID = 5

Rows = dict[str, list[tuple[object, ...]]]


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Returns a folder of small disclosures, one of them twice under two names."""
    folder = make_archive(tmp_path_factory.mktemp("archive") / "in", _DOCUMENTS)
    (folder / "区0" / "copy.txt").write_bytes((folder / "区1" / "0001.txt").read_bytes())
    return folder


@pytest.fixture(scope="module")
def longer(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Returns one whose run cannot end before somebody reads its log."""
    return make_archive(tmp_path_factory.mktemp("longer") / "in", _LONGER)


def run(archive: Path, store: Path, jobs: int, most: float = LONG) -> int | None:
    """Structures the archive, and kills the run if it takes longer than that; returns its status."""
    process = begun("structure", archive, "--db", store, "--jobs", str(jobs), "--quiet")
    process.join(most)
    process.kill()
    process.join()
    return process.exitcode


def run_until(archive: Path, store: Path, jobs: int, lines: int) -> int | None:
    """Kills a run after so many documents, and perhaps some more."""
    log = store.with_suffix(".log")
    with Gate(log) as gate:
        process = begun("structure", archive, "--db", store, "--jobs", str(jobs), "--quiet", "--log", log)
        gate.pass_lines(lines)
        process.kill()
        process.join()
    log.unlink()
    return process.exitcode


def finish_and_compare(archive: Path, store: Path, whole: Rows) -> None:
    """Lets a last run finish: the store is that of the undisturbed run; then it is taken away."""
    assert run(archive, store, 1) == 1
    assert rows_of(store) == whole
    assert query(store, "PRAGMA integrity_check") == [("ok",)]
    for path in store.parent.glob(f"{store.name}*"):
        path.unlink()


def test_fifty_kills_change_nothing(archive: Path, tmp_path: Path) -> None:
    """Runs killed with -9 at random moments, spread over the run, and finished: equal to an undisturbed one.

    After each kill what the store has of a document is all that the undisturbed store has of it.
    """
    seconds, stores = {}, {}
    for jobs in (1, 2):
        since = time.monotonic()
        assert run(archive, tmp_path / f"{jobs}.db", jobs) == 1
        seconds[jobs] = time.monotonic() - since
        stores[jobs] = rows_of(tmp_path / f"{jobs}.db")
    whole, store = stores[1], tmp_path / "s.db"
    assert stores[2] == whole
    chance = random.Random(20231)
    shares = [0.1 + 0.9 * (place + chance.random()) / _KILLS for place in range(_KILLS)]
    chance.shuffle(shares)
    amid = []
    for place, share in enumerate(shares):
        jobs = 2 if place % _EACH_BESIDE == 0 else 1
        if place % _EACH_AMID == 0:
            status = run_until(archive, store, jobs, 1 + chance.randrange(5))
            assert status == -signal.SIGKILL
        else:
            status = run(archive, store, jobs, seconds[jobs] * share)
            assert status in {-signal.SIGKILL, 1}
        if not store.exists() or not query(store, "SELECT 1 FROM sqlite_master WHERE name = 'files'"):
            continue
        found = rows_of(store)
        there = ids_in(found, "documents")
        if status != 1 and 0 < len(there) < _DOCUMENTS:
            amid.append(len(there))
        for table in ("tables", "cells", "facts", "findings", "checks", "outlines"):
            assert found[table] == [row for row in whole[table] if row[0] in there], table
        if len(there) == _DOCUMENTS:
            finish_and_compare(archive, store, whole)
    finish_and_compare(archive, store, whole)
    assert amid


def test_a_stop_ends_at_once_and_says_how_to_go_on(longer: Path, tmp_path: Path) -> None:
    """Ctrl-C and `kill`: status 130, what was finished is kept, and the next run does only the rest."""
    store = tmp_path / "s.db"
    for how in (signal.SIGINT, signal.SIGTERM):
        log = tmp_path / how.name
        run = ("structure", longer, "--db", store, "--jobs", "2", "--force", "--log", log)
        with Gate(log) as gate, started(*run) as process:
            gate.pass_lines()
            process.send_signal(how)
            gate.open()
            _, err = process.communicate(timeout=LONG)
        assert (process.returncode, "the same command does the rest" in err) == (130, True)
        assert "Traceback" not in err
    before = query(store, "SELECT count(*) FROM documents")[0][0]
    assert isinstance(before, int)
    status, out, _ = crossfoot("runs", "--db", store)
    assert (status, out.count("interrupted")) == (0, 2)
    crossfoot("structure", longer, "--db", store, "--jobs", "2")
    (made, kept), *_ = query(store, "SELECT structured, kept FROM runs ORDER BY id DESC")
    assert (made, kept) == (_LONGER - before, before)


def test_ctrl_c_at_a_terminal_hits_every_process_and_is_one_line(longer: Path, tmp_path: Path) -> None:
    """The terminal tells all of them; those that only begin to live say nothing of it."""
    log = tmp_path / "log"
    run = ("structure", longer, "--db", tmp_path / "s.db", "--jobs", "2", "--log", log)
    with Gate(log) as gate, started(*run) as process:
        while not children_of(process.pid):
            assert process.poll() is None
            time.sleep(0.001)
        os.killpg(process.pid, signal.SIGINT)
        gate.open()
        _, err = process.communicate(timeout=LONG)
    stopped = "crossfoot: stopped; what was finished is kept, and the same command does the rest\n"
    assert (process.returncode, err) == (130, stopped)


def test_a_killed_run_is_listed_as_killed(longer: Path, tmp_path: Path) -> None:
    """While it runs it is said to run; a run without an end that holds no lock was killed."""
    store, log = tmp_path / "s.db", tmp_path / "log"
    run = ("structure", longer, "--db", store, "--jobs", "2", "--log", log)
    with Gate(log) as gate, started(*run) as process:
        gate.pass_lines()
        process.send_signal(signal.SIGSTOP)
        while_running = crossfoot("runs", "--db", store)[1]
        process.kill()
        process.communicate()
    assert ("running" in while_running, "killed" in while_running) == (True, False)
    assert "killed" in crossfoot("runs", "--db", store)[1]
    crossfoot("structure", longer, "--db", store)
    assert query(store, "SELECT status FROM runs ORDER BY id") == [("killed",), ("finished",)]
