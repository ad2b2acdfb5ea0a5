"""What is measured: a whole document, or one labelled table cut out of it, degraded under a condition."""

from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase
from typing import Literal, NamedTuple

from crossfoot.evaluation.cases import Case, Cases
from crossfoot.evaluation.damages import Degraded, Line, undamaged
from crossfoot.evaluation.degradations import degrade
from crossfoot.evaluation.labelled import FactLabels, FindingLabels
from crossfoot.evaluation.nouns import Condition

Scope = Literal["documents", "tables"]


class Subject(NamedTuple):
    """A document with its cases, findings and facts, or one case alone; `text` starts at its line `first`."""

    name: str
    document: str
    text: str
    first: int
    cases: tuple[Case, ...]
    findings: FindingLabels | None = None
    facts: FactLabels | None = None


def subjects_of(
    cases: Cases, scope: Scope, wanted: Sequence[str] = (), *, only_open: bool = False
) -> Iterator[Subject]:
    """Yields the subjects in order of their names; `wanted` are patterns such as `003*`, none for all.

    Of a whole document only the wanted cases are scored, `only_open` leaves out those that are held out. A document
    without a wanted case is none.
    """
    chosen = [
        case
        for case in cases.cases
        if (not wanted or any(fnmatchcase(case.name, pattern) for pattern in wanted))
        and not (only_open and case.label.held_out)
    ]
    if scope == "tables":
        for case in chosen:
            first, last = case.label.lines
            yield Subject(case.name, case.document, "\n".join(case.text.split("\n")[first - 1 : last]), first, (case,))
        return
    for document in sorted({case.document for case in chosen}):
        own = tuple(case for case in chosen if case.document == document)
        labels = cases.findings.get(document), cases.facts.get(document)
        yield Subject(document, document, cases.texts[document], 1, own, *labels)


def degraded(subject: Subject, condition: Condition) -> Degraded:
    """Returns the subject's text under the condition, its lines numbered as in the document."""
    if condition.level == 0:
        done = undamaged(subject.text)
    else:
        done = degrade(subject.text, condition.degradation, condition.level, condition.seed)
    shift = subject.first - 1
    lines = tuple(Line(tuple(number + shift for number in line.numbers), line.text) for line in done.lines)
    return Degraded(lines, tuple(damage._replace(line=damage.line + shift) for damage in done.damages))
