"""The options that say which model is asked, and how far: parsed here, handed on as one value."""

import math
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Annotated, Literal, NamedTuple

import typer

from crossfoot.errors import ReaderError

if TYPE_CHECKING:
    from crossfoot.choosing import Choice
    from crossfoot.reading.llm.opening import KeptCalls, Wanted
    from crossfoot.reading.llm.spending import Spending
    from crossfoot.reading.llm.windows import Desk

Reader = Annotated[
    Literal["auto", "llm", "grid"],
    typer.Option(
        help="grid: by columns, no model; llm: a model reads everything; auto: a model only where columns fail."
    ),
]
Prompt = Annotated[str, typer.Option("--prompt", metavar="VERSION", help="The prompt version, a folder of prompts/.")]
BaseUrl = Annotated[
    str,
    typer.Option(
        "--base-url", envvar="CROSSFOOT_BASE_URL", metavar="URL",
        help="An OpenAI-compatible endpoint; without one, the local model (`crossfoot model pull`).",
    ),
]  # fmt: skip
ModelName = Annotated[
    str, typer.Option("--model", envvar="CROSSFOOT_MODEL", metavar="NAME", help="The model's name at that endpoint.")
]
Key = Annotated[
    str,
    typer.Option("--api-key", envvar="OPENAI_API_KEY", metavar="KEY", help="Its key; better set in the environment."),
]
Output = Annotated[
    str,
    typer.Option(
        "--output", envvar="CROSSFOOT_OUTPUT", metavar="WAY",
        help="json_schema, tools or json; found out once and remembered if not given.",
    ),
]  # fmt: skip
MaxTokens = Annotated[
    int | None,
    typer.Option("--max-tokens", metavar="N", min=0, help="Stop asking before the next questions would pass N tokens."),
]
MaxCost = Annotated[
    str | None, typer.Option("--max-cost", metavar="X", help="The same in money; needs prices in crossfoot.toml.")
]


class Asking(NamedTuple):
    """What the options say, before anything is opened."""

    reader: "Choice"
    prompt: str
    base_url: str
    model: str
    key: str
    output: str
    max_tokens: int | None
    max_cost: str | None


@contextmanager
def desk_of(asking: Asking, calls: "KeptCalls", say: Callable[[str], None]) -> Iterator["Desk | None"]:
    """Returns, as a context manager, the desk for the options; says what was spent when it closes, however it does.

    Raises ReaderError when a model is required and none can be asked.
    """
    if asking.reader == "grid":
        yield None
        return
    from crossfoot.reading.llm.opening import open_desk

    spending = _spending(asking)
    try:
        with open_desk(_wanted(asking), calls, spending, say) as desk:
            if desk is None and asking.reader == "llm":
                raise ReaderError(
                    "--reader llm needs a model: `crossfoot model pull` fetches one that runs here, "
                    "or name an endpoint with CROSSFOOT_BASE_URL and CROSSFOOT_MODEL"
                )
            yield desk
    finally:
        _say_spent(spending, say)


def _wanted(asking: Asking) -> "Wanted":
    from crossfoot.reading.llm.opening import Wanted

    return Wanted(
        base_url=asking.base_url,
        model=asking.model,
        key=asking.key,
        output=asking.output,
        prompt=asking.prompt,
        concurrency=_calls_at_once(),
        seconds=_seconds(),
    )


def _calls_at_once() -> int:
    """Returns how many calls may be under way at once, 0 if it is not said."""
    text = os.environ.get("CROSSFOOT_CONCURRENCY", "").strip()
    if not text:
        return 0
    if not (text.isascii() and text.isdigit() and text.strip("0")) or len(text) > 4:
        raise ReaderError(f"CROSSFOOT_CONCURRENCY must be a whole number from 1 on, not {text!r}")
    return int(text)


def _seconds() -> float:
    """Returns how many seconds an answer may take, 0 if it is not said."""
    text = os.environ.get("CROSSFOOT_TIMEOUT", "").strip()
    if not text:
        return 0.0
    try:
        seconds = float(text)
    except ValueError:
        seconds = math.nan
    if not 0 < seconds < math.inf:
        raise ReaderError(f"CROSSFOOT_TIMEOUT must be a positive number of seconds, not {text!r}")
    return seconds


def _spending(asking: Asking) -> "Spending":
    from crossfoot.configuration import price_of
    from crossfoot.reading.llm.modelfile import DEFAULT_MODEL
    from crossfoot.reading.llm.spending import Spending

    if asking.max_cost is None:
        return Spending(max_tokens=asking.max_tokens)
    try:
        most = Decimal(asking.max_cost)
    except InvalidOperation:
        raise ReaderError(f"--max-cost {asking.max_cost!r} is no number") from None
    if not most.is_finite() or most < 0:
        raise ReaderError(f"--max-cost {asking.max_cost!r} is no amount of money")
    return Spending(max_tokens=asking.max_tokens, max_cost=most, price=price_of(asking.model or DEFAULT_MODEL.name))


def _say_spent(spending: "Spending", say: Callable[[str], None]) -> None:
    for spent in spending.by_cause():
        cause = spent.cause.replace("_", " ")
        say(
            f"model: {cause}: {spent.calls} calls, {spent.tokens_in:,} tokens in, {spent.tokens_out:,} out"
            + (f"; {spent.kept} answers were in the store" if spent.kept else "")
        )
    if spending.cost is not None:
        say(f"model: this cost {spending.cost:.4f}")
