"""What must come out of the five examples: tables found, floors of acceptance, and exactly the real findings."""

import pytest

from crossfoot.figures import Document, Table

MONEY = {"002": 8, "004": 9, "003": 6}


def by_number(document: Document, number: str) -> list[Table]:
    return [table for table in document.tables if table.number == number]


def arithmetic(document: Document) -> list[str]:
    return [finding.message for finding in document.findings if finding.code == "source_inconsistency"]


def test_metadata(examples: dict[str, Document]) -> None:
    """Department, region, year and kind come from the cover, the captions or the text."""
    found = {name: (d.department, d.region, d.fiscal_year, d.kind) for name, d in examples.items()}
    assert found == {
        "000": ("西安市灞桥区医疗保障局", "西安市灞桥区", 2021, "budget"),
        "001": ("广元市医疗保障局", "广元市", 2021, "final_accounts"),
        "002": ("西乡县医疗保险基金管理中心", "西乡县", 2023, "budget"),
        "003": ("西安市莲湖区医疗保障局", "西安市莲湖区", 2023, "final_accounts"),
        "004": ("南阳市医疗保障局", "南阳市", 2021, "budget"),
    }


def test_no_table_vanishes(examples: dict[str, Document]) -> None:
    """Every table of the texts is there, also the illegible and the absent ones."""
    states = {
        name: {state: sum(t.body == state for t in d.tables) for state in ("present", "blank", "illegible", "absent")}
        for name, d in examples.items()
    }
    assert states == {
        "000": {"present": 14, "blank": 1, "illegible": 4, "absent": 2},
        "001": {"present": 5, "blank": 0, "illegible": 0, "absent": 0},
        "002": {"present": 11, "blank": 2, "illegible": 0, "absent": 4},
        "003": {"present": 16, "blank": 2, "illegible": 0, "absent": 0},
        "004": {"present": 9, "blank": 1, "illegible": 0, "absent": 0},
    }


def test_sections_are_the_text(examples: dict[str, Document]) -> None:
    """Sections do not overlap and leave out nothing but blank lines."""
    for document in examples.values():
        lines = [number for s in document.sections for number in range(s.first, s.last + 1)]
        assert len(lines) == len(set(lines))


def test_register_states(examples: dict[str, Document]) -> None:
    """表11 of the first is registered blank and illegible, of the third registered blank and absent."""
    (first,), (third,) = by_number(examples["000"], "表11"), by_number(examples["002"], "表11")
    assert (first.register_state, first.body) == ("blank", "illegible")
    assert (third.register_state, third.body, third.verdict.outcome) == ("blank", "absent", "accepted")
    assert by_number(examples["002"], "表9")[0].number_inferred
    assert {t.register_state for t in examples["003"].tables if "自评表" in t.title} == {"unlisted"}


def test_units(examples: dict[str, Document]) -> None:
    """The unit line may stand below the table, in a header cell, or differ by table."""
    below = by_number(examples["000"], "表4")[0]
    assert (below.unit, below.lines[1]) == ("万元", 307)
    assert by_number(examples["002"], "表1")[0].unit == "元"
    assert by_number(examples["002"], "表14")[0].unit == "万元"


def test_continuation_pages_are_one_table(examples: dict[str, Document]) -> None:
    """Pages that repeat title, unit and header are joined; a total repeated on the second page is no new row."""
    titles = [table.title for table in examples["004"].tables]
    assert titles.count("2021年部门支出总体情况表") == 1
    assert titles.count("基本支出经济分类汇总表(按支出经济分类)") == 1
    (table,) = by_number(examples["002"], "表8")
    assert [row.line for row in table.rows if row.kind == "total"] == [375]


@pytest.mark.parametrize("name", ["002", "003", "004"])
def test_floors(name: str, examples: dict[str, Document]) -> None:
    """The clean money tables are accepted and footed, and at least nine in ten of their amounts are proved."""
    tables = [
        table
        for table in examples[name].tables
        if table.shape != "form" and table.verdict.tally.amounts and table.body == "present"
        and (name != "003" or table.number in {f"公开0{n}表" for n in range(1, 7)})
    ]  # fmt: skip
    assert len(tables) >= MONEY[name] - 2
    for table in tables:
        tally = table.verdict.tally
        assert (table.verdict.outcome, table.verdict.basis) == ("accepted", "footed"), table.title
        assert tally.proved >= 0.9 * tally.amounts, table.title


@pytest.mark.parametrize("name", ["002", "004"])
def test_clean_documents_have_no_arithmetic_finding(name: str, examples: dict[str, Document]) -> None:
    """Nested rows that repeat one amount, and rounding, are silent."""
    assert arithmetic(examples[name]) == []


def test_one_slip_printed_twice_is_one_finding(examples: dict[str, Document]) -> None:
    """本年支出合计 prints 1294.44 in two lists; parts, 总计 and the other lists say 1292.44."""
    findings = [f for f in examples["000"].findings if f.code == "source_inconsistency" and f.line == 303]
    assert len(findings) == 1
    cells = findings[0].cells
    assert [(cell.printed, cell.implied) for cell in cells] == [("1294.44", "1292.44"), ("1,294.44", "1292.44")]
    assert "589.86 + 702.58 give 1292.44" in findings[0].message
    assert len(findings[0].checks) == 6


def test_a_disagreement_of_two_tables_is_one_finding(examples: dict[str, Document]) -> None:
    """30110 is 15.72 in 表6, and 11.59 beside 30199 4.13 in 表8: both foot, neither is changed."""
    findings = [f for f in examples["000"].findings if f.code == "source_inconsistency" and f.line == 342]
    assert len(findings) == 1
    assert {cell.printed for cell in findings[0].cells} == {"15.72", "11.59", "4.13"}
    flagged = {t.number for t in examples["000"].tables if "source_inconsistency" in t.verdict.reasons}
    assert flagged == {"表4", "表6", "表8"}


def test_all_findings_of_the_documents(examples: dict[str, Document]) -> None:
    """Warnings and errors are exactly what a careful reader finds wrong (tests/labels/findings_*.md)."""
    found = {
        name: sorted((f.line, f.code) for f in document.findings if f.severity != "note")
        for name, document in examples.items()
    }
    assert found == {
        "000": [
            (103, "source_inconsistency"),
            (240, "missing_table"), (242, "missing_table"), (257, "illegible"), (303, "source_inconsistency"),
            (342, "source_inconsistency"), (356, "illegible"), (441, "illegible"), (449, "illegible"),
        ],
        "001": [(146, "source_inconsistency"), (437, "source_inconsistency"), (879, "code_conflict")],
        "002": [(204, "missing_table"), (205, "missing_table"), (214, "missing_table")],
        "003": [
                (120, "source_inconsistency"), (305, "score_conflict"), (315, "source_inconsistency"),
                (397, "unscored_value"),
            ],
        "004": [],
    }  # fmt: skip


def test_rounding_is_silent(examples: dict[str, Document]) -> None:
    """2.05 + 0.07 + 1.13 = 3.25 beside 302 = 3.24 is rounding: the check holds with a gap, no finding."""
    checks = [c for c in examples["003"].checks if c.outcome == "holds" and c.gap and c.tolerance]
    assert any(str(check.gap) == "0.01" for check in checks)


def test_drifted_rows_are_realigned_and_marked(examples: dict[str, Document]) -> None:
    """A row whose cells slid is put back where only one way exists; its level is that of its merge group."""
    sheet = next(t for t in examples["003"].tables if t.type == "department_performance_self_evaluation")
    row = next(row for row in sheet.rows if row.line == 328)
    values = {cell.column: cell.printed for cell in row.cells}
    assert row.realigned
    assert (values["actual"], values["target"], values["weight"], values["score"]) == ("≥95%", "", "5", "5")
    assert row.panel == "满意度指标(10分)/服务对象满意度指标"
    first = next(row for row in sheet.rows if row.line == 312)
    assert first.panel == "产出指标(50分)/时效指标"


def test_a_stray_code_is_put_back(examples: dict[str, Document]) -> None:
    """399 stands in an amount cell of the list before; it is the code of 其他支出 and no amount."""
    (table,) = by_number(examples["003"], "公开06表")
    row = next(row for row in table.rows if row.code == "399")
    assert (row.name, row.panel, row.line) == ("其他支出", "3", 714)
    labour = next(row for row in table.rows if row.code == "30226")
    assert [cell.state for cell in labour.cells if cell.kind == "amount"] == ["blank"]


def test_values_in_yuan_are_exact(examples: dict[str, Document]) -> None:
    """123.9844 万元 is 1239844 元, the same as in the tables in 元, and the two are checked against one another."""
    checks = [c for c in examples["002"].checks if "department_performance_target" in c.rule]
    assert checks
    assert all(check.outcome == "holds" and check.unit == "元" for check in checks)
