"""An OpenAI-compatible endpoint as a Model: the only file that knows openai, instructor and tenacity.

One retry policy, here, for what can get better: no connection, 429 with its Retry-After, 5xx. The client's own
retries and instructor's are 0. What the endpoint offers (JSON schema, tools, plain JSON) is found out once.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Literal, NamedTuple
from urllib.parse import urlsplit

from pydantic import BaseModel

from crossfoot.errors import ModelRefused, ModelUnavailable
from crossfoot.reading.llm.asked import Asked, Finish, Reply

if TYPE_CHECKING:
    import httpx2
    import instructor
    import openai

Mode = Literal["json_schema", "tools", "json"]
#: In the order tried: the schema is honoured most strictly by the first.
MODES: tuple[Mode, ...] = ("json_schema", "tools", "json")

_CONNECT_SECONDS = 10.0


class Ready(BaseModel):
    """The answer to the question that finds out how an endpoint gives structured output."""

    ready: Literal["yes"]


class Patience(NamedTuple):
    """How long an endpoint is waited for: seconds for one answer, attempts, and the longest pause between two."""

    answer_seconds: float = 300.0
    attempts: int = 4
    pause_seconds: float = 30.0


class Address(NamedTuple):
    """Where a model is asked: base URL (ending in /v1 as a rule), the model's name there, and a key if it wants one."""

    base_url: str
    model: str
    key: str = ""


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
        self._address = address
        self._mode: Mode | None = mode
        self._patience = patience or Patience()
        self._remember = remember
        self._client: openai.OpenAI | None = None
        self._ways: dict[Mode, instructor.Instructor] = {}

    @property
    def settings(self) -> str:
        """Returns the settings that go into records of what was read."""
        return f"temperature=0 output={self.mode}"

    @property
    def mode(self) -> Mode:
        """Returns how the endpoint gives structured output, asked once with a tiny question."""
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
            if reply.finish == "stop":
                return mode
            refusals.append(f"{mode}: {reply.why}")
        raise ModelUnavailable(
            f"{self._address.base_url}: {self.name} gives structured output in none of the ways known "
            f"({'; '.join(refusals)}); set CROSSFOOT_OUTPUT to one of {', '.join(MODES)} to try it regardless"
        )

    def _ask(self, asked: Asked, mode: Mode) -> Reply:
        import tenacity

        policy = tenacity.Retrying(
            retry=tenacity.retry_if_exception(_may_get_better),
            stop=tenacity.stop_after_attempt(self._patience.attempts),
            wait=self._pause,
            reraise=True,
        )
        try:
            reply: Reply = policy(self._call, asked, mode)
        except Exception as error:  # noqa: BLE001  every foreign error becomes ours here
            raise _translated(error, self._address) from None
        return reply

    def _pause(self, state: Any) -> float:  # noqa: ANN401  tenacity's RetryCallState, imported late
        """Returns the seconds to wait: what the server asks for, else 1, 2, 4, …; never more than our patience."""
        error = _cause(state.outcome.exception())
        asked_for: float | None = None
        with suppress(AttributeError, TypeError, ValueError):
            asked_for = float(error.response.headers.get("retry-after"))  # type: ignore[union-attr]
        return min(
            asked_for if asked_for is not None else 2.0 ** (state.attempt_number - 1), self._patience.pause_seconds
        )

    def _call(self, asked: Asked, mode: Mode) -> Reply:
        from instructor.core.exceptions import IncompleteOutputException, InstructorRetryException

        try:
            value, completion = self._way(mode).chat.completions.create_with_completion(
                model=self._address.model,
                messages=[{"role": "system", "content": asked.system}, {"role": "user", "content": asked.user}],
                response_model=asked.answer,
                context=dict(asked.context),
                max_retries=0,
                max_tokens=asked.max_tokens,
                temperature=0,
            )
        except IncompleteOutputException as error:
            completion = error.last_completion
            return _reply(completion, _text_of(completion), "length", "the answer was cut at its longest")
        except InstructorRetryException as error:
            if _cause(error) is not error:
                raise
            completion = error.last_completion
            if _was_cut(completion):
                return _reply(completion, _text_of(completion), "length", "the answer was cut at its longest")
            return _reply(completion, _text_of(completion), "garbled", _first_line(str(error)))
        return _reply(completion, value.model_dump_json(), "stop", "")

    def _way(self, mode: Mode) -> "instructor.Instructor":
        if mode not in self._ways:
            import instructor

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


def _http_client(address: Address, seconds: float) -> "httpx2.Client":
    """Returns an HTTP client whose answers end after `seconds`, however slowly they trickle."""
    import httpx2

    class Bounded(httpx2.SyncByteStream):
        def __init__(self, stream: httpx2.SyncByteStream) -> None:
            self._stream, self._ends = stream, time.monotonic() + seconds

        def __iter__(self) -> Iterator[bytes]:
            for chunk in self._stream:
                if time.monotonic() > self._ends:
                    raise httpx2.ReadTimeout("the answer took too long")
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
    completion: Any,  # noqa: ANN401  whatever the endpoint sent
    text: str,
    finish: Finish,
    why: str,
) -> Reply:
    """Returns the reply; an answer without a stated usage is counted as one token a character, more than it was."""
    usage = getattr(completion, "usage", None)
    spent = (usage.prompt_tokens, usage.completion_tokens) if usage is not None else (0, len(text))
    return Reply(text, finish, spent[0], spent[1], why)


def _choice(completion: Any) -> Any:  # noqa: ANN401  whatever the endpoint sent
    choices = getattr(completion, "choices", None)
    return choices[0] if choices else None


def _was_cut(completion: Any) -> bool:  # noqa: ANN401
    return getattr(_choice(completion), "finish_reason", "") == "length"


def _text_of(completion: Any) -> str:  # noqa: ANN401
    message = getattr(_choice(completion), "message", None)
    return getattr(message, "content", None) or ""


def _first_line(text: str) -> str:
    """Returns what an instructor error says last, in one line."""
    lines = [line.strip() for line in text.splitlines() if line.strip() and not line.strip().startswith("<")]
    return lines[0][:160] if lines else "no JSON that fits the schema"


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
        return cause.status_code in {408, 409, 425, 429} or cause.status_code >= 500
    return isinstance(cause, openai.APIConnectionError)


def _translated(error: BaseException, address: Address) -> ModelUnavailable | ModelRefused:
    """Returns the error as ours, in one sentence that says what to do."""
    import openai

    cause, where = _cause(error), address.base_url
    if isinstance(cause, openai.APITimeoutError):
        return ModelUnavailable(f"{where}: no answer in time; is the model too slow, or the endpoint overloaded?")
    if isinstance(cause, openai.APIConnectionError):
        return ModelUnavailable(f"{where}: cannot be reached; check CROSSFOOT_BASE_URL and that the server runs")
    if isinstance(cause, openai.RateLimitError):
        return ModelUnavailable(f"{where}: still refuses for too many requests; run again later, or with less at once")
    if isinstance(cause, (openai.AuthenticationError, openai.PermissionDeniedError)):
        return ModelUnavailable(f"{where}: does not accept the key; set OPENAI_API_KEY")
    if isinstance(cause, openai.NotFoundError):
        return ModelUnavailable(f"{where}: does not know the model {address.model!r} or the path; set CROSSFOOT_MODEL")
    if isinstance(cause, openai.APIStatusError):
        said = " ".join(str(cause.message).split())[:160]
        if cause.status_code >= 500:
            return ModelUnavailable(f"{where}: keeps failing with status {cause.status_code} ({said})")
        return ModelRefused(f"{where}: refused the request with status {cause.status_code} ({said})")
    return ModelUnavailable(f"{where}: {type(error).__name__}: {' '.join(str(error).split())[:160]}")
