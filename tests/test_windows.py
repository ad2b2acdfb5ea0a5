"""The windows of one sheet: what stops them, what they cost, and that no answer takes the place of another's record."""

import json
from collections.abc import Callable, Sequence

import pytest

from crossfoot.errors import ModelUnavailable
from crossfoot.reading.fields import Field
from crossfoot.reading.llm.asked import Asked, NoCalls, Reply
from crossfoot.reading.llm.prompts import load_prompt
from crossfoot.reading.llm.sheets import Record, Sheet
from crossfoot.reading.llm.spending import Spending
from crossfoot.reading.llm.windows import WINDOW_RECORDS, Desk, ask, question, read_sheet

Answering = Callable[[Sequence[int]], Sequence[str] | Reply]
PROMPT = load_prompt("rows-1")


def sheet_of(records: int) -> Sheet:
    """Returns a sheet of records like `L1|201|事项1|1.00`."""
    texts = [(f"2{n:02}", f"事项{n}", f"{n}.00") for n in range(1, records + 1)]
    fields = [tuple(Field(text, n, 0, 0) for text in row) for n, row in enumerate(texts, start=1)]
    return Sheet(
        "支出表", ("编码", "名称", "合计"), ("code", "name", "total"), tuple(Record(r[0].line, r) for r in fields)
    )


def row(number: int) -> str:
    return f"L{number}|2{number:02}|事项{number}|{number}.00"


def copied(numbers: Sequence[int]) -> list[str]:
    return [row(number) for number in numbers]


class Answers:
    """A model that answers each window as `answering` says: rows, or a reply; every one costs 400 tokens and 60."""

    name = identity = "m"
    settings = known_settings = "s"

    def __init__(self, answering: Answering, concurrency: int = 1) -> None:
        self.answering = answering
        self.concurrency = concurrency
        self.windows: list[tuple[int, ...]] = []
        self.users: list[str] = []

    def ask(self, asked: Asked) -> Reply:
        """Returns the reply."""
        numbers = tuple(asked.context["records"])
        self.windows.append(numbers)
        self.users.append(asked.user)
        said = self.answering(numbers)
        if isinstance(said, Reply):
            return said
        return Reply(json.dumps({"rows": list(said)}, ensure_ascii=False), "stop", 400, 60)


class Kept(NoCalls):
    """Keeps calls in memory."""

    def __init__(self) -> None:
        self.calls: dict[str, Reply] = {}

    def kept(self, key: str) -> Reply | None:
        """Returns the reply kept under the key, or None."""
        return self.calls.get(key)

    def keep(self, key: str, reply: Reply, about: str) -> None:
        """Keeps the reply."""
        del about
        self.calls[key] = reply


def desk_of(model: Answers, spending: Spending | None = None, calls: NoCalls | None = None) -> Desk:
    return Desk(model, PROMPT, calls or NoCalls(), spending or Spending())


# --- a cap ------------------------------------------------------------------------------------------------------------


def cut(numbers: Sequence[int]) -> Sequence[str] | Reply:
    """Cuts every answer of more than one record, at its longest."""
    return Reply("", "length", 600, 300, "cut") if len(numbers) > 1 else copied(numbers)


@pytest.mark.parametrize("cap", [3000, 6000, 12000])
@pytest.mark.parametrize("concurrency", [1, 4])
def test_a_cap_holds_while_windows_shrink(cap: int, concurrency: int) -> None:
    """Halves are questions like others: no round is asked that the cap does not allow; the rest says why."""
    spending = Spending(max_tokens=cap)
    outcome = read_sheet(desk_of(Answers(cut, concurrency), spending), sheet_of(40))
    assert spending.tokens <= cap * 11 // 10
    assert f"the cap of {cap:,} tokens" in outcome.stopped
    assert sorted([*outcome.read, *outcome.unread]) == list(range(1, 41))
    assert set(outcome.unread.values()) == {outcome.stopped}


def test_a_cap_holds_for_asking_again() -> None:
    """A record that could not be asked for again is unread, with the cap as the reason, and not taken as it is."""
    wrong: Answering = lambda numbers: [row(n).replace(".00", ".77") if n == 2 else row(n) for n in numbers]  # noqa: E731
    model = Answers(wrong)
    outcome = read_sheet(desk_of(model, Spending(max_tokens=920)), sheet_of(5))
    assert len(model.windows) == 1
    assert sorted(outcome.read) == [1, 3, 4, 5]
    assert "the cap of 920 tokens" in outcome.unread[2]
    assert outcome.stopped


# --- silence ----------------------------------------------------------------------------------------------------------


def failing_at(*poison: int) -> Answering:
    """Returns what fails at every window that holds such a record, as with status 500."""

    def answering(numbers: Sequence[int]) -> Sequence[str]:
        if set(poison) & set(numbers):
            raise ModelUnavailable("keeps failing with status 500", smaller_may_pass=True)
        return copied(numbers)

    return answering


@pytest.mark.parametrize("concurrency", [1, 4])
@pytest.mark.parametrize("poison", [1, 12, 17, 40])
def test_one_record_an_endpoint_stumbles_over_costs_itself(poison: int, concurrency: int) -> None:
    """A window that always fails is halved down to the record that it fails at; all others are read."""
    model = Answers(failing_at(poison), concurrency)
    outcome = read_sheet(desk_of(model), sheet_of(40))
    assert outcome.unread == {poison: "keeps failing with status 500"}
    assert len(outcome.read) == 39
    assert len(model.windows) <= 4 + 2 * 4


@pytest.mark.parametrize("concurrency", [1, 4])
def test_an_endpoint_that_is_down_is_given_up_soon(concurrency: int) -> None:
    """It fails at single records too: after two of them nothing more is asked."""
    model = Answers(failing_at(*range(1, 200)), concurrency)
    with pytest.raises(ModelUnavailable, match="status 500"):
        read_sheet(desk_of(model), sheet_of(90))
    assert len(model.windows) <= 7 * concurrency


@pytest.mark.parametrize("smaller", [True, False])
def test_what_was_read_before_an_endpoint_went_down_stays(smaller: bool) -> None:
    """The rest is unread, with the reason."""

    def answering(numbers: Sequence[int]) -> Sequence[str]:
        if numbers[0] > WINDOW_RECORDS:
            raise ModelUnavailable("gone", smaller_may_pass=smaller)
        return copied(numbers)

    model = Answers(answering)
    outcome = read_sheet(desk_of(model), sheet_of(60))
    assert sorted(outcome.read) == list(range(1, WINDOW_RECORDS + 1))
    assert outcome.unread == dict.fromkeys(range(WINDOW_RECORDS + 1, 61), "gone")
    assert outcome.stopped == "gone"
    assert len(model.windows) <= (8 if smaller else 2)


def test_a_bug_in_a_thread_is_seen() -> None:
    """What is not ours comes out where the answers are waited for."""

    def answering(numbers: Sequence[int]) -> Sequence[str]:
        raise ZeroDivisionError(numbers)

    with pytest.raises(ZeroDivisionError):
        read_sheet(desk_of(Answers(answering, 4)), sheet_of(40))


# --- numbers ----------------------------------------------------------------------------------------------------------


def test_a_number_of_another_window_takes_nothings_place() -> None:
    """The record of the other window stays as it was read; the one that was asked for is unread."""

    def answering(numbers: Sequence[int]) -> Sequence[str]:
        rows = copied(numbers)
        return rows if 1 in numbers else [*rows[:-1], rows[-1].replace(f"L{numbers[-1]}|", "L13|")]

    calls = Kept()
    model = Answers(answering)
    outcome = read_sheet(desk_of(model, calls=calls), sheet_of(24))
    assert list(outcome.unread) == [24]
    assert not outcome.read[13].problems
    assert len(calls.calls) == 1
    across: Answering = lambda numbers: copied(numbers) if 1 in numbers else ["L5|205|x|y", *copied(numbers[1:])]  # noqa: E731
    outcome = read_sheet(desk_of(Answers(across)), sheet_of(24))
    assert (list(outcome.unread), outcome.read[5].problems) == ([13], ())


def test_an_answer_that_leaves_a_record_out_is_not_kept() -> None:
    """Of a number twice the first counts, the missing one is unread, and the next run asks again for it."""
    calls = Kept()
    twice: Answering = lambda numbers: [*copied(numbers[:-1]), row(numbers[0]).replace("事项", "别")]  # noqa: E731
    first = read_sheet(desk_of(Answers(twice), calls=calls), sheet_of(5))
    assert (list(first.unread), first.read[1].problems, calls.calls) == ([5], (), {})
    second = read_sheet(desk_of(Answers(copied), calls=calls), sheet_of(5))
    assert (second.unread, len(calls.calls)) == ({}, 1)


@pytest.mark.parametrize("text", ["", "{}", '{"rows": [7]}', '{"rows": ["1|x"]}', json.dumps({"rows": copied([1, 2])})])
def test_a_kept_answer_that_is_of_no_use_today_is_asked_for_again(text: str) -> None:
    """The validators may have become stricter since; nothing falls over what was kept."""
    calls = Kept()
    sheet = sheet_of(3)
    read_sheet(desk_of(Answers(copied), calls=calls), sheet)
    (key,) = calls.calls
    calls.keep(key, Reply(text, "stop", 1, 1), "")
    model = Answers(copied)
    outcome = read_sheet(desk_of(model, calls=calls), sheet)
    assert (sorted(outcome.read), len(model.windows)) == ([1, 2, 3], 1)


def test_a_new_answer_that_its_records_refuse_is_garbled() -> None:
    """Whatever passed the endpoint's own check, it is an answer of no use and counted as wasted."""
    spending = Spending()
    desk = desk_of(Answers(lambda _: Reply('{"rows": ["x|1"]}', "stop", 5, 5)), spending)
    (reply,) = ask(desk, [question(PROMPT, sheet_of(1))], "first_read")
    assert isinstance(reply, Reply)
    assert (reply.finish, spending.by_cause()[0].cause) == ("garbled", "wasted")


# --- asking again -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("records", [1, 2, 3, 5, 12])
def test_no_question_is_asked_twice(records: int) -> None:
    """Where all of a window's records fail they are asked for in smaller ones, each record once more at most."""
    model = Answers(lambda numbers: [f"{row(number)}|777" for number in numbers])
    read_sheet(desk_of(model), sheet_of(records))
    assert len(set(model.users)) == len(model.users)
    assert all(len(window) <= 3 for window in model.windows[1:])
    again = [number for window in model.windows[1:] for number in window]
    assert sorted(again) == ([] if records == 1 else list(range(1, records + 1)))


def test_a_small_window_mends_what_a_large_one_spoils() -> None:
    """That is what asking again is for; a long table of which nothing stands is not asked for again."""
    spoiling: Answering = lambda numbers: copied(numbers) if len(numbers) < 4 else [f"{row(n)}|7" for n in numbers]  # noqa: E731
    outcome = read_sheet(desk_of(Answers(spoiling)), sheet_of(9))
    assert not [record for record in outcome.read.values() if record.problems]
    model = Answers(spoiling)
    read_sheet(desk_of(model), sheet_of(36))
    assert len(model.windows) == 3


# --- doubt ------------------------------------------------------------------------------------------------------------


def lost_sheet() -> Sheet:
    """Returns records without separators, `202 事项 甲 2.00`, whose words may be joined in more than one way."""
    texts = [(f"20{n}", "事项", "甲", f"{n}.00") for n in (1, 2, 3)]
    fields = [
        tuple(Field(text, n, 10 * n + place, 10 * n + place + len(text)) for place, text in enumerate(row))
        for n, row in enumerate(texts, start=1)
    ]
    return Sheet(
        "支出表", ("编码", "名称", "合计"), ("code", "name", "total"),
        tuple(Record(row[0].line, row, lost=True) for row in fields),
    )  # fmt: skip


@pytest.mark.parametrize("doubted", [frozenset(), frozenset({2})])
def test_a_doubted_record_is_asked_for_once_more_alone(doubted: frozenset[int]) -> None:
    """Its second answer, of a fresh and short question, takes the place of the first; the others keep theirs."""

    def answering(numbers: Sequence[int]) -> Sequence[str]:
        name = "事项|甲" if len(numbers) == 1 else "事项 甲"
        return [f"L{number}|20{number}|{name}|{number}.00" for number in numbers]

    model = Answers(answering)
    outcome = read_sheet(desk_of(model)._replace(doubted=doubted), lost_sheet())
    assert model.windows == [(1, 2, 3), *((number,) for number in doubted)]
    cells = {number: len(record.fields) for number, record in outcome.read.items() if not record.problems}
    assert cells == {1: 3, 2: 4 if doubted else 3, 3: 3}
