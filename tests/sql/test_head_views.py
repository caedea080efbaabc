"""head_grounding and head_best: right by hand, level under the null, unbiased in what they choose."""

from collections.abc import Iterator
from typing import Any

import duckdb
import numpy as np
import pytest
from scipy.stats import t as student

from relcli.paths import sql_dir
from relcli.warehouse.insert import insert_rows
from relcli.warehouse.opening import connect
from tests.sql.attention_kit import grounding, put_scenes, samples

COLUMNS = ("run", "category", "variant", "query_row", "layer", "head", "scene_id", "n", "share", "chance")
def holm(p_values):
    """Holm: the smallest p times all, the next times one less, and so on; never falling."""
    order = sorted(range(len(p_values)), key=lambda i: p_values[i])
    corrected, highest = [0.0] * len(p_values), 0.0
    for rank, i in enumerate(order):
        highest = max(highest, min(1.0, (len(p_values) - rank) * p_values[i]))
        corrected[i] = highest
    return corrected


MACROS = ("normal_above", "student_tail", "t_quantile", "head_tested", "holm")


@pytest.fixture
def memory() -> Iterator[duckdb.DuckDBPyConnection]:
    """The macros and views over a table in the place of head_by_scene."""
    connection = duckdb.connect()
    connection.execute(
        "CREATE TABLE head_by_scene (run VARCHAR, category VARCHAR, variant VARCHAR, query_row VARCHAR, "
        "layer SMALLINT, head SMALLINT, scene_id INTEGER, n BIGINT, share DOUBLE, chance DOUBLE, "
        "others DOUBLE, n_others BIGINT, share_beside_others DOUBLE, entropy DOUBLE)"
    )
    for name in MACROS:
        connection.execute((sql_dir() / "macros" / f"{name}.sql").read_text())
    for name in ("head_grounding", "head_best"):
        connection.execute((sql_dir() / "views" / f"{name}.sql").read_text())
    yield connection
    connection.close()


def put(connection: duckdb.DuckDBPyConnection, share: np.ndarray, chance: np.ndarray, n: np.ndarray) -> None:
    """share, chance: sums [categories, layers, heads, scenes] over the n [categories, scenes] questions of
    each; all of them have others, which get as much as chance."""
    at = np.indices(share.shape).reshape(4, -1)
    of_scene = np.broadcast_to(n[:, None, None], share.shape).ravel()
    columns = {
        "category": at[0], "layer": at[1], "head": at[2], "scene_id": at[3], "n": of_scene,
        "share": share.ravel(), "chance": chance.ravel(),
    }  # fmt: skip
    connection.register("made", columns)
    connection.execute(
        "INSERT INTO head_by_scene SELECT 'r', 'c' || category, 'raw', 'target', layer, head, scene_id, n, "
        "share, chance, chance, n, share, 0 FROM made"
    )
    connection.unregister("made")


def asked(connection: duckdb.DuckDBPyConnection, sql: str) -> list[dict[str, Any]]:
    found = connection.execute(sql)
    names = [column[0] for column in found.description]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def random_sums(seed: int, shape: tuple[int, ...], above: float = 0.0) -> tuple[np.ndarray, ...]:
    """Skewed shares with the mean of their chance, and `above` more in one head of each category."""
    rng = np.random.default_rng(seed)
    n = rng.integers(1, 4, (shape[0], shape[3]))
    chance = rng.uniform(0.05, 0.15, shape)
    share = chance * rng.exponential(1, shape)
    share[:, 1, 2] += above
    return share * n[:, None, None], chance * n[:, None, None], n


def test_means_intervals_and_tests_are_those_of_scipy(memory: duckdb.DuckDBPyConnection):
    share, chance, n = random_sums(1, (2, 3, 4, 30), above=0.05)
    put(memory, share, chance, n)
    found = asked(memory, "FROM head_grounding")
    assert len(found) == 24
    expected = {}
    for category, layer, head in np.ndindex(2, 3, 4):
        above, of_scene = share[category, layer, head] - chance[category, layer, head], n[category]
        mean = above.sum() / of_scene.sum()
        residual = above - mean * of_scene
        error = np.sqrt((residual**2).sum() * 30 / 29) / of_scene.sum()
        expected[f"c{category}", layer, head] = (mean, error, student.sf(mean / error, 29))
    for category in ("c0", "c1"):
        rows = [row for row in found if row["category"] == category]
        corrected = holm([row["p"] for row in rows])
        for row, p_holm in zip(rows, corrected, strict=True):
            mean, error, p = expected[category, row["layer"], row["head"]]
            assert row["n_scenes"] == 30
            assert row["above_chance"] == pytest.approx(mean)
            assert row["share"] - row["chance"] == pytest.approx(mean)
            assert row["ci_high"] - mean == pytest.approx(student.ppf(0.975, 29) * error, rel=0.01)
            assert row["p"] == pytest.approx(p, rel=0.06)
            assert row["p_holm"] == pytest.approx(p_holm)
    best = min(found, key=lambda row: row["p_holm"])
    assert (best["layer"], best["head"]) == (1, 2)


def test_few_scenes_have_no_test(memory: duckdb.DuckDBPyConnection):
    put(memory, *random_sums(1, (1, 2, 3, 7)))
    for row in asked(memory, "FROM head_grounding"):
        assert row["p"] is row["p_holm"] is row["ci_low"] is None
    assert all(row["p"] is None for row in asked(memory, "FROM head_best"))


def test_the_best_head_is_measured_on_scenes_it_was_not_chosen_by(memory: duckdb.DuckDBPyConnection):
    share, chance, n = random_sums(2, (1, 3, 4, 60), above=0.1)
    put(memory, share, chance, n)
    first, second = asked(memory, "FROM head_best ORDER BY half")
    assert [(row["layer"], row["head"]) for row in (first, second)] == [(1, 2), (1, 2)]
    assert (first["half"], second["half"]) == (1, 2)
    assert first["n_scenes"] + second["n_scenes"] == 60
    assert first["n"] + second["n"] == n.sum()
    assert first["p"] <= first["p_holm"] < 0.05
    half = "SELECT scene_id FROM head_by_scene WHERE md5_number_lower(scene_id::VARCHAR) % 2 + 1 = 1"
    mine = np.isin(np.arange(60), [row["scene_id"] for row in asked(memory, half)])
    above = (share - chance)[0, 1, 2]
    assert first["above_chance"] == pytest.approx(above[mine].sum() / n[0][mine].sum())


@pytest.mark.slow
def test_under_the_null_levels_hold_and_the_best_is_no_better_than_chance(memory: duckdb.DuckDBPyConnection):
    """Heads that know nothing: skewed shares, 400 families of 24 heads over 40 scenes."""
    put(memory, *random_sums(3, (400, 3, 8, 40)))
    families = asked(memory, "SELECT min(p_holm) AS p FROM head_grounding GROUP BY category")
    assert np.mean([row["p"] < 0.05 for row in families]) < 0.05 + 2 * np.sqrt(0.05 * 0.95 / 400)
    found = asked(memory, "SELECT max(above_chance) AS best FROM head_grounding GROUP BY category")
    naive = np.mean([row["best"] for row in found])
    best = asked(memory, "FROM head_best")
    above = np.array([row["above_chance"] for row in best])
    error = above.std() / np.sqrt(len(above))
    assert naive > 10 * error  # choosing and measuring on the same scenes would praise noise
    assert abs(above.mean()) < 3 * error
    assert np.mean([row["p"] < 0.05 for row in best]) < 0.05 + 2 * np.sqrt(0.05 * 0.95 / len(best))


@pytest.mark.parametrize("df", [5, 8, 20, 100, 3000])
def test_the_tail_of_student(memory: duckdb.DuckDBPyConnection, df: int):
    for p in (0.999, 0.9, 0.5, 0.1, 0.05, 0.01, 0.001, 1e-9):
        values = {"t": student.isf(p, df), "df": df}
        [(tail,)] = memory.execute("SELECT student_tail($t, $df)", values).fetchall()
        if p > 1e-6:
            assert tail == pytest.approx(p, rel=1e-4)
        else:
            assert tail == pytest.approx(p, rel=0.025)


def test_heads_of_a_run_stand_in_the_views_scene_by_scene(tmp_path_factory, new_warehouse):
    """From rows of head_attention to sums over scenes, with what the other entities get for their area."""
    made = samples(2)
    warehouse = new_warehouse(tmp_path_factory.mktemp("heads") / "heads.duckdb")
    put_scenes(warehouse, made)
    warehouse.put("run", {"attention": "summary,heads", "layout": "8x8"})
    rng = np.random.default_rng(0)
    rows = []
    for sample in made:
        for question in sample.questions:
            shares = {name: rng.random(3).round(6).tolist() for name in ("target", "chance", "distractor")}
            known = grounding(sample, question, "raw", np.ones(64))["entity_share"] is not None
            rows.append(
                {
                    "run": "r", "scene_id": sample.scene.scene_id, "question_index": question.question_index,
                    "variant": "raw", "presentation": "plain", "intervention": "none", "query_row": "answer",
                    "layer": 0, "image_mass": [0.5] * 3, "entropy": [1.0] * 3, **shares,
                    "target": shares["target"] if known else None,
                }
            )  # fmt: skip
    with connect(warehouse.path, read_only=False) as connection:
        insert_rows(connection, "head_attention", rows)
        insert_rows(connection, "head_attention", [row | {"intervention": "cut-1"} for row in rows])
    found = warehouse.ask("FROM head_by_scene").as_dicts()
    assert found
    by_key = {(row["scene_id"], row["question_index"]): row for row in rows}
    for row in found:
        of = [
            (question, next(each for each in made if each.scene.scene_id == row["scene_id"]))
            for sample in made
            for question in sample.questions
            if sample.scene.scene_id == row["scene_id"] and question.category == row["category"]
        ]
        kept = [(q, s, by_key[row["scene_id"], q.question_index]) for q, s in of]
        kept = [each for each in kept if each[2]["target"] is not None]
        assert row["n"] == len(kept)
        total = sum(each["target"][row["head"]] for _, _, each in kept)
        assert row["share"] == pytest.approx(total, abs=1e-5)
        others = []
        for question, sample, each in kept:
            areas = grounding(sample, question, "raw", np.ones(64))
            if areas["distractor_area"]:
                times = areas["entity_area"] / areas["distractor_area"]
                others.append(each["distractor"][row["head"]] * times)
        assert row["n_others"] == len(others)
        assert (row["others"] or 0) == pytest.approx(sum(others), abs=1e-4)
