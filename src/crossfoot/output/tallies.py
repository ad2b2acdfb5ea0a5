"""Verdicts and the counts behind them → one line of text each, and all about one document."""

from rich.console import Console
from rich.text import Text

from crossfoot.figures import Document, Source, Table, Tally, Verdict
from crossfoot.output.decisions import counts_of
from crossfoot.output.findings import print_findings
from crossfoot.output.narrative import print_facts
from crossfoot.output.places import places_of, table_title
from crossfoot.output.terminal import print_grid, say

STYLES = {"accepted": "green", "footed": "green", "copied": "green", "repaired": "cyan", "flagged": "bold red"}
_WORST_FIRST = ("error", "warning", "note")


def outcome_text(verdict: Verdict) -> Text:
    """Returns the verdict in its colour, e.g. `accepted, footed` or `flagged: source_inconsistency`."""
    basis = f", {verdict.basis}" if verdict.basis and verdict.outcome != "flagged" else ""
    reasons = f": {', '.join(verdict.reasons)}" if verdict.reasons else ""
    return Text(f"{verdict.outcome}{basis}{reasons}", style=STYLES[verdict.outcome])


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
