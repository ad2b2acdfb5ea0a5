"""Verdicts and the counts behind them → one line of text each, and a summary over documents."""

from collections import Counter
from collections.abc import Mapping, Sequence

from rich.console import Console
from rich.text import Text

from crossfoot.figures import Document, Finding, Noun, Outcome, Severity, Source, Table, Tally, Verdict
from crossfoot.output.decisions import counts_of
from crossfoot.output.findings import print_findings, print_headline
from crossfoot.output.narrative import print_facts
from crossfoot.output.places import places_of, table_title
from crossfoot.output.terminal import print_grid, say

_STYLES = {"accepted": "green", "footed": "green", "copied": "green", "repaired": "cyan", "flagged": "bold red"}
_WORST_FIRST = ("error", "warning", "note")
#: A summary ends with this many findings at most; more are for the review queue.
_MOST_FINDINGS = 25


def outcome_text(verdict: Verdict) -> Text:
    """Returns the verdict in its colour, e.g. `accepted, footed` or `flagged: source_inconsistency`."""
    basis = f", {verdict.basis}" if verdict.basis and verdict.outcome != "flagged" else ""
    reasons = f": {', '.join(verdict.reasons)}" if verdict.reasons else ""
    return Text(f"{verdict.outcome}{basis}{reasons}", style=_STYLES[verdict.outcome])


def tally_text(tally: Tally) -> str:
    """Returns the counts in words; a share is rounded down, so that 100 % means all."""
    proved = f"{tally.proved}/{tally.amounts} non-zero amounts proved" if tally.amounts else "no amounts"
    checks = f"{tally.checks_executed}/{tally.checks_declared} checks executed"
    failed = f", {tally.checks_failed} failed" if tally.checks_failed else ""
    person = f" · values from a person: {tally.resolved}" if tally.resolved else ""
    known = f" · findings accepted by a person: {tally.known}" if tally.known else ""
    return f"{proved} · {checks}{failed}{person}{known}"


def reach_text(tally: Tally) -> str:
    """Returns what the sums could tell of an error in an amount, nothing if no sum covers one."""
    if not tally.covered:
        return ""
    return (
        f"of {tally.amounts} amounts {tally.covered} stand in sums; "
        f"an error would show in {tally.detectable} and be located in {tally.locatable}"
    )


def share(part: int, whole: int) -> str:
    """Returns the percentage with one decimal, rounded down, "–" when there is nothing to count.

    >>> share(999, 1000), share(9999, 10000), share(0, 0)
    ('99.9 %', '99.9 %', '–')
    """
    if not whole:
        return "–"
    tenths = 1000 * part // whole
    return f"{tenths // 10}.{tenths % 10} %"


def print_document(console: Console, document: Document, source: Source) -> None:
    """Prints what a document is, its tables with their verdicts, and its findings, the worst first."""
    year = "year unknown" if document.fiscal_year is None else str(document.fiscal_year)
    named = " · ".join((document.source.name, year, document.kind, document.id[:12]))
    tally = document.verdict.tally
    say(console, document.department or document.source.name, style="bold")
    say(console, Text(f"{named} · ", style="dim"), outcome_text(document.verdict))
    say(console, f"{share(tally.proved, tally.amounts)} proved: {tally_text(tally)}")
    counts = counts_of(document, places_of(document))
    heads = ("table", "", "title", ">proved", ">checks", ">failed", "verdict", *(["to decide"] if counts else []))
    rows = [_table_row(table) for table in document.tables]
    if counts:
        said = [counts[table.id].in_words() if table.id in counts else "" for table in document.tables]
        rows = [(*row, words) for row, words in zip(rows, said, strict=True)]
    print_grid(console, heads, rows)
    if counts:
        asked = [_asked_for(table, document) for table in document.tables if table.id in counts]
        also = f"  (also {', '.join(asked[1:])})" if len(asked) > 1 else ""
        say(console, f"each with its sums, as printed and as proposed: crossfoot show … {asked[0]}{also}")
    print_facts(console, document)
    ordered = sorted(document.findings, key=lambda finding: (_WORST_FIRST.index(finding.severity), finding.line))
    print_findings(console, ordered, source)


def _asked_for(table: Table, document: Document) -> str:
    """Returns what to ask for the table by: its number, or its id where others have the same or it has none."""
    is_only = [other.number for other in document.tables].count(table.number) == 1
    return table.number if table.number and is_only and " " not in table.number else table.id


def _table_row(table: Table) -> tuple[str | Text, ...]:
    tally = table.verdict.tally
    return (
        table.id,
        table.number,
        table_title(table),
        f"{tally.proved}/{tally.amounts}",
        f"{tally.checks_executed}/{tally.checks_declared}",
        str(tally.checks_failed or ""),
        outcome_text(table.verdict),
    )


class Outline(Noun):
    """What a summary says of one document; `tables` counts them by outcome, accepted ones by their basis.

    `findings` are the warnings and errors.
    """

    name: str
    department: str
    fiscal_year: int | None
    outcome: Outcome
    tables: Mapping[str, int]
    tally: Tally
    severities: Mapping[Severity, int]
    findings: tuple[Finding, ...]


def outline(document: Document) -> Outline:
    """Returns what a summary needs of the document, so that a long batch need not keep the whole of it."""
    return Outline(
        name=document.source.name,
        department=document.department,
        fiscal_year=document.fiscal_year,
        outcome=document.verdict.outcome,
        tables=Counter(_class_of(table.verdict) for table in document.tables),
        tally=document.verdict.tally,
        severities=Counter(finding.severity for finding in document.findings),
        findings=tuple(finding for finding in document.findings if finding.severity != "note"),
    )


def _class_of(verdict: Verdict) -> str:
    return verdict.basis or "accepted" if verdict.outcome == "accepted" else verdict.outcome


def print_summary(console: Console, outlines: Sequence[Outline]) -> None:
    """Prints a line per document and one for all; tables accepted as footed and as copied are never merged."""
    heads = ("document", "tables", ">proved", ">checks", ">failed", ">errors", ">warnings")
    rows: list[tuple[str | Text, ...]] = [(_who(entry), *_counts([entry])) for entry in outlines]
    if len(outlines) > 1:
        rows.append((Text(f"{len(outlines)} documents", style="bold"), *_counts(outlines)))
    print_grid(console, heads, rows)


def print_worst(console: Console, outlines: Sequence[Outline]) -> None:
    """Prints the warnings and errors of all documents, errors first, one line each; of very many only the first."""
    found = [(entry.name, finding) for entry in outlines for finding in entry.findings]
    found.sort(key=lambda item: _WORST_FIRST.index(item[1].severity))
    for name, finding in found[:_MOST_FINDINGS]:
        print_headline(console, finding, name)
    if len(found) > _MOST_FINDINGS:
        say(console, f"… and {len(found) - _MOST_FINDINGS} more; `crossfoot flags` lists them all", style="dim")


def _who(entry: Outline) -> Text:
    who = Text(entry.department or entry.name, style=_STYLES[entry.outcome])
    who.append(f" {entry.fiscal_year or 'year unknown'}")
    if entry.department:
        who.append(f"\n{entry.name}", style="dim")
    return who


def _counts(entries: Sequence[Outline]) -> tuple[str | Text, ...]:
    tallies = [entry.tally for entry in entries]
    proved, amounts = sum(tally.proved for tally in tallies), sum(tally.amounts for tally in tallies)
    executed, declared = sum(t.checks_executed for t in tallies), sum(t.checks_declared for t in tallies)
    numbers = (
        sum(tally.checks_failed for tally in tallies),
        sum(entry.severities.get("error", 0) for entry in entries),
        sum(entry.severities.get("warning", 0) for entry in entries),
    )
    return _tables_text(entries), share(proved, amounts), f"{executed}/{declared}", *map(str, numbers)


def _tables_text(entries: Sequence[Outline]) -> Text:
    """Returns how many tables were found and how they came out, e.g. `14: 9 footed, 1 copied, 4 flagged`."""
    found = sum(number for entry in entries for number in entry.tables.values())
    text = Text()
    for head in dict.fromkeys([*_STYLES, *(head for entry in entries for head in entry.tables)]):
        number = sum(entry.tables.get(head, 0) for entry in entries)
        if number:
            text.append(", " if text else "").append(f"{number} {head}", style=_STYLES.get(head, ""))
    return Text(f"{found}: ").append(text) if text else Text("none")
