"""The pydantic models of the plain way: one for each table type, with free numbers, as a tutorial would write them.

Fields are named by the schema's keys and described by the headers; a blank is null. Validators check the sums that the
schema declares (each row, grand total, children of a code, named fields), so that instructor's retries have something
to react to. Not expressed: roll-ups by outline label, panel totals, ratios and scores.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, create_model

from crossfoot.tabletypes import ColumnType, TableType, relation

#: What rounding may leave of a sum of amounts printed with two places.
_TOLERANCE = 0.015
_TOTALS = ("合计", "总计", "共计")

Check = Callable[[BaseModel], BaseModel]


def answer_model(known: TableType) -> type[BaseModel]:
    """Returns the model of a whole table: `rows`, a list for each panel, or the blocks of a form."""
    parts: dict[str, Any] = {}
    if known.shape == "records":
        rows: Any = list[_checked(_row("Row", known.columns), _row_check(known))]  # type: ignore[misc]
        return _model(
            "Table", {"rows": (Annotated[rows, AfterValidator(_column_check(known))], Field(description="表格各行"))}
        )
    for panel, columns in known.panels.items():
        parts[panel] = (list[_row(f"Row{len(parts)}", columns)], Field(description=f"{panel}栏各行"))  # type: ignore[misc]
    for block in known.blocks:
        if block.fields:
            heads = {key: ColumnType(headers=field.labels, kind=field.kind) for key, field in block.fields.items()}
            part: Any = _checked(_row(block.name.title(), heads), _field_check(known))
        else:
            part = list[_checked(_row(block.name.title(), block.columns), _row_check(known))]  # type: ignore[misc]
        parts[block.name] = (part, ...)
    return _model("Table", parts)


def described(known: TableType) -> Iterator[str]:
    """Yields the fields as the prompt lists them; the grammar of the answer does not show them to a model."""
    if known.shape == "records":
        yield f"rows（表格各行，每行一个对象）：{_fields(known.columns)}"
    for panel, columns in known.panels.items():
        yield f"{panel}（表中“{panel}”一侧的各行，每行一个对象）：{_fields(columns)}"
    for block in known.blocks:
        if block.fields:
            named = "，".join(f"{key}={_said(field.labels, field.kind)}" for key, field in block.fields.items())
            yield f"{block.name}（一个对象）：{named}"
        else:
            yield f"{block.name}（每行一个对象）：{_fields(block.columns)}"


def _fields(columns: Mapping[str, ColumnType]) -> str:
    return "，".join(f"{key}={_said(column.headers, column.kind)}" for key, column in columns.items())


def _said(headers: Sequence[str], kind: str) -> str:
    head = next((header for header in headers if header), "名称")
    return f"{head}（{'数字' if kind in {'amount', 'score', 'count'} else '文字'}或null）"


def _row(name: str, columns: Mapping[str, ColumnType]) -> type[BaseModel]:
    fields: dict[str, Any] = {}
    for key, column in columns.items():
        kind: Any = float | None if column.kind in {"amount", "score", "count"} else str | None
        fields[key] = (kind, Field(description=next((header for header in column.headers if header), key)))
    return _model(name, fields)


def _model(name: str, fields: Mapping[str, Any]) -> type[BaseModel]:
    made: type[BaseModel] = create_model(name, __config__=ConfigDict(extra="forbid"), **fields)
    return made


def _checked(row: type[BaseModel], check: Check) -> Any:  # noqa: ANN401  a type made at run time
    return Annotated[row, AfterValidator(check)]


def _value(row: BaseModel, key: str) -> float | None:
    value = getattr(row, key, None)
    return value if isinstance(value, float) else None


def _row_check(known: TableType) -> Check:
    """Returns what raises where a row's total is not the sum of its parts, blanks taken as zero."""
    sums = [relation(rule.text) for rule in known.identities if rule.kind == "each row"]

    def check(row: BaseModel) -> BaseModel:
        for left, sign, parts in sums:
            total = _value(row, left[0][1])
            if sign != "=" or total is None:
                continue
            found = sum(weight * (_value(row, key) or 0.0) for weight, key in parts)
            if abs(found - total) > _TOLERANCE:
                names = " + ".join(f"{key} {_value(row, key)}" for _, key in parts)
                raise ValueError(f"{_key(row)}：{left[0][1]} {total} 不等于 {names}；请对照原文检查这一行")
        return row

    return check


def _field_check(known: TableType) -> Check:
    """Returns what raises where named fields of a form do not add up; sums of other things are left out."""
    sums = [relation(rule.text) for rule in known.identities if rule.kind == "sum" and "[" not in rule.text]

    def check(head: BaseModel) -> BaseModel:
        for left, sign, parts in sums:
            total = _value(head, left[0][1])
            names = [key for _, key in parts]
            if sign != "=" or total is None or not {left[0][1], *names} <= set(type(head).model_fields):
                continue
            if abs(sum(_value(head, key) or 0.0 for key in names) - total) > _TOLERANCE:
                raise ValueError(f"{left[0][1]} {total} 不等于 {' + '.join(names)} 之和；请对照原文检查")
        return head

    return check


def _column_check(known: TableType) -> Callable[[list[BaseModel]], list[BaseModel]]:
    """Returns what raises where the grand total or a code is not the sum of what stands below it."""
    kinds = {rule.kind: rule.text for rule in known.identities}
    amounts = [key for key, column in known.columns.items() if column.kind == "amount"]

    def check(rows: list[BaseModel]) -> list[BaseModel]:
        codes = {str(getattr(row, "code", None) or ""): row for row in rows}
        codes = {code: row for code, row in codes.items() if code.isdigit()}
        top = min(map(len, codes), default=0)
        if "grand total" in kinds and codes:
            for total in (row for row in rows if _key(row) in _TOTALS):
                _foots(total, [row for code, row in codes.items() if len(code) == top], amounts)
        if kinds.get("rollup") == "code":
            for code, parent in codes.items():
                below = [other for other in codes if other.startswith(code) and len(other) > len(code)]
                nearest = min(map(len, below), default=0)
                _foots(parent, [codes[other] for other in below if len(other) == nearest], amounts)
        return rows

    return check


def _foots(total: BaseModel, parts: Sequence[BaseModel], amounts: Sequence[str]) -> None:
    if not parts:
        return
    for key in amounts:
        found, stated = sum(_value(part, key) or 0.0 for part in parts), _value(total, key)
        if stated is not None and abs(found - stated) > _TOLERANCE:
            names = "、".join(_key(part) for part in parts)
            raise ValueError(f"{_key(total)}：{key} {stated} 不等于下级 {names} 之和 {found:.2f}；请对照原文检查")


def _key(row: BaseModel) -> str:
    """Returns what a row is called: its name, else its code."""
    for key in ("name", "label", "code", "source"):
        said = getattr(row, key, None)
        if isinstance(said, str) and said.strip():
            return "".join(said.split())
    return "一行"
