"""judge(): readings of one document → checks, findings, proofs and verdicts. Pure: same in, same out.

It evaluates every identity that the forms declare, explains what fails, and hides no table.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import NamedTuple

from crossfoot.figures import (
    Check,
    Derivation,
    Finding,
    Proof,
    Reach,
    Reading,
    Repair,
    Resolution,
    Section,
    Source,
    Verdict,
)
from crossfoot.judging.computed import compute
from crossfoot.judging.evaluate import Tables, evaluate
from crossfoot.judging.explain import failed_check_finding, findings_of, implied_by
from crossfoot.judging.fault import with_faults
from crossfoot.judging.grounding import ground, is_spaced, outside, uncovered
from crossfoot.judging.ledger import Ledger, amounts
from crossfoot.judging.leftovers import leftover_findings
from crossfoot.judging.mend import Mended, as_read, mend, repair_findings
from crossfoot.judging.narrative import OfTables, judge_narrative
from crossfoot.judging.outcome import Evidence, verdict_of_document, verdicts_of
from crossfoot.judging.performance import named_checks
from crossfoot.judging.proof import Proven, checks_by_cell, prove, proving_checks
from crossfoot.judging.reach import reach_of
from crossfoot.judging.resolved import in_order, lost_values, resolved_findings
from crossfoot.judging.statement_book import Statements
from crossfoot.judging.structure import (
    moved_cell_finding,
    short_row_findings,
    structural_findings,
)
from crossfoot.judging.whole_tables import underived
from crossfoot.statements import Fact
from crossfoot.tabletypes import Catalog


class Judgement(NamedTuple):
    """What the judging half says of a document: verdicts by table id, proofs and reaches by cell reference.

    `readings` are the tables' readings by id, with their repairs and derived cells.
    """

    verdict: Verdict
    tables: Mapping[str, Verdict]
    proofs: Mapping[str, Proof]
    reaches: Mapping[str, Reach]
    checks: tuple[Check, ...]
    findings: tuple[Finding, ...]
    facts: tuple[Fact, ...]
    readings: Mapping[str, Reading]
    repairs: tuple[Repair, ...]
    derivations: tuple[Derivation, ...]

    def is_better_than(self, other: "Judgement") -> bool:
        """Says whether fewer checks fail, all of them failed before, and every check that held there still holds."""
        ours, theirs = _by_outcome(self.checks), _by_outcome(other.checks)
        return ours["fails"] < theirs["fails"] and ours["holds"] >= theirs["holds"]


def _by_outcome(checks: Sequence[Check]) -> Mapping[str, frozenset[str]]:
    return {
        outcome: frozenset(check.id for check in checks if check.outcome == outcome) for outcome in ("holds", "fails")
    }


def judge(  # noqa: PLR0913  what was read, by what it is judged, and what a person decided about it
    source: Source,
    sections: Sequence[Section],
    tables: Sequence[tuple[Section, Reading]],
    statements: Statements,
    catalog: Catalog,
    *,
    resolutions: Sequence[Resolution] = (),
) -> Judgement:
    """Returns the judgement of a document: of its tables, each with its section and reading, and of its narrative.

    The readings have the values of `resolutions` already.
    """
    mended, ungrounded = _mended(source, tables, catalog)
    tables, ledger = mended.evaluated.tables, mended.evaluated.ledger
    entries = ledger.entries
    findings = [*_of_tables((source, sections), tables, ledger), *ungrounded.values()]
    findings += [*short_row_findings(entries, source), *outside(source, sections)]
    findings += [moved_cell_finding(entry, cell) for entry, _, cell in mended.evaluated.moved]
    if not tables:
        findings.append(
            Finding(code="reader_failed", severity="error", line=1, message="no table was found; nothing was read")
        )
    checks, arithmetic = _arithmetic(mended, frozenset(ungrounded))
    findings += [*arithmetic, *repair_findings(mended)]
    by_cell = checks_by_cell(checks)
    spent = frozenset(repair.checks[0] for repair in mended.repairs if len(repair.checks) == 1)
    book = Proven(ledger, by_cell, frozenset(ungrounded), proving_checks(checks, spent, ledger))
    proofs = {ref: proof for entry in entries for ref, proof in prove(entry, book).items()}
    findings += [*_unchecked(ledger, checks, by_cell), *_unproved(ledger, by_cell, source)]
    narrative = judge_narrative(source, statements, ledger, OfTables(checks, arithmetic, proofs))
    computed = compute(source, mended.evaluated, mended.system, narrative)
    findings += [*resolved_findings(ledger, resolutions)]
    findings += [*narrative.findings, *computed.findings, *lost_values(resolutions)]
    ordered = in_order(source.sha256[:16], findings, resolutions)
    reaches = reach_of(checks, ledger)
    evidence = Evidence(ordered, checks, proofs, reaches)
    readings = {entry.id: computed.readings.get(entry.id, entry.reading) for entry in entries}
    placed = [
        (replace(entry, reading=readings[entry.id]), section)
        for entry, (section, _) in zip(entries, tables, strict=True)
    ]
    verdicts = verdicts_of(placed, evidence)
    checks = (*checks, *with_faults(narrative.checks, (), mended.system, frozenset()))
    return Judgement(
        verdict=verdict_of_document(verdicts, evidence._replace(checks=checks)),
        tables=verdicts,
        proofs=proofs,
        reaches=reaches,
        checks=checks,
        findings=ordered,
        facts=narrative.facts,
        readings=readings,
        repairs=mended.repairs,
        derivations=computed.derivations,
    )


def _mended(source: Source, tables: Tables, catalog: Catalog) -> tuple[Mended, dict[str, Finding]]:
    """Returns the tables with the repairs that sums and source allow, and what of them is not in the source."""
    evaluated = evaluate([(section, underived(as_read(reading))) for section, reading in tables], catalog)
    ungrounded = {ref: found for _, reading in evaluated.tables for ref, found in ground(source, reading).items()}
    mended = mend(source, evaluated, frozenset(ungrounded), catalog)
    repaired = {repair.cell.partition(".")[0] for repair in mended.repairs}
    if repaired:
        others = {ref: found for ref, found in ungrounded.items() if ref.partition(".")[0] not in repaired}
        again = [reading for _, reading in mended.evaluated.tables if reading.table in repaired]
        ungrounded = others | {ref: found for reading in again for ref, found in ground(source, reading).items()}
    return mended, ungrounded


def _of_tables(text: tuple[Source, Sequence[Section]], tables: Tables, ledger: Ledger) -> Iterator[Finding]:
    """Yields what is found in each table by itself, arithmetic apart."""
    source, sections = text
    for (section, reading), entry in zip(tables, ledger.entries, strict=True):
        yield from reading.remarks
        is_read = section.body != "illegible" and (section.body != "present" or reading.reader != "none")
        yield from uncovered(source, section, reading) if is_read else ()
        yield from structural_findings(entry, section, source, ledger.catalog)
        yield from leftover_findings(entry, section, sections, source)


def _arithmetic(mended: Mended, ungrounded: frozenset[str]) -> tuple[tuple[Check, ...], list[Finding]]:
    """Returns the checks, each failing one with whose fault it is, and what they find."""
    ledger, system = mended.evaluated.ledger, mended.system
    findings = [finding for found in mended.explanations for finding in findings_of(found, system, ungrounded)]
    checks = with_faults(mended.evaluated.checks, mended.explanations, system, ungrounded)
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
    named = with_faults([remark.check for remark in remarks], (), system, ungrounded)
    return (*checks, *named), findings


def _corrected(findings: Sequence[Finding]) -> list[tuple[str, Decimal]]:
    """Returns the cells that a finding corrects alone, each with the value it implies."""
    alone = [implied for finding in findings if len(implied := implied_by(finding)) == 1]
    return [(cell, value) for implied in alone for cell, value in implied.items()]


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
