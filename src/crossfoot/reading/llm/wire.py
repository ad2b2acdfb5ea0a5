"""Sheet → the strict pydantic model of the answer, in one of two wire formats, and the answer → records read.

`delimited`: one string a record, `L12|210|卫生健康支出|657.63`. `objects`: one object a record with named fields.
Validators lay every record on the source lines given as validation context; what they find is kept on the record.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    ValidationInfo,
    WithJsonSchema,
    create_model,
)

from crossfoot.reading.fields import Fields
from crossfoot.reading.llm.sheets import Record, Sheet, lay

WireFormat = Literal["delimited", "objects"]

_NUMBER = re.compile(r"^\s*L?(\d+)\s*$")


class ReadRecord(BaseModel):
    """One record of an answer: its number, the pieces as answered, the source's fields, and what is wrong with it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    number: int
    pieces: tuple[str, ...]
    fields: Fields = ()
    problems: tuple[str, ...] = ()


def answer_model(sheet: Sheet, wire: WireFormat) -> type[BaseModel]:
    """Returns the model of the answer: exactly as many records as the sheet has, nothing besides."""
    if sheet.is_lost and wire == "objects":
        item: Any = _pieces_object()
    else:
        item = _delimited(sheet) if wire == "delimited" else _object(sheet)
    number = len(sheet.records)
    return create_model(
        "Rows",
        __config__=ConfigDict(extra="forbid"),
        rows=(Annotated[list[item], Field(min_length=number, max_length=number)], ...),
    )


def context_of(sheet: Sheet) -> dict[str, Mapping[int, Record]]:
    """Returns the records by number, as the validators want them."""
    return {"records": {record.number: record for record in sheet.records}}


def records_of(answer: BaseModel) -> dict[int, ReadRecord]:
    """Returns the answer's records by number; the first of two with one number counts."""
    found: dict[int, ReadRecord] = {}
    for read in getattr(answer, "rows"):  # noqa: B009  the model was made at run time
        found.setdefault(read.number, read)
    return found


# --- one string a record ----------------------------------------------------------------------------------------------


def _delimited(sheet: Sheet) -> Any:  # noqa: ANN401  a type made at run time
    longest = max([len(sheet.heads), *(len(record.fields) for record in sheet.records)])
    pattern = rf'^L[0-9]+(\|[^|"\\]*){{1,{longest + 8 if sheet.is_lost else longest}}}$'
    return Annotated[
        ReadRecord,
        BeforeValidator(_from_string),
        PlainSerializer(_as_string, return_type=str),
        WithJsonSchema({"type": "string", "pattern": pattern}),
    ]


def _from_string(value: object, info: ValidationInfo) -> object:
    if not isinstance(value, str):
        return value
    number, *pieces = value.split("|")
    return _validated(number, pieces, info)


def _as_string(read: ReadRecord) -> str:
    return "|".join([f"L{read.number}", *read.pieces])


# --- one object a record ----------------------------------------------------------------------------------------------


def _object(sheet: Sheet) -> Any:  # noqa: ANN401
    names = field_names(sheet)
    fields: dict[str, Any] = {
        name: (str, Field(description=head)) for name, head in zip(names, sheet.heads, strict=True)
    }
    shape: Any = create_model("Row", __config__=ConfigDict(extra="forbid"), line=(int, ...), **fields)

    def from_object(value: object, info: ValidationInfo) -> object:
        if not isinstance(value, Mapping):
            return value
        row = shape.model_validate(value)
        return _validated(str(row.line), [getattr(row, name) for name in names], info)

    def as_object(read: ReadRecord) -> dict[str, object]:
        return {"line": read.number, **dict(zip(names, (*read.pieces, *("",) * len(names)), strict=False))}

    return Annotated[
        ReadRecord,
        BeforeValidator(from_object),
        PlainSerializer(as_object, return_type=dict[str, object]),
        WithJsonSchema(shape.model_json_schema()),
    ]


def field_names(sheet: Sheet) -> tuple[str, ...]:
    """Returns the names of a sheet's fields in the objects format: schema keys, numbered where they repeat."""
    names: list[str] = []
    for key in sheet.keys:
        plain = re.sub(r"\W", "_", key, flags=re.ASCII)
        repeats = sum(1 for name in names if name == plain or re.fullmatch(rf"{re.escape(plain)}_\d+", name))
        names.append(f"{plain}_{repeats + 1}" if repeats else plain)
    return tuple(names)


def _pieces_object() -> Any:  # noqa: ANN401
    """Returns the object for records whose columns are lost: the pieces in their order, without names."""
    shape: Any = create_model(
        "Row",
        __config__=ConfigDict(extra="forbid"),
        line=(int, ...),
        cells=(Annotated[list[str], Field(max_length=40)], ...),
    )

    def from_object(value: object, info: ValidationInfo) -> object:
        if not isinstance(value, Mapping):
            return value
        row = shape.model_validate(value)
        return _validated(str(row.line), row.cells, info)

    def as_object(read: ReadRecord) -> dict[str, object]:
        return {"line": read.number, "cells": list(read.pieces)}

    return Annotated[
        ReadRecord,
        BeforeValidator(from_object),
        PlainSerializer(as_object, return_type=dict[str, object]),
        WithJsonSchema(shape.model_json_schema()),
    ]


# --- validation against the source ------------------------------------------------------------------------------------


def _validated(number: str, pieces: Sequence[str], info: ValidationInfo) -> dict[str, object]:
    """Returns the record laid on its source lines, which the validation context holds."""
    match = _NUMBER.match(number)
    if match is None:
        raise ValueError(f"{number!r} is no record number")
    records: Mapping[int, Record] = (info.context or {}).get("records", {})
    record = _cited(int(match[1]), records)
    if record is None:
        return {"number": int(match[1]), "pieces": tuple(pieces), "problems": ("no such record",)}
    laid = lay(record, pieces)
    return {"number": record.number, "pieces": tuple(pieces), "fields": laid.fields, "problems": laid.problems}


def _cited(number: int, records: Mapping[int, Record]) -> Record | None:
    """Returns the record of that number; small models count 1, 2, 3 instead, which the order of the records resolves.

    It is still laid on that record's text, so a wrong guess becomes a problem and not a cell.
    """
    if number in records or not 1 <= number <= len(records):
        return records.get(number)
    return list(records.values())[number - 1]
