"""Tokens by cause, and a cap that stops between questions. Prices are the user's; none is shipped as truth."""

from collections import Counter
from decimal import Decimal
from threading import Lock
from typing import NamedTuple

from crossfoot.reading.llm.asked import Cause, Reply

_MILLION = Decimal(1_000_000)


class Price(NamedTuple):
    """What a million tokens cost, in the currency of the user's table."""

    tokens_in: Decimal
    tokens_out: Decimal


class Spent(NamedTuple):
    """Tokens used for one cause, calls made, and calls answered from the store."""

    cause: Cause
    calls: int
    kept: int
    tokens_in: int
    tokens_out: int


class Spending:
    """Counts tokens by cause while windows are read side by side; `max_tokens` and `max_cost` cap their sum."""

    def __init__(
        self, *, max_tokens: int | None = None, max_cost: Decimal | None = None, price: Price | None = None
    ) -> None:
        self.max_tokens = max_tokens
        self.max_cost = max_cost
        self.price = price
        self._lock = Lock()
        self._calls: Counter[Cause] = Counter()
        self._kept: Counter[Cause] = Counter()
        self._in: Counter[Cause] = Counter()
        self._out: Counter[Cause] = Counter()

    def count(self, reply: Reply, cause: Cause) -> None:
        """Counts a call that was made; an answer that cannot be used is `wasted`, whatever it was asked for."""
        cause = cause if reply.finish == "stop" else "wasted"
        with self._lock:
            self._calls[cause] += 1
            self._in[cause] += reply.tokens_in
            self._out[cause] += reply.tokens_out

    def count_kept(self, cause: Cause) -> None:
        """Counts a call that the store answered."""
        with self._lock:
            self._kept[cause] += 1

    @property
    def tokens(self) -> int:
        """Returns all tokens used, in and out."""
        return sum(self._in.values()) + sum(self._out.values())

    @property
    def cost(self) -> Decimal | None:
        """Returns what they cost by the user's prices, or None without prices."""
        if self.price is None:
            return None
        spent_in, spent_out = sum(self._in.values()), sum(self._out.values())
        return (spent_in * self.price.tokens_in + spent_out * self.price.tokens_out) / _MILLION

    def refuses(self, tokens: int) -> str:
        """Returns why about so many more tokens may not be spent, or an empty string."""
        if self.max_tokens is not None and self.tokens + tokens > self.max_tokens:
            return f"the cap of {self.max_tokens:,} tokens would be passed ({self.tokens:,} are spent)"
        if self.max_cost is not None and self.price is not None and self.cost is not None:
            dearest = max(self.price.tokens_in, self.price.tokens_out)
            if self.cost + tokens * dearest / _MILLION > self.max_cost:
                return f"the cap of {self.max_cost} would be passed ({self.cost:.4f} is spent)"
        return ""

    def by_cause(self) -> tuple[Spent, ...]:
        """Returns what was spent, cause by cause, the causes without any call left out."""
        causes = sorted({*self._calls, *self._kept})
        return tuple(Spent(c, self._calls[c], self._kept[c], self._in[c], self._out[c]) for c in causes)
