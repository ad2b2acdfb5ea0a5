"""A model whose replies are recorded with their time, so that a run that is repeated asks nothing and says the same.

Unlike the calls that a store keeps, a recorded reply counts its tokens again: what a reading costs does not depend on
how often it was measured.
"""

import json
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import NamedTuple

from crossfoot.errors import ModelUnavailable
from crossfoot.reading.llm.asked import Asked, Model, NoCalls, Reply


class Replied(NamedTuple):
    """A reply and how long the model took for it."""

    reply: Reply
    seconds: float


class Record(NoCalls):
    """The replies in a file of JSON lines, by the hash of prompt, schema, model, settings and text.

    Beside them stands how each endpoint gives structured output, which is part of the settings: a run that is repeated
    must not ask for it, and must not look for its replies before it knows. A desk keeps nothing else here.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = Lock()
        self._replies: dict[str, Replied] = {}
        self._ways: dict[tuple[str, str], str] = {}
        path.parent.mkdir(parents=True, exist_ok=True)
        for line in path.read_bytes().split(b"\n") if path.is_file() else ():
            try:
                entry = json.loads(line)
                if "way" in entry:
                    self._ways[entry["endpoint"], entry["model"]] = str(entry["way"])
                    continue
                self._replies[entry["key"]] = Replied(Reply(**entry["reply"]), float(entry["seconds"]))
            except (ValueError, KeyError, TypeError):  # a line that was cut off when the run was killed
                continue

    def replied(self, key: str) -> Replied | None:
        """Returns what was replied, or None."""
        return self._replies.get(key)

    def add(self, key: str, replied: Replied) -> None:
        """Keeps a reply."""
        self._replies[key] = replied
        self._write({"key": key, "seconds": round(replied.seconds, 3), "reply": replied.reply._asdict()})

    def way_of(self, base_url: str, model: str) -> str | None:
        """Returns how the endpoint gives structured output, or None."""
        return self._ways.get((base_url, model))

    def remember_way(self, base_url: str, model: str, output: str) -> None:
        """Keeps how the endpoint gives structured output."""
        self._ways[base_url, model] = output
        self._write({"way": output, "endpoint": base_url, "model": model})

    def _write(self, entry: Mapping[str, object]) -> None:
        with self._lock, self._path.open("a", encoding="utf-8") as file:
            file.write("\n" * _is_cut(self._path) + json.dumps(entry, ensure_ascii=False) + "\n")


class Recorded:
    """A model that is asked only what its record does not have.

    `replayed` is how many seconds the rest had taken; `silence` why no answer could be had, "" where each could.
    """

    def __init__(self, model: Model, record: Record) -> None:
        self._model = model
        self._record = record
        self.name = model.name
        self.concurrency = model.concurrency
        self.replayed = 0.0
        self.silence = ""

    @property
    def identity(self) -> str:
        """Returns the model's."""
        return self._model.identity

    @property
    def settings(self) -> str:
        """Returns the model's."""
        with self._listening():
            return self._model.settings

    @property
    def known_settings(self) -> str:
        """Returns the model's."""
        return self._model.known_settings

    def ask(self, asked: Asked) -> Reply:
        """Returns the recorded reply, or the model's, which is then recorded."""
        key = asked.key(self.identity, self.known_settings)
        known = self._record.replied(key)
        if known is not None:
            self.replayed += known.seconds
            return known.reply
        started = time.perf_counter()
        with self._listening():
            reply = self._model.ask(asked)
        self._record.add(key, Replied(reply, time.perf_counter() - started))
        return reply

    @contextmanager
    def _listening(self) -> Iterator[None]:
        """Notes that no answer can be had; a question that may only be too large says nothing of the others."""
        try:
            yield
        except ModelUnavailable as error:
            if not error.smaller_may_pass:
                self.silence = f"the model could not be asked: {error}"
            raise


def _is_cut(path: Path) -> bool:
    """Says whether the file's last line was not written to its end."""
    if not path.is_file() or not path.stat().st_size:
        return False
    with path.open("rb") as file:
        file.seek(-1, 2)
        return file.read(1) != b"\n"
