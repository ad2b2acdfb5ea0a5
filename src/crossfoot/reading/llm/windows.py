"""Sheet → its records as a model reads them: in windows, side by side, every one accounted for.

An answer that was cut, is no JSON or does not come shrinks the window; what fails alone is reported, never lost.
Records whose answer does not stand in the source, or is doubted, are asked for once more; a second answer is taken if
it stands there.
"""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from typing import NamedTuple

from pydantic import BaseModel

from crossfoot.errors import ModelRefused, ModelUnavailable
from crossfoot.reading.llm.asked import Asked, Calls, Cause, Model, Reply
from crossfoot.reading.llm.prompts import Prompt
from crossfoot.reading.llm.sheets import Record, Sheet
from crossfoot.reading.llm.sidebyside import answers
from crossfoot.reading.llm.spending import Spending
from crossfoot.reading.llm.wire import ReadRecord, answer_model, context_of, field_names, records_of

#: Records in a window: up to 25 were measured safe; fewer bound what a failure costs.
WINDOW_RECORDS = 12
#: Characters in a window, so that a long record does not make an endless answer.
WINDOW_CHARACTERS = 1500
#: After so many rounds in a row without an answer a table is given up: soon where none came at all, later where some
#: did, after as many as a window takes that is halved down to its single records.
_GIVE_UP = 3
_GIVE_UP_LATER = 2 * WINDOW_RECORDS
#: After so many single records in a row that got no answer the endpoint is gone; one may be a record it stumbles over.
_SILENT_RECORDS = 2
#: Records asked for once more together, where all of a window's failed.
_RE_ASKED_RECORDS = 3


class Desk(NamedTuple):
    """What a question needs: the model, the prompt version, the calls that are kept, and the tokens spent.

    `doubted` are the records, by number, that are asked for once more although their answer stands in the source.
    """

    model: Model
    prompt: Prompt
    calls: Calls
    spending: Spending
    doubted: frozenset[int] = frozenset()


class Windowed(NamedTuple):
    """What came of a sheet: records read (some with problems), and why each of the others was not.

    `stopped` says why records were not asked for at all: a cap, an endpoint that is gone, nothing but useless answers.
    """

    read: dict[int, ReadRecord]
    unread: dict[int, str]
    stopped: str = ""


class _Failed(NamedTuple):
    """Why a window was not read, and whether a smaller one may pass where this one was too long."""

    why: str
    too_long: bool


class _Replied(NamedTuple):
    """What came of a question, and what it says if it can be used."""

    reply: Reply | ModelRefused | ModelUnavailable
    answer: BaseModel | None = None


_Outcome = dict[int, ReadRecord] | _Failed | ModelUnavailable


def read_sheet(desk: Desk, sheet: Sheet) -> Windowed:
    """Returns every record of the sheet read or with the reason why not; raises ModelUnavailable if none could be."""
    course = _Course(desk, windows_of(sheet))
    while course.pending and not course.stopped:
        course.ask_round()
    if course.silence is not None and not course.read:
        raise course.silence
    left = [record.number for window in course.pending for record in window.records]
    course.unread.update(dict.fromkeys(left, course.stopped))
    missing = [r.number for r in sheet.records if r.number not in course.read and r.number not in course.unread]
    course.unread.update(dict.fromkeys(missing, "the answer left it out"))
    first = Windowed(course.read, course.unread, course.stopped)
    return first if first.stopped else _re_asked(desk, sheet, first, course.asked)


class _Course:
    """The first reading of a sheet, round by round: what is pending, what came, and why it stops before the end."""

    def __init__(self, desk: Desk, pending: list[Sheet]) -> None:
        self.desk = desk
        self.pending = pending
        self.asked: set[tuple[int, ...]] = set()
        self.read: dict[int, ReadRecord] = {}
        self.unread: dict[int, str] = {}
        self.silence: ModelUnavailable | None = None
        self.stopped = ""
        self._useless = 0
        self._silent_records = 0
        self._stumbled: set[int] = set()

    def ask_round(self) -> None:
        """Asks as many windows as the endpoint takes at once and the cap allows."""
        asked, self.stopped = _affordable(self.desk, self.pending)
        self.pending = self.pending[len(asked) :]
        # What failed with all patience is asked for in parts, but not with as much again for every part.
        questions = [
            question(self.desk.prompt, window)._replace(patient=self._stumbled.isdisjoint(_numbers(window)))
            for window in asked
        ]
        outcomes = _outcomes(self.desk, questions, "first_read")
        again: list[Sheet] = []
        nonsense = ""
        for window, outcome in zip(asked, outcomes, strict=True):
            self.asked.add(_numbers(window))
            if isinstance(outcome, dict):
                self.read.update(outcome)
                self._silent_records = 0
            elif isinstance(outcome, ModelUnavailable):
                again += self._silent(window, outcome)
            else:
                nonsense = nonsense or (outcome.why if not outcome.too_long or len(window.records) == 1 else "")
                again += self._smaller(window, outcome.why)
        self.pending = again + self.pending
        if any(isinstance(outcome, dict) for outcome in outcomes):
            self._useless = 0
        elif nonsense:
            self._useless += 1
            if self.pending and self._useless >= (_GIVE_UP_LATER if self.read else _GIVE_UP):
                self.stopped = self.stopped or f"the model answered nothing usable ({nonsense})"

    def _silent(self, window: Sheet, error: ModelUnavailable) -> list[Sheet]:
        """Returns what to ask instead of a window without an answer; the endpoint is gone if single records fail so."""
        self.silence = error
        if not error.smaller_may_pass:
            self.stopped = str(error)
            return [window]
        self._stumbled.update(_numbers(window))
        self._silent_records += len(window.records) == 1
        if self._silent_records >= _SILENT_RECORDS:
            self.stopped = str(error)
        return self._smaller(window, str(error))

    def _smaller(self, window: Sheet, why: str) -> list[Sheet]:
        """Returns the window in halves; a single record is unread."""
        if len(window.records) > 1:
            return list(_halves(window))
        self.unread[window.records[0].number] = why
        return []


def _affordable(desk: Desk, windows: Sequence[Sheet]) -> tuple[list[Sheet], str]:
    """Returns the first of the windows, as many as are asked at once and the cap allows; if it allows none, why."""
    why = ""
    for number in range(min(max(1, desk.model.concurrency), len(windows)), 0, -1):
        why = desk.spending.refuses(sum(expected_tokens(desk.prompt, window) for window in windows[:number]))
        if not why:
            return list(windows[:number]), ""
    return [], why


def _numbers(window: Sheet) -> tuple[int, ...]:
    return tuple(record.number for record in window.records)


def windows_of(sheet: Sheet) -> list[Sheet]:
    """Returns the sheet cut into windows, heads repeated, by number of records and of characters."""
    windows: list[list[Record]] = [[]]
    size = 0
    for record in sheet.records:
        length = len(record.shown)
        if windows[-1] and (len(windows[-1]) >= WINDOW_RECORDS or size + length > WINDOW_CHARACTERS):
            windows.append([])
            size = 0
        windows[-1].append(record)
        size += length
    return [sheet._replace(records=tuple(window)) for window in windows if window]


def expected_tokens(prompt: Prompt, sheet: Sheet) -> int:
    """Returns about how many tokens reading the sheet takes, in and out; digits are a token each."""
    shown = sum(len(record.shown) for record in sheet.records)
    return len(windows_of(sheet)) * 450 + shown + _answer_tokens(prompt, sheet)


def question(prompt: Prompt, sheet: Sheet) -> Asked:
    """Returns the question that reads a window."""
    template = "lost" if sheet.is_lost else "window"
    slots = {
        "title": sheet.title,
        "heads": sheet.heads,
        "fields": list(zip(field_names(sheet), sheet.heads, strict=True)),
        "records": [record.shown for record in sheet.records],
    }
    return Asked(
        system=prompt.fill("system", {}).strip(),
        user=prompt.fill(template, slots).strip(),
        answer=answer_model(sheet, prompt.files.wire),
        max_tokens=64 + _answer_tokens(prompt, sheet) * 3 // 2,
        context=context_of(sheet),
    )


def ask(desk: Desk, questions: Sequence[Asked], cause: Cause) -> list[Reply | ModelRefused]:
    """Returns the replies, from the calls kept where they are there; the others are asked side by side.

    What comes new is kept, unless it could come better another time. Raises ModelUnavailable.
    """
    replies: list[Reply | ModelRefused] = []
    for reply, _ in _replies(desk, questions, cause):
        if isinstance(reply, ModelUnavailable):
            raise reply
        replies.append(reply)
    return replies


def _replies(desk: Desk, questions: Sequence[Asked], cause: Cause) -> list[_Replied]:
    """Returns for each question its reply, or why there is none; what came is kept whatever became of the others."""
    if not questions:
        return []
    try:
        settings = f"{desk.prompt.version} {desk.prompt.files.sha256} {desk.model.settings}"
    except ModelUnavailable as error:
        return [_Replied(error)] * len(questions)
    keys = [asked.key(desk.model.identity, settings) for asked in questions]
    replies: dict[int, _Replied] = {}
    for place, (key, asked) in enumerate(zip(keys, questions, strict=True)):
        kept = desk.calls.kept(key)
        answer = answer_of(asked, kept) if kept is not None else None
        if kept is not None and _is_whole(asked, answer):
            replies[place] = _Replied(kept, answer)
            desk.spending.count_kept(cause)
    new = {place: asked for place, asked in enumerate(questions) if place not in replies}
    for place, answered in answers(desk.model, new):
        reply, answer = answered, None
        if isinstance(reply, Reply):
            answer = answer_of(questions[place], reply)
            if reply.finish == "stop" and answer is None:
                reply = reply._replace(finish="garbled", why="the answer does not fit its records")
            desk.spending.count(reply, cause)
            if _is_whole(questions[place], answer):
                desk.calls.keep(keys[place], reply, f"{desk.model.name} {desk.prompt.version} {cause}")
        replies[place] = _Replied(reply, answer)
    return [replies[place] for place in range(len(questions))]


def answer_of(asked: Asked, reply: Reply | ModelRefused) -> BaseModel | None:
    """Returns what the reply says, or None for one that cannot be used, by the validators of today."""
    if isinstance(reply, ModelRefused) or reply.finish != "stop":
        return None
    try:
        return asked.answer.model_validate_json(reply.text, context=dict(asked.context))
    except ValueError:
        return None


def _is_whole(asked: Asked, answer: BaseModel | None) -> bool:
    """Says whether an answer can be used and has all that was asked, so that asking again would not better it."""
    wanted = asked.context.get("records", ())
    return answer is not None and (not wanted or set(wanted) <= set(records_of(answer)))


def _answer_tokens(prompt: Prompt, sheet: Sheet) -> int:
    shown = sum(len(record.shown) + 8 for record in sheet.records)
    if prompt.files.wire == "delimited":
        return shown
    names = sum(len(name) // 3 + 6 for name in field_names(sheet))
    return shown + len(sheet.records) * max(names, 12)


def _halves(sheet: Sheet) -> tuple[Sheet, Sheet]:
    middle = len(sheet.records) // 2
    return sheet._replace(records=sheet.records[:middle]), sheet._replace(records=sheet.records[middle:])


def _outcomes(desk: Desk, questions: Sequence[Asked], cause: Cause) -> list[_Outcome]:
    """Returns for each window's question its own records, or why there are none."""
    outcomes: list[_Outcome] = []
    for asked, (reply, answer) in zip(questions, _replies(desk, questions, cause), strict=True):
        if isinstance(reply, ModelUnavailable):
            outcomes.append(reply)
        elif isinstance(reply, ModelRefused):
            outcomes.append(_Failed(str(reply), too_long=True))
        elif answer is None:
            outcomes.append(_Failed(reply.why, too_long=reply.finish == "length"))
        else:
            # A number of another window would put one record's answer in the place of another's.
            found = records_of(answer).items()
            outcomes.append({number: record for number, record in found if number in asked.context["records"]})
    return outcomes


def _re_asked(desk: Desk, sheet: Sheet, first: Windowed, asked: AbstractSet[tuple[int, ...]]) -> Windowed:
    """Returns the records, those with problems and those doubted as read a second time where that has no problems.

    Those that cannot be asked for again, because of a cap or without a model, are unread: a rerun takes them up.
    """
    wrong = {number for number, record in first.read.items() if record.problems}
    again = wrong | (desk.doubted & first.read.keys())
    failing = tuple(record for record in sheet.records if record.number in again)
    if len(failing) > WINDOW_RECORDS and len(failing) == len(sheet.records):
        # Who fails at every record of a long table fails at the next question too.
        return first
    read, unread, stopped = dict(first.read), dict(first.unread), ""
    pending = [part for window in windows_of(sheet._replace(records=failing)) for part in _fresh(window, asked)]
    while pending and not stopped:
        windows, stopped = _affordable(desk, pending)
        pending = pending[len(windows) :]
        questions = [question(desk.prompt, window) for window in windows]
        for window, outcome in zip(windows, _outcomes(desk, questions, "re_ask"), strict=True):
            if isinstance(outcome, dict):
                read.update({number: record for number, record in outcome.items() if not record.problems})
            elif isinstance(outcome, ModelUnavailable):
                stopped = str(outcome)
                pending.append(window)
    for number in (number for window in pending for number in _numbers(window) if number in wrong):
        del read[number]
        unread[number] = f"its answer does not stand in the source, and {stopped}"
    return Windowed(read, unread, stopped)


def _fresh(window: Sheet, asked: AbstractSet[tuple[int, ...]]) -> list[Sheet]:
    """Returns the window in parts that were not asked before: the same question has the same answer."""
    if _numbers(window) not in asked:
        return [window]
    records = window.records
    if len(records) == 1:
        return []
    size = _RE_ASKED_RECORDS if len(records) > _RE_ASKED_RECORDS else 1
    parts = [window._replace(records=records[start : start + size]) for start in range(0, len(records), size)]
    return [fresh for part in parts for fresh in _fresh(part, asked)]
