"""Lines → fields with their spans; tables printed one cell per line → rows of fields.

A field is the text between two tabs (or two pipes of a Markdown row) without blanks and markup around it.
"""

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import NamedTuple

from crossfoot.figures import Line, Source
from crossfoot.labels import may_be_marked, unmark, words

#: A line that only draws a rule, as Markdown tables have under their header.
RULE = re.compile(r"^[\s|:\-=_+]*-{2,}[\s|:\-=_+]*$")


class Field(NamedTuple):
    """One field: its clean text, the line it starts on, its span in the source, and the blanks printed before it."""

    text: str
    line: int
    start: int
    end: int
    indent: int = 0


Fields = tuple[Field, ...]


def split_line(line: Line) -> Fields:
    """Returns the fields of one line, blank ones included; a line without separators is one field."""
    return _split(line.text, line.number, line.start)


def is_pipe_row(text: str) -> bool:
    """Says whether the line is a row of a Markdown table."""
    if "|" not in text:
        return False
    stripped = text.strip()
    return stripped.startswith("|") and stripped.endswith("|") and stripped.count("|") >= 2


@lru_cache(maxsize=16384)
def _split(text: str, number: int, offset: int) -> Fields:
    separator, start, end = "\t", 0, len(text)
    if is_pipe_row(text):
        separator, start, end = "|", text.index("|") + 1, text.rindex("|")
    fields: list[Field] = []
    position = offset + start
    is_plain = not may_be_marked(text)
    for part in text[start:end].split(separator):
        if is_plain:
            bare = part.strip()
            inner = part.find(bare)
            fields.append(Field(bare, number, position + inner, position + inner + len(bare), inner))
            position += len(part) + 1
            continue
        inner, outer = unmark(part) if part else (0, 0)
        fields.append(Field(part[inner:outer], number, position + inner, position + outer, inner))
        position += len(part) + 1
    return tuple(fields)


def rows_of(source: Source, numbers: Iterable[int]) -> list[Fields]:
    """Returns the fields of each of these lines that has any text; ruled lines (----) hold none."""
    rows = [split_line(source.line(number)) for number in numbers if not RULE.match(source.line(number).text)]
    return [row for row in rows if any(field.text for field in row)]


def vertical_rows(source: Source, numbers: Sequence[int]) -> list[Fields]:
    """Returns the rows of a table printed one cell per line.

    A tab starts a cell, a line without one continues it, a blank line ends the row.
    """
    rows: list[Fields] = []
    cells: list[Field] = []
    for number in numbers:
        line = source.line(number)
        if not line.text.strip(" \r\f"):
            rows.append(tuple(cells))
            cells = []
        elif line.text.lstrip(" ").startswith("\t") or not cells:
            cells.extend(_cells_of(line))
        else:
            cells[-1] = _continued(cells[-1], line)
    rows.append(tuple(cells))
    return [row for row in rows if any(field.text for field in row)]


def _cells_of(line: Line) -> Fields:
    fields = split_line(line)
    return fields[1:] if not fields[0].text and len(fields) > 1 else fields


def _continued(cell: Field, line: Line) -> Field:
    inner, outer = unmark(line.text)
    text = line.text[inner:outer]
    if not cell.text:
        return Field(text, line.number, line.start + inner, line.start + outer)
    return Field(cell.text + text, cell.line, cell.start, line.start + outer)


def is_illegible(fields: Fields) -> bool:
    """Says whether a row has nothing but a mark that rows are illegible here."""
    filled = [field.text for field in fields if field.text]
    return len(filled) == 1 and "[illegible]" in words(filled[0])


def is_vertical(source: Source, numbers: Sequence[int]) -> bool:
    """Says whether most lines of a body hold one cell each, started by a tab."""
    lines = [source.line(number).text for number in numbers]
    filled = [text for text in lines if text.strip()]
    single = sum(1 for text in filled if text.startswith("\t") and text.count("\t") == 1)
    return len(filled) >= 6 and single >= 0.6 * len(filled)
