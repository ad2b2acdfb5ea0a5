"""One measurement: degrade a subject, structure it, score what came out. A crash is a measurement too."""

import os
import platform
import time
import traceback
from datetime import UTC, datetime

from crossfoot.choosing import Readers
from crossfoot.evaluation.nouns import Condition, Measurement, Setting, Spent, Stamp
from crossfoot.evaluation.scoring import ground_of, score_table
from crossfoot.evaluation.subjects import Subject, degraded
from crossfoot.figures import Document
from crossfoot.pipeline import structure
from crossfoot.reading.llm.spending import Spending
from crossfoot.reading.llm.windows import Desk
from crossfoot.reading.source import from_text
from crossfoot.tabletypes import Catalog


class Task(Condition):
    """What is to be measured, by names: a subject under a condition by a setting."""

    subject: str
    setting: Setting

    @property
    def condition(self) -> Condition:
        """Returns the condition alone."""
        return Condition(degradation=self.degradation, level=self.level, seed=self.seed)


def measure(subject: Subject, task: Task, catalog: Catalog, stamp: Stamp, desk: Desk | None = None) -> Measurement:
    """Returns what structuring the subject gave, with what it took; an exception is kept as the `error`."""
    done = degraded(subject, task.condition)
    spending = Spending()
    started = time.perf_counter()
    error, document = "", None
    try:
        document = _structured(done.text, task, catalog, None if desk is None else desk._replace(spending=spending))
    except Exception:  # noqa: BLE001  whatever goes wrong, the measurement says so and the others go on
        error = traceback.format_exc(limit=-3)
    seconds = time.perf_counter() - started
    ground = ground_of(done)
    return Measurement(
        subject=subject.name,
        condition=task.condition,
        setting=task.setting,
        stamp=stamp.model_copy(update={"measured_at": now()}),
        tables=tuple(score_table(case, document, ground) for case in subject.cases),
        spent=tuple(
            Spent(cause=one.cause, calls=one.calls, tokens_in=one.tokens_in, tokens_out=one.tokens_out)
            for one in spending.by_cause()
        ),
        seconds=round(seconds, 3),
        damages=len(done.damages),
        error=error,
    )


def _structured(text: str, task: Task, catalog: Catalog, desk: Desk | None) -> Document:
    return structure(from_text(text, task.subject), catalog, Readers(task.setting.reader, desk))


def now() -> str:
    """Returns the time, in UTC, to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def machine() -> str:
    """Returns the machine in a few words."""
    return f"{platform.machine()}, {len(os.sched_getaffinity(0))} cores, Python {platform.python_version()}"
