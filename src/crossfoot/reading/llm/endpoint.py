"""An OpenAI-compatible endpoint as a Model: the only file that knows openai, instructor and tenacity.

One retry policy, here, for what can get better: no connection, 429 with its Retry-After, 5xx. The client's own
retries and instructor's are 0. What the endpoint offers (JSON schema, tools, plain JSON) is found out once.
"""

import logging
import math
import re
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from threading import Lock
from typing import TYPE_CHECKING, Any, Literal, NamedTuple
from urllib.parse import urlsplit

from pydantic import BaseModel

from crossfoot.errors import ModelRefused, ModelUnavailable
from crossfoot.reading.llm.address import Address
from crossfoot.reading.llm.asked import Asked, Finish, Reply

if TYPE_CHECKING:
    import httpx2
    import instructor
    import openai

Mode = Literal["json_schema", "tools", "json"]
#: In the order tried: the schema is honoured most strictly by the first.
MODES: tuple[Mode, ...] = ("json_schema", "tools", "json")

_CONNECT_SECONDS = 10.0
#: An endpoint that was silent for a whole answer is asked once more, not as often as one that says it is busy.
_MOST_TIMEOUTS = 2
#: The longest answers have some 50 KB; more than this is no answer.
_MOST_BYTES = 16_000_000
_FENCED = re.compile(r"^\s*```(?:json)?\s*(.*?)\s*```\s*$", re.DOTALL)


class Ready(BaseModel):
    """The answer to the question that finds out how an endpoint gives structured output."""

    ready: Literal["yes"]


class Patience(NamedTuple):
    """How long an endpoint is waited for: seconds for one answer, attempts, and the longest pause between two."""

    answer_seconds: float = 300.0
    attempts: int = 4
    pause_seconds: float = 30.0


class Endpoint:
    """An endpoint; `mode` None finds out at the first question how it gives structured output."""

    def __init__(
        self,
        address: Address,
        *,
        mode: Mode | None = None,
        patience: Patience | None = None,
        concurrency: int = 4,
        remember: Callable[[Mode], None] | None = None,
    ) -> None:
        self.name = address.model
        self.concurrency = concurrency
        self._address = address._replace(key=address.key.strip())
        self._mode: Mode | None = mode
        self._patience = patience or Patience()
        self._remember = remember
        self._client: openai.OpenAI | None = None
        self._ways: dict[Mode, instructor.Instructor] = {}
        self._opening = Lock()
        self._finding = Lock()
        self._is_silent = False
        #: What came of the tiny questions that found out the mode; whoever opened the endpoint counts them.
        self.probed: list[Reply] = []

    @property
    def identity(self) -> str:
        """Returns the model's name and address, without what is secret in it."""
        return f"{self.name} at {self._address.shown}"

    @property
    def known_settings(self) -> str:
        """Returns the settings, the mode left out if it was not found yet; nothing is asked."""
        return f"temperature=0 output={self._mode or ''}"

    @property
    def settings(self) -> str:
        """Returns the settings that go into records of what was read."""
        return f"temperature=0 output={self.mode}"

    @property
    def mode(self) -> Mode:
        """Returns how the endpoint gives structured output, asked once with a tiny question."""
        with self._finding:
            if self._mode is None:
                self._mode = self._found_mode()
                if self._remember is not None:
                    self._remember(self._mode)
            return self._mode

    def ask(self, asked: Asked) -> Reply:
        """Returns the reply; raises ModelUnavailable or ModelRefused with what to do about it."""
        return self._ask(asked, self.mode)

    def close(self) -> None:
        """Closes the connections."""
        if self._client is not None:
            self._client.close()

    def _found_mode(self) -> Mode:
        probe = Asked("Answer in JSON.", 'Answer with the JSON object {"ready": "yes"}.', Ready, 60, {})
        refusals: list[str] = []
        for mode in MODES:
            try:
                reply = self._ask(probe, mode)
            except ModelRefused as refusal:
                refusals.append(f"{mode}: {refusal}")
                continue
            except ModelUnavailable as error:
                # There is no smaller question than this one.
                raise ModelUnavailable(str(error)) from None
            self.probed.append(reply)
            if reply.finish == "stop":
                return mode
            refusals.append(f"{mode}: {reply.why}")
        raise ModelUnavailable(
            f"{self._address.shown}: {self.name} gives structured output in none of the ways known "
            f"({'; '.join(refusals)}); set CROSSFOOT_OUTPUT to one of {', '.join(MODES)} to try it regardless"
        )

    def _ask(self, asked: Asked, mode: Mode) -> Reply:
        import tenacity

        policy = tenacity.Retrying(
            retry=tenacity.retry_if_exception(_may_get_better),
            stop=self._is_enough,
            wait=self._pause,
            reraise=True,
        )
        try:
            reply: Reply = policy(self._call, asked, mode)
        except Exception as error:  # noqa: BLE001  every foreign error becomes ours here
            ours = _translated(error, self._address)
            self._is_silent = isinstance(ours, ModelUnavailable)
            raise ours from None
        self._is_silent = False
        return reply

    def _is_enough(self, state: Any) -> bool:  # noqa: ANN401  tenacity's RetryCallState, imported late
        """Says whether the endpoint was asked often enough; one that was given up before is asked once only."""
        import openai

        timed_out = isinstance(_cause(state.outcome.exception()), openai.APITimeoutError)
        attempts = min(self._patience.attempts, _MOST_TIMEOUTS) if timed_out else self._patience.attempts
        return self._is_silent or not state.args[0].patient or state.attempt_number >= attempts

    def _pause(self, state: Any) -> float:  # noqa: ANN401
        """Returns the seconds to wait: what the server asks for, else 1, 2, 4, …; never more than our patience."""
        response = getattr(_cause(state.outcome.exception()), "response", None)
        asked_for = _retry_after(response.headers.get("retry-after", "")) if response is not None else None
        seconds = asked_for if asked_for is not None else 2.0 ** (state.attempt_number - 1)
        return min(max(seconds, 0.0), self._patience.pause_seconds)

    def _call(self, asked: Asked, mode: Mode) -> Reply:
        from instructor.core.exceptions import IncompleteOutputException, InstructorRetryException

        # Without `context`: given one, instructor fills in the messages as templates, and a document may hold {{ … }}.
        try:
            value, completion = self._way(mode).chat.completions.create_with_completion(
                model=self._address.model,
                messages=[{"role": "system", "content": asked.system}, {"role": "user", "content": asked.user}],
                response_model=asked.answer,
                max_retries=0,
                max_tokens=asked.max_tokens,
                temperature=0,
            )
        except IncompleteOutputException as error:
            return _reply(asked, error.last_completion, "length", "the answer was cut at its longest")
        except InstructorRetryException as error:
            if _cause(error) is not error:
                raise
            completion = error.last_completion
            if not isinstance(getattr(completion, "choices", None), list):
                raise NoCompletionError from None
            if _was_cut(completion):
                return _reply(asked, completion, "length", "the answer was cut at its longest")
            unfenced = _unfenced(asked, _text_of(completion)) if mode == "json" else None
            if unfenced is None:
                why = f"the answer does not fit the schema: {self._address.without_key(_said(str(error)))}"
                return _reply(asked, completion, "garbled", why)
            value = unfenced
        return _reply(asked, completion, "stop", "")._replace(text=value.model_dump_json())

    def _way(self, mode: Mode) -> "instructor.Instructor":
        with self._opening:
            if mode not in self._ways:
                import instructor

                # It would print what it was sent, and what servers say, to standard error.
                logging.getLogger("instructor").setLevel(logging.CRITICAL)
                names = {"json_schema": instructor.Mode.JSON_SCHEMA, "tools": instructor.Mode.TOOLS,
                         "json": instructor.Mode.JSON}  # fmt: skip
                self._ways[mode] = instructor.from_openai(self._connected(), mode=names[mode])
            return self._ways[mode]

    def _connected(self) -> "openai.OpenAI":
        if self._client is None:
            import openai

            self._client = openai.OpenAI(
                base_url=self._address.base_url,
                api_key=self._address.key or "none",
                max_retries=0,
                http_client=_http_client(self._address, self._patience.answer_seconds),
            )
        return self._client


# --- the wire ---------------------------------------------------------------------------------------------------------


class NoCompletionError(Exception):
    """What came with status 200 is no completion: a proxy's page, an error object, a body that is no JSON."""


def _http_client(address: Address, seconds: float) -> "httpx2.Client":
    """Returns an HTTP client whose answers end after `seconds`, however slowly they trickle, and are not endless."""
    import httpx2

    class Bounded(httpx2.SyncByteStream):
        def __init__(self, stream: httpx2.SyncByteStream) -> None:
            self._stream, self._ends, self._rest = stream, time.monotonic() + seconds, _MOST_BYTES

        def __iter__(self) -> Iterator[bytes]:
            for chunk in self._stream:
                self._rest -= len(chunk)
                if time.monotonic() > self._ends:
                    raise httpx2.ReadTimeout("the answer took too long")
                if self._rest < 0:
                    raise httpx2.ReadError("the answer is endless")
                yield chunk

        def close(self) -> None:
            self._stream.close()

    def bound(response: httpx2.Response) -> None:
        if isinstance(response.stream, httpx2.SyncByteStream):
            response.stream = Bounded(response.stream)

    is_here = (urlsplit(address.base_url).hostname or "") in {"127.0.0.1", "localhost", "::1"}
    timeout = httpx2.Timeout(seconds, connect=_CONNECT_SECONDS)
    return httpx2.Client(timeout=timeout, event_hooks={"response": [bound]}, trust_env=not is_here)


def _reply(
    asked: Asked,
    completion: Any,  # noqa: ANN401  whatever the endpoint sent
    finish: Finish,
    why: str,
) -> Reply:
    """Returns the reply; tokens that the endpoint does not state are counted as one a character, which is more."""
    text, usage = _text_of(completion), getattr(completion, "usage", None)
    spent_in = _stated(usage, "prompt_tokens") or len(asked.system) + len(asked.user)
    spent_out = _stated(usage, "completion_tokens") or min(len(text), asked.max_tokens)
    return Reply(text, finish, spent_in, spent_out, why)


def _stated(usage: Any, what: str) -> int:  # noqa: ANN401  whatever the endpoint sent
    number = getattr(usage, what, 0)
    return number if isinstance(number, int) and number > 0 else 0


def _choice(completion: Any) -> Any:  # noqa: ANN401
    choices = getattr(completion, "choices", None)
    return choices[0] if choices else None


def _was_cut(completion: Any) -> bool:  # noqa: ANN401
    return getattr(_choice(completion), "finish_reason", "") == "length"


def _text_of(completion: Any) -> str:  # noqa: ANN401
    """Returns what the message says, or the arguments of the tool that it calls."""
    message = getattr(_choice(completion), "message", None)
    said: object = getattr(message, "content", None)
    with suppress(AttributeError, IndexError, TypeError):
        said = said or getattr(message, "tool_calls")[0].function.arguments  # noqa: B009  None has none
    return said if isinstance(said, str) else ""


def _unfenced(asked: Asked, text: str) -> BaseModel | None:
    """Returns the answer that stands between ``` signs, or None; where no schema binds, models like to write so."""
    match = _FENCED.match(text)
    if match is None:
        return None
    with suppress(ValueError):
        return asked.answer.model_validate_json(match[1])
    return None


def _said(text: str) -> str:
    """Returns the first line of an instructor error that says anything, without its markup and pydantic's numbers."""
    lines = [line.strip().partition(" [type=")[0] for line in text.splitlines()]
    telling = [line for line in lines if line and not line.startswith("<") and "validation error" not in line]
    return next((line for line in telling if " " in line), "it is no JSON")[:160]


def _retry_after(header: str) -> float | None:
    """Returns the seconds that a Retry-After header asks for, given as a number or as a date, or None."""
    with suppress(ValueError):
        seconds = float(header)
        return seconds if math.isfinite(seconds) else None
    with suppress(ValueError, TypeError):
        return (parsedate_to_datetime(header) - datetime.now(UTC)).total_seconds()
    return None


# --- foreign errors → ours --------------------------------------------------------------------------------------------


def _cause(error: BaseException | None) -> BaseException | None:
    """Returns the client's error inside instructor's, or the error itself."""
    import openai

    seen = error
    for _ in range(5):
        if seen is None or isinstance(seen, openai.OpenAIError):
            break
        seen = seen.__cause__ or seen.__context__
    return seen if isinstance(seen, openai.OpenAIError) else error


def _may_get_better(error: BaseException) -> bool:
    import openai

    cause = _cause(error)
    if isinstance(cause, openai.APIStatusError):
        return cause.status_code in {408, 409, 425, 429} or (cause.status_code >= 500 and cause.status_code != 501)
    return isinstance(cause, (openai.APIConnectionError, NoCompletionError))


def _translated(error: BaseException, address: Address) -> ModelUnavailable | ModelRefused:
    """Returns the error as ours, in one sentence that says what to do."""
    import openai

    cause, where = _cause(error), address.shown
    if isinstance(cause, openai.APIStatusError):
        return _translated_status(cause, address)
    if isinstance(cause, openai.APITimeoutError):
        return ModelUnavailable(
            f"{where}: no answer in time; is the model too slow, or the endpoint overloaded? CROSSFOOT_TIMEOUT sets "
            "how many seconds to wait",
            smaller_may_pass=True,
        )
    if isinstance(cause, openai.APIConnectionError):
        return ModelUnavailable(
            f"{where}: cannot be reached, or breaks off; check CROSSFOOT_BASE_URL and that the server runs"
        )
    if isinstance(cause, NoCompletionError):
        return ModelUnavailable(
            f"{where}: answers, but not with completions; check CROSSFOOT_BASE_URL, which ends in /v1 as a rule"
        )
    said = address.without_key(" ".join(str(error).split()))[:160]
    return ModelUnavailable(f"{where}: {type(error).__name__}: {said}")


def _translated_status(error: "openai.APIStatusError", address: Address) -> ModelUnavailable | ModelRefused:
    where, status = address.shown, error.status_code
    if status == 429:
        return ModelUnavailable(f"{where}: still refuses for too many requests; run again later, or with less at once")
    if status in {401, 403}:
        return ModelUnavailable(f"{where}: does not accept the key; set OPENAI_API_KEY")
    if status == 404:
        return ModelUnavailable(f"{where}: does not know the model {address.model!r} or the path; set CROSSFOOT_MODEL")
    body = error.body.get("message") if isinstance(error.body, dict) else None
    said = address.without_key(" ".join(str(body or error.message).split()))[:160]
    if _may_get_better(error):
        why = f"{where}: keeps failing with status {status} ({said}); run again later"
        return ModelUnavailable(why, smaller_may_pass=status == 408 or status >= 500)
    return ModelRefused(f"{where}: refused the request with status {status} ({said})")
