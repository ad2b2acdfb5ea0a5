"""The bound of an error rate and the interval of a difference, against what is known of them without the program."""

import math
import sys
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crossfoot.errors import CrossfootError
from crossfoot.evaluation.statistics import Cluster, expanded, holm, paired_interval, upper_bound


def binomial_tail(errors: int, trials: int, rate: float) -> float:
    """Returns how likely so few errors or fewer are."""
    return sum(math.comb(trials, k) * rate**k * (1 - rate) ** (trials - k) for k in range(errors + 1))


def test_bound_without_errors_is_the_rule_of_three() -> None:
    assert upper_bound(0, 59) == pytest.approx(1 - 0.05 ** (1 / 59))
    assert upper_bound(0, 3000) == pytest.approx(3 / 3000, rel=0.01)
    assert upper_bound(0, 0) == upper_bound(4, 4) == 1


@settings(deadline=None)  # the first one imports scipy
@given(st.integers(1, 200).flatmap(lambda n: st.tuples(st.integers(0, n - 1), st.just(n))), st.floats(0.5, 0.99))
def test_bound_is_the_rate_at_which_so_few_errors_are_just_as_unlikely(
    seen: tuple[int, int], confidence: float
) -> None:
    """That is the definition of the bound, by the sum of binomials instead of the beta distribution."""
    errors, trials = seen
    assert binomial_tail(errors, trials, upper_bound(errors, trials, confidence)) == pytest.approx(
        1 - confidence, rel=1e-6
    )


@pytest.mark.parametrize(("errors", "trials", "confidence"), [(3, 2, 0.95), (-1, 2, 0.95), (0, 2, 1.0), (0, 2, 0.0)])
def test_nonsense_has_no_bound(errors: int, trials: int, confidence: float) -> None:
    with pytest.raises(ValueError, match="errors of"):
        upper_bound(errors, trials, confidence)


def test_without_scipy_it_is_said_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("scipy", "scipy.special", "numpy"):
        monkeypatch.setitem(sys.modules, name, None)
    assert upper_bound(0, 10) == pytest.approx(1 - 0.05**0.1)  # needs none
    with pytest.raises(CrossfootError, match=r"crossfoot\[eval\]"):
        upper_bound(1, 10)
    with pytest.raises(CrossfootError, match=r"crossfoot\[eval\]"):
        paired_interval([Cluster(1, 2, 2, 2), Cluster(1, 3, 1, 3)])


def test_bound_covers_the_truth() -> None:
    """Of 2,000 simulated runs with a true rate of 2 %, the bound is below it in no more than 5 % (and noise)."""
    rng = np.random.default_rng(3)
    bounds = [upper_bound(int(errors), 150) for errors in rng.binomial(150, 0.02, size=2_000)]
    missed = sum(bound < 0.02 for bound in bounds) / len(bounds)
    assert missed <= 0.06


def test_one_case_has_no_interval_and_says_so() -> None:
    found = paired_interval([Cluster(8, 10, 9, 10)])
    assert (found.difference, found.low, found.high, found.p) == (pytest.approx(0.1), None, None, None)
    assert "one case" in found.remark
    assert paired_interval([]).difference is None
    assert "on B" in paired_interval([Cluster(1, 2, 0, 0), Cluster(1, 2, 0, 0)]).remark


def test_equal_readings_do_not_differ() -> None:
    found = paired_interval([Cluster(n, 10, n, 10) for n in range(1, 11)])
    assert (found.difference, found.low, found.high, found.p) == (0, 0, 0, 1)


def test_p_is_counted_where_few_cases_differ() -> None:
    """Five cases that all got better, and twenty that did not change: 2 of the 32 ways of flipping are as extreme."""
    clusters = [Cluster(5, 10, 7, 10)] * 5 + [Cluster(9, 10, 9, 10)] * 20
    assert paired_interval(clusters).p == pytest.approx(2 / 32)


def test_p_of_unequal_wholes_by_flipping_by_hand() -> None:
    """The sides may give out different numbers of cells: flipping exchanges both, parts and wholes."""
    clusters = [Cluster(5, 10, 6, 8), Cluster(7, 7, 6, 9), Cluster(1, 4, 4, 5)]
    differences = []
    for flips in product((False, True), repeat=3):
        turned = [(c.part_b, c.whole_b, c.part_a, c.whole_a) if f else c for c, f in zip(clusters, flips, strict=True)]
        sums = [sum(column) for column in zip(*turned, strict=True)]
        differences.append(abs(sums[2] / sums[3] - sums[0] / sums[1]))
    expected = sum(d >= differences[0] - 1e-12 for d in differences) / 8
    assert paired_interval(clusters).p == pytest.approx(expected)


def test_interval_of_few_cases_counts_every_resample() -> None:
    clusters = [Cluster(5, 10, 8, 10), Cluster(6, 10, 7, 10), Cluster(2, 4, 3, 4)]
    resampled = []
    for drawn in product(clusters, repeat=3):
        sums = [sum(column) for column in zip(*drawn, strict=True)]
        resampled.append(sums[2] / sums[3] - sums[0] / sums[1])
    outside = expanded(3)
    found = paired_interval(clusters, seed=1)
    assert (found.low, found.high) == pytest.approx(tuple(np.quantile(resampled, [outside, 1 - outside])))
    assert found == paired_interval(clusters, seed=2)


def test_interval_agrees_with_scipy() -> None:
    """The library's percentile interval, at the confidence to which ours is widened."""
    from scipy.stats import bootstrap

    rng = np.random.default_rng(11)
    whole = rng.integers(5, 60, size=25)
    a, b = rng.binomial(whole, 0.8), rng.binomial(whole, 0.9)
    ours = paired_interval([Cluster(*map(int, row)) for row in zip(a, whole, b, whole, strict=True)])

    def statistic(a: np.ndarray, b: np.ndarray, whole: np.ndarray, axis: int) -> np.ndarray:
        return (b.sum(axis=axis) - a.sum(axis=axis)) / whole.sum(axis=axis)

    theirs = bootstrap(
        (a, b, whole), statistic, paired=True, vectorized=True, method="percentile", n_resamples=9_999,
        confidence_level=1 - 2 * expanded(25), rng=np.random.default_rng(5),
    ).confidence_interval  # fmt: skip
    assert (ours.low, ours.high) == pytest.approx((theirs.low, theirs.high), abs=0.004)


def test_widening_goes_away_with_many_cases() -> None:
    assert expanded(2) < expanded(10) < expanded(100) < 0.025
    assert expanded(10_000) == pytest.approx(0.025, rel=0.01)


def test_interval_covers_the_truth_and_p_seldom_cries() -> None:
    """400 simulated runs on 20 tables of very different sizes and difficulties, B as good as A."""
    rng = np.random.default_rng(17)
    covered = cried = 0
    for _ in range(400):
        whole = np.exp(rng.normal(3, 1, size=20)).astype(int) + 2
        rate = rng.beta(3.2, 0.8, size=20)
        a, b = rng.binomial(whole, rate), rng.binomial(whole, rate)
        clusters = [Cluster(*map(int, row)) for row in zip(a, whole, b, whole, strict=True)]
        found = paired_interval(clusters, resamples=999)
        assert found.low is not None
        assert found.high is not None
        assert found.p is not None
        covered += found.low <= 0 <= found.high
        cried += found.p <= 0.05
    assert covered / 400 >= 0.91
    assert cried / 400 <= 0.08


def test_cells_of_one_table_are_no_independent_evidence() -> None:
    """One long table that got better is one case, however many cells it has."""
    found = paired_interval([Cluster(100, 1_000, 900, 1_000)] + [Cluster(9, 10, 9, 10)] * 19)
    assert found.p == 1
    assert found.low == 0


def test_too_few_wholes_give_no_interval() -> None:
    found = paired_interval([Cluster(0, 10, 0, 10)] + [Cluster(0, 10, 0, 0)] * 9)
    assert found.low is None
    assert "too few cases" in found.remark


@given(st.lists(st.floats(0, 1), max_size=12))
def test_adjusting_only_raises_and_keeps_the_order(values: list[float]) -> None:
    adjusted = holm(values)
    assert all(value <= new <= 1 for value, new in zip(values, adjusted, strict=True))
    assert sorted(adjusted) == [new for _, new in sorted(zip(values, adjusted, strict=True))]


def test_adjusting_by_hand() -> None:
    assert holm([0.01, 0.04, 0.03]) == pytest.approx((0.03, 0.06, 0.06))


@settings(deadline=None)
@given(st.lists(st.tuples(*[st.integers(0, 9)] * 4), min_size=2, max_size=8))
def test_exchanging_the_sides_turns_the_difference(rows: list[tuple[int, int, int, int]]) -> None:
    clusters = [Cluster(min(a, n), n, min(b, m), m) for a, n, b, m in rows]
    turned = [Cluster(c.part_b, c.whole_b, c.part_a, c.whole_a) for c in clusters]
    found, back = paired_interval(clusters, resamples=99), paired_interval(turned, resamples=99)
    assert found.p == back.p
    if found.low is not None and found.high is not None:
        assert found.low <= found.high
        assert (back.low, back.high) == pytest.approx((-found.high, -found.low))
