"""Settings → the desk where questions are asked: an endpoint if one is named, else the embedded model if it is here.

The embedded model is started at the first question and stopped with the desk; a run that asks nothing starts nothing.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import NamedTuple, Protocol

from crossfoot.errors import ModelUnavailable
from crossfoot.reading.llm.address import Address
from crossfoot.reading.llm.asked import Asked, Calls, Reply
from crossfoot.reading.llm.endpoint import MODES, Endpoint, Mode, Patience
from crossfoot.reading.llm.localmodel import serve
from crossfoot.reading.llm.modelfile import DEFAULT_MODEL, model_folder
from crossfoot.reading.llm.prompts import load_prompt
from crossfoot.reading.llm.spending import Spending
from crossfoot.reading.llm.windows import Desk
from crossfoot.resources import DEFAULT_PROMPT

#: A small model on few cores writes some ten tokens a second; its longest answers take minutes.
_LOCAL_PATIENCE = Patience(answer_seconds=900.0, attempts=2, pause_seconds=5.0)


class Wanted(NamedTuple):
    """What a user asks for: an endpoint (or none, for the embedded model), the prompt version, side-by-side calls."""

    base_url: str = ""
    model: str = ""
    key: str = ""
    output: str = ""
    prompt: str = DEFAULT_PROMPT
    concurrency: int = 0
    seconds: float = 0.0


class KeptCalls(Calls, Protocol):
    """Calls that are kept, with the way in which each endpoint gives structured output."""

    def way_of(self, base_url: str, model: str) -> str | None:
        """Returns the way, or None."""
        ...

    def remember_way(self, base_url: str, model: str, output: str) -> None:
        """Keeps the way."""
        ...


class Embedded:
    """The embedded model as a Model; served on loopback from the first question on."""

    concurrency = 1
    name = identity = DEFAULT_MODEL.name
    settings = known_settings = "temperature=0 output=json_schema"

    def __init__(self, path: Path, say: Callable[[str], None]) -> None:
        self._path = path
        self._say = say
        self._running = ExitStack()
        self._endpoint: Endpoint | None = None

    def ask(self, asked: Asked) -> Reply:
        """Returns the reply; starts the server when it is the first."""
        if self._endpoint is None:
            self._say(f"starting the local model {self.name}")
            base_url = self._running.enter_context(serve(self._path))
            endpoint = Endpoint(
                Address(base_url, self.name), mode="json_schema", patience=_LOCAL_PATIENCE, concurrency=1
            )
            self._running.callback(endpoint.close)
            self._endpoint = endpoint
        return self._endpoint.ask(asked)

    def close(self) -> None:
        """Stops the server, if it was started."""
        self._running.close()
        self._endpoint = None


def local_model() -> Path | None:
    """Returns the embedded model's file if it is on this machine, or None."""
    path = model_folder() / DEFAULT_MODEL.file
    return path if path.is_file() and path.stat().st_size == DEFAULT_MODEL.size else None


@contextmanager
def open_desk(
    wanted: Wanted, calls: KeptCalls, spending: Spending, say: Callable[[str], None]
) -> Iterator[Desk | None]:
    """Returns, as a context manager, the desk for what is wanted; None where no endpoint is named and no model is here.

    Raises ReaderError for a prompt version or an output mode that does not exist.
    """
    prompt = load_prompt(wanted.prompt)
    model = _model(wanted, calls, say)
    try:
        yield None if model is None else Desk(model, prompt, calls, spending)
    finally:
        if model is not None:
            model.close()
        if isinstance(model, Endpoint):
            for reply in model.probed:
                spending.count(reply, "probe")


def _model(wanted: Wanted, calls: KeptCalls, say: Callable[[str], None]) -> "Endpoint | Embedded | None":
    if not wanted.base_url:
        path = local_model()
        return None if path is None else Embedded(path, say)
    address = Address(wanted.base_url, wanted.model, wanted.key)
    if not wanted.model:
        raise ModelUnavailable(f"{address.shown}: which model? set CROSSFOOT_MODEL or give --model")
    if not address.is_url:
        raise ModelUnavailable(f"{address.shown!r} is no address of an endpoint; one is like http://127.0.0.1:8080/v1")
    if not (wanted.key.isascii() and wanted.key.strip().isprintable()):
        raise ModelUnavailable("the key holds signs that cannot be sent; set OPENAI_API_KEY")
    found = wanted.output or calls.way_of(address.shown, wanted.model) or ""
    ways: dict[str, Mode] = {mode: mode for mode in MODES}
    if found and found not in ways:
        raise ModelUnavailable(f"{found!r} is no way of structured output; known are {', '.join(MODES)}")
    return Endpoint(
        address,
        mode=ways.get(found),
        patience=Patience(answer_seconds=wanted.seconds) if wanted.seconds else Patience(),
        concurrency=wanted.concurrency or 4,
        remember=lambda mode: calls.remember_way(address.shown, wanted.model, mode),
    )
