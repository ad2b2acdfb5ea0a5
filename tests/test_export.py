"""Exports keep every value exact, and no spreadsheet runs what a document says."""

import csv
import io
import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import openpyxl  # type: ignore[import-untyped]
import pytest

from crossfoot.figures import Document, Documents, Table
from crossfoot.output.export import facts_csv, neutral, only_table, tables_csv, to_json, to_markdown, write_workbook
from crossfoot.output.facts import facts
from documents_by_hand import NAME, TEXT, TOTAL, cell, column, document_of, flagged_document, row, source_of, table_of


def read(lines: object) -> list[list[str]]:
    return list(csv.reader(io.StringIO("".join(lines))))  # type: ignore[arg-type]


def small(*names: str, printed: str = "1,234.50", **more: object) -> Table:
    """Returns a table of these row names, each with one amount."""
    rows = [row(n, n, name, [cell(NAME, name, n), cell(TOTAL, printed, n)]) for n, name in enumerate(names, start=1)]
    return table_of(rows, [NAME, TOTAL], **more)


@pytest.mark.parametrize(
    "text",
    [
        "=1+1",
        "+cmd|' /C calc'!A0",
        "@SUM(A1)",
        "-2+3",
        "\t=1",
        "\r=1",
        "＝1+1",
        "-附注",
        " =1",
        '=HYPERLINK("http://x")',
    ],
)
def test_what_could_be_a_formula_gets_an_apostrophe(text: str) -> None:
    """The text stays readable behind it."""
    assert neutral(text) == f"'{text}"


@pytest.mark.parametrize("text", ["-5.20", "+3", "-1,234.5", "-97.5%", "-", "--", "—", "卫生=健康", "", "1-2", "△5"])
def test_numbers_and_plain_texts_stay_as_they_are(text: str) -> None:
    """A signed number and the dash that means nothing are no formulas."""
    assert neutral(text) == text


def test_facts_are_csv_with_a_header() -> None:
    """Every line has all columns, whatever the cells contain; formulas are neutralised."""
    lines = read(facts_csv(facts(flagged_document(), source_of(TEXT))))
    assert len(lines) == 19
    assert {len(line) for line in lines} == {26}
    assert "'=1+1" in lines[12]


def test_quotes_commas_and_line_breaks_survive_csv() -> None:
    """What CSV reads back is what the document says."""
    table = small('甲"乙",丙', "上\n下")
    assert read(tables_csv([table])) == [
        ["功能科目名称", "合计"],
        ['甲"乙",丙', "1,234.50"],
        ["上\n下", "1,234.50"],
    ]


def test_lists_side_by_side_become_blocks() -> None:
    """Each list of a table has its own header line, with a blank line before the next."""
    left, right = column("label", "收入/项目", panel="收入"), column("label", "支出/项目", panel="支出")
    rows = [
        row(1, 1, "拨款", [cell(left, "拨款", 1)], panel="收入"),
        row(2, 1, "教育", [cell(right, "教育", 1)], panel="支出"),
        row(3, 2, "事业", [cell(left, "事业", 2)], panel="收入"),
    ]
    table = table_of(rows, [left, right], shape="panels")
    assert read(tables_csv([table])) == [["项目"], ["拨款"], ["事业"], [], ["项目"], ["教育"]]


def test_the_fields_of_a_form_become_label_and_value() -> None:
    """A field is a line with its label, and a name that stands in no cell is put into the line."""
    amount, name = column("total", "", "万元", "head"), column("name", "指标", panel="tree")
    rows = [
        row(1, 1, "资金总额", [cell(amount, "9.4", 1)], kind="field", block="head"),
        row(2, 2, "数量", [cell(name, "数量", 2)], block="tree"),
        row(3, 3, "总分", [cell(name, "", 3)], block="tree", kind="total"),
    ]
    table = table_of(rows, [amount, name], shape="form")
    assert read(tables_csv([table])) == [["field", "value"], ["资金总额", "9.4"], [], ["指标"], ["数量"], ["总分"]]


def test_json_is_a_list_of_documents() -> None:
    """It reads back as the same documents, amounts as strings."""
    text = to_json([flagged_document()])
    assert Documents.validate_json(text) == [flagged_document()]
    assert json.loads(text)[0]["tables"][0]["rows"][0]["cells"][2]["value"] == "1294.44"


def test_one_table_comes_with_its_checks_and_findings() -> None:
    """The other tables are left out, and what is only about them."""
    document = flagged_document()
    other = document.tables[0].model_copy(update={"id": "t2"})
    both = document.model_copy(update={"tables": (*document.tables, other)})
    assert only_table(both, document.tables[0]) == document
    assert only_table(both, other).findings == ()


def test_markdown_shows_signs_as_they_are() -> None:
    """Bars, stars, brackets and line breaks in cells do not break the table."""
    text = to_markdown([document_of([small("a|b*c<br>", "上\n下")])])
    assert "| a\\|b\\*c\\<br\\> | 1,234.50 |" in text
    assert "| 上 下 | 1,234.50 |" in text
    assert "| --- | ---: |" in text


def workbook(path: Path, *tables: Table) -> openpyxl.Workbook:
    write_workbook([document_of(tables)], path)
    return openpyxl.load_workbook(path)


def test_sheets_hold_numbers_as_numbers(tmp_path: Path) -> None:
    """Amounts are numbers with their printed places, and formulas are text."""
    book = workbook(tmp_path / "a.xlsx", small("=1+1"))
    sheet = book.worksheets[1]
    assert sheet["B2"].value == pytest.approx(1234.5)
    assert sheet["B2"].number_format == "#,##0.00"
    assert (sheet["A2"].value, sheet["A2"].data_type) == ("'=1+1", "s")


def test_a_number_that_a_spreadsheet_would_round_is_text(tmp_path: Path) -> None:
    """Beyond fifteen digits exactness goes before convenience."""
    sheet = workbook(tmp_path / "a.xlsx", small("甲", printed="1234567890123456.78")).worksheets[1]
    assert sheet["B2"].value == "1234567890123456.78"


def test_sheet_names_are_ones_that_spreadsheets_accept(tmp_path: Path) -> None:
    """Signs, length, case and repetition are seen to; the first sheet lists the full titles."""
    titles = ["收/支[总]*表?:'", "很长的标题" * 20, "很长的标题" * 20, "history", "Abc", "aBC"]
    numbered = [small("甲", id=f"t{n}", number="", title=title) for n, title in enumerate(titles)]
    book = workbook(tmp_path / "a.xlsx", *numbered)
    names = book.sheetnames
    assert len({name.casefold() for name in names}) == 7
    assert all(0 < len(name) <= 31 and not set(name) & set("[]:*?/\\'") for name in names)
    assert book["tables"]["D3"].value == "很长的标题" * 20


def test_control_characters_do_not_stop_a_workbook(tmp_path: Path) -> None:
    """What a sheet cannot hold is shown as a replacement sign."""
    sheet = workbook(tmp_path / "a.xlsx", small("甲\x0b乙")).worksheets[1]
    assert sheet["A2"].value == "甲\ufffd乙"


def test_values_in_csv_are_exact() -> None:
    """A value reads back as the very Decimal."""
    lines = read(facts_csv(facts(document_of([small("甲", printed="0.10")]), source_of("甲"))))
    value = lines[0].index("value")
    assert Decimal(lines[2][value]).as_tuple() == Decimal("0.10").as_tuple()


def test_a_figure_of_a_person_says_so_in_every_file(tmp_path: Path) -> None:
    """CSV and Markdown say it behind the figure; in a sheet it stays a number, with a comment, and is counted."""
    table = small("甲")
    (row,), tally = table.rows, table.verdict.tally.model_copy(update={"resolved": 1})
    said = row.cells[1].model_copy(update={"state": "resolved", "original": "1,284.50"})
    table = table.model_copy(
        update={
            "rows": (row.model_copy(update={"cells": (row.cells[0], said)}),),
            "verdict": table.verdict.model_copy(update={"tally": tally}),
        }
    )
    assert '"1,234.50 (by a person; 1,284.50 was read)"' in "".join(tables_csv([table]))
    assert "1,234.50 (by a person; 1,284.50 was read)" in to_markdown([document_of([table])])
    book = workbook(tmp_path / "a.xlsx", table)
    cell = book.worksheets[1]["B2"]
    assert (cell.value, cell.comment.text) == (pytest.approx(1234.5), "by a person; 1,284.50 was read")
    assert (book["tables"]["I1"].value, book["tables"]["I2"].value) == ("values from a person", "1")


def test_a_computed_figure_says_so_in_every_file(structured: Callable[[str], Document], tmp_path: Path) -> None:
    """Nobody may take for read what was computed: CSV, Markdown and sheets say it beside what stands in the source."""
    document = structured(
        "一般公共预算财政拨款支出决算表\n单位：万元\n科目代码⇥科目名称⇥本年支出⇥⇥\n⇥⇥小计⇥基本支出⇥项目支出\n"
        "⇥合计⇥9.00⇥4.00⇥5.00\n205⇥教育支出⇥7.00⇥3.00⇥[illegible]\n208⇥社会保障和就业支出⇥2.00⇥1.00⇥1.00\n"
    )
    wanted = "[illegible] (computed 4.00)"
    assert wanted in "".join(tables_csv(document.tables))
    assert wanted in to_markdown([document]).replace("\\", "")
    write_workbook([document], tmp_path / "book.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "book.xlsx").worksheets[1]
    assert wanted in {cell.value for row in sheet.iter_rows() for cell in row}
