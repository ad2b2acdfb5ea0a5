"""What each degradation does to a table written by hand."""

import re
from collections.abc import Sequence

import pytest

from crossfoot.evaluation.chance import dice_for
from crossfoot.evaluation.columns import shuffled_columns, wrapped_cells
from crossfoot.evaluation.damages import Line, damaged, left_of, undamaged
from crossfoot.evaluation.degradations import degrade
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
        TABLE.replace("\n科目编码\t科目名称", "\n项目\t"),
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
