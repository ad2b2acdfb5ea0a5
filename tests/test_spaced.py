"""Tables whose tabs became blanks: found, typed, and their rows put together from code, name and numerals."""

from collections.abc import Callable

import pytest

from crossfoot.figures import Document, Line, Source
from crossfoot.pipeline import judge_again
from crossfoot.reading.records import Record, records_of
from crossfoot.reading.source import from_text
from crossfoot.reading.spaced_header import columns_of, is_header_line
from crossfoot.reading.tokens import take_apart
from crossfoot.tabletypes import Catalog, TableType

Structured = Callable[[str], Document]
TITLE = "一般公共预算支出明细表（按支出功能分类科目）\n单位：万元\n"
HEADER = "功能科目编码 功能科目名称 合计 人员经费支出 公用经费支出 专项业务经费支出 备注\n"
ROWS = "合计 30.00 10.00 3.00 17.00\n205 教育支出 10.00 10.00\n213 农林水支出 20.00 3.00 17.00\n"
UNITS = (
    "科目编码   单位（科目名称） 总计 基本支出    项目支出\n"
    "类 款 项   小计 行政人员经费 事业人员经费 公用经费 小计 一般性项目 特定类项目\n"
    "** ** ** ** 1 2 3 4 5 6 7 8\n"
)


def records(text: str) -> list[Record]:
    source = from_text(text)
    return records_of(source, [line.number for line in source.lines])


def named(text: str) -> dict[str, str]:
    """Returns the name of each record by its code."""
    return {"".join(c.text for c in r.codes): r.name.text if r.name else "" for r in records(text)}


def line(text: str) -> Line:
    return Line(number=1, start=0, text=text)


def form(catalog: Catalog, name: str) -> TableType:
    """Returns the form of that type in the budgets that print 类 款 项 or three parts."""
    return next(k for k in catalog.types if k.type == name and k.family in {"shaanxi_budget", "henan_budget"})


# --- finding ----------------------------------------------------------------------------------------------------------


def test_a_table_without_tabs_is_found_and_typed(structured: Structured) -> None:
    """Caption, unit, header and rows are those of the table; the sentences around it are not."""
    above = "某某市水利局2021年预算\n\n2021 年支出 30.00 万元，比上年增加 3.00 万元。\n\n"
    (table,) = structured(f"{above}{TITLE}{HEADER}{ROWS}\n\n三、名词解释\n").tables
    assert (table.type, table.unit, table.lines) == ("gpb_expenditure_by_function", "万元", (5, 10))
    assert [column.key for column in table.columns][2:] == ["total", "personnel", "operating", "project", "note"]


@pytest.mark.parametrize(
    "text",
    [
        "2021 年收入 支出 30.00 万元，增长 3.00%。\n其中 基本支出 10.00 万元。\n",
        "一、收入 支出 情况\n\n本年收入合计 30.00 万元。\n",
        "截至 2021 年底 车辆 1 辆\n单价 50 万元以上 0 台\n公务用车 2 辆 3 台\n",
    ],
)
def test_sentences_are_no_tables(structured: Structured, text: str) -> None:
    """Words and numerals with blanks between them are no rows without a header or codes."""
    assert structured(text).tables == ()


def test_a_page_break_and_its_repeated_header_do_not_end_the_table(structured: Structured) -> None:
    """The header printed again below a page number is explained; the rows after it are the table's."""
    head, tail = ROWS.rsplit("213", 1)
    (table,) = structured(f"{TITLE}{HEADER}{head}\n- 12 -\n\n{HEADER}213{tail}").tables
    assert [row.code for row in table.rows] == ["", "205", "213"]
    assert table.verdict.outcome == "repaired"


def test_coded_rows_without_a_header_are_not_lost(structured: Structured) -> None:
    """Without header nothing says what the numerals are: the rows are found and flagged."""
    document = structured("201 一般公共服务支出 1.00 1.00\n205 教育支出 2.00 2.00\n208 社会保障支出 3.00 3.00\n")
    assert "reader_failed" in document.verdict.reasons


def test_a_row_outside_every_table_is_reported(structured: Structured) -> None:
    """A coded row after a sentence is in no table, and is not silent."""
    document = structured(f"{TITLE}{HEADER}{ROWS}\n以上为本年预算安排，详见附件。\n\n221 住房保障支出 5.00 5.00\n")
    assert [f.code for f in document.findings if f.line == 10] == ["uncovered_number"]


def test_lists_side_by_side_are_not_read(structured: Structured) -> None:
    """Nothing says which list a line belongs to; the table is found, typed and flagged."""
    (table,) = structured(
        "2021年财政拨款预算收支总体情况表\n单位：万元\n收 入 支 出\n项 目 金 额 项 目 财 政 拨 款\n"
        "一、财政拨款 30.00 一、基本支出 13.00\n二、项目支出 17.00\n本年收入合计 30.00 本年支出合计 30.00\n"
    ).tables
    assert (table.type, table.reader) == ("budget_fiscal_appropriation_summary", "none")
    assert "reader_failed" in table.verdict.reasons


def test_a_blank_table_stays_blank(structured: Structured) -> None:
    """Header, 合计 and nothing else is a table that is there and empty."""
    (table,) = structured(
        "国有资本经营预算财政拨款支出决算表\n单位：万元\n项目 本年支出\n"
        "科目代码 科目名称 合计 基本支出 项目支出\n栏次 1 2 3\n合计\n"
    ).tables
    assert (table.type, table.body, table.verdict.outcome) == ("fa_state_capital", "blank", "accepted")


# --- headers ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("blank", [" ", "   ", ""])
def test_header_words_run_together_are_told_apart(catalog: Catalog, blank: str) -> None:
    """The form's own words divide a header that has no blanks, or too many."""
    known = form(catalog, "gpb_expenditure_by_function")
    head = line(HEADER.strip().replace(" ", blank))
    assert is_header_line(head, catalog.headers)
    assert [column.key for column in columns_of([head], known) or ()] == list(known.columns)


def test_a_table_below_a_header_without_blanks_is_found(structured: Structured) -> None:
    """A header whose words run together is a header."""
    (table,) = structured(f"{TITLE}{HEADER.replace(' ', '')}{ROWS}").tables
    assert (table.type, table.verdict.outcome) == ("gpb_expenditure_by_function", "repaired")


def test_a_header_over_several_lines_gives_the_columns_in_order(catalog: Catalog) -> None:
    """小计 stands twice; the group above it says which one it is."""
    known = form(catalog, "expenditure_by_unit_and_function")
    columns = columns_of([line(text) for text in UNITS.splitlines()], known)
    assert columns is not None
    assert [column.key for column in columns] == list(known.columns)
    assert columns[9].path == ("项目支出", "小计")


def test_columns_in_another_order_are_taken_as_printed(catalog: Catalog) -> None:
    """The header, not the form, says which column comes first."""
    known = form(catalog, "gpb_basic_by_function")
    columns = columns_of([line("科目编码 科目名称 公用经费 人员经费 合计")], known)
    assert [column.key for column in columns or ()] == ["code", "name", "operating", "personnel", "total"]


def test_a_word_that_no_column_has_leaves_the_header_unread(catalog: Catalog) -> None:
    """A column more than the form has would move every numeral."""
    known = form(catalog, "gpb_basic_by_function")
    assert columns_of([line("科目编码 科目名称 合计 人员经费 公用经费 数量")], known) is None


# --- rows -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "2080505 机关事业单位基本养 12.34 12.34\n老保险缴费支出\n2080506 职业年金 1.00 1.00\n",
        "机关事业单位基本养\n2080505 12.34 12.34\n老保险缴费支出\n2080506 职业年金 1.00 1.00\n",
        "2080505 机关事业单位基本养\n老保险缴费支出 12.34 12.34\n2080506 职业年金 1.00 1.00\n",
        "机关事业单位基本养\n2080505 老保险缴费支出 12.34 12.34\n2080506 职业年金 1.00 1.00\n",
        "2080505 机关事业单位基本养\n老保险缴费支出\n12.34 12.34\n2080506 职业年金 1.00 1.00\n",
    ],
)
def test_a_wrapped_name_is_one_name(text: str) -> None:
    """Wherever the pieces stand, they belong to the row whose column they fill."""
    assert named(text) == {"2080505": "机关事业单位基本养老保险缴费支出", "2080506": "职业年金"}
    assert [numeral.text for numeral in records(text)[0].numerals] == ["12.34", "12.34"]


def test_a_piece_that_two_rows_may_claim_is_nobodys(structured: Structured) -> None:
    """Both names may go on with it: it is given to neither, and the table is flagged."""
    rows = "205 教育文化事业支出部 10.00 10.00\n教育文化事业支出部\n213 农林水事业发展支出 20.00 3.00 17.00\n"
    (table,) = structured(f"{TITLE}{HEADER}合计 30.00 10.00 3.00 17.00\n{rows}").tables
    assert [row.name for row in table.rows] == ["合计", "教育文化事业支出部", "农林水事业发展支出"]
    assert "uncovered_text" in table.verdict.reasons


def test_a_wrapped_name_is_grounded_around_the_numerals_inside_it(structured: Structured) -> None:
    """Its span holds the row's code and numerals too; they are not its text, and each is used once."""
    rows = "合计 30.00 10.00 3.00 17.00\n205 教育支出和普通教 10.00 10.00\n育支出\n213 农林水支出 20.00 3.00 17.00\n"
    (table,) = structured(f"{TITLE}{HEADER}{rows}").tables
    assert table.rows[1].name == "教育支出和普通教育支出"
    assert "ungrounded" not in table.verdict.reasons


@pytest.mark.parametrize(
    ("text", "codes", "name", "second", "numerals", "rest"),
    [
        ("30101 基本工资 50101 工资奖金津补贴 130.04 130.04", ["30101"], "基本工资", "工资奖金津补贴", 2, None),
        ("301 01 基本工资 505 01 工资福利支出 57.70", ["301", "01"], "基本工资", "工资福利支出", 1, None),
        ("打击欺诈骗保 3.00 开展 2021 年工作", [], "打击欺诈骗保", None, 1, "开展 2021 年工作"),
        ("2101501行政运行 657. 63 657.63", ["2101501"], "行政运行", None, 2, None),
        ("2101501 行政运行12.30 12.30", ["2101501"], "行政运行", None, 2, None),
        ("2023 年专项 经费 5.00", [], None, None, 1, "年专项 经费 5.00"),
        ("合计 — 1,292.44 **", [], "合计", None, 3, None),
    ],
)
def test_a_line_is_taken_apart(  # noqa: PLR0913, PLR0917
    text: str, codes: list[str], name: str | None, second: str | None, numerals: int, rest: str | None
) -> None:
    """Code, name, second code and name, numerals, remark: each piece is the text at its span."""
    pieces = take_apart(line(text))
    assert [field.text for field in pieces.codes] == codes
    assert (pieces.name.text if pieces.name else None) == name
    assert (pieces.second_name.text if pieces.second_name else None) == second
    assert (len(pieces.numerals), pieces.rest.text if pieces.rest else None) == (numerals, rest)
    fields = [*pieces.codes, pieces.name, pieces.second_name, *pieces.numerals, pieces.rest]
    assert all(text[field.start : field.end] == field.text for field in fields if field is not None)


def test_a_second_name_without_a_code_is_not_added_to_the_first(structured: Structured) -> None:
    """Nothing says where the first name ends: the words after its first blank are reported."""
    (table,) = structured(
        "一般公共预算支出明细表（按支出经济分类科目）\n单位：万元\n部门经济科目编码 部门经济科目名称 政府经济科目编码 "
        "政府经济科目名称 合计 人员经费支出 公用经费支出 专项业务经费支出\n"
        "301 工资福利支出 9.00 9.00 0 0\n30102 津贴补贴 工资奖金津补贴 9.00 9.00 0 0\n"
    ).tables
    assert [row.name for row in table.rows] == ["工资福利支出", "津贴补贴"]
    assert table.verdict.reasons == ("uncovered_text",)


def test_a_line_out_of_order_is_no_row() -> None:
    """Amounts before and after words cannot be told apart."""
    assert not take_apart(line("5.00 办公经费 12.30 1.20")).is_whole
    assert not take_apart(line("2080505 12 12")).is_whole


def test_a_numeral_too_many_is_never_dropped(structured: Structured) -> None:
    """A page number at the end of a row is one numeral more than the columns: the row is flagged."""
    rows = ROWS.replace("17.00", "17.00 12", 1)
    (table,) = structured(f"{TITLE}{HEADER}{rows}").tables
    assert table.verdict.outcome == "flagged"
    assert [cell.printed for cell in table.rows[0].loose] == ["30.00", "10.00", "3.00", "17.00", "12"]


def test_spans_are_offsets_into_the_text(structured: Structured) -> None:
    """Every cell's printed text stands at its span."""
    text = f"{TITLE}{HEADER}{ROWS}"
    source: Source = from_text(text)
    (table,) = structured(text).tables
    cells = [cell for row in table.rows for cell in row.cells if cell.printed]
    assert all(source.text[slice(*cell.span)] == cell.printed for cell in cells)
    assert len(cells) == (1 + 4) + (2 + 2) + (2 + 3)


def test_a_whole_number_below_its_row_is_its_figure(structured: Structured) -> None:
    """A line that is only a number is a page's number, but not where a row's figures are missing."""
    rows = "合计 30 30\n205 教育支出\n30\n"
    (table,) = structured(f"政府性基金预算支出表\n单位：万元\n科目编码 科目名称 合计 项目支出\n{rows}").tables
    assert [cell.printed for cell in table.rows[1].loose] == ["30"]


def test_figures_in_no_sum_are_not_taken_for_granted(structured: Structured) -> None:
    """A row with all its numerals that no sum holds may have a number of its name among them."""
    (table,) = structured(
        "财政拨款“三公”经费及会议费、培训费支出决算表\n单位：万元\n"
        "项目 合计 因公出国（境）费 公务接待费 会议费 培训费\n预算数 9.00 4.00 5.00 1.00 2.00\n"
    ).tables
    assert table.verdict.reasons == ("unchecked",)


def test_a_stored_reading_is_judged_alike(structured: Structured, catalog: Catalog) -> None:
    """Loose numerals and what was placed are kept, so that the verdict can be reached again."""
    text = f"{TITLE}{HEADER}205 教育支出 10.00 10.00\n20502 普通教育 10.00 10.00\n"
    document = structured(text)
    assert judge_again(document, from_text(text), catalog) == document


def test_a_form_that_is_not_found_is_not_silent(structured: Callable[[str], Document]) -> None:
    """The heads of an indicator table outside every table flag the document, one to a line or all on one."""
    for heads in ("一级指标\n二级指标\n三级指标\n指标值", "一级指标 二级指标 三级指标 指标值"):
        document = structured(
            f"某某市水利局2023年部门决算公开说明\n\n绩效自评情况如下。\n\n{heads}\n产出指标\n数量指标\n水库数\n3座\n"
        )
        assert "uncovered_text" in {finding.code for finding in document.findings} or document.tables
        assert document.verdict.outcome == "flagged"
