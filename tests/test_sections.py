"""Where tables begin and end: titles, numbers and units in any order, pages, tables without rows."""

from collections.abc import Callable

from hypothesis import given
from hypothesis import strategies as st

from crossfoot.figures import Document
from crossfoot.reading.sections import find_sections
from crossfoot.reading.source import from_text
from crossfoot.tabletypes import load_catalog

Structured = Callable[[str], Document]
ROWS = "科目代码⇥科目名称⇥本年支出合计⇥基本支出⇥项目支出\n⇥合计⇥5.00⇥2.00⇥3.00\n210⇥卫生健康支出⇥5.00⇥2.00⇥3.00\n"


def test_caption_in_any_order(structured: Structured) -> None:
    """Number, title, owner and unit are found in whatever order they stand."""
    for caption in (
        "支出决算表\n\n公开03表\n\n编制部门：某局\n\n单位：万元\n\n",
        "公开03表\n## 支出决算表\n单位：万元\n编制部门：某局\n",
        "支出决算表\n部门：某局⇥⇥⇥⇥公开03表\n⇥⇥⇥⇥金额单位：万元\n",
        "支出决算表⇥⇥⇥⇥\n⇥⇥⇥⇥公开03表\n编制部门：某局⇥⇥⇥⇥单位：万元\n",
    ):
        (table,) = structured(caption + ROWS).tables
        assert (table.number, table.title, table.unit, table.owner) == ("公开03表", "支出决算表", "万元", "某局"), (
            caption
        )


def test_unit_below_the_table(structured: Structured) -> None:
    """A unit line below a table that has none belongs to that table, not to the next."""
    first, second = structured(f"表4\n支出决算表\n{ROWS}\n单位：万元\n\n表5\n支出决算表\n\n单位：元\n{ROWS}").tables
    assert (first.unit, second.unit) == ("万元", "元")


def test_unknown_unit_is_flagged(structured: Structured) -> None:
    """Amounts without a unit have no value in 元, and that is said."""
    (table,) = structured(f"表4\n支出决算表\n{ROWS}").tables
    assert table.unit is None
    assert "unknown_unit" in table.verdict.reasons


def test_page_with_repeated_total_is_one_table(structured: Structured) -> None:
    """A continuation page repeats header and total; its total is no second row."""
    (table,) = structured(
        "表5\n支出决算表\n单位：万元\n"
        "科目代码⇥科目名称⇥本年支出合计⇥基本支出⇥项目支出\n⇥合计⇥9.00⇥2.00⇥7.00\n210⇥卫生健康支出⇥5.00⇥2.00⇥3.00\n\n"
        "科目代码⇥科目名称⇥本年支出合计⇥基本支出⇥项目支出\n⇥合计⇥9.00⇥2.00⇥7.00\n221⇥住房保障支出⇥4.00⇥⇥4.00\n"
    ).tables
    assert [row.name for row in table.rows] == ["合计", "卫生健康支出", "住房保障支出"]
    assert table.verdict.outcome == "accepted"


def test_repeated_total_that_differs_is_no_repeat(structured: Structured) -> None:
    """A second total with other amounts is kept and flags the table."""
    (table,) = structured(
        "表5\n支出决算表\n单位：万元\n"
        "科目代码⇥科目名称⇥本年支出合计⇥基本支出⇥项目支出\n⇥合计⇥9.00⇥2.00⇥7.00\n210⇥卫生健康支出⇥5.00⇥2.00⇥3.00\n\n"
        "科目代码⇥科目名称⇥本年支出合计⇥基本支出⇥项目支出\n⇥合计⇥8.00⇥2.00⇥6.00\n221⇥住房保障支出⇥4.00⇥⇥4.00\n"
    ).tables
    assert table.verdict.outcome == "flagged"


def test_illegible_and_blank_bodies(structured: Structured) -> None:
    """Illegible is not blank, and a sentence that says so makes a table blank."""
    illegible, blank = structured(
        "表2\n支出决算表\n单位：万元\n\n[illegible]\n\n"
        "表3\n收入决算表\n单位：万元\n科目代码⇥科目名称⇥本年收入合计\n\n此表无数据、为空表\n"
    ).tables
    assert (illegible.body, illegible.verdict.outcome) == ("illegible", "flagged")
    assert blank.body == "blank"


def test_lost_columns_are_a_table_that_nobody_could_read(structured: Structured) -> None:
    """Where tabs became blanks the section stays, flagged; nothing is guessed and nothing vanishes."""
    (table,) = structured(
        "表5\n支出决算表\n单位：万元\n科目代码 科目名称 合计 基本支出 项目支出\n"
        "合计 9.00 2.00 7.00\n210 卫生健康支出 5.00 2.00 3.00\n"
    ).tables
    assert (table.reader, table.rows) == ("none", ())
    assert "reader_failed" in table.verdict.reasons


def test_unknown_form_is_read_as_header_and_rows(structured: Structured) -> None:
    """A table of no known type is still read, checked by its codes and labels, and flagged."""
    (table,) = structured(
        "附表7\n应急物资储备情况表\n单位：万元\n物资名称⇥期初⇥期末\n帐篷⇥3.00⇥4.00\n毛毯⇥1.00⇥2.50\n合计⇥4.00⇥6.50\n"
    ).tables
    assert table.type == "unknown"
    assert table.verdict.reasons == ("unknown_table_type",)
    assert [(row.name, [c.printed for c in row.cells[1:]]) for row in table.rows][2] == ("合计", ["4.00", "6.50"])
    assert table.verdict.tally.checks_held == 2


def test_registered_but_absent(structured: Structured) -> None:
    """The register's entries that have no table become tables that are absent."""
    document = structured(
        "目录\n报表⇥报表名称⇥是否空表⇥公开空表理由\n表1⇥支出决算表⇥否⇥\n表2⇥收入决算表⇥否⇥\n表3⇥政府性基金收支表⇥是⇥不涉及\n\n"
        f"表1\n支出决算表\n单位：万元\n{ROWS}"
    )
    found = {table.number: (table.body, table.register_state, table.verdict.outcome) for table in document.tables}
    assert found["表1"] == ("present", "not_blank", "accepted")
    assert found["表2"] == ("absent", "not_blank", "flagged")
    assert found["表3"] == ("absent", "blank", "accepted")


@given(
    st.lists(st.sampled_from([*ROWS.replace("⇥", "\t").splitlines(), "", "表5", "单位：万元", "支出决算表", "正文。"]))
)
def test_sections_partition_any_arrangement(lines: list[str]) -> None:
    """Whatever the order of lines: sections do not overlap, and every line with text is in one."""
    source = from_text("\n".join(lines) or "x")
    sections = find_sections(source, load_catalog())
    covered = [number for section in sections for number in range(section.first, section.last + 1)]
    assert len(covered) == len(set(covered))
    assert {line.number for line in source.lines if line.text.strip()} <= set(covered)
