"""The statistics macros against exact arithmetic, scipy and the oracles in Python."""

from fractions import Fraction
from math import comb, exp, inf, log, pi, sqrt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from relcli.warehouse.migrations import ensure
from relcli.warehouse.opening import connect
from tests.examples import examples
from tests.sql.scene_oracle import accuracy_interval, clustered_error, difference_interval, sign_flip


@pytest.fixture(scope="module")
def connection(tmp_path_factory):
    path = tmp_path_factory.mktemp("macros") / "macros.duckdb"
    ensure(path)
    with connect(path, read_only=True) as opened:
        yield opened


def exact_mcnemar(b: int, c: int) -> Fraction:
    tail = term = 1
    for k in range(1, min(b, c) + 1):
        term = term * (b + c - k + 1) // k
        tail += term
    return min(Fraction(1), Fraction(2 * tail, 2 ** (b + c)))


@settings(max_examples=examples(60), deadline=None)
@given(st.integers(0, 400), st.integers(0, 400))
def test_mcnemar_is_exact(connection, b, c):
    [(p,)] = connection.execute("SELECT mcnemar_p(?, ?)", [b, c]).fetchall()
    assert p == pytest.approx(float(exact_mcnemar(b, c)), rel=1e-12, abs=0)


@pytest.mark.parametrize(
    ("b", "c"), [(0, 0), (3, 9), (9, 3), (4_000, 4_321), (10_000, 10_300), (14_999, 15_001)]
)
def test_mcnemar_is_exact_for_large_counts(connection, b, c):
    [(p,)] = connection.execute("SELECT mcnemar_p(?, ?)", [b, c]).fetchall()
    assert p == pytest.approx(float(exact_mcnemar(b, c)), rel=1e-12, abs=0)


def test_mcnemar_of_the_studys_own_table(connection):
    """The study (section 8.9): connection 399 lost and 379 won; p = 0.50 is no difference."""
    [(p,)] = connection.execute("SELECT mcnemar_p(399, 379)").fetchall()
    assert p == pytest.approx(0.4956, abs=5e-4)


@given(st.integers(0, 10**6), st.integers(1, 10**6))
def test_wilson_solves_its_equation(connection, k, n):
    """The ends are where |k/n - p| = z sqrt(p (1 - p) / n): Wilson (1927)."""
    k = min(k, n)
    [ends] = connection.execute("SELECT wilson_low($k, $n), wilson_high($k, $n)", {"k": k, "n": n}).fetchall()
    low, high = ends
    assert -1e-12 <= low <= k / n <= high <= 1 + 1e-12
    for end in ends:
        if 1e-6 < end < 1 - 1e-6:
            assert abs(k / n - end) == pytest.approx(1.959963984540054 * sqrt(end * (1 - end) / n), rel=1e-6)


def flipped(connection, change):
    rows = connection.execute(
        "SELECT sign_flip_p(x) FROM (SELECT unnest($x::BIGINT[]) AS x)", {"x": [int(each) for each in change]}
    )
    return rows.fetchall()[0][0]


@settings(max_examples=examples(100), deadline=None)
@given(st.lists(st.integers(-4, 4), max_size=40))
def test_sign_flip_is_exact(connection, change):
    if change:
        assert flipped(connection, change) == pytest.approx(sign_flip(change), abs=1e-12)


@pytest.mark.parametrize("change", [[1, 1, 1, 1, -1, 1, 1], [2, 1, 2, -1, 1, 0, 3], [1, 2, 2, 1, -2, 1]])
def test_sign_flip_is_scipys_permutation_test_of_the_studentised_mean(connection, change):
    """scipy tries all signs and has the plain p: ours is that less half of what is as extreme as what was
    seen. With the studentised mean, t, instead of the sum it is the same."""

    def t(x, axis=-1):
        with np.errstate(divide="ignore"):
            return np.mean(x, axis=axis) / (np.std(x, axis=axis, ddof=1) / np.sqrt(x.shape[axis]))

    for statistic in (np.sum, t):
        found = stats.permutation_test(
            (np.array(change),), statistic, permutation_type="samples", n_resamples=10_000, vectorized=True
        )
        null = np.abs(found.null_distribution)
        equal = np.mean(np.isclose(null, abs(found.statistic)))
        assert flipped(connection, change) == pytest.approx(found.pvalue - equal / 2, abs=1e-12)


def test_sign_flip_of_many_scenes_and_of_what_is_next_to_impossible(connection):
    lot = np.random.default_rng(3)
    many = lot.integers(-3, 4, 4000).tolist()
    assert flipped(connection, many) == pytest.approx(sign_flip(many), abs=1e-12)
    assert flipped(connection, [1] * 300) == pytest.approx(2 * exp(-150))  # Hoeffding's bound
    assert 2.0**-40 < flipped(connection, [1] * 40) <= 1e-10
    assert flipped(connection, [3, -2, -1]) == flipped(connection, [0, 0]) == 1


SCENES = st.lists(st.tuples(st.integers(1, 4), st.floats(0, 1), st.floats(0, 1)), min_size=1, max_size=60)


@settings(max_examples=examples(100), deadline=None)
@given(SCENES)
def test_intervals_over_scenes(connection, drawn):
    n = np.array([size for size, _, _ in drawn])
    first = np.array([round(size * share) for size, share, _ in drawn])
    second = np.array([round(size * share) for size, _, share in drawn])
    change = second - first
    [row] = connection.execute(
        "SELECT accuracy_end(n, r, -1), accuracy_end(n, r, 1), difference_end(n, c, -1), "
        "difference_end(n, c, 1), clustered_error(n, c) "
        "FROM (SELECT unnest($n) AS n, unnest($r) AS r, unnest($c) AS c)",
        {"n": n.tolist(), "r": first.tolist(), "c": change.tolist()},
    ).fetchall()
    assert row[:4] == pytest.approx((*accuracy_interval(n, first), *difference_interval(n, change)), abs=1e-9)
    assert row[0] <= first.sum() / n.sum() + 1e-12 and first.sum() / n.sum() <= row[1] + 1e-12
    assert row[0] < row[1] and row[2] < row[3] and row[2] >= -1 and row[3] <= 1
    expected = clustered_error(n, change)
    assert row[4] is None if expected is None else row[4] == pytest.approx(expected, abs=1e-9)


def test_questions_that_agree_count_once(connection):
    """Doubling every question changes no interval and no p; Wilson and McNemar would take it as news."""
    lot = np.random.default_rng(8)
    right, change = lot.integers(0, 2, 50), lot.integers(-1, 2, 50)
    found = connection.execute(
        "SELECT accuracy_end(k, k * r, -1), accuracy_end(k, k * r, 1), difference_end(k, k * c, -1), "
        "difference_end(k, k * c, 1), sign_flip_p(k * c), clustered_error(k, k * c) FROM "
        "(SELECT unnest([1, 2, 3]) AS k) CROSS JOIN (SELECT unnest($r) AS r, unnest($c) AS c) GROUP BY k",
        {"r": right.tolist(), "c": change.tolist()},
    ).fetchall()
    assert len(found) == 3 and found[0] == pytest.approx(found[1]) and found[0] == pytest.approx(found[2])


def test_where_all_scenes_agree_the_interval_is_that_of_clopper_and_pearson(connection):
    for n in (1, 4, 20, 500):
        exact = stats.binomtest(0, n).proportion_ci(method="exact").high
        rows = connection.execute(
            "SELECT accuracy_end(2, 0, 1), accuracy_end(2, 2, -1), difference_end(2, 0, 1), "
            "difference_end(2, -2, 1) FROM range(?)",
            [n],
        )
        assert rows.fetchall()[0] == pytest.approx((exact, 1 - exact, exact, -1 + 2 * exact))


@pytest.mark.parametrize("tail", [0.5, 0.2, 0.025, 0.05 / 14, 1e-6])
def test_normal_quantile(connection, tail):
    [(z,)] = connection.execute("SELECT normal_quantile(?)", [tail]).fetchall()
    assert z == pytest.approx(stats.norm.isf(tail), abs=4.5e-4)


def test_wilson_of_nothing_is_null(connection):
    assert connection.execute("SELECT wilson_low(0, 0), wilson_high(0, 0)").fetchall() == [(None, None)]


@pytest.mark.parametrize(("k", "n"), [(0, 1), (1, 1), (3, 10), (15, 40), (16, 33), (500, 1_000)])
def test_binomial_half(connection, k, n):
    [(p,)] = connection.execute("SELECT binomial_half(?, ?)", [k, n]).fetchall()
    assert p == pytest.approx(float(Fraction(comb(n, k), 2**n)), rel=1e-13)


@pytest.mark.parametrize("x", [1, 5, 15, 16, 17, 60, 170])
def test_stirling_error(connection, x):
    log_factorial = sum(log(i) for i in range(1, x + 1))
    [(error,)] = connection.execute("SELECT stirling_error(?)", [x]).fetchall()
    assert error == pytest.approx(log_factorial - ((x + 0.5) * log(x) - x + 0.5 * log(2 * pi)), abs=1e-12)
    assert 0 < error < inf
