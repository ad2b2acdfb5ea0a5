"""Findings, checks and proofs of a document → the verdict of each table and of the whole, with the counts behind it."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from crossfoot.figures import (
    Basis,
    Check,
    Finding,
    FindingCode,
    Outcome,
    Proof,
    Reach,
    Row,
    Section,
    Tally,
    Verdict,
)
from crossfoot.judging.ledger import Entry, amounts

#: What says that something is not in the data: a person may know of it, but the table is not whole.
_MISSING = frozenset({"illegible", "reader_failed", "unplaced"})
_RANK: dict[Outcome, int] = {"accepted": 0, "repaired": 1, "flagged": 2}


class Evidence(NamedTuple):
    """What verdicts are made of: findings and checks, and of each cell how far it is proved and what sums reach."""

    findings: Sequence[Finding]
    checks: Sequence[Check]
    proofs: Mapping[str, Proof]
    reaches: Mapping[str, Reach]


def verdicts_of(entries: Sequence[tuple[Entry, Section]], evidence: Evidence) -> dict[str, Verdict]:
    """Returns the verdict of each table by its id."""
    about, by_table = _by_table(evidence.findings), _checks_by_table(evidence.checks)
    found: dict[str, Verdict] = {}
    for entry, section in entries:
        own = evidence._replace(findings=about.get(entry.id, ()), checks=by_table.get(entry.id, ()))
        found[entry.id] = _verdict_of(entry, section, own)
    return found


def verdict_of_document(verdicts: Mapping[str, Verdict], evidence: Evidence) -> Verdict:
    """Returns the document's verdict: its worst table's outcome, all reasons, and the counts of all tables.

    Findings that concern no table flag the document itself; one that a person accepted keeps it from `accepted`.
    """
    outcomes: list[Outcome] = [verdict.outcome for verdict in verdicts.values()]
    own = [finding.code for finding in evidence.findings if _flags(finding) and not finding.table]
    known = sum(finding.accepted_from is not None for finding in evidence.findings)
    outcomes += ["flagged"] if own else ["repaired"] if known else []
    outcome: Outcome = max(outcomes, key=lambda known: _RANK[known])
    reasons = tuple(dict.fromkeys([*(code for verdict in verdicts.values() for code in verdict.reasons), *own]))
    tallies = [verdict.tally.model_dump() for verdict in verdicts.values()]
    summed = {name: sum(tally[name] for tally in tallies) for name in _OF_CELLS}
    tally = Tally(**summed, known=known, **_counts(evidence.checks))
    return Verdict(outcome=outcome, basis=None, reasons=reasons, tally=tally)


def _by_table(findings: Sequence[Finding]) -> dict[str, list[Finding]]:
    """Returns each table's findings: those about it, and those that cite one of its cells."""
    found: dict[str, list[Finding]] = {}
    for finding in findings:
        for table in dict.fromkeys([finding.table, *(cited.cell.partition(".")[0] for cited in finding.cells)]):
            found.setdefault(table, []).append(finding)
    return found


def _checks_by_table(checks: Sequence[Check]) -> dict[str, list[Check]]:
    found: dict[str, list[Check]] = {}
    for check in checks:
        for table in check.tables:
            found.setdefault(table, []).append(check)
    return found


def _verdict_of(entry: Entry, section: Section, evidence: Evidence) -> Verdict:
    reasons = _reasons(entry, evidence.findings)
    outcome: Outcome = "accepted"
    if reasons:
        outcome = "flagged"
    elif (section.body != "blank" and any(_is_mended(row) for row in entry.reading.rows)) or _is_decided(
        entry, evidence.findings
    ):
        outcome = "repaired"
    basis: Basis | None = None if outcome == "flagged" else _basis(entry, section, evidence.checks)
    return Verdict(outcome=outcome, basis=basis, reasons=reasons, tally=_tally(entry, evidence))


def _is_mended(row: Row) -> bool:
    return row.realigned or any(cell.state == "repaired" for cell in row.cells)


def _is_decided(entry: Entry, findings: Sequence[Finding]) -> bool:
    """Says whether a person had a part in it: a value, or a finding that is known. It is no pure reading then."""
    if any(cell.state == "resolved" for row in entry.reading.rows for cell in row.cells):
        return True
    return any(finding.accepted_from and _concerns(entry, finding) for finding in findings)


def _reasons(entry: Entry, findings: Sequence[Finding]) -> tuple[FindingCode, ...]:
    """Returns the codes that flag a table: of its own warnings and errors, and of those of which it holds a suspect."""
    codes = (finding.code for finding in findings if _flags(finding) and _concerns(entry, finding))
    return tuple(dict.fromkeys(codes))


def _flags(finding: Finding) -> bool:
    """Says whether a finding flags: a warning or error, and an accepted one too where something stays missing."""
    return finding.severity != "note" or (finding.accepted_from is not None and finding.code in _MISSING)


def _concerns(entry: Entry, finding: Finding) -> bool:
    """Says whether a finding is about the table, or the table holds a suspect of it.

    Where no figure is more suspect than another, it is about every table that the contradiction touches.
    """
    own = [cited for cited in finding.cells if cited.cell.startswith(f"{entry.id}.")]
    if finding.table == entry.id or any(cited.implied for cited in own):
        return True
    nobody_more = bool(own) and not any(cited.implied for cited in finding.cells)
    return nobody_more and finding.code == "source_inconsistency"


def _basis(entry: Entry, section: Section, checks: Sequence[Check]) -> Basis:
    """Returns footed if any of the table's own amounts stands in a sum or equality that was executed; zeros prove none.

    A blank table is copied.
    """
    if section.body != "present":
        return "copied"
    own = {ref for _, _, ref in amounts(entry)}
    executed = (
        check
        for check in checks
        if check.outcome in {"holds", "fails"} and check.kind in {"sum", "equal"} and not check.all_zero
    )
    return "footed" if any(term.cell in own for check in executed for term in check.terms) else "copied"


#: The counts of a tally that are about cells, and add up over tables; a check may touch two.
_OF_CELLS = ("amounts", "proved", "grounded", "repaired", "derived", "resolved", "covered", "detectable", "locatable")


def _tally(entry: Entry, evidence: Evidence) -> Tally:
    refs = [ref for _, _, ref in amounts(entry) if ref in evidence.proofs]
    proofs = [evidence.proofs[ref] for ref in refs]
    reaches = [evidence.reaches[ref] for ref in refs if ref in evidence.reaches]
    states = [cell.state for row in entry.reading.rows for cell in row.cells]
    locatable, detectable = reaches.count("locatable"), reaches.count("detectable")
    return Tally(
        amounts=len(refs),
        proved=proofs.count("proved"),
        grounded=proofs.count("grounded"),
        repaired=states.count("repaired"),
        derived=states.count("derived"),
        resolved=states.count("resolved"),
        known=sum(1 for one in evidence.findings if one.accepted_from and _concerns(entry, one)),
        covered=len(reaches),
        detectable=detectable + locatable,
        locatable=locatable,
        **_counts(evidence.checks),
    )


def _counts(checks: Sequence[Check]) -> dict[str, int]:
    executed = [check for check in checks if check.outcome in {"holds", "fails"}]
    return {
        "checks_declared": len(checks),
        "checks_executed": len(executed),
        "checks_held": sum(1 for check in executed if check.outcome == "holds"),
        "checks_failed": sum(1 for check in executed if check.outcome == "fails"),
        "checks_all_zero": sum(1 for check in executed if check.all_zero),
        "checks_not_applicable": sum(1 for check in checks if check.outcome == "not_applicable"),
        "checks_untestable": sum(1 for check in checks if check.outcome == "untestable"),
    }
