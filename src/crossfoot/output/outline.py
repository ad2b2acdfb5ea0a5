"""What a summary says of one document: small, kept in the store beside it, so that nobody reads the whole for it."""

from collections import Counter
from collections.abc import Mapping

from crossfoot.figures import Document, Finding, Noun, Outcome, Severity, Tally, Verdict

#: A summary ends with this many findings at most; more are for the review queue.
MOST_FINDINGS = 25


class Outline(Noun):
    """What a summary says of one document; `tables` counts them by outcome, accepted ones by their basis.

    `severities` are the numbers of all findings; `findings` are the worst of the warnings and errors, errors first.
    """

    name: str
    department: str
    fiscal_year: int | None
    outcome: Outcome
    tables: Mapping[str, int]
    tally: Tally
    severities: Mapping[Severity, int]
    findings: tuple[Finding, ...] = ()


def outline(document: Document) -> Outline:
    """Returns what a summary needs of the document, so that a long batch need not keep the whole of it."""
    errors, warnings = ([one for one in document.findings if one.severity == how] for how in ("error", "warning"))
    return Outline(
        name=document.source.name,
        department=document.department,
        fiscal_year=document.fiscal_year,
        outcome=document.verdict.outcome,
        tables=Counter(_class_of(table.verdict) for table in document.tables),
        tally=document.verdict.tally,
        severities=Counter(finding.severity for finding in document.findings),
        findings=tuple([*errors, *warnings][:MOST_FINDINGS]),
    )


def _class_of(verdict: Verdict) -> str:
    return verdict.basis or "accepted" if verdict.outcome == "accepted" else verdict.outcome
