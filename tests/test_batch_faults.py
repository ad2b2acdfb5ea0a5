"""What goes wrong around a batch costs what it hits, is said in a sentence, and the same command does the rest."""

import ctypes
import os
import resource
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from archives import LONG, Gate, crossfoot, make_archive, query, rows_of, started, text_of, workers_of

_NUMBER = 40


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_archive(tmp_path_factory.mktemp("archive") / "in", _NUMBER)


@pytest.fixture(scope="module")
def whole(archive: Path) -> dict[str, list[tuple[object, ...]]]:
    """Returns the rows of the store of a run in which nothing went wrong."""
    assert crossfoot("structure", archive, "--db", archive.parent / "whole.db")[0] == 1
    return rows_of(archive.parent / "whole.db")


def hold_amid(process: "subprocess.Popen[str]", gate: Gate) -> None:
    """Waits until a document is done, and holds the process that writes: it cannot have done them all."""
    gate.pass_lines()
    process.send_signal(signal.SIGSTOP)


def ended(process: "subprocess.Popen[str]", gate: Gate) -> tuple[int, str]:
    """Lets the process go on and returns its status and what it says on stderr."""
    process.send_signal(signal.SIGCONT)
    gate.open()
    _, err = process.communicate(timeout=LONG)
    assert "Traceback" not in err
    return process.returncode, err


def test_a_file_that_vanishes_costs_itself(tmp_path: Path) -> None:
    """Gone between the listing and the reading: one line each, status 1, all others are there."""
    archive, log = make_archive(tmp_path / "in", 150), tmp_path / "log"
    run = ("structure", archive, "--db", tmp_path / "s.db", "--log", log, "--jobs", "1")
    with Gate(log) as gate, started(*run) as process:
        hold_amid(process, gate)
        listed = max((archive / "区0").iterdir())  # the folder that is gone through now
        listed.unlink()
        max((archive / "区2").iterdir()).unlink()
        status, err = ended(process, gate)
    assert status == 1
    assert f"crossfoot: {listed}: No such file or directory" in err.splitlines()
    assert "crossfoot: 1 file that was there at the start was gone before its turn came" in err.splitlines()
    assert query(tmp_path / "s.db", "SELECT count(*) FROM documents") == [(148,)]
    assert query(tmp_path / "s.db", "SELECT structured, failed, status FROM runs") == [(148, 1, "finished")]


def test_a_process_that_dies_costs_nothing(
    archive: Path, whole: dict[str, list[tuple[object, ...]]], tmp_path: Path
) -> None:
    """Whether it works, waits or is only being started: another process makes its document."""
    store, log = tmp_path / "s.db", tmp_path / "log"
    with (
        Gate(log) as gate,
        started("structure", archive, "--db", store, "--log", log, "--jobs", "2") as process,
    ):
        hold_amid(process, gate)
        os.kill(workers_of(process.pid)[0], signal.SIGKILL)
        assert ended(process, gate) == (1, "")
    assert query(store, "SELECT structured, failed FROM runs") == [(_NUMBER, 0)]
    assert rows_of(store) == whole


def test_documents_of_which_processes_die_are_said(
    archive: Path, whole: dict[str, list[tuple[object, ...]]], tmp_path: Path
) -> None:
    """Each process is killed as soon as it is seen, for a while: what that cost is a line each, and done next time.

    One document takes so long that no process gets through with it in that while.
    """
    store, log, long = tmp_path / "s.db", tmp_path / "log", tmp_path / "long.txt"
    rows = (f"208{row % 100:02}{row // 100:02}\t支出{row}\t{row}.00\t{row - 1}.00\t1.00\n" for row in range(1, 2000))
    long.write_text(text_of(1000) + "".join(rows), encoding="utf-8")
    number = _NUMBER + 1
    with started("structure", long, archive, "--db", store, "--log", log, "--jobs", "2") as process:
        while not log.is_file() or '"failed"' not in log.read_text(encoding="utf-8"):
            assert process.poll() is None
            for worker in workers_of(process.pid):
                with suppress(ProcessLookupError):
                    os.kill(worker, signal.SIGKILL)
        _, err = process.communicate(timeout=LONG)
    failed = len(err.splitlines())
    assert process.returncode == 1
    assert err.count("the same command tries again\n") == failed > 0
    assert query(store, "SELECT structured, failed FROM runs") == [(number - failed, failed)]
    assert crossfoot("structure", long, archive, "--db", store)[0] == 1
    assert query(store, "SELECT structured, kept, failed FROM runs WHERE id = 2") == [(failed, number - failed, 0)]
    for table, rows_there in rows_of(store).items():
        assert [row for row in rows_there if row in whole[table]] == whole[table], table


def test_no_process_outlives_a_killed_run(archive: Path, tmp_path: Path) -> None:
    """Whoever is killed with -9 takes the processes that structure with it."""
    log = tmp_path / "log"
    run = ("structure", archive, "--db", tmp_path / "s.db", "--log", log, "--jobs", "2")
    with Gate(log) as gate, started(*run) as process:
        hold_amid(process, gate)
        workers = workers_of(process.pid)
        process.kill()
        process.communicate()
    assert workers
    until = time.monotonic() + LONG
    while any(is_alive(worker) for worker in workers):
        assert time.monotonic() < until
        time.sleep(0.02)


def is_alive(pid: int) -> bool:
    try:
        return ") Z " not in Path(f"/proc/{pid}/stat").read_text(encoding="utf-8")
    except OSError:
        return False


def test_a_run_that_nobody_listens_to_goes_on(
    archive: Path, whole: dict[str, list[tuple[object, ...]]], tmp_path: Path
) -> None:
    """Whoever read its remarks has gone; they are lost, and no document is."""
    (tmp_path / "bad.txt").write_bytes(b"%PDF")
    store = tmp_path / "s.db"
    with started("structure", tmp_path / "bad.txt", archive, "--db", store, "--jobs", "2") as process:
        assert process.stderr is not None
        process.stderr.close()
        assert process.stdout is not None
        process.stdout.read()
        assert process.wait(LONG) == 1
    assert query(store, "SELECT structured, failed, status FROM runs") == [(_NUMBER, 1, "finished")]
    assert rows_of(store) == whole


def test_a_huge_file_is_refused_unread(archive: Path, tmp_path: Path) -> None:
    """200 MB: one line with the reason, and no more memory than without it."""
    shutil.copytree(archive / "区1", tmp_path / "in")
    with (tmp_path / "in" / "huge.txt").open("wb") as huge:
        huge.truncate(200 * 1024 * 1024)

    def bounded() -> None:
        resource.setrlimit(resource.RLIMIT_DATA, (400 * 1024 * 1024,) * 2)

    status, _, err = crossfoot(
        "structure", tmp_path / "in", "--db", tmp_path / "s.db", "--jobs", "1", preexec_fn=bounded
    )
    assert status == 1
    assert "huge.txt: 209,715,200 bytes; files over" in err
    assert query(tmp_path / "s.db", "SELECT failed FROM runs") == [(1,)]


def test_a_folder_that_cannot_be_read_is_said(archive: Path, tmp_path: Path) -> None:
    """Links in a circle end; a folder that is gone or closed is a line."""
    shutil.copytree(archive, tmp_path / "in")
    (tmp_path / "in" / "区1" / "circle").symlink_to(tmp_path / "in")
    status, _, err = crossfoot("structure", tmp_path / "in", "--db", tmp_path / "s.db")
    assert status == 1
    assert "circle: is a link to a folder and is not followed" in err
    assert query(tmp_path / "s.db", "SELECT files, structured FROM runs") == [(_NUMBER, _NUMBER)]


def test_a_folder_without_permission_costs_itself(archive: Path, tmp_path: Path) -> None:
    """Given by name, or met on the way: a line before anything is done, and the others are structured."""
    shutil.copytree(archive, tmp_path / "in")
    closed = tmp_path / "in" / "区1"
    closed.chmod(0)
    run = ("structure", closed / "0001.txt", tmp_path / "in", "--db", tmp_path / "s.db")
    try:
        for more in (("--dry-run",), ("--quiet",)):
            status, _, err = crossfoot(*run, *more, preexec_fn=without_rights)
            assert (status, [line for line in err.splitlines() if "cannot be read" in line]) == (
                1,
                [f"crossfoot: {path}: cannot be read: Permission denied" for path in (closed / "0001.txt", closed)],
            )
        status, _, err = crossfoot("get", "0001.txt", "--db", closed / "s.db", preexec_fn=without_rights)
        assert (status, err) == (2, f"crossfoot: {closed / 's.db'}: Permission denied\n")
    finally:
        closed.chmod(0o755)
    there = sum(1 for path in archive.rglob("*.txt") if path.parent.name != "区1")
    assert query(tmp_path / "s.db", "SELECT structured, failed, status FROM runs") == [(there, 0, "finished")]


@pytest.mark.usefixtures("whole")
@pytest.mark.parametrize("command", [["structure", "in", "--force"], ["verify"], ["get", "0001.txt"]])
def test_a_corrupt_store_says_how_to_recover(archive: Path, tmp_path: Path, command: list[str]) -> None:
    """Every command says that the file is damaged and what to do; nothing is written over it."""
    (tmp_path / "in").symlink_to(archive)
    store = tmp_path / "crossfoot.db"
    content = bytearray((archive.parent / "whole.db").read_bytes())
    for page in range(4096, len(content), 4096):
        content[page : page + 1500] = b"\xa5" * 1500
    store.write_bytes(content)
    status, _, err = crossfoot(*command, cwd=tmp_path)
    assert status == 2
    assert len(err.strip().splitlines()) == 1
    assert "move it away, and `structure` makes it anew" in err
    assert ".recover" in err


@pytest.mark.usefixtures("whole")
def test_verify_finds_damage_that_no_question_meets(archive: Path, tmp_path: Path) -> None:
    """A damaged index is said, although every document can be read."""
    store = tmp_path / "s.db"
    shutil.copy(archive.parent / "whole.db", store)
    query(store, "PRAGMA writable_schema = ON")
    (root,) = query(store, "SELECT rootpage FROM sqlite_master WHERE name = 'files_by_document'")
    content = bytearray(store.read_bytes())
    place = (int(str(root[0])) - 1) * 4096
    content[place + 3 : place + 5] = b"\x00\x01"  # the index says that it has one entry
    store.write_bytes(content)
    status, out, _ = crossfoot("verify", "--db", store)
    assert status == 1
    assert "the file is damaged: " in out


# --- disks ------------------------------------------------------------------------------------------------------------


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """Returns a folder on a disk of 1.5 MB of its own."""
    place = tmp_path / "disk"
    place.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1536k", "tmpfs", place], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("a small file system cannot be mounted here; the test with a limit on files does the same")
    yield place
    subprocess.run(["umount", place], check=True)


def test_a_full_disk_keeps_what_was_finished(
    archive: Path, whole: dict[str, list[tuple[object, ...]]], small_disk: Path
) -> None:
    """One line, status 2; with room made the same command does the rest, and nothing is lost or there twice."""
    store, ballast = small_disk / "s.db", small_disk / "ballast"
    ballast.write_bytes(b"x" * 900 * 1024)
    status, out, err = crossfoot("structure", archive, "--db", store)
    assert (status, out) == (2, "")
    assert len(err.strip().splitlines()) == 1
    assert "the disk is full; what was finished is kept" in err
    ballast.unlink()
    done = query(store, "SELECT count(*) FROM documents")[0][0]
    assert isinstance(done, int)
    assert 0 < done < _NUMBER
    subprocess.run(["mount", "-o", "remount,size=32m", small_disk], check=True)
    assert crossfoot("structure", archive, "--db", store)[0] == 1
    assert query(store, "SELECT structured, kept FROM runs ORDER BY id DESC LIMIT 1") == [(_NUMBER - done, done)]
    assert rows_of(store) == whole


def test_files_that_may_not_grow_are_a_full_disk(
    archive: Path, whole: dict[str, list[tuple[object, ...]]], tmp_path: Path
) -> None:
    """The same where a quota ends the writing."""
    store = tmp_path / "s.db"

    def bounded() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (500 * 1024, 500 * 1024))

    status, out, err = crossfoot("structure", archive, "--db", store, "--jobs", "1", preexec_fn=bounded)
    assert (status, out, len(err.strip().splitlines())) == (2, "", 1)
    assert "what was finished is kept" in err
    assert crossfoot("structure", archive, "--db", store)[0] == 1
    assert rows_of(store) == whole


def test_a_full_disk_under_the_log_is_one_line(archive: Path, tmp_path: Path) -> None:
    """A log that cannot be written ends the run like a store that cannot."""
    status, _, err = crossfoot("structure", archive, "--db", tmp_path / "s.db", "--log", "/dev/full", "--jobs", "1")
    assert (status, len(err.strip().splitlines())) == (2, 1)
    assert "the log cannot be written: No space left" in err


def test_a_read_only_disk_is_said(archive: Path, small_disk: Path) -> None:
    """No store can be made there, and one that is there is only read."""
    status, _, _ = crossfoot("structure", archive / "区1" / "0001.txt", "--db", small_disk / "s.db", "--quiet")
    assert status == 0
    subprocess.run(["mount", "-o", "remount,ro", small_disk], check=True)
    is_only_read(archive, small_disk)


@pytest.mark.usefixtures("whole")
def test_a_folder_that_may_not_be_written_is_said(archive: Path, tmp_path: Path) -> None:
    """The same by permissions, for who has no right to pass over them."""
    closed = tmp_path / "closed"
    closed.mkdir()
    shutil.copy(archive.parent / "whole.db", closed / "s.db")
    (closed / "s.db").chmod(0o444)
    closed.chmod(0o555)

    try:
        is_only_read(archive, closed, preexec_fn=without_rights)
    finally:
        closed.chmod(0o755)


def test_who_may_only_read_sees_what_a_run_has_written(archive: Path, tmp_path: Path) -> None:
    """While it goes on, and after it was killed: documents that are still in the log of the store are there."""
    closed = tmp_path / "closed"
    closed.mkdir()
    store = closed / "s.db"
    with (
        Gate(tmp_path / "log") as gate,
        started("structure", archive, "--db", store, "--jobs", "1", "--log", tmp_path / "log") as process,
    ):
        hold_amid(process, gate)
        (name,) = [str(row[0]) for row in query(store, "SELECT name FROM documents ORDER BY name LIMIT 1")]
        for path in closed.iterdir():
            path.chmod(0o444)
        closed.chmod(0o555)
        try:
            during = crossfoot("get", name, "--db", store, preexec_fn=without_rights)
            assert "running" in crossfoot("runs", "--db", store, preexec_fn=without_rights)[1]
            process.kill()
            process.communicate()
            assert "killed" in crossfoot("runs", "--db", store, preexec_fn=without_rights)[1]
            assert crossfoot("get", name, "--db", store, preexec_fn=without_rights) == during
        finally:
            closed.chmod(0o755)
    assert (during[0], name in during[1]) == (0, True)


#: In the words of Linux: PR_CAPBSET_DROP; CAP_DAC_OVERRIDE and CAP_DAC_READ_SEARCH. Who is not root has none of them.
_DROP, _PASSING_OVER_PERMISSIONS = 24, (1, 2)
_PRCTL = ctypes.CDLL(None).prctl


def without_rights() -> None:
    """Makes the process that is about to start one that permissions hold for, whoever starts it."""
    for right in _PASSING_OVER_PERMISSIONS:
        _PRCTL(_DROP, right, 0, 0, 0)


def is_only_read(archive: Path, folder: Path, **more: Any) -> None:
    """Nothing can be written there and it is said, but the store that is there can be asked."""
    for name in ("s.db", "new.db"):
        status, _, err = crossfoot("structure", archive, "--db", folder / name, **more)
        assert (status, len(err.strip().splitlines())) == (2, 1)
        assert "can be written" in err or "cannot be written" in err
    assert crossfoot("get", "0001.txt", "--db", folder / "s.db", **more)[0] == 0
    assert "finished" in crossfoot("runs", "--db", folder / "s.db", **more)[1]


# --- the clock --------------------------------------------------------------------------------------------------------

_JUMPING = """
#define _GNU_SOURCE
#include <dlfcn.h>
#include <time.h>
int clock_gettime(clockid_t which, struct timespec *now) {
    static int (*real)(clockid_t, struct timespec *);
    static long calls;
    if (!real) real = dlsym(RTLD_NEXT, "clock_gettime");
    int status = real(which, now);
    if (which == CLOCK_REALTIME) now->tv_sec += (calls++ % 2 ? -1 : 1) * 86400L * 30;
    return status;
}
"""


def test_a_clock_that_jumps_changes_no_order_and_no_duration(archive: Path, tmp_path: Path) -> None:
    """The time of day leaps by months, back and forth: runs stand in their order and took what they took."""
    compiler = shutil.which("cc")
    if compiler is None:
        pytest.skip("no C compiler to make a clock that jumps")
    (tmp_path / "jump.c").write_text(_JUMPING, encoding="utf-8")
    library = tmp_path / "jump.so"
    subprocess.run([compiler, "-shared", "-fPIC", "-o", library, tmp_path / "jump.c", "-ldl"], check=True)
    store = tmp_path / "s.db"
    since = time.monotonic()
    for _ in range(2):
        crossfoot("structure", archive, "--db", store, environment={"LD_PRELOAD": str(library)})
    passed = time.monotonic() - since
    seen = query(store, "SELECT id, started_at, ended_at, seconds, status FROM runs ORDER BY id")
    assert any(str(row[1]) > str(row[2]) or str(row[1])[:7] != str(row[2])[:7] for row in seen)  # it did jump
    assert [(row[0], row[4]) for row in seen] == [(1, "finished"), (2, "finished")]
    assert all(0 < float(str(row[3])) < passed for row in seen)
    listed = crossfoot("runs", "--db", store)[1].splitlines()
    assert [line.split()[0] for line in listed if "finished" in line] == ["2", "1"]
