"""What became of damaged tables → eval/reports/repair.md: counts by shape and by kind, and every case to look at."""

import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from corrupt import CLEAN, GLYPH, KINDS, class_of
from locate_bench import Speed
from measured import table
from outcomes import NEVER, OUTCOMES

if TYPE_CHECKING:  # repair.py makes them and asks for the report
    from repair import Batch, Case

_MOST_LISTED = 40
_ABOUT = """\
The tables are made from seeds (`eval/made_budgets.py`, `eval/made_panels.py`, `eval/made_documents.py`: forms, figures
and sums, nothing of crossfoot), printed with tabs, half of them exact and half with every figure rounded by itself; or
they are the tables of the examples that foot. `eval/corrupt.py` damages them, and they are read again without a model.
Truth is what was printed before.

- *repaired rightly*: every damaged cell is `repaired`, or read in spite of the damage, and has its true amount.
  *derived*: the same, some of them computed, and the truth lies in the interval that is told. *still read*: the true
  amount was read in spite of the damage.
- *flagged, located*: flagged, and findings name just the damaged cells, with their true amounts. *flagged*: flagged.
  *flagged elsewhere*: several figures were moved or are gone, and only a table that they contradict is flagged.
- *cancelling*: several damages after which every sum still holds. *invisible*: the damage breaks no sum, or none beyond
  its rounding; a sum whose total is blank says nothing, and a row that is left out leaves its parts in its place.
- *repaired wrongly*: some cell is `repaired` and not true, or a table without a flag has a figure that is neither
  printed nor true. *derived wrongly*: the truth lies outside the interval. *missed*: no flag, although a sum is broken
  beyond its rounding or a figure cannot be read.
"""


def written(batches: Sequence["Batch"], speeds: Sequence[Speed], run: tuple[str, float]) -> str:
    """Returns the report; `run` is the commit that was measured and the seconds it took."""
    cases = [case for batch in batches for case in batch.cases]
    lines = [
        *_head(batches, cases, run),
        *_never(batches, cases),
        "## By shape",
        "",
        *_counts(cases, lambda case: case.shape, "shape"),
        "## By kind of damage",
        "",
        "One damage: a trace in the numeral (*glyph*), another numeral (*clean*), or figures moved (*structure*).",
        "",
        *_counts([c for c in cases if c.label in KINDS], lambda case: f"{class_of(case.label)}: {case.label}", "kind"),
        "## By number of damages",
        "",
        *_counts(cases, _number, "damages"),
        *_two_sums(cases),
        *_structure(cases),
        *_unchanged(batches),
        *_speed(speeds),
        *_listed(cases),
    ]
    return "\n".join(lines).rstrip() + "\n"


def _head(batches: Sequence["Batch"], cases: Sequence["Case"], run: tuple[str, float]) -> Iterator[str]:
    commit, seconds = run
    sound = sum(1 for batch in batches if not batch.undamaged)
    yield from ("# Locating and repairing, on tables whose truth is known", "")
    yield (
        f"Command: `make eval-repair` · commit: `{commit}` · date: {time.strftime('%Y-%m-%d')} · {len(cases)} damaged "
        f"tables from {len(batches)} texts · {seconds:.0f} seconds on two processes, no model."
    )
    yield from (
        "",
        _ABOUT,
        f"Undamaged, {sound} of {len(batches)} texts were accepted, every figure read in its column.",
        "",
    )


def _never(batches: Sequence["Batch"], cases: Sequence["Case"]) -> Iterator[str]:
    counts = Counter(case.outcome for case in cases)
    said = [batch for batch in batches if batch.undamaged]
    changed = [one for batch in batches for one in batch.unchanged if not one.is_same]
    rows = [[outcome, str(counts[outcome])] for outcome in NEVER]
    rows += [
        ["undamaged, yet flagged or not read right", str(len(said))],
        ["answers changed that may not", str(len(changed))],
    ]
    yield from ("## What may never happen", "", *table(["outcome", "tables"], rows), "")
    for batch in said[:_MOST_LISTED]:
        yield f"- undamaged {batch.shape} {batch.seed}: {'; '.join(batch.undamaged[:2])}"
    if said:
        yield ""


def _counts(cases: Sequence["Case"], of: Callable[["Case"], str], head: str) -> list[str]:
    groups: dict[str, Counter[str]] = {}
    for case in cases:
        groups.setdefault(of(case), Counter())[case.outcome] += 1
    order = sorted(groups) if head != "kind" else sorted(groups, key=lambda name: KINDS.index(name.partition(": ")[2]))
    rows = [
        [name, str(groups[name].total()), *(_shown(groups[name][outcome]) for outcome in OUTCOMES)] for name in order
    ]
    total = Counter(case.outcome for case in cases)
    rows.append(["all", str(total.total()), *(_shown(total[outcome]) for outcome in OUTCOMES)])
    return [*table([head, "tables", *OUTCOMES], rows), ""]


def _shown(count: int) -> str:
    return str(count) if count else "·"


def _number(case: "Case") -> str:
    kind, _, times = case.label.partition(":")
    what = "mixed" if kind == "mixed" else class_of(kind)
    return f"{times or 1}, {what}"


def _two_sums(cases: Sequence["Case"]) -> Iterator[str]:
    """Yields how many single damaged figures are repaired, of those in two sums or more that share no other figure."""
    yield from ("## One damaged figure, by the sums it stands in", "")
    yield "Two sums: of the sums over a figure, some two share no other figure. Shares are of what was not still read."
    yield ""
    yield "*Several fills fit*: more than one filling of the mask is within the rounding of every sum."
    yield "*Decimals differ*: the column prints its figures with different decimals, so a point elsewhere is no trace."
    yield ""
    rows = []
    for name, kinds in (
        *((kind, [kind]) for kind in GLYPH),
        ("all glyph but `[illegible]`", [kind for kind in GLYPH if kind != "illegible"]),
        ("all clean", list(CLEAN)),
    ):
        own = [case for case in cases if case.label in kinds and case.outcome != "still read"]
        two = [case for case in own if case.sums == 2]
        groups = (
            [case for case in two if not case.undecided],
            [case for case in two if case.undecided],
            [case for case in own if case.sums == 1],
            [case for case in own if case.sums == 0],
        )
        rows.append([name, *(_fate(group) for group in groups)])
    heads = ["kind", "in two sums and more", "the same, several fills fit or decimals differ", "in one sum", "in none"]
    yield from table(heads, rows)
    yield ""


def _fate(cases: Sequence["Case"]) -> str:
    counts = Counter(case.outcome for case in cases)
    told = [
        f"{share(counts[outcome], len(cases))} {outcome}"
        for outcome in ("repaired rightly", "derived", "flagged, located")
        if counts[outcome]
    ]
    return f"{len(cases)}: {', '.join(told) or 'none of these'}" if cases else "—"


def share(count: int, of: int) -> str:
    """Returns a share in per cent, rounded down so that only all is 100 %."""
    return f"{1000 * count // of / 10:.1f} %" if of else "—"


def _structure(cases: Sequence["Case"]) -> Iterator[str]:
    own = [
        case
        for case in cases
        if class_of(case.label) == "structure" and case.label in KINDS and "flagged" in case.outcome
    ]
    named = sum(1 for case in own if case.is_named)
    yield f"Of {len(own)} flagged tables with figures moved once, {named} have a failing sum of fault `structure`."
    yield ""


def _unchanged(batches: Sequence["Batch"]) -> Iterator[str]:
    found = [one for batch in batches for one in batch.unchanged]
    rows = []
    for what in dict.fromkeys(one.what for one in found):
        own = [one for one in found if one.what == what]
        rows.append([what, str(len(own)), str(sum(1 for one in own if one.is_same))])
    yield from (
        "## What must change no answer",
        "",
        *table(["done to a damaged table", "tables", "same answer"], rows),
        "",
    )
    for one in [one for one in found if not one.is_same][:_MOST_LISTED]:
        yield f"- {one.what}: {one.shape} {one.kind} {one.seed}"
    yield ""


def _speed(speeds: Sequence[Speed]) -> Iterator[str]:
    yield from (
        "## How long locating takes",
        "",
        "Coded tables of 11 money columns, equations, moves and `locate`, the sums evaluated before.",
        "",
    )
    rows = [
        [str(one.rows), str(one.wrong), str(one.checks), str(one.failing), f"{one.median:.2f}", f"{one.longest:.2f}"]
        for one in speeds
    ]
    yield from table(["rows", "wrong cells", "sums", "of them failing", "median ms", "longest ms"], rows)
    yield ""


def _listed(cases: Sequence["Case"]) -> Iterator[str]:
    bad = [case for case in cases if case.outcome in NEVER]
    if bad:
        yield from ("## Cases to look at", "", "Again with `python eval/repair.py --show SHAPE KIND SEED`.", "")
        yield from (
            f"- {case.outcome}: `{case.shape} {case.label} {case.seed}` {case.why[:160]}" for case in bad[:_MOST_LISTED]
        )
        if len(bad) > _MOST_LISTED:
            yield f"- and {len(bad) - _MOST_LISTED} more"
        yield ""
