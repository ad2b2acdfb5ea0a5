"""Facts: one exact row per cell, blank and text cells too."""

from crossfoot.figures import Document, Origination
from crossfoot.output.facts import Fact, facts, parents
from documents_by_hand import (
    TEXT,
    cell,
    column,
    document_of,
    flagged_document,
    row,
    source_of,
    table_of,
)

COLUMNS = (
    "document,document_id,department,fiscal_year,kind,table_type,table_number,table_title,unit,panel,parent,row_code,"
    "row_name,row_kind,column,column_header,column_unit,printed,value,value_yuan,state,proved,original,verdict,page,line"
)


def named(text: str) -> Document:
    origin = Origination(name=text, sha256="ab" * 32, encoding="utf-8", characters=9, lines=9)
    return flagged_document(source=origin)


def test_the_columns_are_the_promised_ones() -> None:
    """Others read this file by its header line."""
    assert ",".join(Fact._fields) == COLUMNS


def test_a_row_for_every_cell() -> None:
    """The golden facts of one row: a code, a name, three amounts and a blank remark."""
    found = [fact for fact in facts(flagged_document(), source_of(TEXT)) if fact.row_code == "21011"]
    start = (
        "灞桥/2021", "ab" * 32, "西安市灞桥区医疗保障局", "2021", "budget", "gpb_expenditure_by_function", "表5",
        "一般公共预算支出明细表", "万元", "", "210", "21011", "行政事业单位医疗", "item",
    )  # fmt: skip
    assert [tuple(fact) for fact in found] == [
        (*start, "code", "功能科目编码", "text", "21011", "", "", "printed", "", "", "flagged", "", "9"),
        (*start, "name", "功能科目名称", "text", "行政事业单位医疗", "", "", "printed", "", "", "flagged", "", "9"),
        (*start, "total", "合计", "万元", "610", "610", "6100000", "printed", "proved", "", "flagged", "", "9"),
        (*start, "personnel", "人员经费支出", "万元", "", "", "", "blank", "", "", "flagged", "", "9"),
        (
            *start,
            "operating",
            "公用经费支出",
            "万元",
            "610",
            "610",
            "6100000",
            "printed",
            "proved",
            "",
            "flagged",
            "",
            "9",
        ),
        (*start, "note", "备注", "text", "", "", "", "blank", "", "", "flagged", "", "9"),
    ]


def one_fact(printed: str, unit: str, **more: object) -> Fact:
    """Returns the fact of a single cell."""
    amount = column("total", "合计", unit)
    rows = [row(1, 1, "甲", [cell(amount, printed, 1, **more)])]
    return next(iter(facts(document_of([table_of(rows, [amount])]), source_of("甲\t1"))))


def test_values_are_plain_digits_and_yuan_are_exact() -> None:
    """No exponent and no rounding, however large or small; the places printed stay."""
    assert one_fact("1,239,844.50", "万元").value == "1239844.50"
    assert one_fact("1,239,844.50", "万元").value_yuan == "12398445000"
    assert one_fact("0.0001", "万元").value_yuan == "1"
    assert one_fact("0.00", "万元").value_yuan == "0"
    assert one_fact("-5.5", "亿元").value_yuan == "-550000000"
    assert one_fact("1234567.89", "元").value_yuan == "1234567.89"


def test_only_money_in_a_known_unit_has_yuan() -> None:
    """A ratio, and an amount whose unit nobody printed, have a value but no 元."""
    assert (one_fact("97.5%", "%").value, one_fact("97.5%", "%").value_yuan) == ("97.5", "")
    assert (one_fact("12", "").value, one_fact("12", "").value_yuan) == ("12", "")


def test_a_repaired_cell_keeps_its_printed_text() -> None:
    """Both the value after the repair and the text before it are there."""
    fact = one_fact("657.63", "万元", state="repaired", original="657. 63")
    assert (fact.value, fact.state, fact.original) == ("657.63", "repaired", "657. 63")


def test_pages_come_from_the_source() -> None:
    """A form feed starts page 2; without marks the page is empty."""
    paged = TEXT.replace("210\t", "\f210\t")
    assert {fact.page for fact in facts(flagged_document(), source_of(paged)) if fact.line == "7"} == {"1"}
    assert {fact.page for fact in facts(flagged_document(), source_of(paged)) if fact.line == "9"} == {"2"}
    assert {fact.page for fact in facts(flagged_document(), source_of(TEXT))} == {""}


def test_the_document_is_the_path_without_extension() -> None:
    """Folders stay, only the last extension goes."""
    assert next(iter(facts(named("西安/灞桥/2021.12.txt"), source_of(TEXT)))).document == "西安/灞桥/2021.12"


def parents_of(*rows: tuple[str, int, str]) -> list[str]:
    """Returns the parents of rows given as name, level and kind (or panel after a colon)."""
    made = []
    for index, (name, level, placed) in enumerate(rows, start=1):
        kind, _, panel = placed.partition(":")
        made.append(row(index, index, name, [], level=level, kind=kind, panel=panel))
    return list(parents(table_of(made, [])).values())


def test_a_parent_is_the_nearest_row_above_with_a_smaller_level() -> None:
    """The outline is followed over any number of levels."""
    rows = ("一", 1, "item"), ("(一)", 2, "item"), ("1", 3, "item"), ("(二)", 2, "item"), ("二", 1, "item")
    assert parents_of(*rows) == ["", "一", "(一)", "一", ""]


def test_totals_are_nobodys_parent() -> None:
    """A total stands at level 0 and has no parent itself."""
    assert parents_of(("合计", 0, "total"), ("210", 1, "item"), ("小计", 0, "subtotal")) == ["", "", ""]


def test_a_part_named_of_which_hangs_under_its_row() -> None:
    """其中 rows are part of the last row that is none, whatever their level."""
    rows = ("公务用车", 2, "item"), ("其中：购置", 3, "memo"), ("运行", 3, "memo"), ("接待", 2, "item")
    assert parents_of(("三公", 1, "item"), *rows) == ["", "三公", "公务用车", "公务用车", "三公"]
    assert parents_of(("合计", 0, "total"), ("其中：甲", 1, "memo")) == ["", ""]


def test_panels_have_outlines_of_their_own() -> None:
    """Lists side by side never lend each other a parent."""
    rows = ("收", 1, "item:收入"), ("支", 1, "item:支出"), ("收1", 2, "item:收入"), ("支1", 2, "item:支出")
    assert parents_of(*rows) == ["", "", "收", "支"]


def test_a_code_names_the_parent_before_its_name() -> None:
    """Where a parent has a code, the code is given."""
    rows = [row(1, 1, "卫生", [], code="210"), row(2, 2, "医疗", [], code="21011", level=2)]
    assert parents(table_of(rows, [])) == {1: "", 2: "210"}
