"""A model whose replies are recorded with their time, so that a run that is repeated asks nothing and says the same.

Unlike the calls that a store keeps, a recorded reply counts its tokens again: what a reading costs does not depend on
how often it was measured.
"""

import json
import time
from pathlib import Path
from threading import Lock
from typing import NamedTuple

from crossfoot.reading.llm.asked import Asked, Model, Reply


class Replied(NamedTuple):
    """A reply and how long the model took for it."""

    reply: Reply
    seconds: float


class Record:
    """The replies in a file of JSON lines, by the hash of prompt, schema, model, settings and text."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = Lock()
        self._replies: dict[str, Replied] = {}
        path.parent.mkdir(parents=True, exist_ok=True)
        for line in path.read_text(encoding="utf-8").splitlines() if path.is_file() else ():
            try:
                entry = json.loads(line)
            except ValueError:  # a line that was cut off when the run was killed
                continue
            self._replies[entry["key"]] = Replied(Reply(**entry["reply"]), entry["seconds"])

    def get(self, key: str) -> Replied | None:
        """Returns what was replied, or None."""
        return self._replies.get(key)

    def add(self, key: str, replied: Replied) -> None:
        """Keeps a reply."""
        entry = {"key": key, "seconds": round(replied.seconds, 3), "reply": replied.reply._asdict()}
        with self._lock:
            self._replies[key] = replied
            with self._path.open("a", encoding="utf-8") as file:
                file.write("\n" * _is_cut(self._path) + json.dumps(entry, ensure_ascii=False) + "\n")


class Recorded:
    """A model that is asked only what its record does not have; `replayed` is how many seconds the rest had taken."""

    def __init__(self, model: Model, record: Record) -> None:
        self._model = model
        self._record = record
        self.name = model.name
        self.concurrency = model.concurrency
        self.replayed = 0.0

    @property
    def identity(self) -> str:
        """Returns the model's."""
        return self._model.identity

    @property
    def settings(self) -> str:
        """Returns the model's."""
        return self._model.settings

    @property
    def known_settings(self) -> str:
        """Returns the model's."""
        return self._model.known_settings

    def ask(self, asked: Asked) -> Reply:
        """Returns the recorded reply, or the model's, which is then recorded."""
        key = asked.key(self.identity, self.known_settings)
        known = self._record.get(key)
        if known is not None:
            self.replayed += known.seconds
            return known.reply
        started = time.perf_counter()
        reply = self._model.ask(asked)
        self._record.add(key, Replied(reply, time.perf_counter() - started))
        return reply


def _is_cut(path: Path) -> bool:
    """Says whether the file's last line was not written to its end."""
    if not path.is_file() or not path.stat().st_size:
        return False
    with path.open("rb") as file:
        file.seek(-1, 2)
        return file.read(1) != b"\n"
