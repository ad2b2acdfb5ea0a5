"""Section + table type → Reading by asking a model: it splits records into cells, code decides what they are.

The model's cells are laid on the source lines (sheets.py) and then go the same way as those of the grid reader.
What the model says that does not stand on its line becomes a finding, not a cell.
"""

import hashlib
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from crossfoot.figures import Explained, Finding, ReadBy, Reading, Section, Source
from crossfoot.labels import header_words
from crossfoot.reading.cells import explain
from crossfoot.reading.fields import Fields, is_illegible
from crossfoot.reading.form_records import block_started, is_second_header
from crossfoot.reading.forms import form_rows, read_form_rows
from crossfoot.reading.grid import Rows, grid_rows, lay_out_rows, read_rows
from crossfoot.reading.headers import header_paths, is_index_row, match_columns
from crossfoot.reading.llm.sheets import Record, Sheet, shown_text
from crossfoot.reading.llm.windows import Desk, Windowed, expected_tokens, read_sheet
from crossfoot.tabletypes import BlockType, Catalog, TableType

#: Why the fields of a record are in no cell: the model did not read it.
NOT_READ = "not read"


class Refused(NamedTuple):
    """A section that was not read, because a cap would be passed."""

    why: str


def read_table(
    desk: Desk, source: Source, section: Section, known: TableType | None, catalog: Catalog
) -> Reading | Refused:
    """Returns the reading of a table section by the desk's model; raises ModelUnavailable when none answers."""
    if known is not None and known.shape == "form":
        rows = form_rows(source, section, known)
        sheets = form_sheets(rows, section.title, known)
    else:
        split = grid_rows(source, section, catalog)
        rows = list(split.body)
        sheets = [_table_sheet(split, section, known, catalog)]
    outcomes = read_sheets(desk, [sheet for sheet in sheets if sheet.records])
    if isinstance(outcomes, Refused):
        return outcomes
    answered = with_answers(rows, outcomes)
    if known is not None and known.shape == "form":
        reading = read_form_rows(answered, section, known, section.id)
    else:
        reading = read_rows(split._replace(body=answered), section, known, catalog, section.id)
    return accounted(desk, known, reading, {_record(row).number: row for row in rows}, outcomes)


def read_sheets(desk: Desk, sheets: Sequence[Sheet]) -> list[Windowed] | Refused:
    """Returns what came of each sheet, none asked for where a cap would be passed; raises ModelUnavailable."""
    why = desk.spending.refuses(sum(expected_tokens(desk.prompt, sheet) for sheet in sheets))
    return Refused(why) if why else [read_sheet(desk, sheet) for sheet in sheets]


def accounted(
    desk: Desk, known: TableType | None, reading: Reading, shown: Mapping[int, Fields], outcomes: Sequence[Windowed]
) -> Reading:
    """Returns the reading as the model's, with what it said that does not stand in the source and what it left out.

    `shown` are the records that it was shown, by number.
    """
    findings, unread = _account(shown, outcomes, reading.table)
    return reading.model_copy(
        update={
            "reader": "llm",
            "read_by": read_by(desk, known),
            "explained": (*reading.explained, *unread),
            "remarks": (*reading.remarks, *findings),
        }
    )


def read_by(desk: Desk, known: TableType | None) -> ReadBy:
    """Returns by what a table of this type is read."""
    schema = known.model_dump_json() if known is not None else ""
    return ReadBy(
        prompt=desk.prompt.version,
        prompt_sha256=desk.prompt.files.sha256,
        schema_sha256=hashlib.sha256(schema.encode()).hexdigest(),
        model=desk.model.name,
        settings=desk.model.settings,
    )


# --- rows → sheets ----------------------------------------------------------------------------------------------------


def _table_sheet(rows: Rows, section: Section, known: TableType | None, catalog: Catalog) -> Sheet:
    """Returns the rows below a header as one sheet; repeated headers and rows that number columns are not asked for."""
    layout = lay_out_rows(rows, known, catalog, section.unit)
    columns = {place: column for panel in layout.panels for place, column in panel.columns.items()}
    known_texts = {_texts(row) for row in rows.header}
    asked = [
        row for row in rows.body if _texts(row) not in known_texts and not is_index_row(row) and not is_illegible(row)
    ]
    return Sheet(
        title=shown_text(section.title),
        heads=tuple(_head(columns[p].header if p in columns else "", p) for p in range(layout.width)),
        keys=tuple(columns[p].key if p in columns else f"c{p + 1}" for p in range(layout.width)),
        records=tuple(_record(row) for row in asked),
    )


def form_sheets(rows: Sequence[Fields], title: str, known: TableType) -> list[Sheet]:
    """Returns a form's rows as sheets: labelled fields without heads, records under the header row of their block."""
    sheets = [Sheet(shown_text(title), (), (), ())]
    block: BlockType | None = None
    second = False
    for row in rows:
        started = block_started(known, row)
        if started is not None:
            block, second = started, True
            sheets.append(_block_sheet(title, row, block))
            continue
        if second and block is not None and is_second_header(row, block):
            second = False
            continue
        second = False
        sheets[-1] = sheets[-1]._replace(records=(*sheets[-1].records, _record(row)))
    return [_widened(sheet) for sheet in sheets if sheet.records]


def _block_sheet(title: str, row: Fields, block: BlockType) -> Sheet:
    matched = match_columns(header_paths([row], block.leaves), block.columns)
    keys = tuple(matched.get(place, f"c{place + 1}") for place in range(len(row)))
    heads = tuple(_head(field.text, place) for place, field in enumerate(row))
    return Sheet(shown_text(title), heads, keys, ())


def _widened(sheet: Sheet) -> Sheet:
    """Returns the sheet with heads for every field of its widest record."""
    width = max(len(record.fields) for record in sheet.records)
    more = range(len(sheet.heads), width)
    return sheet._replace(
        heads=(*sheet.heads, *(_head("", place) for place in more)),
        keys=(*sheet.keys, *(f"c{place + 1}" for place in more)),
    )


def _head(text: str, place: int) -> str:
    return shown_text(text) or f"第{place + 1}列"


def _record(row: Fields) -> Record:
    return Record(row[0].line, row)


def _texts(row: Fields) -> tuple[str, ...]:
    return tuple(header_words(field.text) for field in row if field.text)


# --- answers → rows ---------------------------------------------------------------------------------------------------


def with_answers(rows: Sequence[Fields], outcomes: Sequence[Windowed]) -> list[Fields]:
    """Returns the rows in their order, those that were asked for as the model read them, the unread ones left out."""
    read = {number: record.fields for outcome in outcomes for number, record in outcome.read.items()}
    unread = {number for outcome in outcomes for number in outcome.unread}
    answered: list[Fields] = []
    for row in rows:
        number = _record(row).number
        if number not in unread:
            answered.append(read.get(number, row))
    return [row for row in answered if any(field.text for field in row)]


def _account(
    by_number: Mapping[int, Fields], outcomes: Sequence[Windowed], table: str
) -> tuple[list[Finding], list[Explained]]:
    """Returns what the model said that does not stand in the source, and what it did not read."""
    findings: list[Finding] = []
    explained: list[Explained] = []
    for outcome in outcomes:
        for number, record in sorted(outcome.read.items()):
            if record.problems:
                invented = any(problem.endswith("does not stand there") for problem in record.problems)
                findings.append(
                    Finding(code="ungrounded" if invented else "misread", severity="error", table=table, line=number,
                            message=f"the model's answer is not the record: {'; '.join(record.problems[:4])}")
                )  # fmt: skip
        for number, why in sorted(outcome.unread.items()):
            findings.append(
                Finding(code="reader_failed", severity="error", table=table, line=number,
                        message=f"this record was not read: {why}; the same command asks again")
            )  # fmt: skip
            explained += explain(by_number[number], NOT_READ)
    return findings, explained
