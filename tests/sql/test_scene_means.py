"""Means over scenes: interval and one-sided sign-flip test, against scipy and by simulation.

The simulations draw objects in the middle of a picture and maps that know nothing of them, since that is
where the chances of grounding have to hold: the test at 5% is wrong at most 6% of the time, and at least 4%
from 20 scenes on; a 95% interval holds the truth at least 93% of the time (three standard errors of slack).
"""

import duckdb
import numpy as np
import pytest
from scipy import stats

from relcli.paths import sql_dir

MACROS = ("normal_above", "sign_flip_above", "t_quantile", "scene_moments", "scene_mean_end")


@pytest.fixture(scope="module")
def connection():
    with duckdb.connect(config={"threads": 1}) as opened:
        for name in MACROS:
            opened.execute((sql_dir() / "macros" / f"{name}.sql").read_text())
        yield opened


def of_tries(connection, sql, **columns):
    """`sql`, aggregates over scenes, for each row of columns [tries, scenes]."""
    tries, scenes = next(iter(columns.values())).shape
    flat = {name: values.ravel() for name, values in columns.items()}
    flat["try"] = np.repeat(np.arange(tries), scenes)
    connection.register("flat", flat)
    return np.array(
        connection.execute(f"SELECT {sql} FROM flat GROUP BY try ORDER BY try").fetchall(), dtype=float
    ).T


ENDS = "scene_mean_end(scene_moments(n, t), -1), scene_mean_end(scene_moments(n, t), 1)"


def test_tail_and_quantile_are_scipys(connection):
    for x in (-3.0, 0.0, 0.5, 2.0, 5.0, 8.0):
        [(tail,)] = connection.execute(f"SELECT normal_above({x}::DOUBLE)").fetchall()
        assert tail == pytest.approx(stats.norm.sf(x), rel=2e-7)
    for df in (1, 2, 3, 4, 5, 6, 12, 99, 5000):
        [(found,)] = connection.execute(f"SELECT t_quantile({df})").fetchall()
        assert found == pytest.approx(stats.t.ppf(0.975, df), rel=2e-4)


def test_the_interval_of_one_question_a_scene_is_students(connection):
    values = np.random.default_rng(0).gamma(0.5, 1, (1, 30))
    low, high = of_tries(connection, ENDS, n=np.ones_like(values), t=values)
    expected = stats.t.interval(0.95, 29, values.mean(), stats.sem(values[0]))
    assert (low[0], high[0]) == pytest.approx(expected, rel=1e-3)


def test_questions_that_agree_count_once(connection):
    values = np.random.default_rng(1).normal(0, 1, (1, 25))
    once = of_tries(connection, ENDS, n=np.ones_like(values), t=values)
    thrice = of_tries(connection, ENDS, n=np.full_like(values, 3.0), t=3 * values)
    assert thrice == pytest.approx(once)


@pytest.mark.parametrize(("scenes", "near"), [(16, 0.012), (40, 0.01)])
def test_the_test_is_scipys_permutation_test(connection, scenes, near):
    rng = np.random.default_rng(scenes)
    for shift in (0.0, 0.2, 0.5):
        values = rng.normal(shift, 1, scenes)
        [[found]] = of_tries(connection, "sign_flip_above(t)", t=values[None])
        exact = stats.permutation_test(
            (values,), np.sum, permutation_type="samples", alternative="greater", n_resamples=50_000, rng=0
        ).pvalue
        assert found == pytest.approx(exact, abs=near)


def test_nothing_and_few(connection):
    nothing = "SELECT sign_flip_above(t) FROM (SELECT NULL::DOUBLE AS t)"
    assert connection.execute(nothing).fetchall() == [(None,)]
    assert of_tries(connection, "sign_flip_above(t)", t=np.zeros((1, 5)))[0][0] == 1
    assert of_tries(connection, "sign_flip_above(t)", t=np.ones((1, 4)))[0][0] == 1 / 16
    assert np.isnan(of_tries(connection, ENDS, n=np.ones((1, 1)), t=np.ones((1, 1)))).all()


def targets(rng, shape):
    """Coverage of one square object each, its centre in the middle of an 8 x 8 grid."""
    x, y = rng.uniform(1.8, 6.2, (2, *shape))
    half = rng.choice([0.7, 1.07, 1.43], shape)
    edges = np.arange(8)
    over = [
        np.clip(
            np.minimum(edges + 1, (c + half)[..., None]) - np.maximum(edges, (c - half)[..., None]), 0, 1
        )
        for c in (y, x)
    ]
    return (over[0][..., :, None] * over[1][..., None, :]).reshape(*shape, 64)


def maps(rng, kind, shape):
    rows, columns = np.divmod(np.arange(64), 8)
    middle = np.exp(-((rows - 3.5) ** 2 + (columns - 3.5) ** 2) / 6)
    if kind == "cell":
        weights = np.full((*shape, 64), 0.002)
        np.put_along_axis(weights, rng.choice([27, 28, 35, 36], shape)[..., None], 1.0, axis=-1)
    else:
        spread = {"stare": 20.0, "spiky": 0.3, "even": 0.6}[kind]
        weights = rng.gamma(spread, 1, (*shape, 64)) * (1 if kind == "even" else middle)
    return weights / weights.sum(-1, keepdims=True)


def above_other_scenes(weights, covered):
    """Sums over the scenes of [scenes, questions, cells], plain and with the mean map's part taken out."""
    scenes, questions = covered.shape[:2]
    own = covered.sum(1, keepdims=True)
    beyond = covered - (covered.sum((0, 1)) - own) / ((scenes - 1) * questions)
    plain = (weights * beyond).sum(-1)
    return plain.sum(1), (plain - beyond @ weights.mean((0, 1))).sum(1)


@pytest.mark.slow
@pytest.mark.parametrize("questions", [1, 2])
@pytest.mark.parametrize(("scenes", "tries"), [(20, 4000), (100, 2000), (500, 1000)])
@pytest.mark.parametrize("kind", ["stare", "spiky", "cell", "even"])
def test_level_and_coverage_against_other_scenes(connection, kind, scenes, tries, questions):
    """Maps alike within a scene that know nothing of what is asked about."""
    rng = np.random.default_rng(scenes + questions)
    plain, centred = np.empty((2, tries, scenes))
    for number in range(tries):
        weights = maps(rng, kind, (scenes, 1)).repeat(questions, 1)
        plain[number], centred[number] = above_other_scenes(weights, targets(rng, (scenes, questions)))
    n = np.full_like(centred, float(questions))
    p, low, high = of_tries(connection, f"sign_flip_above(t), {ENDS}", n=n, t=centred)
    slack = 3 * np.sqrt(0.05 * 0.95 / tries)
    assert 0.04 - slack <= np.mean(p <= 0.05) <= 0.06 + slack
    assert np.mean((low <= 0) & (high >= 0)) >= 0.93 - slack
    [blind] = of_tries(connection, "sign_flip_above(t)", t=plain)
    assert np.mean(blind <= 0.05) < 0.03, "what taking the mean map's part out is for"


@pytest.mark.slow
@pytest.mark.parametrize("scenes", [20, 100, 500])
def test_level_and_coverage_within_the_picture(connection, scenes):
    """Which of three objects of different size is asked about makes no difference; maps stare at objects, the
    more the larger they are, so that a ratio of pooled shares would be off."""
    tries = 2000
    rng = np.random.default_rng(scenes)
    found = np.empty((tries, scenes))
    for number in range(tries):
        covered = targets(rng, (scenes, 3))
        area = covered.mean(-1)
        weights = maps(rng, "spiky", (scenes,)) + (covered * area[..., None]).sum(1)
        weights /= weights.sum(-1, keepdims=True)
        per_area = (weights[:, None] * covered).sum(-1) / area
        asked = rng.integers(0, 3, scenes)
        mine = per_area[np.arange(scenes), asked]
        found[number] = mine - (per_area.sum(1) - mine) / 2
    p, low, high = of_tries(connection, f"sign_flip_above(t), {ENDS}", n=np.ones_like(found), t=found)
    slack = 3 * np.sqrt(0.05 * 0.95 / tries)
    assert 0.04 - slack <= np.mean(p <= 0.05) <= 0.06 + slack
    assert np.mean((low <= 0) & (high >= 0)) >= 0.93 - slack
