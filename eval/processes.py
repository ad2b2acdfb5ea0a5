"""What a command costs while it runs: the memory of its processes, the CPU time of all of them, from /proc."""

import os
import resource
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

_PAUSE = 0.2
_MB = 1024


class Cost(NamedTuple):
    """What a command cost: its exit code, wall and CPU seconds, and MB at most: of itself, a child, all at once.

    All at once counts what processes share only once (PSS), where the system tells it.
    """

    code: int
    wall: float
    cpu: float
    parent_mb: float
    child_mb: float
    together_mb: float


def watched(command: Sequence[str], env: Mapping[str, str], look: Callable[[], None] = lambda: None) -> Cost:
    """Runs the command to its end and returns what it cost; `look` is called five times a second."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    started = time.perf_counter()
    peaks: dict[int, float] = {}
    seconds: dict[int, float] = {}
    together = 0.0
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=dict(env)) as process:  # noqa: S603  our own command
        while process.poll() is None:
            family = _with_children(process.pid)
            for pid in family:
                peaks[pid] = max(peaks.get(pid, 0.0), _said(pid, "status", "VmHWM"))
                seconds[pid] = max(seconds.get(pid, 0.0), _cpu_of(pid))
            together = max(together, sum(_said(pid, "smaps_rollup", "Pss") for pid in family))
            look()
            time.sleep(_PAUSE)
        wall = time.perf_counter() - started
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    # A worker that outlives its parent for a moment is waited for by nobody: then what was last seen of each counts.
    waited = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    cpu = max(waited, sum(seconds.values()))
    children = max((peak for pid, peak in peaks.items() if pid != process.pid), default=0.0)
    return Cost(process.returncode, wall, cpu, peaks.get(process.pid, 0.0), children, together)


def _with_children(pid: int) -> list[int]:
    """Returns a process and all that it started, by what each of their threads says."""
    found = [pid]
    for parent in found:
        for listed in Path(f"/proc/{parent}/task").glob("*/children"):
            try:
                found += [int(child) for child in listed.read_text().split()]
            except OSError:  # it has just ended
                continue
    return found


def _said(pid: int, file: str, field: str) -> float:
    """Returns a field of a process's file in /proc in MB; 0 if it has ended or the system does not tell."""
    try:
        lines = Path(f"/proc/{pid}/{file}").read_text().splitlines()
    except OSError:
        return 0.0
    return next((int(line.split()[1]) / _MB for line in lines if line.startswith(f"{field}:")), 0.0)


def _cpu_of(pid: int) -> float:
    """Returns the CPU seconds of a process alone; 0 if it has ended."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def environment(home: Path) -> dict[str, str]:
    """Returns the environment of a command that finds no model and no configuration of the user's."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("CROSSFOOT_", "OPENAI_"))}
    return {**kept, "CROSSFOOT_MODEL_DIR": str(home / "no-models")}
