"""Records whose columns are lost, as a model splits them: pieces in their order, placed by arithmetic afterwards.

Code groups the lines into records and knows the table's columns; the model only says where a piece ends.
"""

from collections.abc import Sequence

from crossfoot.figures import Column, Finding, Reading, Section, Source
from crossfoot.reading.fields import Field, Fields
from crossfoot.reading.llm.reader import Refused, accounted, read_sheets
from crossfoot.reading.llm.sheets import Record as Shown
from crossfoot.reading.llm.sheets import Sheet, shown_text, whole_line
from crossfoot.reading.llm.windows import Desk
from crossfoot.reading.loose import Pieces, Sides, pieces_of, sides_of
from crossfoot.reading.records import Record, joined, records_of
from crossfoot.reading.spaced import frame_of, read_pieces
from crossfoot.reading.tokens import HAS_AMOUNT, is_numeral
from crossfoot.tabletypes import Catalog, TableType


def read_lost(
    desk: Desk, source: Source, section: Section, known: TableType, catalog: Catalog
) -> Reading | Refused | None:
    """Returns the reading of a records table without separators, its numerals loose where their column is not certain.

    None where its columns cannot be told from its header. Raises ModelUnavailable.
    """
    framed = frame_of(source, section, known, catalog, section.id)
    sides = sides_of(framed[0].columns) if framed is not None else None
    if framed is None or sides is None:
        return None
    frame, parts = framed
    records = {record.lines[0]: record for record in records_of(source, parts.rows)}
    sheet = Sheet(
        title=shown_text(section.title),
        heads=tuple(shown_text(column.header) for column in frame.columns),
        keys=tuple(column.key for column in frame.columns),
        records=tuple(Shown(number, _shown(source, record), lost=True) for number, record in records.items()),
    )
    outcomes = read_sheets(desk, [sheet])
    if isinstance(outcomes, Refused):
        return outcomes
    (outcome,) = outcomes
    rows: list[tuple[Record, Pieces]] = []
    remarks: list[Finding] = []
    for number, record in records.items():
        read = outcome.read.get(number)
        pieces = _pieces(record, read.fields, frame.columns, sides) if read is not None and read.fields else None
        if pieces is not None:
            rows.append((record, pieces))
        elif read is not None:
            remarks.append(_not_a_row(section.id, number))
    reading = read_pieces(source, frame, rows, parts)
    reading = reading.model_copy(update={"remarks": (*reading.remarks, *remarks)})
    return accounted(desk, known, reading, {r.number: r.fields for r in sheet.records}, outcomes)


def _shown(source: Source, record: Record) -> Fields:
    """Returns what is shown of a record: its words in the order of a row, a wrapped name in one piece."""
    if not record.is_whole:
        return tuple(whole_line(source.line(number)) for number in record.lines)
    parts = [*record.codes, record.name, *record.second_codes, record.second_name, *record.numerals, record.rest]
    return tuple(part for part in parts if part is not None)


def _pieces(record: Record, fields: Fields, columns: Sequence[Column], sides: Sides) -> Pieces | None:
    """Returns the pieces under the table's code and text columns; None where they do not have the order of a row."""
    rest = list(fields)
    codes = _taken(rest, len(sides.codes))
    name = _words(rest)
    second_codes = _taken(rest, len(sides.second_codes)) if name is not None and _goes_on_in_words(rest) else ()
    second_name = _words(rest) if second_codes else None
    numerals: list[Field] = []
    while rest and is_numeral(rest[0]):
        numerals.append(rest.pop(0))
    note = _words(rest)
    if rest or any(part is not None and HAS_AMOUNT.search(part.text) for part in (name, second_name, note)):
        return None
    return pieces_of(Record(record.lines, codes, name, second_codes, second_name, tuple(numerals), note), columns)


def _taken(fields: list[Field], most: int) -> Fields:
    """Takes the codes at the front of the fields, at most so many."""
    codes: list[Field] = []
    while fields and len(codes) < most and fields[0].text.replace("-", "").isdigit():
        codes.append(fields.pop(0))
    return tuple(codes)


def _words(fields: list[Field]) -> Field | None:
    """Takes the words at the front of the fields as one."""
    taken: list[Field] = []
    while fields and not is_numeral(fields[0]):
        taken.append(fields.pop(0))
    return joined(taken) if taken else None


def _goes_on_in_words(fields: Sequence[Field]) -> bool:
    """Says whether words follow a numeral at the front: then it is the code of a second name."""
    return len(fields) > 1 and is_numeral(fields[0]) and not is_numeral(fields[1])


def _not_a_row(table: str, line: int) -> Finding:
    message = "the model's pieces of this record do not have the order of a row; none was taken"
    return Finding(code="reader_failed", severity="error", table=table, line=line, message=message)
