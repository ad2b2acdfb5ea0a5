"""Source + reading → grounded and covered, computed from the text alone.

Grounded: every cell's printed text stands at its span, and no two cells share a place.
Covered: every field of the table is used by a cell or explained; numerals and words are told apart.
"""

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet

from crossfoot.figures import LINE_END, Cell, Finding, Reading, Row, Section, Source
from crossfoot.judging.ledger import ref_of

_FIELD = re.compile(r"[^\t|]+")
_AMOUNT = re.compile(r"(?:^|\t)\s*\d[\d,]*\.\d+\s*(?:\t|$)")
#: The same where blanks stand for tabs: a code, a name and amounts, or two amounts at the end of no sentence.
_SPACED = re.compile(
    r"\s*\d{3}(?:\d\d){0,2}\s*[^\s\d。；，][^。；，]*\s-?\d[\d,]*\.\d+\s*$|[^。；，：]*(?:\s-?\d[\d,]*\.\d+){2,}\s*$"
)
_SEPARATOR = re.compile(r"[\t|]")
_WORD = re.compile(r"\S+")
_NUMERAL = re.compile(r"\d")
#: What stands before and after a part of a longer numeral: digits, also behind a point or a thousands comma.
_ENDS_IN_DIGIT = re.compile(r"\d[.,]?\Z")
_GOES_ON = re.compile(r"[.,]?\d")
#: Heads of the indicator trees in performance forms; so many of them within so many lines are a table's.
_INDICATOR_HEADS = frozenset({"一级指标", "二级指标", "三级指标", "指标内容", "指标值", "年度指标值"})
_FEWEST_HEADS, _HEADS_WITHIN = 3, 8
_RULE = re.compile(r"^[\s|:\-=_+]+$")


def ground(source: Source, reading: Reading) -> dict[str, Finding]:
    """Returns a finding for each cell that does not stand at its place or shares it, by cell reference."""
    findings: dict[str, Finding] = {}
    taken: dict[tuple[int, int], str] = {}
    for row in reading.rows:
        of_row = ref_of(reading, row, "")
        for place, cell in enumerate((*row.cells, *row.loose)):
            if cell.state == "resolved":  # a person says it, not the text
                continue
            ref = of_row + (cell.column or f"loose{place - len(row.cells) + 1}")
            problem = _problem(source, cell, row)
            if not problem and cell.printed:
                first = taken.setdefault(cell.span, ref)
                problem = "" if first == ref else f"its place is already taken by {first}"
            if problem:
                findings[ref] = Finding(
                    code="ungrounded", severity="error", table=reading.table, line=cell.line,
                    message=f"{ref} {cell.printed!r}: {problem}",
                )  # fmt: skip
    return findings


def _problem(source: Source, cell: Cell, row: Row) -> str:
    start, end = cell.span
    line = source.lines[cell.line - 1]
    if not line.start <= start <= end <= len(source.text) or start > line.start + len(line.text):
        return "its span is not on its line"
    if start == end and not cell.printed:  # as most cells are
        return ""
    printed = cell.printed
    raw = source.text[start:end]
    here = raw if raw.isprintable() else _joined(raw)
    if here != printed:
        said = {printed, cell.original or printed}
        if here not in said and _without_others(source, cell, row) not in said:
            return f"the source reads {raw[:30]!r} there"
    is_part = (printed[:1].isdigit() and _ENDS_IN_DIGIT.search(source.text[max(0, start - 2) : start])) or (
        printed[-1:].isdigit() and _GOES_ON.match(source.text[end : end + 2])
    )
    return "it is a part of a longer numeral" if is_part and _NUMERAL.search(printed) else ""


def _without_others(source: Source, cell: Cell, row: Row) -> str:
    """Returns what stands at the place of a cell that wrapped around others of its row: their text is not its own."""
    start, end = cell.span
    others = sorted(other.span for other in (*row.cells, *row.loose) if start < other.span[0] < other.span[1] <= end)
    parts: list[str] = []
    for other_start, other_end in others:
        parts.append(source.text[start:other_start])
        start = max(start, other_end)
    parts.append(source.text[start:end])
    return "".join(part.strip() for piece in parts for part in LINE_END.split(piece))


def _joined(text: str) -> str:
    """Returns a slice as one cell: the lines of a wrapped cell joined, blanks and markup at their ends left out."""
    if LINE_END.search(text) is None:
        return text
    return "".join(part.strip() for part in LINE_END.split(text))


def uncovered(source: Source, section: Section, reading: Reading) -> list[Finding]:
    """Returns a finding for each field of the body that no cell used and nothing explains."""
    cells = (cell for row in reading.rows for cell in (*row.cells, *row.loose))
    spans = {cell.span for cell in cells if cell.printed or cell.original}
    spans.update(entry.span for entry in reading.explained)
    used = _merged(spans)
    findings: list[Finding] = []
    for line, start, end, text in _fields(source, section.body_lines, used):
        if (start, end) not in spans and not _is_used(used, start, end):  # nearly every field is just a cell
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
    """Returns a finding for each line that looks like a row (columns and an amount), or a form's head, in no table."""
    inside = {
        line
        for section in sections
        if section.kind in {"table", "chart"}
        for line in range(section.first, section.last + 1)
    }
    rows = [
        Finding(
            code="uncovered_number", severity="error", line=line.number,
            message=f"{line.text.strip()[:40]!r} looks like a row and is in no table",
        )
        for line in source.lines
        if line.number not in inside and _looks_like_row(line.text)
    ]  # fmt: skip
    return rows + _heads_outside(source, inside)


def _heads_outside(source: Source, inside: AbstractSet[int]) -> list[Finding]:
    """Returns a finding where the heads of an indicator tree stand in no table, on one line or one below the other."""
    findings: list[Finding] = []
    seen: dict[str, int] = {}
    for line in source.lines:
        heads = _INDICATOR_HEADS.intersection(line.text.split()) if line.number not in inside else frozenset()
        seen = {head: number for head, number in seen.items() if line.number - number <= _HEADS_WITHIN}
        seen |= dict.fromkeys(heads, line.number)
        if heads and len(seen) >= _FEWEST_HEADS:
            first = min(seen.values())
            findings.append(
                Finding(
                    code="uncovered_text", severity="warning", line=first,
                    message="the heads of an indicator table stand here, and it is in no table",
                )
            )  # fmt: skip
            seen = {}
    return findings


def is_spaced(source: Source, number: int) -> bool:
    """Says whether a line has no separators, so that only blanks stand between its words."""
    return not _SEPARATOR.search(source.line(number).text)


def _looks_like_row(text: str) -> bool:
    return bool(_AMOUNT.search(text)) if "\t" in text else bool(_SPACED.match(text))


def _fields(
    source: Source, numbers: Sequence[int], used: Sequence[tuple[int, int]]
) -> Iterator[tuple[int, int, int, str]]:
    """Yields every field of the lines with its place; a line without separators, once used, word by word."""
    for number in numbers:
        line = source.line(number)
        if _RULE.match(line.text):
            continue
        is_parted = _SEPARATOR.search(line.text) or not _is_used(used, line.start, line.start + len(line.text))
        pattern = _FIELD if is_parted else _WORD
        for match in pattern.finditer(line.text):
            text = match[0].strip()
            if text:
                start = line.start + match.start() + match[0].index(text)
                yield number, start, start + len(text), text


def _merged(spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Returns the spans in order, those that overlap or touch as one."""
    merged: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def _is_used(used: Sequence[tuple[int, int]], start: int, end: int) -> bool:
    place = bisect_left(used, (start, start))
    return any(span[0] < end and span[1] > start for span in used[max(0, place - 1) : place + 1])
