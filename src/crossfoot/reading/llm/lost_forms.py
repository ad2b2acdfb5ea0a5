"""Forms without tabs, as a model splits their lines: labels and values, and records under their block's header words.

Code finds the header lines by the form's own words. What the cells say no sum can check, so the table stays flagged.
"""

from collections.abc import Sequence

from crossfoot.figures import Finding, Line, Reading, Section, Source
from crossfoot.labels import words
from crossfoot.reading.fields import Field, Fields
from crossfoot.reading.form_records import block_started
from crossfoot.reading.form_state import FormState
from crossfoot.reading.forms import read_form_rows
from crossfoot.reading.llm.reader import Refused, account, read_by
from crossfoot.reading.llm.sheets import Record, Sheet, shown_text, whole_line
from crossfoot.reading.llm.windows import Desk, Windowed, expected_tokens, read_sheet
from crossfoot.reading.spaced_header import told_apart
from crossfoot.tabletypes import BlockType, TableType


def read_lost_form(desk: Desk, source: Source, section: Section, known: TableType) -> Reading | Refused:
    """Returns the reading of a form whose tabs became blanks, always with a remark that flags it.

    Raises ModelUnavailable.
    """
    rows, sheets = _rows_and_sheets(source, section, known)
    why = desk.spending.refuses(sum(expected_tokens(desk.prompt, sheet) for sheet in sheets))
    if why:
        return Refused(why)
    outcomes = [read_sheet(desk, sheet) for sheet in sheets]
    reading = read_form_rows(_answered(rows, outcomes), section, known, section.id)
    findings, unread = account({row[0].line: row for row in rows}, outcomes, section.id)
    flag = Finding(
        code="unchecked", severity="warning", table=section.id, line=section.first,
        message="its tabs are lost: the model told the cells apart, and no sum checks words",
    )  # fmt: skip
    return reading.model_copy(
        update={
            "reader": "llm",
            "read_by": read_by(desk, known),
            "explained": (*reading.explained, *unread),
            "remarks": (*reading.remarks, flag, *findings),
        }
    )


def _rows_and_sheets(source: Source, section: Section, known: TableType) -> tuple[list[Fields], list[Sheet]]:
    """Returns each line as a row (header lines split by their words), and the others as sheets under their heads."""
    title = shown_text(section.title)
    rows: list[Fields] = []
    sheets = [Sheet(title, (), (), ())]
    for number in section.body_lines:
        line = source.line(number)
        if not line.text.strip():
            continue
        header = _header_of(line, known)
        if header is None:
            whole = whole_line(line)
            rows.append((whole,))
            sheets[-1] = sheets[-1]._replace(records=(*sheets[-1].records, Record(number, (whole,), lost=True)))
            continue
        rows.append(header)
        heads = tuple(shown_text(field.text) for field in header)
        sheets.append(Sheet(title, heads, tuple(f"c{place + 1}" for place in range(len(heads))), ()))
    return rows, [sheet for sheet in sheets if sheet.records]


def _answered(rows: Sequence[Fields], outcomes: Sequence[Windowed]) -> list[Fields]:
    """Returns the rows in their order as the model split them, unread ones left out."""
    read = {number: record.fields for outcome in outcomes for number, record in outcome.read.items()}
    unread = {number for outcome in outcomes for number in outcome.unread}
    split = [read.get(row[0].line, row) if len(row) == 1 else row for row in rows if row[0].line not in unread]
    return [row for row in split if row]


def _header_of(line: Line, known: TableType) -> Fields | None:
    """Returns a line's header words as fields, if it opens a block of the form and has no other words."""
    for block in known.blocks:
        told = told_apart(words(line.text), _vocabulary(block)) if block.start else None
        fields = _spans(line, told) if told else None
        if fields is not None and block_started(FormState("", known, ""), fields) is not None:
            return fields
    return None


def _vocabulary(block: BlockType) -> frozenset[str]:
    """Returns the words that may stand in a block's header line: its heads, and the labels beside it."""
    heads = {part for column in block.columns.values() for path in column.paths for part in path if part}
    return frozenset({*heads, *map(words, block.start), "绩效指标", "年度绩效指标", "指标", "分值", "得分", "备注"})


def _spans(line: Line, told: Sequence[str]) -> Fields | None:
    """Returns the words with their places in the line, blanks inside a word left where they are."""
    fields: list[Field] = []
    at = 0
    for word in told:
        while at < len(line.text) and line.text[at].isspace():
            at += 1
        start, said = at, ""
        while at < len(line.text) and len(said) < len(word):
            said = words(line.text[start : at + 1])
            at += 1
        if said != word:
            return None
        fields.append(Field(line.text[start:at], line.number, line.start + start, line.start + at))
    return tuple(fields)
