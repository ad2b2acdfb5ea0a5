"""A run: every task of a plan that is not measured yet, side by side, kept one by one.

Without a model the tasks go to processes; with one they share its desk, as many at a time as it answers.
"""

import hashlib
import os
import signal
import subprocess
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from multiprocessing import get_context, parent_process
from pathlib import Path
from threading import Thread
from typing import NamedTuple

from crossfoot.errors import ModelUnavailable
from crossfoot.evaluation.cases import CaseError, Cases, load_cases
from crossfoot.evaluation.measure import Asking, Task, crash, machine, measure, now
from crossfoot.evaluation.nouns import Condition, Measurement, Setting, Stamp
from crossfoot.evaluation.runfile import RunFile
from crossfoot.evaluation.subjects import Scope, Subject, subjects_of
from crossfoot.reading.llm.windows import Desk
from crossfoot.storage.batch import own_code
from crossfoot.tabletypes import Catalog, load_catalog

#: Tasks handed to a process ahead of time: enough that none waits, few enough that a stop is soon one.
_AHEAD = 2


class Bench(NamedTuple):
    """What tasks are measured on: folders of labels and texts, of own table types, and what is measured of them."""

    cases: Path
    texts: tuple[Path, ...]
    schemas: tuple[Path, ...] = ()
    scope: Scope = "documents"
    wanted: tuple[str, ...] = ()
    only_open: bool = False


class Prepared(NamedTuple):
    """A bench with everything read: the subjects by name, the table types, and the stamp of what is measured on it."""

    subjects: dict[str, Subject]
    catalog: Catalog
    stamp: Stamp


def prepare(bench: Bench) -> Prepared:
    """Returns the bench with everything read; raises CaseError or SchemaError where it cannot be."""
    subjects, catalog, digest = _read(bench)
    stamp = Stamp(
        commit=commit_of(Path(__file__)),
        code=hashlib.sha256(own_code() + _evaluation_code()).hexdigest()[:16],
        cases_sha256=digest,
        schema_sha256=catalog.digest.hex(),
        machine=machine(),
        measured_at=now(),
    )
    return Prepared(subjects, catalog, stamp)


def _read(bench: Bench) -> tuple[dict[str, Subject], Catalog, str]:
    catalog = load_catalog(bench.schemas)
    cases = load_cases(bench.cases, bench.texts, catalog)
    subjects = {
        subject.name: subject for subject in subjects_of(cases, bench.scope, bench.wanted, only_open=bench.only_open)
    }
    if not subjects:
        example = cases.cases[0].name
        called = f" is called {', '.join(bench.wanted)}" if bench.wanted else ""
        held_out = " that is not held out" if bench.only_open else ""
        raise CaseError(f"{bench.cases}: no case{held_out}{called}; they are called as their files, e.g. {example}")
    return subjects, catalog, _digest(cases)


def tasks_of(subjects: Iterable[str], conditions: Iterable[Condition], settings: Iterable[Setting]) -> list[Task]:
    """Returns every subject under every condition by every setting, the undamaged ones first."""
    every = sorted(set(conditions), key=lambda one: (one.level, one.degradation, one.seed))
    names = list(subjects)
    return [
        Task(subject=name, condition=condition, setting=setting)
        for setting in settings
        for condition in every
        for name in names
    ]


def missing(tasks: Iterable[Task], file: RunFile, prepared: Prepared, stamp: Stamp | None = None) -> list[Task]:
    """Returns the tasks that the file does not have, or has from other code, labels, schemas or prompts.

    One that failed with a model is asked again: the model may be there now, and what it said is recorded. So is a
    document of which not every table that is wanted now was scored. Without a `stamp` prompts and models are not
    compared, which are known only where a model is there.
    """

    def is_made(task: Task) -> bool:
        made = file.made.get(task)
        if made is None or (made.error and made.setting.prompt):
            return False
        scored = {score.case for score in made.tables}
        if not scored.issuperset(case.name for case in prepared.subjects[task.subject].cases):
            return False
        asked = {name: getattr(made.stamp, name) for name in ("prompt_sha256", "model_settings")}
        return made.stamp.deciding == (stamp or prepared.stamp.model_copy(update=asked)).deciding

    return [task for task in tasks if not is_made(task)]


def run_in_processes(waiting: deque[Task], bench: Bench, prepared: Prepared, jobs: int) -> Iterator[Measurement]:
    """Yields the measurements without a model as they are made; a process that dies is a crash of its task alone.

    Whoever empties what is waiting stops it: what is under way is still measured.
    """
    if jobs <= 1:
        while waiting:
            task = waiting.popleft()
            yield measure(prepared.subjects[task.subject], task, prepared.catalog, prepared.stamp)
        return
    while waiting:
        suspects: list[Task] = []
        with _pool(bench, jobs) as pool:
            for task, future in _side_by_side(pool, waiting, _AHEAD * jobs):
                if isinstance(future.exception(), BrokenProcessPool):
                    suspects.append(task)
                else:
                    yield future.result()
        for task in suspects:
            yield _alone(task, bench, prepared)


def _side_by_side(pool: Executor, waiting: deque[Task], ahead: int) -> Iterator[tuple[Task, "Future[Measurement]"]]:
    """Yields tasks with their futures as they are done; takes no more of what waits when the pool is broken."""
    running: dict[Future[Measurement], Task] = {}
    is_whole = True
    while running or (waiting and is_whole):
        while waiting and is_whole and len(running) < ahead:
            try:
                running[pool.submit(_in_process, waiting[0])] = waiting[0]
                waiting.popleft()
            except BrokenProcessPool:
                is_whole = False
        for future in wait(running, return_when=FIRST_COMPLETED).done:
            is_whole = is_whole and not isinstance(future.exception(), BrokenProcessPool)
            yield running.pop(future), future


def _alone(task: Task, bench: Bench, prepared: Prepared) -> Measurement:
    with _pool(bench, 1) as pool:
        try:
            return pool.submit(_in_process, task).result()
        except BrokenProcessPool as error:
            return crash(prepared.subjects[task.subject], task, prepared.stamp, f"the process died: {error}")


_PREPARED: list[Prepared] = []


def _pool(bench: Bench, jobs: int) -> ProcessPoolExecutor:
    return ProcessPoolExecutor(jobs, get_context("spawn"), initializer=_start_process, initargs=(bench,))


def _start_process(bench: Bench) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the process that writes
    Thread(target=_end_with_parent, daemon=True).start()
    _PREPARED[:] = [prepare(bench)]  # with a stamp of its own: who changes a label meanwhile has it measured again


def _end_with_parent() -> None:
    """Ends this process when the one that writes is gone: killed, it says nothing, and this one would wait for ever."""
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _in_process(task: Task) -> Measurement:
    (prepared,) = _PREPARED
    return measure(prepared.subjects[task.subject], task, prepared.catalog, prepared.stamp)


def run_with_model(waiting: deque[Task], prepared: Prepared, asking: Asking) -> Iterator[Measurement]:
    """Yields the measurements with a model as they are made, as many side by side as it answers.

    Whoever empties what is waiting stops it: what is under way is still measured.
    """

    def ask(task: Task) -> Measurement:
        return measure(prepared.subjects[task.subject], task, prepared.catalog, stamp, asking)

    stamp = stamp_of(prepared, asking.desk)
    at_once = asking.desk.model.concurrency
    running: set[Future[Measurement]] = set()
    with ThreadPoolExecutor(at_once) as pool:
        while waiting or running:
            while waiting and len(running) < at_once:
                running.add(pool.submit(ask, waiting.popleft()))
            done, running = wait(running, return_when=FIRST_COMPLETED)
            for future in done:
                yield future.result()


def stamp_of(prepared: Prepared, desk: Desk) -> Stamp:
    """Returns the stamp of measurements with a model: its settings and the prompt's hash besides.

    How an endpoint gives structured output is asked here, before anything is measured: it is part of every stamp.
    Where nobody answers, every measurement will say so.
    """
    with suppress(ModelUnavailable):
        _ = desk.model.settings
    asked = {"prompt_sha256": desk.prompt.files.sha256, "model_settings": desk.model.known_settings}
    return prepared.stamp.model_copy(update=asked)


def _evaluation_code() -> bytes:
    modules = sorted(Path(__file__).parent.glob("*.py"))
    return hashlib.sha256(b"".join(module.read_bytes() for module in modules)).digest()


def _digest(cases: Cases) -> str:
    """Returns the hash of the labels and of the texts that they label."""
    every = *(case.label for case in cases.cases), *cases.findings.values(), *cases.facts.values()
    labels = [label.model_dump_json() for label in every]
    return hashlib.sha256("\0".join([*labels, *cases.texts.values()]).encode()).hexdigest()


def commit_of(code: Path) -> str:
    """Returns the commit of the checkout that the file belongs to, with `+` where something in it is changed.

    Reports do not count: one is written before the next run is made. It is "" where the file belongs to no checkout,
    as one that was installed into a folder inside of it.
    """
    checkout = code.parent
    try:
        _git(checkout, "ls-files", "--error-unmatch", code.name)
        deciding = ":/", ":(top,exclude)eval/reports"
        changed = _git(checkout, "status", "--porcelain", "--untracked-files=no", "--", *deciding)
        return _git(checkout, "rev-parse", "--short", "HEAD") + ("+" if changed else "")
    except (OSError, subprocess.CalledProcessError):
        return ""


def _git(folder: Path, *words: str) -> str:
    command = ["git", "-C", str(folder), *words]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()  # noqa: S603
