"""Measures locating and repairing on tables whose truth is known: made ones of every shape, and the examples.

Each is damaged in one place or several and read again; what became of it is counted by shape and by kind of damage.
Run it with `make eval-repair`; `--tables N` for fewer, `--show SHAPE KIND SEED` for one, with what was made of it.
"""

import argparse
import random
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from corrupt import KINDS, MOVES_LINES, ONE_FIGURE, Damage, damaged
from invariance import Unchanged, unchanged
from locate_bench import Speed, speeds
from made_budgets import CODED, SHAPES
from measured import commit_of
from outcomes import NEVER, Outcome, open_question, sums_over, verdict_on
from repairreport import written
from subjects import Subject, example_subject, made_subject

from crossfoot.figures import Document
from crossfoot.tabletypes import Catalog, load_catalog

EXAMPLES = sorted((Path(__file__).parents[1] / "examples").glob("*.txt"))
REPORT = Path(__file__).parent / "reports" / "repair.md"
#: What decides what is measured; the report is written only of what is committed.
DECIDING = ("src/crossfoot", "schemas", *(f"eval/{path.name}" for path in sorted(Path(__file__).parent.glob("*.py"))))
#: Damages tried on each made table, and how many on all examples together.
EACH = 8
ON_EXAMPLES = 600
#: The share of kinds that a table can have on average: not every one has commas, brackets or a blank to lose a tab at.
_ABLE = 0.8
_ONCE_ONLY = frozenset({"unit_slip", "row_duplicated", "row_dropped"})
#: What is done to the tables in turn: each kind once (thrice over), twice, three times, and kinds mixed.
_ONCE = [*KINDS, "mixed:2", "mixed:3"]
_AGAIN = [f"{kind}:{times}" for times in (2, 3) for kind in KINDS if kind not in _ONCE_ONLY]
LABELS = (*_ONCE, *_AGAIN[: len(_AGAIN) // 2], *_ONCE, *_AGAIN[len(_AGAIN) // 2 :], *_ONCE)


class Case(NamedTuple):
    """One damaged table: shape, what was done, seed, what became of it.

    Of a single figure `sums` are those it stands in, and `undecided` says why they cannot tell what it was.
    """

    shape: str
    label: str
    seed: int
    outcome: Outcome
    why: str = ""
    sums: int = 0
    is_named: bool = False
    undecided: str = ""


class Batch(NamedTuple):
    """What became of one text: said against it undamaged, its damaged cases, and what must not change an answer."""

    shape: str
    seed: int
    undamaged: tuple[str, ...]
    cases: tuple[Case, ...]
    unchanged: tuple[Unchanged, ...] = ()


@lru_cache(maxsize=1)
def _catalog() -> Catalog:
    return load_catalog()


@lru_cache(maxsize=8)
def _example(name: str) -> Subject:
    path = next(path for path in EXAMPLES if path.name.startswith(name))
    return example_subject(name, path.read_text(encoding="utf-8"), _catalog())


def with_damage(subject: Subject, label: str, seed: int) -> list[Damage] | None:
    """Returns what a label does to a table of the text, one damage after the other, or None where it cannot."""
    dice = random.Random(f"{subject.name}-{label}-{seed}")
    kind, _, times = label.partition(":")
    kinds = [kind] * int(times or 1)
    if kind == "mixed":
        able = [kind for kind in KINDS if kind != "unit_slip"]
        kinds = sorted((dice.choice(able) for _ in kinds), key=lambda one: one in MOVES_LINES)
        if sum(1 for one in kinds if one in MOVES_LINES) > 1:
            return None
    places = set(dice.choice(subject.tables))
    text, done = subject.text, []
    for one in kinds:
        damage = damaged(text, one, sorted(places), dice)
        if damage is None:
            return None
        done.append(damage)
        text = damage.text
        lines = {change.place.line for change in damage.changes} if one not in ONE_FIGURE else set()
        changed = {change.place for change in damage.changes}
        if kind == "mixed":  # what is moved is not damaged besides, else nobody could say what it was
            lines = {change.place.line for change in damage.changes}
        places = {place for place in places if place not in changed and place.line not in lines}
    return done


def case_of(subject: Subject, label: str, seed: int) -> tuple[Case, str, list[Damage], Document | None] | None:
    """Returns one case with its damaged text and what was made of it, or None where the label does not fit."""
    damages = with_damage(subject, label, seed)
    if damages is None:
        return None
    text = damages[-1].text
    verdict, document = verdict_on(subject, text, damages, _catalog())
    single = damages[0].changes[0] if label in ONE_FIGURE else None
    checks = () if document is None else document.checks
    is_named = any(check.fault == "structure" for check in checks)
    sums = 0 if single is None else sums_over(subject, single.place)
    undecided = "" if single is None else open_question(subject, single)
    case = Case(subject.name, label, seed, verdict.outcome, verdict.why, sums, is_named, undecided)
    return case, text, damages, document


def batch(task: tuple[str, int]) -> Batch:
    """Returns what became of one text; a made one of a shape and seed, or an example and a turn."""
    shape, seed = task
    if shape not in SHAPES:
        subject = _example(shape)
        labels = [LABELS[(seed * 7 + offset * 13) % len(LABELS)] for offset in range(4)]
        undamaged: list[str] = []
    else:
        subject, undamaged = made_subject(shape, seed, _catalog())
        start = seed * EACH + list(SHAPES).index(shape) * 11
        labels = [LABELS[(start + offset) % len(LABELS)] for offset in range(EACH)]
    if undamaged or not subject.tables:
        return Batch(shape, seed, tuple(undamaged), ())
    found = [case_of(subject, label, seed) for label in labels]
    same = unchanged(subject, seed, _catalog()) if shape in CODED and seed % 4 == 0 else ()
    return Batch(shape, seed, (), tuple(one[0] for one in found if one is not None), tuple(same))


def tasks(tables: int) -> list[tuple[str, int]]:
    """Returns the texts to be damaged so that about that many damaged ones come of it."""
    on_examples = min(ON_EXAMPLES, tables // 10)
    seeds = int((tables - on_examples) / (EACH * len(SHAPES) * _ABLE)) + 1
    made = [(shape, seed) for seed in range(seeds) for shape in SHAPES]
    names = [path.name[:3] for path in EXAMPLES]
    return made + [(name, turn) for turn in range(on_examples // (4 * len(names))) for name in names]


def measured(wanted: Sequence[tuple[str, int]], processes: int = 2) -> Iterator[Batch]:
    """Yields the batches in order, made in that many processes."""
    with ProcessPoolExecutor(processes) as pool:
        for index, one in enumerate(pool.map(batch, wanted, chunksize=4), start=1):
            if index % 50 == 0 or index == len(wanted):
                print(f"\r{index} of {len(wanted)} texts", end="", file=sys.stderr, flush=True)
            yield one
    print(file=sys.stderr)


def show(shape: str, label: str, seed: int) -> None:
    """Prints one damaged text, what was done to it, and what crossfoot made of it."""
    subject = made_subject(shape, seed, _catalog())[0] if shape in SHAPES else _example(shape)
    found = case_of(subject, label, seed)
    if found is None:
        print(f"{label} cannot be done to {shape} {seed}")
        return
    case, text, damages, document = found
    print(text if shape in SHAPES else f"({len(text)} characters)")
    for damage in damages:
        print(f"{damage.kind}: dropped {damage.dropped}, doubled {damage.doubled}")
        for change in damage.changes:
            print(f"  line {change.place.line} field {change.place.field}: {change.original!r} → {change.printed!r}")
    print(f"{case.outcome}: {case.why}; in {case.sums} sums")
    for table in document.tables if document is not None else ():
        if shape in SHAPES or table.verdict.outcome == "repaired":
            print(f"{table.id} {table.type}: {table.verdict.outcome} {table.verdict.reasons}")
        for ref, _, cell in table.cells():
            if cell.state in {"repaired", "derived"}:
                print(f"  {ref} {cell.state}: {cell.original!r} {cell.printed!r} {cell.value}")
    for finding in document.findings if document is not None and shape in SHAPES else ():
        print(f"  line {finding.line} {finding.severity} {finding.code}: {finding.message}")


def main() -> int:
    """Runs the measurement and writes the report; returns 1 if what may never happen did."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tables", type=int, default=11_000, help="about how many damaged tables")
    parser.add_argument("--show", nargs=3, metavar=("SHAPE", "KIND", "SEED"), help="print one case and stop")
    parser.add_argument("--out", type=Path, default=REPORT, help="where the report is written")
    given = parser.parse_args()
    if given.show:
        show(given.show[0], given.show[1], int(given.show[2]))
        return 0
    commit = commit_of(DECIDING) if given.out == REPORT else "not told"
    started = time.perf_counter()
    batches = list(measured(tasks(given.tables)))
    seconds = time.perf_counter() - started
    quick: list[Speed] = speeds(seeds=50 if given.tables >= 5_000 else 5)
    report = written(batches, quick, (commit, seconds))
    given.out.write_text(report, encoding="utf-8")
    print(report)
    bad = [case for one in batches for case in one.cases if case.outcome in NEVER]
    changed = [one for made in batches for one in made.unchanged if not one.is_same]
    said = [one for one in batches if one.undamaged]
    return 1 if bad or changed or said else 0


if __name__ == "__main__":
    sys.exit(main())
