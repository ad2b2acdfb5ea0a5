"""Measures a batch over a made archive, by the real commands, and writes eval/reports/batch.md.

`make bench-batch`; with ARGS="--documents 100 --memory 20,100 --out some.md" it is done in a minute.
"""

import argparse
import datetime as dt
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

import corpus
from measured import ROOT, commit_of, machine, table
from processes import Cost, environment, watched

from crossfoot.storage.query import find_documents
from crossfoot.storage.store import Store

REPORT = ROOT / "eval" / "reports" / "batch.md"
#: What decides the numbers.
CODE = ("src", "schemas", "eval/corpus.py", "eval/corpus_names.py", "eval/processes.py", "eval/bench_batch.py")
COMMAND = (sys.executable, "-c", "from crossfoot.cli import main; main()")
_ROUNDS = 5
_ASKED = 40

_ABOUT = """\
The archive is made of the five disclosures in `examples/` by `eval/corpus.py`: other places, departments, years and
amounts, every sum as it was; nothing of crossfoot makes it. No model is asked. Documents per second are by the clock,
from the start of the command to its end; CPU time is that of all its processes. Memory is the peak resident set of the
process that was started and of the largest of its workers; *together* counts what they share once. A part is a quarter
of the documents in the order in which they were stored. `get` in process is the median over departments, one year of
one department, from the question to the document; as a command, from start to exit. Other work on the machine makes
every number worse.
"""


class Run(NamedTuple):
    """A run over so many documents by so many jobs: its cost, when each share was stored, and the store's bytes."""

    documents: int
    jobs: int
    cost: Cost
    marks: tuple[tuple[float, int], ...]
    stored: int
    size: int

    def rate(self, first: float, last: float) -> float:
        """Returns the documents per second between two shares of the run, by when they were seen in the store."""
        low, high = first * self.documents, last * self.documents
        inside = [(when, number) for when, number in self.marks if low <= number <= high]
        if len(inside) < 2 or inside[-1][0] == inside[0][0]:
            return 0.0
        return (inside[-1][1] - inside[0][1]) / (inside[-1][0] - inside[0][0])


class Latency(NamedTuple):
    """Seconds of `get` for one year of a department: the median and the slowest in process, the median command."""

    documents: int
    median: float
    slowest: float
    command: float


def run(archive: Path, db: Path, jobs: int) -> Run:
    """Structures the archive into a new store by the real command and returns what was seen."""
    number = sum(1 for _ in archive.rglob("*.txt"))
    started = time.perf_counter()
    marks: list[tuple[float, int]] = [(0.0, 0)]

    def look() -> None:
        stored = _stored(db)
        if stored > marks[-1][1]:
            marks.append((time.perf_counter() - started, stored))

    which = ("--jobs", str(jobs)) if _has_jobs() else ()  # without them it is one
    command = (*COMMAND, "structure", str(archive), "--db", str(db), "--reader", "grid", "--quiet", *which)
    cost = watched(command, environment(db.parent), look)
    if cost.code not in {0, 1}:
        sys.exit(f"crossfoot structure ended with {cost.code}; nothing is measured of a run that failed")
    marks.append((cost.wall, _stored(db)))
    size = sum(path.stat().st_size for path in db.parent.glob(f"{db.name}*"))
    return Run(number, jobs, cost, tuple(marks), _stored(db), size)


def latency(db: Path) -> Latency:
    """Returns how long `get` takes in a store, over departments spread through it."""
    with Store(db, must_exist=True) as store:
        entries = store.documents()
        asked = [entry for entry in entries[:: max(1, len(entries) // _ASKED)] if entry.fiscal_year is not None]
        seconds: list[float] = []
        for entry in asked:
            started = time.perf_counter()
            found = find_documents(store, entry.department, entry.fiscal_year)
            store.load(found[0].id)
            seconds.append(time.perf_counter() - started)
    times: list[float] = []
    for entry in asked[:_ROUNDS]:
        command = (*COMMAND, "get", entry.department, "--year", str(entry.fiscal_year), "--db", str(db))
        started = time.perf_counter()
        subprocess.run(command, check=True, capture_output=True, env=environment(db.parent))  # noqa: S603  our own
        times.append(time.perf_counter() - started)
    return Latency(len(entries), sorted(seconds)[len(seconds) // 2], max(seconds), sorted(times)[len(times) // 2])


def _stored(db: Path) -> int:
    """Returns how many documents the store has; 0 before there is one."""
    try:
        with closing(sqlite3.connect(f"{db.resolve().as_uri()}?mode=ro", uri=True, timeout=1)) as connection:
            return int(connection.execute("SELECT count(*) FROM documents").fetchone()[0])
    except sqlite3.Error:
        return 0


def _has_jobs() -> bool:
    command = (*COMMAND, "structure", "--help")
    return "--jobs" in subprocess.run(command, check=True, capture_output=True, text=True).stdout  # noqa: S603  our own


class Measured(NamedTuple):
    """All that is in the report: runs by number of jobs, runs for memory, latencies, and the archive's bytes."""

    speed: Sequence[Run]
    memory: Sequence[Run]
    latencies: Sequence[Latency]
    archive: int


def measure(folder: Path, documents: int, jobs: Sequence[int], memory: Sequence[int]) -> Measured:
    """Makes archives and stores in the folder and returns what was measured; stores are removed again."""
    archive = folder / "archive"
    size = corpus.write(archive, documents)
    jobs = jobs if _has_jobs() else (1,)
    speed: list[Run] = []
    latencies: list[Latency] = []
    for number in jobs:
        with tempfile.TemporaryDirectory(dir=folder) as made:
            speed.append(run(archive, Path(made) / "speed.db", number))
            if number == jobs[-1]:
                latencies.append(latency(Path(made) / "speed.db"))
    shutil.rmtree(archive)
    sizes: list[Run] = []
    for number in memory:
        corpus.write(archive, number)
        with tempfile.TemporaryDirectory(dir=folder) as made:
            sizes.append(run(archive, Path(made) / "memory.db", jobs[-1]))
            if number == max(memory):
                latencies.append(latency(Path(made) / "memory.db"))
        shutil.rmtree(archive)
    return Measured(speed, sizes, latencies, size)


def written(found: Measured, commit: str, arguments: Sequence[str] = ()) -> str:
    """Returns the report; `arguments` are those of the command, if any were given."""
    documents = found.speed[0].documents
    about = f"{machine()} · no model · {documents} documents, {found.archive / 1_000_000:.0f} MB of text"
    given = f' ARGS="{" ".join(arguments)}"' if arguments else ""
    today = dt.datetime.now(tz=dt.UTC).date()
    lines = [
        "# A batch over a made archive",
        "",
        f"Command: `make bench-batch{given}` · commit: `{commit}` · date: {today} · {about}.",
        "",
        _ABOUT,
        *_speed(found.speed),
        "",
        *_growth(found.speed),
        "",
        *_memory(found.memory),
        "",
        *_latencies(found.latencies),
        "",
        *_aims(found),
    ]
    return "\n".join(lines).rstrip() + "\n"


def _speed(runs: Sequence[Run]) -> Iterator[str]:
    heads = (
        "jobs",
        "documents per second",
        "wall s",
        "CPU ms each",
        "MB parent",
        "MB worker",
        "MB together",
        "store KB each",
    )
    yield "## Speed\n"
    yield from table(heads, [_speed_of(one) for one in runs])


def _speed_of(one: Run) -> tuple[object, ...]:
    cost = one.cost
    speed = (f"{one.stored / cost.wall:.1f}", f"{cost.wall:.0f}", f"{1000 * cost.cpu / one.stored:.0f}")
    return (one.jobs, *speed, *_memory_of(cost), f"{one.size / one.stored / 1024:.0f}")


def _memory_of(cost: Cost) -> tuple[str, str, str]:
    return f"{cost.parent_mb:.0f}", f"{cost.child_mb:.0f}", f"{cost.together_mb:.0f}"


def _growth(runs: Sequence[Run]) -> Iterator[str]:
    yield "## Growth\n\nDocuments per second in each quarter of the run.\n"
    quarters = [(place / 4, (place + 1) / 4) for place in range(4)]
    rows = [(one.jobs, *(f"{one.rate(*quarter):.1f}" for quarter in quarters)) for one in runs]
    yield from table(("jobs", "first", "second", "third", "last"), rows)


def _memory(runs: Sequence[Run]) -> Iterator[str]:
    yield "## Memory and store by the size of the archive\n"
    heads = ("documents", "jobs", "MB parent", "MB worker", "MB together", "store MB", "documents per second")
    rows = [
        (
            one.stored,
            one.jobs,
            *_memory_of(one.cost),
            f"{one.size / 1_000_000:.0f}",
            f"{one.stored / one.cost.wall:.1f}",
        )
        for one in runs
    ]
    yield from table(heads, rows)


def _latencies(found: Sequence[Latency]) -> Iterator[str]:
    yield "## `get`\n"
    rows = [
        (one.documents, f"{1000 * one.median:.0f}", f"{1000 * one.slowest:.0f}", f"{one.command:.2f}") for one in found
    ]
    yield from table(("documents stored", "in process, median ms", "slowest ms", "as a command s"), rows)


def _aims(found: Measured) -> Iterator[str]:
    fastest = max(one.stored / one.cost.wall for one in found.speed)
    last = found.latencies[-1]
    longest = found.speed[-1]
    yield "## Aims\n"
    rows = [
        ("at least 30 documents a second on two cores", f"{fastest:.1f}"),
        (
            "growth linear: last quarter against the first",
            f"{longest.rate(0.75, 1) / (longest.rate(0, 0.25) or 1):.2f}",
        ),
        ("`get` below 100 ms in process", f"{1000 * last.median:.0f} ms with {last.documents} documents"),
        ("`get` below 0.7 s as a command", f"{last.command:.2f} s"),
    ]
    yield from table(("aim", "reached"), rows)


def main() -> None:
    """Measures and writes the report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--documents", type=int, default=2000)
    parser.add_argument("--jobs", default="1,2", help="numbers of jobs, with commas")
    parser.add_argument("--memory", default="200,5000", help="sizes of archives for memory, with commas")
    parser.add_argument("--out", type=Path, default=REPORT)
    asked = parser.parse_args()
    commit = commit_of(CODE)
    with tempfile.TemporaryDirectory(prefix="crossfoot-batch-") as folder:
        jobs, memory = (tuple(map(int, text.split(","))) for text in (asked.jobs, asked.memory))
        found = measure(Path(folder), asked.documents, jobs, memory)
    asked.out.write_text(written(found, commit, sys.argv[1:]), encoding="utf-8")
    print(f"wrote {asked.out}")


if __name__ == "__main__":
    main()
