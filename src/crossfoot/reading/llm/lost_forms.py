"""Forms without tabs, as a model splits their lines: labels and values, and records under their block's header words.

Code finds the header lines by the form's own words. What the cells say no sum can check, so the table stays flagged.
"""

from collections.abc import Sequence

from crossfoot.figures import Finding, Line, Reading, Section, Source
from crossfoot.labels import words
from crossfoot.reading.fields import Field, Fields
from crossfoot.reading.form_records import block_started
from crossfoot.reading.forms import read_form_rows
from crossfoot.reading.llm.reader import Refused, accounted, read_sheets, with_answers
from crossfoot.reading.llm.sheets import Record, Sheet, shown_text, whole_line
from crossfoot.reading.llm.windows import Desk
from crossfoot.reading.spaced_header import told_apart
from crossfoot.tabletypes import BlockType, TableType


def read_lost_form(desk: Desk, source: Source, section: Section, known: TableType) -> Reading | Refused:
    """Returns the reading of a form whose tabs became blanks, always with a remark that flags it.

    Raises ModelUnavailable.
    """
    rows, sheets = _rows_and_sheets(source, section, known)
    outcomes = read_sheets(desk, sheets)
    if isinstance(outcomes, Refused):
        return outcomes
    reading = read_form_rows(with_answers(rows, outcomes), section, known, section.id)
    flag = Finding(
        code="unchecked", severity="warning", table=section.id, line=section.first,
        message="its tabs are lost: the model told the cells apart, and no sum checks words",
    )  # fmt: skip
    reading = reading.model_copy(update={"remarks": (*reading.remarks, flag)})
    return accounted(desk, known, reading, {row[0].line: row for row in rows}, outcomes)


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


def _header_of(line: Line, known: TableType) -> Fields | None:
    """Returns a line's header words as fields, if it opens a block of the form and has no other words."""
    for block in known.blocks:
        told = told_apart(words(line.text), _vocabulary(block)) if block.start else None
        fields = _spans(line, told) if told else None
        if fields is not None and block_started(known, fields) is not None:
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
