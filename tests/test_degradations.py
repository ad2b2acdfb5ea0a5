"""Degradations: what they do to hand-written tables, and what holds of every one of them."""

import re
from collections import Counter
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crossfoot.evaluation.chance import dice_for
from crossfoot.evaluation.columns import shuffled_columns, wrapped_cells
from crossfoot.evaluation.damages import Degraded, Line, damaged, left_of, undamaged
from crossfoot.evaluation.degradations import DEGRADATIONS, LEVELS, degrade
from crossfoot.evaluation.glyphs import lost_points, masked_digits, ocr_confusions
from crossfoot.evaluation.layout import dropped_tabs, fused_rows, page_breaks, tabs_to_spaces
from crossfoot.evaluation.losses import dropped_lines, duplicated_lines, illegible_blocks, unit_line_removed

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
ROWS = range(6, 12)

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
GLYPHS = {"ocr_confusions", "masked_digits", "lost_points"}

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


def _rows(lines: Sequence[Line]) -> list[str]:
    return [line.text for line in lines if set(line.numbers) & set(ROWS)]


def test_without_tabs_blank_cells_leave_no_trace() -> None:
    done = tabs_to_spaces(undamaged(TABLE), 1.0, dice_for("a"))
    assert "\t" not in done.text
    assert _rows(done.lines)[-1].split() == ["合计", "1,292.44", "589.86", "702.58"]
    assert _rows(done.lines)[0].split() == ["208", "社会保障和就业支出", "134.57", "134.57"]
    assert "   " not in done.text


def test_long_names_go_on_on_the_following_lines_in_one_of_three_ways() -> None:
    ways: set[str] = set()
    for seed in range(20):
        own = [line.text for line in wrapped_cells(undamaged(TABLE), 1.0, dice_for(seed)).lines if line.numbers == (8,)]
        assert len(own) > 1
        if own[0].endswith("\t89.71\t89.71\t"):
            ways.add("in its column" if all(part.startswith("\t") for part in own[1:]) else "at the start")
            assert own[0].split("\t")[1] + "".join(own[1:]).replace("\t", "") == "机关事业单位基本养老保险缴费支出"
        else:
            ways.add("within")
            assert "".join(own) == TABLE.split("\n")[7]
    assert ways == {"in its column", "at the start", "within"}


def test_no_numeral_is_wrapped() -> None:
    text = "项目\t金额\n本年度预算安排1234567.89万元的支出\t1\n合计\t2"
    for seed in range(10):
        assert "1234567.89" in wrapped_cells(undamaged(text), 1.0, dice_for(seed)).text


def test_a_dropped_tab_is_a_blank() -> None:
    done = dropped_tabs(undamaged(TABLE), 1.0, dice_for("a"))
    assert _rows(done.lines)[-1] == "合计  1,292.44 589.86 702.58"
    assert _rows(done.lines)[0] == "208 社会保障和就业支出 134.57 134.57\t"
    some = dropped_tabs(undamaged(TABLE), 0.3, dice_for("a"))
    assert 0 < some.text.count("\t") < TABLE.count("\t")
    assert some.text.replace("\t", " ") == TABLE.replace("\t", " ")


def test_a_letter_in_a_numeral_shows_and_another_digit_or_character_does_not() -> None:
    line = "0123456789\t未交土地出让金已入库"
    damages = ocr_confusions([line], 1.0, dice_for("a"))
    assert [damage.start for damage in damages] == [*range(10), 11, 13, 18, 19]
    for damage in damages:
        assert damage.trace == ("marked" if damage.after in set("OoDlI|ZASbGBgq") else "clean")
    assert {damage.trace for damage in damages[:10]} == {"marked", "clean"}
    assert {damage.before: damage.after for damage in damages[10:] if damage.before in "未入"} == {
        "未": "末",
        "入": "人",
    }
    assert not [damage for damage in ocr_confusions(["未交土地出让金2"], 1.0, dice_for("a")) if damage.start < 7]


def test_a_masked_digit_shows() -> None:
    text = damaged(TABLE, masked_digits(TABLE.split("\n"), 1.0, dice_for("a")))
    assert not re.search(r"\d", text.text)
    assert re.fullmatch(
        r"本部门[□?*]{4}年支出[□?*]{4}\.[□?*]{2}万元，其中人员经费[□?*]{3}\.[□?*]{2}万元。", text.lines[-1].text
    )
    assert {damage.trace for damage in text.damages} == {"marked"}


@pytest.mark.parametrize(
    ("numeral", "after", "trace"),
    [
        ("657.63", "65763", "clean"),
        ("657.63", "657,63", "marked"),
        ("657.63", "657 63", "marked"),
        ("657.63", "657. 63", "marked"),
        ("1,239,844.00", "1,239,84400", "marked"),
        ("123.984", "123,984", "clean"),
        ("1239.844", "1239,844", "marked"),
        ("1,239.844", "1,239,844", "clean"),
    ],
)
def test_a_lost_point_shows_unless_the_numeral_looks_like_print(numeral: str, after: str, trace: str) -> None:
    found = {}
    for seed in range(40):
        damages = lost_points([numeral], 1.0, dice_for(seed))
        found[damaged(numeral, damages).text] = damages[0].trace
    assert len(found) == 4
    assert found[after] == trace


def test_a_date_has_no_decimal_point_to_lose() -> None:
    assert lost_points(["2021.12.31"], 1.0, dice_for("a")) == []


def test_an_illegible_block_is_one_line_for_all_of_its_lines() -> None:
    seen: set[int] = set()
    for seed in range(40):
        done = damaged(TABLE, illegible_blocks(TABLE.split("\n"), 1.0, dice_for(seed)))
        (block,) = [line for line in done.lines if line.text == "[illegible]"]
        assert [damage.line for damage in done.damages] == list(block.numbers)
        assert all(damage.after == "" and damage.trace == "marked" for damage in done.damages)
        assert set(block.numbers) <= {5, *ROWS}
        seen.add(len(block.numbers))
    assert min(seen) == 2
    assert max(seen) == 7


def test_dropped_lines_are_gone_and_others_stay() -> None:
    done = damaged(TABLE, dropped_lines(TABLE.split("\n"), 1.0, dice_for("a")))
    assert [line.text for line in done.lines if line.text] == ["部门支出总表", "单位：万元"]
    assert {damage.trace for damage in done.damages} == {"gone"}
    assert left_of(done.damages, 11, 0, "合计") == ("", frozenset({"gone"}))


def test_duplicated_lines_stand_there_twice() -> None:
    done = damaged(TABLE, duplicated_lines(TABLE.split("\n"), 1.0, dice_for("a")))
    assert done.now()[11] == (17, 18)
    assert done.lines[16] == done.lines[17] == Line((11,), "合计\t\t1,292.44\t589.86\t702.58")
    assert done.now()[1] == (1,)
    assert left_of(done.damages, 11, 0, "合计") == ("合计", frozenset({"again"}))


def test_two_columns_are_exchanged_with_their_names() -> None:
    done = shuffled_columns(undamaged(TABLE), 1.0, dice_for("a"))
    before = [line.split("\t") for line in TABLE.split("\n")[4:11]]
    after = [line.text.split("\t") for line in done.lines[4:11]]
    columns = list(zip(*before, strict=True))
    moved = list(zip(*after, strict=True))
    assert sorted(moved) == sorted(columns)
    assert sum(one != other for one, other in zip(columns, moved, strict=True)) == 2


@pytest.mark.parametrize(
    "text",
    [
        PANELS,
        TABLE.replace("合计\t基本", "\t基本"),
        TABLE.replace("科目名称", "科目编码"),
        TABLE.replace("44.86\t\n", "44.86\n"),
        TABLE.replace("\n科目编码", "\n项目\t\t本年支出\t\t\n科目编码"),
    ],
    ids=["merged header", "blank name", "a name twice", "a short row", "two header lines"],
)
def test_no_columns_are_exchanged_where_that_is_not_well_defined(text: str) -> None:
    assert shuffled_columns(undamaged(text), 1.0, dice_for("a")).text == text


def test_a_page_ends_inside_a_table_and_its_header_comes_again() -> None:
    done = page_breaks(undamaged(TABLE), 1.0, dice_for("a"))
    (first, second, *_) = [at for at, line in enumerate(done.lines) if line.text.startswith("- ")]
    head = TABLE.split("\n")[4]
    assert [line.text for line in done.lines[first - 1 : first + 3]] == ["", "- 5 -", "", head]
    assert done.lines[second].text == "- 6 -"
    assert [line for line in done.lines if line.numbers] == list(undamaged(TABLE).lines)


def test_the_first_lines_of_a_form_are_no_header_that_comes_again() -> None:
    form = "项目名称\t医保档案管理\n主管部门\t医疗保障局\n资金总额\t20.00\n目标\t存放安全\n产出\t2023年\n总分\t96"
    done = page_breaks(undamaged(form), 1.0, dice_for("a"))
    assert "- 5 -" in done.text
    assert done.text.count("医疗保障局") == 1


def test_fused_rows_hold_the_numbers_of_both() -> None:
    done = fused_rows(undamaged(TABLE), 1.0, dice_for("a"))
    assert [line.numbers for line in done.lines[5:8]] == [(6, 7), (8, 9), (10, 11)]
    first, second = TABLE.split("\n")[5:7]
    assert done.lines[5].text in {f"{first}\t{second}", f"{first.rstrip()} {second}"}


@pytest.mark.parametrize("unit", ["单位：万元", "单位:元", "（单位：万元）", "单位：元\t\t\t", "  金额单位：千元"])
def test_lines_that_say_the_unit_are_gone(unit: str) -> None:
    done = damaged(f"表1\n{unit}\n合计", unit_line_removed(["表1", unit, "合计"], 1.0, dice_for("a")))
    assert [line.numbers for line in done.lines] == [(1,), (3,)]


def test_a_line_that_says_more_than_the_unit_stays() -> None:
    assert unit_line_removed(["财政拨款收入、支出总计对比图（单位：万元）"], 1.0, dice_for("a")) == []


def test_a_blank_for_a_point_shows_only_where_tabs_are_left() -> None:
    text = "\n".join(["项目\t金额", *(f"办公费\t{amount}.63" for amount in range(100, 200)), "合计12.63万元。"])
    traces: set[tuple[bool, bool, str]] = set()
    for seed in range(30):
        done = degrade(text, "bad_scan", 4, seed)
        for damage in done.damages:
            if damage.after == " ":
                here = [line.text for line in done.lines if damage.line in line.numbers]
                traces.add((damage.line == 102, any("\t" in line for line in here), damage.trace))
    assert traces == {(False, False, "clean"), (False, True, "marked"), (True, False, "marked")}


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
