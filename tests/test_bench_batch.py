"""The measurement of a batch, run small: it sees the documents being stored and what the processes take."""

import sys
from pathlib import Path

import pytest
from bench_batch import Run, measure, written
from processes import Cost, environment, watched

from crossfoot import __file__ as package


@pytest.fixture(autouse=True)
def _our_code(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(Path(package).parents[1]))


def test_a_small_batch_is_measured(tmp_path: Path) -> None:
    found = measure(tmp_path, 6, (1,), (5,))
    (one,), (small,), (speed, memory) = found.speed, found.memory, found.latencies
    assert (one.documents, one.stored, one.marks[-1][1]) == (6, 6, 6)
    assert small.stored == memory.documents == 5
    assert speed.documents == 6
    assert one.cost.wall > 0 < one.cost.cpu
    assert one.size > 6 * 30_000  # each holds its own text
    assert one.cost.parent_mb > 20
    assert 0 < speed.median <= speed.slowest < speed.command
    report = written(found, "abc1234")
    assert "`abc1234`" in report
    assert "| 1 | " in report
    assert not list(tmp_path.iterdir())  # archives and stores are gone


def test_children_are_watched(tmp_path: Path) -> None:
    """A child that holds 60 MB and burns CPU time is seen as a child, and its time is counted."""
    child = "x = bytearray(60_000_000); [n * n for n in range(3_000_000)]; import time; time.sleep(0.6)"
    parent = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {child!r}])"
    cost = watched((sys.executable, "-c", parent), environment(tmp_path))
    assert cost.code == 0
    assert cost.child_mb > 60 > cost.parent_mb
    assert cost.cpu > 0.1


def test_rates_are_of_their_part_of_a_run() -> None:
    cost = Cost(0, 30.0, 0.0, 0.0, 0.0, 0.0)
    slower = Run(40, 1, cost, ((0.0, 0), (5.0, 10), (10.0, 20), (20.0, 30), (30.0, 40)), 40, 0)
    assert (slower.rate(0, 0.25), slower.rate(0.75, 1)) == (2.0, 1.0)


def test_a_child_that_nobody_waits_for_is_counted(tmp_path: Path) -> None:
    child = "import time; end = time.process_time() + 1.0\nwhile time.process_time() < end: pass"
    parent = f"import subprocess, sys, time; subprocess.Popen([sys.executable, '-c', {child!r}]); time.sleep(2.5)"
    assert watched((sys.executable, "-c", parent), environment(tmp_path)).cpu > 0.7
