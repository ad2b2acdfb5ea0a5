"""The judging half: tolerance from the printed digits, what proves, what is said of a slip; known truth throughout."""

from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crossfoot.figures import Check, Document, Table
from crossfoot.pipeline import judge_again, structure
from crossfoot.reading.source import from_text
from crossfoot.tabletypes import load_catalog

Structured = Callable[[str], Document]
HEAD = "支出决算表\n公开03表\n单位：万元\n科目代码⇥科目名称⇥本年支出合计⇥基本支出⇥项目支出\n"
NAMES = {
    "205": "教育支出",
    "206": "科学技术支出",
    "208": "社会保障和就业支出",
    "210": "卫生健康支出",
    "213": "农林水支出",
}
SETTINGS = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))


def only(document: Document) -> Table:
    (table,) = document.tables
    return table


def checks(document: Document, rule: str) -> list[Check]:
    return [check for check in document.checks if rule in check.rule]


def test_tolerance_is_half_a_unit_of_each_figure(structured: Structured) -> None:
    """Three parts and a total with two places may differ by four half units; touching holds, more fails."""
    text = HEAD + "⇥合计⇥{total}⇥⇥{total}\n205⇥教育支出⇥1.00⇥⇥1.00\n206⇥科学技术支出⇥1.00⇥⇥1.00\n207⇥文化⇥1.00⇥⇥1.00\n"
    for total, outcome in (
        ("3.00", "holds"),
        ("3.02", "holds"),
        ("2.98", "holds"),
        ("3.03", "fails"),
        ("2.97", "fails"),
    ):
        found = checks(structured(text.format(total=total)), "grand total")
        assert {check.outcome for check in found} == {outcome}, total
        assert {check.tolerance for check in found} == {Decimal("0.02")}


def test_a_dropped_zero_is_no_coarser_figure(structured: Structured) -> None:
    """610 beside 9.4 and 1292.44 is 610.00: the unit is the finest place printed in the column."""
    (check, *_) = checks(structured(HEAD + "⇥合计⇥619.44⇥⇥619.44\n205⇥教育支出⇥610⇥⇥610\n206⇥科学⇥9.4⇥⇥9.4\n"), "grand")
    assert (check.outcome, check.gap) == ("fails", Decimal("-0.04"))


def test_blank_is_zero_only_as_a_part(structured: Structured) -> None:
    """A blank part counts as nothing, a blank total makes the check not applicable."""
    document = structured(HEAD + "⇥合计⇥⇥⇥5.00\n205⇥教育支出⇥5.00⇥⇥5.00\n")
    outcomes = {check.terms[0].cell.split(".")[-1]: check.outcome for check in checks(document, "grand total")}
    assert outcomes == {"total": "not_applicable", "project": "holds"}
    assert {check.outcome for check in checks(document, "each row") if "r2" in check.id} == {"holds"}


def test_illegible_makes_untestable_and_unchecked(structured: Structured) -> None:
    """Amounts whose only checks hold an illegible cell are flagged as unchecked; nothing is guessed."""
    document = structured(HEAD + "⇥合计⇥5□.00⇥⇥\n205⇥教育支出⇥55.00⇥⇥\n")
    table = only(document)
    assert [row.cells[2].state for row in table.rows] == ["illegible", "printed"]
    assert "illegible" in table.verdict.reasons
    assert {check.outcome for check in checks(document, "grand total")} == {"untestable"}


def test_all_zero_checks_prove_nothing(structured: Structured) -> None:
    """Sums of zeros hold and are counted apart."""
    tally = only(structured(HEAD + "⇥合计⇥0⇥0⇥0\n205⇥教育支出⇥0⇥0⇥0\n")).verdict.tally
    assert tally.checks_all_zero == tally.checks_executed > 0
    assert tally.proved == 0


def test_agreement_of_copies_proves_neither(structured: Structured) -> None:
    """收入总计 = 支出总计 alone does not prove a total."""
    document = structured(
        "部门收支总表\n单位：万元\n收入⇥⇥支出⇥\n项目⇥预算数⇥项目⇥预算数\n一、拨款⇥⇥一、教育支出⇥\n收入总计⇥5.00⇥支出总计⇥5.00\n"
    )
    table = only(document)
    assert {cell.proof for _, _, cell in table.cells() if cell.value} == {"grounded"}


def test_an_amount_that_could_stand_one_column_on_is_not_proved(structured: Structured) -> None:
    """Without sums down the columns two parts could have changed places: their row's sum holds either way."""
    table = only(structured(HEAD + "205⇥教育支出⇥7.00⇥3.00⇥4.00\n"))
    proofs = {cell.column: cell.proof for _, _, cell in table.cells() if cell.value}
    assert proofs == {"total": "proved", "basic": "grounded", "project": "grounded"}


def test_a_small_slip_hidden_by_rounding_is_laid_where_it_is(structured: Structured) -> None:
    """119.98 for 120.00: the row fails, the column holds only by its rounding, and the total is the suspect."""
    rows = "".join(f"3010{n}⇥项目{n}⇥56.00⇥56.00⇥\n" for n in (1, 2, 4, 5, 6))
    document = structured(
        "一般公共预算财政拨款支出决算表\n单位：万元\n科目代码⇥科目名称⇥本年支出⇥⇥\n⇥⇥小计⇥基本支出⇥项目支出\n"
        f"301⇥工资福利支出⇥400.00⇥400.00⇥\n{rows}30103⇥奖金⇥119.98⇥120.00⇥\n"
    )
    (finding,) = [f for f in document.findings if f.code == "source_inconsistency"]
    assert [(cell.printed, cell.implied) for cell in finding.cells] == [("119.98", "120.00")]


def test_unit_slip_between_tables_is_named(structured: Structured) -> None:
    """A total that is another table's ten-thousandfold is a conflict of units."""
    document = structured(
        "收入支出决算总表\n公开01表\n单位：万元\n收入⇥⇥支出⇥\n项目⇥决算数⇥项目⇥决算数\n一、财政拨款收入⇥53⇥一、教育支出⇥53\n"
        "本年收入合计⇥53⇥本年支出合计⇥53\n总计⇥53⇥总计⇥53\n\n"
        + HEAD
        + "⇥合计⇥530000⇥530000⇥\n205⇥教育支出⇥530000⇥530000⇥\n"
    )
    assert any("disagree" in f.message or f.code == "unit_conflict" for f in document.findings)
    assert {t.verdict.outcome for t in document.tables} == {"flagged"}


# --- generated tables -------------------------------------------------------------------------------------------------


@st.composite
def coded_tables(draw: st.DrawFn) -> list[list[str]]:
    """Rows of a consistent 类-款-项 table with two part columns, as printed fields, the total first."""
    money = st.integers(0, 10**7).map(lambda cents: Decimal(cents) / 100)
    leaves = [
        (f"{top}{middle:02}{leaf:02}", draw(money), draw(money))
        for top in draw(st.lists(st.sampled_from(sorted(NAMES)), min_size=1, max_size=3, unique=True))
        for middle in range(1, draw(st.integers(2, 3)))
        for leaf in range(1, draw(st.integers(2, 4)))
    ]
    sums: dict[str, tuple[Decimal, Decimal]] = {}
    for code, basic, project in leaves:
        for key in ("", code[:3], code[:5], code):
            before = sums.get(key, (Decimal(0), Decimal(0)))
            sums[key] = (before[0] + basic, before[1] + project)
    return [
        [key, NAMES.get(key, f"某{key}") if key else "合计", f"{basic + project:.2f}", f"{basic:.2f}", f"{project:.2f}"]
        for key, (basic, project) in sorted(sums.items())
    ]


def printed(rows: list[list[str]]) -> str:
    return HEAD.replace("⇥", "\t") + "".join("\t".join(row) + "\n" for row in rows)


@SETTINGS
@given(coded_tables())
def test_consistent_tables_are_accepted(rows: list[list[str]]) -> None:
    """Whatever consistent table is printed, it is accepted and footed, every amount as printed; zeros foot nothing."""
    document = structure(from_text(printed(rows)), load_catalog())
    table = only(document)
    is_zero = all(Decimal(amount) == 0 for row in rows for amount in row[2:])
    assert (table.verdict.outcome, table.verdict.basis) == ("accepted", "copied" if is_zero else "footed")
    assert [[c.printed for c in row.cells] for row in table.rows] == rows


@SETTINGS
@given(coded_tables())
def test_independent_rounding_is_never_a_finding(rows: list[list[str]]) -> None:
    """Each figure rounded to 万元 by itself: no finding, though sums are off by units of the last place."""
    rounded = [
        [*row[:2], *(str((Decimal(a) / 7).quantize(Decimal("0.01"), ROUND_HALF_UP)) for a in row[2:])] for row in rows
    ]
    document = structure(from_text(printed(rounded)), load_catalog())
    assert [finding.message for finding in document.findings] == []


@SETTINGS
@given(coded_tables(), st.data())
def test_one_wrong_cell_is_found(rows: list[list[str]], data: st.DataObject) -> None:
    """One changed amount flags the table; if one slip is named, it is the changed cell with its true value."""
    row = data.draw(st.integers(0, len(rows) - 1))
    column = data.draw(st.integers(2, 4))
    change = data.draw(st.decimals(min_value=1, max_value=9999, places=2))
    truth = rows[row][column]
    wrong = [list(fields) for fields in rows]
    wrong[row][column] = f"{Decimal(truth) + change:.2f}"
    document = structure(from_text(printed(wrong)), load_catalog())
    assert only(document).verdict.outcome == "flagged"
    findings = [f for f in document.findings if f.code in {"source_inconsistency", "ambiguous_repair"}]
    assert findings
    for finding in findings:
        if len(finding.cells) == 1:
            (cell,) = finding.cells
            assert (cell.printed, cell.implied) == (wrong[row][column], truth)


@SETTINGS
@given(coded_tables(), st.sampled_from([10, 1000, 10**14]))
def test_scaling_changes_nothing(rows: list[list[str]], factor: int) -> None:
    """Times a power of ten, beyond 2^53, a consistent table stays exact and accepted."""
    scaled = [[*row[:2], *(f"{Decimal(a) * factor:.2f}" for a in row[2:])] for row in rows]
    table = only(structure(from_text(printed(scaled)), load_catalog()))
    assert table.verdict.outcome == "accepted"
    assert table.rows[0].cells[2].value == Decimal(scaled[0][2])


@SETTINGS
@given(coded_tables(), st.randoms(use_true_random=False))
def test_order_of_rows_changes_nothing(rows: list[list[str]], random: object) -> None:
    """A code-keyed table says the same in any order of its rows."""
    order = list(rows)
    random.shuffle(order)  # type: ignore[attr-defined]
    assert only(structure(from_text(printed(order)), load_catalog())).verdict.outcome == "accepted"


def test_judging_again_changes_nothing(examples: dict[str, Document], sources: dict[str, object]) -> None:
    """The same readings give the same verdicts, findings and checks, for ever."""
    for name, document in examples.items():
        again = judge_again(document, sources[name], load_catalog())  # type: ignore[arg-type]
        assert again == document


def test_a_total_that_only_one_table_prints_is_no_zero(structured: Structured) -> None:
    """表5 lists its codes without 合计, 表7 prints one: nothing contradicts."""
    document = structured(
        "表5\n2021年部门综合预算一般公共预算支出明细表（按支出功能分类科目）\n单位：万元\n"
        "功能科目编码⇥功能科目名称⇥合计⇥人员经费支出⇥公用经费支出⇥专项业务经费支出⇥备注\n"
        "205⇥教育支出⇥70.00⇥40.00⇥20.00⇥10.00⇥\n208⇥社会保障和就业支出⇥30.00⇥18.00⇥7.00⇥5.00⇥\n"
        "表7\n2021年部门综合预算一般公共预算基本支出明细表（按支出功能分类科目）\n单位：万元\n"
        "功能科目编码⇥功能科目名称⇥合计⇥人员经费⇥公用经费⇥备注\n"
        "⇥合计⇥85.00⇥58.00⇥27.00⇥\n205⇥教育支出⇥60.00⇥40.00⇥20.00⇥\n208⇥社会保障和就业支出⇥25.00⇥18.00⇥7.00⇥\n"
    )
    assert [table.type for table in document.tables] == ["gpb_expenditure_by_function", "gpb_basic_by_function"]
    assert [finding.message for finding in document.findings] == []


def revenue(changes: dict[tuple[int, int], str]) -> str:
    """A 公开02 of five 类, each in one row; `changes` are other figures by row and column."""
    rows = [[100 * (row + 1) + 7 * column + row * column for column in range(6)] for row in range(len(NAMES))]
    lines = [["", "合计", *([sum(map(sum, rows))] + [sum(column) for column in zip(*rows, strict=True)])]]
    lines += [[code, NAMES[code], sum(row), *row] for code, row in zip(sorted(NAMES), rows, strict=True)]
    for (row, column), figure in changes.items():
        lines[row][column] = figure
    head = (
        "收入决算表\n公开02表\n单位：万元\n科目代码⇥科目名称⇥本年收入合计⇥财政拨款收入⇥上级补助收入⇥事业收入⇥经营收入"
    )
    head += "⇥附属单位上缴收入⇥其他收入\n"
    return head + "".join("⇥".join(str(field) for field in line) + "\n" for line in lines)


@pytest.mark.parametrize("number", [1, 3, 4, 5])
def test_independent_slips_are_findings_of_their_own(structured: Structured, number: int) -> None:
    """However many there are, each in a row and a column of its own is located by itself."""
    changes = {(place, 2 + place): "9999" for place in range(1, number + 1)}
    document = structured(revenue(changes))
    errors = [finding for finding in document.findings if finding.severity == "error"]
    assert {finding.code for finding in errors} == {"source_inconsistency"}
    assert [[cell.printed for cell in finding.cells] for finding in errors] == [["9999"]] * number


def test_slips_that_share_a_failing_total_are_located(structured: Structured) -> None:
    """Every 类 prints a wrong 小计; the total, which all of them make fail, is part of each finding."""
    text = HEAD + "⇥合计⇥{}⇥{}⇥{}\n".format(*(str(sum(100 + 3 * k for k in range(7)) * n) for n in (3, 1, 2)))
    for place, code in enumerate(("201", "205", "206", "208", "210", "213", "221")):
        part = 100 + 3 * place
        text += f"{code}⇥某{code}⇥{part * 3 + (1000 + place if place < 5 else 0)}⇥{part}⇥{part * 2}\n"
        text += f"{code}01⇥某{code}01⇥{part * 3}⇥{part}⇥{part * 2}\n"
    document = structured(text)
    errors = [finding for finding in document.findings if finding.severity == "error"]
    assert [len(finding.cells) for finding in errors] == [1] * 5
    explained = {check for finding in errors for check in finding.checks}
    assert explained == {check.id for check in document.checks if check.outcome == "fails"}


def test_a_parent_with_an_illegible_cell_is_no_trap(structured: Structured) -> None:
    """A row under the wrong parent beside an illegible figure: told, and no crash."""
    document = structured(
        HEAD + "205⇥教育支出⇥100.00⇥70.00⇥30.00\n20501⇥教育管理事务⇥60.00⇥40.00⇥20.00\n"
        "2050101⇥行政运行⇥60.00⇥40.00⇥20.00\n2050103⇥机关服务⇥15.00⇥10.00⇥5.00\n"
        "20502⇥普通教育⇥[illegible]⇥30.00⇥10.00\n2050201⇥学前教育⇥25.00⇥20.00⇥5.00\n"
    )
    assert any("belongs under 20502" in finding.message for finding in document.findings)
    assert document.tables[0].verdict.outcome == "flagged"


def test_a_column_that_only_the_parent_fills_does_not_foot(structured: Structured) -> None:
    """Its child's row ends before the column: a tab was lost, and the figure stands one column to the left."""
    document = structured(
        HEAD + "⇥合计⇥10.00⇥4.00⇥6.00\n205⇥教育支出⇥10.00⇥4.00⇥6.00\n20501⇥教育管理事务⇥6.00⇥⇥6.00\n"
        "2050101⇥行政运行⇥6.00⇥6.00\n20502⇥普通教育⇥4.00⇥4.00⇥\n2050201⇥学前教育⇥4.00⇥4.00⇥\n"
    )
    assert document.tables[0].verdict.outcome == "flagged"
