"""Whatever stops a run, at whatever moment: what is in the store is whole, and the same command does the rest."""

import random
import signal
import threading
import time
from pathlib import Path

import pytest

from archives import crossfoot, ids_in, make_archive, query, rows_of, started

_DOCUMENTS, _KILLS = 60, 50


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Returns a folder of small disclosures, one of them twice under two names."""
    folder = make_archive(tmp_path_factory.mktemp("archive") / "in", _DOCUMENTS)
    (folder / "区0" / "copy.txt").write_bytes((folder / "区1" / "0001.txt").read_bytes())
    return folder


@pytest.fixture(scope="module")
def undisturbed(archive: Path) -> tuple[dict[str, list[tuple[object, ...]]], float]:
    """Returns the rows of the store of a run that nothing disturbed, and how long it took."""
    store = archive.parent / "undisturbed.db"
    since = time.monotonic()
    status, _, _ = crossfoot("structure", archive, "--db", store, "--jobs", "2")
    assert status == 1
    return rows_of(store), time.monotonic() - since


def killed_often(archive: Path, store: Path, whole: dict[str, list[tuple[object, ...]]], moments: list[float]) -> int:
    """Kills a run at each of the moments, starting afresh when a store is complete; returns how often it was in work.

    After each kill what the store has of a document is all that the undisturbed store has of it.
    """
    in_work = 0
    for moment in moments:
        with started("structure", archive, "--db", store, "--jobs", "2", "--quiet") as process:
            time.sleep(moment)
            process.kill()
            process.communicate()
        if not store.exists() or not query(store, "SELECT 1 FROM sqlite_master WHERE name = 'files'"):
            continue
        found = rows_of(store)
        there = ids_in(found, "documents")
        in_work += 0 < len(there) < _DOCUMENTS
        for table in ("tables", "cells", "facts", "findings", "checks", "outlines"):
            assert found[table] == [row for row in whole[table] if row[0] in there], table
        if len(there) == _DOCUMENTS:
            finish_and_compare(archive, store, whole)
    finish_and_compare(archive, store, whole)
    return in_work


def finish_and_compare(archive: Path, store: Path, whole: dict[str, list[tuple[object, ...]]]) -> None:
    """Lets a last run finish: the store is that of the undisturbed run; then it is taken away."""
    status, _, _ = crossfoot("structure", archive, "--db", store, "--jobs", "2", "--quiet")
    assert status == 1
    assert rows_of(store) == whole
    assert query(store, "PRAGMA integrity_check") == [("ok",)]
    for path in store.parent.glob(f"{store.name}*"):
        path.unlink()


def test_fifty_kills_change_nothing(
    archive: Path, undisturbed: tuple[dict[str, list[tuple[object, ...]]], float]
) -> None:
    """Runs killed with -9 at random moments, spread over the run, and finished: equal to an undisturbed one."""
    whole, seconds = undisturbed
    chance = random.Random(20231)
    moments = [seconds * (0.3 + 0.75 * (place + chance.random()) / _KILLS) for place in range(_KILLS)]
    chance.shuffle(moments)
    results: list[int | BaseException] = []

    def side(name: str, own: list[float]) -> None:
        try:
            results.append(killed_often(archive, archive.parent / name, whole, own))
        except BaseException as error:  # noqa: BLE001  raised again below, in the test's own thread
            results.append(error)

    sides = [threading.Thread(target=side, args=(f"k{place}.db", moments[place::2])) for place in range(2)]
    for one in sides:
        one.start()
    for one in sides:
        one.join()
    for result in results:
        if isinstance(result, BaseException):
            raise result
    assert (
        sum(result for result in results if isinstance(result, int)) > 0
    )  # some fell amid the writing, how many depends on what else the machine does


def test_a_stop_ends_at_once_and_says_how_to_go_on(archive: Path, tmp_path: Path) -> None:
    """Ctrl-C and `kill`: status 130, what was finished is kept, and the next run does only the rest."""
    store, log = tmp_path / "s.db", tmp_path / "log"
    for how in (signal.SIGINT, signal.SIGTERM):
        with started("structure", archive, "--db", store, "--jobs", "2", "--force", "--log", log) as process:
            while not log.is_file() or not log.read_text(encoding="utf-8"):
                assert process.poll() is None
                time.sleep(0.005)
            process.send_signal(how)
            _, err = process.communicate(timeout=20)
        assert (process.returncode, "the same command does the rest" in err) == (130, True)
        assert "Traceback" not in err
        log.unlink()
    before = query(store, "SELECT count(*) FROM documents")[0][0]
    assert isinstance(before, int)
    status, out, _ = crossfoot("runs", "--db", store)
    assert (status, out.count("interrupted")) == (0, 2)
    crossfoot("structure", archive, "--db", store, "--jobs", "2")
    (made, kept), *_ = query(store, "SELECT structured, kept FROM runs ORDER BY id DESC")
    assert made == _DOCUMENTS - before
    assert kept == before + 1


def test_a_killed_run_is_listed_as_killed(archive: Path, tmp_path: Path) -> None:
    """While it runs it is said to run; a run without an end that holds no lock was killed."""
    store, log = tmp_path / "s.db", tmp_path / "log"
    with started("structure", archive, "--db", store, "--jobs", "2", "--log", log) as process:
        while not log.is_file() or not log.read_text(encoding="utf-8"):
            assert process.poll() is None
            time.sleep(0.005)
        process.send_signal(signal.SIGSTOP)
        while_running = crossfoot("runs", "--db", store)[1]
        process.kill()
        process.communicate()
    assert ("running" in while_running, "killed" in while_running) == (True, False)
    assert "killed" in crossfoot("runs", "--db", store)[1]
    crossfoot("structure", archive, "--db", store)
    assert query(store, "SELECT status FROM runs ORDER BY id") == [("killed",), ("finished",)]
