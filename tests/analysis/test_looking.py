"""Chance from other scenes, its test, and the choice of a place: by definition, simulated and planted."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relcli.analysis import looking
from relcli.jobs.looks import both_halves
from relcli.warehouse.looks import Looked, Place
from tests.examples import examples


@given(st.integers(0, 10_000))
@settings(max_examples=examples(25), deadline=None)
def test_chance_is_the_mean_over_other_scenes_of_a_kind(seed: int):
    rng = np.random.default_rng(seed)
    n, cells = 14, 5
    scenes, kinds = rng.integers(0, 5, n), rng.choice(["a", "b"], n)
    target, others, maps = rng.random((n, cells)), rng.random((n, cells)), rng.random((n, cells))
    found = looking.shares_of(maps, target, others, looking.elsewhere(target, scenes, kinds))
    for i in range(n):
        weights = maps[i] / maps[i].sum()
        elsewhere = [j for j in range(n) if scenes[j] != scenes[i] and kinds[j] == kinds[i]]
        assert found.target[i] == pytest.approx(weights @ target[i])
        expected = np.mean([weights @ target[j] for j in elsewhere]) if elsewhere else np.nan
        assert found.chance[i] == pytest.approx(expected, nan_ok=True)
        assert found.others[i] == pytest.approx(weights @ others[i] / others[i].sum() * target[i].sum())


def test_a_question_without_the_row_or_without_other_objects_does_not_count():
    target = np.eye(3)
    maps = np.array([[1.0, 0, 0], [np.nan] * 3, [0.0, 0, 0]])
    elsewhere = looking.elsewhere(target, np.arange(3), np.array(["a"] * 3))
    found = looking.shares_of(maps, target, np.zeros((3, 3)), elsewhere)
    assert found.target[0] == 1
    assert np.isnan(found.target[1:]).all()
    assert np.isnan(found.others).all()
    assert looking.excess(found, np.array([True] * 3)) == 1  # there are no others
    assert looking.excess(found, np.array([False, True, True])) == float("-inf")
    assert looking.sign_flip_above(found.target[1:], np.array([1, 2]), 0) is None


def places(rng: np.random.Generator, n_scenes: int, cells: int = 16) -> tuple[np.ndarray, ...]:
    """Two questions a scene about one object each: scenes, targets, other objects."""
    scenes = np.repeat(np.arange(n_scenes), 2)
    target, others = np.zeros((2, 2 * n_scenes, cells))
    for row in range(2 * n_scenes):
        asked, *rest = rng.choice(cells, 3, replace=False)
        target[row, asked] = 1
        others[row, rest] = 1
    return scenes, target, others


@pytest.mark.parametrize("n_scenes", [20, 60])
def test_level_where_maps_know_nothing(n_scenes: int):
    """Maps are alike within a scene, peaked and skewed, and know nothing of what is asked about."""
    rng = np.random.default_rng(5)
    tries, hits = 250, 0
    for _ in range(tries):
        scenes, target, others = places(rng, n_scenes)
        maps = np.repeat(rng.dirichlet(np.full(16, 0.2), n_scenes), 2, axis=0)
        elsewhere = looking.elsewhere(target, scenes, np.full(len(scenes), "a"))
        shares = looking.shares_of(maps, target, others, elsewhere)
        p = looking.sign_flip_above(shares.target - shares.chance, scenes, 1)
        assert p is not None
        hits += p <= 0.05
    assert 0.008 <= hits / tries <= 0.09  # 5% within three standard errors; less where shares are this skewed


def looked(rng: np.random.Generator, strength: float, n_scenes: int = 40) -> Looked:
    scenes, target, others = places(rng, n_scenes)
    maps: dict[Place, np.ndarray] = {
        (row, layer, None): rng.dirichlet(np.full(16, 0.5), len(scenes))
        for row in ("answer", "target", "target_next") for layer in range(6)
    }  # fmt: skip
    maps["target", 2, None] = (1 - strength) * maps["target", 2, None] + strength * target
    stare = (target + others) / (target + others).sum(1, keepdims=True)
    maps["answer", 4, None] = 0.2 * maps["answer", 4, None] + 0.8 * stare  # at every object alike
    correct = np.ones(len(scenes))
    sizes = np.full(len(scenes), 16)
    return Looked(scenes, np.full(len(scenes), "a"), correct, sizes, target, others, maps, {})


def test_the_planted_row_is_found_in_both_halves_and_staring_is_not_taken_for_it():
    found = both_halves(looked(np.random.default_rng(3), 0.5), "count", seed=0)
    assert [(look.half, look.row, look.layer, look.n, look.n_scenes) for look in found] == [
        (1, "target", 2, 40, 20),
        (2, "target", 2, 40, 20),
    ]
    for look in found:
        assert look.share > 0.5
        assert look.chance < 0.15
        assert look.p <= 0.001
        assert look.p_others is not None
        assert look.p_others <= 0.001
        assert look.right == pytest.approx(look.share - look.chance)
        assert look.wrong is look.p_right_wrong is None


def test_where_nothing_looks_the_chosen_place_is_not_praised_for_being_chosen():
    """Of 18 places the best of a half has chance's share on the other: the choice carries no bias over."""
    rng = np.random.default_rng(11)
    above, small = [], 0
    for _ in range(60):
        data = looked(rng, 0)
        del data.maps["answer", 4, None]  # pyright: ignore[reportIndexIssue]
        for look in both_halves(data, "count", seed=0):
            above.append(look.share - look.chance)
            small += look.p <= 0.05
    assert abs(np.mean(above)) < 3 * np.std(above) / np.sqrt(len(above))
    assert small <= 14  # 6 of 120 expected


def test_right_and_wrong_answers_are_compared_over_scenes():
    rng = np.random.default_rng(0)
    scenes = np.repeat(np.arange(60), 2)
    right = (rng.random(120) < 0.5).astype(float)
    values = 0.3 * right + rng.normal(0, 0.05, 120)
    high, low, p = looking.right_against_wrong(values, right, scenes)
    assert high == pytest.approx(0.3, abs=0.03)
    assert low == pytest.approx(0, abs=0.03)
    assert p is not None
    assert p < 1e-6
    assert looking.right_against_wrong(values, np.where(np.arange(120) < 9, 0.0, 1.0), scenes)[2] is None
    same = [
        looking.right_against_wrong(
            np.repeat(rng.normal(0, 1, 60), 2), (rng.random(120) < 0.5).astype(float), scenes
        )[2]
        for _ in range(300)
    ]
    assert 0.02 <= np.mean([each is not None and each <= 0.05 for each in same]) <= 0.09
