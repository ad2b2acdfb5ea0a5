"""A line of the source → what of it fits, with carets under the numerals that matter."""

from collections.abc import Iterable, Sequence

from rich.cells import cell_len, set_cell_size

from crossfoot.figures import Cell, Finding, Line, Source

#: How much of a long line is kept before the first numeral, in terminal cells.
_BEFORE = 20
_CUT = "…"
#: As much of a line as one likes to read, in terminal cells.
_QUOTED = 120


def quoted(source: Source, number: int, cells: Iterable[Cell], room: int) -> list[tuple[str, str]]:
    """Returns the line as far as there is room, tabs visible, and carets below the cells; nothing without such a line.

    Cells that are too far apart for one stretch of the line get one each.
    """
    if not 1 <= number <= len(source.lines):
        return []
    line = source.line(number)
    shown = line.text.replace("\t", "⇥")
    kept = len(shown) - len(shown.lstrip()), len(shown.rstrip())
    spans = sorted({span for cell in cells if (span := _span(line, cell))})
    found: list[tuple[str, str]] = []
    while spans or not found:
        start, end = _window(shown, kept, spans[0] if spans else (kept[0], kept[0]), room)
        pointed = {at for first, last in spans for at in range(first, last)}
        before, after = _CUT if start > kept[0] else "", _CUT if end < kept[1] else ""
        carets = "".join(("^" if at in pointed else " ") * cell_len(shown[at]) for at in range(start, end))
        found.append((f"{before}{shown[start:end]}{after}", f"{' ' * len(before)}{carets}".rstrip()))
        spans = [span for span in spans[1:] if span[1] > end]
    return found


def quoted_line(finding: Finding, source: Source) -> str:
    """Returns the line in which a finding stands, or the part of it around what the finding names; "" if in none."""
    if not 1 <= finding.line <= len(source.lines):
        return ""
    wanted = next((cell.printed for cell in finding.cells if cell.line == finding.line and cell.printed), "")
    return excerpt(source.line(finding.line).text, wanted)


def excerpt(line: str, wanted: str) -> str:
    """Returns the line with visible tabs, and of a long one the part around `wanted`; no character is cut in two."""
    shown = line.replace("\t", "⇥").strip()
    if cell_len(shown) <= _QUOTED:
        return shown
    start = max(shown.find(wanted) - _BEFORE, 0) if wanted else 0
    before = _CUT if start else ""
    rest = shown[start:]
    if cell_len(rest) <= _QUOTED:
        return before + rest
    return before + set_cell_size(rest, _QUOTED).rstrip() + _CUT


def _span(line: Line, cell: Cell) -> tuple[int, int] | None:
    """Returns where the cell's text stands in the line: at its span, else where it is first found."""
    start, end = (max(place - line.start, 0) for place in cell.span)
    text = cell.original or cell.printed
    if start < end <= len(line.text):
        return start, end
    found = line.text.find(text) if text else -1
    return None if found < 0 else (found, found + len(text))


def _window(shown: str, kept: tuple[int, int], wanted: tuple[int, int], room: int) -> tuple[int, int]:
    """Returns the part of the text that fits the room: its beginning, or else from a little before what is wanted."""
    first, last = kept
    start, end = first, _fitting(shown, first, last, room)
    if end < wanted[1]:
        start = wanted[0]
        while start > first and cell_len(shown[start - 1 : wanted[0]]) <= min(_BEFORE, room // 3):
            start -= 1
        end = _fitting(shown, start, last, room - 1)
    return start, end


def _fitting(shown: str, start: int, last: int, room: int) -> int:
    """Returns up to where the text fits; one cell is left for the sign that it goes on."""
    sizes: Sequence[int] = [cell_len(character) for character in shown[start:last]]
    if sum(sizes) <= room:
        return last
    used, end = 0, start
    for size in sizes:
        if used + size > room - 1:
            break
        used += size
        end += 1
    return end
