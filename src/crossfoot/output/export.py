"""Documents and facts → CSV, XLSX, Markdown and JSON. It writes what is there and leaves out nothing.

A spreadsheet must not run what a document says: a text that could be a formula gets an apostrophe in front.
"""

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

from crossfoot.figures import Cell, Document, Documents, Table
from crossfoot.numerals import narrow, read_numeral
from crossfoot.output.blocks import Block, Slot, blocks
from crossfoot.output.facts import Fact
from crossfoot.output.places import heading

if TYPE_CHECKING:
    from openpyxl import Workbook  # type: ignore[import-untyped]
    from openpyxl.worksheet.worksheet import Worksheet  # type: ignore[import-untyped]

_FORMULA_STARTS = frozenset("=+-@")
_CONTROL_STARTS = frozenset("\t\r\n")
#: What a spreadsheet keeps of a number without rounding.
_EXACT_DIGITS = 15
_SHEET_NAME = 31
_NOT_IN_SHEET_NAMES = re.compile(r"[\[\]:*?/\\'\x00-\x1f]")
_NOT_IN_SHEETS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


def neutral(text: str) -> str:
    """Returns the text so that a spreadsheet shows it and never computes it.

    >>> neutral("=1+1"), neutral("-5.20"), neutral("—")
    ("'=1+1", '-5.20', '—')
    """
    first = narrow(text.lstrip()[:1])
    if text[:1] not in _CONTROL_STARTS and first not in _FORMULA_STARTS:
        return text
    return text if read_numeral(text).legibility in {"printed", "blank"} else f"'{text}"


def facts_csv(facts: Iterable[Fact]) -> Iterator[str]:
    """Yields the facts as lines of CSV, a header line first."""
    yield from rows_csv(Fact._fields, facts)


def rows_csv(header: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """Yields a header and rows as lines of CSV."""
    yield csv_line(header)
    for row in rows:
        yield csv_line(row)


def tables_csv(tables: Iterable[Table]) -> Iterator[str]:
    """Yields the tables as lines of CSV, each block with its own header line and a blank line between blocks."""
    for number, block in enumerate(block for table in tables for block in blocks(table)):
        if number:
            yield "\n"
        yield csv_line(block.header)
        for line in block.lines:
            yield csv_line([slot.exported for slot in line])


class _Echo:
    """A file that hands back what is written to it, so that CSV can be yielded line by line."""

    def write(self, text: str) -> str:
        return text


_writer = csv.writer(_Echo(), lineterminator="\n")


def csv_line(fields: Iterable[str]) -> str:
    """Returns one line of CSV, in which nothing is a formula."""
    return str(_writer.writerow([neutral(field) for field in fields]))


def to_json(documents: Sequence[Document]) -> str:
    """Returns the documents as a JSON list."""
    return Documents.dump_json(list(documents), indent=2).decode("utf-8")


def only_table(document: Document, table: Table) -> Document:
    """Returns the document with that table alone, and the checks and findings about it."""
    return document.model_copy(
        update={
            "tables": (table,),
            "checks": tuple(check for check in document.checks if table.id in check.tables),
            "findings": tuple(finding for finding in document.findings if finding.table == table.id),
        }
    )


def to_markdown(documents: Sequence[Document]) -> str:
    """Returns the documents as Markdown: tables with their verdicts, then the findings."""
    return "\n".join(line for document in documents for line in _document_lines(document)) + "\n"


def _document_lines(document: Document) -> Iterator[str]:
    year = "" if document.fiscal_year is None else f" {document.fiscal_year}"
    yield f"# {_inline(document.department or document.source.name)}{year}"
    yield f"\n{document.verdict.outcome} · {document.kind} · {_inline(document.source.name)} · {document.id}"
    for table in document.tables:
        yield f"\n## {_inline(heading(table))}"
        unit = f" · {table.unit}" if table.unit else ""
        person = f" · values from a person: {number}" if (number := table.verdict.tally.resolved) else ""
        yield f"\n{table.verdict.outcome}{unit} · {table.type} · lines {table.lines[0]}–{table.lines[1]}{person}"
        if table.body != "present":
            yield f"\nThe table is {table.body} in the source{_reason(table)}."
        for block in blocks(table):
            if block.panel:
                yield f"\n### {_inline(block.panel)}"
            yield ""
            yield from _block_lines(block)
    if document.findings:
        yield "\n## Findings\n"
        for finding in document.findings:
            yield f"- line {finding.line}: {finding.severity}: {_inline(finding.message)}"
    yield ""


def _reason(table: Table) -> str:
    return f" ({_inline(table.register_reason)})" if table.register_reason else ""


def _block_lines(block: Block) -> Iterator[str]:
    yield _joined(block.header)
    yield _joined("---:" if block.is_numeric(position) else "---" for position in range(len(block.header)))
    for line in block.lines:
        yield _joined(_inline(slot.exported) for slot in line)


def _joined(fields: Iterable[str]) -> str:
    return f"| {' | '.join(fields)} |"


def _inline(text: str) -> str:
    """Returns the text so that Markdown shows it as it is, on one line."""
    return re.sub(r"([\\`*|<>\[\]#])", r"\\\1", " ".join(text.split()))


def write_workbook(documents: Sequence[Document], path: Path) -> None:
    """Writes a workbook: a sheet that lists the tables, then one sheet for each."""
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    contents = book.create_sheet("tables")
    contents.append(["sheet", "document", "year", "table", "type", "unit", "verdict", "lines", "values from a person"])
    for document in documents:
        for table in document.tables:
            sheet = book.create_sheet(_sheet_name(book, document, table))
            contents.append([_safe(field) for field in _contents_row(sheet.title, document, table)])
            _fill(sheet, table)
    book.save(path)


def _contents_row(sheet: str, document: Document, table: Table) -> tuple[str, ...]:
    year = "" if document.fiscal_year is None else str(document.fiscal_year)
    lines = f"{table.lines[0]}–{table.lines[1]}"
    named = document.department or document.source.name
    person = str(table.verdict.tally.resolved or "")
    return sheet, named, year, heading(table), table.type, table.unit or "", table.verdict.outcome, lines, person


def _sheet_name(book: "Workbook", document: Document, table: Table) -> str:
    """Returns a name that spreadsheets accept: without signs, at most 31 characters, used once whatever the case."""
    year = "" if document.fiscal_year is None else str(document.fiscal_year)
    wanted = _NOT_IN_SHEET_NAMES.sub(" ", f"{year} {heading(table)}").strip() or table.id
    taken = {name.casefold() for name in book.sheetnames}
    name, number = wanted[:_SHEET_NAME].strip(), 1
    while name.casefold() in taken or name.casefold() == "history":
        number += 1
        ending = f" ({number})"
        name = wanted[: _SHEET_NAME - len(ending)].strip() + ending
    return name


def _fill(sheet: "Worksheet", table: Table) -> None:
    for number, block in enumerate(blocks(table)):
        if number:
            sheet.append([])
        sheet.append([_safe(header) for header in block.header])
        for line in block.lines:
            sheet.append([_sheet_cell(sheet, slot) for slot in line])


def _sheet_cell(sheet: "Worksheet", slot: Slot) -> object:
    """Returns a number that a spreadsheet keeps exactly as a number with its printed places, anything else as text.

    A number from a person stays one, so that sheets can add it up; a comment says whose it is.
    """
    from openpyxl.cell import WriteOnlyCell  # type: ignore[import-untyped]
    from openpyxl.comments import Comment  # type: ignore[import-untyped]

    cell = slot.cell
    if cell is None or not slot.is_number or cell.value is None or not _is_exact(cell.value) or cell.state == "derived":
        return _safe(slot.exported)
    written = WriteOnlyCell(sheet, value=cell.value)
    written.number_format = _number_format(cell)
    if cell.state == "resolved":
        written.comment = Comment(_safe(f"by a person; {cell.original or 'nothing'} was read"), "crossfoot")
    return written


def _is_exact(value: Decimal) -> bool:
    return len(value.as_tuple().digits) <= _EXACT_DIGITS


def _number_format(cell: Cell) -> str:
    whole = "#,##0" if "," in narrow(cell.printed) else "0"
    places = f".{'0' * cell.places}" if cell.places else ""
    percent = '"%"' if narrow(cell.printed).endswith("%") else ""
    return f"{whole}{places}{percent}"


def _safe(text: str) -> str:
    return neutral(_NOT_IN_SHEETS.sub("\ufffd", text))
