"""Rows that lost or won a tab among their figures: put back where one way foots, else in no column; never elsewhere."""

from collections.abc import Callable
from decimal import Decimal

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from crossfoot.figures import Document, Table
from crossfoot.pipeline import structure
from crossfoot.reading.source import from_text
from crossfoot.tabletypes import load_catalog

Structured = Callable[[str], Document]
CATALOG = load_catalog()
SETTINGS = settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
HEAD = (
    "收入决算表\n公开02表\n单位：万元\n"
    "科目代码⇥科目名称⇥本年收入合计⇥财政拨款收入⇥上级补助收入⇥事业收入⇥经营收入⇥附属单位上缴收入⇥其他收入\n"
)
KEYS = ("total", "fiscal", "superior_subsidy", "business", "operating", "subordinate", "other")
TOTAL = "⇥合计⇥31.00⇥20.00⇥⇥11.00⇥⇥⇥\n"
ABOVE = "205⇥教育支出⇥14.00⇥10.00⇥⇥4.00⇥⇥⇥\n"
BELOW = "208⇥社会保障和就业支出⇥8.00⇥4.00⇥⇥4.00⇥⇥⇥\n"
WHOLE = {"total": "9.00", "fiscal": "6.00", "business": "3.00"}


def only(document: Document) -> Table:
    (table,) = document.tables
    return table


def figures(table: Table, name: str) -> dict[str, str]:
    (row,) = (row for row in table.rows if row.name == name)
    return {cell.column: cell.printed for cell in row.cells if cell.kind == "amount" and cell.printed}


def test_a_lost_tab_is_put_back_where_one_way_foots(structured: Structured) -> None:
    table = only(structured(HEAD + TOTAL + ABOVE + "206⇥科学技术支出⇥9.00⇥6.00⇥3.00⇥⇥⇥\n" + BELOW))
    assert figures(table, "科学技术支出") == WHOLE
    assert [row.realigned for row in table.rows] == [False, False, True, False]
    assert table.verdict.outcome == "repaired"


def test_only_the_columns_that_a_lost_tab_leaves_come_into_question(structured: Structured) -> None:
    """Two rows slid: by the sums alone their figures might change places, by the fields that are left they cannot."""
    total = "⇥合计⇥25.00⇥7.00⇥3.00⇥10.00⇥5.00⇥⇥\n"
    rows = "205⇥教育支出⇥8.00⇥3.00⇥5.00⇥⇥⇥\n206⇥科学技术支出⇥8.00⇥⇥3.00⇥5.00⇥⇥\n"
    whole = "208⇥社会保障⇥4.00⇥4.00⇥⇥⇥⇥⇥\n210⇥卫生健康支出⇥5.00⇥⇥⇥5.00⇥⇥⇥\n"
    table = only(structured(HEAD + total + rows + whole))
    assert figures(table, "教育支出") == {"total": "8.00", "fiscal": "3.00", "business": "5.00"}
    assert figures(table, "科学技术支出") == {"total": "8.00", "superior_subsidy": "3.00", "operating": "5.00"}


def test_a_tab_too_many_is_taken_out(structured: Structured) -> None:
    table = only(structured(HEAD + TOTAL + ABOVE + "206⇥科学技术支出⇥9.00⇥6.00⇥⇥⇥3.00⇥⇥⇥\n" + BELOW))
    assert figures(table, "科学技术支出") == WHOLE
    assert table.verdict.outcome == "repaired"


def test_a_row_that_foots_as_it_stands_is_kept(structured: Structured) -> None:
    """The lost cell stood behind its last figure; a tab too many does there as well."""
    for fields in ("⇥9.00⇥6.00⇥⇥3.00⇥⇥\n", "⇥9.00⇥6.00⇥⇥3.00⇥⇥⇥⇥\n"):
        table = only(structured(HEAD + TOTAL + ABOVE + "206⇥科学技术支出" + fields + BELOW))
        assert figures(table, "科学技术支出") == WHOLE
        assert not any(row.realigned for row in table.rows)


def test_rows_that_end_early_say_nothing(structured: Structured) -> None:
    """Where no row keeps an empty last cell, one with fewer fields lacks what was empty at its end."""
    rows = "⇥合计⇥31.00⇥20.00⇥⇥11.00\n205⇥教育支出⇥14.00⇥10.00⇥⇥4.00\n206⇥科学技术支出⇥9.00⇥9.00\n"
    rows += "208⇥社会保障⇥8.00⇥4.00⇥⇥4.00\n"
    table = only(structured(HEAD + rows))
    assert figures(table, "科学技术支出") == {"total": "9.00", "fiscal": "9.00"}
    assert not any(row.realigned or row.loose for row in table.rows)
    assert "source_inconsistency" in table.verdict.reasons


def test_where_no_way_foots_the_figures_are_in_no_column(structured: Structured) -> None:
    """A wrong digit besides: the row certainly lacks a cell, and nothing says which."""
    table = only(structured(HEAD + TOTAL + ABOVE + "206⇥科学技术支出⇥9.00⇥6.00⇥3.50⇥⇥⇥\n" + BELOW))
    assert figures(table, "科学技术支出") == {}
    (row,) = (row for row in table.rows if row.loose)
    assert [cell.printed for cell in row.loose] == ["9.00", "6.00", "3.50"]
    assert {"unplaced"} <= set(table.verdict.reasons)


def test_a_wrong_digit_beside_a_tab_too_many_is_still_laid_where_it_is(structured: Structured) -> None:
    """The tab stands behind the last figure, where it does no harm."""
    table = only(structured(HEAD + TOTAL + ABOVE + "206⇥科学技术支出⇥9.00⇥6.00⇥⇥3.50⇥⇥⇥⇥\n" + BELOW))
    assert figures(table, "科学技术支出") == {**WHOLE, "business": "3.50"}
    assert "source_inconsistency" in table.verdict.reasons


def test_a_table_of_rows_of_many_widths_is_left_alone(structured: Structured) -> None:
    """Where fields are kept by no rule, a row with fewer is no exception from one."""
    rows = "⇥合计⇥31.00⇥20.00⇥⇥11.00⇥⇥⇥\n205⇥教育支出⇥14.00⇥10.00⇥⇥4.00⇥\n206⇥科学⇥9.00⇥6.00⇥3.00⇥⇥\n"
    table = only(structured(HEAD + rows + "208⇥社会保障⇥8.00⇥4.00⇥⇥4.00⇥⇥⇥\n"))
    assert not any(row.realigned or row.loose for row in table.rows)


# --- generated --------------------------------------------------------------------------------------------------------


@st.composite
def tables(draw: st.DrawFn) -> list[list[str]]:
    """Rows of a consistent 类-款-项 table, many cells blank, the last column always: no row ends early."""
    money = st.one_of(st.just(0), st.just(0), st.integers(100, 10**6))
    sums: dict[str, list[int]] = {}
    for top in draw(st.lists(st.sampled_from(["205", "206", "208"]), min_size=1, max_size=3, unique=True)):
        for leaf in range(1, draw(st.integers(2, 4))):
            parts = [*draw(st.lists(money, min_size=5, max_size=5).filter(any)), 0]
            code = f"{top}01{leaf:02}"
            for key in ("", code[:3], code[:5], code):
                before = sums.setdefault(key, [0] * 6)
                sums[key] = [have + more for have, more in zip(before, parts, strict=True)]
    return [
        [key, f"某{key}" if key else "合计", *(f"{Decimal(n) / 100:.2f}" if n else "" for n in (sum(parts), *parts))]
        for key, parts in sorted(sums.items())
    ]


@SETTINGS
@given(lines=tables(), row=st.integers(0, 40), column=st.integers(3, 8), is_lost=st.booleans())
def test_no_figure_is_put_where_it_does_not_belong(
    lines: list[list[str]], row: int, column: int, is_lost: bool
) -> None:
    """A row loses an empty cell or wins one: its figures come back to their columns, or stay in none."""
    place = row % len(lines)
    assume(len(lines) > 3)
    assume(not (is_lost and lines[place][column]))
    fields = list(lines[place])
    if is_lost:
        del fields[column]
    else:
        fields.insert(column, "")
    printed = [fields if at == place else line for at, line in enumerate(lines)]
    text = HEAD + "".join("⇥".join(line) + "\n" for line in printed)
    table = only(structure(from_text(text.replace("⇥", "\t")), CATALOG))
    assert len(table.rows) == len(lines)
    for read, line in zip(table.rows, lines, strict=True):
        true = {key: figure for key, figure in zip(KEYS, line[2:], strict=True) if figure}
        found = {cell.column: cell.printed for cell in read.cells if cell.kind == "amount" and cell.printed}
        assert found.items() <= true.items(), text
        assert len(found) + len(read.loose) == len(true)
    if any(read.loose for read in table.rows):
        assert table.verdict.outcome == "flagged"
