"""Layers chosen without the rows they are scored on, and tests over all: against oracles and noise."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binomtest, ttest_1samp
from sklearn.linear_model import Ridge as SklearnRidge

from relcli.analysis.probing.blocks import SceneBlocks
from relcli.analysis.probing.over_layers import choose, clustered_interval, sign_flip
from relcli.analysis.probing.ridge import MAX_FEATURES, PENALTY, Ridge, reduced
from relcli.analysis.probing.splits import SplitPlan
from relcli.analysis.probing.sweep import Block, Sweep
from relcli.analysis.probing.targets import make_target
from relcli.scenes.questions import compose
from tests.examples import examples

PROMPT = compose("How many shapes are in this image", ("2", "3"))


def by_hand(x, codes, train, test) -> int:
    """Hits of scikit-learn's ridge regression on indicators."""
    model = SklearnRidge(alpha=PENALTY * train.sum()).fit(x[train], np.eye(codes.max() + 1)[codes[train]])
    return int((model.predict(x[test]).argmax(axis=1) == codes[test]).sum())


def test_the_closed_form_is_scikit_learns_ridge() -> None:
    rng = np.random.default_rng(0)
    codes, fold, inner = rng.integers(0, 3, 150), np.arange(150) % 5, rng.integers(0, 4, 150)
    x = reduced(rng.normal(size=(150, 9)) + 0.5 * rng.normal(size=(3, 9))[codes])
    ridge = Ridge(x, fold)
    labellings = np.stack([codes, rng.permutation(codes)])
    wanted = [sum(by_hand(x, one, fold != f, fold == f) for f in range(5)) / 150 for one in labellings]
    assert ridge.accuracies(labellings, 3) == pytest.approx(wanted)
    inside = ridge.inner_accuracies(codes, 3, inner)
    for outer in range(5):
        train = fold != outer
        hits = sum(by_hand(x, codes, train & (inner != p), train & (inner == p)) for p in range(4))
        assert inside[outer] == pytest.approx(hits / train.sum())


def test_wide_features_become_principal_components_and_constant_ones_nothing() -> None:
    rng = np.random.default_rng(1)
    codes = rng.integers(0, 2, 400)
    wide = rng.normal(size=(400, 20)) @ rng.normal(size=(20, 900)) + 3.0 * codes[:, None]
    assert reduced(wide).shape == (400, MAX_FEATURES)
    assert Ridge(reduced(wide), np.arange(400) % 5).accuracies(codes[None], 2)[0] > 0.95
    assert not reduced(np.full((10, 3), 0.1)).any()


@settings(max_examples=examples(50), deadline=None)
@given(st.lists(st.integers(1, 4), min_size=2, max_size=12), st.integers(0, 1000))
def test_labels_move_scene_by_scene(sizes: list[int], seed: int) -> None:
    rng = np.random.default_rng(seed)
    scenes = rng.permutation(np.repeat(np.arange(len(sizes)), sizes))
    codes = rng.integers(-1, 3, len(scenes))

    def contents(labels):
        kept = [tuple(sorted(labels[(scenes == scene) & (codes >= 0)])) for scene in range(len(sizes))]
        return [len(one) for one in kept], sorted(kept)

    for one in SceneBlocks(codes, scenes).permuted(5, rng):
        assert ((one >= 0) == (codes >= 0)).all() and contents(one) == contents(codes)


def test_a_fold_has_no_say_in_the_layer_it_is_scored_on() -> None:
    """Layer 3 shows the labels of fold 0 and of nothing else."""
    rng = np.random.default_rng(2)
    scenes = np.arange(400)
    target = make_target("x", [str(one) for one in rng.integers(0, 2, 400)], scenes, SplitPlan())
    layers = rng.normal(size=(6, 400, 4)).astype(np.float32)
    plan = SplitPlan(permutations=0)
    before = choose(list(layers), target, scenes, plan)
    layers[3][target.test[0]] += 50.0 * (2 * target.codes[target.test[0]][:, None] - 1)
    after = choose(list(layers), target, scenes, plan)
    assert after.by_fold[0] == before.by_fold[0] and before.p is None
    assert set(after.by_fold[1:]) == {3}  # they learn from fold 0 and see it there


def test_one_yes_and_one_no_in_every_scene_can_be_found() -> None:
    """Yes is always asked first: labels that moved in order would never change."""
    rng = np.random.default_rng(3)
    scenes, labels = np.repeat(np.arange(60), 2), np.tile([0, 1], 60)
    target = make_target("x", [str(one) for one in labels], scenes, SplitPlan())
    layer = rng.normal(size=(120, 6)).astype(np.float32) + labels[:, None]
    assert choose([layer], target, scenes, SplitPlan(permutations=199)).p == pytest.approx(1 / 200)
    assert 0.3 < (target.shuffled == target.codes).mean() < 0.7


def test_sign_flips_are_counted_exactly() -> None:
    rng = np.random.default_rng(4)
    first, second = rng.random(30) < 0.8, rng.random(30) < 0.5
    gained, lost = int((first & ~second).sum()), int((~first & second).sum())
    single = sign_flip(first, second, np.arange(30))
    assert single == pytest.approx(binomtest(gained, gained + lost, alternative="greater").pvalue)
    scenes = np.repeat(np.arange(10), 3)
    change = np.add.reduceat(first.astype(int) - second, np.arange(0, 30, 3))
    sums = [np.dot(signs, np.abs(change)) for signs in product((-1, 1), repeat=10)]
    assert sign_flip(first, second, scenes) == pytest.approx(np.mean(np.array(sums) >= change.sum()))
    assert sign_flip(first, first, scenes) == 1.0


def test_intervals_over_scenes() -> None:
    right = np.random.default_rng(5).random(80) < 0.7
    wanted = ttest_1samp(right.astype(float), 0.0).confidence_interval(0.95)
    assert clustered_interval(right, np.arange(80)) == pytest.approx((wanted.low, wanted.high))
    low, high = clustered_interval(np.repeat(right, 4), np.repeat(np.arange(80), 4))
    assert (low, high) == pytest.approx((wanted.low, wanted.high))  # four that agree say no more than one
    everything = binomtest(20, 20).proportion_ci(0.95, method="exact")
    assert clustered_interval(np.ones(60, bool), np.arange(60) % 20) == pytest.approx(
        (everything.low, everything.high)
    )
    assert clustered_interval(np.tile([True, False], 9), np.repeat(np.arange(9), 2)) == (None, None)


def noise(seed: int, n_layers: int, signal: float = 0.0, agree: bool = False, n_scenes: int = 40):
    """Two rows a scene; in the middle layer the labels show by `signal`. With `agree` they share a label, and
    their features are nearly alike."""
    rng = np.random.default_rng(seed)
    scenes = np.repeat(np.arange(n_scenes), 2)
    labels = rng.integers(0, 2, n_scenes).repeat(2) if agree else rng.integers(0, 2, 2 * n_scenes)
    features = rng.normal(size=(2 * n_scenes, n_layers, 8))
    if agree:
        features = 0.3 * features + rng.normal(size=(n_scenes, n_layers, 8)).repeat(2, axis=0)
    features[:, n_layers // 2] += signal * labels[:, None]
    return scenes, labels, features.astype(np.float32)


def p_over_layers(seed: int, permutations: int = 99, **what) -> float:
    scenes, labels, features = noise(seed, **what)
    plan = SplitPlan(seed=seed, permutations=permutations)
    target = make_target("x", [str(one) for one in labels], scenes, plan)
    layers = [reduced(features[:, layer]) for layer in range(features.shape[1])]
    p = choose(layers, target, scenes, plan).p
    assert p is not None
    return p


def test_a_planted_signal_is_found_in_its_layer() -> None:
    scenes, labels, features = noise(6, 6, 1.0)
    block = Block("count", scenes, [PROMPT] * 80, [None] * 80, np.ones(80), tuple(range(6)), features)
    target = make_target("x", [str(one) for one in labels], scenes, SplitPlan())
    sweep = Sweep(block, [target], SplitPlan(shuffles=3, permutations=199))
    by_layer = [sweep.layer(layer)[0]["accuracy"] for layer in range(6)]
    found = sweep.tests(target)
    assert found is not None and found["layer"] == 3 and set(found["fold_layers"]) == {3}
    assert found["accuracy"] == by_layer[3] == found["accuracy_right"] > 0.8
    assert found["p_layers"] == pytest.approx(1 / 200) and max(found["p_majority"], found["p_prompt"]) < 0.001
    assert found["statistic_null_95"] > found["statistic_null"] > 0.5  # the best of six, on noise
    assert found["shuffled_sd"] > 0 and found["n_scenes"] == 40 and found["ci_low"] < found["accuracy"]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("n_layers", "agree", "n"), [(6, False, 500), (36, False, 200), (6, True, 500), (36, True, 200)]
)
def test_the_best_of_many_layers_keeps_its_level_on_noise(n_layers: int, agree: bool, n: int) -> None:
    """At most 5%, and two of its own simulation errors; taking rows as independent fails where they agree."""
    share = np.mean([p_over_layers(seed, n_layers=n_layers, agree=agree) <= 0.05 for seed in range(n)])
    assert share <= 0.05 + 2 * (0.05 * 0.95 / n) ** 0.5
    assert share >= 0.01  # no test that never rejects


@pytest.mark.slow
def test_nested_accuracy_is_not_too_high_on_noise() -> None:
    """The best of twelve layers is; the one chosen in inner folds is at chance."""
    best, nested = [], []
    for seed in range(40):
        scenes, labels, features = noise(seed, 12)
        block = Block("count", scenes, [PROMPT] * 80, [None] * 80, np.ones(80), tuple(range(12)), features)
        plan = SplitPlan(seed=seed, shuffles=1, permutations=0)
        target = make_target("x", [str(one) for one in labels], scenes, plan)
        sweep = Sweep(block, [target], plan)
        best.append(max(sweep.layer(layer)[0]["accuracy"] for layer in range(12)))
        nested.append((sweep.tests(target) or {})["accuracy"])
    assert np.mean(best) > 0.56 and abs(np.mean(nested) - 0.5) < 0.03
