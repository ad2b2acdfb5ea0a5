"""What was measured with the model → eval/reports/live.md. The figures are made here, the reading of them by a person.

A person's sentences stand in eval/reports/live-learned.md and are taken over as they are.
"""

import time
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple

from conditions import CONDITIONS
from measured import ROOT, SEED, Key, Measurement, Measurements, table
from scores import Score, score_document
from smalltables import TABLES, small

from crossfoot.figures import Document
from crossfoot.pipeline import structure
from crossfoot.reading.llm.prompts import versions
from crossfoot.reading.source import from_text
from crossfoot.tabletypes import load_catalog

#: What decides what the model is asked and what becomes of its answers.
DECIDING = (
    *(f"src/crossfoot/{name}" for name in ("choosing.py", "figures.py", "labels.py", "numerals.py", "pipeline.py")),
    *("src/crossfoot/tabletypes.py", "src/crossfoot/reading", "src/crossfoot/judging", "prompts", "schemas"),
    *("eval/conditions.py", "eval/smalltables.py"),
)
LEARNED = ROOT / "eval" / "reports" / "live-learned.md"
_HEADS = (
    "table", "cells", "right", "right by columns alone", "missing", "wrong", "verdict", "wrong in accepted or repaired",
    "tokens in", "tokens out", "of them re-asked", "wasted", "out per cell", "seconds",
)  # fmt: skip

_CONDITIONS = (
    "- Conditions (`eval/conditions.py`): *lost tabs*: a run of tabs is one or two blanks, and of text cells",
    "  over 12 characters the rest stands on following lines; *damaged digits*: one of twenty numerals, at least one,",
    "  has a digit that is O, l or □, and the truth is the damaged text.",
    "- A cell is one that is not blank. A misplaced cell is one missing and one wrong. A value that differs from",
    "  the number of the undamaged document is wrong, whatever the text. No call was answered from a store.",
)


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
        entry = measurements.get(Key("live", version, condition, name, SEED, code))
        if entry is None:
            continue
        score = score_document(Document.model_validate(entry["document"]), small(name, condition, catalog, SEED))
        tokens = {spent["cause"]: (spent["tokens_in"], spent["tokens_out"]) for spent in entry["spent"]}
        found.append(Measured(name, score, tokens, entry["seconds"], entry))
    return found


@cache
def _by_columns(condition: str) -> tuple[Measured, ...]:
    """Returns what comes of every table without a model."""
    catalog = load_catalog()
    found: list[Measured] = []
    for name in TABLES:
        one = small(name, condition, catalog, SEED)
        started = time.perf_counter()
        document = structure(from_text(one.text), catalog)
        seconds = time.perf_counter() - started
        found.append(Measured(name, score_document(document, one), {}, seconds, {"document": document.model_dump()}))
    return tuple(found)


def _right_by_columns(condition: str, names: Collection[str]) -> int:
    return sum(one.score.right for one in _by_columns(condition) if one.name in names)


def write_report(measurements: Measurements) -> str:
    """Returns the report as Markdown, of the code that was measured last."""
    code = measurements.newest_code
    found = {
        (version, condition): measured(measurements, version, condition, code)
        for version in sorted(versions(), reverse=True)
        for condition in CONDITIONS
    }
    lines = ["# Reading with the embedded model", "", *_about([m for many in found.values() for m in many])]
    columns = {("none", condition): _by_columns(condition) for condition in CONDITIONS}
    lines += ["", "## Totals", "", "Prompt `none` is the same text read by its columns alone, for comparison.", ""]
    lines += table(("prompt", "condition", "tables", *_HEADS[1:]), list(_totals({**columns, **found})))
    for (version, condition), many in found.items():
        if many:
            lines += ["", f"## {version}, {condition}", "", *table(_HEADS, [_row(one, condition) for one in many])]
            lines += ["", *_told(many)]
    if LEARNED.is_file():
        lines += ["", "## What was learned", "", LEARNED.read_text(encoding="utf-8").strip()]
    return "\n".join(lines) + "\n"


def _about(many: Sequence[Measured]) -> Iterator[str]:
    if not many:
        yield "Nothing was measured yet."
        return
    entries = [one.entry for one in many]
    prompts = sorted({(entry["key"]["prompt"], entry["prompt_sha256"][:12]) for entry in entries})
    yield f"- Command: `make live`; {len(entries)} tables in conditions, one run each, seed {SEED}."
    yield f"- Code: commit {', '.join(sorted({entry['commit'] for entry in entries}))}."
    yield f"- Model: {entries[0]['model']}, {entries[0]['settings']}, served on this machine."
    yield f"- Prompts: {', '.join(f'{version} ({digest}…)' for version, digest in prompts)}."
    yield f"- Machine: {machines(entries)}, shared with other work: compare tokens, not seconds."
    yield f"- Measured from {min(e['measured_at'] for e in entries)} to {max(e['measured_at'] for e in entries)}."
    yield "- Each table is a document of its own, cut from an example (`eval/smalltables.py`); truth is `eval/cases/`."
    yield from _CONDITIONS


def machines(entries: Sequence[Measurement]) -> str:
    """Returns the machines that measured."""
    return "; ".join(sorted({entry["machine"] for entry in entries}))


def _row(one: Measured, condition: str) -> tuple[object, ...]:
    score = one.score
    return (
        one.name, score.cells, score.right, _right_by_columns(condition, {one.name}), score.missing, score.wrong,
        _verdict(one),
        score.wrong if score.passed else 0, one.tokens_in, one.tokens_out,
        one.tokens.get("re_ask", (0, 0))[1], one.tokens.get("wasted", (0, 0))[1],
        f"{one.tokens_out / score.cells:.1f}", f"{one.seconds:.0f}",
    )  # fmt: skip


def _verdict(one: Measured) -> str:
    tables: list[dict[str, Any]] = one.entry["document"]["tables"]
    reasons = sorted({reason for entry in tables for reason in entry["verdict"]["reasons"]})
    return one.score.verdict + (f" ({', '.join(reasons)})" if reasons else "")


def _totals(found: Mapping[tuple[str, str], Sequence[Measured]]) -> Iterator[tuple[object, ...]]:
    for (version, condition), many in found.items():
        if not many:
            continue
        verdicts = Counter(one.score.verdict for one in many)
        cells = sum(one.score.cells for one in many)
        tokens_out = sum(one.tokens_out for one in many)
        yield (
            version, condition, len(many), cells, sum(one.score.right for one in many),
            _right_by_columns(condition, {one.name for one in many}),
            sum(one.score.missing for one in many), sum(one.score.wrong for one in many),
            ", ".join(f"{number} {verdict}" for verdict, number in verdicts.most_common()),
            sum(one.score.wrong for one in many if one.score.passed),
            sum(one.tokens_in for one in many), tokens_out,
            sum(one.tokens.get("re_ask", (0, 0))[1] for one in many),
            sum(one.tokens.get("wasted", (0, 0))[1] for one in many),
            f"{tokens_out / cells:.1f}", f"{sum(one.seconds for one in many):.0f}",
        )  # fmt: skip


def _told(many: Sequence[Measured]) -> Iterator[str]:
    """Yields what is missing or wrong in tables given out as good, cell by cell; there should be nothing."""
    for one in many:
        if one.score.passed and (one.score.wrong or one.score.missing):
            yield f"- {one.name} is {one.score.verdict} with {one.score.missing} missing and {one.score.wrong} wrong: "
            yield f"  {'; '.join(one.score.wrong_cells) or 'none wrong'}."
