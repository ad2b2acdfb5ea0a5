"""Degradations: what they do to hand-written tables, and what holds of every one of them."""

import pytest

from crossfoot.evaluation.damages import undamaged
from crossfoot.evaluation.degradations import DEGRADATIONS, degrade

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


@pytest.mark.parametrize("name", DEGRADATIONS)
def test_a_degradation_does_the_same_every_time(name: str) -> None:
    for level in range(1, 5):
        assert degrade(TABLE, name, level, 7) == degrade(TABLE, name, level, 7)


@pytest.mark.parametrize("name", [*DEGRADATIONS, "none"])
def test_level_zero_is_the_text_itself(name: str) -> None:
    assert degrade(TABLE, name, 0, 1) == undamaged(TABLE)
    assert degrade(TABLE, name, 0, 1).text == TABLE
