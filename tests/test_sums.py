"""A failing check is written as the sum that a person would write."""

from decimal import Decimal

from crossfoot.figures import Check, Document, Term
from crossfoot.output.places import at_stake, places_of
from crossfoot.output.sums import write_out
from documents_by_hand import NAME, TOTAL, cell, column, document_of, row, sum_that_fails, table_of


def amounts(*printed: str, unit: str = "万元", identity: str = "t1", number: str = "表5") -> Document:
    """Returns a document whose only table has these amounts, one per row."""
    total = TOTAL.model_copy(update={"unit": unit})
    rows = [
        row(n, n, f"第{n}行", [cell(NAME, f"第{n}行", n), cell(total, text, n)]) for n, text in enumerate(printed, 1)
    ]
    return document_of([table_of(rows, [NAME, total], id=identity, number=number)])


def check(*weights: int, **more: object) -> Check:
    """Returns a failing check over the rows in order, the first with weight −1."""
    terms = [Term(cell=f"t1.r{n}.total", weight=weight) for n, weight in enumerate((-1, *weights), 1)]
    return sum_that_fails().model_copy(update={"terms": tuple(terms), "gap": Decimal("-2.00")} | more)


def test_blank_and_zero_parts_are_counted_not_listed() -> None:
    """A long sum shows what it is made of; the rest is counted."""
    written = write_out(check(1, 1, 1, 1), places_of(amounts("10.00", "3", "", "0.00", "5.00")))
    assert written.sentence == "3 + 5.00 = 8.00 ≠ 10.00 (gap −2.00 万元)"
    assert [entry.label for entry in written.entries] == ["第2行, 合计", "第5行, 合计", "第1行, 合计"]
    assert written.left_out == 2


def test_signs_are_those_of_the_sum() -> None:
    """A part that is taken off has a minus, and a negative part is not added as a positive one."""
    written = write_out(check(1, -1, 1), places_of(amounts("10", "15", "2", "-5")))
    assert written.sentence.startswith("15 − 2 − 5 = 8 ≠ 10 ")


def test_two_figures_that_should_be_equal() -> None:
    """An equality needs no sum."""
    written = write_out(check(1, kind="equal"), places_of(amounts("12.00", "10.00")))
    assert written.sentence == "10.00 ≠ 12.00 (gap −2.00 万元)"


def test_a_part_larger_than_its_whole() -> None:
    """An at-most relation says which is too small."""
    written = write_out(check(1, kind="at_most"), places_of(amounts("12.00", "10.00")))
    assert written.sentence == "10.00 < 12.00 (gap −2.00 万元)"


def test_a_side_of_several_totals_is_added_up_too() -> None:
    """Terms that begin with weight −1 are the stated side, all of them."""
    written = write_out(check(-1, 1, 1), places_of(amounts("7", "5", "4.5", "6")))
    assert written.sentence == "4.5 + 6 = 10.5 ≠ 7 + 5 = 12 (gap −1.5 万元)"
    assert [entry.sign for entry in written.entries] == ["", "+", "≠", "+"]


def test_tables_in_different_units_are_compared_in_the_checks_unit() -> None:
    """Across tables each amount says its table, and 元 are shown as the 万元 of the check."""
    wan, yuan = amounts("12.00"), amounts("100000", unit="元", identity="t2", number="表6")
    both = document_of([*wan.tables, *yuan.tables])
    terms = (Term(cell="t1.r1.total", weight=-1), Term(cell="t2.r1.total", weight=1))
    written = write_out(check(kind="equal", terms=terms), places_of(both))
    assert written.sentence == "10 ≠ 12.00 (gap −2.00 万元)"
    assert [entry.label for entry in written.entries] == ["表6 第1行, 合计", "表5 第1行, 合计"]


def test_what_is_no_sum_is_told_in_its_own_words() -> None:
    """A ratio or a count gives its reason and the cells it is about."""
    written = write_out(check(1, kind="ratio", why="97.5 % is not 10 / 12"), places_of(amounts("97.5", "10")))
    assert written.sentence == "97.5 % is not 10 / 12"
    assert [entry.amount for entry in written.entries] == ["97.5", "10"]


def test_a_cell_that_is_gone_is_named_by_its_reference() -> None:
    """A check over a cell that no table has is still written out."""
    written = write_out(check(1), places_of(amounts("12.00")))
    assert written.entries[0].label == "t1.r2.total"


def test_a_panel_is_part_of_a_label() -> None:
    """合计 of the income list is told from 合计 of the expenditure list."""
    amount = column("amount", "支出/预算数", "万元", "支出")
    document = document_of([table_of([row(1, 4, "合计", [cell(amount, "5", 4)], panel="支出")], [amount])])
    assert places_of(document)["t1.r1.amount"].label == "支出, 合计"


def test_nothing_is_at_stake_when_nothing_is_known() -> None:
    """A finding without amounts has no money at stake, which is not zero."""
    from documents_by_hand import finding_of_sum

    finding = finding_of_sum().model_copy(update={"cells": (), "checks": ("c9",)})
    assert at_stake(finding, {}, {}) is None
