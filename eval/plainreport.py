"""What was measured of the plain way → eval/reports/plain.md, side by side with crossfoot's own.

A person's sentences stand in eval/reports/plain-learned.md and are taken over as they are.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from conditions import CONDITIONS
from measured import ROOT, SEED, Key, Measurement, Measurements, table
from ours import WAY, Measured, machines, measured
from plainscores import score_answer
from scores import Score
from smalltables import TABLES, small

from crossfoot.resources import DEFAULT_PROMPT
from crossfoot.tabletypes import load_catalog

LEARNED = ROOT / "eval" / "reports" / "plain-learned.md"
DECIDING = ("eval/plain.py", "eval/plainmodel.py", "eval/conditions.py", "eval/smalltables.py")
_HEADS = (
    "table", "cells", "right", "missing", "wrong", "of them numbers", "answer", "silent errors",
    "calls", "tokens in", "tokens out", "out per cell", "seconds",
)  # fmt: skip
_SIDE_HEADS = (
    "condition", "table", "cells right", "plain", "silent errors", "plain", "given out", "plain",
    "tokens out", "plain", "ratio", "tokens in", "plain", "seconds", "plain",
)  # fmt: skip


class Plain(NamedTuple):
    """A measurement of the plain way with its score."""

    name: str
    score: Score
    calls: int
    tokens_in: int
    tokens_out: int
    seconds: float
    entry: Measurement


def write_report(measurements: Measurements) -> str:
    """Returns the report as Markdown, of the code that was measured last."""
    code = measurements.newest_code("plain")
    found = {condition: _measured(measurements, condition, code) for condition in CONDITIONS}
    lines = [
        "# The plain way: one instructor call per table",
        "",
        *_about([p for m in found.values() for p in m]),
    ]
    lines += ["", "## Side by side", "", *_side_by_side(measurements, found)]
    for condition, many in found.items():
        if many:
            lines += ["", f"## Plain, {condition}", "", *table(_HEADS, [_row(one) for one in many])]
            lines += ["", *_told(many)]
    if LEARNED.is_file():
        lines += ["", "## What was learned", "", LEARNED.read_text(encoding="utf-8").strip()]
    return "\n".join(lines) + "\n"


def _measured(measurements: Measurements, condition: str, code: str) -> list[Plain]:
    catalog = load_catalog()
    found: list[Plain] = []
    for name in TABLES:
        entry = measurements.get(Key("plain", "plain", condition, name, SEED, code))
        if entry is not None:
            score = score_answer(entry["answer"], small(name, condition, catalog, SEED))
            spent = [sum(counts) for counts in zip(*entry["usage"], strict=True)] or [0, 0]
            found.append(Plain(name, score, len(entry["usage"]), spent[0], spent[1], entry["seconds"], entry))
    return found


def _about(many: Sequence[Plain]) -> Iterator[str]:
    if not many:
        yield "Nothing was measured yet."
        return
    entries = [one.entry for one in many]
    yield f"- Command: `make plain`; {len(entries)} tables in conditions, one run each, seed {SEED}."
    yield f"- Committed before it was run ({_commits(entries)}): prompt `eval/plain.py`, models `eval/plainmodel.py`."
    yield f"- Model: {entries[0]['model']}, temperature 0, JSON schema mode, instructor's retries (two more)."
    yield f"- Machine: {machines(entries)}, shared with other work: compare tokens, not seconds."
    yield f"- Measured from {min(e['measured_at'] for e in entries)} to {max(e['measured_at'] for e in entries)}."
    yield "- Rows are paired by code or name, amounts compared as numbers, names as text, blanks and widths aside."
    yield "  A zero for a blank is no error here; null for a damaged numeral is neither right nor an error."
    yield "- Silent errors: numbers wrong or missing in an answer that validated, or in a table accepted or repaired;"
    yield "  a number in a row that is not there is wrong. Wrong names are counted among the wrong cells only."


def _commits(entries: Sequence[Measurement]) -> str:
    return ", ".join(sorted({entry["commit"] for entry in entries}))


def _row(one: Plain) -> tuple[object, ...]:
    score = one.score
    return (
        one.name, score.cells, score.right, score.missing, score.wrong, score.wrong_numbers + score.missing_numbers,
        score.verdict, score.silent_numbers, one.calls, one.tokens_in, one.tokens_out,
        f"{one.tokens_out / score.cells:.1f}", f"{one.seconds:.0f}",
    )  # fmt: skip


def _told(many: Sequence[Plain]) -> Iterator[str]:
    for one in many:
        if one.entry["why"]:
            yield f"- {one.name} failed: {one.entry['why'][:200]}"
        elif one.score.wrong_cells:
            more = len(one.score.wrong_cells) - 8
            shown = "; ".join(one.score.wrong_cells[:8]) + (f"; and {more} more" if more > 0 else "")
            yield f"- {one.name} wrong: {shown}"


def _side_by_side(measurements: Measurements, found: Mapping[str, Sequence[Plain]]) -> Iterator[str]:
    code = measurements.newest_code(WAY)
    pairs: list[tuple[str, Measured, Plain]] = []
    for condition, many in found.items():
        ours = {one.name: one for one in measured(measurements, DEFAULT_PROMPT, condition, code)}
        pairs += [(condition, ours[one.name], one) for one in many if one.name in ours]
    if not pairs:
        yield "Nothing was measured in both ways yet."
        return
    rows = [_compared(condition, one.name, [(ours, one)]) for condition, ours, one in pairs]
    for condition in dict.fromkeys(condition for condition, _, _ in pairs):
        both = [(ours, one) for here, ours, one in pairs if here == condition]
        rows.append(_compared(condition, f"**{len(both)} tables**", both))
    rows.append(_compared("all", f"**{len(pairs)}**", [(ours, one) for _, ours, one in pairs]))
    yield f"{DEFAULT_PROMPT} of crossfoot first, the plain way second; given out is accepted, repaired or validated."
    yield ""
    yield from table(_SIDE_HEADS, rows)


def _compared(condition: str, name: str, both: Sequence[tuple[Measured, Plain]]) -> tuple[object, ...]:
    ours, plain = [one for one, _ in both], [one for _, one in both]
    out, plain_out = sum(one.tokens_out for one in ours), sum(one.tokens_out for one in plain)
    return (
        condition, name,
        f"{sum(one.score.right for one in ours)}/{sum(one.score.cells for one in ours)}",
        f"{sum(one.score.right for one in plain)}/{sum(one.score.cells for one in plain)}",
        sum(one.score.silent_numbers for one in ours), sum(one.score.silent_numbers for one in plain),
        _verdicts([one.score for one in ours]), _verdicts([one.score for one in plain]),
        out, plain_out, f"{out / plain_out:.2f}" if plain_out else "",
        sum(one.tokens_in for one in ours), sum(one.tokens_in for one in plain),
        f"{sum(one.seconds for one in ours):.0f}", f"{sum(one.seconds for one in plain):.0f}",
    )  # fmt: skip


def _verdicts(scores: Sequence[Score]) -> str:
    counted = Counter(score.verdict for score in scores)
    if len(scores) == 1:
        return next(iter(counted))
    return ", ".join(f"{number} {verdict}" for verdict, number in counted.most_common())
