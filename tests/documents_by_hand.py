"""Small documents made from tab-separated text, for tests that need a structured document and no reader."""

from collections.abc import Sequence
from decimal import Decimal

from crossfoot.figures import (
    Cell,
    Check,
    CitedCell,
    Column,
    ColumnKind,
    Document,
    Finding,
    Line,
    Origination,
    Row,
    RowKind,
    Source,
    Table,
    Tally,
    Term,
    Verdict,
)
from crossfoot.numerals import read_numeral

TEXT = """\
西安市灞桥区医疗保障局
2021年部门综合预算
表5
一般公共预算支出明细表
单位：万元
功能科目编码\t功能科目名称\t合计\t人员经费支出\t公用经费支出\t备注
\t合计\t1294.44\t589.86\t702.58\t
210\t卫生健康支出\t1,292.44\t589.86\t702.58\t=1+1
21011\t行政事业单位医疗\t610\t\t610\t
"""

#: A small disclosure whose every sum holds.
CLEAN = """\
西安市灞桥区医疗保障局

2021年部门综合预算公开报表

表5

2021年部门综合预算一般公共预算支出明细表（按支出功能分类科目-不含上年结转）

单位：万元

功能科目编码\t功能科目名称\t合计\t人员经费支出\t公用经费支出\t专项业务经费支出\t备注
210\t卫生健康支出\t1292.44\t541.65\t48.21\t702.58\t
21011\t行政事业单位医疗\t610\t\t\t610\t
2101101\t行政单位医疗\t60\t\t\t60\t
2101103\t公务员医疗补助\t550\t\t\t550\t
21013\t医疗救助\t5\t\t\t5\t
2101301\t城乡医疗救助\t5\t\t\t5\t
21015\t医疗保障管理事务\t677.44\t541.65\t48.21\t87.58\t
2101501\t行政运行\t589.86\t541.65\t48.21\t\t
2101502\t一般行政管理事务\t3\t\t\t3\t
2101506\t医疗保障经办事务\t9.4\t\t\t9.4\t
2101599\t其他医疗保障管理事务支出\t75.18\t\t\t75.18\t
"""
#: The same with one figure changed, so that sums fail.
WRONG = CLEAN.replace("677.44", "679.44")


def source_of(text: str, name: str = "灞桥/2021.txt") -> Source:
    """Returns the text with its lines numbered; a form feed starts a new page."""
    lines, start, page = [], 0, 1
    for number, line in enumerate(text.split("\n"), start=1):
        page += line.count("\f")
        lines.append(Line(number=number, start=start, text=line, page=page if "\f" in text else None))
        start += len(line) + 1
    return Source(name=name, sha256="ab" * 32, encoding="utf-8", text=text, lines=tuple(lines))


def column(key: str, header: str, unit: str = "text", panel: str = "") -> Column:
    """Returns a column whose kind follows from its unit."""
    kind: ColumnKind = "text" if unit == "text" else "ratio" if unit == "%" else "amount"
    return Column(key=key, header=header, kind=kind, unit=unit, panel=panel)


def row(index: int, line: int, name: str, cells: Sequence[Cell], **more: object) -> Row:
    """Returns a row; `more` are its other fields."""
    made = {"index": index, "line": line, "kind": "item", "name": name, "cells": tuple(cells)}
    return Row.model_validate(made | more)


def cell(key: Column, printed: str, line: int, **more: object) -> Cell:
    """Returns the cell that the printed text makes in that column."""
    numeral = read_numeral(printed)
    is_number = key.kind != "text" and numeral.value is not None
    made = {
        "column": key.key,
        "printed": printed,
        "line": line,
        "span": (0, 0),
        "state": "printed" if printed else "blank",
        "kind": key.kind,
        "unit": key.unit,
        "value": numeral.value if is_number else None,
        "places": numeral.places if is_number else 0,
        "proof": "proved" if is_number and numeral.value else None,
    }
    return Cell.model_validate(made | more)


def table_of(rows: Sequence[Row], columns: Sequence[Column], **more: object) -> Table:
    """Returns an accepted table 表5 of these rows; `more` are its other fields."""
    made = {
        "id": "t1",
        "section": "s1",
        "type": "gpb_expenditure_by_function",
        "family": "shaanxi_budget",
        "form": "",
        "shape": "records",
        "number": "表5",
        "number_inferred": False,
        "title": "一般公共预算支出明细表",
        "owner": "",
        "unit": "万元",
        "lines": (3, 9),
        "body": "present",
        "register": "unstated",
        "register_reason": "",
        "reader": "grid",
        "verdict": Verdict(outcome="accepted", basis="footed", tally=Tally(amounts=2, proved=2)),
        "columns": tuple(columns),
        "rows": tuple(rows),
        "explained": (),
        "remarks": (),
    }
    return Table.model_validate(made | more)


def document_of(tables: Sequence[Table], **more: object) -> Document:
    """Returns an accepted document 灞桥 2021 of these tables; `more` are its other fields."""
    made = {
        "crossfoot_version": "0.1.0",
        "id": "ab" * 32,
        "source": Origination(name="灞桥/2021.txt", sha256="ab" * 32, encoding="utf-8", characters=9, lines=9),
        "department": "西安市灞桥区医疗保障局",
        "region": "陕西省",
        "fiscal_year": 2021,
        "kind": "budget",
        "verdict": Verdict(outcome="accepted", basis="footed", tally=Tally(amounts=2, proved=2)),
        "sections": (),
        "tables": tuple(tables),
        "checks": (),
        "findings": (),
    }
    return Document.model_validate(made | more)


CODE = column("code", "功能科目编码")
NAME = column("name", "功能科目名称")
TOTAL = column("total", "合计", "万元")
PERSONNEL = column("personnel", "人员经费支出", "万元")
OPERATING = column("operating", "公用经费支出", "万元")
NOTE = column("note", "备注")
COLUMNS = (CODE, NAME, TOTAL, PERSONNEL, OPERATING, NOTE)


def row_of_line(index: int, number: int, kind: RowKind, level: int) -> Row:
    """Returns the row that stands in that line of TEXT."""
    texts = TEXT.split("\n")[number - 1].split("\t")
    cells = [cell(key, text, number) for key, text in zip(COLUMNS, texts, strict=True)]
    return row(index, number, texts[1], cells, code=texts[0], kind=kind, level=level)


def sum_that_fails() -> Check:
    """Returns the failing sum of the 合计 row: 589.86 + 702.58 = 1292.44, printed 1294.44."""
    terms = (
        Term(cell="t1.r0.total", weight=-1),
        Term(cell="t1.r0.personnel", weight=1),
        Term(cell="t1.r0.operating", weight=1),
    )
    return Check(
        id="c1",
        rule="each row: total = personnel + operating",
        kind="sum",
        origin="declared",
        tables=("t1",),
        terms=terms,
        outcome="fails",
        gap=Decimal("-2.00"),
        tolerance=Decimal("0.01"),
        unit="万元",
    )


def finding_of_sum() -> Finding:
    """Returns the finding that explains the failing sum."""
    suspect = CitedCell(cell="t1.r0.total", label="合计, 合计", line=7, printed="1294.44", implied="1292.44")
    return Finding(
        code="source_inconsistency",
        severity="error",
        message="合计 is printed as 1294.44, its parts add up to 1292.44",
        table="t1",
        line=7,
        cells=(suspect,),
        checks=("c1",),
    )


def flagged_document(**more: object) -> Document:
    """Returns the document of TEXT, whose 合计 row does not add up."""
    rows = [row_of_line(0, 7, "total", 0), row_of_line(1, 8, "item", 1), row_of_line(2, 9, "item", 2)]
    tally = Tally(amounts=8, proved=5, grounded=3, checks_declared=4, checks_executed=3, checks_failed=1)
    verdict = Verdict(outcome="flagged", reasons=("source_inconsistency",), tally=tally)
    made = {"verdict": verdict, "checks": (sum_that_fails(),), "findings": (finding_of_sum(),)}
    return document_of([table_of(rows, COLUMNS, verdict=verdict)], **(made | more))
