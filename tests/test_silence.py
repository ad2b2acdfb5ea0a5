"""What goes wrong in a text is never silent: an amount out of place, a merged page, a lost row leaves a finding."""

from collections.abc import Callable

import pytest

from crossfoot.figures import Document

Structured = Callable[[str], Document]
HEAD = "一般公共预算支出表\n单位：万元\n科目编码⇥科目名称⇥合计⇥基本支出⇥项目支出\n"
FUND = "政府性基金预算支出表\n部门名称：{}⇥单位：{}\n科目编码⇥科目名称⇥合计⇥基本支出⇥项目支出\n"


def codes(document: Document) -> set[str]:
    return {finding.code for finding in document.findings if finding.severity != "note"}


@pytest.mark.parametrize("name", ["合计", "总计", "总 计", "支出合计", "支出总计", "本年支出合计", "本年合计"])
def test_a_total_is_checked_whatever_it_is_called(structured: Structured, name: str) -> None:
    """A wrong total is found under any of its names."""
    rows = "201⇥一般公共服务支出⇥120.50⇥100.00⇥20.50\n"
    right = structured(f"{HEAD}{rows}{name}⇥⇥120.50⇥100.00⇥20.50\n")
    wrong = structured(f"{HEAD}{rows}{name}⇥⇥999.50⇥979.00⇥20.50\n")
    assert (codes(right), codes(wrong)) == (set(), {"source_inconsistency"})


@pytest.mark.parametrize(
    ("code", "name", "found"),
    [
        ("205", "卫生健康支出", {"name_code_mismatch"}), ("210", "教育支出", {"name_code_mismatch"}),
        ("213", "交通运输支出", {"name_code_mismatch"}), ("211", "环境保护", set()),
        ("207", "文化体育与传媒支出", set()), ("210", "医疗卫生与计划生育支出", set()),
        ("220", "国土资源气象等支出", set()), ("206", "科技支出", set()),
    ],
)  # fmt: skip
def test_a_subject_with_the_code_of_another_is_found(
    structured: Structured, code: str, name: str, found: set[str]
) -> None:
    """That both end in 支出 makes no two subjects one; an earlier year's name of the same subject is no mistake."""
    assert codes(structured(f"{HEAD}{code}⇥{name}⇥120.50⇥100.00⇥20.50\n合计⇥⇥120.50⇥100.00⇥20.50\n")) == found


@pytest.mark.parametrize(("owner", "unit"), [("某某市民政局", "万元"), ("某某市水利局", "元"), ("某某市民政局", "元")])
def test_pages_of_other_departments_or_units_are_other_tables(structured: Structured, owner: str, unit: str) -> None:
    """The same form of another department, or in another unit, is never a further page."""
    first, second = structured(
        f"{FUND.format('某某市水利局', '万元')}212⇥城乡社区支出⇥30.00⇥10.00⇥20.00\n\n"
        f"{FUND.format(owner, unit)}229⇥其他支出⇥70000.00⇥⇥70000.00\n"
    ).tables
    assert (first.owner, first.unit, len(first.rows)) == ("某某市水利局", "万元", 1)
    assert (second.owner, second.unit, len(second.rows)) == (owner, unit, 1)


def test_a_page_marked_as_continued_need_not_repeat_its_caption(structured: Structured) -> None:
    """支出决算表（续） without number and unit is the next page of the table above."""
    header = "科目代码⇥科目名称⇥本年支出合计⇥基本支出⇥项目支出\n"
    (table,) = structured(
        f"公开03表\n支出决算表\n单位：万元\n{header}⇥合计⇥30.00⇥10.00⇥20.00\n205⇥教育支出⇥10.00⇥10.00⇥\n\n"
        f"支出决算表（续）\n{header}213⇥农林水支出⇥20.00⇥⇥20.00\n"
    ).tables
    assert (len(table.rows), table.verdict.outcome) == (3, "accepted")


@pytest.mark.parametrize(
    "row",
    ["合计⇥50.00⇥50.00", "⇥50.00⇥50.00⇥", "50.00⇥⇥50.00⇥50.00⇥", "⇥77.70⇥⇥⇥", "20103⇥77.70⇥⇥⇥"],
)
def test_an_amount_is_no_name_and_no_code(structured: Structured, row: str) -> None:
    """A numeral in the name's or the code's cell has moved there; the table is flagged."""
    document = structured(f"{HEAD}{row}\n212⇥城乡社区支出⇥50.00⇥50.00⇥\n")
    assert "uncovered_number" in codes(document)


@pytest.mark.parametrize(
    "between", ["注：含追加。", "（1）本表含上年结转。", "\n-- PAGE_BREAK --\n", "\n-- 5 of 29 --\n"]
)
def test_notes_and_page_marks_between_rows_do_not_end_the_table(structured: Structured, between: str) -> None:
    """The row below a note, or below what a converter prints between pages, is a row of the table above it."""
    (table,) = structured(
        f"{HEAD}合计⇥⇥120.50⇥100.00⇥20.50\n201⇥一般公共服务支出⇥100.50⇥100.00⇥0.50\n{between}\n"
        "208⇥社会保障和就业支出⇥20.00⇥⇥20.00\n"
    ).tables
    assert ([row.code for row in table.rows], table.verdict.outcome) == (["", "201", "208"], "accepted")


@pytest.mark.parametrize("line", ["单位：万元", "编制部门：某局⇥金额单位：万元", "（单位：人民币万元）"])
def test_two_units_in_one_caption_are_a_conflict(structured: Structured, line: str) -> None:
    """A title in 元 over a line in 万元 cannot both be true."""
    head = HEAD.replace("表\n单位：万元", f"表（单位：元）\n{line}")
    document = structured(f"{head}201⇥一般公共服务支出⇥100.00⇥100.00⇥\n")
    assert "unit_conflict" in codes(document)


def test_a_unit_below_each_table_is_that_tables(structured: Structured) -> None:
    """Where every table has its unit below, the first unit is the first table's and not the second's."""
    first, second = structured(
        "部门收入总表\n科目编码⇥科目名称⇥合计\n201⇥一般公共服务支出⇥100.00\n单位：万元\n\n"
        "部门支出总表\n科目编码⇥科目名称⇥合计⇥基本支出⇥项目支出\n201⇥一般公共服务支出⇥100.00⇥100.00⇥\n单位：元\n"
    ).tables
    assert (first.unit, second.unit) == ("万元", "元")


def test_illegible_lines_right_below_a_table_are_its_rows(structured: Structured) -> None:
    """Rows lost at the end of a table flag it."""
    (table,) = structured(f"{HEAD}201⇥一般公共服务支出⇥100.00⇥100.00⇥\n[illegible]\n").tables
    assert table.verdict.reasons == ("illegible",)


@pytest.mark.parametrize("lost", ["33.50", "208 社会保障和就业支出 20.00 20.00", "208 社会保障和就业支出 1,020.00"])
@pytest.mark.parametrize("more", ["", "210⇥卫生健康支出⇥⇥⇥\n"])
def test_a_row_that_lost_its_tabs_is_not_lost(structured: Structured, lost: str, more: str) -> None:
    """A row without tabs, inside a table or at its end, flags the table even where the sums close without it."""
    (table,) = structured(f"{HEAD}合计⇥⇥120.00⇥120.00⇥\n201⇥一般公共服务支出⇥120.00⇥120.00⇥\n{lost}\n{more}").tables
    assert table.verdict.reasons == (("uncovered_number",) if lost == "33.50" else ("unplaced",))


def test_an_unknown_form_is_never_accepted(structured: Structured) -> None:
    """A table of which only a header could be read is flagged, not called blank."""
    document = structured("某某情况表\n单位：万元\n甲类⇥乙类⇥丙类\n")
    assert document.verdict.outcome == "flagged"


def test_a_row_outside_every_table_flags_the_document(structured: Structured) -> None:
    """A line with columns and amounts that no table holds is reported, though the tables are in order."""
    document = structured(f"前言 ⇥12.50⇥\n\n{HEAD}201⇥一般公共服务支出⇥100.00⇥100.00⇥\n")
    assert any(finding.line == 1 for finding in document.findings)
    assert document.verdict.outcome == "flagged"


def test_a_text_without_tables_says_so(structured: Structured) -> None:
    """No table is a finding, never an empty success."""
    document = structured("某某市水利局\n这里没有任何表格。\n")
    assert (document.verdict.outcome, document.verdict.reasons) == ("flagged", ("reader_failed",))


@pytest.mark.parametrize("end", ["\r\n", "\r", "\u2028", "\v", "\r\r\n"])
def test_any_line_end_ends_a_line(structured: Structured, end: str) -> None:
    """The same table comes out of every kind of line end, each cell at its place."""
    text = f"{HEAD}⇥合计⇥100.00⇥100.00⇥\n201⇥一般公共服务支出⇥100.00⇥100.00⇥\n"
    (table,) = structured(text.replace("\n", end)).tables
    assert (table.verdict.outcome, len(table.rows)) == ("accepted", 2)


def test_of_which_without_a_number_goes_on_to_the_next_number(structured: Structured) -> None:
    """其中 and the unnumbered row below it are both parts of the numbered row above."""
    document = structured(
        "“三公”经费支出预算表\n单位：万元\n项目⇥预算数\n合计⇥4432\n1.因公出国(境)费用⇥39\n2.公务接待费⇥323\n"
        "3.公务用车购置及运行维护费⇥4070\n其中:公务用车运行维护费⇥2648\n公务用车购置⇥1422\n"
    )
    assert codes(document) == set()
    assert [row.kind for row in document.tables[0].rows][-2:] == ["memo", "memo"]


def test_a_numbered_total_heads_its_own_list(structured: Structured) -> None:
    """一、…合计 above （一） is the sum of （一） and its like, not of 二、 and 三、 too."""
    document = structured(
        "“三公”经费支出预算表\n单位：万元\n项目⇥预算数\n一、“三公”经费合计⇥21.63\n（一）公务接待费⇥14.83\n"
        "（二）公务用车费⇥6.80\n1.公务用车购置费⇥\n2.公务用车运行维护费⇥6.80\n二、会议费⇥7.59\n三、培训费⇥15.86\n"
    )
    assert codes(document) == set()


def test_a_header_cell_cut_above_the_table_is_header(structured: Structured) -> None:
    """科目 over 编码 ⇥ 科目名称 is one header cell; the caption above it stays the table's."""
    (table,) = structured(
        "一般公共预算支出表\n单位：万元\n科目\n编码⇥科目名称⇥合计⇥基本支出⇥项目支出\n"
        "⇥合计⇥100.00⇥100.00⇥\n201⇥一般公共服务支出⇥100.00⇥100.00⇥\n"
    ).tables
    assert (table.title, table.unit, table.verdict.outcome) == ("一般公共预算支出表", "万元", "accepted")


def test_a_row_cut_before_its_amounts_is_one_row(structured: Structured) -> None:
    """A line break between the name and the amounts leaves one way to put the row together."""
    (table,) = structured(
        f"{HEAD}合计⇥⇥55.25⇥55.25⇥\n208⇥社会保障和就业支出\n⇥35.25⇥35.25⇥\n210⇥卫生健康支出⇥20.00⇥20.00⇥\n"
    ).tables
    assert ([row.code for row in table.rows], table.verdict.outcome) == (["", "208", "210"], "accepted")


def test_a_chart_needs_a_sign_of_one(structured: Structured) -> None:
    """Rows without caption are a table unless they look like a chart's series."""
    document = structured(
        f"{HEAD}201⇥一般公共服务支出⇥100.00⇥100.00⇥\n\n\n收入情况如下，逐项列示。\n\n职工⇥12.50\n干部⇥7.50\n"
    )
    assert [section.kind for section in document.sections if section.first >= 9] == ["table"]
    chart = structured("收入构成如图。\n\n2020年⇥2021年⇥1532.12⇥2529.41⇥\n")
    assert "chart" in {section.kind for section in chart.sections}


def test_a_part_without_a_row_explains_only_what_is_missing(structured: Structured) -> None:
    """A part that is not printed may fill a sum that falls short; it never excuses parts larger than their total."""
    form = (
        "“三公”经费支出预算表\n单位：万元\n项目⇥预算数\n合计⇥{}\n1.公务接待费⇥1.70\n2.公务用车购置及运行维护费⇥{}\n"
        "其中：公务用车运行维护费⇥2.50\n"
    )
    assert codes(structured(form.format("4.70", "3.00"))) == {"unchecked"}
    assert codes(structured(form.format("2.70", "1.00"))) == {"source_inconsistency"}


def test_a_column_under_the_year_alone_is_the_total(structured: Structured) -> None:
    """Where a form has one column of amounts, 2023年预算数 heads it."""
    (table,) = structured(
        "一般公共预算支出表\n单位：万元\n科目编码⇥科目名称⇥2023年预算\n⇥合计⇥30.00\n201⇥一般公共服务支出⇥30.00\n"
    ).tables
    assert [column.key for column in table.columns] == ["code", "name", "total"]
    assert table.verdict.outcome == "accepted"


@pytest.mark.parametrize(("more", "found"), [("", {"unchecked"}), ("208⇥社会保障和就业支出⇥20.00⇥⇥20.00\n", set())])
def test_rows_that_end_early_may_have_lost_a_cell(structured: Structured, more: str, found: set[str]) -> None:
    """Where no row keeps an empty cell between amounts, the last amount of a short row may be the next column's."""
    document = structured(f"{HEAD}212⇥城乡社区支出⇥50.00⇥50.00\n{more}")
    assert codes(document) == found
