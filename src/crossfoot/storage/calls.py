"""Calls of models, kept by content: a second run of the same text with the same prompt asks nothing.

Each call is kept in a transaction of its own, so that a killed run takes up where it was, window by window.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime

from sqlite_utils import Database

from crossfoot.reading.llm.asked import Reply


class StoredCalls:
    """The calls in a store, and in which way each endpoint gives structured output.

    `use` is entered by whoever uses the database: the threads that ask take turns with the one that keeps documents.
    """

    def __init__(self, database: Database, use: Callable[[], AbstractContextManager[None]]) -> None:
        self._db = database
        self._use = use

    def kept(self, key: str) -> Reply | None:
        """Returns the reply kept under the key, or None."""
        with self._use():
            row = self._db.execute(
                "SELECT answer, finish, tokens_in, tokens_out, why FROM calls WHERE key = ?", [key]
            ).fetchone()
        return None if row is None else Reply(*row)

    def keep(self, key: str, reply: Reply, about: str) -> None:
        """Keeps the reply; `about` says what asked."""
        record = {
            "key": key,
            "about": about,
            "answer": reply.text,
            "finish": reply.finish,
            "tokens_in": reply.tokens_in,
            "tokens_out": reply.tokens_out,
            "why": reply.why,
            "made_at": datetime.now(UTC).isoformat(timespec="seconds"),
        }
        with self._use(), self._db.atomic():
            self._db.table("calls").insert(record, replace=True)

    def way_of(self, base_url: str, model: str) -> str | None:
        """Returns how the endpoint was found to give structured output, or None."""
        with self._use():
            row = self._db.execute(
                "SELECT output FROM endpoints WHERE base_url = ? AND model = ?", [base_url, model]
            ).fetchone()
        return None if row is None else str(row[0])

    def remember_way(self, base_url: str, model: str, output: str) -> None:
        """Keeps how the endpoint gives structured output."""
        with self._use(), self._db.atomic():
            self._db.table("endpoints").insert({"base_url": base_url, "model": model, "output": output}, replace=True)
