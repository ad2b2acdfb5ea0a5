"""A table of a document → a table on a terminal: failing cells marked, and the sums that fail written out.

Piped output is plain text of natural width; on a terminal a wide table is broken into several, never cut.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from rich import box
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table as Grid
from rich.text import Text

from crossfoot.figures import Check, Document, Source, Table
from crossfoot.labels import header_levels
from crossfoot.output.blocks import Block, Slot, blocks
from crossfoot.output.decide import print_decisions
from crossfoot.output.decisions import decisions_about
from crossfoot.output.findings import findings_about, print_findings
from crossfoot.output.marks import Mark, marks_of
from crossfoot.output.places import Places, heading, places_of
from crossfoot.output.sums import write_out
from crossfoot.output.tallies import outcome_text, reach_text, tally_text
from crossfoot.output.terminal import say

_WIDEST_TEXT = 30
_BETWEEN = 2
_MARK = 2

_BODIES = {"blank": "the table is blank", "illegible": "the table is illegible", "absent": "the table is not there"}


def print_table(console: Console, document: Document, table: Table, source: Source) -> None:
    """Prints one table with its verdict, marks, failing sums and findings."""
    marks = marks_of(document)
    _print_heading(console, table)
    for block in blocks(table):
        _print_block(console, block, marks)
    _print_legend(console, table, marks)
    places = places_of(document)
    decisions = decisions_about(document, table, places)
    print_decisions(console, decisions, table, places, source)
    shown = decisions.shown_checks()
    failing = [check for check in document.checks if check.outcome == "fails" and table.id in check.tables]
    _print_sums(console, [check for check in failing if check.id not in shown], places)
    others = [one for one in findings_about(document, table) if not decisions.says(one)]
    if others and (failing or any(decisions)):
        say(console, "")
    print_findings(console, others, source)


def _print_heading(console: Console, table: Table) -> None:
    first, last = table.lines
    placed = " · ".join((table.id, table.type, table.unit or "unit unknown", f"lines {first}–{last}"))
    say(console, heading(table), style="bold")
    say(console, Text(f"{placed} · ", style="dim"), outcome_text(table.verdict))
    say(console, tally_text(table.verdict.tally))
    reach = reach_text(table.verdict.tally)
    if reach:
        say(console, reach, style="dim")
    if table.read_by is not None:
        what = "read" if table.reader == "llm" else "some headers named"
        say(console, f"{what} by {table.read_by.model}, prompt {table.read_by.prompt}")
    if table.body != "present":
        reason = f": {table.register_reason}" if table.register_reason else ""
        say(console, f"{_BODIES[table.body]} in the source{reason}")


class _Strip(NamedTuple):
    """One column as printed: numbers are padded to end below one another, each with room for its mark."""

    head: Text
    fields: tuple[Text, ...]
    width: int
    is_numeric: bool


def _print_block(console: Console, whole: Block, marks: Mapping[str, Mark]) -> None:
    block, dropped = whole.without_blanks()
    if not block.lines:
        return
    if block.panel:
        say(console, f"list {block.panel}" if block.panel.isdigit() else block.panel, style="bold")
    widest = min(_WIDEST_TEXT, console.width // 2) if console.is_terminal else console.width
    strips = [_strip(block, position, marks, widest) for position in range(len(block.header))]
    for part in _parts(strips, strips[block.naming], console.width):
        _print_part(console, part)
    if dropped:
        say(console, f"blank throughout, not shown: {', '.join(dropped)}", style="dim")


def _strip(block: Block, position: int, marks: Mapping[str, Mark], widest: int) -> _Strip:
    slots = [line[position] for line in block.lines]
    heads = header_levels(block.header[position])
    room = _MARK if any(slot.reference in marks for slot in slots) else 0
    width = max(*(cell_len(slot.text) + room for slot in slots), *map(cell_len, heads))
    if not block.is_numeric(position):
        fields = tuple(_marked(slot.text, slot, marks) for slot in slots)
        return _Strip(Text("\n".join(heads)), fields, min(width, widest), is_numeric=False)
    fields = tuple(_marked(_right(slot.text, width - room), slot, marks) for slot in slots)
    return _Strip(Text("\n".join(_right(head, width) for head in heads)), fields, width, is_numeric=True)


def _right(text: str, width: int) -> str:
    return " " * (width - cell_len(text)) + text


def _marked(text: str, slot: Slot, marks: Mapping[str, Mark]) -> Text:
    mark = marks.get(slot.reference)
    return Text(f"{text} {mark.sign}", style=mark.style) if mark else Text(text)


def _parts(strips: Sequence[_Strip], naming: _Strip, width: int) -> list[list[_Strip]]:
    """Returns the columns in parts that fit the width; each further part starts with the column that names the rows."""
    parts: list[list[_Strip]] = [[]]
    room = width - _BETWEEN
    for strip in strips:
        needed = strip.width + _BETWEEN
        if needed > room and len(parts[-1]) > 1:
            parts.append([naming])
            room = width - _BETWEEN - naming.width - _BETWEEN
        parts[-1].append(strip)
        room -= needed
    return parts


def _print_part(console: Console, strips: Sequence[_Strip]) -> None:
    grid = Grid(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0), header_style="bold")
    for strip in strips:
        grid.add_column(strip.head, min_width=strip.width, max_width=strip.width, overflow="fold")
    for line in zip(*(strip.fields for strip in strips), strict=True):
        grid.add_row(*line)
    console.print(grid, width=sum(strip.width + _BETWEEN for strip in strips), crop=False)


def _print_legend(console: Console, table: Table, marks: Mapping[str, Mark]) -> None:
    used = {marks[reference] for reference, _, _ in table.cells() if reference in marks}
    for mark in sorted(used):
        say(console, f"{mark.sign} {mark.meaning}", style=mark.style or "dim")


def _print_sums(console: Console, failing: Iterable[Check], places: Places) -> None:
    for check in failing:
        written = write_out(check, places)
        say(console, f"\n✗ {written.rule}", style="bold red")
        say(console, f"  {written.sentence}")
        width = max((cell_len(entry.amount) for entry in written.entries), default=0)
        for entry in written.entries:
            amount = " " * (width - cell_len(entry.amount)) + entry.amount
            say(console, f"    {entry.sign or ' '} {amount}  line {entry.line}  {entry.label}")
        if written.left_out:
            parts = "1 part that is" if written.left_out == 1 else f"{written.left_out} parts that are"
            say(console, f"    and {parts} blank or zero", style="dim")
