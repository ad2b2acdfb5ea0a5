"""The scorer: a small table is structured, one thing in the result is changed, and the score must say exactly that."""

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from crossfoot.evaluation.cases import Case, load_cases
from crossfoot.evaluation.damages import Damage, Degraded, Line, Trace, damaged, undamaged
from crossfoot.evaluation.nouns import Miss, TableScore
from crossfoot.evaluation.scoring import ground_of, score_table
from crossfoot.figures import Cell, Document, Outcome, Row, Verdict
from crossfoot.pipeline import structure
from crossfoot.reading.source import from_text
from crossfoot.tabletypes import Catalog
from documents_by_hand import CLEAN, cell, column, document_of, row, table_of

LABELS = """\
document: '900'
title: 2021年部门综合预算一般公共预算支出明细表（按支出功能分类科目-不含上年结转）
type: gpb_expenditure_by_function
family: shaanxi_budget
shape: records
unit: 万元
lines: [5, 22]
header:
  - [11, [功能科目编码, 功能科目名称, 合计, 人员经费支出, 公用经费支出, 专项业务经费支出, 备注]]
columns: [code, name, total, personnel, operating, project, note]
rows:
  - [12, ['210', 卫生健康支出, '1292.44', '541.65', '48.21', '702.58']]
  - [13, ['21011', 行政事业单位医疗, '610', '', '', '610']]
  - [14, ['2101101', 行政单位医疗, '60', '', '', '60']]
  - [15, ['2101103', 公务员医疗补助, '550', '', '', '550']]
  - [16, ['21013', 医疗救助, '5', '', '', '5']]
  - [17, ['2101301', 城乡医疗救助, '5', '', '', '5']]
  - [18, ['21015', 医疗保障管理事务, '677.44', '541.65', '48.21', '87.58']]
  - [19, ['2101501', 行政运行, '589.86', '541.65', '48.21']]
  - [20, ['2101502', 一般行政管理事务, '3', '', '', '3']]
  - [21, ['2101506', 医疗保障经办事务, '9.4', '', '', '9.4']]
  - [22, ['2101599', 其他医疗保障管理事务支出, '75.18', '', '', '75.18']]
not_data: [[5, number], [7, title], [9, unit]]
"""
#: Counted in the text above: eleven rows, two words each.
AMOUNTS, TEXTS = 27, 22


@pytest.fixture(scope="module")
def read(catalog: Catalog) -> Document:
    """The table as it is read: every cell right, which the first test holds to the labels."""
    return structure(from_text(CLEAN), catalog)


@pytest.fixture
def case(tmp_path: Path, catalog: Catalog) -> Case:
    return case_of(tmp_path, catalog, LABELS, CLEAN)


def case_of(folder: Path, catalog: Catalog, labels: str, text: str) -> Case:
    (folder / "900_table.yaml").write_text(labels, encoding="utf-8")
    (folder / "900.txt").write_text(text, encoding="utf-8")
    (only,) = load_cases(folder, [folder], catalog).cases
    return only


def score(case: Case, document: Document | None, degraded: Degraded | None = None) -> TableScore:
    return score_table(case, document, ground_of(degraded or undamaged(case.text)))


def with_rows(document: Document, change: Callable[[Row], Sequence[Row]], outcome: Outcome = "accepted") -> Document:
    """Returns the document with each row replaced, and the verdict given to its table and to itself."""
    (table,) = document.tables
    rows = tuple(made for one in table.rows for made in change(one))
    verdict = Verdict(outcome=outcome)
    changed = table.model_copy(update={"rows": rows, "verdict": verdict})
    return document.model_copy(update={"tables": (changed,), "verdict": verdict})


def with_cells(
    document: Document, line: int, changes: Mapping[str, Mapping[str, Any]], outcome: Outcome = "accepted"
) -> Document:
    """Returns the document with cells of the row on that line changed."""

    def change(one: Row) -> list[Row]:
        if one.line != line:
            return [one]
        cells = [cell.model_copy(update=dict(changes.get(cell.column, {}))) for cell in one.cells]
        return [one.model_copy(update={"cells": tuple(cells)})]

    return with_rows(document, change, outcome)


def number(printed: str, **more: object) -> dict[str, object]:
    return {"printed": printed, "value": Decimal(printed), "state": "printed", **more}


BLANK: dict[str, object] = {"printed": "", "value": None, "state": "blank"}
FLAGGED: Outcome = "flagged"


def hurt(line: int, start: int, before: str, after: str, trace: Trace) -> Damage:
    return Damage("by hand", line, start, before, after, trace)


def whole(line: int, trace: Trace) -> Damage:
    text = CLEAN.split("\n")[line - 1]
    return hurt(line, 0, text, text if trace == "again" else "", trace)


def told(misses: Sequence[Miss]) -> list[tuple[str, str, str, str, str]]:
    return [(miss.kind, miss.row, miss.column, miss.expected, miss.found) for miss in misses]


# --- what is right ----------------------------------------------------------------------------------------------------


def test_a_table_read_as_printed_is_wholly_right(case: Case, read: Document) -> None:
    found = score(case, read)
    assert (found.amounts, found.amounts_right, found.amounts_read) == (AMOUNTS, AMOUNTS, AMOUNTS)
    assert (found.texts, found.texts_right, found.texts_read) == (TEXTS, TEXTS, TEXTS)
    assert (found.found, found.typed, found.verdict, found.misses, found.silent_amounts) == (
        True, True, "accepted", (), 0,
    )  # fmt: skip
    assert (found.proved, found.proved_wrong) == (AMOUNTS, 0)
    assert found.is_wholly_right


def test_trailing_zeros_and_blanks_inside_make_no_difference(case: Case, read: Document) -> None:
    found = score(case, with_cells(read, 13, {"total": {"value": Decimal("610.00"), "printed": "6 10"}}))
    assert found.is_wholly_right


# --- what is wrong, in an accepted table and in a flagged one ---------------------------------------------------------


@pytest.mark.parametrize("outcome", ["accepted", "repaired", "flagged"])
def test_another_number_is_wrong_and_silent_where_nothing_warns_of_it(
    case: Case, read: Document, outcome: Outcome
) -> None:
    found = score(case, with_cells(read, 20, {"total": number("8")}, outcome))
    assert told(found.misses) == [("wrong", "2101502", "total", "3", "8")]
    assert (found.amounts_right, found.amounts_read) == (AMOUNTS - 1, AMOUNTS)
    assert found.silent_amounts == (0 if outcome == "flagged" else 1)
    assert found.is_given_out == (outcome != "flagged")
    assert not found.is_wholly_right


@pytest.mark.parametrize("value", ["30", "0.3", "-3", None])
def test_the_right_text_with_another_number_is_wrong(case: Case, read: Document, value: str | None) -> None:
    found = score(case, with_cells(read, 20, {"total": {"value": None if value is None else Decimal(value)}}))
    assert [(miss.kind, miss.found, miss.is_silent) for miss in found.misses] == [("wrong", "3", True)]
    assert value is None or value in found.misses[0].reason


def test_the_right_number_of_another_text_is_wrong(case: Case, read: Document) -> None:
    """A figure that is not printed there was made up, even where it is the true one."""
    found = score(case, with_cells(read, 20, {"total": {"printed": "3.00"}}))
    assert told(found.misses) == [("wrong", "2101502", "total", "3", "3.00")]


def test_swapped_amounts_of_two_rows_are_both_wrong(case: Case, read: Document) -> None:
    once = with_cells(read, 20, {"total": number("9.4", line=21), "project": number("9.4", line=21)})
    found = score(case, with_cells(once, 21, {"total": number("3", line=20), "project": number("3", line=20)}))
    assert [miss.kind for miss in found.misses] == ["wrong"] * 4
    assert (found.amounts_right, found.silent_amounts) == (AMOUNTS - 4, 4)


def test_amounts_beside_the_names_of_one_another_are_wrong(case: Case, read: Document) -> None:
    """Codes and names of two rows are exchanged, their amounts stay on their lines."""
    codes = {20: ("2101506", "医疗保障经办事务"), 21: ("2101502", "一般行政管理事务")}
    changed = read
    for line, (code, name) in codes.items():
        changed = with_cells(changed, line, {"code": {"printed": code}, "name": {"printed": name}})
    found = score(case, changed)
    amounts = [miss for miss in found.misses if miss.is_amount]
    assert [(miss.kind, miss.expected, miss.found) for miss in amounts] == [
        ("wrong", "3", "9.4"), ("wrong", "3", "9.4"), ("wrong", "9.4", "3"), ("wrong", "9.4", "3"),
    ]  # fmt: skip
    assert found.silent_amounts == 4


def test_amounts_beside_the_name_of_a_row_that_is_there_as_well_are_not_right(case: Case, read: Document) -> None:
    """The row of line 20 is called as that of line 21, which stands in its place too."""
    wrong = {"code": {"printed": "2101506"}, "name": {"printed": "医疗保障经办事务"}}
    found = score(case, with_cells(read, 20, wrong))
    amounts = [(miss.kind, miss.line, miss.expected) for miss in found.misses if miss.is_amount]
    assert amounts == [("misplaced", 20, "3"), ("misplaced", 20, "3")]
    assert (found.amounts_right, found.silent_amounts) == (AMOUNTS - 2, 2)
    assert "2101506" in found.misses[0].reason + found.misses[-1].reason


def test_a_name_that_no_row_has_leaves_the_amounts_of_its_line(case: Case, read: Document) -> None:
    """The code went astray: the line alone says which row it is, and the words are what is wrong."""
    found = score(case, with_cells(read, 20, {"code": {"printed": "210150"}}))
    assert told(found.misses) == [("wrong", "2101502", "code", "2101502", "210150")]
    assert (found.amounts_right, found.silent_amounts) == (AMOUNTS, 0)


def test_a_missing_row_is_missing(case: Case, read: Document) -> None:
    found = score(case, with_rows(read, lambda one: [] if one.line == 21 else [one]))
    assert [(miss.kind, miss.column) for miss in found.misses] == [
        ("missing", "code"), ("missing", "name"), ("missing", "project"), ("missing", "total"),
    ]  # fmt: skip
    assert (found.amounts_right, found.amounts_read, found.silent_amounts) == (AMOUNTS - 2, AMOUNTS - 2, 2)


def test_a_row_read_twice_is_invented(case: Case, read: Document) -> None:
    found = score(case, with_rows(read, lambda one: [one, one] if one.line == 21 else [one]))
    assert [(miss.kind, miss.found) for miss in found.misses if miss.is_amount] == [("invented", "9.4")] * 2
    assert (found.amounts_right, found.amounts_read, found.silent_amounts) == (AMOUNTS, AMOUNTS + 2, 2)
    assert found.proved_wrong == 2
    assert not found.is_wholly_right


def test_an_amount_in_the_next_column_is_misplaced_once(case: Case, read: Document) -> None:
    moved = {"project": BLANK, "operating": number("9.4")}
    found = score(case, with_cells(read, 21, moved))
    assert told(found.misses) == [("misplaced", "2101506", "project", "9.4", "9.4")]
    assert "operating" in found.misses[0].reason
    assert (found.amounts_read, found.silent_amounts) == (AMOUNTS, 1)


def test_the_same_text_of_another_line_is_not_the_misplaced_one(case: Case, read: Document) -> None:
    found = score(case, with_cells(read, 21, {"project": BLANK, "operating": number("9.4", line=20)}))
    assert [miss.kind for miss in found.misses] == ["missing", "invented"] or [miss.kind for miss in found.misses] == [
        "invented",
        "missing",
    ]
    assert found.silent_amounts == 2


def test_a_blank_where_a_figure_stands_is_missing(case: Case, read: Document) -> None:
    found = score(case, with_cells(read, 20, {"project": BLANK}))
    assert told(found.misses) == [("missing", "2101502", "project", "3", "")]
    assert (found.amounts_read, found.silent_amounts) == (AMOUNTS - 1, 1)


@pytest.mark.parametrize("outcome", ["accepted", "flagged"])
def test_an_amount_where_nothing_is_printed_is_invented(case: Case, read: Document, outcome: Outcome) -> None:
    found = score(case, with_cells(read, 20, {"personnel": number("7", proof="neither")}, outcome))
    assert told(found.misses) == [("invented", "2101502", "personnel", "", "7")]
    assert (found.amounts_right, found.amounts_read) == (AMOUNTS, AMOUNTS + 1)
    assert (found.silent_amounts, found.proved_wrong) == (0 if outcome == "flagged" else 1, 0)
    assert not found.is_wholly_right


def test_a_computed_amount_where_nothing_is_printed_was_not_read(case: Case, read: Document) -> None:
    computed = {"value": Decimal(7), "state": "derived", "proof": None}
    found = score(case, with_cells(read, 20, {"personnel": computed}, "flagged"))
    assert (found.amounts_read, found.derived_wrong, found.silent_amounts) == (AMOUNTS, 1, 0)
    assert score(case, with_cells(read, 20, {"personnel": computed})).silent_amounts == 1


def test_an_amount_in_a_column_without_a_name_is_not_called_proved(case: Case, read: Document) -> None:
    """Only its position is known, c4: the table says of no column that it holds this."""
    found = score(case, with_cells(read, 20, {"project": {"column": "c6"}}, "flagged"))
    assert told(found.misses) == [("misplaced", "2101502", "project", "3", "3")]
    assert "nothing says which column that is" in found.misses[0].reason
    assert (found.proved, found.proved_wrong) == (AMOUNTS - 1, 0)


def test_a_dash_where_nothing_is_printed_is_no_amount(case: Case, read: Document) -> None:
    found = score(case, with_cells(read, 20, {"personnel": {"printed": "—", "value": None, "state": "blank"}}))
    assert [(miss.kind, miss.is_amount) for miss in found.misses] == [("invented", False)]
    assert (found.amounts_read, found.texts_read, found.silent_amounts) == (AMOUNTS, TEXTS + 1, 0)


def test_a_wrong_word_is_no_silent_amount(case: Case, read: Document) -> None:
    found = score(case, with_cells(read, 20, {"name": {"printed": "一般行政管理"}}))
    assert (found.texts_right, found.amounts_right, found.silent_amounts) == (TEXTS - 1, AMOUNTS, 0)
    assert not found.is_wholly_right


# --- the table itself -------------------------------------------------------------------------------------------------


def with_table(document: Document, **update: object) -> Document:
    (table,) = document.tables
    return document.model_copy(update={"tables": (table.model_copy(update=update),)})


def test_amounts_given_out_as_those_of_another_table_are_silent(case: Case, read: Document) -> None:
    found = score(case, with_table(read, type="gpb_basic_by_function"))
    assert not found.typed
    assert [(miss.column, miss.found) for miss in found.misses] == [("type", "gpb_basic_by_function of shaanxi_budget")]
    assert (found.silent_amounts, found.is_wholly_right) == (1, False)
    of_another_family = score(case, with_table(read, family="final_accounts"))
    assert (of_another_family.typed, of_another_family.silent_amounts) == (False, 0)


def test_another_type_in_a_flagged_table_is_not_silent(case: Case, read: Document) -> None:
    flagged = with_table(read, type="gpb_basic_by_function", verdict=Verdict(outcome="flagged"))
    assert (score(case, flagged).typed, score(case, flagged).silent_amounts) == (False, 0)


def test_every_amount_in_another_unit_is_wrong(case: Case, read: Document) -> None:
    def in_yuan(one: Row) -> list[Row]:
        cells = [c.model_copy(update={"unit": "元"}) if c.kind == "amount" else c for c in one.cells]
        return [one.model_copy(update={"cells": tuple(cells)})]

    found = score(case, with_rows(read, in_yuan))
    assert (found.amounts_right, found.silent_amounts) == (0, AMOUNTS)
    assert {miss.reason for miss in found.misses} == {"taken in 元, printed in 万元"}
    assert not found.is_wholly_right


@pytest.mark.parametrize(("outcome", "silent"), [("accepted", AMOUNTS), ("repaired", AMOUNTS), ("flagged", 0)])
def test_a_table_that_is_not_found_is_silent_unless_the_document_warns(
    case: Case, read: Document, outcome: Outcome, silent: int
) -> None:
    without = read.model_copy(update={"tables": (), "verdict": Verdict(outcome=outcome)})
    found = score(case, without)
    assert (found.found, found.typed, found.verdict) == (False, False, "not_found")
    assert (found.amounts, found.amounts_right, found.silent_amounts) == (AMOUNTS, 0, silent)
    assert {miss.kind for miss in found.misses} == {"missing"}


def test_a_crash_has_every_cell_missing_and_none_silent(case: Case) -> None:
    found = score(case, None)
    assert (found.verdict, found.found, found.amounts, found.amounts_right) == ("crashed", False, AMOUNTS, 0)
    assert (found.texts, found.texts_right, found.silent_amounts) == (TEXTS, 0, 0)
    assert len(found.misses) == AMOUNTS + TEXTS


def halves(document: Document, at: int, outcomes: tuple[Outcome, Outcome]) -> Document:
    """Returns the document with its table in two, the second from that line on."""
    (table,) = document.tables
    parts = ((5, at - 1), (at, 22))
    made = [
        table.model_copy(
            update={
                "id": f"t{order}",
                "lines": lines,
                "rows": tuple(one for one in table.rows if lines[0] <= one.line <= lines[1]),
                "verdict": Verdict(outcome=outcome),
            }
        )
        for order, (lines, outcome) in enumerate(zip(parts, outcomes, strict=True), start=1)
    ]
    return document.model_copy(update={"tables": tuple(made), "verdict": Verdict(outcome="flagged")})


def spoilt(document: Document, line: int, key: str, update: Mapping[str, object]) -> Document:
    """Returns the document with that cell of that line changed, in whichever table it is."""
    tables = [
        table.model_copy(
            update={
                "rows": tuple(
                    one.model_copy(
                        update={
                            "cells": tuple(
                                c.model_copy(update=dict(update)) if (one.line, c.column) == (line, key) else c
                                for c in one.cells
                            )
                        }
                    )
                    for one in table.rows
                )
            }
        )
        for table in document.tables
    ]
    return document.model_copy(update={"tables": tuple(tables)})


@pytest.mark.parametrize(("line", "silent"), [(20, 1), (13, 0)])
def test_a_wrong_amount_is_silent_by_the_table_that_gives_it_out(
    case: Case, read: Document, line: int, silent: int
) -> None:
    """Of two tables on the lines of one the first is flagged: that warns of nothing in the second."""
    parted = halves(read, 18, (FLAGGED, "accepted"))
    assert score(case, parted).silent_amounts == 0
    assert score(case, spoilt(parted, line, "total", number("8"))).silent_amounts == silent


@pytest.mark.parametrize(("line", "silent"), [(13, 1), (20, 0)])
def test_a_missing_amount_is_silent_where_no_flagged_table_stands(
    case: Case, read: Document, line: int, silent: int
) -> None:
    parted = halves(read, 18, ("accepted", FLAGGED))
    assert score(case, spoilt(parted, line, "total", BLANK)).silent_amounts == silent


def test_half_of_the_lines_make_the_table_found(case: Case, read: Document) -> None:
    assert not score(case, with_table(read, lines=(5, 12), rows=read.tables[0].rows[:1])).found
    assert score(case, with_table(read, lines=(5, 13), rows=read.tables[0].rows[:2])).found
    assert not score(case, with_table(read, lines=(5, 60))).found


def test_of_a_table_that_is_another_only_these_lines_count(case: Case, read: Document) -> None:
    (table,) = read.tables
    others = [shifted(one, 40) for one in table.rows]
    found = score(case, with_table(read, lines=(5, 80), rows=(*table.rows, *others)))
    assert (found.found, found.amounts_right, found.amounts_read) == (False, AMOUNTS, AMOUNTS)


def test_what_a_found_table_has_beside_its_own_lines_is_invented(case: Case, read: Document) -> None:
    (table,) = read.tables
    beyond = table.rows[-1].model_copy(
        update={
            "cells": tuple(c.model_copy(update={"line": 24}) for c in table.rows[-1].cells),
            "line": 24,
            "code": "99",
        }
    )
    found = score(case, with_table(read, lines=(5, 24), rows=(*table.rows, beyond)))
    assert (found.amounts_right, found.amounts_read, found.silent_amounts) == (AMOUNTS, AMOUNTS + 2, 2)


# --- states: derived, repaired, illegible -----------------------------------------------------------------------------

MASKED = hurt(20, CLEAN.split("\n")[19].index("\t3") + 1, "3", "□", "marked")


@pytest.mark.parametrize("outcome", ["accepted", "flagged"])
def test_a_masked_figure_that_is_stated_as_illegible_is_right(case: Case, read: Document, outcome: Outcome) -> None:
    stated = {"total": {"printed": "□", "value": None, "state": "illegible", "proof": None}}
    found = score(case, with_cells(read, 20, stated, outcome), damaged(CLEAN, [MASKED]))
    assert (found.amounts, found.amounts_right, found.misses) == (AMOUNTS, AMOUNTS, ())
    assert found.proved == AMOUNTS - 1


def test_a_masked_figure_that_a_number_is_made_of_is_wrong_and_silent(case: Case, read: Document) -> None:
    guessed = {"total": {"printed": "□", "value": Decimal(0)}}
    found = score(case, with_cells(read, 20, guessed), damaged(CLEAN, [MASKED]))
    assert [(miss.kind, miss.is_silent) for miss in found.misses] == [("wrong", True)]
    assert (found.proved, found.proved_wrong) == (AMOUNTS - 1, 1)


@pytest.mark.parametrize(("value", "right", "silent"), [("3", 1, 0), ("8", 0, 1)])
def test_a_derived_amount_is_missing_and_silent_only_if_it_is_another(
    case: Case, read: Document, value: str, right: int, silent: int
) -> None:
    derived = {"total": {"printed": "□", "value": Decimal(value), "state": "derived", "proof": None}}
    found = score(case, with_cells(read, 20, derived), damaged(CLEAN, [MASKED]))
    assert [miss.kind for miss in found.misses] == ["missing"]
    assert value in found.misses[0].reason
    assert (found.amounts_right, found.amounts_read) == (AMOUNTS - 1, AMOUNTS - 1)
    assert (found.derived_right, found.derived_wrong, found.silent_amounts) == (right, 1 - right, silent)


def test_a_derived_amount_of_an_illegible_line_is_compared_by_the_name_of_its_row(case: Case, read: Document) -> None:
    """A table made up from sums has rows with names, and cells of which nothing is printed."""

    def made_up(one: Row) -> list[Row]:
        if one.line != 20:
            return [one]
        plain = {"printed": "", "state": "derived", "proof": None, "line": 5}
        cells = [
            c.model_copy(update={**plain, "value": Decimal(value)})
            for c, value in ((c, {"total": "3", "project": "8"}.get(c.column)) for c in one.cells)
            if value is not None
        ]
        return [one.model_copy(update={"cells": tuple(cells)})]

    found = score(case, with_rows(read, made_up, FLAGGED), damaged(CLEAN, [whole(20, "marked")]))
    assert (found.derived_right, found.derived_wrong, found.gone) == (1, 1, 4)


@pytest.mark.parametrize(("printed", "value"), [("3", "3"), ("8", "8"), ("3", "8")])
def test_a_repaired_amount_is_right_by_its_number(case: Case, read: Document, printed: str, value: str) -> None:
    right = int(value == "3")
    repair = {"printed": printed, "value": Decimal(value), "state": "repaired", "original": "□"}
    found = score(case, with_cells(read, 20, {"total": repair}, "repaired"), damaged(CLEAN, [MASKED]))
    assert found.amounts_right == AMOUNTS - 1 + right
    assert (found.repaired_right, found.repaired_wrong, found.silent_amounts) == (right, 1 - right, 1 - right)
    assert (found.proved, found.proved_wrong) == (AMOUNTS - 1 + right, 1 - right)


# --- damage that leaves no trace --------------------------------------------------------------------------------------

CLEANLY = MASKED._replace(after="8", trace="clean")


def test_a_clean_wrong_digit_is_unseen_in_an_accepted_table(case: Case, read: Document) -> None:
    unproved = {"total": number("8", proof="neither")}
    found = score(case, with_cells(read, 20, unproved), damaged(CLEAN, [CLEANLY]))
    assert [(miss.kind, miss.expected, miss.found) for miss in found.misses] == [("unseen", "3", "8")]
    assert (found.unseen, found.silent_amounts, found.amounts_right) == (1, 0, AMOUNTS - 1)
    assert found.proved_wrong == 0


def test_a_clean_wrong_digit_that_is_called_proved_is_silent(case: Case, read: Document) -> None:
    found = score(case, with_cells(read, 20, {"total": number("8", proof="proved")}), damaged(CLEAN, [CLEANLY]))
    assert (found.unseen, found.silent_amounts, found.proved_wrong) == (0, 1, 1)


def test_beside_a_clean_wrong_digit_any_other_number_is_wrong(case: Case, read: Document) -> None:
    """The text says 8 now; 80 is in neither."""
    for update in ({"printed": "8", "value": Decimal(80)}, {"printed": "80", "value": Decimal(80)}):
        found = score(case, with_cells(read, 20, {"total": update | {"proof": "neither"}}), damaged(CLEAN, [CLEANLY]))
        assert (found.unseen, found.silent_amounts) == (0, 1)


def test_an_unseen_digit_in_another_unit_is_wrong_all_the_same(case: Case, read: Document) -> None:
    unit = {"total": number("8", proof="neither", unit="元")}
    assert score(case, with_cells(read, 20, unit), damaged(CLEAN, [CLEANLY])).silent_amounts == 1


def test_a_row_whose_code_is_damaged_is_known_by_the_code_that_is_left(case: Case, read: Document) -> None:
    hit = damaged(CLEAN, [hurt(20, 6, "2", "7", "clean")])
    found = score(case, with_cells(read, 20, {"code": {"printed": "2101507"}}), hit)
    assert (found.amounts_right, found.texts_right, found.misses) == (AMOUNTS, TEXTS, ())


def test_a_code_that_is_damaged_into_that_of_another_row_is_told_from_it_by_the_line(
    case: Case, read: Document
) -> None:
    hit = damaged(CLEAN, [hurt(21, 6, "6", "2", "clean")])
    assert hit.lines[20].text.startswith("2101502\t医疗保障经办事务")
    found = score(case, with_cells(read, 21, {"code": {"printed": "2101502"}}), hit)
    assert (found.amounts_right, found.texts_right, found.misses) == (AMOUNTS, TEXTS, ())


def test_a_dropped_line_is_gone_and_unseen(case: Case, read: Document) -> None:
    done = damaged(CLEAN, [whole(22, "gone")])
    found = score(case, with_rows(read, lambda one: [] if one.line == 22 else [one]), done)
    assert (found.gone, found.amounts, found.amounts_right, found.texts) == (4, AMOUNTS - 2, AMOUNTS - 2, TEXTS - 2)
    assert (found.unseen, found.silent_amounts, {miss.kind for miss in found.misses}) == (2, 0, {"unseen"})


def test_what_is_read_of_a_dropped_line_is_invented(case: Case, read: Document) -> None:
    """Nothing says 75.18 any more; whoever gives it out has made it up."""
    found = score(case, with_rows(read, lambda one: [one]), damaged(CLEAN, [whole(22, "gone")]))
    assert {miss.kind for miss in found.misses} == {"invented"}
    assert (found.amounts, found.amounts_right, found.amounts_read) == (AMOUNTS - 2, AMOUNTS - 2, AMOUNTS)
    assert (found.silent_amounts, found.proved_wrong, found.is_wholly_right) == (2, 2, False)


@pytest.mark.parametrize(("outcome", "silent"), [("accepted", 2), ("flagged", 0)])
def test_an_illegible_line_in_a_table_given_out_as_good_is_silent(
    case: Case, read: Document, outcome: Outcome, silent: int
) -> None:
    done = damaged(CLEAN, [whole(22, "marked")])
    assert done.lines[21].text == "[illegible]"
    found = score(case, with_rows(read, lambda one: [] if one.line == 22 else [one], outcome), done)
    assert (found.gone, found.unseen, found.silent_amounts) == (4, 0, silent)
    assert {miss.reason for miss in found.misses} == {"its line is illegible"}


TWICE = damaged(CLEAN, [whole(20, "again")])


def shifted(one: Row, by: int = 1) -> Row:
    """Returns the row as it is read one line further down."""
    cells = tuple(cell.model_copy(update={"line": cell.line + by}) for cell in one.cells)
    return one.model_copy(update={"line": one.line + by, "cells": cells})


def read_twice(one: Row, *more: Row) -> list[Row]:
    return [one, *more, shifted(one)] if one.line == 20 else [one if one.line < 20 else shifted(one)]


def test_a_line_that_stands_twice_was_not_invented(case: Case, read: Document) -> None:
    found = score(case, with_rows(read, read_twice), TWICE)
    assert [miss.kind for miss in found.misses] == ["unseen"] * 4
    assert (found.amounts_right, found.amounts_read, found.silent_amounts) == (AMOUNTS, AMOUNTS, 0)


def test_a_third_row_of_a_line_that_stands_twice_was(case: Case, read: Document) -> None:
    found = score(case, with_rows(read, lambda one: read_twice(one, one)), TWICE)
    assert sorted(miss.kind for miss in found.misses) == ["invented"] * 4 + ["unseen"] * 4
    assert (found.amounts_read, found.silent_amounts) == (AMOUNTS + 2, 2)


@pytest.mark.parametrize("key", ["personnel", "total"])
def test_a_line_that_stands_twice_excuses_only_what_is_printed_on_it(case: Case, read: Document, key: str) -> None:
    for position in (0, 1):  # in the first of the rows, or in the second

        def change(one: Row, position: int = position) -> list[Row]:
            rows = read_twice(one)
            if one.line == 20:
                cells = [c.model_copy(update=number("7")) if c.column == key else c for c in rows[position].cells]
                rows[position] = rows[position].model_copy(update={"cells": tuple(cells)})
            return rows

        assert score(case, with_rows(read, change), TWICE).silent_amounts == 1, position


def test_two_rows_on_one_line_are_known_by_their_codes(case: Case, read: Document) -> None:
    lines = [*undamaged(CLEAN).lines]
    first, second = lines[19], lines[20]
    fused = Degraded((*lines[:19], Line((20, 21), f"{first.text}\t{second.text}"), *lines[21:]), ())
    up = with_rows(read, lambda one: [shifted(one, -1) if one.line > 20 else one])
    assert score(case, up, fused).is_wholly_right
    without = with_rows(read, lambda one: [] if one.line == 21 else [shifted(one, -1) if one.line > 20 else one])
    found = score(case, without, fused)
    assert [(miss.line, miss.now) for miss in found.misses] == [(21, 20)] * 4
    assert found.silent_amounts == 2


# --- lists and forms --------------------------------------------------------------------------------------------------

PANELS = """\
收支总表
单位：元
项目	预算数	项目	预算数
一、财政拨款	12	一、基本支出	9
合计	12	合计	12
"""
PANEL_LABELS = """\
document: '900'
title: 收支总表
type: budget_revenue_expenditure_summary
family: shaanxi_budget
shape: panels
unit: 元
lines: [1, 5]
header: [[3, [项目, 预算数, 项目, 预算数]]]
columns: [收入.label, 收入.amount, 支出功能分类.label, 支出功能分类.amount]
rows:
  - [4, [一、财政拨款, '12', 一、基本支出, '9']]
  - [5, [合计, '12', 合计, '12']]
not_data: [[1, title], [2, unit]]
"""
LABEL, AMOUNT = column("label", "项目"), column("amount", "预算数", "元")


def panels(*rows: tuple[int, str, str, str]) -> Document:
    """Returns an accepted table of lists: line, list, label and amount of each row."""
    made = [
        row(index, line, label, [cell(LABEL, label, line), cell(AMOUNT, amount, line)], panel=panel)
        for index, (line, panel, label, amount) in enumerate(rows)
    ]
    of = {"type": "budget_revenue_expenditure_summary", "shape": "panels", "unit": "元", "lines": (1, 5)}
    return document_of([table_of(made, (LABEL, AMOUNT), **of)])


IN, OUT = "收入", "支出功能分类"
LISTS = ((4, IN, "一、财政拨款", "12"), (4, OUT, "一、基本支出", "9"), (5, IN, "合计", "12"), (5, OUT, "合计", "12"))


def test_rows_of_two_lists_are_kept_apart(tmp_path: Path, catalog: Catalog) -> None:
    case = case_of(tmp_path, catalog, PANEL_LABELS, PANELS)
    assert score(case, panels(*LISTS)).is_wholly_right
    swapped = [(line, IN if panel == OUT else OUT, label, amount) for line, panel, label, amount in LISTS[:2]]
    found = score(case, panels(*swapped, *LISTS[2:]))
    assert [(miss.kind, miss.panel, miss.expected) for miss in found.misses if miss.is_amount] == [
        ("wrong", IN, "12"), ("wrong", OUT, "9"),
    ]  # fmt: skip
    assert found.silent_amounts == 2


def test_the_total_of_one_list_is_not_that_of_the_other(tmp_path: Path, catalog: Catalog) -> None:
    case = case_of(tmp_path, catalog, PANEL_LABELS, PANELS)
    found = score(case, panels(*LISTS[:3]))
    assert [(miss.kind, miss.panel, miss.column) for miss in found.misses] == [
        ("missing", OUT, "amount"), ("missing", OUT, "label"),
    ]  # fmt: skip


FORM = """\
绩效自评表
项目名称	经费	主管部门	某局
资金来源	预算数	分值
年度资金总额	69.00	10
上年结转	—	—
"""
FORM_LABELS = """\
document: '900'
title: 绩效自评表
type: project_performance_self_evaluation
family: final_accounts
shape: form
unit: 万元
lines: [1, 5]
header: [[3, [资金来源, 预算数, 分值]]]
columns: {funds: [source, budget, weight]}
rows:
  - {line: 2, printed: [项目名称, 经费, 主管部门, 某局], block: head, fields: {project: 经费, authority: 某局}}
  - {line: 4, printed: [年度资金总额, '69.00', '10'], block: funds}
  - {line: 5, printed: [上年结转, —, —], block: funds}
not_data: [[1, title]]
"""
SOURCE, BUDGET = column("source", "资金来源"), column("budget", "预算数", "万元")
WEIGHT = column("weight", "分值", "score").model_copy(update={"kind": "score"})
PROJECT, AUTHORITY = column("project", "项目名称"), column("authority", "主管部门")


def form(project: Cell, authority: Cell, total: Sequence[Cell], carried: Sequence[Cell]) -> Document:
    rows = [
        row(0, 2, "", [project], block="head", kind="field"),
        row(1, 2, "", [authority], block="head", kind="field"),
        row(2, 4, "年度资金总额", total, block="funds"),
        row(3, 5, "上年结转", carried, block="funds"),
    ]
    of = {"type": "project_performance_self_evaluation", "family": "final_accounts", "shape": "form", "lines": (1, 5)}
    return document_of([table_of(rows, (SOURCE, BUDGET, WEIGHT), **of)])


def form_cells() -> tuple[Cell, Cell, list[Cell], list[Cell]]:
    return (
        cell(PROJECT, "经费", 2),
        cell(AUTHORITY, "某局", 2),
        [cell(SOURCE, "年度资金总额", 4), cell(BUDGET, "69.00", 4), cell(WEIGHT, "10", 4)],
        [cell(SOURCE, "上年结转", 5), cell(BUDGET, "—", 5), cell(WEIGHT, "—", 5)],
    )


def test_fields_are_rows_of_their_own(tmp_path: Path, catalog: Catalog) -> None:
    case = case_of(tmp_path, catalog, FORM_LABELS, FORM)
    project, authority, *rest = form_cells()
    found = score(case, form(project, authority, *rest))
    assert (found.amounts, found.texts, found.is_wholly_right) == (2, 6, True)
    swapped = form(
        project.model_copy(update={"printed": "某局"}), authority.model_copy(update={"printed": "经费"}), *rest
    )
    assert told(score(case, swapped).misses) == [
        ("wrong", "authority", "authority", "某局", "经费"), ("wrong", "project", "project", "经费", "某局"),
    ]  # fmt: skip


@pytest.mark.parametrize("state", ["printed", "repaired"])
def test_a_number_made_of_a_dash_is_an_amount_that_is_wrong(tmp_path: Path, catalog: Catalog, state: str) -> None:
    """The text of the cell is right, and what is given out for it stands nowhere."""
    case = case_of(tmp_path, catalog, FORM_LABELS, FORM)
    project, authority, total, carried = form_cells()
    carried[1] = carried[1].model_copy(update={"value": Decimal(500), "state": state})
    found = score(case, form(project, authority, total, carried))
    assert [(miss.kind, miss.column, miss.is_amount) for miss in found.misses] == [("wrong", "budget", True)]
    assert (found.silent_amounts, found.is_wholly_right) == (1, False)
    carried[1] = carried[1].model_copy(update={"value": Decimal(0)})
    assert score(case, form(project, authority, total, carried)).is_wholly_right


def test_a_table_reads_its_own_block(tmp_path: Path, catalog: Catalog) -> None:
    """The funds in another block are in no place that a label has."""
    case = case_of(tmp_path, catalog, FORM_LABELS, FORM)
    made = form(*form_cells())
    (table,) = made.tables
    rows = tuple(one.model_copy(update={"block": "goals"}) if one.line == 4 else one for one in table.rows)
    found = score(case, made.model_copy(update={"tables": (table.model_copy(update={"rows": rows}),)}))
    assert [(miss.kind, miss.column) for miss in found.misses] == [
        ("misplaced", "budget"), ("misplaced", "source"), ("misplaced", "weight"),
    ]  # fmt: skip
    assert found.silent_amounts == 2


# --- what the program itself makes of damage --------------------------------------------------------------------------


def test_the_score_of_a_text_that_is_really_read(case: Case, catalog: Catalog) -> None:
    """One masked digit of a figure that two sums hold: whatever becomes of it, nothing else is touched."""
    done = damaged(CLEAN, [hurt(14, CLEAN.split("\n")[13].index("\t60") + 1, "6", "□", "marked")])
    found = score(case, structure(from_text(done.text), catalog), done)
    assert (found.texts_right, found.silent_amounts, found.proved_wrong) == (TEXTS, 0, 0)
    assert {miss.line for miss in found.misses} <= {14}
