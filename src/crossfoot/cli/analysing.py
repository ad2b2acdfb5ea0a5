"""The commands for analysts: `years` sets tables side by side, `search` finds words in the texts."""

import sys
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from crossfoot.cli.options import STORE, Database, Out
from crossfoot.cli.output import say, write
from crossfoot.errors import QueryError

if TYPE_CHECKING:
    from crossfoot.storage.searching import Hit, Line

Region = Annotated[str | None, typer.Option(help="Only departments of this region, e.g. 西安.")]
Kind = Annotated[Literal["budget", "final_accounts"] | None, typer.Option(help="Only this kind.")]

#: How many lines of a document a person wants to see at first, and how much of a line beside what was found.
_MOST_LINES = 5
_AROUND = 30


def years(  # noqa: PLR0913  each parameter is an option of the command
    department: Annotated[str, typer.Argument(help="A department or part of its name.")],
    *,
    table: Annotated[str | None, typer.Option(help="Only this table: 表5, 公开03, a type, or part of a title.")] = None,
    column: Annotated[str, typer.Option(help="A column by its header or key, or `all`; else each list's total.")] = "",
    kind: Kind = None,
    region: Region = None,
    form: Annotated[Literal["text", "csv", "json"], typer.Option("--format", help="What to write.")] = "text",
    out: Out = None,
    db: Database = STORE,
) -> None:
    """Sets several years of one department side by side: a row for each line of a table, a column for each year.

    Only tables of one type are compared, in one unit; a line that a year does not have stays empty.
    """
    from crossfoot.output.terminal import console_for
    from crossfoot.output.years import side_by_side
    from crossfoot.output.yearsprinted import print_years, years_csv, years_json
    from crossfoot.storage.query import comparable, find_documents
    from crossfoot.storage.store import Store

    with Store(db, must_exist=True) as store:
        documents = [store.load(entry.id) for entry in find_documents(store, department, None, kind, region)]
    groups = comparable(documents, table)
    pairs = [(side_by_side(tables, column), tables) for tables in groups]
    shown = [one for one, _ in pairs if one.lines]
    if not shown:
        headers = dict.fromkeys(line.column for tables in groups for line in side_by_side(tables, "all").lines)
        raise QueryError(f"no amounts in a column {column}; there are", tuple(headers))
    if form == "csv":
        write(out, years_csv(shown))
    elif form == "json":
        write(out, [years_json(shown), "\n"])
    else:
        console = console_for(sys.stdout)
        for one, tables in pairs:
            if one.lines:
                print_years(console, one, [table for _, table in tables])


def search(  # noqa: PLR0913  each parameter is an option of the command
    words: Annotated[list[str], typer.Argument(help="Words; a line must have all of them.")],
    *,
    department: Annotated[str | None, typer.Option(help="Only departments of this name or part of it.")] = None,
    region: Region = None,
    year: Annotated[int | None, typer.Option(help="Only this fiscal year.")] = None,
    kind: Kind = None,
    limit: Annotated[int, typer.Option(min=1, help="Stop after this many documents.")] = 20,
    form: Annotated[Literal["text", "csv", "json"], typer.Option("--format", help="What to write.")] = "text",
    out: Out = None,
    db: Database = STORE,
) -> None:
    """Finds words in the stored texts and table titles: document, line, table, and »what was found« in its line.

    Blanks, the width of punctuation and upper case make no difference. Documents with such a table title come first.
    """
    from crossfoot.storage.searching import Filters, search
    from crossfoot.storage.store import Store

    with Store(db, must_exist=True) as store:
        found = list(islice(search(store, words, Filters(department, region, year, kind)), limit + 1))
    if not found:
        say(f"no line has {' and '.join(words)}")
    elif len(found) > limit:
        say(f"these are the first {limit} documents; --limit shows more")
    write(out, {"text": _as_text, "csv": _as_csv, "json": _as_json}[form](found[:limit]))


def _as_text(hits: "Iterable[Hit]") -> Iterator[str]:
    for hit in hits:
        entry = hit.document
        whose = "  ".join(part for part in (entry.department, str(entry.fiscal_year or ""), entry.kind) if part)
        yield f"{whose}  {entry.name}  {entry.id[:12]}\n"
        for line in hit.lines[:_MOST_LINES]:
            table = line.table
            where = f"{table.number or table.title or table.type} {table.id}  " if table else ""
            yield f"  line {line.line}  {where}{_snippet(line)}\n"
        if len(hit.lines) > _MOST_LINES:
            yield f"  … and {len(hit.lines) - _MOST_LINES} more lines\n"


def _as_csv(hits: "Iterable[Hit]") -> Iterator[str]:
    from crossfoot.output.export import csv_line

    yield csv_line(
        "document file department region fiscal_year kind line table_id table_type table_number found".split()
    )
    for hit in hits:
        entry = hit.document
        about = entry.id, entry.name, entry.department, entry.region, str(entry.fiscal_year or ""), entry.kind
        for line in hit.lines:
            table = (line.table.id, line.table.type, line.table.number) if line.table else ("", "", "")
            yield csv_line([*about, str(line.line), *table, _snippet(line)])


def _as_json(hits: "Iterable[Hit]") -> Iterator[str]:
    from pydantic import TypeAdapter

    from crossfoot.storage.searching import Hit

    yield TypeAdapter(list[Hit]).dump_json(list(hits), indent=2).decode("utf-8")
    yield "\n"


def _snippet(line: "Line") -> str:
    """Returns what stands around the first place where something was found, each »marked«."""
    start = max(line.marks[0][0] - _AROUND, 0)
    end = min(line.marks[0][1] + 2 * _AROUND, len(line.text))
    pieces, at = ["…" if line.text[:start].strip() else ""], start
    for first, last in line.marks:
        if last <= end:
            pieces += [line.text[at:first], "»", line.text[first:last], "«"]
            at = last
    pieces += [line.text[at:end], "…" if line.text[end:].strip() else ""]
    return "".join(pieces).strip().replace("\t", "⇥")
