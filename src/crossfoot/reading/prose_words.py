"""The words of budget sentences: what a phrase before a number measures, by the wording of the Ministry's templates.

It knows wording of any department and no number; a phrase with anything unexpected before it measures nothing.
"""

import re
from typing import NamedTuple

from crossfoot.statements import Measure

_FUND = r"(?:预算)?(?:当年)?(?:财政)?(?:拨款)?(?:安排的?)?"
_GPB = rf"一般公?共预算(?:当年)?{_FUND.removeprefix('(?:预算)?(?:当年)?')}"
_GOV = rf"政府性基金{_FUND}"
_CAPITAL = rf"国有资本经营{_FUND}"
_BOTH = r"(?:收入总计[、和与]支出总计|收[、和]?支出?总(?:计|额|预算)|总收[、和]?支|收支预算)"
_COST = r"(?:费用?|经费)?"
_CAR = r"公务用?车"

#: What a phrase measures; of those that fit up to the number the first in the text wins, then the first listed here.
_PHRASES: tuple[tuple[Measure, str], ...] = (
    ("fiscal_revenue_and_expenditure", rf"财政拨款{_BOTH}"),
    ("revenue_and_expenditure_total", _BOTH),
    ("gpb_basic_expenditure", r"一般公共预算(?:当年)?(?:财政)?(?:拨款)?基本支出"),
    ("gpb_project_expenditure", r"一般公共预算(?:当年)?(?:财政)?(?:拨款)?项目支出"),
    ("gpb_revenue_and_expenditure", rf"{_GPB}收支"),
    ("gpb_revenue", rf"{_GPB}收入"),
    ("gpb_expenditure", rf"{_GPB}支出"),
    ("gpb_appropriation", r"一般公共预算(?:当年)?(?:财政)?拨款"),
    ("gov_fund_revenue_and_expenditure", rf"{_GOV}收支"),
    ("gov_fund_revenue", rf"{_GOV}收入"),
    ("gov_fund_expenditure", rf"{_GOV}支出"),
    ("gov_fund_appropriation", r"政府性基金(?:预算)?(?:当年)?(?:财政)?拨款"),
    ("state_capital_revenue_and_expenditure", rf"{_CAPITAL}收支"),
    ("state_capital_revenue", rf"{_CAPITAL}收入"),
    ("state_capital_expenditure", rf"{_CAPITAL}支出"),
    ("state_capital_appropriation", r"国有资本经营(?:预算)?(?:当年)?(?:财政)?拨款"),
    ("fiscal_revenue", r"财政拨款(?:预算)?收入(?:总计|合计)?"),
    ("fiscal_expenditure", r"财政拨款(?:预算)?支出(?:总计|合计)?"),
    ("revenue_item", r"(?:其他|事业单位经营|事业|经营|上级补助|附属单位上缴|财政专户管理资金|单位资金)收入"),
    ("expenditure_item", r"(?:上缴上级|事业单位经营|经营|对附属单位补助)支出"),
    ("carry_over", r"(?:上年|年初)结转(?:(?:和|及)?结余)?(?:收入|资金)?"),
    ("revenue_total", r"收入总(?:计|额)|总收入"),
    ("expenditure_total", r"支出总(?:计|额)|总支出|(?:部门|单位)(?:整体支出|预算总?金?额)"),
    ("revenue_current_year", r"收入合计|本年度?收入|决算收入"),
    ("expenditure_current_year", r"支出合计|本年度?支出|决算支出"),
    ("basic_expenditure", r"基本支出"),
    ("project_expenditure", r"项目支出"),
    ("personnel", r"人员(?:经费|支出)"),
    ("operating", r"(?:日常)?公用(?:经费|支出)"),
    ("three_public_total", r"[\"']?三公[\"']?经费"),
    ("abroad", rf"因公出国(?:\(境\))?{_COST}"),
    ("vehicle", rf"{_CAR}购置{_COST}[及和与、](?:{_CAR})?(?:运行)?(?:维护)?{_COST}"),
    ("vehicle_purchase", rf"{_CAR}购置{_COST}"),
    ("vehicle_running", rf"{_CAR}(?:运行维护|运行|维护){_COST}"),
    ("domestic_reception", rf"国内(?:公务)?接待{_COST}"),
    ("foreign_reception", rf"(?:外事|国\(境\)外|外宾)(?:公务)?接待{_COST}"),
    ("reception", rf"公务接待{_COST}"),
    ("meeting", r"会议费"),
    ("training", r"培训费"),
    ("operating_expenses", r"机关运行(?:经费|费)"),
    ("procurement_sme", r"(?:政府采购|(?P<kind>货物|工程|服务)采购)?授予中小企业的?合同总?金?额"),
    ("procurement_small_micro", r"授予小微企业的?合同总?金?额"),
    ("procurement_goods", r"政府采购货物类?|货物类?采购"),
    ("procurement_works", r"政府采购工程类?|工程类?采购"),
    ("procurement_services", r"政府采购服务类?|服务类?采购"),
    ("procurement_total", r"政府采购"),
    ("economic_item", r"(?:机关)?(?:工资福利|商品和服务|资本性|债务利息及费用)支出|对个人和家庭的?补助(?:支出)?"),
    ("revenue_total", r"预算收入|收入预算"),
    ("expenditure_total", r"预算支出|支出预算"),
    ("gpb_appropriation", r"一般公共预算"),
    ("gov_fund_appropriation", r"政府性基金(?:预算)?"),
    ("state_capital_appropriation", r"国有资本经营预算"),
)  # fmt: skip
#: What may stand between the phrase and its number without changing what it measures.
_TAIL = (
    r"(?:财政拨款|年初|全年|当年|年度|调整|支出|预算|决算|执行|实际|数|书|总额|金额|总数|额|安排|合计|总计|总共|共计"
    r"|共|均|各|分别|为|是|的|:|\s|\([不含包][^()]{1,20}\))*+"
)
_SUBJECT = re.compile(
    "(?:" + "|".join(f"(?P<m{place}>{phrase})" for place, (_, phrase) in enumerate(_PHRASES)) + rf")(?P<tail>{_TAIL})$"
)
_CODED = re.compile(rf"(?P<name>[^,;。:()、]{{2,40}})\((?P<code>\d{{3}}|\d{{5}}|\d{{7}})\)(?P<tail>{_TAIL})$")
_LEVELLED = re.compile(rf"(?P<name>[^,;。:()]{{2,40}})\([类款项]\)(?:支出)?[。:.,]?(?:20\d\d年度?)?(?P<tail>{_TAIL})$")
_LISTED = re.compile(rf"(?P<name>[一-鿿]{{2,18}}?支出)(?P<tail>{_TAIL})$")

_BENIGN = re.compile(
    r"[、,和及与\"'\s]|\d{1,2}[.)、]|[(]?[一二三四五六七八九十]{1,3}[)、]|[()]|其中|主要|\d{4}年度?|本年度?|当年度?|全年|今年|年度"
    r"|截[至止]|(?:本|我)(?:部门|单位|局|委|厅|办|院|校|中心|所|站|处|会)|安排|用于|部门|单位|财政拨款|财政|一般公共预算"
    r"|[\"']?三公[\"']?经费|整体|所属|总体情况说明|情况说明|决算|预算|支出|中|涉及|使用|的|共|总"
)
_BODY = re.compile(
    r"[一-鿿]{2,30}(?:局|委员会|委|厅|办公室|中心|院|馆|站|所|处|队|学校|大学|学院|部|政府|会|社|台|署)$"
)
#: Phrases that leave open whether what is carried over is in it.
_LOOSE = frozenset({"预算收入", "收入预算", "预算支出", "支出预算"})
#: What is of all sources of money, unless a fund is named before it.
_ALL_SOURCES = frozenset({"basic_expenditure", "project_expenditure"})
_CLAUSE = re.compile(r"[,;。:]")
_EARLIER = re.compile(r"上年度?|去年|上一年度?")


class Subject(NamedTuple):
    """What a phrase measures; `tail` are the words between it and the number, `start` where it begins in the phrase.

    `is_earlier` is said of the year before; `is_loose` of words that may or may not include what is carried over.
    """

    measure: Measure
    item: str
    code: str
    tail: str
    start: int
    is_earlier: bool = False
    is_loose: bool = False


def subject_of(phrase: str, department: str, in_list: bool = False) -> Subject | None:
    """Returns what the number after the phrase measures, or None where anything in the phrase is not understood.

    `in_list` says that a list by function is going on, where any name of an expenditure is an item.
    """
    for pattern in (_CODED, _LEVELLED):
        match = pattern.search(phrase)
        if match:
            code = match["code"] if pattern is _CODED else ""
            measure: Measure = "economic_item" if code[:1] in {"3", "5"} and len(code) < 7 else "function_item"
            name = re.sub(r"^\d{1,2}[.、]", "", match["name"].strip("\"'")).strip()
            return Subject(measure, name.removeprefix("其中").removeprefix("支出"), code, match["tail"], match.start())
    match = _SUBJECT.search(phrase)
    if match:
        before = _CLAUSE.split(phrase[: match.start()])[-1]
        found = _known(match, bool(_EARLIER.search(before)))
        is_scoped = found.measure in _ALL_SOURCES and ("拨款" in before or "预算" in before)
        return found if not is_scoped and is_benign(_EARLIER.sub("", before), department) else None
    listed = _LISTED.search(phrase) if in_list else None
    if listed and is_benign(_CLAUSE.split(phrase[: listed.start()])[-1], ""):
        return Subject("function_item", listed["name"], "", listed["tail"], listed.start())
    return None


def _known(match: re.Match[str], is_earlier: bool) -> Subject:
    place = next(place for place in range(len(_PHRASES)) if match[f"m{place}"] is not None)
    measure = _PHRASES[place][0]
    item = (
        match[f"m{place}"] if measure in {"revenue_item", "expenditure_item", "economic_item"} else match["kind"] or ""
    )
    is_loose = match[f"m{place}"] in _LOOSE
    return Subject(measure, item, "", match["tail"], match.start(), is_earlier, is_loose)


def is_benign(prefix: str, department: str) -> bool:
    """Says whether what stands before a phrase leaves its meaning alone: years, 本部门, 其中, the department's name."""
    rest = _BENIGN.sub("", prefix)
    if not rest:
        return True
    if department:
        plain = _BENIGN.sub("", department)
        return rest in plain or plain in rest
    return bool(_BODY.search(rest))
