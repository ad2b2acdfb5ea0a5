"""Passages → facts: reads the tokens of each in order, keeping in mind what the last amounts were about."""

import re
from collections.abc import Sequence
from typing import NamedTuple

from crossfoot.figures import Source
from crossfoot.numerals import read_numeral
from crossfoot.reading.metadata import Metadata
from crossfoot.reading.passages import Passage, line_at
from crossfoot.reading.prose_counts import Counted, counted
from crossfoot.reading.prose_parts import counterpart, is_part
from crossfoot.reading.prose_projects import project_amount
from crossfoot.reading.prose_tokens import COMPARISON, Token, tokens_of
from crossfoot.reading.prose_words import Subject, is_benign, subject_of
from crossfoot.statements import Direction, Fact, FactRole, Measure

_WINDOW = 160
_CLAUSE = re.compile(r"[,;。:(]")
_REASON = re.compile(r"原因|由于|因为|系因|,因(?!公)")
_PURPOSE = re.compile(r"(?:主要)?用于(?!以下)|主要[为是]")
_GOES_ON = re.compile(r"^(?:[二三四五六七八九]是|同时|另外|(?:\d|[(]\d[)])[.、])")
_VERB = re.compile(r"(?P<up>增加|增长|上升|提高|多)|(?P<down>减少|下降|降低|压减|节约|少)")
_CHANGE = re.compile(r"(?:增加|增长|上升|提高|多|减少|下降|降低|压减|节约|少)(?:了|额|数|率|幅|约|为)*$")
_AGAINST_BUDGET = re.compile(r"[比较与](?:年初|全年|调整后?)?预算(?!持平)")
_SHARE = re.compile(r"占(?P<whole>[^,;。:]{0,40}?)的?(?:比重|比例|比)?(?:约?为|达)?$")
_COMPLETION = re.compile(
    r"(?:完成|执行)(?:年初|全年|调整|当年|部门)?(?:预算数?)(?:的|数的)*(?:比例)?(?:为|达)*$"
    r"|(?P<progress>(?:支付|支出|执行)进度|(?:预算)?执行率|预算完成率|资金(?:使用|拨付|到位)率)(?:为|达到?)*$"
)
_INHERITED = re.compile(
    r"^(?:\([^()]{0,20}\))?[,、;。]?(?P<role>(?:支出)?决算(?:支出)?[数书]?|执行数|(?:年初|全年|调整)?(?:支出)?预算数?"
    r"|共计支出|实际支出|支出(?:总计|合计)?)(?:为|是|共|共计)*$"
)
_OPENS = re.compile(r"其中|以下方面|包括|如下")
_EXHAUSTIVE = re.compile(r"功能|经济|以下方面|明细|具体情况|结构")
_CARRIED = re.compile(r"^(?:20\d\d年度?|上年度?)?结转的?(?P<item>[^,;。]{2,40})")
_NO_BUDGET = re.compile(r"^预算(?:安排)?(?=[,;。]|$)")
_YEAR = re.compile(r"(?<![比较与从])(20\d\d)年(?![底末初\d])(?!度?(?:预算|决算)?相比)")


#: What an unscoped subject means in a passage that speaks of fiscal appropriation only.
_SCOPED: dict[Measure, Measure] = {
    "revenue_and_expenditure_total": "fiscal_revenue_and_expenditure",
    "revenue_total": "fiscal_revenue",
    "expenditure_total": "fiscal_expenditure",
}
#: In a passage on the general public budget, 财政拨款支出 is that budget's; 收支总计 is the total of each side.
_KIN: dict[Measure, Measure] = {
    "fiscal_expenditure": "gpb_expenditure",
    "fiscal_revenue": "gpb_revenue",
    "revenue_and_expenditure_total": "revenue_total",
    "fiscal_revenue_and_expenditure": "fiscal_revenue",
}


class _Place(NamedTuple):
    """A token with the passage, the words before it since the last number, and where its clause starts."""

    passage: Passage
    token: Token
    before: str
    clause: int


class Scan:
    """The facts of one document so far, and what is being spoken of."""

    def __init__(self, source: Source, about: Metadata) -> None:
        self.facts: list[Fact] = []
        self._source = source
        self._about = about
        self._headings: tuple[str, ...] = ()
        self._carried: list[Fact] = []  # totals whose parts stand in the paragraphs below them
        self._here: list[Fact] = []  # facts of this passage
        self._opened: list[Fact] = []
        self._is_complete = False
        self._counted: Counted | None = None

    def read(self, passage: Passage) -> None:
        """Adds the facts of a passage."""
        if passage.headings != self._headings:
            self._headings, self._carried = passage.headings, []
        self._here, self._opened, self._counted = [], list(self._carried), None
        self._is_complete = bool(self._carried) and self._is_complete
        previous = 0
        for token in tokens_of(passage, self._source.text):
            before = passage.text[max(previous, token.start - _WINDOW) : token.start]
            place = _Place(passage, token, before, _clause_start(passage.text, token.start))
            self._open_lists(passage, before)
            fact = self._fact(place)
            if fact is not None:
                self.facts.append(fact)
                self._here.append(fact)
            if fact is not None or (token.kind not in {"none", "even"} and not token.is_threshold):
                previous = token.stop
        self._carry(passage, passage.text[previous:])

    def _open_lists(self, passage: Passage, before: str) -> None:
        amounts = [fact for fact in self._here if fact.role in {"amount", "budget", "previous"}]
        if "。" in before and not _OPENS.search(before.rpartition("。")[2]):
            self._opened = list(self._carried)
        if _OPENS.search(before):
            self._opened = [*self._carried, *amounts]
            last = passage.headings[-1] if passage.headings else ""
            self._is_complete = bool(_EXHAUSTIVE.search(before) or _EXHAUSTIVE.search(last))

    def _carry(self, passage: Passage, rest: str) -> None:
        """Remembers totals whose list goes on below (`其中：`); a total of its own ends the list above."""
        totals = [fact for fact in self._here if fact.role in {"amount", "budget"} and not fact.of]
        if _OPENS.search(rest[-8:]):
            self._carried = totals or self._carried
            last = passage.headings[-1] if passage.headings else ""
            self._is_complete = bool(_EXHAUSTIVE.search(passage.text[-30:]) or _EXHAUSTIVE.search(last))
        elif totals and self._carried:
            self._carried = []

    # --- one token ----------------------------------------------------------------------------------------------------

    def _fact(self, place: _Place) -> Fact | None:
        token = place.token
        if not token.is_clean or token.is_threshold:
            return None
        clause = place.passage.text[place.clause : token.start]
        is_reason = bool(_REASON.search(clause))
        is_purpose = bool(_PURPOSE.search(clause))
        if token.kind == "percent":
            return None if is_reason else self._percentage(place)
        if is_reason or (is_purpose and token.kind != "even"):
            return None
        if token.kind == "even":
            return self._change(place, "unchanged")
        if token.kind == "none":
            return self._nothing(place)
        if token.kind == "count":
            return self._count(place)
        verb = _CHANGE.search(place.before)
        if verb:
            direction: Direction = "increase" if _VERB.match(verb[0]) and _VERB.match(verb[0])["up"] else "decrease"  # type: ignore[index]
            return self._change(place, direction)
        return self._amount(place)

    def _made(self, place: _Place, measure: Measure, role: FactRole, **more: object) -> Fact:
        token, passage = place.token, place.passage
        is_word = token.kind in {"none", "even"}
        numeral = read_numeral("0" if is_word else token.text)
        span = passage.span(token.start, token.end)
        first, last = _sentence(passage.text, token.start)
        fields: dict[str, object] = {
            "id": f"f{len(self.facts) + 1}", "measure": measure, "role": role, "printed": token.text,
            "value": numeral.value, "places": numeral.places, "unit": self._unit(place), "line": line_at(self._source, span[0]),
            "state": "words" if is_word else "printed", "span": span, "sentence": passage.span(first, last),
            "section": passage.section, "year": _year(passage.text[first : token.start]),
        } | more  # fmt: skip
        fields["item"] = self._as_printed(place, str(fields.get("item", "")))
        return Fact.model_validate(fields)

    def _as_printed(self, place: _Place, item: str) -> str:
        """Returns the item's name as the source prints it, without blanks; one said further away stays as it is."""
        passage = place.passage
        start = passage.text.rfind(item, 0, place.token.stop + 40) if item else -1
        if start < 0:
            return item
        return "".join(self._source.text[offset] for offset in passage.offsets[start : start + len(item)]).strip()

    def _unit(self, place: _Place) -> str:
        """Returns the unit as printed, full-width signs and all."""
        token = place.token
        if not token.unit:
            return ""
        start, end = place.passage.span(token.stop - len(token.unit), token.stop)
        return re.sub(r"\s+", "", self._source.text[start:end])

    # --- amounts ------------------------------------------------------------------------------------------------------

    def _amount(self, place: _Place) -> Fact | None:
        project = project_amount(place.before, place.passage.headings, self._about.department)
        if project is not None:
            measure, role, item = project
            return self._made(place, measure, role, item=item)
        if self._counted is not None and self._counted.measure == "projects_count":
            if re.fullmatch(r"[,、]?(?:项目)?金额(?:共|共计|为|是)*", place.before):
                return self._made(place, "project_expenditure", "amount")
        inherited = _INHERITED.match(place.before)
        last = self._last({"amount", "budget", "previous"})
        if inherited and last is not None:
            role: FactRole = self._role("预算" if "预算" in inherited["role"] else "决算")
            measure = counterpart(last.measure) if inherited["role"].startswith("支出") else last.measure
            return self._made(place, measure, self._in_year(place, role), item=last.item, code=last.code, of=last.of,
                              is_exhaustive=last.is_exhaustive)  # fmt: skip
        in_list = any(is_part(fact.measure, "function_item") for fact in self._opened)
        subject = subject_of(place.before, self._about.department, in_list=in_list)
        if subject is None or (place.token.kind == "bare" and not self._opened):
            return None
        measure = self._sided(subject)
        of = self._total_of(measure)
        role = "previous" if subject.is_earlier else self._in_year(place, self._role(subject.tail))
        return self._made(
            place, measure, role, item=subject.item, code=subject.code, of=of.id if of else "",
            is_exhaustive=bool(of) and self._is_complete,
        )  # fmt: skip

    def _role(self, words: str) -> FactRole:
        """Returns whether the words between subject and number make it a budget; in a budget all amounts are."""
        is_budget = "预算" in words and "决算" not in words and "执行" not in words
        return "budget" if is_budget and self._about.kind == "final_accounts" else "amount"

    def _in_year(self, place: _Place, role: FactRole) -> FactRole:
        first, _ = _sentence(place.passage.text, place.token.start)
        year = _year(place.passage.text[first : place.token.start])
        known = self._about.fiscal_year
        return "previous" if role == "amount" and known is not None and year == known - 1 else role

    def _sided(self, subject: Subject) -> Measure:
        """Returns the measure; a bare fund (一般公共预算) in a list of revenue or expenditure is that side's."""
        measure = self._settled(subject)
        side = next((fact.measure for fact in reversed(self._opened) if "_appropriation" not in fact.measure), "")
        if not measure.endswith("_appropriation") or not side or "拨款" in subject.tail:
            return measure
        for word in ("revenue", "expenditure"):
            sided = measure.replace("appropriation", word)
            if word in side and is_part(side, sided):
                return sided  # type: ignore[return-value]  # every fund has both sides
        return measure

    def _settled(self, subject: Subject) -> Measure:
        """Returns the measure; what final accounts call 预算收入 is that of the year, without what is carried over."""
        if subject.is_loose and self._about.kind == "final_accounts":
            return "revenue_current_year" if subject.measure == "revenue_total" else "expenditure_current_year"
        if subject.measure in _SCOPED and not any(fact.measure == subject.measure for fact in self._here):
            scoped = _SCOPED[subject.measure]
            return scoped if any(fact.measure == scoped for fact in self._here) else subject.measure
        return subject.measure

    def _total_of(self, measure: Measure) -> Fact | None:
        return next((fact for fact in reversed(self._opened) if is_part(fact.measure, measure)), None)

    def _last(self, roles: set[FactRole]) -> Fact | None:
        return next((fact for fact in reversed(self._here) if fact.role in roles), None)

    def _nothing(self, place: _Place) -> Fact | None:
        """Reads 无…: nothing carried over, no budget, or no amount of what follows."""
        text, token = place.passage.text, place.token
        start = max(text.rfind(mark, 0, token.start) for mark in ",;。:、") + 1
        ahead = re.split(r"[,;。]|(?<!入)、", text[token.stop : token.stop + 60], maxsplit=1)[0]
        before = text[start : token.start]
        last = self._last({"amount", "budget"})
        if before.endswith("年初") and _NO_BUDGET.match(ahead) and last is not None:
            return self._made(place, last.measure, "budget", item=last.item, of=last.of)
        if not is_benign(before, self._about.department):
            return None
        carried = _CARRIED.match(ahead)
        if carried:
            return self._made(place, "carry_over", "amount", item=carried["item"])
        subject = subject_of(ahead, self._about.department)
        if subject is None or ahead.endswith("原因"):
            return None
        role = "amount" if "支出" in subject.tail else self._role(subject.tail)
        of = self._total_of(subject.measure)
        return self._made(place, subject.measure, role, item=subject.item, of=of.id if of else "")

    def _count(self, place: _Place) -> Fact | None:
        found = counted(place.passage, place.token, place.before, self._counted)
        if found is None:
            return None
        self._counted = found
        whole = next((fact for fact in reversed(self._here) if fact.measure == found.measure and not fact.of), None)
        of = whole.id if whole is not None and found.is_part else ""
        return self._made(place, found.measure, "count", item=found.item, of=of)

    # --- changes and percentages --------------------------------------------------------------------------------------

    def _change(self, place: _Place, direction: Direction, role: FactRole = "change") -> Fact | None:
        text, token = place.passage.text, place.token
        sentence = text[_sentence(text, token.start)[0] : token.start]
        if not COMPARISON.search(sentence) or _AGAINST_BUDGET.search(_CLAUSE.split(place.before)[-1]):
            return None
        words = _CHANGE.sub("", place.before)
        segment = COMPARISON.sub("", words[_last_clause(words) :])
        subject = subject_of(segment, self._about.department)
        if subject is not None:
            measure = self._settled(subject)
            of = self._about_which(measure, subject.item)
            return self._made(place, measure, role, item=subject.item, of=of, direction=direction)
        if not is_benign(re.sub(r"[数额各均]", "", segment), self._about.department):
            return None
        about = self._referent(place)
        if about is None:
            return None
        return self._made(
            place, about.measure, role, item=about.item, code=about.code, of=about.id, direction=direction
        )

    def _about_which(self, measure: Measure, item: str) -> str:
        """Returns the amount that an explicit subject means: the last one of it here, else the only total of its kin."""
        amounts = [fact for fact in self._here if fact.role == "amount"]
        same = [fact.id for fact in amounts if fact.measure == measure and fact.item == item]
        kin = [fact.id for fact in amounts if not fact.of and fact.measure == _KIN.get(measure)]
        return same[-1] if same else kin[0] if len(kin) == 1 else ""

    def _referent(self, place: _Place) -> Fact | None:
        """Returns the amount that a change without subject is on, or None where it could be one of two."""
        amounts = [fact for fact in self._here if fact.role in {"amount", "previous"}]
        if not amounts:
            return None
        last = amounts[-1]
        text = place.passage.text
        said_before = "。" in place.before or (last.sentence != place.passage.span(*_sentence(text, place.token.start)))
        if said_before:
            leads = [fact for fact in amounts if fact.of not in {other.id for other in amounts}]
            measures = {(fact.measure, fact.item) for fact in leads}
            current = [fact for fact in leads if fact.role == "amount"]
            return current[0] if len(measures) == 1 and current else None
        whole = next((fact for fact in amounts if fact.id == last.of), None)
        if whole is None:
            return last
        return self._part_or_whole(place, last, whole)

    def _part_or_whole(self, place: _Place, last: Fact, whole: Fact) -> Fact | None:
        """Returns the part after `；` or `其中：`, the whole after parts joined by `、`; else nobody can know."""
        text, offsets = place.passage.text, place.passage.offsets
        at = next(place for place, offset in enumerate(offsets) if offset == last.span[0])
        start = max(text.rfind(mark, 0, at) for mark in ",;。:、")
        mark = text[start] if start >= 0 else ""
        if mark == "、":
            return whole
        return last if mark in {";", "。", ":"} else None

    def _percentage(self, place: _Place) -> Fact | None:
        before = place.before
        share = _SHARE.search(before)
        if share:
            return self._share(place, share)
        completion = _COMPLETION.search(before)
        if completion:
            return self._completion(place, completion)
        change = self._last({"change"})
        bracket = before == "(" and change is not None and self._here[-1] is change
        verb = _CHANGE.search(before)
        if (bracket or (verb and len(before) - len(verb[0]) <= 1)) and change is not None:
            return self._made(
                place, change.measure, "rate", item=change.item, code=change.code, of=change.of,
                direction=change.direction,
            )  # fmt: skip
        if verb:
            up = _VERB.match(verb[0])
            return self._change(place, "increase" if up and up["up"] else "decrease", "rate")
        return None

    def _share(self, place: _Place, match: re.Match[str]) -> Fact | None:
        clause = _CLAUSE.split(place.before[: match.start()])[-1]
        whole = self._whole(match["whole"])
        part = self._last({"amount"})
        explicit = subject_of(clause, self._about.department) if clause else None
        if explicit is not None:
            return self._made(place, explicit.measure, "share", item=explicit.item, whole=whole)
        if part is None or (clause and not is_benign(clause, "")):
            return None
        return self._made(
            place, part.measure, "share", item=part.item, code=part.code, of=part.id,
            whole=whole if match["whole"] else part.of,
        )  # fmt: skip

    def _whole(self, words: str) -> str:
        """Returns the id of the amount that `占…的` names, the last one said; 预算…总额 of final accounts is a budget."""
        subject = subject_of(words, self._about.department) if words else None
        if subject is None:
            return ""
        is_planned = self._about.kind == "final_accounts" and re.search(r"(?:部门|单位|年初|全年)预算", words)
        role = "budget" if is_planned else "amount"
        same = [fact for fact in self.facts if fact.measure == subject.measure and fact.role == role]
        return same[-1].id if same else ""

    def _completion(self, place: _Place, match: re.Match[str]) -> Fact | None:
        clause = _CLAUSE.split(place.before[: match.start()])[-1]
        amounts = [fact for fact in self._here if fact.role == "amount"]
        if match["progress"] and "进度" in match["progress"]:
            spent = [fact for fact in amounts if "revenue" not in fact.measure]
            amounts = spent or amounts
        if not amounts or not is_benign(clause, self._about.department):
            return None
        done = amounts[-1]
        known = self.facts if done.item and done.measure.startswith("project") else self._here
        same = [f for f in known if f.role == "budget" and (f.measure, f.item) == (done.measure, done.item)]
        whole = same[-1].id if same else ""
        return self._made(place, done.measure, "completion", item=done.item, code=done.code, of=done.id, whole=whole)


def _sentence(text: str, place: int) -> tuple[int, int]:
    start = max(text.rfind("。", 0, place), text.rfind(";", 0, place)) + 1
    ends = [end for end in (text.find("。", place), text.find(";", place)) if end >= 0]
    return start, min(ends) + 1 if ends else len(text)


def _clause_start(text: str, place: int) -> int:
    """Returns where the sentence of a place begins; `二是…` after a semicolon goes on with the reasons before it."""
    start = max(text.rfind("。", 0, place), text.rfind(";", 0, place)) + 1
    while start and text[start - 1] == ";" and _GOES_ON.match(text[start : start + 4]):
        start = max(text.rfind("。", 0, start - 1), text.rfind(";", 0, start - 1)) + 1
    return start


def _last_clause(text: str) -> int:
    matches: Sequence[re.Match[str]] = list(_CLAUSE.finditer(text))
    last = next((match for match in reversed(matches) if not text[match.start() :].startswith("(境)")), None)
    return last.end() if last else 0


def _year(words: str) -> int | None:
    years = _YEAR.findall(words)
    return int(years[-1]) if years else None
