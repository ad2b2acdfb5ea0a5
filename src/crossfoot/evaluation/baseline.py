"""A gate: the scores of a run against committed ones; nothing may fall, no silent error may appear.

Reading without a model is repeatable, so a score that fell by one cell fell; no interval is needed.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import NamedTuple

from crossfoot.errors import CrossfootError
from crossfoot.evaluation.nouns import Measurement
from crossfoot.evaluation.totals import SCORES, Group, Tally, tallies

#: Scores that say how good reading is; what is right may not fall, what is silent may not rise.
_HELD = tuple(score for score in SCORES if score.more_is_better)

#: Scores whose whole is how many tables or measurements there are.
_COUNTED = ("found", "crashes")
#: What a group that the baseline does not have is held to.
_NOTHING: Mapping[str, Sequence[int]] = {"silent": (0, 0)}

Baseline = Mapping[str, Mapping[str, Sequence[int]]]


class Fall(NamedTuple):
    """A score that is worse than in the baseline: of which group, and how many of how many before and now."""

    group: str
    score: str
    before: tuple[int, int]
    now: tuple[int, int]

    @property
    def is_silent(self) -> bool:
        """Says whether it is a silent error more."""
        return self.score == "silent"


class Checked(NamedTuple):
    """A run against a baseline: what fell, how many scores rose, and the groups that one side lacks.

    One of which fewer tables (or, of `all`, measurements) were scored is lacking: what is left out could be the worst.
    """

    falls: tuple[Fall, ...]
    rises: int
    missing: tuple[str, ...]
    new: tuple[str, ...]


def baseline_of(measurements: Iterable[Measurement]) -> Baseline:
    """Returns every score of every degradation, level and half (open, held out) as a part and its whole."""
    measured = list(measurements)
    found = {_named(*key): _counts(tally) for key, tally in tallies(measured).items()}
    crashes = sum(bool(one.error) for one in measured)
    return {**found, "all": {"crashes": (crashes, len(measured))}}


def check(measurements: Iterable[Measurement], baseline: Baseline) -> Checked:
    """Returns where the run is worse than the baseline."""
    now = baseline_of(measurements)
    falls: list[Fall] = []
    rises = 0
    for group in sorted(now):
        for score, before, after in _pairs(baseline.get(group, _NOTHING), now[group]):
            worse = _compare(score, before, after)
            rises += worse < 0
            if worse > 0:
                falls.append(Fall(group, score, before, after))
    missing = [group for group, before in baseline.items() if group not in now or _is_smaller(now[group], before)]
    return Checked(tuple(falls), rises, tuple(sorted(missing)), tuple(sorted(now.keys() - baseline.keys())))


def _is_smaller(now: Mapping[str, Sequence[int]], before: Mapping[str, Sequence[int]]) -> bool:
    return any(now[score][1] < before[score][1] for score in _COUNTED if score in before)


def load_baseline(path: Path) -> Baseline:
    """Returns a committed baseline; raises CrossfootError where there is none or it is none."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise CrossfootError(f"{path}: no baseline ({error}); --write makes one") from None
    if not isinstance(content, dict):
        raise CrossfootError(f"{path}: holds no baseline; --write makes one")
    return content


def write_baseline(path: Path, baseline: Baseline) -> None:
    """Writes a baseline, one group to a line, so that a change of it can be read."""
    lines = [f"{json.dumps(group)}: {json.dumps(scores)}" for group, scores in sorted(baseline.items())]
    path.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")


def _named(group: Group, held_out: bool) -> str:
    words = (group.setting.reader, group.setting.prompt, group.setting.model, group.degradation, str(group.level))
    return " ".join((*filter(None, words), "held out" if held_out else "open"))


def _counts(tally: Tally) -> dict[str, tuple[int, int]]:
    ratios = {score.name: score.ratio(tally) for score in _HELD}
    silent = {"silent": (tally.silent_amounts, tally.given_amounts)}
    return {name: (ratio.part, ratio.whole) for name, ratio in ratios.items()} | silent


def _pairs(
    before: Mapping[str, Sequence[int]], now: Mapping[str, Sequence[int]]
) -> Iterator[tuple[str, tuple[int, int], tuple[int, int]]]:
    for score in sorted(before.keys() & now.keys()):
        (part, whole), (part_now, whole_now) = before[score], now[score]
        yield score, (part, whole), (part_now, whole_now)


def _compare(score: str, before: tuple[int, int], now: tuple[int, int]) -> int:
    """Returns 1 for worse, −1 for better, 0 for equal. Silent errors and crashes count by number."""
    if score in {"silent", "crashes"}:
        return (now[0] > before[0]) - (now[0] < before[0])
    old, new = (Fraction(part, whole) if whole else Fraction(1) for part, whole in (before, now))
    return (new < old) - (new > old)
