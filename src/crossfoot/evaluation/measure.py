"""One measurement: degrade a subject, structure it, score what came out. A crash is a measurement too."""

import os
import platform
import time
import traceback
from datetime import UTC, datetime
from typing import NamedTuple

from crossfoot.choosing import Readers
from crossfoot.evaluation.damages import Degraded
from crossfoot.evaluation.findings import facts_hit, findings_hit, score_facts, score_findings
from crossfoot.evaluation.nouns import Condition, Measurement, Setting, Spent, Stamp
from crossfoot.evaluation.recording import Record, Recorded
from crossfoot.evaluation.scoring import ground_of, score_table
from crossfoot.evaluation.subjects import Subject, degraded
from crossfoot.figures import Document
from crossfoot.noun import Noun
from crossfoot.pipeline import structure
from crossfoot.reading.llm.spending import Spending
from crossfoot.reading.llm.windows import Desk
from crossfoot.reading.source import from_text
from crossfoot.tabletypes import Catalog


class Task(Noun):
    """What is to be measured, by names: a subject under a condition by a setting."""

    subject: str
    condition: Condition
    setting: Setting


class Asking(NamedTuple):
    """Where a task's questions go: the desk, and the record of what was replied before."""

    desk: Desk
    record: Record


def measure(subject: Subject, task: Task, catalog: Catalog, stamp: Stamp, asking: Asking | None = None) -> Measurement:
    """Returns what structuring the subject gave, with what it took; an exception is kept as the `error`.

    So is a model that could not be asked: what was not read then says nothing of how it reads.
    """
    spending = Spending(price=asking.desk.spending.price if asking else None)
    model = Recorded(asking.desk.model, asking.record) if asking else None
    desk = asking.desk._replace(model=model, spending=spending) if asking and model else None
    started = time.perf_counter()
    error, done, document = "", degraded(subject, Condition()), None
    try:
        done = degraded(subject, task.condition)
        started = time.perf_counter()
        document = structure(from_text(done.text, subject.name), catalog, Readers(task.setting.reader, desk))
    except Exception:  # noqa: BLE001  whatever goes wrong, the measurement says so and the others go on
        error = traceback.format_exc(limit=-3)
    seconds = time.perf_counter() - started + (model.replayed if model else 0.0)
    try:
        measured = _measured(subject, task, stamp, done, document)
    except Exception:  # noqa: BLE001  as above: a reading that cannot be scored is none
        error = traceback.format_exc(limit=-3)
        measured = crash(subject, task, stamp, error)
    took = {
        "spent": tuple(
            Spent(cause=one.cause, calls=one.calls, tokens_in=one.tokens_in, tokens_out=one.tokens_out)
            for one in spending.by_cause()
        ),
        "cost": None if spending.cost is None else format(spending.cost, "f"),
        "seconds": round(seconds, 3),
        "error": error or (model.silence if model else ""),
    }
    return measured.model_copy(update=took)


def crash(subject: Subject, task: Task, stamp: Stamp, error: str) -> Measurement:
    """Returns the measurement of a task of which nothing came back: everything is asked for, and nothing was read."""
    whole = degraded(subject, Condition())
    return _measured(subject, task, stamp, whole, None).model_copy(update={"error": error})


def _measured(subject: Subject, task: Task, stamp: Stamp, done: Degraded, document: Document | None) -> Measurement:
    """Returns the scores of what was structured, None for a document that could not be."""
    ground = ground_of(done)
    undamaged = subject.text.split("\n")
    findings, facts = subject.findings, subject.facts
    return Measurement(
        subject=subject.name,
        condition=task.condition,
        setting=task.setting,
        stamp=stamp.model_copy(update={"measured_at": now()}),
        tables=tuple(score_table(case, document, ground) for case in subject.cases),
        findings=None
        if findings is None
        else score_findings(document, findings, ground.now, findings_hit(findings, undamaged, done.damages)),
        facts=None
        if facts is None
        else score_facts(document, facts, ground.now, facts_hit(facts, undamaged, done.damages)),
        damages=len(done.damages),
    )


def now() -> str:
    """Returns the time, in UTC, to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def machine() -> str:
    """Returns the machine in a few words."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return f"{platform.machine()}, {cores} cores, Python {platform.python_version()}"
