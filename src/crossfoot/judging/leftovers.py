"""What of a table's text has no certain place: it is said, so that no table is given out without it.

Cells under no header, places marked illegible that no reader spoke of, and totals that stand twice in one block.
"""

import re
from collections.abc import Iterator

from crossfoot.figures import Finding, FindingCode, Section, Severity, Source
from crossfoot.judging.ledger import Entry, is_unknown_key, list_of, unnamed_columns
from crossfoot.labels import words

_DIGIT = re.compile(r"\d")
_ILLEGIBLE = "[illegible]"


def leftover_findings(entry: Entry, section: Section, source: Source) -> Iterator[Finding]:
    """Yields a finding for each kind of text of the table that has no certain place."""
    if entry.reading.reader != "none" and section.body in {"present", "blank"}:
        yield from _headless(entry)
        yield from _unread_marks(entry, section, source)
        yield from _second_totals(entry)


def _finding(entry: Entry, line: int, what: tuple[FindingCode, Severity], message: str) -> Finding:
    return Finding(code=what[0], severity=what[1], table=entry.id, line=line, message=f"{entry.name}: {message}")


def _uncovered(text: str) -> tuple[FindingCode, Severity]:
    return ("uncovered_number", "error") if _DIGIT.search(text) else ("uncovered_text", "warning")


def _headless(entry: Entry) -> Iterator[Finding]:
    """Yields what stands in columns that the form does not know and nobody can name.

    They have no header; or it is read wrong, and the form's column of names is missing.
    """
    if entry.known is None:
        return
    unnamed = unnamed_columns(entry.reading)
    present = {column.key for column in entry.reading.columns}
    names = [key for key, spec in entry.known.columns.items() if spec.kind == "text"][:1]
    misses_name = any(key not in present for key in names)
    cells = [
        cell
        for row in entry.reading.rows
        for cell in row.cells
        if cell.printed and cell.state != "blank"
        if (list_of(entry.reading, row), cell.column) in unnamed
        or (misses_name and cell.kind == "text" and is_unknown_key(cell.column))
    ]
    if cells:
        first = next((cell for cell in cells if _DIGIT.search(cell.printed)), cells[0])
        number = "1 cell stands" if len(cells) == 1 else f"{len(cells)} cells stand"
        message = f"{number} in a column without a name (first {first.printed[:30]!r})"
        yield _finding(entry, first.line, _uncovered(first.printed), message)


def _unread_marks(entry: Entry, section: Section, source: Source) -> Iterator[Finding]:
    """Yields the lines of the body that say that something is illegible, where no reader has said so."""
    said = {remark.line for remark in entry.reading.remarks if remark.code == "illegible"}
    said |= {cell.line for row in entry.reading.rows for cell in row.cells if cell.state == "illegible"}
    for number in section.body_lines:
        if number not in said and _ILLEGIBLE in words(source.line(number).text):
            yield _finding(entry, number, ("illegible", "error"), "something is illegible here")


def _second_totals(entry: Entry) -> Iterator[Finding]:
    """Yields the totals of a form's block that stand in it a second time, word by word."""
    seen: set[tuple[str, ...]] = set()
    for row in entry.reading.rows:
        if row.kind != "total" or not row.block:
            continue
        key = (row.block, row.name, *(f"{cell.column} {cell.printed}" for cell in row.cells if cell.printed))
        if key in seen:
            yield _finding(entry, row.line, ("duplicate_row", "warning"), f"{row.name} stands a second time")
        seen.add(key)
