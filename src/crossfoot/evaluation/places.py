"""Where a budget document has its content: rows, tables, numerals, as anyone can see them from tabs and digits alone.

Knows nothing of how texts are read: a table here is a run of lines with tabs.
"""

import re
from collections.abc import Sequence

#: A numeral with its thousands separators and its point.
NUMERAL = re.compile(r"\d+(?:,\d{3})*(?:\.\d+)?")
#: A line that says nothing but the unit.
UNIT_LINE = re.compile(r"\s*[（(]?\s*(?:金额)?单位\s*[:：]\s*(?:人民币)?\s*(?:万|千|亿|百万)?元\s*[）)]?\s*")
_DIGIT = re.compile(r"\d")
_RECORD = re.compile(r"^\d{3,}\t|\d\.\d")
_SHORTEST_TABLE = 3
_MOST_HEADER_LINES = 3


def has_content(line: str) -> bool:
    """Says whether a line can carry a fact: it has a tab or a digit."""
    return bool(line.strip()) and ("\t" in line or _DIGIT.search(line) is not None)


def is_row(line: str) -> bool:
    """Says whether a line is a row of a table: it has tabs and more than tabs."""
    return "\t" in line and bool(line.strip())


def tables(lines: Sequence[str]) -> list[range]:
    """Returns the tables, as positions of lines: runs of lines with tabs, with at most one other line between two."""
    found: list[range] = []
    rows = [position for position, line in enumerate(lines) if "\t" in line]
    for position in rows:
        if found and position - found[-1].stop <= 1:
            found[-1] = range(found[-1].start, position + 1)
        else:
            found.append(range(position, position + 1))
    return [table for table in found if len(table) >= _SHORTEST_TABLE]


def header(lines: Sequence[str], table: range) -> range:
    """Returns the lines that name the columns of a list: those before its first digit, at most three.

    None if fewer than a third of its rows begin with a code or have a decimal: a form's first lines name no columns.
    """
    records = sum(_RECORD.search(lines[position]) is not None for position in table)
    for position in table[: _MOST_HEADER_LINES + 1]:
        if _DIGIT.search(lines[position]) and records * 3 >= len(table):
            return range(table.start, position)
    return range(table.start, table.start)
