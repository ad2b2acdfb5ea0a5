"""Two runs side by side: paired by table and condition, each difference with its interval, and every cell that flipped.

Held-out cases are counted, and none of their cells is ever shown.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Literal, NamedTuple

from crossfoot.errors import CrossfootError
from crossfoot.evaluation.nouns import Condition, Measurement, Miss, Setting, TableScore
from crossfoot.evaluation.statistics import CONFIDENCE, Cluster, Difference, holm, paired_interval
from crossfoot.evaluation.totals import SCORES, Effort, Ratio, Score, effort_of, tally_of

Judged = Literal["better", "worse", "no difference shown"]
#: Gives the lines of a subject in a condition, as they were read: the line `now` of a miss is the element `now` − 1.
SourceLines = Callable[[str, Condition], list[str]]


class Pairing(NamedTuple):
    """What the same table in the same condition is known by; the setting only where one side holds several."""

    case: str
    subject: str
    condition: Condition
    setting: Setting | None = None

    @property
    def order(self) -> tuple[str, ...]:
        """Returns what pairings are sorted by."""
        setting = self.setting or Setting()
        at = self.condition
        numbers = f"{at.level:04}", f"{at.seed:012}"
        return (self.case, self.subject, at.degradation, *numbers, setting.reader, setting.prompt, setting.model)


class Row(NamedTuple):
    """One score of both sides: p is adjusted for there being several scores that differ (Holm)."""

    score: Score
    a: Ratio
    b: Ratio
    difference: Difference
    p: float | None
    judged: Judged


class Flip(NamedTuple):
    """A cell that one side read right and the other did not; `line` is its line before the degradation."""

    case: str
    condition: Condition
    line: int
    text: str
    row: str
    panel: str
    column: str
    expected: str
    found_a: str
    found_b: str
    reason: str
    is_silent: bool


class Flips(NamedTuple):
    """Cells that flipped in one direction: those of open cases, and how many there are of held-out ones."""

    shown: tuple[Flip, ...] = ()
    held_out: int = 0

    @property
    def cells(self) -> int:
        """Returns how many cells flipped."""
        return len(self.shown) + self.held_out


class Comparison(NamedTuple):
    """What B changed against A.

    `lost` are cells right in A and not in B, `won` the other way round; `silent` those that are silently wrong in B
    and not in A. `new_silent` counts them, also where a score counts more of them than it names. `moved` counts pairs
    by both verdicts. Efforts and crashes are those of the subjects that both sides read.
    """

    pairs: int
    cases: int
    held_out_cases: int
    only_a: tuple[Pairing, ...]
    only_b: tuple[Pairing, ...]
    rows: tuple[Row, ...]
    lost: Flips
    won: Flips
    silent: Flips
    new_silent: int
    moved: tuple[tuple[tuple[str, str], int], ...]
    effort_a: Effort
    effort_b: Effort
    new_crashes: int

    @property
    def reasons(self) -> tuple[str, ...]:
        """Returns why this is a regression, a sentence each; nothing if it is none."""
        said = [f"{row.score.title}: significantly worse" for row in self.rows if row.judged == "worse"]
        if self.new_silent:
            said.append(f"{self.new_silent} new silent {'amount' if self.new_silent == 1 else 'amounts'}")
        if self.new_crashes > 0:
            said.append(f"{self.new_crashes} more {'crash' if self.new_crashes == 1 else 'crashes'}")
        return tuple(said)

    @property
    def is_regression(self) -> bool:
        """Says whether B is worse: significantly in a score, by any new silent amount, or by a crash more."""
        return bool(self.reasons)

    @property
    def extra_cost(self) -> Decimal | None:
        """Returns what B costs more than A, or None where a side has no price for all that it spent."""
        sides = (self.effort_a, self.effort_b)
        costs = [side.cost if side.spent or side.cost is not None else Decimal(0) for side in sides]
        if any(side.unpriced for side in sides) or costs[0] is None or costs[1] is None:
            return None
        return costs[1] - costs[0]


class _Pair(NamedTuple):
    at: Pairing
    a: TableScore
    b: TableScore

    @property
    def is_held_out(self) -> bool:
        return self.a.held_out or self.b.held_out


def compare(a: Sequence[Measurement], b: Sequence[Measurement], source_lines: SourceLines | None = None) -> Comparison:
    """Returns what B changed against A; without `source_lines` the flipped cells have no text of their line.

    A score is judged worse or better if its p, adjusted by Holm for all scores in which a case differs, is at most
    0.05 and 0 is outside its interval. Refused is a comparison without a single pair, and one where a side measured
    the same twice.
    """
    with_setting = any(len({measurement.setting for measurement in side}) > 1 for side in (a, b))
    subjects_a, subjects_b = _subjects(a, "A", with_setting), _subjects(b, "B", with_setting)
    tables_a, tables_b = _tables(subjects_a, "A"), _tables(subjects_b, "B")
    shared = sorted(tables_a.keys() & tables_b.keys(), key=lambda at: at.order)
    if not shared:
        raise CrossfootError("no table in the same condition is in both runs: there is nothing to compare")
    pairs = [_Pair(at, tables_a[at], tables_b[at]) for at in shared]
    both = [at for at in subjects_a if at in subjects_b]
    lines = _Lines(source_lines)
    more_silent = [max(len(_newly_silent(pair)), pair.b.silent_amounts - pair.a.silent_amounts) for pair in pairs]
    return Comparison(
        pairs=len(pairs),
        cases=len({pair.at.case for pair in pairs}),
        held_out_cases=len({pair.at.case for pair in pairs if pair.is_held_out}),
        only_a=tuple(sorted(tables_a.keys() - tables_b.keys(), key=lambda at: at.order)),
        only_b=tuple(sorted(tables_b.keys() - tables_a.keys(), key=lambda at: at.order)),
        rows=_rows(pairs),
        lost=_flips(pairs, lambda pair: _newly_missed(pair.a, pair.b), lines, is_in_b=True),
        won=_flips(pairs, lambda pair: _newly_missed(pair.b, pair.a), lines, is_in_b=False),
        silent=_flips(pairs, _newly_silent, lines, is_in_b=True),
        new_silent=sum(more_silent),
        moved=tuple(sorted(Counter((pair.a.verdict, pair.b.verdict) for pair in pairs).items())),
        effort_a=effort_of(subjects_a[at] for at in both),
        effort_b=effort_of(subjects_b[at] for at in both),
        new_crashes=sum(bool(subjects_b[at].error) and not subjects_a[at].error for at in both),
    )


def remarks_on(a: Sequence[Measurement], b: Sequence[Measurement]) -> list[str]:
    """Returns what the numbers of two runs do not say: that labels are not the same, or code not one."""
    labels = [{one.stamp.cases_sha256 for one in side} for side in (a, b)]
    remarks = ["A and B have other labels or texts: what flipped may be a label"] if labels[0] != labels[1] else []
    for name, side in (("A", a), ("B", b)):
        if len({(one.stamp.code, one.stamp.cases_sha256) for one in side}) > 1:
            remarks.append(f"{name} was measured by several versions of code or labels: `eval run` again makes it one")
    return remarks


def _subjects(side: Sequence[Measurement], name: str, with_setting: bool) -> dict[Pairing, Measurement]:
    """Returns the measurements of a side by subject, condition and, where it matters, setting."""
    found: dict[Pairing, Measurement] = {}
    for measurement in side:
        setting = measurement.setting if with_setting else None
        at = Pairing("", measurement.subject, measurement.condition, setting)
        if at in found:
            raise CrossfootError(f"{name} measured {_where(at)} more than once: compare one measurement of each")
        found[at] = measurement
    return found


def _tables(subjects: Mapping[Pairing, Measurement], name: str) -> dict[Pairing, TableScore]:
    found: dict[Pairing, TableScore] = {}
    for subject, measurement in subjects.items():
        for score in measurement.tables:
            at = subject._replace(case=score.case)
            if at in found:
                raise CrossfootError(f"{name} scored {_where(at)} more than once: compare one score of each")
            found[at] = score
    return found


def _where(at: Pairing) -> str:
    return f"{at.case or at.subject} ({at.condition.degradation} {at.condition.level}, seed {at.condition.seed})"


def _rows(pairs: Sequence[_Pair]) -> tuple[Row, ...]:
    """Returns every score with its difference; the cases are what is drawn anew."""
    cases: dict[str, list[_Pair]] = {}
    for pair in pairs:
        cases.setdefault(pair.at.case, []).append(pair)
    sides = [(tally_of(pair.a for pair in of_case), tally_of(pair.b for pair in of_case)) for of_case in cases.values()]
    found = []
    for score in SCORES:
        clusters = [Cluster(*score.ratio(a), *score.ratio(b)) for a, b in sides]
        found.append((score, clusters, paired_interval(clusters)))
    # where no case differs there is nothing to test, and so nothing that the others would have to answer for
    tested = [at for at, (_, clusters, one) in enumerate(found) if one.p is not None and any(map(_differs, clusters))]
    adjusted = dict(zip(tested, holm([found[at][2].p or 0.0 for at in tested]), strict=True))
    rows = []
    for at, (score, clusters, difference) in enumerate(found):
        a = Ratio(sum(cluster.part_a for cluster in clusters), sum(cluster.whole_a for cluster in clusters))
        b = Ratio(sum(cluster.part_b for cluster in clusters), sum(cluster.whole_b for cluster in clusters))
        p = adjusted.get(at, difference.p)
        rows.append(Row(score, a, b, difference, p, _judged(score, difference, p)))
    return tuple(rows)


def _differs(cluster: Cluster) -> bool:
    return (cluster.part_a, cluster.whole_a) != (cluster.part_b, cluster.whole_b)


def _judged(score: Score, difference: Difference, p: float | None) -> Judged:
    low, high = difference.low, difference.high
    if p is None or low is None or high is None or p > 1 - CONFIDENCE or low <= 0 <= high:
        return "no difference shown"
    return "better" if (low > 0) == score.more_is_better else "worse"


_Place = tuple[int, str, str, str]


def _place(miss: Miss) -> _Place:
    return (miss.line, miss.row, miss.panel, miss.column)


def _newly_missed(before: TableScore, after: TableScore) -> list[Miss]:
    """Returns the cells that only `after` misses; who read damage that left no trace as it stands misses nothing."""
    return _more([m for m in before.misses if m.kind != "unseen"], [m for m in after.misses if m.kind != "unseen"])


def _newly_silent(pair: _Pair) -> list[Miss]:
    return _more(_silent(pair.a), _silent(pair.b))


def _silent(score: TableScore) -> list[Miss]:
    return [miss for miss in score.misses if miss.is_silent and miss.is_amount]


def _more(before: Sequence[Miss], after: Sequence[Miss]) -> list[Miss]:
    """Returns the misses of `after` whose place is not in `before`, or not as often."""
    known = Counter(map(_place, before))
    new = []
    for miss in after:
        if known[_place(miss)]:
            known[_place(miss)] -= 1
        else:
            new.append(miss)
    return new


class _Lines:
    """The lines of the degraded texts, each made once."""

    def __init__(self, source_lines: SourceLines | None) -> None:
        self._source_lines = source_lines
        self._known: dict[tuple[str, Condition], list[str]] = {}

    def text(self, at: Pairing, number: int) -> str:
        """Returns a line's text, or "" where there is none."""
        if self._source_lines is None:
            return ""
        key = (at.subject, at.condition)
        if key not in self._known:
            self._known[key] = self._source_lines(*key)
        return self._known[key][number - 1] if 0 < number <= len(self._known[key]) else ""


def _flips(pairs: Sequence[_Pair], missed: Callable[[_Pair], Sequence[Miss]], lines: _Lines, *, is_in_b: bool) -> Flips:
    """Returns the flipped cells by table and line, those of held-out cases only counted."""
    shown: list[Flip] = []
    held_out = 0
    for pair in pairs:
        misses = missed(pair)
        if pair.is_held_out:
            held_out += len(misses)
            continue
        other = {_place(miss): miss.found for miss in (pair.a if is_in_b else pair.b).misses}
        for miss in sorted(misses, key=_place):
            sides = (other.get(_place(miss), miss.expected), miss.found)
            found_a, found_b = sides if is_in_b else (sides[1], sides[0])
            shown.append(
                Flip(
                    case=pair.at.case,
                    condition=pair.at.condition,
                    line=miss.line,
                    text=lines.text(pair.at, miss.now),
                    row=miss.row,
                    panel=miss.panel,
                    column=miss.column,
                    expected=miss.expected,
                    found_a=found_a,
                    found_b=found_b,
                    reason=miss.reason,
                    is_silent=miss.is_silent,
                )
            )
    return Flips(tuple(shown), held_out)
