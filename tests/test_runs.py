"""Runs side by side, what an operator sees of them, and what they would do."""

import json
import os
import pty
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from archives import LONG, Gate, command, crossfoot, make_archive, query, rows_of, started, text_of
from crossfoot.cli.watching import Watch, duration, pace
from crossfoot.storage.runs import About, running
from crossfoot.storage.store import Store
from misbehaving import Answer, Request, copying, serving

_NUMBER = 40


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_archive(tmp_path_factory.mktemp("archive") / "in", _NUMBER)


@pytest.fixture(scope="module")
def store(archive: Path) -> Path:
    """Returns a store of the whole archive, made by one process."""
    path = archive.parent / "whole.db"
    status, out, err = crossfoot("structure", archive, "--db", path, "--jobs", "1")
    assert (status, err) == (1, "")
    assert "40 documents" in out
    return path


# --- side by side -----------------------------------------------------------------------------------------------------


def test_the_second_of_two_runs_waits(archive: Path, store: Path, tmp_path: Path) -> None:
    """It says so, and takes up what the first left; with --no-wait it ends with status 2. Nothing is corrupt."""
    both, log = tmp_path / "both.db", tmp_path / "log"
    run = ("structure", archive / "区0", archive / "区1", "--db", both, "--log", log)
    with Gate(log) as gate, started(*run) as first:
        gate.pass_lines()
        first.send_signal(signal.SIGSTOP)
        link = tmp_path / "link.db"
        link.symlink_to(both)
        for store_by in (both, link):
            status, out, err = crossfoot("structure", archive, "--db", store_by, "--no-wait")
            assert (status, out, len(err.strip().splitlines())) == (2, "", 1)
            assert "another run is writing it" in err
        with started("structure", archive, "--db", both) as second:
            assert second.stderr is not None
            assert re.search(r"run 1 is writing it \(\d+ of 27 documents so far\); waiting", second.stderr.readline())
            first.send_signal(signal.SIGCONT)
            gate.open()
            first.communicate(timeout=LONG)
            second.communicate(timeout=LONG)
    assert rows_of(both) == rows_of(store)
    assert query(both, "SELECT structured, kept, status FROM runs ORDER BY id") == [
        (27, 0, "finished"), (13, 27, "finished"),
    ]  # fmt: skip
    assert query(both, "PRAGMA integrity_check") == [("ok",)]


def test_processes_make_what_one_makes(archive: Path, store: Path, tmp_path: Path) -> None:
    """Store, summary and exit status are the same, in whatever order the documents came."""
    status, out, _ = crossfoot("structure", archive, "--db", tmp_path / "s.db", "--jobs", "3")
    assert status == 1
    assert rows_of(tmp_path / "s.db") == rows_of(store)
    assert out == crossfoot("structure", archive, "--db", store)[1]


def test_memory_does_not_grow_with_the_archive(tmp_path: Path) -> None:
    """Six hundred documents take hardly more than two hundred, new or kept, in the process that writes."""
    peaks = []
    for number in (200, 600):
        archive = make_archive(tmp_path / str(number), number)
        for _ in range(2):
            run = command("structure", archive, "--db", tmp_path / f"{number}.db", "--jobs", "2", "--quiet")
            measured = [sys.executable, "-c", _MEASURED, *run]
            done = subprocess.run(measured, capture_output=True, text=True, check=True)
            peaks.append(int(done.stdout.split()[-1]))
        assert query(tmp_path / f"{number}.db", "SELECT structured, kept FROM runs") == [(number, 0), (0, number)]
    assert peaks[2] < peaks[0] + 4_000  # KB; the rows of the four hundred more are 10 MB
    assert peaks[3] < peaks[1] + 4_000


_MEASURED = """
import resource, subprocess, sys
subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""


# --- with a model -----------------------------------------------------------------------------------------------------


def test_a_model_answers_several_documents_at_once(archive: Path, tmp_path: Path) -> None:
    """As many calls as the endpoint takes and no more; what comes of it is what one document after another gives."""

    def together(request: Request) -> Answer:
        until = time.monotonic() + LONG
        while not request.is_probe and server.most_at_once < side_by_side:
            assert time.monotonic() < until
            time.sleep(0.005)
        return copying(request)

    with serving(together) as server:
        environment = {"CROSSFOOT_CONCURRENCY": "3", "CROSSFOOT_BASE_URL": server.base_url, "CROSSFOOT_MODEL": "m"}
        folder = archive / "区1"
        number = len(list(folder.iterdir()))
        stores, asked = [], []
        for jobs, side_by_side in (("4", 3), ("1", 1)):
            stores.append(tmp_path / f"{jobs}.db")
            server.requests.clear()
            server.most_at_once = 0
            status, _, err = crossfoot(
                "structure", folder, "--db", stores[-1], "--reader", "llm", "--jobs", jobs, environment=environment
            )
            assert status == 1
            asked.append(sorted(request.user for request in server.windows))
            assert server.most_at_once == side_by_side
            assert f"first read: {number} calls" in err
        assert asked[0] == asked[1]
        assert rows_of(stores[0]) == rows_of(stores[1])
        (spent,) = query(stores[0], "SELECT model, tokens_in > 0, tokens_out > 0 FROM runs")
        assert spent == ("m", 1, 1)


def test_what_needs_no_model_is_no_models_business(archive: Path, tmp_path: Path) -> None:
    """Under `auto` processes do what code can read, asking nothing, and another model changes nothing of it."""
    number = len(list((archive / "区2").iterdir()))
    with serving(copying) as server:
        for model in ("one", "other"):
            environment = {"CROSSFOOT_BASE_URL": server.base_url, "CROSSFOOT_MODEL": model}
            crossfoot("structure", archive / "区2", "--db", tmp_path / "s.db", "--jobs", "2", environment=environment)
        assert server.requests == []
    made = query(tmp_path / "s.db", "SELECT structured, kept FROM runs ORDER BY id")
    assert made == [(number, 0), (0, number)]


def test_what_needs_a_model_goes_on_to_it(archive: Path, tmp_path: Path) -> None:
    """Under `auto` a text whose columns are lost is put to the model; a rerun keeps it, another model reads it anew."""
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "lost.txt").write_text(LOST, encoding="utf-8")
    for path in sorted((archive / "区2").iterdir()):
        (tmp_path / "in" / path.name).write_bytes(path.read_bytes())
    number = len(list((tmp_path / "in").iterdir()))
    with serving(copying) as server:
        for model in ("one", "one", "other"):
            environment = {"CROSSFOOT_BASE_URL": server.base_url, "CROSSFOOT_MODEL": model}
            options = ("--db", tmp_path / "s.db", "--jobs", "2", "--output", "json_schema")
            crossfoot("structure", tmp_path / "in", *options, environment=environment)
        assert server.requests
    made = query(tmp_path / "s.db", "SELECT structured, kept FROM runs ORDER BY id")
    assert made == [(number, 0), (0, number), (1, number - 1)]


#: A sentence whose amount no pattern understands.
LOST = text_of(500) + "\n2023年本部门预算支出中，某某活动另有12.34万元，情况与往常相似。\n"


# --- what an operator sees --------------------------------------------------------------------------------------------


def test_runs_lists_what_was_done(archive: Path, tmp_path: Path) -> None:
    """The latest first, with what came of the files; a store without runs says so."""
    path = tmp_path / "s.db"
    (tmp_path / "bad.txt").write_bytes(b"%PDF")
    crossfoot("structure", archive / "区0", tmp_path / "bad.txt", "--db", path, "--reader", "grid")
    crossfoot("structure", archive / "区0", "--db", path)
    status, out, err = crossfoot("runs", "--db", path)
    assert (status, err) == (0, "")
    heads, _, second, first = [line.split() for line in out.splitlines() if line.strip()]
    assert heads[:7] == ["run", "started", "took", "files", "new", "kept", "failed"]
    assert (first[0], first[-1], second[0], second[-1]) == ("1", "finished", "2", "finished")
    assert [first[5:9], second[5:9]] == [["14", "13", "0", "1"], ["13", "0", "13", "0"]]
    assert [first[9:12], second[9:12]] == [["12", "0", "1"], ["12", "0", "1"]]
    with Store(tmp_path / "none.db"):
        pass
    assert crossfoot("runs", "--db", tmp_path / "none.db") == (0, "", "no run is kept in this store\n")


def test_the_log_has_a_line_for_every_file(archive: Path, tmp_path: Path) -> None:
    """Appended by every run; a failure is a line too."""
    (tmp_path / "bad.txt").write_bytes(b"%PDF")
    log = tmp_path / "logs" / "runs.jsonl"
    for _ in range(2):
        crossfoot("structure", archive / "区0", tmp_path / "bad.txt", "--db", tmp_path / "s.db", "--log", log)
    lines = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]
    assert [line["run"] for line in lines] == [1] * 14 + [2] * 14
    assert [line["came"] for line in lines].count("failed") == 2
    assert {line["file"] for line in lines if line["run"] == 1} == {line["file"] for line in lines if line["run"] == 2}
    (bad,) = [line for line in lines if line["run"] == 1 and line["came"] == "failed"]
    assert "is a PDF" in bad["problem"]
    (flagged,) = [line for line in lines if line.get("outcome") == "flagged" and line["run"] == 2]
    assert (flagged["came"], flagged["tables"], flagged["errors"] > 0) == ("kept", 1, True)


def test_a_dry_run_writes_nothing_and_counts_right(archive: Path, tmp_path: Path) -> None:
    """What it says would be structured is what is; with a model also the tokens, and nothing is asked."""
    path, bad = tmp_path / "s.db", tmp_path / "bad.txt"
    bad.write_bytes(b"%PDF")
    paths = archive, bad, tmp_path / "none.txt"
    status, out, err = crossfoot("structure", *paths, "--db", path, "--dry-run", "--jobs", "2", "--reader", "grid")
    assert (status, err) == (1, f"crossfoot: {tmp_path / 'none.txt'}: no such file or folder\n")
    assert "40 of 41 files would be structured; 0 are kept already or are copies, 1 cannot be read" in out
    assert re.search(r"about [\d.]+ s by columns with 2 jobs, measured on \d+ of them", out)
    assert not path.exists()
    crossfoot("structure", archive / "区0", "--db", path)
    before = path.read_bytes()
    assert (
        "27 of 40 files would be structured; 13 are kept"
        in crossfoot("structure", archive, "--db", path, "--dry-run")[1]
    )
    with serving(copying) as server:
        environment = {"CROSSFOOT_BASE_URL": server.base_url, "CROSSFOOT_MODEL": "m"}
        options = ("--db", path, "--dry-run", "--reader", "llm")
        _, out, _ = crossfoot("structure", archive, *options, environment=environment)
        assert server.requests == []
    assert path.read_bytes() == before
    said = re.search(r"about ([\d,]+) tokens of m", out)
    assert said is not None
    assert int(said[1].replace(",", "")) > 40 * 450


def test_progress_is_lines_in_a_pipe(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Every so often one line with the number, the rate, the time left and what came of the documents."""
    with (
        Store(tmp_path / "s.db") as store,
        running(store, About([tmp_path], "grid", 1, 400)) as course,
    ):
        course.structured, course.failed, course.outcomes["flagged"] = 99, 1, 99
        lines: list[str] = []
        with Watch(course, 400, quiet=False, seconds_between_lines=0.05):
            until = time.monotonic() + LONG
            while not lines and time.monotonic() < until:
                time.sleep(0.02)
                lines = capsys.readouterr().err.splitlines()
    assert re.fullmatch(
        r"crossfoot: 100 of 400 documents, [\d.]+ a (second|minute), .* left; 99 flagged, 1 failed", lines[0]
    ), lines[0]


def test_what_goes_slowly_has_a_rate_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A model may take minutes for each document; how long the rest takes is said all the same."""
    with Store(tmp_path / "s.db") as store, running(store, About([tmp_path], "llm", 1, 10)) as course:
        now = time.monotonic()
        monkeypatch.setattr(time, "monotonic", lambda: now + 200 * course.documents)
        watch = Watch(course, 10, quiet=True)
        for _ in range(4):
            course.structured += 1
            watch.moved()
        said = watch.line()
        monkeypatch.undo()
    assert said == "4 of 10 documents, 18.0 an hour, 20 min 0 s left"


def test_a_terminal_shows_a_bar_and_stdout_stays_clean(archive: Path, tmp_path: Path) -> None:
    """The bar is on stderr with the counts by verdict, and gone at the end."""
    here, there = pty.openpty()
    with subprocess.Popen(
        command("structure", archive, "--db", tmp_path / "s.db"), stdout=subprocess.PIPE, stderr=there,
        env=os.environ | {"TERM": "xterm", "COLUMNS": "120"}, start_new_session=True,
    ) as process:  # fmt: skip
        os.close(there)
        shown = b""
        while True:
            try:
                shown += os.read(here, 4096)
            except OSError:
                break
        out = process.stdout.read().decode() if process.stdout else ""
    os.close(here)
    assert process.returncode == 1
    assert "of 40 documents" in shown.decode()
    assert " accepted" in shown.decode()
    assert "40 documents" in out
    assert "\x1b" not in out


def test_many_documents_end_in_a_short_summary(tmp_path: Path) -> None:
    """Of more than fifty only the worst have a line; the counts are those of all."""
    archive = make_archive(tmp_path / "in", 60)
    _, out, err = crossfoot("structure", archive, "--db", tmp_path / "s.db")
    assert "the worst 25 documents" in out
    assert "60 documents" in out
    assert len([line for line in out.splitlines() if "区" in line and "error" not in line]) <= 2 * 25
    assert re.search(r"run 1: 60 files in .*: 60 structured, 0 kept, 0 failed", err)
    assert sys.getsizeof(out) < 20_000


def test_durations_are_for_people() -> None:
    """Seconds, minutes, hours."""
    assert [pace(rate) for rate in (31.24, 0.5, 0.001)] == ["31.2 a second", "30.0 a minute", "3.6 an hour"]
    assert [duration(seconds) for seconds in (0.04, 59.9, 75, 7380)] == ["0.0 s", "59.9 s", "1 min 15 s", "2 h 3 min"]
