"""What tells right answers from wrong ones: areas under ROC curves, against scikit-learn and numpy."""

from collections.abc import Iterator
from typing import Any

import duckdb
import numpy as np
import pytest
from scipy.stats import t as student
from sklearn.metrics import roc_auc_score

from relcli.paths import sql_dir

MACROS = ("t_quantile", "auroc_error")


@pytest.fixture
def memory() -> Iterator[duckdb.DuckDBPyConnection]:
    """The view over a table in place of correctness_score."""
    with duckdb.connect(config={"threads": 1}) as connection:
        for name in MACROS:
            connection.execute((sql_dir() / "macros" / f"{name}.sql").read_text())
        connection.execute("""CREATE TABLE correctness_score (run INTEGER, category VARCHAR, variant VARCHAR,
            predictor VARCHAR, scene_id INTEGER, question_index INTEGER, correct BOOLEAN, score DOUBLE)""")
        view = (sql_dir() / "views" / "correctness_predictors.sql").read_text()
        connection.execute(view.split("COMMENT")[0])
        yield connection


def put(connection: duckdb.DuckDBPyConnection, tries: np.ndarray, scenes: np.ndarray, correct: np.ndarray,
        score: np.ndarray) -> None:  # fmt: skip
    columns = {"t": tries, "s": scenes, "q": np.arange(len(scenes)), "c": correct, "x": score}
    connection.register("rows", columns)
    connection.execute(
        "INSERT INTO correctness_score SELECT t, 'count', 'raw', 'x', s, q, c::BOOLEAN, x FROM rows"
    )


def asked(connection: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    found = connection.execute("FROM correctness_predictors ORDER BY run")
    names = [column[0] for column in found.description or ()]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def obuchowski(scenes: np.ndarray, correct: np.ndarray, score: np.ndarray) -> tuple[float, float]:
    """Area and standard error, from pairs."""
    right, wrong = score[correct], score[~correct]
    above = (right[:, None] > wrong) + 0.5 * (right[:, None] == wrong)
    area, m, n = above.mean(), len(right), len(wrong)
    r, w, rn, wn = [], [], [], []
    for scene in np.unique(scenes):
        own_right, own_wrong = scenes[correct] == scene, scenes[~correct] == scene
        r.append(above[own_right].mean(1).sum() - own_right.sum() * area)
        w.append(above[:, own_wrong].mean(0).sum() - own_wrong.sum() * area)
        rn.append(own_right.sum())
        wn.append(own_wrong.sum())
    r, w = np.array(r), np.array(w)
    with_right, with_wrong, total = (np.array(rn) > 0).sum(), (np.array(wn) > 0).sum(), len(r)
    variance = with_right / (with_right - 1) * (r**2).sum() / m**2
    variance += with_wrong / (with_wrong - 1) * (w**2).sum() / n**2
    variance += 2 * total / (total - 1) * (r * w).sum() / (m * n)
    return float(area), float(np.sqrt(variance))


@pytest.mark.parametrize("seed", range(6))
def test_areas_and_errors_are_those_of_numpy(memory: duckdb.DuckDBPyConnection, seed: int):
    rng = np.random.default_rng(seed)
    n = int(rng.integers(60, 200))
    scenes = rng.integers(0, 30, n) if seed else np.arange(n)
    correct = rng.random(n) < 0.7
    score = np.round(rng.standard_normal(n) + correct, int(rng.integers(0, 3)))  # with ties
    put(memory, np.zeros(n, int), scenes, correct, score)
    [row] = asked(memory)
    area, error = obuchowski(scenes, correct, score)
    assert (row["n_right"], row["n_wrong"]) == (correct.sum(), (~correct).sum())
    assert row["n_scenes"] == len(np.unique(scenes))
    assert row["auroc"] == pytest.approx(roc_auc_score(correct, score), abs=1e-12)
    assert row["auroc"] == pytest.approx(area, abs=1e-12)
    rarer = min(len(np.unique(scenes[correct])), len(np.unique(scenes[~correct])))
    reach = student.ppf(0.975, rarer - 1) * error / (area * (1 - area))
    ends = [1 / (1 + (1 - area) / area * np.exp(sign * reach)) for sign in (1, -1)]
    assert [row["ci_low"], row["ci_high"]] == pytest.approx(ends, rel=2e-3)
    if seed == 0:  # one question a scene: DeLong, DeLong & Clarke-Pearson (1988)
        difference = score[correct][:, None] - score[~correct]
        above = (np.sign(difference) + 1) / 2
        delong = above.mean(1).var(ddof=1) / correct.sum() + above.mean(0).var(ddof=1) / (~correct).sum()
        assert error == pytest.approx(np.sqrt(delong), rel=1e-12)


def test_what_can_not_be_told_has_no_number(memory: duckdb.DuckDBPyConnection):
    for at, (correct, score) in enumerate(
        (([1] * 12, range(12)), ([0] * 6 + [1] * 6, range(12)), ([0, 1, 0, 1], [0, 0, 1, 1]))
    ):
        n = len(correct)
        put(memory, np.full(n, at), np.arange(n), np.array(correct), np.array(list(score), float))
    alike, perfect, few = asked(memory)
    assert (alike["auroc"], alike["ci_low"], alike["n_wrong"]) == (None, None, 0)
    assert (perfect["auroc"], perfect["ci_low"], perfect["ci_high"]) == (1.0, None, None)
    assert (few["auroc"], few["ci_low"]) == (0.5, None)


@pytest.mark.slow
@pytest.mark.parametrize("agree", [0.0, 1.0])
@pytest.mark.parametrize("above", [0.0, 1.0, 2.0])
@pytest.mark.parametrize("scenes", [40, 150])
def test_intervals_hold_the_area_as_often_as_they_say(
    memory: duckdb.DuckDBPyConnection, scenes: int, above: float, agree: float
):
    """Two questions a scene, a quarter of the answers wrong; scores, and grades, of a scene agree or not."""
    from scipy.stats import norm

    rng = np.random.default_rng([scenes, int(above), int(agree)])
    tries, per = 1000, 2
    shape = (tries, scenes, per)
    lot = np.where(agree, rng.random((tries, scenes, 1)), rng.random(shape)) * np.ones(shape)
    noise = rng.standard_normal(shape)
    noise = np.sqrt(agree / 2) * rng.standard_normal((tries, scenes, 1)) + np.sqrt(1 - agree / 2) * noise
    correct = lot < 0.75
    score = noise + above * correct
    index = np.indices(shape)
    put(memory, index[0].ravel(), index[1].ravel(), correct.ravel(), score.ravel())
    rows = [row for row in asked(memory) if row["ci_low"] is not None]
    truth = norm.cdf(above / np.sqrt(2))
    held = np.mean([row["ci_low"] <= truth <= row["ci_high"] for row in rows])
    assert len(rows) > 0.97 * tries
    assert held > 0.93 - 3 * np.sqrt(0.05 * 0.95 / tries)
