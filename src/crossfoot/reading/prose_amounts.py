"""An amount, a count or 无… and the words before it → what it is the amount of."""

import re

from crossfoot.reading.prose_counts import counted
from crossfoot.reading.prose_memory import Memory, Place
from crossfoot.reading.prose_parts import counterpart, is_part
from crossfoot.reading.prose_projects import project_amount
from crossfoot.reading.prose_words import Subject, is_benign, subject_of
from crossfoot.statements import Fact, FactRole, Measure

_INHERITED = re.compile(
    r"^(?:\([^()]{0,20}\))?[,、;。]?(?P<role>(?:支出)?决算(?:支出)?[数书]?|执行数|(?:年初|全年|调整)?(?:支出)?预算数?"
    r"|共计支出|实际支出|支出(?:总计|合计)?)(?:为|是|共|共计)*+$"
)
_CARRIED = re.compile(r"^(?:20\d\d年度?|上年度?)?结转的?(?P<item>[^,;。]{2,40})")
_NO_BUDGET = re.compile(r"^预算(?:安排)?(?=[,;。]|$)")
_MONEY_OF_PROJECTS = re.compile(r"[,、]?(?:项目)?金额(?:共|共计|为|是)*")


def amount(memory: Memory, place: Place) -> Fact | None:
    """Returns the amount as a fact, or None where the words before it do not say what it is the amount of."""
    project = project_amount(place.before, place.passage.headings, memory.about.department)
    if project is not None:
        return memory.make(place, project[0], project[1], item=project[2])
    of_projects = memory.counted is not None and memory.counted.measure == "projects_count"
    if of_projects and _MONEY_OF_PROJECTS.fullmatch(place.before):
        return memory.make(place, "project_expenditure", "amount")
    inherited = _INHERITED.match(place.before)
    last = memory.last("amount", "budget", "previous")
    if inherited and last is not None:
        return _inherited(memory, place, inherited["role"], last)
    above = any(is_part(fact.measure, "function_item") for fact in memory.opened)
    in_list = (above and memory.is_complete) or (last is not None and last.measure == "function_item" and not last.code)
    subject = subject_of(place.before, memory.about.department, in_list=in_list)
    if subject is None or (place.token.kind == "bare" and not memory.opened):
        return None
    measure = _sided(memory, subject)
    of = memory.total_of(measure)
    role = "previous" if subject.is_earlier else _in_year(memory, place, _role(memory, subject.tail))
    return memory.make(
        place, measure, role, item=subject.item, code=subject.code, of=of.id if of else "",
        is_exhaustive=bool(of) and memory.is_complete,
    )  # fmt: skip


def _inherited(memory: Memory, place: Place, words: str, last: Fact) -> Fact:
    """Returns a fact about what was last spoken of: `年初预算20万元，支出决算20万元`."""
    role = _in_year(memory, place, _role(memory, "预算" if "预算" in words else "决算"))
    measure = counterpart(last.measure) if words.startswith("支出") else last.measure
    return memory.make(
        place, measure, role, item=last.item, code=last.code, of=last.of, is_exhaustive=last.is_exhaustive
    )


def _role(memory: Memory, words: str) -> FactRole:
    """Returns whether the words between subject and number make it a budget; in a budget all amounts are."""
    is_budget = "预算" in words and "决算" not in words and "执行" not in words
    return "budget" if is_budget and memory.about.kind == "final_accounts" else "amount"


def _in_year(memory: Memory, place: Place, role: FactRole) -> FactRole:
    known = memory.about.fiscal_year
    return "previous" if role == "amount" and known is not None and place.year == known - 1 else role


def _sided(memory: Memory, subject: Subject) -> Measure:
    """Returns the measure; a bare fund (一般公共预算) in a list of revenue or expenditure is that side's."""
    measure = settled(memory, subject)
    side = next((fact.measure for fact in reversed(memory.opened) if "_appropriation" not in fact.measure), "")
    if not measure.endswith("_appropriation") or not side or "拨款" in subject.tail:
        return measure
    for word in ("revenue", "expenditure"):
        sided = measure.replace("appropriation", word)
        if word in side and is_part(side, sided):
            return sided  # type: ignore[return-value]  # every fund has both sides
    return measure


def settled(memory: Memory, subject: Subject) -> Measure:
    """Returns the measure; what final accounts call 预算收入 is that of the year, without what is carried over."""
    if subject.is_loose and memory.about.kind == "final_accounts":
        return "revenue_current_year" if subject.measure == "revenue_total" else "expenditure_current_year"
    return subject.measure


def nothing(memory: Memory, place: Place) -> Fact | None:
    """Reads 无…: nothing carried over, no budget, or no amount of what follows."""
    text, token = place.passage.text, place.token
    start = max(text.rfind(mark, 0, token.start) for mark in ",;。:、") + 1
    ahead = re.split(r"[,;。]|(?<!入)、", text[token.stop : token.stop + 60], maxsplit=1)[0]
    before = text[start : token.start]
    last = memory.last("amount", "budget")
    if before.endswith("年初") and _NO_BUDGET.match(ahead) and last is not None:
        return memory.make(place, last.measure, "budget", item=last.item, of=last.of)
    if not is_benign(before, memory.about.department):
        return None
    carried = _CARRIED.match(ahead)
    if carried:
        return memory.make(place, "carry_over", "amount", item=carried["item"])
    subject = subject_of(ahead, memory.about.department)
    if subject is None or ahead.endswith("原因"):
        return None
    role = "amount" if "支出" in subject.tail else _role(memory, subject.tail)
    of = memory.total_of(subject.measure)
    return memory.make(place, subject.measure, role, item=subject.item, of=of.id if of else "")


def count(memory: Memory, place: Place) -> Fact | None:
    """Returns the count as a fact, or None where the words around it do not say what is counted."""
    found = counted(place.passage, place.token, place.before, memory.counted)
    if found is None:
        return None
    memory.counted = found
    whole = next((fact for fact in reversed(memory.here) if fact.measure == found.measure and not fact.of), None)
    of = whole.id if whole is not None and found.is_part else ""
    return memory.make(place, found.measure, "count", item=found.item, of=of)
