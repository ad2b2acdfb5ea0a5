"""How sure a number is: the bound of an error rate, and the interval and the p of a difference between two readings.

A rate is no amount: floats are what statistics is done with. Everything is repeatable, by a fixed seed.
"""

from collections.abc import Sequence
from statistics import NormalDist
from typing import TYPE_CHECKING, NamedTuple

from crossfoot.errors import CrossfootError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]

CONFIDENCE = 0.95
RESAMPLES = 9_999
#: Up to so many cases that differ every way of flipping them is counted, 2 ** 13 = 8,192 ways; beyond, ways are drawn.
_ALL_FLIPS = 13
#: A difference that is as large as the observed one but for the last bits of a float is as large.
_SAME = 1e-12
#: An interval of which more of the resamples than this have nothing to divide by is none.
_MOST_UNDEFINED = 0.05
_SEED = 20_000_101


class Cluster(NamedTuple):
    """One case: its part and whole (say, right amounts and all amounts) by A and by B, summed over its conditions."""

    part_a: int
    whole_a: int
    part_b: int
    whole_b: int


class Difference(NamedTuple):
    """Two ratios of sums and their difference B − A; what cannot be said is None, and `remark` says why."""

    a: float | None
    b: float | None
    difference: float | None
    low: float | None
    high: float | None
    p: float | None
    cases: int
    remark: str = ""


def upper_bound(errors: int, trials: int, confidence: float = CONFIDENCE) -> float:
    """Returns the one-sided upper bound of an error rate of which so many errors were seen in so many trials.

    It is exact for independent trials: Clopper and Pearson, "The use of confidence or fiducial limits illustrated in
    the case of the binomial", Biometrika 26 (1934), the quantile of Beta(errors + 1, trials − errors). Without errors
    that is 1 − (1 − confidence) ** (1 / trials), about 3 / trials. Without trials nothing is known: 1.
    """
    if not 0 <= errors <= trials or not 0 < confidence < 1:
        raise ValueError(f"{errors} errors of {trials} at {confidence}")
    if errors == trials:
        return 1.0
    if errors == 0:
        return float(1 - (1 - confidence) ** (1 / trials))
    try:
        from scipy.special import betaincinv
    except ImportError:
        raise _missing() from None
    return float(betaincinv(errors + 1, trials - errors, confidence))


def paired_interval(
    differences_by_cluster: Sequence[Cluster],
    *,
    confidence: float = CONFIDENCE,
    resamples: int = RESAMPLES,
    seed: int = _SEED,
) -> Difference:
    """Returns the difference of two ratios of sums with its bootstrap interval and its permutation p.

    Cases are drawn, not cells nor conditions, as those of one table stand or fall together. The interval is made of
    the percentiles of the resampled differences, set wider for few cases (`expanded`): in simulations of tables of
    very different sizes it covered the truth as often as BCa widened alike or more often, and both without the
    widening too seldom. The p is that of swapping A and B case by case, two-sided: exact where few cases differ,
    otherwise drawn and counted with the observed one, so it is never 0. Where all resamples of so few cases can be
    counted they are, so that only larger samples depend on the seed.
    """
    clusters = [cluster for cluster in differences_by_cluster if cluster.whole_a or cluster.whole_b]
    sums = [sum(column) for column in zip(*clusters, strict=True)] or [0, 0, 0, 0]
    a = sums[0] / sums[1] if sums[1] else None
    b = sums[2] / sums[3] if sums[3] else None
    if a is None or b is None:
        side = "either side" if a is b else "A" if a is None else "B"
        return Difference(a, b, None, None, None, None, len(clusters), f"nothing to divide by on {side}")
    if len(clusters) < 2:
        return Difference(a, b, b - a, None, None, None, len(clusters), "one case alone has no interval")
    try:
        import numpy as np
        import scipy  # noqa: F401  asked for here, where it can be said that it is not there
    except ImportError:
        raise _missing() from None
    table = np.array(clusters, dtype=np.float64)
    p = _flipped(table, resamples, np.random.default_rng(seed))
    low, high, remark = _bootstrapped(table, confidence, resamples, np.random.default_rng(seed))
    return Difference(a, b, b - a, low, high, p, len(clusters), remark)


def holm(values: Sequence[float]) -> tuple[float, ...]:
    """Returns the p values adjusted for being several, in their order.

    By Holm, "A simple sequentially rejective multiple test procedure", Scandinavian Journal of Statistics 6 (1979):
    of scores that do not differ, one is called different in at most 1 − confidence of all comparisons.
    """
    adjusted = [0.0] * len(values)
    least = 0.0
    for rank, position in enumerate(sorted(range(len(values)), key=lambda index: (values[index], index))):
        least = max(least, min(1.0, (len(values) - rank) * values[position]))
        adjusted[position] = least
    return tuple(adjusted)


def _missing() -> CrossfootError:
    return CrossfootError("the statistics of the evaluation need scipy: pip install 'crossfoot[eval]'")


def _ratios(sums: "Floats") -> "Floats":
    """Returns B − A for each row of four sums; not a number where there is nothing to divide by."""
    import numpy as np

    with np.errstate(invalid="ignore", divide="ignore"):
        found: Floats = np.where(sums[:, 3] > 0, sums[:, 2] / sums[:, 3], np.nan)
        return found - np.where(sums[:, 1] > 0, sums[:, 0] / sums[:, 1], np.nan)


def _flipped(table: "Floats", resamples: int, rng: "np.random.Generator") -> float:
    """Returns how often a difference at least as large comes of swapping A and B in cases at random."""
    import numpy as np

    differs = (table[:, 0] != table[:, 2]) | (table[:, 1] != table[:, 3])
    changing, fixed = table[differs], table[~differs].sum(axis=0)
    count = len(changing)
    if count <= _ALL_FLIPS:
        flips = (np.arange(2**count)[:, np.newaxis] >> np.arange(count)) & 1
    else:
        flips = rng.integers(0, 2, size=(resamples, count))
    kept = fixed + (1 - flips) @ changing + flips @ changing[:, [2, 3, 0, 1]]
    observed = abs(_ratios(table.sum(axis=0, keepdims=True))[0])
    differences = np.abs(_ratios(kept))
    # what cannot be divided is counted as large: that can only hide a difference, never show one that is not there
    large = int(np.count_nonzero(np.isnan(differences) | (differences >= observed - _SAME)))
    return large / len(flips) if count <= _ALL_FLIPS else (large + 1) / (len(flips) + 1)


def _bootstrapped(
    table: "Floats", confidence: float, resamples: int, rng: "np.random.Generator"
) -> tuple[float | None, float | None, str]:
    """Returns the expanded percentile interval, or why there is none."""
    import numpy as np

    count = len(table)
    drawn: Integers
    if count**count <= resamples:
        drawn = np.indices((count,) * count).reshape(count, -1).T
    else:
        drawn = rng.integers(0, count, size=(resamples, count))
    found = _ratios(table[drawn].sum(axis=1))
    defined = found[~np.isnan(found)]
    if len(defined) < (1 - _MOST_UNDEFINED) * len(found):
        return None, None, "too few cases have anything to divide by for an interval"
    outside = expanded(count, confidence)
    low, high = np.quantile(defined, [outside, 1 - outside])
    return float(low), float(high), ""


def expanded(count: int, confidence: float = CONFIDENCE) -> float:
    """Returns the share of resamples that is left out at either end, for so many cases.

    By Hesterberg, "What Teachers Should Know About the Bootstrap", The American Statistician 69 (2015): the normal
    tail of sqrt(n / (n − 1)) times Student's quantile, which tends to (1 − confidence) / 2.
    """
    from scipy.special import stdtrit

    quantile = float(stdtrit(count - 1, (1 + confidence) / 2))
    return NormalDist().cdf(-((count / (count - 1)) ** 0.5) * quantile)
