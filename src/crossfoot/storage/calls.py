"""Calls of models, kept by content: a second run of the same text with the same prompt asks nothing.

Each call is kept in a transaction of its own, so that a killed run takes up where it was, window by window.
"""

from datetime import UTC, datetime

from crossfoot.reading.llm.asked import Reply
from crossfoot.storage.database import Opened


class StoredCalls:
    """The calls in a store, and in which way each endpoint gives structured output."""

    def __init__(self, database: Opened) -> None:
        self._db = database

    def kept(self, key: str) -> Reply | None:
        """Returns the reply kept under the key, or None."""
        rows = self._db.rows("SELECT answer, finish, tokens_in, tokens_out, why FROM calls WHERE key = ?", key)
        return Reply(*rows[0]) if rows else None

    def keep(self, key: str, reply: Reply, about: str) -> None:
        """Keeps the reply; `about` says what asked."""
        self._db.write(
            "INSERT OR REPLACE INTO calls (key, about, answer, finish, tokens_in, tokens_out, why, made_at) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            key, about, reply.text, reply.finish, reply.tokens_in, reply.tokens_out, reply.why,
            datetime.now(UTC).isoformat(timespec="seconds"),
        )  # fmt: skip

    def way_of(self, base_url: str, model: str) -> str | None:
        """Returns how the endpoint was found to give structured output, or None."""
        rows = self._db.rows("SELECT output FROM endpoints WHERE base_url = ? AND model = ?", base_url, model)
        return str(rows[0][0]) if rows else None

    def remember_way(self, base_url: str, model: str, output: str) -> None:
        """Keeps how the endpoint gives structured output."""
        self._db.write(
            "INSERT OR REPLACE INTO endpoints (base_url, model, output) VALUES (?, ?, ?)", base_url, model, output
        )
