"""A change, a rate, a share or a completion and the words before it → which amount it is said of."""

import re
from bisect import bisect_left

from crossfoot.reading.prose_amounts import settled
from crossfoot.reading.prose_memory import Memory, Place
from crossfoot.reading.prose_tokens import COMPARISON
from crossfoot.reading.prose_words import is_benign, subject_of
from crossfoot.statements import Direction, Fact, FactRole, Measure

_CLAUSE = re.compile(r"[,;。:(]")
_UP = re.compile(r"增加|增长|上升|提高|多")
_CHANGE = re.compile(r"(?:增加|增长|上升|提高|多|减少|下降|降低|压减|节约|少)(?:了|额|数|率|幅|约|为)*+$")
_ONLY_CHANGE = re.compile(rf"[,、(]?(?:同比|同期)?{_CHANGE.pattern}")
_AGAINST_BUDGET = re.compile(r"[比较与](?:年初|全年|调整后?)?预算(?!持平)")
_SHARE = re.compile(r"占(?P<whole>[^,;。:]{0,40}?)的?(?:比重|比例|比)?(?:约?为|达)?$")
_COMPLETION = re.compile(
    r"(?:完成|执行)(?:年初|全年|调整|当年|部门)?(?:预算数?)(?:的|数的)*(?:比例)?(?:为|达)*+$"
    r"|(?P<progress>(?:支付|支出|执行)进度|(?:预算)?执行率|预算完成率|资金(?:使用|拨付|到位)率)(?:为|达到?)*+$"
)
#: In a passage on the general public budget, 财政拨款支出 is that budget's; 收支总计 is the total of each side.
_KIN: dict[Measure, Measure] = {
    "fiscal_expenditure": "gpb_expenditure",
    "fiscal_revenue": "gpb_revenue",
    "revenue_and_expenditure_total": "revenue_total",
    "fiscal_revenue_and_expenditure": "fiscal_revenue",
}
#: What an unscoped subject means in a passage that speaks of fiscal appropriation only.
_SCOPED: dict[Measure, Measure] = {
    "revenue_and_expenditure_total": "fiscal_revenue_and_expenditure",
    "revenue_total": "fiscal_revenue",
    "expenditure_total": "fiscal_expenditure",
}


def direction_of(before: str) -> Direction:
    """Returns whether the words end in a verb of increase or decrease, or nothing."""
    verb = _CHANGE.search(before)
    if verb is None:
        return ""
    return "increase" if _UP.match(verb[0]) else "decrease"


def change(memory: Memory, place: Place, direction: Direction, role: FactRole = "change") -> Fact | None:
    """Returns the change on the year before, or None where it is one on a budget or on nobody knows what."""
    text, token = place.passage.text, place.token
    sentence = text[place.sentence[0] : token.start]
    if not COMPARISON.search(sentence) or _AGAINST_BUDGET.search(_CLAUSE.split(place.before)[-1]):
        return None
    words = _CHANGE.sub("", place.before)
    segment = COMPARISON.sub("", words[_last_clause(words) :])
    subject = subject_of(segment, memory.about.department)
    if subject is not None:
        measure = _scoped(memory, settled(memory, subject))
        of = _about_which(memory, measure, subject.item)
        return memory.make(place, measure, role, item=subject.item, of=of, direction=direction)
    if not is_benign(re.sub(r"[数额各均]", "", segment), memory.about.department):
        return None
    about = _referent(memory, place)
    if about is None:
        return None
    return memory.make(place, about.measure, role, item=about.item, code=about.code, of=about.id, direction=direction)


def _scoped(memory: Memory, measure: Measure) -> Measure:
    scoped = _SCOPED.get(measure, measure)
    said = {fact.measure for fact in memory.here}
    return scoped if measure not in said and scoped in said else measure


def _about_which(memory: Memory, measure: Measure, item: str) -> str:
    """Returns the id of the amount that an explicit subject means: its last one here, else the only one of its kin."""
    amounts = [fact for fact in memory.here if fact.role == "amount"]
    same = [fact.id for fact in amounts if fact.measure == measure and fact.item == item]
    kin = [fact.id for fact in amounts if not fact.of and fact.measure == _KIN.get(measure)]
    return same[-1] if same else kin[0] if len(kin) == 1 else ""


def _referent(memory: Memory, place: Place) -> Fact | None:
    """Returns the amount that a change without subject is on, or None where it could be one of two."""
    amounts = [fact for fact in memory.here if fact.role in {"amount", "previous"}]
    if not amounts or memory.is_lost:
        return None
    last = amounts[-1]
    if "。" in place.before or last.sentence != place.passage.span(*place.sentence):
        leads = [fact for fact in amounts if fact.of not in {other.id for other in amounts}]
        measures = {(fact.measure, fact.item) for fact in leads}
        current = [fact for fact in leads if fact.role == "amount"]
        return current[0] if len(measures) == 1 and current else None
    whole = next((fact for fact in amounts if fact.id == last.of), None)
    if whole is None:
        return last
    return _part_or_whole(place, last, whole)


def _part_or_whole(place: Place, last: Fact, whole: Fact) -> Fact | None:
    """Returns the part after `；` or `其中：`, the whole after parts joined by `、`; else nobody can know."""
    text, offsets = place.passage.text, place.passage.offsets
    at = bisect_left(offsets, last.span[0])
    start = max(text.rfind(mark, 0, at) for mark in ",;。:、")
    mark = text[start] if start >= 0 else ""
    if mark == "、":
        return whole
    return last if mark in {";", "。", ":"} else None


def percentage(memory: Memory, place: Place) -> Fact | None:
    """Returns the share, completion or rate of change that a percentage is, or None."""
    before = place.before
    share = _SHARE.search(before)
    if share:
        return _share(memory, place, share)
    completion = _COMPLETION.search(before)
    if completion:
        return _completion(memory, place, completion)
    direction = direction_of(before)
    last = memory.last("change")
    in_bracket = before == "(" and last is not None and memory.here[-1] is last
    if last is not None and (in_bracket or (direction and _ONLY_CHANGE.fullmatch(before))):
        return memory.make(
            place, last.measure, "rate", item=last.item, code=last.code, of=last.of, direction=last.direction
        )
    return change(memory, place, direction, "rate") if direction else None


def _share(memory: Memory, place: Place, match: re.Match[str]) -> Fact | None:
    clause = _CLAUSE.split(place.before[: match.start()])[-1]
    whole = _whole(memory, match["whole"])
    part = memory.last("amount")
    explicit = subject_of(clause, memory.about.department) if clause else None
    if explicit is not None:
        return memory.make(place, explicit.measure, "share", item=explicit.item, whole=whole)
    if part is None or (clause and not is_benign(clause, "")):
        return None
    return memory.make(
        place, part.measure, "share", item=part.item, code=part.code, of=part.id,
        whole=whole if match["whole"] else part.of,
    )  # fmt: skip


def _whole(memory: Memory, words: str) -> str:
    """Returns the id of the amount that `占…的` names, the last one said; 预算…总额 of final accounts is a budget."""
    subject = subject_of(words, memory.about.department) if words else None
    if subject is None:
        return ""
    is_planned = memory.about.kind == "final_accounts" and re.search(r"(?:部门|单位|年初|全年)预算", words)
    whole = memory.latest(subject.measure, "budget" if is_planned else "amount")
    return whole.id if whole else ""


def _completion(memory: Memory, place: Place, match: re.Match[str]) -> Fact | None:
    clause = _CLAUSE.split(place.before[: match.start()])[-1]
    amounts = [fact for fact in memory.here if fact.role == "amount"]
    if match["progress"] and "进度" in match["progress"]:
        spent = [fact for fact in amounts if "revenue" not in fact.measure]
        amounts = spent or amounts
    if not amounts or memory.is_lost or not is_benign(clause, memory.about.department):
        return None
    done = amounts[-1]
    same = [f for f in memory.here if f.role == "budget" and (f.measure, f.item) == (done.measure, done.item)]
    planned = same[-1] if same else memory.latest("project", "budget", done.item) if done.measure == "project" else None
    whole = planned.id if planned else ""
    return memory.make(place, done.measure, "completion", item=done.item, code=done.code, of=done.id, whole=whole)


def _last_clause(text: str) -> int:
    matches = reversed(list(_CLAUSE.finditer(text)))
    last = next((match for match in matches if not text[match.start() :].startswith("(境)")), None)
    return last.end() if last else 0
