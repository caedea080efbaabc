"""Resampling, against closed forms and against rules that must always hold."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relcli.analysis.statistics import SceneDifferences, bootstrap_interval
from tests.examples import examples


def differences(rng: np.random.Generator, n_scenes: int, per_scene: int = 1) -> SceneDifferences:
    """Scenes whose questions share their luck."""
    scenes = np.repeat(np.arange(n_scenes), per_scene)
    right_a = rng.random(n_scenes) < 0.6
    right_b = np.where(rng.random(n_scenes) < 0.3, ~right_a, right_a)
    return SceneDifferences.of(scenes, np.repeat(right_a, per_scene), np.repeat(right_b, per_scene))


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
    expected = np.quantile(plain, [0.025, 0.975])
    assert bootstrap_interval(scenes, samples=10_000) == pytest.approx(expected, abs=0.005)


def test_the_interval_holds_the_truth_about_as_often_as_it_says() -> None:
    rng = np.random.default_rng(3)
    held = 0
    for _ in range(300):
        # A right with 0.6, B changes 3 in 10: the true difference is 0.3 * (0.4 - 0.6)
        interval = bootstrap_interval(differences(rng, 150), samples=1000)
        assert interval is not None
        held += interval[0] <= -0.06 <= interval[1]
    assert 0.91 <= held / 300 <= 0.98


def test_no_spread_gives_no_interval() -> None:
    still = SceneDifferences(np.array([1, 2, 3]), np.array([0, 0, 0]))
    assert bootstrap_interval(still, samples=100) is None


@settings(max_examples=examples(30))
@given(st.integers(0, 2**32 - 1))
def test_the_interval_is_repeatable_and_in_range(seed: int) -> None:
    scenes = differences(np.random.default_rng(seed), 30)
    interval = bootstrap_interval(scenes, samples=200)
    assert interval == bootstrap_interval(scenes, samples=200)
    assert interval is None or -1 <= interval[0] <= interval[1] <= 1
