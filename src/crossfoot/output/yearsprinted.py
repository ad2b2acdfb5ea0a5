"""Tables side by side → a text for people, CSV for spreadsheets, JSON for programs."""

from collections.abc import Iterator, Sequence

from pydantic import TypeAdapter
from rich.console import Console

from crossfoot.figures import Table
from crossfoot.numerals import plain
from crossfoot.output.export import csv_line
from crossfoot.output.marks import DERIVED, FAILING, GROUNDED, ILLEGIBLE, REPAIRED, RESOLVED, UNPLACED
from crossfoot.output.places import heading
from crossfoot.output.tallies import outcome_text
from crossfoot.output.terminal import print_grid, say
from crossfoot.output.years import Change, Entry, SideBySide, YearsLine

_MARKS = (FAILING, ILLEGIBLE, REPAIRED, DERIVED, RESOLVED, UNPLACED, GROUNDED)
_All: TypeAdapter[list[SideBySide]] = TypeAdapter(list[SideBySide])


def print_years(console: Console, shown: SideBySide, tables: Sequence[Table]) -> None:
    """Prints one table type over the years; `tables` are those of the years, for their verdicts."""
    say(console, f"{heading(tables[-1])}", style="bold")
    say(console, f"{shown.type} · {shown.unit or 'unit unknown'}", style="dim")
    for year, table in zip(shown.years, tables, strict=True):
        unit = f" · printed in {year.unit}" if year.unit and year.unit != shown.unit else ""
        say(console, f"{year.label}  {year.file} {year.number or year.table}  ", outcome_text(table.verdict), unit)
    columns = {(line.panel, line.column) for line in shown.lines}
    has_columns = len(columns) > len({panel for panel, _ in columns})
    heads = ["list", "code", "line", "column"]
    for position, year in enumerate(shown.years):
        heads += [f">{year.label}", "", *([">change", ">%"] if position else [])]
    rows: list[list[str]] = []
    for line in shown.lines:
        row = [line.panel, line.code, line.name, line.column * has_columns]
        for position, entry in enumerate(line.entries):
            row += [_amount(entry), entry.sign if entry else ""]
            row += _changed(line, position) if position else []
        rows.append(row)
    print_grid(console, *_without_empty(heads, rows))
    signs = {entry.sign for line in shown.lines for entry in line.entries if entry}
    for mark in _MARKS:
        if mark.sign in signs:
            meaning = "does not fit; `crossfoot show` says why" if mark is FAILING else mark.meaning
            say(console, f"{mark.sign} {meaning}", style=mark.style or "dim")


def years_csv(all_shown: Sequence[SideBySide]) -> Iterator[str]:
    """Yields each table type as lines of CSV with a header of its own, a blank line between two."""
    for number, shown in enumerate(all_shown):
        if number:
            yield "\n"
        heads = ["table_type", "unit", "panel", "code", "name", "column"]
        for position, year in enumerate(shown.years):
            changed = [f"{year.label} change", f"{year.label} change %"] if position else []
            heads += [year.label, f"{year.label} proof", f"{year.label} state", f"{year.label} verdict", *changed]
        yield csv_line(heads)
        for line in shown.lines:
            row = [shown.type, shown.unit, line.panel, line.code, line.name, line.column]
            for position, (entry, year) in enumerate(zip(line.entries, shown.years, strict=True)):
                row += [
                    _amount(entry),
                    (entry.proof or "") if entry else "",
                    entry.state if entry else "",
                    year.outcome,
                ]
                row += _changed(line, position) if position else []
            yield csv_line(row)


def years_json(all_shown: Sequence[SideBySide]) -> str:
    """Returns a JSON list of the table types."""
    return _All.dump_json(list(all_shown), indent=2).decode("utf-8")


def _amount(entry: Entry | None) -> str:
    return "" if entry is None else entry.printed if entry.value is None else plain(entry.value)


def _changed(line: YearsLine, position: int) -> list[str]:
    change: Change | None = line.changes[position - 1]
    if change is None:
        return ["", ""]
    percent = "" if change.percent is None else f"{change.percent:+f}" if change.amount else "0.0"
    return [f"{change.amount:+f}" if change.amount else "0", percent]


def _without_empty(heads: list[str], rows: list[list[str]]) -> tuple[list[str], list[list[str]]]:
    """Returns the columns that have anything in them."""
    kept = [at for at in range(len(heads)) if any(row[at] for row in rows)]
    return [heads[at] for at in kept], [[row[at] for at in kept] for row in rows]
