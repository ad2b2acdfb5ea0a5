"""judge(): readings of one document → checks, findings, proofs and verdicts. Pure: same in, same out.

It evaluates every identity that the forms declare, explains what fails, and hides no table.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import NamedTuple

from crossfoot.figures import (
    Basis,
    Check,
    Finding,
    FindingCode,
    Outcome,
    Proof,
    Reading,
    Section,
    Source,
    Tally,
    Verdict,
)
from crossfoot.judging.check import check_identity
from crossfoot.judging.explain import failed_check_finding, findings_of
from crossfoot.judging.grounding import ground, is_spaced, outside, uncovered
from crossfoot.judging.identities import table_identities
from crossfoot.judging.ledger import Entry, Ledger, amounts
from crossfoot.judging.links import link_identities
from crossfoot.judging.locate import locate
from crossfoot.judging.narrative import judge_narrative
from crossfoot.judging.performance import named_checks, score_identities
from crossfoot.judging.proof import checks_by_cell, prove
from crossfoot.judging.statement_book import Statements
from crossfoot.judging.structure import (
    moved_cell_finding,
    moved_cells,
    short_row_findings,
    structural_findings,
)
from crossfoot.judging.system import System
from crossfoot.judging.untestable import Untestable, untestable_of
from crossfoot.numerals import read_numeral
from crossfoot.statements import Fact
from crossfoot.tabletypes import Catalog

_LONGEST_NAME = 45
_RANK: dict[Outcome, int] = {"accepted": 0, "repaired": 1, "flagged": 2}


class Judgement(NamedTuple):
    """What the judging half says of a document: verdicts by table id, proofs by cell reference."""

    verdict: Verdict
    tables: Mapping[str, Verdict]
    proofs: Mapping[str, Proof]
    checks: tuple[Check, ...]
    findings: tuple[Finding, ...]
    facts: tuple[Fact, ...]


def judge(
    source: Source,
    sections: Sequence[Section],
    tables: Sequence[tuple[Section, Reading]],
    statements: Statements,
    catalog: Catalog,
) -> Judgement:
    """Returns the judgement of a document: of its tables, each with its section and reading, and of its narrative."""
    entries = tuple(_entry(section, reading, catalog) for section, reading in tables)
    ledger = Ledger(entries, catalog)
    ungrounded: dict[str, Finding] = {}
    findings: list[Finding] = []
    for (section, reading), entry in zip(tables, entries, strict=True):
        ungrounded.update(ground(source, reading))
        findings += reading.remarks
        is_read = section.body != "illegible" and (section.body != "present" or reading.reader != "none")
        findings += uncovered(source, section, reading) if is_read else []
        findings += structural_findings(entry, section, source, catalog)
    findings += ungrounded.values()
    findings += [*short_row_findings(entries, source), *outside(source, sections)]
    moved = [(entry, row, cell) for entry in entries for row, cell in moved_cells(entry)]
    findings += [moved_cell_finding(entry, cell) for entry, _, cell in moved]
    if not tables:
        findings.append(
            Finding(code="reader_failed", severity="error", line=1, message="no table was found; nothing was read")
        )
    untestable = untestable_of(entries, [(entry, row) for entry, row, _ in moved])
    checks, arithmetic = _arithmetic(ledger, frozenset(ungrounded), untestable)
    findings += arithmetic
    by_cell = checks_by_cell(checks)
    proofs: dict[str, Proof] = {}
    for entry in entries:
        proofs.update(prove(entry, ledger, by_cell, frozenset(ungrounded)))
    findings += [*_unchecked(ledger, checks, by_cell), *_unproved(ledger, by_cell, source)]
    narrative = judge_narrative(source, statements, ledger, checks, proofs)
    findings += narrative.findings
    ordered = tuple(sorted(dict.fromkeys(findings), key=lambda finding: (finding.line, finding.table, finding.message)))
    about, by_table = _by_table(ordered), _checks_by_table(checks)
    verdicts = {
        entry.id: _verdict_of(entry, section, about.get(entry.id, ()), (by_table.get(entry.id, ()), proofs))
        for entry, (section, _) in zip(entries, tables, strict=True)
    }
    checks = (*checks, *narrative.checks)
    verdict = _worst(verdicts, checks, about.get("", ()))
    return Judgement(verdict, verdicts, proofs, checks, ordered, narrative.facts)


def _entry(section: Section, reading: Reading, catalog: Catalog) -> Entry:
    title = section.title if len(section.title) <= _LONGEST_NAME else f"{section.title[: _LONGEST_NAME - 1]}…"
    name = section.number or title or reading.type
    known = catalog.forms.get((reading.family, reading.type, reading.form))
    return Entry(reading, name, section.body, known)


def _arithmetic(
    ledger: Ledger, ungrounded: frozenset[str], untestable: Untestable
) -> tuple[tuple[Check, ...], list[Finding]]:
    """Returns the checks and what they find."""
    identities = [identity for entry in ledger.entries for identity in table_identities(entry)]
    for entry in ledger.entries:
        if entry.known is not None and any(
            rule.kind == "check" and rule.text == "scores" for rule in entry.known.identities
        ):
            identities += score_identities(entry)
    identities += link_identities(ledger)
    checks = [check_identity(untestable.block(identity), ledger) for identity in {i.id: i for i in identities}.values()]
    system = System(checks, ledger)
    findings = [finding for found in locate(system) for finding in findings_of(found, system, ungrounded)]
    corrected = _corrected(findings)
    findings += [
        failed_check_finding(check, ledger)
        for check in checks
        if check.outcome == "fails"
        and check.kind not in {"sum", "equal"}
        and not _is_explained(check, corrected, ledger)
    ]
    remarks = named_checks(ledger)
    findings += [remark.finding for remark in remarks if remark.finding is not None]
    return (*checks, *(remark.check for remark in remarks)), findings


def _corrected(findings: Sequence[Finding]) -> list[tuple[str, Decimal]]:
    """Returns the cells that a finding corrects alone, each with the value it implies."""
    implied = [{cited.cell: cited.implied for cited in finding.cells if cited.implied} for finding in findings]
    values = [(cell, read_numeral(text).value) for one in implied if len(one) == 1 for cell, text in one.items()]
    return [(cell, value) for cell, value in values if value is not None]


def _is_explained(check: Check, corrected: Sequence[tuple[str, Decimal]], ledger: Ledger) -> bool:
    """Says whether an 其中 that is more than its row is so because of a figure that a finding already corrects."""
    if check.kind != "at_most" or check.gap is None:
        return False
    gap, least = check.gap, -(check.tolerance or 0)
    weights = {term.cell: term.weight for term in check.terms}
    return any(
        cell in weights and gap + weights[cell] * (value - (ledger.cells[cell][2].value or 0)) >= least
        for cell, value in corrected
    )


def _unchecked(ledger: Ledger, checks: Sequence[Check], by_cell: Mapping[str, Sequence[Check]]) -> list[Finding]:
    """Returns a finding per table whose amounts stand only in checks that could not be executed."""
    idle: dict[str, set[str]] = {}
    for check in checks:
        if check.outcome in {"untestable", "not_applicable"} and check.kind in {"sum", "equal"}:
            for term in check.terms:
                idle.setdefault(term.cell, set()).add(check.why)
    found: list[Finding] = []
    for entry in ledger.entries:
        refs = [
            (row, cell, ref)
            for row, cell, ref in amounts(entry)
            if cell.value and ref in idle and ref not in by_cell
        ]  # fmt: skip
        if refs:
            row, cell, ref = refs[0]
            why = "; ".join(sorted(idle[ref]))
            found.append(
                Finding(
                    code="unchecked", severity="warning", table=entry.id, line=cell.line,
                    message=f"{entry.name}: {len(refs)} amounts (first {row.name or row.code} {cell.printed}) "
                    f"could not be checked: {why}",
                )
            )  # fmt: skip
    return found


def _unproved(ledger: Ledger, by_cell: Mapping[str, Sequence[Check]], source: Source) -> list[Finding]:
    """Returns a finding per table with amounts of lines without columns that no executed sum holds in place."""
    found: list[Finding] = []
    for entry in ledger.entries:
        free = [
            (row, cell)
            for row, cell, ref in amounts(entry)
            if entry.reading.shape == "records" and cell.value and ref not in by_cell and is_spaced(source, cell.line)
        ]
        if free:
            row, cell = free[0]
            message = f"{entry.name}: {len(free)} amounts (first {row.name or row.code} {cell.printed}) stand in no sum"
            message += ", and nothing else says which column they are of"
            found.append(Finding(code="unchecked", severity="warning", table=entry.id, line=cell.line, message=message))
    return found


# --- verdicts ---------------------------------------------------------------------------------------------------------


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


def _verdict_of(
    entry: Entry, section: Section, findings: Sequence[Finding], evidence: tuple[Sequence[Check], Mapping[str, Proof]]
) -> Verdict:
    checks, proofs = evidence
    reasons = _reasons(entry, findings)
    outcome: Outcome = "accepted"
    if reasons:
        outcome = "flagged"
    elif section.body != "blank" and any(row.realigned for row in entry.reading.rows):
        outcome = "repaired"
    basis: Basis | None = None if outcome == "flagged" else _basis(entry, section, checks)
    return Verdict(outcome=outcome, basis=basis, reasons=reasons, tally=_tally(entry, checks, proofs))


def _reasons(entry: Entry, findings: Sequence[Finding]) -> tuple[FindingCode, ...]:
    """Returns the codes that flag a table: its own warnings and errors, and those of which it holds a suspect.

    Where no figure is more suspect than another, every table that the contradiction touches is flagged.
    """
    codes: list[FindingCode] = []
    for finding in findings:
        own = [cited for cited in finding.cells if cited.cell.startswith(f"{entry.id}.")]
        holds_suspect = any(cited.implied for cited in own)
        nobody_more = bool(own) and (not any(cited.implied for cited in finding.cells))
        concerns = finding.table == entry.id or holds_suspect
        if finding.severity != "note" and (concerns or (nobody_more and finding.code == "source_inconsistency")):
            codes.append(finding.code)
    return tuple(dict.fromkeys(codes))


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


def _tally(entry: Entry, checks: Sequence[Check], proofs: Mapping[str, Proof]) -> Tally:
    own = [proofs[ref] for _, _, ref in amounts(entry) if ref in proofs]
    return Tally(amounts=len(own), proved=own.count("proved"), grounded=own.count("grounded"), **_counts(checks))


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


def _worst(verdicts: Mapping[str, Verdict], checks: Sequence[Check], about: Sequence[Finding]) -> Verdict:
    """Returns the document's verdict: its worst table's outcome, all reasons, and the counts of all tables.

    `about` are the findings that concern no table; they flag the document itself.
    """
    outcomes: list[Outcome] = [verdict.outcome for verdict in verdicts.values()]
    own = [finding.code for finding in about if finding.severity != "note"]
    outcomes += ["flagged"] if own else []
    outcome: Outcome = max(outcomes, key=lambda known: _RANK[known])
    reasons = tuple(dict.fromkeys([*(code for verdict in verdicts.values() for code in verdict.reasons), *own]))
    tally = Tally(
        amounts=sum(verdict.tally.amounts for verdict in verdicts.values()),
        proved=sum(verdict.tally.proved for verdict in verdicts.values()),
        grounded=sum(verdict.tally.grounded for verdict in verdicts.values()),
        **_counts(checks),
    )
    return Verdict(outcome=outcome, basis=None, reasons=reasons, tally=tally)
