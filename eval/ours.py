"""Reading a small table with the embedded model, beside which the plain way is measured: what it gave and what it took.

No call is answered from a store, so that every table is measured with all of its own.
"""

import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from measured import SEED, Key, Measurement, Measurements, machine
from scores import Score, score_document
from smalltables import TABLES, Small, small

from crossfoot.choosing import Readers
from crossfoot.figures import Document
from crossfoot.pipeline import structure
from crossfoot.reading.llm.asked import NoCalls
from crossfoot.reading.llm.spending import Spending
from crossfoot.reading.llm.windows import Desk
from crossfoot.reading.source import from_text
from crossfoot.tabletypes import Catalog, load_catalog

WAY = "crossfoot"
#: What decides what the model is asked and what becomes of its answers.
DECIDING = (
    *(f"src/crossfoot/{name}" for name in ("choosing.py", "figures.py", "labels.py", "numerals.py", "pipeline.py")),
    *("src/crossfoot/tabletypes.py", "src/crossfoot/reading", "src/crossfoot/judging", "prompts", "schemas"),
    *("eval/conditions.py", "eval/smalltables.py"),
)


class Unkept(NoCalls):
    """Keeps no calls, so that every table is measured with all of its own."""

    def way_of(self, base_url: str, model: str) -> str | None:
        """Returns None: the embedded model's way is known."""
        del base_url, model
        return None

    def remember_way(self, base_url: str, model: str, output: str) -> None:
        """Does nothing."""


def measure(desk: Desk, table: Small, catalog: Catalog) -> dict[str, object]:
    """Returns what structuring the table with the model gave, and what it took."""
    spending = Spending()
    started = time.perf_counter()
    document = structure(from_text(table.text), catalog, Readers("llm", desk._replace(spending=spending)))
    return {
        "seconds": round(time.perf_counter() - started, 1),
        "spent": [spent._asdict() for spent in spending.by_cause()],
        "document": document.model_dump(mode="json"),
        "model": desk.model.name,
        "settings": desk.model.settings,
        "prompt_sha256": desk.prompt.files.sha256,
        "machine": machine(),
        "measured_at": datetime.now(UTC).isoformat(timespec="seconds"),
    }


class Measured(NamedTuple):
    """A measurement with its score."""

    name: str
    score: Score
    tokens: Mapping[str, tuple[int, int]]
    seconds: float
    entry: Measurement

    @property
    def tokens_in(self) -> int:
        """Returns the tokens of all questions."""
        return sum(spent for spent, _ in self.tokens.values())

    @property
    def tokens_out(self) -> int:
        """Returns the tokens of all answers."""
        return sum(spent for _, spent in self.tokens.values())


def measured(measurements: Measurements, version: str, condition: str, code: str) -> list[Measured]:
    """Returns what was measured of a prompt version in a condition, in the order of the tables."""
    catalog = load_catalog()
    found: list[Measured] = []
    for name in TABLES:
        entry = measurements.get(Key(WAY, version, condition, name, SEED, code))
        if entry is None:
            continue
        score = score_document(Document.model_validate(entry["document"]), small(name, condition, catalog, SEED))
        tokens = {spent["cause"]: (spent["tokens_in"], spent["tokens_out"]) for spent in entry["spent"]}
        found.append(Measured(name, score, tokens, entry["seconds"], entry))
    return found


def machines(entries: Sequence[Measurement]) -> str:
    """Returns the machines that measured."""
    return "; ".join(sorted({entry["machine"] for entry in entries}))
