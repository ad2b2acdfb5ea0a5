"""Counted things of the narrative: staff, vehicles, equipment, receptions, projects, units."""

import re
from typing import NamedTuple

from crossfoot.reading.passages import Passage
from crossfoot.reading.prose_tokens import Token
from crossfoot.statements import Measure

_POST = r"(?P<item>参公事业|参公|机关工勤|工勤|行政|事业|后勤)"
_TAIL = r"(?:总数|人数|数|总额|共有|共|合计|为|是|有|:)*+$"
_EQUIPMENT = re.compile(
    rf"(?P<bought>购置)?(?P<item>单(?:价|位价值)(?:在)?(?:人民币)?\d+万元(?:\(含\))?(?:及)?以上(?:\(含\))?的?[一-鿿]{{0,12}}设备){_TAIL}"
)
_CARS_BOUGHT = re.compile(rf"购置(?:公务)?(?:车辆|用车|车){_TAIL}")
_CARS = re.compile(rf"(?P<item>车辆|保有量|[一-鿿()]{{2,24}}用车(?:主要)?){_TAIL}")
_STAFF: tuple[tuple[Measure, re.Pattern[str]], ...] = (
    ("retirees", re.compile(rf"(?:离退休|退休|离休)(?:人员|干部)?{_TAIL}")),
    ("staff_quota", re.compile(rf"(?:{_POST})?(?:人员)?编制(?:人员)?{_TAIL}")),
    ("staff_actual", re.compile(rf"(?:实有|在职|在编|在岗)(?:在职|在编)?(?:人员|职工|干部)?(?:总)?{_TAIL}")),
)
_POSTED = re.compile(rf"^[、,]?(?:其中[:,]?)?{_POST}(?:编制|人员|岗位)?{_TAIL}")
_UNITS = re.compile(rf"(?P<item>下属[一-鿿]{{0,4}}单位|二级预算单位){_TAIL}|范围的单位{_TAIL}")
_UNITS_BELOW = re.compile(r"^(?P<item>二级(?:预算)?单位|下属[一-鿿]{0,4}单位)")
_UNIT_PARTS = re.compile(rf"^[、,]?(?:其中[:,]?)?(?P<item>[一-鿿]{{2,16}}(?:事业单位|行政单位|机关)){_TAIL}")
_RECEPTION = re.compile(r"接待(?:活动|任务)?(?:共|累计|共计)*+$")
_VISITORS = re.compile(r"^[,、]?(?:共计|累计)?(?:来宾|来访人员|人员|接待|共|累计|计)*+$")
_GROUPS = re.compile(
    r"(?P<abroad>出国(?:\(境\))?)?(?P<visit>接待(?:国内|国\(境\)外)?来访)?团组(?:数)?(?:共|共计|为)*+$"
)


class Counted(NamedTuple):
    """What a count is of; `is_part` says that it is one of the kinds of what was counted before."""

    measure: Measure
    item: str = ""
    is_part: bool = False


def counted(passage: Passage, token: Token, before: str, last: Counted | None) -> Counted | None:
    """Returns what the number counts by the words around it; `last` is what was counted before it in the passage."""
    if token.unit in {"辆", "台(套)", "台/套", "台套", "台", "套"}:
        return _assets(token, before, last)
    if token.unit in {"批次", "批", "人次"}:
        return _receptions(token, before, last)
    after = passage.text[token.stop : token.stop + 8]
    if token.unit == "个" and (
        re.match(r"(?:具体|重点|预算)?项目", after) or re.search(r"项目(?:共|数量)?(?:有|为)*$", before)
    ):
        return Counted("projects_count")
    return _staff(before, last) or (_many(before, after, last) if token.unit == "个" else None)


def _assets(token: Token, before: str, last: Counted | None) -> Counted | None:
    if token.unit != "辆":
        match = _EQUIPMENT.search(before)
        bought: Measure = "equipment_bought" if match and match["bought"] else "equipment_count"
        return Counted(bought, match["item"]) if match else None
    if _CARS_BOUGHT.search(before):
        return Counted("vehicles_bought")
    match = _CARS.search(before)
    if match is None:
        return None
    is_total = match["item"] in {"车辆", "保有量", "公务用车"}
    is_part = not is_total and last is not None and last.measure == "vehicles_count"
    return Counted("vehicles_count", "" if is_total else match["item"], is_part)


def _receptions(token: Token, before: str, last: Counted | None) -> Counted | None:
    if token.unit == "人次":
        goes_on = last.measure if last is not None and _VISITORS.match(before) else ""
        if goes_on == "abroad_groups":
            return Counted("abroad_persons")
        is_visit = goes_on == "reception_batches" or _RECEPTION.search(before)
        return Counted("reception_persons") if is_visit else None
    return Counted("reception_batches") if _RECEPTION.search(before) else None


def _staff(before: str, last: Counted | None) -> Counted | None:
    for measure, pattern in _STAFF:
        match = pattern.search(before)
        if match:
            item = (match.groupdict().get("item") or "") if measure == "staff_quota" else ""
            return Counted(measure, item, is_part=bool(item) and last is not None and last.measure == measure)
    posted = _POSTED.search(before)
    if posted and last is not None and last.measure in {"staff_quota", "staff_actual"}:
        return Counted(last.measure, posted["item"], is_part=True)
    return None


def _many(before: str, after: str, last: Counted | None) -> Counted | None:
    groups = _GROUPS.search(before)
    if groups and (groups["abroad"] or groups["visit"]):
        return Counted("abroad_groups" if groups["abroad"] else "reception_batches")
    return _units(before, after, last)


def _units(before: str, after: str, last: Counted | None) -> Counted | None:
    below = _UNITS_BELOW.match(after)
    if below:
        return Counted("units_count", below["item"], is_part=last is not None and last.measure == "units_count")
    match = _UNITS.search(before)
    if match:
        return Counted("units_count", match["item"] or "")
    part = _UNIT_PARTS.search(before)
    if part and last is not None and last.measure == "units_count":
        return Counted("units_count", part["item"], is_part=True)
    return None
