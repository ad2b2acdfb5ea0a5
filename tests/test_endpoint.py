"""An endpoint that misbehaves, over real HTTP: what is retried, what is given up, how soon, and in which words."""

import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from threading import Thread

import httpx2
import instructor.core.exceptions as instructor_errors
import openai
import pytest

from crossfoot.errors import CrossfootError, ModelRefused, ModelUnavailable
from crossfoot.reading.fields import Field
from crossfoot.reading.llm.address import Address
from crossfoot.reading.llm.asked import Asked, NoCalls, Reply
from crossfoot.reading.llm.endpoint import MODES, Endpoint, Mode, NoCompletionError, Patience, _translated
from crossfoot.reading.llm.opening import Wanted, open_desk
from crossfoot.reading.llm.prompts import load_prompt
from crossfoot.reading.llm.sheets import Record, Sheet
from crossfoot.reading.llm.sidebyside import answers
from crossfoot.reading.llm.spending import Spending
from crossfoot.reading.llm.windows import Desk, ask, question, read_sheet
from crossfoot.storage.store import Store
from misbehaving import (
    Answer,
    Misbehaving,
    Script,
    at_first,
    completion,
    copying,
    failure,
    rows,
    said,
    serving,
    spoken,
    windows,
)

KEY = "sk-very-secret"
HASTE = Patience(answer_seconds=0.3, attempts=3, pause_seconds=0.05)
#: No test here may take longer, however the server behaves.
_BOUND_SECONDS = 5.0


def sheet_of(records: int) -> Sheet:
    """Returns a sheet of records like `201|事项1|1.00`."""
    texts = [(f"2{n:02}", f"事项{n}", f"{n}.00") for n in range(1, records + 1)]
    fields = [tuple(Field(text, n, 0, 0) for text in row) for n, row in enumerate(texts, start=5)]
    records_of = tuple(Record(row[0].line, row) for row in fields)
    return Sheet("支出表", ("编码", "名称", "合计"), ("code", "name", "total"), records_of)


QUESTION = question(load_prompt("rows-1"), sheet_of(2))


@contextmanager
def endpoint(
    script: Script, mode: Mode | None = "json_schema", patience: Patience = HASTE
) -> Iterator[tuple[Endpoint, Misbehaving]]:
    """Returns, as a context manager, an endpoint with its server."""
    with serving(script) as server:
        asked = Endpoint(Address(server.base_url, "m", KEY), mode=mode, patience=patience)
        try:
            yield asked, server
        finally:
            asked.close()


def outcome_of(asked: Endpoint, what: Asked = QUESTION) -> Reply | CrossfootError:
    """Returns the reply or our error, which came within the bound; any other error fails the test."""
    started = time.monotonic()
    try:
        return asked.ask(what)
    except CrossfootError as error:
        return error
    finally:
        assert time.monotonic() - started < _BOUND_SECONDS


# --- what gets better is waited for -----------------------------------------------------------------------------------

PASSING: dict[str, Script] = {
    "429": lambda _: failure(429),
    "500": lambda _: failure(500),
    "502": lambda _: failure(502),
    "503": lambda _: failure(503),
    "408": lambda _: failure(408),
    "a proxy's page": lambda _: Answer(b"<html>wait</html>", headers={"Content-Type": "text/html"}),
    "an error with status 200": lambda _: Answer(b'{"error": {"message": "overloaded"}}'),
    "a body cut in the middle": lambda request: copying(request)._replace(manner="cut"),
    "half a JSON": lambda request: Answer(copying(request).body[:-40]),
    "an empty body": lambda _: Answer(b""),
}


@pytest.mark.parametrize("fault", PASSING)
def test_what_passes_is_retried(fault: str) -> None:
    """A fault that passes costs a request and no record."""
    with endpoint(at_first(2, PASSING[fault])) as (asked, server):
        reply = outcome_of(asked)
        assert isinstance(reply, Reply)
        assert (reply.finish, len(server.requests)) == ("stop", 3)


@pytest.mark.parametrize("fault", PASSING)
def test_what_does_not_pass_is_given_up(fault: str) -> None:
    """Exactly as many requests as the patience allows: no retry stands on another."""
    with endpoint(PASSING[fault]) as (asked, server):
        assert isinstance(outcome_of(asked), ModelUnavailable)
        assert len(server.requests) == HASTE.attempts


@pytest.mark.parametrize("manner", ["stall", "trickle"])
def test_silence_is_bounded(manner: str) -> None:
    """An answer that never ends is waited for twice at most, however it trickles."""
    with endpoint(lambda _: Answer(b"", manner=manner)) as (asked, server):  # type: ignore[arg-type]
        error = outcome_of(asked)
        assert "no answer in time" in str(error)
        assert len(server.requests) == 2


def test_an_endless_answer_is_cut_off() -> None:
    """Memory is bounded too."""
    with endpoint(lambda _: Answer(b"", manner="endless"), patience=HASTE._replace(attempts=1)) as (asked, _):
        assert isinstance(outcome_of(asked), ModelUnavailable)


def test_a_closed_port_is_unavailable() -> None:
    """Nobody listens: said in one sentence, with what to check."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    asked = Endpoint(Address(f"http://127.0.0.1:{port}/v1", "m"), mode="json", patience=HASTE)
    assert "check CROSSFOOT_BASE_URL and that the server runs" in str(outcome_of(asked))
    asked.close()


def test_one_that_was_given_up_is_asked_once_only() -> None:
    """The next document does not wait through all attempts again; an answer restores the patience."""
    with endpoint(at_first(4, PASSING["503"])) as (asked, server):
        assert isinstance(outcome_of(asked), ModelUnavailable)
        assert isinstance(outcome_of(asked), ModelUnavailable)
        assert len(server.requests) == HASTE.attempts + 1
        assert isinstance(outcome_of(asked), Reply)
        server.script = at_first(6, PASSING["503"])
        assert isinstance(outcome_of(asked), Reply)


# --- how long is waited -----------------------------------------------------------------------------------------------


def paused(header: str, patience: Patience) -> float:
    """Returns the seconds between a 429 with that Retry-After and the next request."""
    with endpoint(at_first(1, lambda _: failure(429, headers={"Retry-After": header})), patience=patience) as (a, s):
        assert isinstance(outcome_of(a), Reply)
        return s.requests[1].at - s.requests[0].at


@pytest.mark.parametrize(("header", "seconds"), [("0.3", 0.3), ("0", 0.0), ("-5", 0.0), ("nan", 1.0), ("soon", 1.0)])
def test_retry_after_is_heeded(header: str, seconds: float) -> None:
    """Waited is what the server asks for; what makes no sense is as if it were not there."""
    assert seconds <= paused(header, HASTE._replace(pause_seconds=2.0)) < seconds + 0.6


def test_retry_after_may_be_a_date() -> None:
    """An HTTP date has whole seconds."""
    date = format_datetime(datetime.now(UTC) + timedelta(seconds=2), usegmt=True)
    assert 0.8 <= paused(date, HASTE._replace(pause_seconds=3.0)) < 2.6


def test_no_pause_is_longer_than_the_patience() -> None:
    """A server that asks for an hour does not stop a run for an hour."""
    assert paused("3600", HASTE) < 1.0
    assert paused("inf", HASTE) < 1.0


# --- what does not get better is not retried --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "words"),
    [(401, "set OPENAI_API_KEY"), (403, "set OPENAI_API_KEY"), (404, "set CROSSFOOT_MODEL"),
     (400, "status 400"), (422, "status 422"), (501, "status 501"), (307, "status 307")],
)  # fmt: skip
def test_a_refusal_is_asked_once(status: int, words: str) -> None:
    """A refusal is final, says what to do, and never repeats the key that the server repeats."""
    with endpoint(lambda _: failure(status, f"Bearer {KEY} is wrong")) as (asked, server):
        error = outcome_of(asked)
        assert isinstance(error, ModelRefused if status in {400, 422, 501, 307} else ModelUnavailable)
        assert words in str(error)
        assert KEY not in str(error)
        assert len(server.requests) == 1


GARBLED: dict[str, Script] = {
    "prose": lambda request: spoken(request, "Here are the rows you asked for!"),
    "truncated": lambda request: completion(request, said(request)[:-9]),
    "empty": lambda request: spoken(request, ""),
    "null": lambda request: spoken(request, None),
    "a list": lambda request: spoken(request, [{"type": "text", "text": "x"}]),
    "a number": lambda request: spoken(request, 5),
    "no choices": lambda request: completion(request, "", choices=[]),
    "too many rows": lambda request: completion(request, rows(request.records * 9)),
    "a lone surrogate": lambda request: completion(request, '{"rows":["L5|\\ud800","L6|1"]}'),
    "deep nesting": lambda request: completion(request, "[" * 50_000),
    "a huge number": lambda request: completion(request, '{"rows":["L' + "9" * 6000 + '|1","L6|1"]}'),
    "another shape": lambda request: completion(request, '{"table": []}'),
}


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("fault", GARBLED)
def test_an_answer_of_no_use_is_garbled(fault: str, mode: Mode) -> None:
    """What fits no schema is said to be so, with its tokens, after one request: asking again is the reader's to do."""
    with endpoint(GARBLED[fault], mode) as (asked, server):
        reply = outcome_of(asked)
        assert isinstance(reply, Reply)
        assert (reply.finish, reply.tokens_in, reply.tokens_out) == ("garbled", 100, 50)
        assert reply.why.startswith("the answer does not fit the schema: ")
        assert "\n" not in reply.why
        assert len(server.requests) == 1


@pytest.mark.parametrize("mode", MODES)
def test_an_answer_cut_at_its_longest_says_so(mode: Mode) -> None:
    """finish_reason length, also of a model that repeats itself until max_tokens, and of text that would parse."""
    for text in ('{"rows": ["L5|201|事', '{"rows": ["' + "L5|201" * 200, rows([(5, "201"), (6, "202")])):
        with endpoint(lambda request, text=text: completion(request, text, "length"), mode) as (asked, _):  # type: ignore[misc]
            reply = outcome_of(asked)
            assert isinstance(reply, Reply)
            assert (reply.finish, reply.text) == ("length", text)


@pytest.mark.parametrize("usage", [None, {}, {"prompt_tokens": "x", "completion_tokens": None}, {"prompt_tokens": -4}])
def test_tokens_that_are_not_stated_are_counted_high(usage: object) -> None:
    """A cap holds against an endpoint that does not say what it used."""
    with endpoint(lambda request: completion(request, said(request), usage=usage)) as (asked, _):
        reply = outcome_of(asked)
        assert isinstance(reply, Reply)
        assert reply.tokens_in >= len(QUESTION.user)
        assert reply.tokens_out >= 20


# --- in which way it is asked -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", MODES)
def test_the_request_carries_the_schema(mode: Mode) -> None:
    """Schema, temperature 0 and the longest answer are sent in each way; the key stands in its header alone."""
    with endpoint(copying, mode) as (asked, server):
        reply = outcome_of(asked)
        assert isinstance(reply, Reply)
        assert reply.text == '{"rows":["L5|201|事项1|1.00","L6|202|事项2|2.00"]}'
        (request,) = server.requests
        assert request.mode == mode
        assert "^L[0-9]+" in str(request.body).replace("\\\\", "\\")
        assert (request.body["temperature"], request.body["max_tokens"]) == (0, QUESTION.max_tokens)
        assert request.headers["authorization"] == f"Bearer {KEY}"
        assert KEY not in str(request.body)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(
    "text", ["{{ 7 * 7 }}", "{{ records }}", "{% for a in 'xy' %}", "{# hidden #}", "{% raw", "${x}"]
)
def test_a_document_is_no_template(mode: Mode, text: str) -> None:
    """What looks like a template in a document is sent as it stands; no library fills it in."""
    with endpoint(copying, mode) as (asked, server):
        assert isinstance(outcome_of(asked, QUESTION._replace(user=f"{QUESTION.user} {text}")), Reply)
        assert server.requests[0].user == f"{QUESTION.user} {text}"
        assert text in server.requests[0].user


def only(*modes: Mode) -> Script:
    """Returns the script of an endpoint that refuses all other ways."""
    return lambda request: copying(request) if request.mode in modes else failure(400, "response_format unsupported")


def ignoring(*modes: Mode) -> Script:
    """Returns the script of an endpoint that answers the other ways with prose."""
    return lambda request: copying(request) if request.mode in modes else spoken(request, "Yes, I am ready.")


@pytest.mark.parametrize("script", [only, ignoring])
@pytest.mark.parametrize("mode", MODES)
def test_the_way_is_found_once(script: type, mode: Mode) -> None:
    """An endpoint that has one way only is found to have that one, with one tiny question for each way tried."""
    found: list[Mode] = []
    with serving(script(mode)) as server:
        asked = Endpoint(Address(server.base_url, "m"), patience=HASTE, remember=found.append)
        assert isinstance(outcome_of(asked), Reply)
        assert isinstance(outcome_of(asked), Reply)
        asked.close()
        assert (asked.settings, found) == (f"temperature=0 output={mode}", [mode])
        assert [request.mode for request in server.requests] == [*MODES[: MODES.index(mode) + 1], mode, mode]
        assert max(request.body["max_tokens"] for request in server.requests if request.is_probe) < 100


def test_an_endpoint_with_no_way_is_unavailable() -> None:
    """It is said what each way led to, and how to insist."""
    with endpoint(ignoring(), None) as (asked, server):
        error = outcome_of(asked)
        assert isinstance(error, ModelUnavailable)
        assert all(f"{mode}: " in str(error) for mode in MODES)
        assert "CROSSFOOT_OUTPUT" in str(error)
        assert len(server.requests) == 3


def test_fenced_json_is_an_answer_where_no_schema_binds() -> None:
    """Plain JSON mode binds nothing, so its fences are taken off; elsewhere they show that the schema was ignored."""
    fenced: Script = lambda request: spoken(request, f"```json\n{said(request)}\n```")  # noqa: E731
    with endpoint(fenced, None) as (asked, _):
        reply = outcome_of(asked)
        assert isinstance(reply, Reply)
        assert (reply.finish, asked.mode) == ("stop", "json")


def test_the_way_is_remembered_and_may_be_overridden(tmp_path: Path) -> None:
    """A store remembers the way of an endpoint without anything that is secret; a user's word goes first."""
    with serving(only("tools")) as server, Store(tmp_path / "s.db") as store:
        secret = server.base_url.replace("http://", "http://someone:hidden@")
        wanted = Wanted(base_url=secret, model="m", key=KEY)
        for _ in range(2):
            with open_desk(wanted, store.calls, Spending(), lambda _: None) as desk:
                assert desk is not None
                assert isinstance(desk.model.ask(QUESTION), Reply)
        assert [request.mode for request in server.requests] == ["json_schema", "tools", "tools", "tools"]
        with open_desk(wanted._replace(output="json"), store.calls, Spending(), lambda _: None) as desk:
            assert desk is not None
            assert desk.model.settings == "temperature=0 output=json"
    for path in tmp_path.glob("s.db*"):
        assert not [word for word in (KEY, "hidden") if word.encode() in path.read_bytes()]


@pytest.mark.parametrize("wanted", [
    Wanted(base_url="127.0.0.1:8080/v1", model="m"), Wanted(base_url="ftp://127.0.0.1/v1", model="m"),
    Wanted(base_url="http://[::1/v1", model="m"), Wanted(base_url="http:///v1", model="m"),
    Wanted(base_url="http://127.0.0.1/v1", model="m", key="sk-密钥"),
    Wanted(base_url="http://127.0.0.1/v1"), Wanted(base_url="http://127.0.0.1/v1", model="m", output="xml"),
])  # fmt: skip
def test_what_cannot_be_an_endpoint_is_refused_at_once(wanted: Wanted, tmp_path: Path) -> None:
    """A slip in the settings is misuse, not a silent model."""
    with Store(tmp_path / "s.db") as store, pytest.raises(ModelUnavailable), open_desk(
        wanted, store.calls, Spending(), lambda _: None
    ):  # fmt: skip
        pass


@pytest.mark.parametrize("key", ["sk-密钥", "sk-a\nb", f"{KEY}\n"])
def test_a_key_that_is_no_header_is_not_shown(key: str, capfd: pytest.CaptureFixture[str]) -> None:
    """A key that cannot be sent is not printed either; a line end after it does not harm it."""
    with serving(copying) as server:
        asked = Endpoint(Address(server.base_url, "m", key), mode="json", patience=HASTE)
        outcome = outcome_of(asked)
        asked.close()
        assert isinstance(outcome, Reply) == (key.strip() == KEY)
        assert key.strip() not in str(outcome)
    assert "sk-" not in "".join(capfd.readouterr())


def test_nothing_is_printed(capfd: pytest.CaptureFixture[str]) -> None:
    """The libraries below print no request and no answer, which hold the document's text."""
    for script in (PASSING["503"], GARBLED["prose"], lambda _: failure(400)):
        with endpoint(script) as (asked, _):
            outcome_of(asked)
    assert "".join(capfd.readouterr()) == ""


SHOWN = {
    "https://host:8080/v1": "https://host:8080/v1",
    "https://someone:hidden@host/v1?api-key=hidden#hidden": "https://host/v1",
    "https://someone:hid/den@host/v1": "https://host/v1",
    "https://someone:hid?den@host/v1": "https://…",
    "someone:hidden@host:80/v1?api-key=hidden": "host:80/v1",
    "http://[::1?k=hidden": "http://[::1",
    "": "",
}


@pytest.mark.parametrize("base_url", SHOWN)
def test_an_address_is_shown_without_what_is_secret(base_url: str, tmp_path: Path) -> None:
    """Also in the messages about what is no address, or lacks a model."""
    assert Address(base_url, "m").shown == SHOWN[base_url]
    if not base_url:
        return
    for wanted in (Wanted(base_url=base_url), Wanted(base_url=base_url, model="m", output="xml")):
        with Store(tmp_path / "s.db") as store, pytest.raises(ModelUnavailable) as raised, open_desk(
            wanted, store.calls, Spending(), lambda _: None
        ):  # fmt: skip
            pass
        assert not [word for word in ("hid", "someone") if word in str(raised.value)]


def test_an_endpoint_is_told_from_others_without_asking() -> None:
    """Its address belongs to what it is, its way of answering as soon as it is known."""
    with serving(only("tools")) as server:
        one = Endpoint(Address(server.base_url.replace("//", "//someone:hidden@"), "m", KEY), patience=HASTE)
        assert (one.identity, one.known_settings) == (f"m at {server.base_url}", "temperature=0 output=")
        assert not server.requests
        assert isinstance(outcome_of(one), Reply)
        assert one.known_settings == one.settings == "temperature=0 output=tools"
        one.close()


def test_finding_out_the_way_is_counted(tmp_path: Path) -> None:
    """Tokens are tokens, whatever they were spent on; a way that was tried in vain is waste."""
    spending = Spending()
    with serving(ignoring("json")) as server, Store(tmp_path / "s.db") as store:
        wanted = Wanted(base_url=server.base_url, model="m")
        with open_desk(wanted, store.calls, spending, lambda _: None) as desk:
            assert desk is not None
            ask(desk, [QUESTION], "first_read")
    assert {spent.cause: spent.calls for spent in spending.by_cause()} == {"first_read": 1, "probe": 1, "wasted": 2}
    assert spending.tokens == 4 * 150


def test_whoever_stops_does_not_wait_for_answers() -> None:
    """A consumer that ends early, as Ctrl-C does, leaves at once; what was not yet asked is not asked any more."""
    slow: Script = lambda request: copying(request)._replace(after=0.0 if request.number == 1 else 3.0)  # noqa: E731
    with endpoint(slow, patience=Patience(5.0)) as (asked, server):
        started = time.monotonic()
        for _ in answers(asked, dict(enumerate([QUESTION] * 12))):
            break
        assert time.monotonic() - started < 1.5
        assert len(server.requests) <= 5


# --- foreign errors ---------------------------------------------------------------------------------------------------

REQUEST = httpx2.Request("POST", "http://127.0.0.1/v1/chat/completions")


def raised_by_openai() -> list[openai.OpenAIError]:
    """Returns one of each error that the client knows and a plain request can meet."""
    errors: list[openai.OpenAIError] = [
        openai.OpenAIError("x"),
        openai.APIConnectionError(request=REQUEST),
        openai.APITimeoutError(REQUEST),
        openai.APIError("x", REQUEST, body=None),
        openai.APIResponseValidationError(httpx2.Response(200, request=REQUEST), None),
    ]
    for status in (300, 400, 401, 403, 404, 409, 418, 422, 429, 500, 503):
        response = httpx2.Response(status, request=REQUEST)
        kind = {400: openai.BadRequestError, 401: openai.AuthenticationError, 403: openai.PermissionDeniedError,
                404: openai.NotFoundError, 409: openai.ConflictError, 422: openai.UnprocessableEntityError,
                429: openai.RateLimitError}.get(status, openai.APIStatusError)  # fmt: skip
        kind = openai.InternalServerError if status >= 500 else kind
        errors.append(kind("x", response=response, body=None))
    return errors


#: Errors of parts of the libraries that are not used: webhooks, sockets, other providers, retries with budgets.
UNUSED = {
    "InvalidWebhookSignatureError", "OAuthError", "WebSocketConnectionClosedError", "WebSocketQueueFullError",
    "_AmbiguousModuleClientUsageError", "ContentFilterFinishReasonError", "LengthFinishReasonError",
    "AsyncValidationError", "MultimodalError", "TokenBudgetError", "TokenBudgetExceeded",
    "TokenUsageUnavailableError",
}  # fmt: skip
#: Errors of instructor that _call turns into replies, and those that only a bug of ours raises.
REPLIES = {"IncompleteOutputException", "InstructorRetryException"}
BUGS = {"ClientError", "ConfigurationError", "InstructorError", "ModeError", "ProviderError", "ResponseParsingError",
        "ValidationError"}  # fmt: skip


def exceptions_of(module: object) -> set[str]:
    found = {name: getattr(module, name) for name in dir(module)}
    return {name for name, kind in found.items() if isinstance(kind, type) and issubclass(kind, BaseException)}


def test_every_error_of_the_libraries_is_known() -> None:
    """A library that gains an error fails this test until somebody has thought of it."""
    made = {type(error).__name__ for error in raised_by_openai()}
    assert exceptions_of(openai) - UNUSED == made
    assert exceptions_of(instructor_errors) - UNUSED == REPLIES | BUGS


def test_every_error_becomes_ours() -> None:
    """Each is a refusal or an absence, in one line that begins with where it happened."""
    address = Address("http://someone:hidden@127.0.0.1:9/v1?token=hidden", "m", KEY)
    for error in (*raised_by_openai(), NoCompletionError(), ValueError(f"a {KEY} b\nc"), RuntimeError()):
        ours = _translated(error, address)
        assert isinstance(ours, (ModelRefused, ModelUnavailable))
        assert str(ours).startswith("http://127.0.0.1:9/v1: ")
        assert not [word for word in ("hidden", KEY, "\n") if word in str(ours)]


# --- side by side -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("concurrency", [1, 4])
def test_windows_are_asked_side_by_side(concurrency: int) -> None:
    """As many as the endpoint takes at once are under way, never more; the answers come in their places."""
    slow = windows(lambda request: copying(request)._replace(after=0.15))
    with serving(slow) as server:
        asked = Endpoint(Address(server.base_url, "m"), concurrency=concurrency, patience=Patience(5.0))
        outcome = read_sheet(Desk(asked, load_prompt("rows-1"), NoCalls(), Spending()), sheet_of(70))
        asked.close()
        assert server.most_at_once == concurrency
        assert [record.pieces[1] for _, record in sorted(outcome.read.items())] == [f"事项{n}" for n in range(1, 71)]
        assert not [record for record in outcome.read.values() if record.problems]


def test_one_endpoint_serves_many_threads() -> None:
    """Asked from several threads at once it still finds its way once and opens one client."""
    with endpoint(only("json"), None, Patience(5.0)) as (asked, server):
        threads = [Thread(target=asked.ask, args=[QUESTION]) for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert [request.is_probe for request in server.requests].count(True) == 3
        assert len(server.windows) == 6
