"""Tables made with known truth and damaged: what may never happen does not, and what damages them does what it says."""

import random
from collections.abc import Sequence
from decimal import Decimal

import pytest
from corrupt import CLEAN, GLYPH, KINDS, LOOKALIKES, Change, Damage, Place, damaged, fields_of, reading, with_changes
from invariance import unchanged
from made_budgets import CODED, SHAPES, made_budget
from made_sheets import MadeSum
from outcomes import NEVER, broken, judged, open_question
from repair import EXAMPLES, LABELS, case_of, with_damage
from subjects import Subject, example_subject, made_subject

from crossfoot.pipeline import structure
from crossfoot.reading.source import from_text
from crossfoot.tabletypes import Catalog, load_catalog

TINY = "表\n合计\t12.50\t-3.00\n甲\t10.00\t\n乙\t2.50\t-3.00"
PLACES = (Place(2, 1), Place(2, 2), Place(3, 1), Place(4, 1), Place(4, 2))


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return load_catalog()


def done(text: str, kind: str, places: Sequence[Place], seed: int = 0) -> Damage:
    damage = damaged(text, kind, places, random.Random(seed))
    assert damage is not None
    return damage


def all_done(figure: str, kind: str) -> set[str]:
    """Returns what a kind makes of one figure, over many dice."""
    return {done(figure, kind, [Place(1, 0)], seed).text for seed in range(60)}


# --- made tables ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("seed", range(6))
def test_what_is_made_foots(shape: str, seed: int) -> None:
    """Every sum of the generator holds within half a unit of each printed figure, exactly where the seed is even."""
    made = made_budget(seed, shape)
    for one in made.sums:
        gap = sum(
            ((reading(made.cells[place].printed) or Decimal(0)) * weight for place, weight in one.terms), Decimal(0)
        )
        allowed = one.tolerance if seed % 2 else Decimal(0)
        assert abs(gap) <= allowed


@pytest.mark.parametrize("shape", SHAPES)
def test_what_is_made_is_printed_where_it_says(shape: str) -> None:
    """Each figure stands in its field of its line, and a rounded table has a sum that only its rounding lets hold."""
    made = [made_budget(seed, shape) for seed in range(12)]
    for one in made:
        for place, cell in one.cells.items():
            assert fields_of(one.text, place.line)[place.field] == cell.printed
    gaps = [
        sum((reading(budget.cells[place].printed) or 0) * weight for place, weight in one.terms)
        for budget in made
        for one in budget.sums
    ]
    assert any(gaps)


def test_some_figures_are_beyond_what_a_float_holds() -> None:
    """Among the made tables are some with amounts that no float can tell apart."""
    values = [reading(cell.printed) for seed in range(30) for cell in made_budget(seed, "function").cells.values()]
    assert max(value for value in values if value is not None) * 100 > 2**53


@pytest.mark.parametrize("shape", SHAPES)
def test_undamaged_tables_are_accepted(shape: str, catalog: Catalog) -> None:
    """Exact or rounded one by one: no table is flagged or repaired, and every figure is read in its column."""
    for seed in range(4):
        assert made_subject(shape, seed, catalog)[1] == []


# --- what may never happen --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("shape", SHAPES)
def test_damage_is_never_repaired_wrongly_nor_missed(shape: str, catalog: Catalog) -> None:
    """No wrong repair, no wrong derivation, no broken sum without a flag, no crash."""
    place = list(SHAPES).index(shape)
    for seed in range(3):
        subject, _ = made_subject(shape, seed, catalog)
        labels = [LABELS[(place * 5 + seed * 13 + offset * 3) % len(LABELS)] for offset in range(13)]
        cases = [found[0] for label in labels if (found := case_of(subject, label, seed)) is not None]
        assert [case for case in cases if case.outcome in NEVER] == []


def test_damaged_examples_are_never_repaired_wrongly_nor_missed(catalog: Catalog) -> None:
    """The same of a real text: tables that foot, damaged one at a time."""
    subject = example_subject("002", EXAMPLES[2].read_text(encoding="utf-8"), catalog)
    assert len(subject.tables) >= 5
    cases = [case_of(subject, kind, 1) for kind in ("letter", "mask_one", "substituted", "row_dropped", "copied")]
    assert [case[0] for case in cases if case is not None and case[0].outcome in NEVER] == []


@pytest.mark.parametrize("shape", CODED)
def test_order_and_scale_change_no_answer(shape: str, catalog: Catalog) -> None:
    """Rows of codes in another order and figures times ten give the same answer."""
    found = [one for seed in range(3) for one in unchanged(made_subject(shape, seed, catalog)[0], seed, catalog)]
    assert found
    assert [one for one in found if not one.is_same] == []


# --- the measure itself -----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def subject(catalog: Catalog) -> Subject:
    return made_subject("basic", 2, catalog)[0]


def test_a_wrong_repair_would_be_seen(subject: Subject, catalog: Catalog) -> None:
    """A cell called repaired with another amount than the true one is counted as what it is."""
    damages = with_damage(subject, "letter", 1) or []
    document = structure(from_text(damages[-1].text), catalog)
    place = damages[0].changes[0].place
    (table,) = document.tables
    rows = tuple(
        row.model_copy(
            update={
                "cells": tuple(
                    cell.model_copy(update={"state": "repaired", "value": Decimal(1), "original": cell.printed})
                    if row.line == place.line and cell.kind == "amount"
                    else cell
                    for cell in row.cells
                )
            }
        )
        for row in table.rows
    )
    wrong = document.model_copy(update={"tables": (table.model_copy(update={"rows": rows}),)})
    assert judged(subject, damages[-1].text, damages, wrong).outcome == "repaired wrongly"


def test_a_miss_would_be_seen(subject: Subject, catalog: Catalog) -> None:
    """A damaged text that is answered like the undamaged one's verdict, accepted, is counted as missed."""
    damages = with_damage(subject, "inserted", 1) or []
    assert broken(subject, damages)
    document = structure(from_text(damages[-1].text), catalog)
    (table,) = document.tables
    accepted = table.verdict.model_copy(update={"outcome": "accepted", "reasons": ()})
    blind = document.model_copy(update={"tables": (table.model_copy(update={"verdict": accepted}),), "findings": ()})
    assert judged(subject, damages[-1].text, damages, document).outcome != "missed"
    assert judged(subject, damages[-1].text, damages, blind).outcome == "missed"


def test_what_cancels_breaks_no_sum() -> None:
    """Two changes that cancel in the only sum break nothing; each alone does."""
    subject = made_subject("one_column", 0, load_catalog())[0]
    filled = {one: [place for place, _ in one.terms[1:] if subject.figures[place]] for one in subject.sums}
    first, second = next(places[:2] for places in filled.values() if len(places) > 1)
    more = Change(first, subject.figures[first], str((reading(subject.figures[first]) or 0) + 10))
    less = Change(second, subject.figures[second], str((reading(subject.figures[second]) or 0) - 10))
    both = [Damage("a", "", (more,)), Damage("b", "", (less,))]
    assert [broken(subject, both[:1]), broken(subject, both[1:]), broken(subject, both)] == [True, True, False]


# --- one figure -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("printed", "amount"),
    [
        ("1,292.44", "1292.44"), ("657. 63", "657.63"), ("１２.５", "12.5"), ("(3.00)", "-3.00"),
        ("−7", "-7"), ("△7", "-7"),
        ("1 292.44", None), ("1,23.4", None), ("1.292.44", None), ("1292,44", None), ("12O", None), ("1□", None),
        ("(3.00", None), ("(-3)", None), ("[illegible]", None), ("", None),
    ],
)  # fmt: skip
def test_only_whole_numerals_are_read(printed: str, amount: str | None) -> None:
    assert reading(printed) == (None if amount is None else Decimal(amount))


@pytest.mark.parametrize(
    ("kind", "figure", "made"),
    [
        ("point_lost", "1292.44", {"129244"}),
        ("point_moved", "1292.44", {"129.244", "12924.4"}),
        ("point_moved", "-0.5", set()),
        ("comma_as_point", "1,292.44", {"1.292.44"}),
        ("comma_as_point", "1292.44", set()),
        ("point_as_comma", "1292.44", {"1292,44"}),
        ("split", "12.4", {"1 2.4", "12 .4", "12. 4"}),
        ("full_width", "-12.5", {"－１２．５"}),
        ("half_bracket", "(12.50)", {"(12.50", "12.50)"}),
        ("half_bracket", "-12.50", set()),
        ("letter", "7.80", {"7.B0", "7.8O", "7.8o", "7.8D"}),
        ("mask_one", "7.8", {"□.8", "?.8", "7.□", "7.?"}),
        ("mask_two", "7.85", {"□.□5", "□.8□", "7.□□", "?.?5", "?.8?", "7.??"}),
        ("illegible", "7.85", {"[illegible]"}),
        ("transposed", "7.75", {"7.57"}),
        ("transposed", "7.77", set()),
        ("dropped", "12.5", {"1.5", "2.5"}),
        ("dropped", "2.5", set()),
        ("minus_lost", "-3.00", {"3.00"}),
        ("minus_lost", "(3.00)", {"3.00"}),
        ("minus_lost", "3.00", set()),
        ("blanked", "3.00", {""}),
    ],
)  # fmt: skip
def test_each_kind_does_what_it_says(kind: str, figure: str, made: set[str]) -> None:
    """A kind makes just these of a figure, or nothing of one that it cannot damage."""
    if made:
        assert all_done(figure, kind) == made
    else:
        assert damaged(figure, kind, [Place(1, 0)], random.Random(0)) is None


def test_clean_damage_reads_as_another_amount_and_most_other_damage_as_none() -> None:
    """Clean kinds leave a well-formed numeral of another amount; a letter or a mask leaves none."""
    for kind in set(CLEAN) - {"blanked", "minus_lost", "copied"}:
        for text in all_done("1292.44", kind):
            assert reading(text) not in {None, Decimal("1292.44")}
    for kind in ("letter", "mask_one", "mask_two", "illegible", "point_as_comma"):
        assert {reading(text) for text in all_done("1292.44", kind)} == {None}


def test_the_same_dice_do_the_same() -> None:
    """Every kind is repeated by its seed, tells the truth of each change, and changes nothing else."""
    for kind in KINDS:
        damage = damaged(TINY, kind, PLACES, random.Random(3))
        assert damage == damaged(TINY, kind, PLACES, random.Random(3))
        for change in damage.changes if damage is not None else ():
            assert fields_of(TINY, change.place.line)[change.place.field :][:1] in ([change.original], [])
        if damage is not None and not damage.dropped and not damage.doubled and kind not in {"tab_lost", "tab_added"}:
            back = [Change(change.place, change.printed, change.original) for change in damage.changes]
            assert with_changes(damage.text, back) == TINY


def test_lookalikes_are_of_digits_only() -> None:
    """Every letter stands for one digit."""
    letters = "".join(LOOKALIKES.values())
    assert len(set(letters)) == len(letters)
    assert not any(letter.isdigit() for letter in letters)
    assert set(GLYPH).isdisjoint(CLEAN)


# --- rows and columns -------------------------------------------------------------------------------------------------


def rows(damage: Damage) -> list[str]:
    return damage.text.split("\n")[1:]


TOTAL, FIRST, SECOND = "合计\t12.50\t-3.00", "甲\t10.00\t", "乙\t2.50\t-3.00"


@pytest.mark.parametrize(
    ("kind", "possible"),
    [
        ("swapped_in_row", [["合计\t-3.00\t12.50", FIRST, SECOND], [TOTAL, FIRST, "乙\t-3.00\t2.50"]]),
        (
            "swapped_in_column",
            [["合计\t10.00\t-3.00", "甲\t12.50\t", SECOND], [TOTAL, "甲\t2.50\t", "乙\t10.00\t-3.00"]],
        ),
        ("tab_added", [[TOTAL, "甲\t\t10.00\t", SECOND]]),
        (
            "rows_exchanged",
            [["合计\t10.00\t", "甲\t12.50\t-3.00", SECOND], [TOTAL, "甲\t2.50\t-3.00", "乙\t10.00\t"]],
        ),
        (
            "row_duplicated",
            [[TOTAL, FIRST, FIRST, SECOND], [TOTAL, TOTAL, FIRST, SECOND], [TOTAL, FIRST, SECOND, SECOND]],
        ),
        ("row_dropped", [[TOTAL, SECOND], [FIRST, SECOND], [TOTAL, FIRST]]),
        ("unit_slip", [["合计\t125000.00\t-30000.00", "甲\t100000.00\t", "乙\t25000.00\t-30000.00"]]),
    ],
)
def test_each_move_does_what_it_says(kind: str, possible: list[list[str]]) -> None:
    """A move of figures makes one of these, and over many dice each of them."""
    made = [rows(done(TINY, kind, PLACES, seed)) for seed in range(60)]
    assert all(one in possible for one in made)
    assert all(one in made for one in possible)


def test_a_lost_tab_moves_what_stands_right_of_it() -> None:
    """A tab is lost only beside a blank."""
    text = "甲\t1.00\t\t3.00"
    damage = done(text, "tab_lost", [Place(1, 1), Place(1, 3), Place(1, 2)])
    assert damage.text == "甲\t1.00\t3.00"
    assert damage.changes == (Change(Place(1, 2), "", "3.00"), Change(Place(1, 3), "3.00", ""))


def test_powers_of_ten_keep_decimals_commas_and_sign() -> None:
    """A scaled figure is printed like the one before."""
    made = {done("1,292.40", "scaled_cell", [Place(1, 0)], seed).text for seed in range(60)}
    assert made == {"129.24", "12,924.00", "129,240.00", "1,292,400.00", "12,924,000.00"}
    assert {done("(2.50)", "scaled_row", [Place(1, 0)], seed).text for seed in range(60)} >= {"(25.00)", "(25000.00)"}


# --- what cannot be told ----------------------------------------------------------------------------------------------


def one_sum(parts: Sequence[str], tolerance: str) -> Subject:
    """Returns a column whose first figure is the sum of the others, without any text."""
    places = [Place(line, 1) for line in range(1, len(parts) + 1)]
    terms = tuple((place, 1 if index else -1) for index, place in enumerate(places))
    figures = dict(zip(places, parts, strict=True))
    total = MadeSum(terms, Decimal(tolerance), Decimal("0.005"), is_of_rows=True)
    return Subject("column", 0, "", figures, (total,), (tuple(places),), {})


@pytest.mark.parametrize(
    ("printed", "why"),
    [
        ("2.5□", "several fills fit"),
        ("2.□0", ""),
        ("□.50", ""),
        ("250", ""),
        ("25.0", ""),
        ("2.S0", ""),
    ],
)
def test_a_mask_within_the_rounding_cannot_be_told(printed: str, why: str) -> None:
    """The last digit is within half a unit of three figures, the one before it is not."""
    column = one_sum(["12.50", "10.00", "2.50"], "0.015")
    assert open_question(column, Change(Place(3, 1), "2.50", printed)) == why


def test_a_moved_point_is_no_trace_among_figures_with_any_decimals() -> None:
    """Where a column prints 12.5 and 10 a point less or elsewhere shows nothing."""
    column = one_sum(["12.5", "10", "2.50"], "0.015")
    assert open_question(column, Change(Place(3, 1), "2.50", "250")) == "decimals differ"


@pytest.mark.parametrize(
    ("kept", "is_broken"),
    [(["12.50", "10.00", "2.50"], True), (["", "10.00", "2.50"], False), (["12.50", "12.50", ""], False)],
)
def test_a_dropped_row_breaks_the_sum_it_was_a_part_of(kept: list[str], is_broken: bool) -> None:
    """A blank total says nothing, and a row without a figure leaves no gap."""
    gone = Damage("row_dropped", "", (Change(Place(3, 1), kept[2], ""),), dropped=3)
    assert broken(one_sum(kept, "0.015"), [gone]) is is_broken


def test_a_doubled_row_counts_twice() -> None:
    """As a part, not as a total."""
    column = one_sum(["12.50", "10.00", "2.50"], "0.015")
    assert broken(column, [Damage("row_duplicated", "", (), doubled=2)])
    assert not broken(column, [Damage("row_duplicated", "", (), doubled=1)])
