"""Runs: what each call of `structure` did on a store, kept while it goes on, so that a killed one is there too.

Runs are ordered by their number and timed by a clock that only goes forward; times of day are for people.
"""

import json
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from crossfoot.errors import StoreError
from crossfoot.figures import Noun
from crossfoot.reading.llm.spending import Spending
from crossfoot.storage.locking import is_locked

if TYPE_CHECKING:
    from crossfoot.output.outline import Outline
    from crossfoot.storage.store import Store

#: What is only counted is written so often; what is structured is counted in the transaction that keeps it.
_SECONDS_BETWEEN_COUNTS = 1.0


class Run(Noun):
    """One call of `structure`: `structured` documents were made, `kept` ones were there, `failed` files gave none.

    `status` is running, finished, interrupted (asked to stop), failed (the store could not be written) or killed.
    """

    id: int
    started_at: str
    ended_at: str | None
    seconds: float
    status: str
    paths: str
    reader: str
    model: str
    prompt: str
    jobs: int
    files: int
    structured: int
    kept: int
    failed: int
    accepted: int
    repaired: int
    flagged: int
    tokens_in: int
    tokens_out: int
    cost: str | None

    @property
    def documents(self) -> int:
        """Returns how many files were dealt with."""
        return self.structured + self.kept + self.failed


class About(NamedTuple):
    """What is known of a run when it starts."""

    paths: Sequence[Path]
    reader: str
    jobs: int
    files: int


class Course:
    """A run while it goes on: its number and what it has done so far."""

    def __init__(self, store: "Store", number: int) -> None:
        self.number = number
        self.structured = self.kept = self.failed = 0
        self.outcomes = {"accepted": 0, "repaired": 0, "flagged": 0}
        self.spending: Spending | None = None
        self._store = store
        self._started = self._written = time.monotonic()

    @property
    def seconds(self) -> float:
        """Returns how long the run has been going."""
        return time.monotonic() - self._started

    @property
    def documents(self) -> int:
        """Returns how many files were dealt with."""
        return self.structured + self.kept + self.failed

    def asks(self, model: str, prompt: str, spending: Spending) -> None:
        """Notes which model is asked with which prompt."""
        self.spending = spending
        self._store.write("UPDATE runs SET model = ?, prompt = ? WHERE id = ?", model, prompt, self.number)

    def count(self, entry: "Outline", *, kept: bool) -> None:
        """Counts a document."""
        self.outcomes[entry.outcome] += 1
        if kept:
            self.kept += 1
        else:
            self.structured += 1

    def note(self) -> None:
        """Writes the counts now and then."""
        if time.monotonic() - self._written > _SECONDS_BETWEEN_COUNTS:
            self.write()

    def write(self) -> None:
        """Writes the counts."""
        self._written = time.monotonic()
        tokens_in = tokens_out = 0
        cost = None
        if self.spending is not None:
            spent = self.spending.by_cause()
            tokens_in, tokens_out = sum(one.tokens_in for one in spent), sum(one.tokens_out for one in spent)
            cost = None if self.spending.cost is None else f"{self.spending.cost:.4f}"
        self._store.write(
            "UPDATE runs SET seconds = ?, structured = ?, kept = ?, failed = ?, accepted = ?, repaired = ?, "
            "flagged = ?, tokens_in = ?, tokens_out = ?, cost = ? WHERE id = ?",
            round(self.seconds, 3), self.structured, self.kept, self.failed, *self.outcomes.values(),
            tokens_in, tokens_out, cost, self.number,
        )  # fmt: skip

    def end(self, status: str) -> None:
        """Writes the counts and how the run ended."""
        self.write()
        self._store.write("UPDATE runs SET status = ?, ended_at = ? WHERE id = ?", status, _now(), self.number)


@contextmanager
def running(store: "Store", about: About) -> Iterator[Course]:
    """Yields a new run of the store, which is held locked; writes how it ended, if that can be written."""
    store.write("UPDATE runs SET status = 'killed' WHERE ended_at IS NULL")
    number = store.write(
        "INSERT INTO runs (started_at, paths, reader, jobs, files) VALUES (?, ?, ?, ?, ?)",
        _now(), json.dumps([str(path) for path in about.paths], ensure_ascii=False), about.reader, about.jobs,
        about.files,
    )  # fmt: skip
    course = Course(store, number)
    store.run = number
    try:
        yield course
    except BaseException as error:
        status = "interrupted" if isinstance(error, (KeyboardInterrupt, GeneratorExit)) else "failed"
        with suppress(StoreError):  # on a full disk the run has no end, and the first error says why
            course.end(status)
        raise
    course.end("finished")


def past_runs(store: "Store") -> tuple[Run, ...]:
    """Returns all runs, the latest first; one without an end that nobody carries on was killed."""
    runs = store.runs()
    alive = is_locked(store.path)
    return tuple(
        run.model_copy(update={"status": "killed"})
        if run.status == "running" and not (alive and run.id == runs[0].id)
        else run
        for run in runs
    )


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
