"""Sentences of any department's narrative: what they state, what they leave open, and what is no budget at all."""

import time
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crossfoot.figures import Section
from crossfoot.reading.metadata import Metadata
from crossfoot.reading.prose import fact_from_answer, read_narrative, unread_numerals
from crossfoot.reading.source import from_text
from crossfoot.statements import Fact

BUDGET = Metadata("某市水利局", "某市", 2023, "budget")
ACCOUNTS = Metadata("某市水利局", "某市", 2022, "final_accounts")


def facts_in(text: str, about: Metadata = BUDGET) -> Sequence[Fact]:
    source = from_text(text)
    section = Section(id="s1", kind="narrative", first=1, last=len(source.lines))
    return read_narrative(source, [section], about)[0]


def said(text: str, about: Metadata = BUDGET) -> list[str]:
    """The facts of a text as `measure role item printed unit`, with a sign for the direction of a change."""
    signs = {"increase": "+", "decrease": "-", "unchanged": "=", "": ""}
    return [
        " ".join(part for part in (f.measure, f.role, f.item, signs[f.direction] + f.printed + f.unit) if part)
        for f in facts_in(text, about)
    ]


SENTENCES = [
    ("2023年部门预算收入总额为1,000万元，比2022年预算增加50万元，增长5.26%。",
     ["revenue_total amount 1,000万元", "revenue_total change +50万元", "revenue_total rate +5.26%"]),
    ("本单位当年收入合计1239844.00元，其中：财政拨款收入1239844.00元；事业收入0元。",
     ["revenue_current_year amount 1239844.00元", "fiscal_revenue amount 1239844.00元",
      "revenue_item amount 事业收入 0元"]),
    ("2023年支出预算总额1.2亿元，其中：基本支出0.8亿元，占66.67%；项目支出0.4亿元，占33.33%。",
     ["expenditure_total amount 1.2亿元", "basic_expenditure amount 0.8亿元", "basic_expenditure share 66.67%",
      "project_expenditure amount 0.4亿元", "project_expenditure share 33.33%"]),
    ("1.交通运输支出（类）公路水路运输（款）行政运行（项）2023年预算数为450万元，比2022年执行数增加20万元，增长4.65%。",
     ["function_item amount 行政运行 450万元", "function_item change 行政运行 +20万元",
      "function_item rate 行政运行 +4.65%"]),
    ("（1）行政运行（2130301）450万元，与上年持平。",
     ["function_item amount 行政运行 450万元", "function_item change 行政运行 =持平"]),
    ("工资福利支出（301）108.01万元，较上年减少62.76万元，原因是人员减少3人，工资减少20万元。",
     ["economic_item amount 工资福利支出 108.01万元", "economic_item change 工资福利支出 -62.76万元"]),
    ("2023年“三公”经费预算数为12万元，其中：因公出国（境）费0万元，公务接待费2万元，公务用车购置及运行费10万元。",
     ["three_public_total amount 12万元", "abroad amount 0万元", "reception amount 2万元", "vehicle amount 10万元"]),
    ("我局2023年没有使用政府性基金预算拨款安排的支出。", ["gov_fund_expenditure amount 没有"]),
    ("本单位无2022年结转的政府采购资金支出。", ["carry_over amount 政府采购资金支出 无"]),
    ("2023年会议费预算支出0万元，比上年度减少0.52万元，因八项规定压缩经费；培训费预算支出1万元，与上年持平。",
     ["meeting amount 0万元", "meeting change -0.52万元", "training amount 1万元", "training change =持平"]),
    ("离退休人员2人。", ["retirees count 2人"]),
    ("截至2022年底，本单位人员编制19人，其中行政编制4人、事业编制15人；实有人员17人，其中行政3人、事业14人。",
     ["staff_quota count 19人", "staff_quota count 行政 4人", "staff_quota count 事业 15人", "staff_actual count 17人",
      "staff_actual count 行政 3人", "staff_actual count 事业 14人"]),
    ("共有车辆3辆，单价50万元以上的通用设备1台（套）；购置车辆1辆。",
     ["vehicles_count count 3辆",
      "equipment_count count 单价50万元以上的通用设备 1台（套）", "vehicles_bought count 1辆"]),
]  # fmt: skip


@pytest.mark.parametrize(("sentence", "wanted"), SENTENCES)
def test_sentences_of_budgets(sentence: str, wanted: list[str]) -> None:
    """What a budget's sentence states is read, with its unit and the direction of a change."""
    assert said(sentence) == wanted


ACCOUNT_SENTENCES = [
    ("2022年度收入总计、支出总计均为657.63万元，与上年相比收入总计、支出总计均增加408.45万元，增长163.92%。",
     ["revenue_and_expenditure_total amount 657.63万元", "revenue_and_expenditure_total change +408.45万元",
      "revenue_and_expenditure_total rate +163.92%"]),
    ("2022年度一般公共预算财政拨款支出年初预算652.65万元，支出决算657.62万元，完成年初预算的100.76%。占本年支出合计的100%。",
     ["gpb_expenditure budget 652.65万元", "gpb_expenditure amount 657.62万元", "gpb_expenditure completion 100.76%",
      "gpb_expenditure share 100%"]),
    ("2．农林水支出（类）水利（款）行政运行（项）。\n年初预算为8,300万元，支出决算为8,500万元，完成年初预算的102.41%。",
     ["function_item budget 行政运行 8,300万元", "function_item amount 行政运行 8,500万元",
      "function_item completion 行政运行 102.41%"]),
    ("政府采购支出总额200万元，其中：政府采购货物支出50万元、政府采购服务支出150万元。\n授予中小企业合同金额150万元，占政府采购的75%。",
     ["procurement_total amount 200万元", "procurement_goods amount 50万元", "procurement_services amount 150万元",
      "procurement_sme amount 150万元", "procurement_sme share 75%"]),
    ("3．公务接待费支出5.5万元。共接待国内来访团组35个，来宾280人次。",
     ["reception amount 5.5万元", "reception_batches count 35个", "reception_persons count 280人次"]),
    ("机关运行经费支出3.24万元，比年初预算数减少2.34万元，下降41.94%。", ["operating_expenses amount 3.24万元"]),
]  # fmt: skip


@pytest.mark.parametrize(("sentence", "wanted"), ACCOUNT_SENTENCES)
def test_sentences_of_final_accounts(sentence: str, wanted: list[str]) -> None:
    """What final accounts state is read; a change against the budget is no change on the year before."""
    assert said(sentence, ACCOUNTS) == wanted


@pytest.mark.parametrize(
    "sentence",
    [
        "全年追回违规资金628.03万元，处违约金158.5万元。",
        "下属公路中心2023年基本支出120万元。",
        "本年收入约5万元。",
        "本年收入5至8万元。",
        "收入合计5，200万元。",
        "收入合计1□92.44万元。",
        "收入合计12O.5万元。",
        "收入合计1,23.4万元。",
        "收入合计[illegible]2.44万元。",
        "对于超过3万元以上的支出，由局务会议集体研究决定。",
        "主要原因是工资福利支出增加20万元。",
        "收入合计、支出合计及其他共5万元。",
    ],
)
def test_what_is_not_clear_is_no_fact(sentence: str) -> None:
    """Policy amounts, other units, ranges, thresholds, damaged numerals and reasons become no fact."""
    assert said(sentence) == []


def test_a_share_after_an_amount_passed_over_is_nobodys() -> None:
    """The percentage that belongs to an amount which was not understood is not given to the amount before it."""
    text = "收入合计100万元，其中：财政拨款收入90万元，占90%；某专项补贴款10万元，占10%。"
    assert [fact for fact in said(text) if "share" in fact] == ["fiscal_revenue share 90%"]


def test_a_change_that_may_be_of_two_is_nobodys() -> None:
    """`其中` without colon leaves open whether a change is on the part or the whole."""
    assert not any("change" in fact for fact in said("收入合计100万元，其中财政拨款收入90万元，较上年增加5万元。"))
    assert "revenue_current_year change +5万元" in said(
        "收入合计100万元，其中财政拨款收入90万元、事业收入10万元，较上年增加5万元。"
    )


def test_work_reports_and_explanations_are_no_budget() -> None:
    """Under duties, tasks and explanations of words nothing is a fact, whatever it looks like."""
    text = "一、主要职责\n收入合计100万元。\n二、2023年工作任务\n基本支出5万元。\n三、收入预算\n收入合计7万元。"
    assert said(text) == ["revenue_current_year amount 7万元"]


def test_numerals_left_over_can_be_asked_about() -> None:
    """What no pattern took is returned with its sentence; an answer becomes a fact only where the numeral stands."""
    source = from_text("二是资本性支出超出预算2.64万元。")
    section = Section(id="s1", kind="narrative", first=1, last=1)
    (unread,) = unread_numerals(source, [section], ())
    assert (unread.printed, unread.unit, source.text[slice(*unread.span)]) == ("2.64", "万元", "2.64")
    fact = fact_from_answer(source, unread, 1, ("economic_item", "amount", "资本性支出"))
    assert fact is not None
    assert (fact.id, fact.reader, str(fact.value), fact.item) == ("f1", "llm", "2.64", "资本性支出")
    assert fact_from_answer(source, unread, 1, ("economic_item", "amount", "工资福利支出")) is None
    moved = unread.model_copy(update={"span": (unread.span[0] + 1, unread.span[1])})
    assert fact_from_answer(source, moved, 1, ("economic_item", "amount", "")) is None


AMOUNTS = st.decimals(min_value=0, max_value=99_999_999, places=2).map(lambda value: f"{value:f}")


@settings(max_examples=60, deadline=None)
@given(
    amount=AMOUNTS, change=AMOUNTS, unit=st.sampled_from(["元", "万元", "亿元"]),
    breaks=st.sampled_from(["", " ", "\n\n", "\n[bookmark: _Toc1]"]), flags=st.tuples(st.booleans(), st.booleans()),
)  # fmt: skip
def test_amounts_come_back_from_generated_sentences(
    amount: str, change: str, unit: str, breaks: str, flags: tuple[bool, bool]
) -> None:
    """Any amount, in any unit, with or without commas, across blanks and line ends, comes back exactly."""
    up, grouped = flags
    whole, _, part = amount.partition(".")
    printed = f"{int(whole):,}.{part}" if grouped else amount
    verb = "增加" if up else "减少"
    text = f"2023年本部门收入总计{breaks}{printed}{unit}，比上年{verb}{change} {unit}，主要原因是人员变动。"
    first, second = facts_in(text)
    assert (first.measure, first.role, first.unit) == ("revenue_total", "amount", unit)
    assert f"{first.value:f}" == amount
    assert (second.role, second.direction, second.of) == ("change", "increase" if up else "decrease", first.id)
    assert f"{second.value:f}" == change


@settings(max_examples=40, deadline=None)
@given(whole=st.integers(0, 9_999_999), part=st.integers(0, 99))
def test_numbers_split_after_the_point_are_joined(whole: int, part: int) -> None:
    """`657. 63万元` is 657.63, and its span is what stands in the text."""
    text = f"本年支出合计{whole}. {part:02}万元，其中：项目支出1. 50万元，占0. 3%。"
    facts = facts_in(text)
    assert f"{facts[0].value:f}" == f"{whole}.{part:02}"
    assert text[slice(*facts[0].span)] == f"{whole}. {part:02}"
    assert [fact.printed for fact in facts[1:]] == ["1.50", "0.3"]


def test_list_numbers_are_never_joined_to_years() -> None:
    """`1. 2021年` is a list number and a year; nothing is read of either."""
    assert said("1. 2021年12月底前完成收入合计5万元。\n2. 3万元用于会议费。") == []


@pytest.mark.parametrize("piece", ["1", "1，", "111,", "1. ", "其中，", "[bookmark: _"])
def test_a_line_of_a_million_characters_is_no_trap(piece: str) -> None:
    """Long runs of digits, commas or words take time in proportion to their length."""
    text = "收入合计" + piece * (900_000 // len(piece)) + "万元"
    started = time.process_time()
    facts_in(text)
    assert time.process_time() - started < 20
