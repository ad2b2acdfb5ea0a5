"""What has no certain place flags its table: cells under no header, cut names, marks, rows below the table's end."""

from collections.abc import Callable

import pytest

from crossfoot.figures import Document, Table

Structured = Callable[[str], Document]
HEAD = "一般公共预算支出表\n单位：万元\n科目编码⇥科目名称⇥合计⇥基本支出⇥项目支出\n"
ROWS = "合计⇥⇥30.00⇥10.00⇥20.00\n205⇥教育支出⇥10.00⇥10.00⇥\n213⇥农林水支出⇥20.00⇥⇥20.00\n"
THREE_PUBLIC = "2021年一般公共预算“三公”经费支出情况表\n部门名称：某某局⇥⇥\n单位：万元\n项 目⇥2021年“三公”经费预算数\n"
TARGET = "表14\n\n部门整体支出绩效目标表\n\n部门（单位）名称⇥⇥某某市水利局⇥⇥⇥\n"
TASKS = "年度主要任务⇥任务名称⇥主要内容⇥预算金额（万元）⇥⇥\n⇥⇥⇥总额⇥财政拨款⇥其他资金\n"
TASK = "⇥任务1⇥修水渠⇥20.00⇥20.00⇥\n金额合计⇥⇥⇥20.00⇥20.00⇥\n"
GOAL = "年度总体目标⇥保障运转。⇥⇥⇥⇥\n"
TREE = "年度绩效指标⇥一级指标⇥二级指标⇥指标内容⇥⇥指标值\n"
INDICATORS = "⇥产出指标⇥数量指标⇥修渠长度⇥⇥8公里\n⇥⇥质量指标⇥验收合格率⇥⇥100%\n"
SCORES = (
    "项目绩效自评表\n\n项目名称⇥修水渠⇥⇥⇥⇥⇥⇥⇥\n主管部门⇥某某市水利局⇥⇥⇥实施单位⇥某某市水利局⇥⇥\n"
    "绩效指标⇥一级指标⇥二级指标⇥三级指标⇥年度指标值⇥实际完成值⇥分值⇥得分⇥偏差原因分析及改进措施\n"
    "⇥产出指标⇥数量指标⇥修渠长度⇥≥8公里⇥8公里⇥50⇥50⇥\n"
)


def only(document: Document) -> Table:
    (table,) = document.tables
    return table


def said(document: Document) -> list[tuple[str, int]]:
    return [(finding.code, finding.line) for finding in document.findings if finding.severity != "note"]


@pytest.mark.parametrize(
    "text",
    [HEAD + ROWS, TARGET + TASKS + TASK + GOAL + TREE + INDICATORS, SCORES],
    ids=["records", "targets", "scores"],
)
def test_whole_tables_are_given_out(structured: Structured, text: str) -> None:
    """The tables that the other tests damage are accepted as they are."""
    assert only(structured(text)).verdict.outcome == "accepted"


# --- cells that nobody can name ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("more", "code"), [("⇥214⇥交通运输支出⇥0.00", "uncovered_number"), ("⇥⇥待定", "uncovered_text")]
)
def test_a_cell_under_no_header_flags_its_table(structured: Structured, more: str, code: str) -> None:
    """Two rows on one line leave cells beyond the last header; zeros and words have no place there either."""
    document = structured(HEAD + ROWS.rstrip("\n") + more + "\n")
    assert only(document).verdict.outcome == "flagged"
    assert (code, 6) in said(document)


def test_names_under_a_header_that_is_read_wrong_are_not_given_out(structured: Structured) -> None:
    """Where the form's column of names is missing and words stand under another header, a person has to look."""
    document = structured((HEAD + ROWS).replace("科目名称", "斗日各你"))
    assert only(document).verdict.outcome == "flagged"


def test_nothing_is_proved_where_figures_stand_under_no_header(structured: Structured) -> None:
    """A header that lost a tab shifts every column after it; sums hold one column further on just as well."""
    rows = "合计⇥⇥30.00⇥10.00⇥20.00\n205⇥教育支出⇥10.00⇥4.00⇥6.00\n213⇥农林水支出⇥20.00⇥6.00⇥14.00\n"
    whole, damaged = structured(HEAD + rows), structured(HEAD.replace("出⇥项", "出 项") + rows)
    proofs = [{cell.proof for row in only(one).rows for cell in row.cells if cell.proof} for one in (whole, damaged)]
    assert proofs == [{"proved"}, {"grounded"}]


# --- illegible --------------------------------------------------------------------------------------------------------


def test_a_mark_below_the_header_is_no_header(structured: Structured) -> None:
    """`[illegible]` right below the header is a place where rows are lost, not the rest of a header's cell."""
    document = structured(THREE_PUBLIC + "[illegible]\n（2）公务用车购置⇥0.00\n")
    assert only(document).verdict.outcome == "flagged"
    assert ("illegible", 5) in said(document)


def test_a_mark_in_a_form_is_heard(structured: Structured) -> None:
    """A form's rows that are illegible are no label beside a part of it."""
    document = structured(TARGET + TASKS + TASK + GOAL + "[illegible]\n" + TREE + INDICATORS)
    assert ("illegible", 11) in said(document)


# --- totals -----------------------------------------------------------------------------------------------------------


def test_a_subtotal_below_a_repeated_header_is_a_row(structured: Structured) -> None:
    """A group and the one inside it may have one name and one amount; only a grand total is repeated by a page."""
    header = "单位编码⇥单位（项目）名称⇥项目金额⇥项目简介\n"
    document = structured(
        f"表10\n\n部门综合预算专项业务经费支出表\n\n单位：元\n\n{header}⇥合计⇥500.00⇥\n209⇥某某市水利局⇥500.00⇥\n"
        f"⇥专用项目⇥500.00⇥\n\n- 9 -\n\n{header}⇥专用项目⇥500.00⇥\n⇥修水渠⇥500.00⇥修五条渠\n"
    )
    assert [row.name for row in only(document).rows].count("专用项目") == 2


def test_a_total_that_stands_twice_in_a_block_is_found(structured: Structured) -> None:
    """A form's block has one total."""
    total = "金额合计⇥⇥⇥20.00⇥20.00⇥\n"
    document = structured(TARGET + TASKS + TASK + total + GOAL + TREE + INDICATORS)
    assert said(document) == [("duplicate_row", 10)]


# --- labels of forms --------------------------------------------------------------------------------------------------


def test_a_figure_is_no_label(structured: Structured) -> None:
    """Where a block's header is lost its rows stand in no block; figures and names there are used by nothing."""
    document = structured(TARGET + TASK + GOAL + TREE + INDICATORS)
    assert {code for code, line in said(document) if line == 6} == {"uncovered_number", "uncovered_text"}


@pytest.mark.parametrize("label", ["年度 总体 目标 完成 情况", "绩效指标", "项目资金（万元）", "年度主要任务完成情况"])
def test_a_heading_beside_a_part_is_a_label(structured: Structured, label: str) -> None:
    """Words that head the parts of forms need no field."""
    assert said(structured(f"{TARGET}{label}⇥⇥⇥⇥⇥\n{TASKS}{TASK}{GOAL}{TREE}{INDICATORS}")) == []


def test_a_label_with_one_sign_misread_is_still_one(structured: Structured) -> None:
    """年度 主要 仁务 names nothing but the part that it stands beside."""
    text = TARGET + TASKS.replace("年度主要任务", "年度主要仁务") + TASK + GOAL + TREE + INDICATORS
    assert said(structured(text)) == []


# --- names that go on -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("rest", ["⇥和水利支出⇥⇥⇥", "和水利支出⇥⇥⇥⇥"])
def test_words_without_a_code_may_be_the_rest_of_a_name(structured: Structured, rest: str) -> None:
    """In a list of coded rows one of nothing but words is no row that can be given out."""
    assert said(structured(HEAD + ROWS + rest + "\n")) == [("uncovered_text", 7)]


@pytest.mark.parametrize("row", ["2 某某市水利局", "（二）某某市水利局", "水利局 3.00"])
def test_a_row_is_not_the_rest_of_the_name_above(structured: Structured, row: str) -> None:
    """A line with a number of its own, or a figure, is not glued to the row above it."""
    rows = "序号⇥单位名称\n1⇥某某市民政局\n{}\n3⇥某某市教育局\n"
    names = [row.name for row in only(structured("部门决算单位构成\n\n" + rows.format(row))).rows]
    assert names[0] == "某某市民政局"


def test_a_name_cut_in_a_form_is_found(structured: Structured) -> None:
    """An indicator of nothing but a name, and a row that was put back below it, may be one."""
    cut = "⇥⇥时效指标⇥每一条渠都按\n期完工⇥2021年底⇥2021年底⇥10⇥10⇥\n"
    document = structured(SCORES + cut)
    assert {code for code, _ in said(document)} == {"uncovered_text"}


@pytest.mark.parametrize("row", ["⇥⇥时效指标 按期完工⇥⇥⇥2021年底", "⇥⇥时效指标⇥按期完工 100%⇥⇥"])
def test_two_cells_in_one_are_found(structured: Structured, row: str) -> None:
    """A tab that became a blank leaves a level label with the name, or a name with its value."""
    document = structured(TARGET + TASKS + TASK + GOAL + TREE + INDICATORS + row + "\n")
    assert only(document).verdict.outcome == "flagged"


# --- below the table --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "below",
    [
        "\n- 5 -\n\n一、财政拨款 30.00\n本年收入合计 30.00\n",
        "\n- 5 -\n\n九、部门财政性资金结转\n本年收入合计 30.00\n",
        "\n\n一、财政拨款\n[illegible]\n",
    ],
)
def test_a_header_without_rows_is_not_blank_above_rows(structured: Structured, below: str) -> None:
    """A table is blank if nothing stands below its header, not if its rows have lost their columns there."""
    header = "2021年部门收入总体情况表\n部门名称：某某局\n单位：万元\n收 入⇥⇥备注\n项 目⇥金 额⇥\n"
    blank, damaged = structured(header + "\n第二部分 情况说明\n"), structured(header + below)
    assert (blank.tables[0].verdict.outcome, damaged.tables[0].verdict.outcome) == ("accepted", "flagged")


@pytest.mark.parametrize(
    "below",
    ["\n- 5 -\n\n其他支出  —  —\n", "\n- 5 -\n\n229 其他支出 无\n", "\n229 其他支出 3.00\n", "级\n", "\n[illegible]\n"],
)
def test_what_looks_like_a_row_below_the_end_flags_the_table(structured: Structured, below: str) -> None:
    """The page ended, the tabs were lost: what follows is of the table or has to be looked at."""
    assert structured(HEAD + ROWS + below).tables[0].verdict.outcome == "flagged"


@pytest.mark.parametrize(
    "below",
    [
        "\n二、支出情况说明\n",
        "\n- 5 -\n\n第三部分 名词解释\n",
        "\n2021年支出 30.00 万元，比上年增加 3.00 万元。\n",
        "\n注：金额单位为万元\n",
    ],
)
def test_headings_and_sentences_below_a_table_are_no_rows(structured: Structured, below: str) -> None:
    """The report goes on below its tables."""
    assert structured(HEAD + ROWS + below).tables[0].verdict.outcome == "accepted"
