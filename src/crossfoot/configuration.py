"""The user's configuration file: what a model's tokens cost. None is shipped as truth, and none is needed otherwise.

`crossfoot.toml` in the working directory, or the file that CROSSFOOT_CONFIG names:

    [prices."some-model"]   # in any currency, for a million tokens
    input = 0.5
    output = 1.5
"""

import os
import tomllib
from decimal import Decimal
from pathlib import Path

from crossfoot.errors import ReaderError
from crossfoot.reading.llm.spending import Price


def price_of(model: str) -> Price:
    """Returns what the model's tokens cost; raises ReaderError that says where to write it when it is not known."""
    path = Path(os.environ.get("CROSSFOOT_CONFIG") or "crossfoot.toml")
    entry = _prices(path).get(model)
    if entry is None:
        raise ReaderError(
            f"--max-cost needs the prices of {model!r}: add to {path}\n"
            f'  [prices."{model}"]\n  input = …   # for a million tokens\n  output = …'
        )
    try:
        price = Price(Decimal(str(entry["input"])), Decimal(str(entry["output"])))
    except (KeyError, TypeError, ArithmeticError):
        price = None
    if price is None or not all(number.is_finite() and number >= 0 for number in price):
        raise ReaderError(f"{path}: prices of {model!r} need two numbers, `input` and `output`")
    return price


def _prices(path: Path) -> dict[str, dict[str, object]]:
    if not path.is_file():
        return {}
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"), parse_float=Decimal)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ReaderError(f"{path}: {error}") from None
    prices = content.get("prices", {})
    return prices if isinstance(prices, dict) else {}
