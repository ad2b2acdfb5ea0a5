"""What is asked of a model and what comes back: the nouns between the prompts, the endpoint and the reader.

`Model` is the one seam to the outside: endpoint.py is the real one, a test's scripted model another.
"""

import hashlib
import json
from collections.abc import Mapping
from typing import Any, Literal, NamedTuple, Protocol

from pydantic import BaseModel

#: What tokens are spent on. `probe` finds out what an endpoint can, `wasted` are those of answers of no use.
Cause = Literal["first_read", "re_ask", "columns", "prose", "probe", "wasted"]

Finish = Literal["stop", "length", "garbled"]


class Asked(NamedTuple):
    """One question: the messages, the strict model of the answer, how long it may be, and what validates it.

    `context` is for the validators of whoever asks (the records that the answer must be grounded in); it is not sent,
    and an endpoint checks the answer's shape without it. `patient` says that a failure is worth another attempt.
    """

    system: str
    user: str
    answer: type[BaseModel]
    max_tokens: int
    context: Mapping[str, Any]
    patient: bool = True

    def key(self, model: str, settings: str) -> str:
        """Returns the hash by which the call is kept: prompt, schema, model, settings and text."""
        schema = json.dumps(self.answer.model_json_schema(), ensure_ascii=False, sort_keys=True)
        parts = [self.system, self.user, schema, str(self.max_tokens), model, settings]
        return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()


class Reply(NamedTuple):
    """What a model answered: JSON that fits the schema (`stop`), or what could be had of it, and the tokens used."""

    text: str
    finish: Finish
    tokens_in: int
    tokens_out: int
    why: str = ""


class Model(Protocol):
    """Something that answers questions; `name` and `settings` go into every record of what it read."""

    name: str
    concurrency: int

    @property
    def identity(self) -> str:
        """Returns what tells it from others of the same name: at an endpoint the address, without what is secret."""

    @property
    def settings(self) -> str:
        """Returns what besides the model decides its answers: temperature and the way of structured output."""

    @property
    def known_settings(self) -> str:
        """Returns as much of the settings as is known without asking."""

    def ask(self, asked: Asked) -> Reply:
        """Returns the reply; raises ModelUnavailable when none can be had."""


class Calls(Protocol):
    """Keeps replies by the hash of their question."""

    def kept(self, key: str) -> Reply | None:
        """Returns the reply kept under the key, or None."""
        ...

    def keep(self, key: str, reply: Reply, about: str) -> None:
        """Keeps the reply; `about` says what asked, for people who look into the store."""


class NoCalls:
    """Keeps nothing: every question is asked."""

    def kept(self, key: str) -> Reply | None:
        """Returns None."""
        del key
        return None

    def keep(self, key: str, reply: Reply, about: str) -> None:
        """Does nothing."""

    def way_of(self, base_url: str, model: str) -> str | None:
        """Returns None: no endpoint's way is known."""
        del base_url, model
        return None

    def remember_way(self, base_url: str, model: str, output: str) -> None:
        """Does nothing."""


class RememberedCalls:
    """Remembers the replies of one document beside the calls that are kept, so that none is asked for twice."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls
        self._replies: dict[str, Reply] = {}

    def kept(self, key: str) -> Reply | None:
        """Returns the reply kept under the key, or None."""
        return self._replies.get(key) or self._calls.kept(key)

    def keep(self, key: str, reply: Reply, about: str) -> None:
        """Keeps the reply in both."""
        self._replies[key] = reply
        self._calls.keep(key, reply, about)
