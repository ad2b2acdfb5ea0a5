"""Sheet → its records as a model reads them: in windows, side by side, every one accounted for.

An answer that was cut or is no JSON shrinks the window; what fails alone is reported, never lost. Records whose
answer does not stand in the source are asked for once more, alone and fresh, and taken only if that mends them.
"""

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from typing import NamedTuple

from crossfoot.errors import ModelRefused, ModelUnavailable
from crossfoot.reading.llm.asked import Asked, Calls, Cause, Model, Reply
from crossfoot.reading.llm.prompts import Prompt
from crossfoot.reading.llm.sheets import Record, Sheet
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


class Desk(NamedTuple):
    """What a question needs: the model, the prompt version, the calls that are kept, and the tokens spent."""

    model: Model
    prompt: Prompt
    calls: Calls
    spending: Spending


class Windowed(NamedTuple):
    """What came of a sheet: records read (some with problems), and why each of the others was not."""

    read: dict[int, ReadRecord]
    unread: dict[int, str]


class _Failed(NamedTuple):
    """Why a window was not read, and whether a smaller one may pass where this one was too long."""

    why: str
    too_long: bool


def read_sheet(desk: Desk, sheet: Sheet) -> Windowed:
    """Returns every record of the sheet read or with the reason why not; raises ModelUnavailable."""
    read: dict[int, ReadRecord] = {}
    unread: dict[int, str] = {}
    failures, why = 0, ""
    pending = windows_of(sheet)
    while pending:
        if failures >= (_GIVE_UP_LATER if read else _GIVE_UP):
            said = f"the model answered nothing usable ({why})"
            unread.update({record.number: said for window in pending for record in window.records})
            break
        at_once = max(1, desk.model.concurrency)
        asked, pending = pending[:at_once], pending[at_once:]
        smaller: list[Sheet] = []
        answered = nonsense = False
        for window, outcome in zip(asked, _asked(desk, asked, "first_read"), strict=True):
            if isinstance(outcome, dict):
                read.update(outcome)
                answered = True
                continue
            why = outcome.why
            nonsense = nonsense or not outcome.too_long or len(window.records) == 1
            if len(window.records) > 1:
                smaller += _halves(window)
            else:
                unread[window.records[0].number] = why
        failures = 0 if answered else failures + nonsense
        pending = smaller + pending
    missing = [r.number for r in sheet.records if r.number not in read and r.number not in unread]
    unread.update(dict.fromkeys(missing, "the answer left it out"))
    return Windowed(_re_asked(desk, sheet, read), unread)


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

    What comes new is kept, unless it could come better another time.
    """
    settings = f"{desk.prompt.version} {desk.prompt.files.sha256} {desk.model.settings}"
    keys = [asked.key(desk.model.name, settings) for asked in questions]
    replies: list[Reply | ModelRefused | None] = [desk.calls.kept(key) for key in keys]
    new = [place for place, reply in enumerate(replies) if reply is None]
    for place, reply in _as_they_come(desk.model, {place: questions[place] for place in new}):
        replies[place] = reply
        if isinstance(reply, Reply):
            desk.spending.count(reply, cause)
            if reply.finish != "garbled":
                desk.calls.keep(keys[place], reply, f"{desk.model.name} {desk.prompt.version} {cause}")
    for _ in range(len(questions) - len(new)):
        desk.spending.count_kept(cause)
    return [reply for reply in replies if reply is not None]


def _as_they_come(model: Model, questions: Mapping[int, Asked]) -> Iterator[tuple[int, Reply | ModelRefused]]:
    """Yields each reply when it is there, so that it is kept whatever becomes of the others.

    Raises ModelUnavailable after the last; what was not yet asked by then is not asked any more.
    """

    def one(asked: Asked) -> Reply | ModelRefused:
        try:
            return model.ask(asked)
        except ModelRefused as refusal:
            return refusal

    if len(questions) < 2:
        yield from ((place, one(asked)) for place, asked in questions.items())
        return
    silent: ModelUnavailable | None = None
    with ThreadPoolExecutor(min(len(questions), model.concurrency)) as pool:
        places = {pool.submit(one, asked): place for place, asked in questions.items()}
        for done in as_completed(places):
            if done.cancelled():
                continue
            error = done.exception()
            if isinstance(error, ModelUnavailable):
                silent = error
                for other in places:
                    other.cancel()
                continue
            yield places[done], done.result()
    if silent is not None:
        raise silent


def _answer_tokens(prompt: Prompt, sheet: Sheet) -> int:
    shown = sum(len(record.shown) + 8 for record in sheet.records)
    if prompt.files.wire == "delimited":
        return shown
    names = sum(len(name) // 3 + 6 for name in field_names(sheet))
    return shown + len(sheet.records) * max(names, 12)


def _halves(sheet: Sheet) -> tuple[Sheet, Sheet]:
    middle = len(sheet.records) // 2
    return sheet._replace(records=sheet.records[:middle]), sheet._replace(records=sheet.records[middle:])


def _asked(desk: Desk, windows: Sequence[Sheet], cause: Cause) -> list[dict[int, ReadRecord] | _Failed]:
    """Returns for each window its records, or why there are none."""
    questions = [question(desk.prompt, window) for window in windows]
    outcomes: list[dict[int, ReadRecord] | _Failed] = []
    for asked, reply in zip(questions, ask(desk, questions, cause), strict=True):
        if isinstance(reply, ModelRefused):
            outcomes.append(_Failed(str(reply), too_long=True))
        elif reply.finish != "stop":
            outcomes.append(_Failed(reply.why, too_long=reply.finish == "length"))
        else:
            answer = asked.answer.model_validate_json(reply.text, context=dict(asked.context))
            outcomes.append(records_of(answer))
    return outcomes


def _re_asked(desk: Desk, sheet: Sheet, read: dict[int, ReadRecord]) -> dict[int, ReadRecord]:
    """Returns the records, those with problems as read a second time where that has none."""
    failing = tuple(record for record in sheet.records if record.number in read and read[record.number].problems)
    if not failing or len(failing) == len(sheet.records) > WINDOW_RECORDS:
        return read
    mended = dict(read)
    for outcome in _asked(desk, windows_of(sheet._replace(records=failing)), "re_ask"):
        if isinstance(outcome, dict):
            mended.update({number: record for number, record in outcome.items() if not record.problems})
    return mended
