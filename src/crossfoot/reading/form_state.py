"""What has been read so far of one form: the state that forms.py and form_records.py fill row by row."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from crossfoot.figures import Column, Explained, Finding, Row
from crossfoot.labels import unit_in
from crossfoot.reading.cells import explain
from crossfoot.reading.fields import Field
from crossfoot.tabletypes import BlockType, FieldType, TableType

#: The index of a row that only carries level labels; it goes once the labels are given to the rows they hold for.
LEVEL_ROW = -1


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
    """Takes note of labels beside a block (绩效指标, 资金金额（万元）); a unit in one holds for what follows."""
    for item in fields:
        state.unit = unit_in(item.text) or state.unit
    state.explained += explain(fields, "label")


def words_joined(text: str) -> str:
    """Returns a label as printed, without blanks inside and the colon at its end."""
    return "".join(text.split()).rstrip("：:")
