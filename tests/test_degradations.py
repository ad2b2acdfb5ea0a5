"""What holds of every degradation, on tables written by hand and on texts made up."""

import re
from collections import Counter
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crossfoot.evaluation.damages import Degraded, left_of, undamaged
from crossfoot.evaluation.degradations import DEGRADATIONS, LEVELS, degrade

TABLE = """部门支出总表

单位：万元

科目编码\t科目名称\t合计\t基本支出\t项目支出
208\t社会保障和就业支出\t134.57\t134.57\t
20805\t行政事业单位离退休\t134.57\t134.57\t
2080505\t机关事业单位基本养老保险缴费支出\t89.71\t89.71\t
2080506\t机关事业单位职业年金缴费支出\t44.86\t44.86\t
210\t卫生健康支出\t1,157.87\t455.29\t702.58
合计\t\t1,292.44\t589.86\t702.58

本部门2021年支出1292.44万元，其中人员经费540.51万元。"""

PANELS = """表4

单位：元\t\t\t

收 入\t\t支 出\t
项 目\t预算数\t项 目\t预算数
1、财政拨款\t1239844.00\t1、一般公共服务支出\t0
(1)一般公共预算拨款\t1239844.00\t2、外交支出\t0
\t\t10、卫生健康支出\t1150441.00
\t\t20、住房保障支出\t89403.00
收入总计\t1239844.00\t支出总计\t1239844.00"""

TEXTS = {
    "a table": TABLE,
    "panels": PANELS,
    "two tables": f"{TABLE}\n\n\n\n{PANELS}",
    "empty": "",
    "one line": "合计1292.44万元",
    "one row": "合计\t1292.44",
    "blanks": "\n\n \n\t\t\n",
    "only tabs": "\t\t\n\t\t\n\t\t\n\t\t",
}
DAMAGING = [
    "ocr_confusions", "masked_digits", "lost_points", "illegible_blocks", "dropped_lines", "duplicated_lines",
    "unit_line_removed",
]  # fmt: skip
MOVING = [
    "tabs_to_spaces", "wrapped_cells", "dropped_tabs", "shuffled_columns", "page_breaks", "fused_rows",
]  # fmt: skip

_CELL = st.one_of(
    st.just(""),
    st.sampled_from(["合计", "机关事业单位基本养老保险缴费支出", "未交土地出让金和已入库贷款合同的利息", "单位：万元"]),
    st.decimals(0, 99999, places=2).map(lambda value: f"{value:,}"),
    st.integers(0, 9999999).map(str),
    st.text(alphabet="0123456789.,千人入己\t 年%", max_size=12),
)
_LINE = st.lists(_CELL, max_size=6).map("\t".join)
_TEXT = st.lists(_LINE, max_size=14).map("\n".join)
_NAME = st.sampled_from(sorted(DEGRADATIONS))
_LEVEL = st.integers(1, LEVELS[-1])
_SEED = st.integers(0, 5)


def _bare(text: str) -> str:
    return re.sub(r"\s", "", text)


def test_every_degradation_is_one_that_damages_or_one_that_moves_or_the_mixture() -> None:
    assert sorted([*DAMAGING, *MOVING, "bad_scan"]) == sorted(DEGRADATIONS)


def test_a_degradation_says_what_it_does_and_how_much_at_each_level() -> None:
    for degradation in DEGRADATIONS.values():
        assert degradation.sentence.endswith(".")
        for rates in degradation.rates.values():
            assert len(rates) == LEVELS[-1]
            assert list(rates) == sorted(set(rates))
            assert rates[0] > 0
            assert rates[-1] <= 1


def test_what_there_is_not_is_refused() -> None:
    with pytest.raises(ValueError, match="no level 5"):
        degrade(TABLE, "masked_digits", 5, 0)
    with pytest.raises(KeyError):
        degrade(TABLE, "coffee", 1, 0)


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
@pytest.mark.parametrize("name", [*DEGRADATIONS, "none"])
def test_level_zero_is_the_text_itself(name: str, text: str) -> None:
    assert degrade(text, name, 0, 1) == undamaged(text)
    assert degrade(text, name, 0, 1).text == text


@given(text=_TEXT, name=_NAME, level=_LEVEL, seed=_SEED)
@settings(max_examples=300, deadline=None)
def test_the_same_is_done_every_time(text: str, name: str, level: int, seed: int) -> None:
    assert degrade(text, name, level, seed) == degrade(text, name, level, seed)


@given(text=_TEXT, name=_NAME, level=_LEVEL, seed=_SEED)
@settings(max_examples=500, deadline=None)
def test_what_was_damaged_stood_there_and_damages_do_not_overlap(text: str, name: str, level: int, seed: int) -> None:
    _is_true_of(text, degrade(text, name, level, seed))


@pytest.mark.parametrize("name", DEGRADATIONS)
@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_what_was_damaged_stood_there_in_written_texts(name: str, text: str) -> None:
    for level in LEVELS[1:]:
        for seed in range(3):
            _is_true_of(text, degrade(text, name, level, seed))


def _is_true_of(text: str, degraded: Degraded) -> None:
    lines = text.split("\n")
    taken: Counter[tuple[int, int]] = Counter()
    for damage in degraded.damages:
        line = lines[damage.line - 1]
        assert line[damage.start : damage.start + len(damage.before)] == damage.before
        taken.update((damage.line, damage.start + place) for place in range(len(damage.before)))
        if damage.trace in {"gone", "again"} or damage.kind == "illegible_blocks":
            assert damage.before == line
            assert (damage.after == line) == (damage.trace == "again") or not line
        else:
            assert damage.before != damage.after
    assert all(count == 1 for count in taken.values())
    assert list(degraded.damages) == sorted(degraded.damages, key=lambda damage: (damage.line, damage.start))


@given(text=_TEXT, name=_NAME, level=_LEVEL, seed=_SEED)
@settings(max_examples=500, deadline=None)
def test_replayed_damages_give_what_stands_there(text: str, name: str, level: int, seed: int) -> None:
    _replays(text, name, degrade(text, name, level, seed))


@pytest.mark.parametrize("name", DEGRADATIONS)
@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_replayed_damages_give_what_stands_there_in_written_texts(name: str, text: str) -> None:
    for level in LEVELS[1:]:
        for seed in range(3):
            _replays(text, name, degrade(text, name, level, seed))


def _replays(text: str, name: str, degraded: Degraded) -> None:
    """Every line that is not gone is there, with what the damages leave of it; the moving kinds leave all of it."""
    lines = text.split("\n")
    gone = {damage.line for damage in degraded.damages if damage.trace == "gone"}
    again = {damage.line for damage in degraded.damages if damage.trace == "again"}
    found: dict[tuple[int, ...], str] = {}
    for line in degraded.lines:
        if line.numbers:
            found[line.numbers] = found.get(line.numbers, "") + line.text
    present = Counter(number for numbers in found for number in numbers)
    assert present == Counter(set(range(1, len(lines) + 1)) - gone)
    for numbers, now in found.items():
        left = [left_of(degraded.damages, number, 0, lines[number - 1])[0] for number in numbers]
        expected = _bare(
            "".join(part * (2 if number in again else 1) for number, part in zip(numbers, left, strict=True))
        )
        if now == "[illegible]":
            assert not expected
        elif name in {"wrapped_cells", "shuffled_columns", "bad_scan"}:
            assert sorted(expected) == sorted(_bare(now))
        else:
            assert expected == _bare(now)


@pytest.mark.parametrize("name", DAMAGING)
def test_a_higher_level_damages_what_a_lower_one_does_and_more(name: str) -> None:
    text = "\n\n\n".join([TABLE, PANELS] * 4)
    counts = [0] * len(LEVELS)
    for seed in range(20):
        before: set[object] = set()
        for level in LEVELS:
            now = set(degrade(text, name, level, seed).damages)
            assert before <= now
            counts[level] += len(now)
            before = now
    assert counts == sorted(counts)
    assert len(set(counts[1:])) == len(counts[1:])  # the first level may do nothing to so short a text


@pytest.mark.parametrize("name", [*MOVING, "bad_scan"])
def test_a_higher_level_moves_more(name: str) -> None:
    text = "\n\n\n".join([TABLE, PANELS] * 4)
    counts = [0] * len(LEVELS)
    for seed in range(20):
        for level in LEVELS:
            counts[level] += len(set(degrade(text, name, level, seed).lines) - set(undamaged(text).lines))
    assert counts == sorted(counts)
    assert len(set(counts[1:])) == len(counts[1:])


@pytest.mark.parametrize("name", DEGRADATIONS)
def test_line_ends_of_two_characters_stay(name: str) -> None:
    text = TABLE.replace("\n", "\r\n")
    assert degrade(text, name, 0, 0).text == text
    for level in LEVELS[1:]:
        degraded = degrade(text, name, level, 3)
        assert degraded.text.count("\r\n") == degraded.text.count("\n") == degraded.text.count("\r")
        for damage in degraded.damages:
            assert text.split("\r\n")[damage.line - 1][damage.start :].startswith(damage.before)


def test_no_two_texts_are_rolled_alike() -> None:
    places = {
        tuple((damage.line, damage.start) for damage in degrade(f"{TABLE}{end}", "masked_digits", 4, 0).damages)
        for end in ("。", "！", "？", "；")
    }
    assert len(places) > 1


def test_no_degradation_knows_how_texts_are_read() -> None:
    package = Path(degrade.__code__.co_filename).parent
    for name in ("chance", "columns", "damages", "degradations", "glyphs", "layout", "losses", "mixture", "places"):
        imported = re.findall(r"^\s*(?:from|import) (crossfoot\S*)", (package / f"{name}.py").read_text(), re.MULTILINE)
        assert all(module.startswith("crossfoot.evaluation.") for module in imported)


def test_the_levels_are_the_ones_that_are_explained() -> None:
    text = (Path(__file__).parents[1] / "eval/cases/degradations.md").read_text("utf-8")
    told = {
        (name, of): [Decimal(rate) for rate in re.findall(r"[\d.]+(?= %)", rates)]
        for name, of, rates in re.findall(r"^\| (\w+) \| ([a-z_ ]+) \|((?: [\d.]+ % \|){4})$", text, re.MULTILINE)
    }
    assert told == {
        (name, of): [Decimal(str(rate)) * 100 for rate in rates]
        for name, degradation in DEGRADATIONS.items()
        for of, rates in degradation.rates.items()
    }
