"""Totals over measurements: what was right, what was wrong in silence, and what it took.

Scores are added up for open and held-out cases apart; what a document took cannot be parted by its tables, and is not.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from typing import NamedTuple

from crossfoot.evaluation.nouns import Measurement, Setting, Spent, TableScore
from crossfoot.evaluation.statistics import upper_bound

VERDICTS = ("accepted", "repaired", "flagged", "not_found", "crashed")


class Group(NamedTuple):
    """What totals are of; an empty `degradation` stands for all of them together, as does the level −1."""

    setting: Setting
    degradation: str = ""
    level: int = -1

    @property
    def order(self) -> tuple[str, str, str, str, int]:
        """Returns what groups are sorted by."""
        return (self.setting.reader, self.setting.prompt, self.setting.model, self.degradation, self.level)


class Ratio(NamedTuple):
    """A part and its whole."""

    part: int
    whole: int

    @property
    def value(self) -> float | None:
        """Returns the part in the whole, or None where there is nothing to divide by."""
        return self.part / self.whole if self.whole else None


class Tally(NamedTuple):
    """Scores of tables, added up. Cells of a table that was not found, or of a crash, are missing ones.

    `given` counts the tables that were given out as accepted or repaired, and those that are missing without a word;
    `given_amounts` the labelled amounts in them; `silent_tables` those of them that hold a silent amount.
    `given_cases` and `silent_cases` count each case once, in however many conditions it was.
    """

    tables: int = 0
    found: int = 0
    typed: int = 0
    wholly_right: int = 0
    amounts: int = 0
    amounts_right: int = 0
    amounts_read: int = 0
    texts: int = 0
    texts_right: int = 0
    texts_read: int = 0
    given: int = 0
    given_amounts: int = 0
    given_cases: int = 0
    silent_cases: int = 0
    silent_tables: int = 0
    silent_amounts: int = 0
    unseen: int = 0
    gone: int = 0
    proved: int = 0
    proved_wrong: int = 0
    repaired_right: int = 0
    repaired_wrong: int = 0
    derived_right: int = 0
    derived_wrong: int = 0
    checks_declared: int = 0
    checks_executed: int = 0
    accepted: int = 0
    repaired: int = 0
    flagged: int = 0
    not_found: int = 0
    crashed: int = 0

    @property
    def silent_bound(self) -> float:
        """Returns the 95 % upper bound of the silent-error rate, as if amounts failed independently of each other."""
        return upper_bound(min(self.silent_amounts, self.given_amounts), self.given_amounts)

    @property
    def silent_tables_bound(self) -> float:
        """Returns the 95 % upper bound of the share of given out tables with a silent error, as if independent."""
        return upper_bound(self.silent_tables, self.given)

    @property
    def silent_cases_bound(self) -> float:
        """Returns the 95 % upper bound of the share of cases with one; a case in several conditions is one case."""
        return upper_bound(self.silent_cases, self.given_cases)

    @property
    def verdicts(self) -> Mapping[str, int]:
        """Returns how many tables got which verdict, without those that none got."""
        fields = self._asdict()
        return {verdict: fields[verdict] for verdict in VERDICTS if fields[verdict]}


class Effort(NamedTuple):
    """What subjects took: `crashes` are subjects that failed as a whole, `unpriced` those with tokens but no price."""

    subjects: int = 0
    crashes: int = 0
    seconds: float = 0.0
    spent: tuple[Spent, ...] = ()
    cost: Decimal | None = None
    unpriced: int = 0

    @property
    def tokens_in(self) -> int:
        """Returns the tokens that the model was given."""
        return sum(spent.tokens_in for spent in self.spent)

    @property
    def tokens_out(self) -> int:
        """Returns the tokens that the model answered with."""
        return sum(spent.tokens_out for spent in self.spent)


class Score(NamedTuple):
    """One score: its name, and which share of a tally it is; the version rises with every change of its meaning."""

    name: str
    title: str
    ratio: Callable[[Tally], Ratio]
    more_is_better: bool = True
    version: int = 1


SCORES = (
    Score("amount_recall", "amount recall", lambda t: Ratio(t.amounts_right, t.amounts)),
    Score("amount_precision", "amount precision", lambda t: Ratio(t.amounts_right, t.amounts_read), version=2),
    Score("text_recall", "text recall", lambda t: Ratio(t.texts_right, t.texts)),
    Score("text_precision", "text precision", lambda t: Ratio(t.texts_right, t.texts_read), version=2),
    Score("wholly_right", "tables wholly right", lambda t: Ratio(t.wholly_right, t.tables)),
    Score("found", "tables found", lambda t: Ratio(t.found, t.tables)),
    Score("typed", "tables typed", lambda t: Ratio(t.typed, t.tables)),
    Score("proved", "amounts proved", lambda t: Ratio(t.proved, t.amounts)),
    Score("checked", "checks executed", lambda t: Ratio(t.checks_executed, t.checks_declared)),
    Score("silent", "silent amounts", lambda t: Ratio(t.silent_amounts, t.given_amounts), more_is_better=False),
)
SCORE = {score.name: score for score in SCORES}


def tally_of(scores: Iterable[TableScore]) -> Tally:
    """Returns the scores added up."""
    counted: Counter[str] = Counter()
    given: set[str] = set()
    wrong: set[str] = set()
    for score in scores:
        silent = score.silent_amounts
        counted.update({"tables": 1, "found": score.found, "typed": score.typed, score.verdict: 1})
        counted.update({"wholly_right": score.is_wholly_right, "silent_amounts": silent, "silent_tables": silent > 0})
        if score.is_given_out or silent:
            counted.update({"given": 1, "given_amounts": score.amounts})
            given.add(score.case)
        if silent:
            wrong.add(score.case)
        counted.update({name: getattr(score, name) for name in _ADDED})
    return Tally(**counted, given_cases=len(given), silent_cases=len(wrong))


#: The counts of a table that are added as they are.
_ADDED = tuple(name for name in Tally._fields if name in TableScore.model_fields and name not in {
    "found", "typed", "silent_amounts",
})  # fmt: skip


def tallies(measurements: Iterable[Measurement], *, together: bool = False) -> dict[tuple[Group, bool], Tally]:
    """Returns the tally of each setting, degradation and level, of open (False) and of held-out cases (True).

    With `together` it is that of each setting over all degradations and levels.
    """
    scores: dict[tuple[Group, bool], list[TableScore]] = {}
    for measurement in measurements:
        group = Group(measurement.setting) if together else group_of(measurement)
        for score in measurement.tables:
            scores.setdefault((group, score.held_out), []).append(score)
    return {key: tally_of(scores[key]) for key in sorted(scores, key=lambda key: (key[0].order, key[1]))}


def efforts(measurements: Iterable[Measurement]) -> dict[Group, Effort]:
    """Returns what the subjects of each setting, degradation and level took."""
    grouped: dict[Group, list[Measurement]] = {}
    for measurement in measurements:
        grouped.setdefault(group_of(measurement), []).append(measurement)
    return {group: effort_of(grouped[group]) for group in sorted(grouped, key=lambda group: group.order)}


def effort_of(measurements: Iterable[Measurement]) -> Effort:
    """Returns what the measurements took, tokens by cause."""
    measurements = list(measurements)
    causes: dict[str, list[Spent]] = {}
    for spent in (spent for measurement in measurements for spent in measurement.spent):
        causes.setdefault(spent.cause, []).append(spent)
    costs = [Decimal(measurement.cost) for measurement in measurements if measurement.cost is not None]
    return Effort(
        subjects=len(measurements),
        crashes=sum(measurement.error != "" for measurement in measurements),
        seconds=sum(measurement.seconds for measurement in measurements),
        spent=tuple(
            Spent(
                cause=cause,
                calls=sum(spent.calls for spent in causes[cause]),
                tokens_in=sum(spent.tokens_in for spent in causes[cause]),
                tokens_out=sum(spent.tokens_out for spent in causes[cause]),
            )
            for cause in sorted(causes)
        ),
        cost=sum(costs, Decimal(0)) if costs else None,
        unpriced=sum(measurement.cost is None and bool(measurement.spent) for measurement in measurements),
    )


def group_of(measurement: Measurement) -> Group:
    """Returns the group of a measurement."""
    return Group(measurement.setting, measurement.condition.degradation, measurement.condition.level)
