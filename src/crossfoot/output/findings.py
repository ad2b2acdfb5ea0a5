"""Findings → `name:line: severity: message` with the source line quoted below."""

from collections.abc import Iterable
from decimal import Decimal

from rich.console import Console
from rich.text import Text

from crossfoot.figures import Document, Finding, Source, Table
from crossfoot.output.quoting import quoted_line
from crossfoot.output.terminal import say

_STYLES = {"error": "bold red", "warning": "yellow", "note": "dim"}


def findings_about(document: Document, table: Table) -> tuple[Finding, ...]:
    """Returns the findings that the table has, or that a check reaching into it has."""
    reaching = {check.id for check in document.checks if check.outcome == "fails" and table.id in check.tables}
    return tuple(
        finding for finding in document.findings if finding.table == table.id or reaching.intersection(finding.checks)
    )


def print_findings(console: Console, findings: Iterable[Finding], source: Source) -> None:
    """Prints the findings in the order given."""
    for finding in findings:
        print_finding(console, finding, source)


def print_finding(console: Console, finding: Finding, source: Source) -> None:
    """Prints one finding, the cells it names and the line it stands in."""
    print_headline(console, finding, source.name)
    print_details(console, finding, quoted_line(finding, source))


def print_details(console: Console, finding: Finding, quoted: str) -> None:
    """Prints the cells that a finding names, if there are several, and the line it stands in."""
    for cell in finding.cells if len(finding.cells) > 1 else ():
        implied = f"; the sums imply {cell.implied}" if cell.implied else ""
        name = f"{cell.cell}  " if "." in cell.cell else ""  # a figure in a sentence is no cell that could be resolved
        say(console, f"    line {cell.line}  {name}{cell.label}: printed {cell.printed}{implied}")
    if quoted:
        say(console, f"    {finding.line} | {quoted}", style="dim")


def print_headline(console: Console, finding: Finding, name: str, stake: Decimal | None = None) -> None:
    """Prints the one line that says where a finding is and what it is; `stake` is the money it is about, in 元."""
    place = f"{name}:{finding.line}: " if finding.line else f"{name}: "
    said = finding.severity if finding.accepted_from is None else f"accepted {finding.accepted_from}"
    severity = Text(f"{said}: ", style=_STYLES[finding.severity])
    money = "" if stake is None else f" [{stake.normalize():,f} 元 at stake]"
    say(console, place, severity, finding.message, Text(f"{money} ({finding.code})", style="dim"))
