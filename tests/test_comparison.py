"""Two runs side by side, on measurements that a person could have written down."""

import io
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

import pytest
from rich.cells import cell_len
from rich.console import Console

from crossfoot.errors import CrossfootError
from crossfoot.evaluation.comparing_text import print_comparison
from crossfoot.evaluation.comparison import Comparison, Row, compare, remarks_on
from crossfoot.evaluation.nouns import Condition, Measurement, Miss, Setting, Spent, Stamp, TableScore
from crossfoot.evaluation.totals import Group, efforts, tallies
from crossfoot.evaluation.wording import percent
from crossfoot.output.terminal import console_for

STAMP = Stamp(
    commit="abc1234", code="0123456789ab", cases_sha256="ca5e", schema_sha256="5c", machine="2 cores",
    measured_at="2026-11-23T10:00:00+00:00",
)  # fmt: skip
OCR = Condition(degradation="ocr", level=2, seed=1)
PLAIN = Condition()


def miss(line: int = 12, **said: Any) -> Miss:
    told = {"kind": "wrong", "now": line, "row": "210 卫生健康支出", "panel": "", "column": "total", "is_amount": True,
            "expected": "657.63", "found": "657.68", "reason": "digits differ"}  # fmt: skip
    return Miss(**(told | {"line": line} | said))


def table(case: str, right: int = 10, of: int = 10, misses: Sequence[Miss] = (), **said: Any) -> TableScore:
    told = {"held_out": False, "first_line": 10, "found": True, "typed": True, "verdict": "accepted", "amounts": of,
            "amounts_right": right, "amounts_read": of, "texts": 4, "texts_right": 4, "texts_read": 4}  # fmt: skip
    return TableScore(case=case, misses=tuple(misses), **(told | said))


def measured(*tables: TableScore, subject: str = "", condition: Condition = PLAIN, **said: Any) -> Measurement:
    setting = said.pop("setting", Setting())
    subject = subject or tables[0].case
    return Measurement(subject=subject, condition=condition, setting=setting, stamp=STAMP, tables=tables, **said)


def row_of(comparison: Comparison, name: str) -> Row:
    return next(row for row in comparison.rows if row.score.name == name)


def text_of(comparison: Comparison, width: int | None = None) -> str:
    stream = io.StringIO()
    console = Console(file=stream, width=width, force_terminal=True) if width else console_for(stream)
    print_comparison(console, comparison, "a.jsonl", "b.jsonl")
    return stream.getvalue()


def test_other_labels_and_code_that_changed_on_the_way_are_said() -> None:
    run = [measured(table(name)) for name in ("one", "two")]
    assert remarks_on(run, run) == []
    relabelled = [one.model_copy(update={"stamp": STAMP.model_copy(update={"cases_sha256": "other"})}) for one in run]
    assert remarks_on(run, relabelled) == ["A and B have other labels or texts: what flipped may be a label"]
    recoded = [run[0].model_copy(update={"stamp": STAMP.model_copy(update={"code": "other"})}), run[1]]
    (said,) = remarks_on(run, recoded)
    assert said.startswith("B was measured by several versions of code or labels")


def test_a_run_beside_itself_is_no_regression() -> None:
    run = [measured(table(f"case{n}", right=9, misses=[miss(is_silent=n == 1)])) for n in range(8)]
    found = compare(run, run)
    assert not found.is_regression
    assert (found.lost.cells, found.won.cells, found.new_silent, found.pairs) == (0, 0, 0, 8)
    assert {row.judged for row in found.rows} == {"no difference shown"}
    assert "no regression" in text_of(found)


def test_significantly_worse_is_a_regression() -> None:
    """Twelve flagged tables, each with three more cells missing: no silent error, and yet a regression."""
    before = [measured(table(f"case{n}", verdict="flagged")) for n in range(12)]
    after = [
        measured(table(f"case{n}", right=7, misses=[miss(line) for line in (11, 12, 13)], verdict="flagged"))
        for n in range(12)
    ]
    found = compare(before, after)
    recall = row_of(found, "amount_recall")
    assert (recall.a, recall.b, recall.judged) == ((120, 120), (84, 120), "worse")
    assert found.is_regression
    assert "amount recall: significantly worse" in found.reasons
    assert found.new_silent == 0
    assert found.lost.cells == 36
    back = compare(after, before)
    assert row_of(back, "amount_recall").judged == "better"
    assert not back.is_regression
    assert back.won.cells == 36


def test_two_worse_tables_of_twelve_are_no_proof() -> None:
    before = [measured(table(f"case{n}", verdict="flagged")) for n in range(12)]
    after = [measured(table(f"case{n}", right=5 if n < 2 else 10, verdict="flagged")) for n in range(12)]
    found = compare(before, after)
    assert row_of(found, "amount_recall").difference.difference == pytest.approx(-10 / 120)
    assert not found.is_regression


def test_many_conditions_of_two_tables_are_two_cases() -> None:
    """Forty worse conditions of the same two tables are no forty witnesses."""
    conditions = [Condition(degradation="ocr", level=1, seed=seed) for seed in range(20)]
    before = [measured(table(c, verdict="flagged"), condition=at) for c in ("one", "two") for at in conditions]
    after = [measured(table(c, right=5, verdict="flagged"), condition=at) for c in ("one", "two") for at in conditions]
    found = compare(before, after)
    assert found.pairs == 40
    assert row_of(found, "amount_recall").difference.cases == 2
    assert not found.is_regression


def test_one_new_silent_amount_is_a_regression_by_itself() -> None:
    before = [measured(table(f"case{n}")) for n in range(10)]
    after = [
        measured(
            table("case0", right=9, misses=[miss(is_silent=True)], silent_amounts=1) if n == 0 else table(f"case{n}")
        )
        for n in range(10)
    ]
    found = compare(before, after)
    assert {row.judged for row in found.rows} == {"no difference shown"}
    assert found.reasons == ("1 new silent amount",)
    assert not compare(after, before).is_regression


def test_silent_elsewhere_is_new() -> None:
    """As many silent amounts as before, but another one: it was not there before."""
    before = measured(table("one", right=9, misses=[miss(12, is_silent=True)], silent_amounts=1))
    after = measured(table("one", right=9, misses=[miss(13, is_silent=True)], silent_amounts=1))
    assert compare([before], [after]).new_silent == 1


def test_silent_that_is_only_counted_is_new_too() -> None:
    before, after = measured(table("one")), measured(table("one", right=9, silent_amounts=2))
    assert compare([before], [after]).new_silent == 2


def test_a_table_given_out_that_was_flagged_makes_its_errors_silent() -> None:
    """The cell was wrong before as well: nothing flips, and the error is now silent."""
    before = measured(table("one", right=9, misses=[miss()], verdict="flagged"))
    after = measured(table("one", right=9, misses=[miss(is_silent=True)], silent_amounts=1))
    found = compare([before], [after])
    assert (found.lost.cells, found.new_silent) == (0, 1)
    assert found.silent.shown[0].found_a == found.silent.shown[0].found_b == "657.68"
    assert ("flagged", "accepted") in dict(found.moved)


def test_a_crash_more_is_a_regression() -> None:
    crashed = table("one", right=0, found=False, typed=False, verdict="crashed", amounts_read=0, texts_right=0,
                    texts_read=0)  # fmt: skip
    before = [measured(table("one"), subject="003"), measured(table("two"), subject="004")]
    for tables in ([crashed], []):
        after = [measured(*tables, subject="003", error="ValueError: no"), before[1]]
        found = compare(before, after)
        assert found.new_crashes == 1
        assert "1 more crash" in found.reasons
        assert not compare(after, before).is_regression
    named = compare(before, [measured(crashed, subject="003", error="ValueError: no"), before[1]])
    assert row_of(named, "amount_recall").b == (10, 20)
    assert ("accepted", "crashed") in dict(named.moved)


def test_what_stands_on_one_side_only_is_listed() -> None:
    before = [measured(table("one")), measured(table("two")), measured(table("one"), condition=OCR)]
    after = [measured(table("one")), measured(table("three"))]
    found = compare(before, after)
    assert [(at.case, at.condition.degradation) for at in found.only_a] == [("one", "ocr"), ("two", "none")]
    assert [at.case for at in found.only_b] == ["three"]
    text = text_of(found)
    assert "2 in A only, not compared:\n  one · ocr 2 seed 1\n  two · as it is\n" in text


def test_nothing_in_both_is_refused() -> None:
    with pytest.raises(CrossfootError, match="nothing to compare"):
        compare([measured(table("one"))], [measured(table("two"))])


def test_the_same_twice_is_refused() -> None:
    one = measured(table("one"))
    with pytest.raises(CrossfootError, match=r"B measured one \(none 0, seed 0\) more than once"):
        compare([one], [one, one])


def test_settings_are_paired_where_a_side_has_several() -> None:
    llm = Setting(reader="llm", prompt="rows-1", model="small")
    both = [measured(table("one")), measured(table("one", right=5), setting=llm)]
    found = compare(both, both)
    assert found.pairs == 2
    assert not found.is_regression
    # one setting a side: it is what is compared, not what pairs are made by
    assert compare(both[:1], both[1:]).pairs == 1


def test_flips_name_the_cell_and_its_line() -> None:
    lines = ["", "科目\t合计", "210\t卫生健康支出\t657.63"]
    asked: list[tuple[str, Condition]] = []

    def source_lines(case: str, condition: Condition) -> list[str]:
        asked.append((case, condition))
        return lines

    before = measured(table("one", right=9, misses=[miss(7, now=2, expected="1", found="")]), condition=OCR)
    after = measured(table("one", right=8, misses=[miss(8, now=3), miss(9, now=99, column="fiscal")]), condition=OCR)
    found = compare([before], [after], source_lines)
    lost, unlined = found.lost.shown
    assert (lost.line, lost.text, lost.expected, lost.found_a, lost.found_b) == (
        8,
        lines[2],
        "657.63",
        "657.63",
        "657.68",
    )
    assert unlined.text == ""
    (won,) = found.won.shown
    assert (won.text, won.expected, won.found_a, won.found_b) == (lines[1], "1", "", "1")
    assert asked == [("one", OCR)]
    assert "digits differ  210⇥卫生健康支出⇥657.63" in text_of(found)


def test_reading_what_is_left_is_no_miss() -> None:
    """A clean wrong digit in the text was read as it stands by A; B dropped the cell: B lost it."""
    unseen = miss(kind="unseen", found="657.83")
    dropped = miss(kind="missing", found="")
    found = compare([measured(table("one", misses=[unseen]))], [measured(table("one", misses=[dropped]))])
    assert [flip.found_a for flip in found.lost.shown] == ["657.83"]
    assert found.won.cells == 0


def test_held_out_cells_are_counted_and_never_shown() -> None:
    secret = miss(expected="4711.00", found="4712.00", row="秘", is_silent=True)
    before = [measured(table("one")), measured(table("kept", held_out=True))]
    after = [before[0], measured(table("kept", right=9, misses=[secret], silent_amounts=1, held_out=True))]

    def source_lines(case: str, condition: Condition) -> list[str]:  # noqa: ARG001
        raise AssertionError(case)

    for first, second in ((before, after), (after, before)):
        found = compare(first, second, source_lines)
        assert found.lost.held_out + found.won.held_out == 1
        assert found.held_out_cases == 1
        for text in (text_of(found), repr(found)):
            assert "4711" not in text
            assert "4712" not in text
            assert "秘" not in text
    assert compare(before, after, source_lines).new_silent == 1
    assert "Silent in B and not in A: 1 (1 of held-out cases, not shown)" in text_of(compare(before, after))


def test_tokens_and_cost_beside() -> None:
    def run(tokens: int, cost: str | None) -> list[Measurement]:
        spent = (Spent(cause="reading", calls=1, tokens_in=tokens, tokens_out=7),)
        return [measured(table("one"), spent=spent, cost=cost)]

    found = compare(run(1_000, "0.10"), run(1_500, "0.15"))
    assert found.extra_cost == Decimal("0.05")
    assert found.effort_b.tokens_in - found.effort_a.tokens_in == 500
    assert "+0.05" in text_of(found)
    assert compare(run(1_000, None), run(1, "0.15")).extra_cost is None
    # without a model nothing is spent and nothing costs
    assert compare([measured(table("one"))], run(1, "0.15")).extra_cost == Decimal("0.15")


def test_effort_is_of_what_both_read() -> None:
    before = [measured(table("one"), seconds=1), measured(table("two"), seconds=50)]
    after = [measured(table("one"), seconds=2)]
    assert (compare(before, after).effort_a.seconds, compare(before, after).effort_b.seconds) == (1, 2)


def test_chinese_is_aligned_and_pipes_are_plain() -> None:
    before = measured(table("one"))
    after = measured(table("one", right=8, misses=[miss(8), miss(9, row="a")], verdict="flagged"))
    text = text_of(compare([before], [after]))
    assert "\x1b" not in text
    lines = [line for line in text.split("\n") if line.startswith(" one ")]
    ends = {cell_len(line[: line.index("657.63")]) for line in lines}
    assert len(lines) == 2
    assert len(ends) == 1
    narrow = text_of(compare([before], [after]), width=100)
    assert "\x1b[" in narrow


def test_a_cell_cannot_speak_to_the_terminal() -> None:
    after = measured(table("one", right=9, misses=[miss(found="\x1b[2J[red]x", row="a\nb\tc")], verdict="flagged"))
    text = text_of(compare([measured(table("one"))], [after]))
    assert "\x1b" not in text
    assert "�[2J[red]x" in text
    assert "a␤b⇥c" in text


@pytest.mark.parametrize(
    ("share", "text"),
    [(0.0, "0 %"), (1.0, "100.0 %"), (0.9999, "99.9 %"), (0.00001, "0.01 %"), (0.0052, "0.52 %"), (0.941, "94.1 %")],
)
def test_percent_never_claims_all_or_nothing(share: float, text: str) -> None:
    assert percent(share) == text


def totals_of(run: Iterable[Measurement]) -> Any:
    return tallies(run, together=True)


def test_totals_by_hand() -> None:
    """Two tables given out, one of them with a silent amount; one flagged; one crash, whose cells are missing."""
    silent = table("one", right=9, misses=[miss(is_silent=True)], silent_amounts=1, proved=5, checks_declared=4,
                   checks_executed=3)  # fmt: skip
    flagged = table("three", right=2, verdict="flagged", amounts_read=4, unseen=1, texts_right=1)
    crashed = table("four", right=0, found=False, typed=False, verdict="crashed", amounts_read=0, texts_right=0,
                    texts_read=0)  # fmt: skip
    kept = table("five", right=10, held_out=True)
    run = [
        measured(silent, table("two", verdict="repaired"), kept, subject="003"),
        measured(flagged, subject="004"),
        measured(crashed, subject="005", error="KeyError: 'x'"),
    ]
    found = totals_of(run)
    opened, held = found[Group(Setting()), False], found[Group(Setting()), True]
    assert (opened.tables, opened.found, opened.wholly_right, held.tables) == (4, 3, 1, 1)
    assert (opened.amounts, opened.amounts_right, opened.amounts_read) == (40, 21, 24)
    assert (opened.given, opened.given_amounts, opened.silent_amounts, opened.silent_tables) == (2, 20, 1, 1)
    assert opened.unseen == 1
    assert opened.verdicts == {"accepted": 1, "repaired": 1, "flagged": 1, "crashed": 1}
    assert opened.silent_bound == pytest.approx(0.2161, abs=1e-4)  # tables of Clopper and Pearson: 1 of 20, one-sided
    assert opened.silent_tables_bound == pytest.approx(0.95**0.5)  # both of two fail with p²; 1 − p² = 0.05
    assert held.silent_bound == pytest.approx(1 - 0.05**0.1)
    (effort,) = efforts(run).values()
    assert (effort.subjects, effort.crashes, effort.cost) == (3, 1, None)


def test_missing_without_a_word_is_given_out() -> None:
    """No table was made where one is, and the document is not flagged: its amounts are missing in silence."""
    missing = table("one", right=0, found=False, typed=False, verdict="not_found", amounts_read=0, silent_amounts=10,
                    misses=[miss(line, kind="missing", found="", is_silent=True) for line in range(10)])  # fmt: skip
    tally = totals_of([measured(missing)])[Group(Setting()), False]
    assert (tally.given, tally.given_amounts, tally.silent_amounts) == (1, 10, 10)
    assert tally.silent_bound == 1


def test_totals_keep_conditions_and_levels_apart() -> None:
    run = [measured(table("one", right=10 - level), condition=Condition(degradation="ocr", level=level))
           for level in (1, 2)]  # fmt: skip
    run.append(measured(table("one"), condition=Condition(degradation="ocr", level=2, seed=9)))
    found = tallies(run)
    assert [(group.level, tally.amounts_right, tally.amounts) for (group, _), tally in found.items()] == [
        (1, 9, 10),
        (2, 18, 20),
    ]


def test_a_case_in_two_conditions_is_one_case() -> None:
    wrong = table("one", right=9, misses=[miss(is_silent=True)], silent_amounts=1)
    run = [
        measured(wrong),
        measured(wrong, condition=OCR),
        measured(table("two")),
        measured(table("two"), condition=OCR),
    ]
    tally = totals_of(run)[Group(Setting()), False]
    assert (tally.silent_tables, tally.given) == (2, 4)
    assert (tally.silent_cases, tally.given_cases) == (1, 2)


def test_tokens_by_cause() -> None:
    reading = Spent(cause="reading", calls=1, tokens_in=100, tokens_out=10)
    again = Spent(cause="again", calls=2, tokens_in=5, tokens_out=1)
    run = [measured(table("one"), spent=(reading, again), cost="0.1"), measured(table("two"), spent=(reading,))]
    (effort,) = efforts(run).values()
    assert [(spent.cause, spent.calls, spent.tokens_in) for spent in effort.spent] == [
        ("again", 2, 5),
        ("reading", 2, 200),
    ]
    assert (effort.cost, effort.unpriced) == (Decimal("0.1"), 1)
