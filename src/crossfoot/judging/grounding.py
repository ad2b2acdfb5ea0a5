"""Source + reading → grounded and covered, computed from the text alone.

Grounded: every cell's printed text stands at its span, and no two cells share a place.
Covered: every field of the table is used by a cell or explained; numerals and words are told apart.
"""

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence

from crossfoot.figures import LINE_END, Cell, Finding, Reading, Section, Source
from crossfoot.judging.ledger import ref_of

_FIELD = re.compile(r"[^\t|]+")
_AMOUNT = re.compile(r"(?:^|\t)\s*\d[\d,]*\.\d+\s*(?:\t|$)")
_NUMERAL = re.compile(r"\d")
_RULE = re.compile(r"^[\s|:\-=_+]+$")


def ground(source: Source, reading: Reading) -> dict[str, Finding]:
    """Returns a finding for each cell that does not stand at its place or shares it, by cell reference."""
    findings: dict[str, Finding] = {}
    taken: dict[tuple[int, int], str] = {}
    for row in reading.rows:
        for cell in row.cells:
            ref = ref_of(reading, row, cell.column)
            problem = _problem(source, cell)
            if not problem and cell.printed:
                first = taken.setdefault(cell.span, ref)
                problem = "" if first == ref else f"its place is already taken by {first}"
            if problem:
                findings[ref] = Finding(
                    code="ungrounded", severity="error", table=reading.table, line=cell.line,
                    message=f"{ref} {cell.printed!r}: {problem}",
                )  # fmt: skip
    return findings


def _problem(source: Source, cell: Cell) -> str:
    start, end = cell.span
    line = source.line(cell.line)
    if not line.start <= start <= end <= len(source.text) or start > line.start + len(line.text):
        return "its span is not on its line"
    if _joined(source.text[start:end]) != cell.printed:
        return f"the source reads {source.text[start:end][:30]!r} there"
    if _NUMERAL.search(cell.printed):
        before, after = source.text[start - 1 : start], source.text[end : end + 1]
        if (cell.printed[0].isdigit() and before.isdigit()) or (cell.printed[-1].isdigit() and after.isdigit()):
            return "it is a part of a longer numeral"
    return ""


def _joined(text: str) -> str:
    """Returns a slice as one cell: the lines of a wrapped cell joined, blanks and markup at their ends left out."""
    parts = LINE_END.split(text)
    return text if len(parts) == 1 else "".join(part.strip() for part in parts)


def uncovered(source: Source, section: Section, reading: Reading) -> list[Finding]:
    """Returns a finding for each field of the body that no cell used and nothing explains."""
    used = sorted(
        [cell.span for row in reading.rows for cell in row.cells if cell.printed]
        + [entry.span for entry in reading.explained]
    )
    starts = {span[0] for span in used}
    findings: list[Finding] = []
    for line, start, end, text in _fields(source, section.body_lines):
        if start not in starts and not _is_used(used, start, end):
            is_number = bool(_NUMERAL.search(text))
            findings.append(
                Finding(
                    code="uncovered_number" if is_number else "uncovered_text",
                    severity="error" if is_number else "warning",
                    table=reading.table,
                    line=line,
                    message=f"{text[:40]!r} is used by no cell",
                )
            )
    return findings


def outside(source: Source, sections: Sequence[Section]) -> list[Finding]:
    """Returns a finding for each line that looks like a table's (tabs and an amount) and is in no table."""
    inside = {
        line
        for section in sections
        if section.kind in {"table", "chart"}
        for line in range(section.first, section.last + 1)
    }
    return [
        Finding(
            code="uncovered_number", severity="error", line=line.number,
            message=f"{line.text.strip()[:40]!r} looks like a row and is in no table",
        )
        for line in source.lines
        if line.number not in inside and "\t" in line.text and _AMOUNT.search(line.text)
    ]  # fmt: skip


def _fields(source: Source, numbers: Sequence[int]) -> Iterator[tuple[int, int, int, str]]:
    for number in numbers:
        line = source.line(number)
        if _RULE.match(line.text):
            continue
        for match in _FIELD.finditer(line.text):
            text = match[0].strip()
            if text:
                start = line.start + match.start() + match[0].index(text)
                yield number, start, start + len(text), text


def _is_used(used: Sequence[tuple[int, int]], start: int, end: int) -> bool:
    place = bisect_left(used, (start, start))
    return any(span[0] < end and span[1] > start for span in used[max(0, place - 1) : place + 3])
