"""What has been read so far of one form: the state that forms.py and form_records.py fill row by row."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from crossfoot.figures import Column, Explained, Finding, Row
from crossfoot.labels import header_words, unit_in
from crossfoot.reading.cells import explain
from crossfoot.reading.fields import Field
from crossfoot.tabletypes import BlockType, FieldType, TableType

#: The index of a row that only carries level labels; it goes once the labels are given to the rows they hold for.
LEVEL_ROW = -1

#: The words that labels beside the parts of forms are made of; a column of one character each cuts them anywhere.
_SIDE_LABEL = re.compile(
    "(?:年度?|主要|总体|整体|绩效|预期|任务|工作|目标|指标|项目|资金|金额|预算|支出|收入|执行|实施|完成|实际|情况|内容|自评|评价|设定|说明)+"
)


@dataclass
class FormState:
    """What has been read so far of one form; filled row by row."""

    table: str
    known: TableType
    unit: str
    rows: list[Row] = field(default_factory=list)
    explained: list[Explained] = field(default_factory=list)
    columns: dict[tuple[str, str], Column] = field(default_factory=dict)
    remarks: list[Finding] = field(default_factory=list)
    seen: dict[str, int] = field(default_factory=dict)
    block: BlockType | None = None
    places: dict[int, Column] = field(default_factory=dict)
    width: int = 0
    pointed: bool = False
    side: str = ""
    awaited: list[tuple[int, str, FieldType, Field, str]] = field(default_factory=list)


def explain_side_labels(state: FormState, fields: Sequence[Field]) -> None:
    """Takes note of labels beside a block (绩效指标, 资金金额（万元）); a unit in one holds for what follows.

    What is no label stays unexplained, and is found as text that no cell uses.
    """
    labels = [item for item in fields if _is_side_label(state.known, item.text)]
    for item in labels:
        state.unit = unit_in(item.text) or state.unit
    state.explained += explain(labels, "label")


def _is_side_label(known: TableType, text: str) -> bool:
    """Says whether a text is made of words that head the parts of forms, one sign misread, or heads a column."""
    word = header_words(text)
    others = _SIDE_LABEL.sub("", word)
    is_made_of_them = len(others) <= 2 and 3 * len(others) <= len(word) and not any(map(str.isdigit, others))
    return is_made_of_them or any(word in block.leaves for block in known.blocks)


def words_joined(text: str) -> str:
    """Returns a label as printed, without blanks inside and the colon at its end."""
    return "".join(text.split()).rstrip("：:")
