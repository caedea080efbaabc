"""wilson_low, wilson_high, mcnemar_p and what they stand on, against exact arithmetic."""

from fractions import Fraction
from math import comb, inf, log, pi, sqrt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relcli.warehouse.connect import connect, ensure


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


@settings(max_examples=60, deadline=None)
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
