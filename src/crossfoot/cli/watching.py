"""A run as an operator sees it: a bar at a terminal, else a line now and then, and a log with a line per document."""

import json
import sys
import time
from collections import deque
from collections.abc import Callable
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from threading import Event, Thread
from typing import TYPE_CHECKING, Self, TextIO

from crossfoot.cli.output import say
from crossfoot.errors import CrossfootError

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

    from crossfoot.storage.batch import Done
    from crossfoot.storage.runs import Course

_SECONDS_BETWEEN_LINES = 10.0
_SECONDS_BETWEEN_LOOKS = 1.0
#: The rate is that of the last minute: what is only taken from the store goes by much faster than what is structured.
#: It is that of a longer time where no document was finished for so long.
_SECONDS_OF_RATE = 60.0


def duration(seconds: float) -> str:
    """Returns the seconds as a person reads them.

    >>> duration(3.24), duration(75), duration(7380)
    ('3.2 s', '1 min 15 s', '2 h 3 min')
    """
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"


def pace(each_second: float) -> str:
    """Returns a rate as a person reads it.

    >>> pace(31.24), pace(0.5), pace(0.001)
    ('31.2 a second', '30.0 a minute', '3.6 an hour')
    """
    if each_second >= 1:
        return f"{each_second:.1f} a second"
    return f"{each_second * 60:.1f} a minute" if each_second * 60 >= 1 else f"{each_second * 3600:.1f} an hour"


class Watch:
    """Shows how far a run is, as a context manager; `quiet` shows nothing."""

    def __init__(
        self, course: "Course", files: int, *, quiet: bool, seconds_between_lines: float = _SECONDS_BETWEEN_LINES
    ) -> None:
        self._course = course
        self._files = files
        self._quiet = quiet
        self._between = seconds_between_lines
        self._passed: deque[tuple[float, int]] = deque([(time.monotonic(), 0)])
        self._opened = ExitStack()
        self._progress: Progress | None = None
        self._task: TaskID | None = None
        self._over = Event()

    def __enter__(self) -> Self:
        if self._quiet:
            return self
        if sys.stderr.isatty():
            from rich.progress import BarColumn, Progress, TextColumn

            from crossfoot.output.terminal import console_for

            columns = BarColumn(bar_width=20), TextColumn("{task.description}")
            console = console_for(sys.stderr)
            self._progress = self._opened.enter_context(Progress(*columns, console=console, transient=True))
            self._task = self._progress.add_task(self.line(), total=self._files)
            Thread(target=self._every, args=(_SECONDS_BETWEEN_LOOKS, self._draw), daemon=True).start()
        else:
            Thread(target=self._every, args=(self._between, lambda: say(self.line())), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._opened.close()

    def moved(self) -> None:
        """Shows that something was done."""
        now = time.monotonic()
        if now - self._passed[-1][0] > 1:
            self._passed.append((now, self._course.documents))
            while now - self._passed[1][0] > _SECONDS_OF_RATE:
                self._passed.popleft()
        self._draw()

    def line(self) -> str:
        """Returns how far the run is, how fast it goes, how long it takes yet, and what came of it so far."""
        course = self._course
        since, before = self._passed[0]
        passed, number = time.monotonic() - since, course.documents - before
        parts = [f"{course.documents:,} of {self._files:,} documents"]
        if number and passed > 0:
            left = max(self._files - course.documents, 0) * passed / number
            parts[0] += f", {pace(number / passed)}, {duration(left)} left"
        counts = [f"{number:,} {outcome}" for outcome, number in course.outcomes.items() if number]
        counts += [f"{course.failed:,} failed"] if course.failed else []
        parts += [", ".join(counts)] if counts else []
        if course.spending is not None:
            cost = "" if course.spending.cost is None else f", cost {course.spending.cost:.4f}"
            parts.append(f"{course.spending.tokens:,} tokens{cost}")
        return "; ".join(parts)

    def _draw(self) -> None:
        if self._progress is not None and self._task is not None:
            self._progress.update(self._task, completed=self._course.documents, description=self.line())

    def _every(self, seconds: float, show: Callable[[], None]) -> None:
        """Shows it again though nothing is finished: a model may be asked about one document for long."""
        while not self._over.wait(seconds):
            show()


class Log:
    """A file with a JSON line for every document of every run, written as it is done; without a path it is none."""

    def __init__(self, path: Path | None, run: int) -> None:
        self._path = path
        self._run = run
        self._stream: TextIO | None = None

    def __enter__(self) -> Self:
        if self._path is not None:
            try:
                self._path.parent.mkdir(parents=True, exist_ok=True)
                self._stream = self._path.open("a", encoding="utf-8")
            except OSError as error:
                raise self._unwritable(error) from None
        return self

    def __exit__(self, *_: object) -> None:
        if self._stream is not None:
            try:
                self._stream.close()
            except OSError as error:
                raise self._unwritable(error) from None

    def write(self, done: "Done") -> None:
        """Writes what came of a file."""
        if self._stream is None:
            return
        line: dict[str, object] = {
            "time": datetime.now(UTC).isoformat(timespec="seconds"),
            "run": self._run,
            "file": done.given.name,
            "came": "failed" if done.problem else "kept" if done.kept else "structured",
        }
        if done.problem is not None:
            line["problem"] = str(done.problem)
        if done.outline is not None:
            entry = done.outline
            line |= {"document": done.id, "outcome": entry.outcome, "tables": sum(entry.tables.values())}
            line |= {"errors": entry.severities.get("error", 0), "warnings": entry.severities.get("warning", 0)}
        line["seconds"] = round(done.seconds, 3)
        try:
            self._stream.write(json.dumps(line, ensure_ascii=False) + "\n")
            self._stream.flush()
        except OSError as error:
            raise self._unwritable(error) from None

    def _unwritable(self, error: OSError) -> CrossfootError:
        return CrossfootError(f"{self._path}: the log cannot be written: {error.strerror or error}")
