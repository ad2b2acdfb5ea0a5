"""A field in a known column → Cell. Amounts enter only here and only through numerals.py."""

import re
from collections.abc import Sequence
from functools import lru_cache

from crossfoot.figures import NUMERIC_KINDS, Cell, CellState, Column, ColumnKind, Explained
from crossfoot.labels import unit_in, words
from crossfoot.numerals import read_numeral
from crossfoot.reading.fields import Field

_NOTHING = frozenset({"无", "不涉及", "单位不需填列", "不需填列", "无需填列"})
#: Rows that total what stands above them, in any form.
TOTAL_NAMES = frozenset({"合计", "总计", "共计", "金额合计", "总分", "收入总计", "支出总计", "收入合计", "支出合计"})


def column_unit(kind: ColumnKind, header: str, table_unit: str | None, declared: str | None = None) -> str:
    """Returns the unit of a column: for money the one in its header, else the table's; empty when none is printed."""
    if kind == "amount":
        return declared or unit_in(header) or table_unit or ""
    return {"ratio": "%", "score": "score", "count": "count"}.get(kind, "text")


def make_cell(column: Column, field: Field) -> Cell:
    """Returns the cell that a field fills: printed, blank or illegible, with its value if it is a numeral."""
    state: CellState = "printed" if field.text else "blank"
    value, places = None, 0
    if column.kind in NUMERIC_KINDS and field.text:
        numeral = read_numeral(field.text)
        value, places = numeral.value, numeral.places
        if numeral.legibility == "blank" or field.text in _NOTHING:
            state = "blank"
        elif numeral.value is None or (numeral.percent and column.kind == "amount"):
            state, value = "illegible", None
    elif "[illegible]" in field.text:
        state = "illegible"
    empty = _empty(column.key, column.kind, column.unit)
    span = field.start, field.end
    what = {"printed": field.text, "line": field.line, "span": span, "state": state, "value": value, "places": places}
    return empty.model_copy(update=what)


@lru_cache(maxsize=1024)  # a document has thousands of cells in few columns
def _empty(column: str, kind: ColumnKind, unit: str) -> Cell:
    return Cell(column=column, printed="", line=0, span=(0, 0), state="blank", kind=kind, unit=unit)


def explain(fields: Sequence[Field], why: str) -> list[Explained]:
    """Returns the fields that hold text as explained."""
    return [Explained(line=field.line, span=(field.start, field.end), why=why) for field in fields if field.text]


def guess_kind(header: str, texts: Sequence[str]) -> ColumnKind:
    """Returns the kind of a column that no form knows, from its header and what stands in it."""
    filled = [text for text in texts if text]
    numerals = [read_numeral(text) for text in filled]
    plain = words(header)
    if re.search(r"编码|代码|科目编号", plain) or plain in {"类", "款", "项"}:
        return "code"
    if re.search(r"序号|行次", plain):
        return "count"
    printed = [numeral for numeral in numerals if numeral.value is not None]
    if not printed or len(printed) + sum(n.legibility == "blank" for n in numerals) < 0.8 * len(filled):
        return "text"
    if any(numeral.percent for numeral in printed) or re.search(r"[率%]|占比|比例", plain):
        return "ratio"
    if re.search(r"人数|数量|个数|编制|面积|台|辆", plain):
        return "count"
    return "amount"
