"""The layouts that real documents have: codes in pieces, cut cells, page marks, lists side by side, odd totals."""

from collections.abc import Callable

import pytest

from crossfoot.figures import Document, Table

Structured = Callable[[str], Document]


def only(document: Document) -> Table:
    (table,) = document.tables
    return table


def amounts(table: Table) -> list[tuple[str, list[str]]]:
    return [(row.code or row.name, [c.printed for c in row.cells if c.kind == "amount"]) for row in table.rows]


def errors(document: Document) -> list[str]:
    return [finding.message for finding in document.findings if finding.severity != "note"]


def test_codes_over_three_columns(structured: Structured) -> None:
    """类, 款 and 项 in three columns are one code, whether split or whole in the first of them."""
    head = (
        "公开03表\n支出决算表\n单位：万元\n"
        "项目⇥⇥⇥⇥本年支出合计⇥基本支出⇥项目支出\n支出功能分类科目编码⇥⇥⇥科目名称⇥⇥⇥\n"
        "类⇥款⇥项⇥栏次⇥1⇥2⇥3\n⇥⇥⇥合计⇥30.00⇥10.00⇥20.00\n"
    )
    split = structured(head + "213⇥⇥⇥农林水支出⇥30.00⇥10.00⇥20.00\n213⇥03⇥⇥水利⇥30.00⇥10.00⇥20.00\n")
    whole = structured(head + "213⇥⇥⇥农林水支出⇥30.00⇥10.00⇥20.00\n21303⇥⇥⇥水利⇥30.00⇥10.00⇥20.00\n")
    for document in (split, whole):
        assert [row.code for row in only(document).rows] == ["", "213", "21303"]
        assert only(document).verdict.outcome == "accepted"


def test_empty_code_cells_dropped_on_the_next_page(structured: Structured) -> None:
    """Rows that lost their empty 款 and 项 cells are put back in the only way possible, and marked."""
    table = only(
        structured(
            "公开03表\n支出决算表\n单位：万元\n"
            "项目⇥⇥⇥⇥本年支出合计⇥基本支出⇥项目支出\n功能分类科目编码⇥⇥⇥科目名称⇥⇥⇥\n"
            "类⇥款⇥项⇥合计⇥30.00⇥10.00⇥20.00\n213⇥⇥⇥农林水支出⇥30.00⇥10.00⇥20.00\n"
            "21303⇥⇥⇥水利⇥30.00⇥10.00⇥20.00\n\n\n2130301⇥行政运行⇥10.00⇥10.00⇥\n2130305⇥水利工程建设⇥20.00⇥⇥20.00\n"
        )
    )
    assert amounts(table)[-1] == ("2130305", ["20.00", "", "20.00"])
    assert [row.realigned for row in table.rows] == [False, False, False, True, True]
    assert table.verdict.outcome == "repaired"


@pytest.mark.parametrize("mark", ["- 12 -", "12", "第 12 页 共 30 页", "— 12 —", "<!-- page 12 -->"])
def test_a_page_number_inside_a_table(structured: Structured, mark: str) -> None:
    """A page's number between two rows does not end the table."""
    table = only(
        structured(
            "支出决算表\n单位：万元\n科目代码⇥科目名称⇥本年支出合计⇥基本支出⇥项目支出\n⇥合计⇥30.00⇥10.00⇥20.00\n"
            f"213⇥农林水支出⇥30.00⇥10.00⇥20.00\n\n{mark}\n\n21303⇥水利⇥30.00⇥10.00⇥20.00\n"
        )
    )
    assert [row.code for row in table.rows] == ["", "213", "21303"]
    assert table.verdict.outcome == "accepted"


def test_cells_cut_by_a_line_break(structured: Structured) -> None:
    """A header cut in two, and a name cut before its amounts, are joined; the printed text spans both lines."""
    document = structured(
        "支出决算表\n单位：万元\n科目代码⇥科目名称⇥本年支出合计⇥基本支出⇥对附属单位补\n助支出\n"
        "⇥合计⇥30.00⇥10.00⇥20.00\n208⇥社会保障和就\n业支出⇥30.00⇥10.00⇥20.00\n"
    )
    table = only(document)
    assert [column.key for column in table.columns] == ["code", "name", "total", "basic", "subordinate"]
    assert (table.rows[1].name, table.rows[1].line) == ("社会保障和就业支出", 6)
    assert table.verdict.outcome == "accepted"


def test_of_which_by_indent_and_by_number(structured: Structured) -> None:
    """其中 rows are not added again, whether numbering or indent says how far they go."""
    indented = structured(
        "一般公共预算“三公”经费支出情况表\n单位：万元\n项目⇥预算数\n合计⇥60.00\n因公出国（境）费⇥20.00\n"
        "公务用车购置及运行费⇥30.00\n  其中：公务用车购置⇥0.00\n  公务用车运行维护费⇥30.00\n公务接待费⇥10.00\n"
    )
    numbered = structured(
        "一般公共预算“三公”经费支出情况表\n单位：万元\n项 目⇥“三公”经费预算数\n共计⇥3.20\n1、因公出国（境）费用⇥0.00\n"
        "2、公务接待费⇥0.80\n3、公务用车费⇥2.40\n其中：（1）公务用车运行维护费⇥2.40\n（2）公务用车购置⇥0.00\n"
    )
    for document in (indented, numbered):
        assert [row.kind for row in only(document).rows].count("memo") == 2
        assert errors(document) == []


def test_a_row_sum_with_an_unknown_part_is_not_tested(structured: Structured) -> None:
    """Where a declared part has no column and an unknown column is filled, nothing is alleged; it is said instead."""
    document = structured(
        "部门收入总表\n单位：万元\n科目编码⇥科目名称⇥合计⇥某种拨款⇥事业收入\n⇥合计⇥30.00⇥30.00⇥\n"
        "208⇥社会保障和就业支出⇥30.00⇥30.00⇥\n"
    )
    assert [finding.code for finding in document.findings if finding.code == "source_inconsistency"] == []
    assert only(document).verdict.outcome == "flagged"


def test_carry_over_of_the_fiscal_appropriations(structured: Structured) -> None:
    """In 公开04 the three rows under 年初结转 are its parts, though rows above carry the same names."""
    document = structured(
        "财政拨款收入支出决算总表\n公开04表\n单位：万元\n收入⇥⇥⇥支出⇥⇥⇥⇥⇥\n"
        "项目⇥行次⇥金额⇥项目⇥行次⇥合计⇥一般公共预算财政拨款⇥政府性基金预算财政拨款⇥国有资本经营预算财政拨款\n"
        "一、一般公共预算财政拨款⇥1⇥100.00⇥一、农林水支出⇥8⇥98.00⇥98.00⇥⇥\n"
        "二、政府性基金预算财政拨款⇥2⇥⇥⇥9⇥⇥⇥⇥\n"
        "本年收入合计⇥3⇥100.00⇥本年支出合计⇥10⇥98.00⇥98.00⇥⇥\n"
        "年初财政拨款结转和结余⇥4⇥5.00⇥年末财政拨款结转和结余⇥11⇥7.00⇥7.00⇥⇥\n"
        "一般公共预算财政拨款⇥5⇥5.00⇥⇥12⇥⇥⇥⇥\n政府性基金预算财政拨款⇥6⇥⇥⇥13⇥⇥⇥⇥\n"
        "总计⇥7⇥105.00⇥总计⇥14⇥105.00⇥105.00⇥⇥\n"
    )
    assert errors(document) == []
    assert only(document).verdict.tally.checks_failed == 0


def test_a_lost_row_shows_in_the_line_numbers(structured: Structured) -> None:
    """行次 that skip tell of a lost row even where no sum does."""
    document = structured(
        "收入支出决算总表\n公开01表\n单位：万元\n收入⇥⇥⇥支出⇥⇥\n项目⇥行次⇥决算数⇥项目⇥行次⇥决算数\n"
        "一、财政拨款收入⇥1⇥5.00⇥一、外交支出⇥5⇥5.00\n二、事业收入⇥2⇥⇥二、国防支出⇥6⇥\n本年收入合计⇥4⇥5.00⇥本年支出合计⇥8⇥5.00\n"
    )
    assert [finding.code for finding in document.findings] == ["missing_row"]


def test_markdown_tables(structured: Structured) -> None:
    """Rows between pipes are rows."""
    table = only(
        structured(
            "## 表2 支出决算表\n\n单位：元\n\n| 科目代码 | 科目名称 | 本年支出合计 | 基本支出 | 项目支出 |\n"
            "| --- | --- | ---: | ---: | ---: |\n"
            "|  | 合计 | 30.00 | 10.00 | 20.00 |\n| 213 | **农林水支出** | 30.00 | 10.00 | 20.00 |\n"
        )
    )
    assert (table.number, table.title, table.unit) == ("表2", "支出决算表", "元")
    assert table.rows[1].name == "农林水支出"
    assert table.verdict.outcome == "accepted"


def test_score_sheet_with_no_one_way_is_left_alone(structured: Structured) -> None:
    """A drifted row that could be read in two ways is flagged with its text, never placed by guess."""
    document = structured(
        "项目绩效自评表\n项目名称⇥⇥某项目⇥⇥⇥⇥⇥⇥\n"
        "绩效指标⇥一级指标⇥二级指标⇥三级指标⇥年度指标值⇥实际完成值⇥分值⇥得分⇥偏差原因分析及改进措施\n"
        "⇥产出指标⇥数量指标⇥指标1：数量⇥5次⇥5次⇥50⇥50⇥\n某事完成⇥⇥⇥⇥⇥⇥⇥⇥\n总分⇥⇥⇥⇥⇥⇥50⇥50⇥\n"
    )
    table = only(document)
    assert table.verdict.outcome == "flagged"
    assert "ambiguous_repair" in table.verdict.reasons
