"""Numerals of budget sentences that no pattern took → facts, with what a model says that they measure.

The numeral is the source's own, at its place; the model only names measure, role and item. A fact that contradicts
what is read otherwise is taken back (pipeline.py): a sentence is no place for a model's guess.
"""

from collections.abc import Sequence
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, create_model

from crossfoot.errors import ModelUnavailable
from crossfoot.figures import Source
from crossfoot.reading.llm.asked import Asked
from crossfoot.reading.llm.sheets import shown_text
from crossfoot.reading.llm.windows import Desk, answer_of, ask
from crossfoot.reading.prose import fact_from_answer
from crossfoot.statements import Fact, FactRole, Measure, Unread

#: Numerals in one question, and characters of a sentence shown to each side of its numeral.
NUMERALS_OF_A_QUESTION, _AROUND = 6, 120

#: What a model may answer, in the words of the sentences; the rest of the measures need a form's own terms.
MEASURES: dict[Measure, str] = {
    "revenue_total": "收入总计",
    "expenditure_total": "支出总计",
    "fiscal_revenue": "财政拨款收入",
    "fiscal_expenditure": "财政拨款支出",
    "basic_expenditure": "基本支出",
    "project_expenditure": "项目支出",
    "personnel": "人员经费",
    "operating": "公用经费",
    "function_item": "某功能科目的支出",
    "economic_item": "某经济科目的支出",
    "three_public_total": "三公经费合计",
    "abroad": "因公出国（境）费",
    "vehicle": "公务用车费",
    "reception": "公务接待费",
    "meeting": "会议费",
    "training": "培训费",
    "operating_expenses": "机关运行经费",
    "procurement_total": "政府采购",
    "project": "某一项目的资金",
    "carry_over": "结转结余",
    "other": "其他",
}
ROLES: dict[FactRole, str] = {
    "amount": "本年金额",
    "budget": "预算数",
    "previous": "上年数",
    "change": "增减额",
    "rate": "增减率",
    "share": "占比",
    "completion": "完成率、执行率",
    "count": "数量",
}


_MONEY_ROLES = frozenset({"amount", "budget", "previous", "change"})
#: A percentage is no amount, and an amount no percentage, whatever a model says.
_ROLES_OF = dict.fromkeys(("%", "％"), frozenset({"rate", "share", "completion"}))


class Said(BaseModel):
    """What is said of one numeral."""

    model_config = ConfigDict(extra="forbid")

    n: int
    measure: Literal[tuple(MEASURES)]  # type: ignore[valid-type]
    role: Literal[tuple(ROLES)]  # type: ignore[valid-type]
    item: Annotated[str, Field(max_length=40)]


def ask_about(desk: Desk, source: Source, unread: Sequence[Unread], first: int) -> tuple[list[Fact], str]:
    """Returns the facts that a model makes of the numerals, numbered from `first`, and why it was not asked further.

    Numerals that it says nothing usable of are in none.
    """
    facts: list[Fact] = []
    for start in range(0, len(unread), NUMERALS_OF_A_QUESTION):
        window = unread[start : start + NUMERALS_OF_A_QUESTION]
        why = desk.spending.refuses(600 + 60 * len(window))
        if why:
            return facts, why
        asked = _question(desk, source, window)
        try:
            (reply,) = ask(desk, [asked], "prose")
        except ModelUnavailable as error:
            return facts, str(error)
        by_number = _by_number(answer_of(asked, reply))
        if set(by_number) != set(range(1, len(window) + 1)):
            continue  # whose answer is whose is not certain
        for place, one in enumerate(window, start=1):
            answer = by_number[place]
            item = answer.item.strip()
            sentence = "".join(source.text[one.sentence[0] : one.sentence[1]].split())
            item = item if "".join(item.split()) in sentence else ""
            fact = fact_from_answer(source, one, first + len(facts), (answer.measure, answer.role, item))
            if fact is not None and fact.measure != "other" and fact.role in _ROLES_OF.get(one.unit, _MONEY_ROLES):
                facts.append(fact)
    return facts, ""


def _by_number(answer: BaseModel | None) -> dict[int, Said]:
    """Returns what is said of each sentence by its number; nothing where there is no answer."""
    said: list[Said] = getattr(answer, "facts", [])
    return {one.n: one for one in said}


def _question(desk: Desk, source: Source, window: Sequence[Unread]) -> Asked:
    number = len(window)
    slots = {
        "measures": list(MEASURES.items()),
        "roles": list(ROLES.items()),
        "sentences": [_shown(source, one) for one in window],
    }
    answer = create_model(
        "Facts",
        __config__=ConfigDict(extra="forbid"),
        facts=(Annotated[list[Said], Field(min_length=number, max_length=number)], ...),
    )
    return Asked(
        system=desk.prompt.fill("sentences_system", slots).strip(),
        user=desk.prompt.fill("sentences", slots).strip(),
        answer=answer,
        max_tokens=40 + 80 * number,
        context={},
    )


def _shown(source: Source, one: Unread) -> str:
    """Returns the sentence around a numeral, the numeral between 【 and 】."""
    start, end = one.span
    before = source.text[max(one.sentence[0], start - _AROUND) : start]
    after = source.text[end : min(one.sentence[1], end + _AROUND)]
    return shown_text("".join(before.split()) + f"【{one.printed}】" + "".join(after.split()))
