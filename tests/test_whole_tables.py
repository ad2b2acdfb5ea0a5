"""A table that is illegible as a whole: what other tables and sentences say of it, and nothing that they do not say."""

from decimal import Decimal

import pytest

from crossfoot.figures import Document, Reading, Section, Source, Table
from crossfoot.judging.ledger import Entry, Ledger
from crossfoot.judging.whole_tables import DerivedTable, Known, derived_tables, underived
from crossfoot.pipeline import judge_again, structure
from crossfoot.reading.source import from_text
from crossfoot.tabletypes import Catalog, load_catalog

BY_FUNCTION = (
    "表5\n2021年部门综合预算一般公共预算支出明细表（按支出功能分类科目）\n单位：万元\n"
    "功能科目编码⇥功能科目名称⇥合计⇥人员经费支出⇥公用经费支出⇥专项业务经费支出⇥备注\n"
)
ROWS = (
    "205⇥教育支出⇥90.00⇥50.00⇥15.50⇥24.50⇥\n20502⇥普通教育⇥90.00⇥50.00⇥15.50⇥24.50⇥\n"
    "2050201⇥学前教育⇥70.00⇥50.00⇥15.50⇥4.50⇥\n2050202⇥小学教育⇥20.00⇥⇥⇥20.00⇥\n"
    "210⇥卫生健康支出⇥7.25⇥7.25⇥⇥⇥\n21011⇥行政事业单位医疗⇥7.25⇥7.25⇥⇥⇥\n2101101⇥行政单位医疗⇥7.25⇥7.25⇥⇥⇥\n"
)
BASIC = "\n表7\n2021年部门综合预算一般公共预算基本支出明细表（按支出功能分类科目）\n单位：万元\n\n[illegible]\n\n"


def reading_of(table: Table) -> Reading:
    return Reading(
        table=table.id, type=table.type, family=table.family, form=table.form, shape=table.shape, reader=table.reader,
        columns=table.columns, rows=table.rows, explained=table.explained, remarks=table.remarks,
    )  # fmt: skip


def made_from(source: Source, document: Document, catalog: Catalog) -> dict[str, DerivedTable]:
    """Returns the derived tables by number or title, as a document that was judged gives them."""
    sections = {section.id: section for section in document.sections}
    tables: list[tuple[Section, Reading]] = []
    entries: list[Entry] = []
    for table in document.tables:
        if table.section not in sections:
            continue
        reading = underived(reading_of(table))
        tables.append((sections[table.section], reading))
        known = catalog.forms.get((table.family, table.type, table.form))
        entries.append(Entry(reading, table.number or table.title, table.body, known))
    known = Known(document.checks, facts=document.facts, year=document.fiscal_year)
    found = derived_tables(source, tables, Ledger(tuple(entries), catalog), known)
    numbers = {table.id: table.number or table.title for table in document.tables}
    return {numbers[one.reading.table]: one for one in found}


def made(text: str) -> dict[str, DerivedTable]:
    catalog = load_catalog()
    source = from_text(text.replace("⇥", "\t"))
    return made_from(source, structure(source, catalog), catalog)


def figures(one: DerivedTable) -> dict[str, dict[str, str]]:
    """Returns the derived cells as text, by code or name and column."""
    return {
        row.code or row.name: {cell.column: format(cell.value, "f") for cell in row.cells if cell.value is not None}
        for row in one.reading.rows
    }


def test_basic_expenditure_follows_code_by_code() -> None:
    """表7 is 表5 without its projects: a code that has only a project is not in it, and its 合计 is that of the 类."""
    (one,) = made(BY_FUNCTION + ROWS + BASIC).values()
    education = {"total": "65.50", "personnel": "50.00", "operating": "15.50"}
    health = {"total": "7.25", "personnel": "7.25", "operating": "0.00"}
    found = figures(one)
    assert {code: row for code, row in found.items() if code.startswith("210")} == dict.fromkeys(
        ["210", "21011", "2101101"], health
    )
    assert {code: row for code, row in found.items() if code.startswith("205")} == dict.fromkeys(
        ["205", "20502", "2050201"], education
    )
    assert found["合计"] == {"total": "72.75", "personnel": "57.25", "operating": "15.50"}
    assert [row.index for row in one.reading.rows] == list(range(1, len(one.reading.rows) + 1))


def test_derived_rows_stand_at_the_illegible_line_and_print_nothing() -> None:
    text = BY_FUNCTION + ROWS + BASIC
    (one,) = made(text).values()
    line = text.split("\n").index("[illegible]") + 1
    assert {row.line for row in one.reading.rows} == {line}
    cells = [cell for row in one.reading.rows for cell in row.cells]
    assert {(cell.state, cell.printed, cell.span[0] == cell.span[1], cell.line) for cell in cells} == {
        ("derived", "", True, line)
    }
    assert {one.cell for one in one.derivations} == {
        f"{one.reading.table}.r{row.index}.{cell.column}" for row in one.reading.rows for cell in row.cells
    }
    assert one.note.severity == "note"
    assert one.note.message.startswith(f"表7 is illegible; {len(cells)} amounts in 7 rows follow from 表5;")


def test_underived_is_what_was_read() -> None:
    """A stored document judged again starts from what its readers read."""
    catalog, source = load_catalog(), from_text((BY_FUNCTION + ROWS + BASIC).replace("⇥", "\t"))
    document = structure(source, catalog)
    (one,) = made_from(source, document, catalog).values()
    (table,) = [table for table in document.tables if table.body == "illegible"]
    assert one.reading.rows == reading_of(table).rows != ()
    assert (underived(one.reading).rows, underived(one.reading).columns) == ((), ())
    read = [reading_of(table) for table in document.tables if table.body == "present"]
    assert [underived(reading) for reading in read] == read
    assert judge_again(document, source, catalog) == document


def test_an_illegible_figure_leaves_its_own_row_out_and_the_totals() -> None:
    """Where 人员经费 of one code cannot be read either, nothing is said of it, nor of sums over it."""
    rows = ROWS.replace("210⇥卫生健康支出⇥7.25⇥7.25⇥⇥⇥", "210⇥卫生健康支出⇥[illegible]⇥[illegible]⇥⇥⇥")
    rows = rows.replace("21011⇥行政事业单位医疗⇥7.25⇥7.25⇥⇥⇥", "21011⇥行政事业单位医疗⇥[illegible]⇥[illegible]⇥⇥⇥")
    rows = rows.replace("2101101⇥行政单位医疗⇥7.25⇥7.25", "2101101⇥行政单位医疗⇥[illegible]⇥[illegible]")
    (one,) = made(BY_FUNCTION + rows + BASIC).values()
    found = figures(one)
    assert not [code for code, row in found.items() if code.startswith("210") and "total" in row]
    assert "total" not in found.get("合计", {})
    assert found["205"]["total"] == "65.50"


def test_a_table_without_a_money_unit_gets_no_amounts() -> None:
    assert made(BY_FUNCTION + ROWS + BASIC.replace("单位：万元\n", "")) == {}


def test_nothing_is_made_where_no_table_is_illegible() -> None:
    assert made(BY_FUNCTION + ROWS) == {}


THREE = (
    "某某局2021年部门综合预算\n\n五、部门预算“三公”经费等预算情况说明\n\n{}\n\n" + BY_FUNCTION + ROWS + "\n表12\n"
    "2021年部门综合预算一般公共预算拨款“三公”经费及会议费、培训费支出预算表\n单位：万元\n\n[illegible]\n\n"
)
SENTENCE = (
    "2021年本部门当年一般公共预算“三公”经费预算支出3.20万元，较上年减少0.80万元，减少的主要原因是厉行节约。"
    "其中：因公出国（境）经费0万元，与上年持平；公务接待费0.70万元，较上年减少0.80万元；"
    "公务用车运行维护费2.50万元，与上年持平；公务用车购置费0万元，与上年持平。"
)


def test_the_three_public_expenses_follow_from_their_sentence() -> None:
    """As stated for the year, last year by the changes; meetings and training are not stated, so no 合计 is known."""
    (one,) = made(THREE.format(SENTENCE)).values()
    row = figures(one)["合计"]
    assert {key: Decimal(row[f"current_{key}"]) for key in ("three", "abroad", "reception", "vehicle")} == {
        "three": Decimal("3.20"), "abroad": 0, "reception": Decimal("0.70"), "vehicle": Decimal("2.50"),
    }  # fmt: skip
    assert {key: Decimal(row[f"previous_{key}"]) for key in ("three", "reception", "vehicle_running")} == {
        "three": Decimal("4.00"), "reception": Decimal("1.50"), "vehicle_running": Decimal("2.50"),
    }  # fmt: skip
    assert Decimal(row["change_reception"]) == Decimal("-0.80")
    assert not {"current_total", "previous_total", "change_total", "current_meeting"} & row.keys()
    reasons = {derivation.cell.rpartition(".")[2]: derivation.reason for derivation in one.derivations}
    assert reasons["current_reception"].startswith("the text says reception 0.70万元 (L5)")
    assert one.note.message.endswith("follow from the text; nothing else of it is known")


@pytest.mark.parametrize(
    "sentence",
    [
        pytest.param(SENTENCE.replace("公务接待费0.70", "公务接待费0.90"), id="parts that do not make the total"),
        pytest.param(SENTENCE.replace("2021年本部门当年", "2020年本部门"), id="another year"),
    ],
)
def test_a_sentence_that_is_doubtful_or_of_another_year_gives_nothing(sentence: str) -> None:
    found = made(THREE.format(sentence))
    assert not [row for one in found.values() for row in figures(one).values() if "current_three" in row]


def test_an_example_with_illegible_tables(
    examples: dict[str, Document], sources: dict[str, Source], catalog: Catalog
) -> None:
    """By hand: 行政运行（2101501）589.86万元 is all basic expenditure, and 表8 prints 589.86, 541.65 and 48.21 in all.

    L113: 收入1292.44万元, all of it 一般公共预算拨款. L185: 三公 0, 0.19 less than last year, all of it
    公务接待费; L187: 会议费 0, 0.52 less; 培训费 0, 1.59 less: 2.30 last year.
    """
    found = made_from(sources["000"], examples["000"], catalog)
    assert sorted(found) == ["表12", "表2", "表7"]
    basic = {"total": "589.86", "personnel": "541.65", "operating": "48.21"}
    assert figures(found["表7"]) == dict.fromkeys(["合计", "210", "21015", "2101501"], basic)
    row = figures(found["表12"])["合计"]
    last = {key: row[f"previous_{key}"] for key in ("total", "three", "abroad", "reception", "meeting", "training")}
    assert last == {
        "total": "2.30", "three": "0.19", "abroad": "0.00", "reception": "0.19", "meeting": "0.52", "training": "1.59",
    }  # fmt: skip
    assert {Decimal(amount) for key, amount in row.items() if key.startswith("current_")} == {0}
    revenue = {key: Decimal(amount) for key, amount in figures(found["表2"])["合计"].items() if Decimal(amount)}
    assert revenue == {"total": Decimal("1292.44"), "gpb": Decimal("1292.44")}
