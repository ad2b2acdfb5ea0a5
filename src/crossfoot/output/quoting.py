"""A line of the source → what of it fits, with carets under the numerals that matter."""

from collections.abc import Iterable, Sequence

from rich.cells import cell_len

from crossfoot.figures import Cell, Line, Source

#: How much of a long line is kept before the first numeral, in terminal cells.
_BEFORE = 20
_CUT = "…"


def quoted(source: Source, number: int, cells: Iterable[Cell], room: int) -> tuple[str, str] | None:
    """Returns the line as far as there is room, tabs visible, and carets below the cells; None without such a line."""
    if not 1 <= number <= len(source.lines):
        return None
    line = source.line(number)
    spans = [span for cell in cells if (span := _span(line, cell))]
    pointed = {at for start, end in spans for at in range(start, end)}
    shown = line.text.replace("\t", "⇥")
    first = len(shown) - len(shown.lstrip())
    last = len(shown.rstrip())
    start, end = _window(shown, (first, last), min(spans, default=(first, first)), room)
    before, after = _CUT if start > first else "", _CUT if end < last else ""
    carets = "".join(("^" if at in pointed else " ") * cell_len(shown[at]) for at in range(start, end))
    return f"{before}{shown[start:end]}{after}", f"{' ' * len(before)}{carets}".rstrip()


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
