"""Numerals without columns stand where one placement foots, and nowhere where two do or none."""

from collections.abc import Callable
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crossfoot.figures import Document, Table
from crossfoot.judging.feasible import Equation, feasible_options

Structured = Callable[[str], Document]
HEAD = (
    "一般公共预算支出明细表（按支出功能分类科目）\n单位：万元\n"
    "功能科目编码 功能科目名称 合计 人员经费支出 公用经费支出 专项业务经费支出 备注\n"
)


def placed(table: Table) -> dict[str, dict[str, str]]:
    """Returns the printed amounts of each row by column."""
    return {
        row.name: {c.column: c.printed for c in row.cells if c.kind == "amount" and c.printed} for row in table.rows
    }


def loose(table: Table) -> dict[str, list[str]]:
    return {row.name: [cell.printed for cell in row.loose] for row in table.rows if row.loose}


def test_the_only_placement_that_foots_is_taken(structured: Structured) -> None:
    """Row, roll-up and total leave one way; the rows say that they were put back."""
    (table,) = structured(
        f"{HEAD}210 卫生健康支出 682.44 541.65 48.21 92.58\n21015 医疗保障管理事务 677.44 541.65 48.21 87.58\n"
        "2101501 行政运行 589.86 541.65 48.21\n2101502 一般行政管理事务 87.58 87.58\n"
        "21013 医疗救助 5 5\n2101301 城乡医疗救助 5 5\n"
    ).tables
    assert placed(table)["行政运行"] == {"total": "589.86", "personnel": "541.65", "operating": "48.21"}
    assert placed(table)["城乡医疗救助"] == {"total": "5", "project": "5"}
    assert (table.verdict.outcome, table.reader, loose(table)) == ("repaired", "grid", {})
    assert [row.realigned for row in table.rows] == [False, False, True, True, True, True]


def test_a_row_with_all_its_numerals_has_them_in_place(structured: Structured) -> None:
    """Nothing was moved where nothing was lost."""
    (table,) = structured(
        f"{HEAD}合计 30.00 10.00 0 20.00\n205 教育支出 10.00 10.00 0 0\n213 农林水支出 20.00 0 0 20.00\n"
    ).tables
    assert (table.verdict.outcome, any(row.realigned for row in table.rows)) == ("accepted", False)


def test_two_placements_that_foot_are_none(structured: Structured) -> None:
    """Without a total row, personnel and operating are alike: what is the same in all ways is placed, no more."""
    document = structured(f"{HEAD}205 教育支出 10.00 10.00\n20502 普通教育 10.00 10.00\n2050201 学前教育 10.00 10.00\n")
    (table,) = document.tables
    assert placed(table)["普通教育"] == {"total": "10.00"}
    assert loose(table)["普通教育"] == ["10.00"]
    assert {"ambiguous_repair", "unplaced"} <= set(table.verdict.reasons)
    assert any("3 or more placements" in finding.message for finding in document.findings)


def test_where_no_placement_foots_nothing_is_placed(structured: Structured) -> None:
    """A wrong digit anywhere in the sums leaves every numeral loose, and blames no one."""
    document = structured(
        f"{HEAD}合计 30.00 10.00 3.00 17.00\n205 教育支出 10.00 10.00\n213 农林水支出 20.00 3.00 16.00\n"
    )
    (table,) = document.tables
    assert placed(table)["教育支出"] == {}
    assert table.verdict.outcome == "flagged"
    assert "source_inconsistency" not in table.verdict.reasons


def test_a_zero_beside_a_blank_could_stand_in_either(structured: Structured) -> None:
    """A zero fits every column; the figures around it are certain and it is not."""
    (table,) = structured(
        f"{HEAD}合计 30.00 10.00 3.00 17.00\n205 教育支出 10.00 10.00 0\n213 农林水支出 20.00 3.00 17.00\n"
    ).tables
    assert placed(table)["教育支出"] == {"total": "10.00", "personnel": "10.00"}
    assert loose(table)["教育支出"] == ["0"]
    assert table.verdict.outcome == "flagged"


@pytest.mark.parametrize("row", ["205 教育支出 1□.00 10.00", "205 教育支出 10.00 10.00 1.00 2.00 3.00"])
def test_illegible_numerals_and_too_many_are_never_placed(structured: Structured, row: str) -> None:
    """A row that cannot be placed keeps its numerals, and the sums it stands in are not blamed."""
    (table,) = structured(f"{HEAD}合计 30.00 10.00 3.00 17.00\n{row}\n213 农林水支出 20.00 3.00 17.00\n").tables
    assert loose(table)["教育支出"]
    assert table.verdict.outcome == "flagged"
    assert "source_inconsistency" not in table.verdict.reasons


def test_a_row_in_no_sum_is_not_placed(structured: Structured) -> None:
    """A form whose rows have no sum says nothing about columns."""
    (table,) = structured(
        "政府性基金预算财政拨款收入支出决算表\n单位：万元\n"
        "科目代码 科目名称 年初结转和结余 本年收入 小计 基本支出 项目支出 年末结转和结余\n"
        "合计 5.00 5.00\n212 城乡社区支出 5.00 5.00\n"
    ).tables
    assert all(row.loose for row in table.rows)
    assert table.verdict.outcome == "flagged"


def test_rounding_does_not_rule_out_the_truth(structured: Structured) -> None:
    """A sum that is off by its rounding foots; a column of whole figures is as coarse as it is printed."""
    (table,) = structured(
        f"{HEAD}合计 30.01 10.00 3.00 17.00\n205 教育支出 10.00 10.00\n213 农林水支出 20.00 3.00 17.00\n"
    ).tables
    assert placed(table)["农林水支出"] == {"total": "20.00", "operating": "3.00", "project": "17.00"}
    assert table.verdict.outcome == "repaired"


def test_a_row_that_lost_its_tabs_among_others_is_placed(structured: Structured) -> None:
    """A table with tabs needs its sums only for the rows without."""
    (table,) = structured(
        "一般公共预算支出表\n单位：万元\n科目编码⇥科目名称⇥合计⇥基本支出⇥项目支出\n"
        "⇥合计⇥140.00⇥120.00⇥20.00\n201⇥一般公共服务支出⇥120.00⇥120.00⇥\n208 社会保障和就业支出 20.00 20.00\n"
    ).tables
    assert placed(table)["社会保障和就业支出"] == {"total": "20.00", "project": "20.00"}
    assert (table.verdict.outcome, [row.realigned for row in table.rows]) == ("repaired", [False, False, True])


@st.composite
def puzzles(draw: st.DrawFn) -> tuple[dict[int, tuple[tuple[int, ...], ...]], list[Equation]]:
    """Up to five rows with up to four options, and equations over some of them."""
    rows = draw(st.integers(1, 5))
    options = {row: tuple((way,) for way in range(draw(st.integers(1, 4)))) for row in range(rows)}
    small = st.integers(-4, 4)
    equations = []
    for _ in range(draw(st.integers(0, 5))):
        members = draw(st.sets(st.integers(0, rows - 1), min_size=1))
        spans = {
            row: {way: (low, low + draw(st.integers(0, 1))) for way in options[row] for low in [draw(small)]}
            for row in members
        }
        start = draw(small)
        equations.append(Equation(start, start + draw(st.integers(0, 1)), spans, is_at_most=draw(st.booleans())))
    return options, equations


@given(puzzles())
@settings(max_examples=300, deadline=None)
def test_the_search_finds_what_trying_everything_finds(
    puzzle: tuple[dict[int, tuple[tuple[int, ...], ...]], list[Equation]],
) -> None:
    """The options that occur in a solution are those of all combinations; one way means that there is no other."""
    options, equations = puzzle
    solutions = [
        dict(zip(options, chosen, strict=True))
        for chosen in product(*options.values())
        if all(_holds(equation, dict(zip(options, chosen, strict=True))) for equation in equations)
    ]
    found = feasible_options(options, equations)
    if not solutions:
        assert found is None
        return
    assert found is not None
    assert {row: set(ways) for row, ways in found.options.items()} == {
        row: {solution[row] for solution in solutions} for row in options
    }
    assert found.ways <= len(solutions)
    assert (found.ways == 1) == (len(solutions) == 1)


def _holds(equation: Equation, chosen: dict[int, tuple[int, ...]]) -> bool:
    low = equation.low + sum(spans[chosen[row]][0] for row, spans in equation.spans.items())
    high = equation.high + sum(spans[chosen[row]][1] for row, spans in equation.spans.items())
    return (equation.is_at_most or low <= 0) and high >= 0
