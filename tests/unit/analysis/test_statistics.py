"""Paired statistics against scipy, against closed forms, and against rules that must always hold."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from relcli.analysis.statistics import (
    SceneDifferences,
    bootstrap_interval,
    clustered_error,
    holm,
    mcnemar_exact,
    smallest_detectable,
)
from relcli.paths import sql_dir

COUNTS = st.integers(0, 200)
P_VALUES = st.lists(st.floats(0, 1), max_size=12)


def differences(rng: np.random.Generator, n_scenes: int, per_scene: int = 1) -> SceneDifferences:
    """Scenes whose questions share their luck."""
    scenes = np.repeat(np.arange(n_scenes), per_scene)
    right_a = rng.random(n_scenes) < 0.6
    right_b = np.where(rng.random(n_scenes) < 0.3, ~right_a, right_a)
    return SceneDifferences.of(scenes, np.repeat(right_a, per_scene), np.repeat(right_b, per_scene))


@given(COUNTS, COUNTS)
def test_mcnemar_is_the_two_sided_binomial_test(lost: int, gained: int) -> None:
    expected = stats.binomtest(lost, lost + gained).pvalue if lost + gained else 1.0
    assert mcnemar_exact(lost, gained) == pytest.approx(expected, rel=1e-9)


def test_mcnemar_agrees_with_the_macro_and_survives_large_counts() -> None:
    duckdb = pytest.importorskip("duckdb")
    pairs = [(0, 0), (1, 3), (17, 40), (399, 379), (2500, 2700)]
    with duckdb.connect() as memory:
        for name in ("stirling_error", "binomial_half", "mcnemar_p"):
            memory.execute((sql_dir() / "macros" / f"{name}.sql").read_text())
        for lost, gained in pairs:
            in_sql = memory.execute("SELECT mcnemar_p(?::BIGINT, ?::BIGINT)", [lost, gained]).fetchall()[0][0]
            assert mcnemar_exact(lost, gained) == pytest.approx(in_sql, rel=1e-9)


def test_holm_on_holms_own_kind_of_example() -> None:
    # 0.01 x 4, 0.02 x 3 = 0.06, 0.03 x 2 = 0.06, 0.04 x 1 lifted to 0.06
    assert holm([0.03, 0.01, 0.04, 0.02]) == pytest.approx([0.06, 0.04, 0.06, 0.06])
    assert holm([]) == [] and holm([0.2]) == [0.2]


@given(P_VALUES)
def test_holm_keeps_order_and_lies_between_plain_and_bonferroni(p_values: list[float]) -> None:
    adjusted = holm(p_values)
    for p, new in zip(p_values, adjusted, strict=True):
        assert p <= new <= min(1.0, p * len(p_values)) + 1e-12
    for i, p in enumerate(p_values):
        assert all(adjusted[i] <= adjusted[j] for j, q in enumerate(p_values) if p < q)


@given(st.lists(st.tuples(st.integers(0, 5), st.booleans(), st.booleans()), min_size=1, max_size=40))
def test_scene_differences_add_up(rows: list[tuple[int, bool, bool]]) -> None:
    scenes = SceneDifferences.of(*(list(column) for column in zip(*rows, strict=True)))
    assert scenes.n.sum() == len(rows)
    assert scenes.difference == pytest.approx(np.mean([float(b) - float(a) for _, a, b in rows]))


def test_the_interval_is_that_of_a_bootstrap_scene_by_scene() -> None:
    scenes = differences(np.random.default_rng(1), 200, per_scene=2)
    rng = np.random.default_rng(2)
    drawn = rng.integers(0, 200, size=(10_000, 200))
    plain = scenes.change[drawn].sum(axis=1) / scenes.n[drawn].sum(axis=1)
    assert bootstrap_interval(scenes) == pytest.approx(np.quantile(plain, [0.025, 0.975]), abs=0.005)


def test_the_interval_holds_the_truth_about_as_often_as_it_says() -> None:
    rng = np.random.default_rng(3)
    held = 0
    for _ in range(300):
        # A right with 0.6, B changes 3 in 10: the true difference is 0.3 * (0.4 - 0.6)
        interval = bootstrap_interval(differences(rng, 150), samples=1000)
        assert interval is not None
        held += interval[0] <= -0.06 <= interval[1]
    assert 0.91 <= held / 300 <= 0.98


def test_no_spread_gives_no_interval_and_no_detectable_difference() -> None:
    still = SceneDifferences(np.array([1, 2, 3]), np.array([0, 0, 0]))
    assert bootstrap_interval(still) is None and smallest_detectable(clustered_error(still)) is None
    assert clustered_error(SceneDifferences(np.array([4]), np.array([1]))) is None


def test_error_of_single_questions_is_the_paired_one_and_twins_do_not_shrink_it() -> None:
    single = differences(np.random.default_rng(4), 300)
    assert clustered_error(single) == pytest.approx(stats.sem(single.change))
    doubled = SceneDifferences(2 * single.n, 2 * single.change)
    assert clustered_error(doubled) == pytest.approx(clustered_error(single))


def test_the_smallest_detectable_difference_is_found_four_times_in_five() -> None:
    rng = np.random.default_rng(5)
    # 400 questions, 15% change either way under no difference; shifted by the detectable difference.
    error = np.sqrt(0.3 / 400)
    delta = smallest_detectable(error)
    assert delta is not None and delta == pytest.approx(2.8016 * error, rel=1e-4)
    gained, lost = 0.15 + delta / 2, 0.15 - delta / 2
    counts = rng.multinomial(400, [lost, gained, 1 - lost - gained], size=2000)
    found = np.mean([mcnemar_exact(int(b), int(c)) < 0.05 for b, c, _ in counts])
    assert 0.74 <= found <= 0.86


@settings(max_examples=30)
@given(st.integers(0, 2**32 - 1))
def test_the_interval_is_repeatable_and_in_range(seed: int) -> None:
    scenes = differences(np.random.default_rng(seed), 30)
    interval = bootstrap_interval(scenes, samples=200)
    assert interval == bootstrap_interval(scenes, samples=200)
    assert interval is None or -1 <= interval[0] <= interval[1] <= 1
