"""Scores what a document reports and states against its labels: findings and facts, each miss with a reason.

Pure. `lines` everywhere says for a line of the undamaged text where it stands now (`Degraded.now`); a line that it
lacks is gone.
"""

import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Literal, NamedTuple

from crossfoot.evaluation.damages import Damage, left_of
from crossfoot.evaluation.labelled import (
    SCOPES,
    FactLabels,
    FindingLabels,
    LabelledFact,
    LabelledFinding,
    Scope,
)
from crossfoot.figures import Document, Finding
from crossfoot.findingcodes import FindingCode
from crossfoot.noun import Noun
from crossfoot.statements import Fact

Lines = Mapping[int, tuple[int, ...]]
FactKey = tuple[int, str, str, str]


class LabelOutcome(Noun):
    """What became of a labelled finding; `line` is its first line in the undamaged text, `findings` reported it."""

    id: str
    scope: Scope
    severity: Literal["note", "warning", "error"]
    line: int
    outcome: Literal["reported", "missed", "gone"]
    findings: int = 0
    reason: str = ""


class Unmatched(Noun):
    """A finding above a note that matches no label; `line` is its line now, `silent` are the places it breaks in on.

    In an undamaged text it is false; in a damaged one it may report the damage.
    """

    code: FindingCode
    severity: Literal["warning", "error"]
    line: int
    message: str
    silent: tuple[str, ...] = ()


class ScopeCount(NamedTuple):
    """How many labelled findings of a scope were reported, missed, or stand no longer in the text (not asked for)."""

    reported: int
    missed: int
    gone: int

    @property
    def asked(self) -> int:
        """Returns the denominator of the recall."""
        return self.reported + self.missed


class FindingScore(Noun):
    """The findings of a document against its labels.

    `matched` findings above a note report something labelled, `undecided` ones something that the text leaves open.
    """

    document: str
    outcomes: tuple[LabelOutcome, ...]
    unmatched: tuple[Unmatched, ...] = ()
    matched: int = 0
    undecided: int = 0

    @property
    def violated(self) -> tuple[Unmatched, ...]:
        """Returns the unmatched findings on something that looks odd and is legitimate."""
        return tuple(finding for finding in self.unmatched if finding.silent)

    def by_scope(self) -> dict[Scope, ScopeCount]:
        """Returns the counts behind the recall of each scope."""
        counts = Counter((outcome.scope, outcome.outcome) for outcome in self.outcomes)
        return {
            scope: ScopeCount(counts[scope, "reported"], counts[scope, "missed"], counts[scope, "gone"])
            for scope in SCOPES
        }


class FactMiss(Noun):
    """A fact that was not read as labelled (`missing`) or not labelled as read (`wrong`).

    `line` is that of the undamaged text for a missing fact, and for a wrong one the line of the text as read.
    """

    kind: Literal["missing", "wrong"]
    line: int
    measure: str
    role: str
    printed: str
    reason: str


class FactScore(Noun):
    """The facts of a document against its labels: `right`, the misses, and labelled ones that are `gone`.

    `set_apart` are facts read that count neither way: of a line that stands there twice, or in the place of a gone one.
    """

    document: str
    right: int
    missing: tuple[FactMiss, ...] = ()
    wrong: tuple[FactMiss, ...] = ()
    gone: int = 0
    set_apart: int = 0


def score_findings(
    document: Document | None, labels: FindingLabels, lines: Lines, hit: Collection[tuple[str, int]] = ()
) -> FindingScore:
    """Returns which labelled findings the document reports, and which of its findings no label asks for.

    None is a document that could not be structured: it reports nothing, and nothing less is asked of it. `hit` are
    lines of labels on which nothing is left of what the label says is printed there (`findings_hit`).
    """
    findings = document.findings if document else ()
    outcomes = tuple(_outcome(label, findings, lines, hit) for label in labels.wrong)
    unmatched: list[Unmatched] = []
    matched = undecided = 0
    for finding in findings:
        if finding.severity == "note":
            continue
        if any(_matches(finding, label, lines) for label in labels.wrong):
            matched += 1
            continue
        silent = tuple(place.id for place in labels.silent if _cited(finding) & _now(place.lines, lines))
        if not silent and any(_cited(finding) & _now(place.lines, lines) for place in labels.open):
            undecided += 1
            continue
        unmatched.append(
            Unmatched(
                code=finding.code,
                severity=finding.severity,
                line=finding.line or min(_cited(finding), default=0),
                message=finding.message,
                silent=silent,
            )
        )
    unmatched.sort(key=lambda found: (found.line, found.code, found.message))
    return FindingScore(
        document=labels.document,
        outcomes=outcomes,
        unmatched=tuple(unmatched),
        matched=matched,
        undecided=undecided,
    )


def _cited(finding: Finding) -> frozenset[int]:
    return frozenset({finding.line, *(cell.line for cell in finding.cells)} - {0})


def _now(originals: Iterable[int], lines: Lines) -> frozenset[int]:
    return frozenset(number for original in originals for number in lines.get(original, ()))


def _matches(finding: Finding, label: LabelledFinding, lines: Lines) -> bool:
    return finding.code in label.codes and bool(_cited(finding) & _now(label.lines, lines))


def _outcome(
    label: LabelledFinding, findings: Sequence[Finding], lines: Lines, hit: Collection[tuple[str, int]]
) -> LabelOutcome:
    matching = [finding for finding in findings if _matches(finding, label, lines)]
    reports = [finding for finding in matching if finding.severity != "note" or label.severity == "note"]
    lost = "" if reports else _lost(label, lines, hit)
    return LabelOutcome(
        id=label.id,
        scope=label.scope,
        severity=label.severity,
        line=label.lines[0],
        outcome="reported" if reports else "gone" if lost else "missed",
        findings=len(reports),
        reason="" if reports else lost or _why_missed(label, matching, findings, lines),
    )


def _lost(label: LabelledFinding, lines: Lines, hit: Collection[tuple[str, int]]) -> str:
    """Returns which side of a labelled finding the text has lost, or nothing."""
    own = [number for number in label.lines if number not in label.against]
    for side in (own, label.against):
        if side and not _now((number for number in side if (label.id, number) not in hit), lines):
            return f"No longer in the text: what {_listed(side)} said."
    return ""


def _why_missed(label: LabelledFinding, matching: Sequence[Finding], findings: Sequence[Finding], lines: Lines) -> str:
    if matching:
        return f"Only a note says it: {matching[0].message}"
    places = _now(label.lines, lines)
    others = {(found.code, found.severity) for found in findings if _cited(found) & places}
    if others:
        named = ", ".join(f"{code} ({severity})" for code, severity in sorted(others))
        return f"What cites {_listed(label.lines)} is something else: {named}."
    return f"No finding cites {_listed(label.lines)}."


def _listed(numbers: Sequence[int]) -> str:
    return f"line{'s' if len(numbers) > 1 else ''} {', '.join(str(number) for number in numbers)}"


def findings_hit(labels: FindingLabels, text: Sequence[str], damages: Sequence[Damage]) -> frozenset[tuple[str, int]]:
    """Returns the ids and lines of labelled findings of whose printed text damages left nothing whole on that line.

    `text` are the undamaged lines.
    """
    lines_hit = {damage.line for damage in damages}
    return frozenset(
        (label.id, number)
        for label in labels.wrong
        for number, printed in zip(label.lines, label.printed, strict=True)
        if number in lines_hit
        and all(_is_hit(damages, number, start, stands) for start, stands in _standing(text[number - 1], printed))
    )


def _is_hit(damages: Sequence[Damage], line: int, start: int, stands: str) -> bool:
    """Says whether a text that stood on a line is no longer what it was, blanks apart."""
    return "".join(left_of(damages, line, start, stands)[0].split()) != "".join(stands.split())


def facts_hit(labels: FactLabels, text: Sequence[str], damages: Sequence[Damage]) -> frozenset[LabelledFact]:
    """Returns the labelled facts of which a damage hit the printed text; `text` are the undamaged lines.

    Where a line prints a text more than once, all facts so printed are taken to be hit: which is which is not labelled.
    """
    lines_hit = {damage.line for damage in damages}
    return frozenset(
        fact
        for fact in labels.facts
        if fact.line in lines_hit
        and any(
            _is_hit(damages, fact.line, start, stands) for start, stands in _standing(text[fact.line - 1], fact.printed)
        )
    )


def _standing(line: str, printed: str) -> list[tuple[int, str]]:
    """Returns where a text stands on a line as a whole numeral or word, blanks inside it allowed, and how."""
    spaced = r"\s*".join(re.escape(character) for character in "".join(printed.split()))
    whole = rf"(?<![\d.,]){spaced}(?![\d]|[.,]\d)" if printed[0].isdigit() else spaced
    return [(match.start(), match.group()) for match in re.finditer(whole, line)]


def score_facts(
    document: Document | None, labels: FactLabels, lines: Lines, gone: Collection[LabelledFact]
) -> FactScore:
    """Returns which labelled facts were read: the same measure, role, printed text, unit and direction on their line.

    `gone` are labelled facts whose printed text stands no longer there (`facts_hit`); those of lines that are gone
    need not be named. None is a document that could not be structured.
    """
    left = {fact.id: fact for fact in document.facts} if document else {}
    out = {label for label in labels.facts if label in gone or not lines.get(label.line)}
    asked = [label for label in labels.facts if label not in out]
    missing = [label for label in asked if not _take(left, label, lines)]
    apart = _set_apart(left, labels.facts, out, lines)
    return FactScore(
        document=labels.document,
        right=len(asked) - len(missing),
        missing=tuple(_missing(label, left.values(), lines) for label in missing),
        wrong=tuple(_wrong(fact, labels.facts, lines) for fact in sorted(left.values(), key=_key)),
        gone=len(labels.facts) - len(asked),
        set_apart=apart,
    )


def _key(fact: Fact | LabelledFact) -> FactKey:
    return fact.line, fact.measure, fact.role, "".join(fact.printed.split())


def _unit(text: str) -> str:
    return text.replace("％", "%")


def _is_said(fact: Fact, label: LabelledFact, lines: Lines) -> bool:
    same = _key(fact)[1:] == _key(label)[1:] and fact.line in lines.get(label.line, ())
    return same and _unit(fact.unit) == _unit(label.unit) and fact.direction == label.direction


def _take(left: dict[str, Fact], label: LabelledFact, lines: Lines) -> bool:
    """Takes the fact that says what the label says out of those left, if there is one."""
    for name, fact in left.items():
        if _is_said(fact, label, lines):
            del left[name]
            return True
    return False


def _set_apart(
    left: dict[str, Fact], labels: Sequence[LabelledFact], gone: Collection[LabelledFact], lines: Lines
) -> int:
    """Takes out of those left what counts neither way, and returns how many: repeated lines, places of gone facts."""
    apart = 0
    for label in labels:
        if label not in gone:
            while len(lines[label.line]) > 1 and _take(left, label, lines):
                apart += 1
            continue
        for name, fact in left.items():
            if (fact.measure, fact.role) == (label.measure, label.role) and fact.line in lines.get(label.line, ()):
                del left[name]
                apart += 1
                break
    return apart


def _missing(label: LabelledFact, left: Iterable[Fact], lines: Lines) -> FactMiss:
    there = [fact for fact in left if fact.line in lines[label.line]]
    same = [fact for fact in there if _key(fact)[1:] == _key(label)[1:]]
    printed = [fact for fact in there if _key(fact)[3] == _key(label)[3]]
    if same:
        reason = f"It was read with the unit “{same[0].unit}” and the direction “{same[0].direction}”."
    elif printed:
        reason = f"It was read as {printed[0].measure}, {printed[0].role}."
    else:
        reason = "No fact was made of it."
    return _miss("missing", label, reason)


def _wrong(fact: Fact, labels: Sequence[LabelledFact], lines: Lines) -> FactMiss:
    there = [label for label in labels if fact.line in lines.get(label.line, ())]
    same = [label for label in there if _key(label)[1:] == _key(fact)[1:]]
    printed = [label for label in there if _key(label)[3] == _key(fact)[3]]
    if same:
        reason = f"Its unit is “{same[0].unit}” and its direction “{same[0].direction}”, or it was read once too often."
    elif printed:
        reason = f"What is so printed there is {printed[0].measure}, {printed[0].role}."
    else:
        reason = "No label has this number on its line."
    return _miss("wrong", fact, reason)


def _miss(kind: Literal["missing", "wrong"], fact: Fact | LabelledFact, reason: str) -> FactMiss:
    return FactMiss(
        kind=kind, line=fact.line, measure=fact.measure, role=fact.role, printed=fact.printed, reason=reason
    )
