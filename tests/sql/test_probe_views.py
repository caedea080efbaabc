"""Probes in the warehouse: what they read, what they keep, and the views on it. Rows in, rows out."""

import numpy as np
import pytest

from relcli.errors import RelcliError
from relcli.warehouse.opening import connect
from relcli.warehouse.probes import begin_probe, end_probe, probe_rows, save_results
from relcli.warehouse.runs import remove_run

SETTINGS = {
    "run": "r", "probe": "p", "variant": "raw", "features": "mean_heads", "split": "scene",
    "protocol": "relcli", "folds": 5, "seed": 0, "min_subset": 50,
}  # fmt: skip


def result(**columns):
    return {
        "category": "count", "label": "counting", "layer": 0, "subset": "all", "n_classes": 4,
        "n_samples": 100, "n": 100, "accuracy": 0.5, "se": 0.02, "majority": 0.4, "shuffled": 0.3,
        "prompt_only": 0.45, "fold_n": [100], "fold_accuracy": [0.5], **columns,
    }  # fmt: skip


@pytest.fixture
def probed(warehouse):
    """Two layers and all side by side; layer 1 is best and has its right answers told apart."""
    warehouse.put("run", {"question_set": "seed"})
    begin_probe(warehouse.path, SETTINGS)
    rows = [
        result(),
        result(layer=1, accuracy=0.7, se=0.01),
        result(layer=1, subset="right", n=80, accuracy=0.75),
        result(layer=1, subset="wrong", n=20, accuracy=None, se=None),
        result(layer=None, accuracy=0.8, se=0.03),
    ]
    save_results(warehouse.path, "r", "p", rows)
    end_probe(warehouse.path, "r", "p", "done")
    return warehouse


def test_probe_by_layer_stands_beside_its_controls(probed):
    rows = probed.ask(
        "SELECT model, features, split, layer, n, accuracy, selectivity, over_prompt FROM probe_by_layer "
        "WHERE subset = 'all' ORDER BY layer NULLS LAST"
    ).rows
    assert [row[:5] for row in rows] == [("m", "mean_heads", "scene", layer, 100) for layer in (0, 1, None)]
    assert rows[1][5:] == pytest.approx((0.7, 0.4, 0.25))
    [interval] = probed.ask("SELECT ci_low, ci_high FROM probe_by_layer WHERE accuracy = 0.7").rows
    assert interval == pytest.approx((0.604151, 0.781051), abs=1e-6)


def test_probe_best_is_the_best_single_layer(probed):
    [row] = probed.ask("FROM probe_best").as_dicts()
    wanted = {
        "layer": 1, "n_layers": 2, "accuracy": 0.7, "n_right": 80, "accuracy_right": 0.75, "n_wrong": 20,
        "accuracy_wrong": None, "all_layers": 0.8, "all_layers_se": 0.03,
    }  # fmt: skip
    assert {name: row[name] for name in wanted} == wanted


def test_probe_best_without_single_layers_is_all_of_them(warehouse):
    begin_probe(warehouse.path, SETTINGS)
    save_results(warehouse.path, "r", "p", [result(layer=None, accuracy=0.8)])
    rows = warehouse.ask("SELECT layer, n_layers, accuracy, all_layers FROM probe_best").rows
    assert rows == [(None, 0, 0.8, 0.8)]


def test_probe_versus_published(probed):
    [row] = probed.ask(
        "SELECT source, label, accuracy, accuracy_published, n_published, accuracy_difference "
        "FROM probe_versus_published"
    ).rows
    assert row == ("study", "counting", 0.8, 0.935897, 546, pytest.approx(0.8 - 0.935897))


def test_probing_again_replaces_what_it_fits_anew_and_nothing_else(probed):
    begin_probe(probed.path, SETTINGS)
    save_results(probed.path, "r", "p", [result(layer=None, accuracy=0.9), result(layer=7)])
    rows = probed.ask("SELECT layer, accuracy FROM probe_result WHERE subset = 'all' ORDER BY layer").rows
    assert rows == [(0, 0.5), (1, 0.7), (7, 0.5), (None, 0.9)]
    assert probed.ask("SELECT state, finished_at FROM probe").rows == [("running", None)]


def test_removing_a_run_takes_its_probes_along(probed):
    remove_run(probed.path, "r")
    assert probed.ask("FROM probe").rows == probed.ask("FROM probe_result").rows == []


def read(warehouse, **options):
    wanted = {"run": "r", "variant": "raw", "category": "count", "features": "mean_heads", "layers": [0, 2]}
    return probe_rows(warehouse.path, **(wanted | options))


def test_features_come_in_the_order_of_their_answers(warehouse):
    """In any order in the file, over several of its row groups: each vector names its answer and layer."""
    warehouse.put("run", {})
    with connect(warehouse.path, read_only=False) as connection:
        connection.execute(
            "INSERT INTO question_text BY NAME SELECT 'd' AS dataset, i // 3 AS scene_id, "
            "i % 3 AS question_index, 'seed' AS question_set, if(i % 3 = 2, 'other', 'count') AS category, "
            "'q' || i AS text FROM range(60_000) AS _(i)"
        )
        connection.execute(
            "INSERT INTO answer BY NAME SELECT 'r' AS run, dataset, scene_id, question_index, "
            "'raw' AS variant, 'b)' AS ground_truth, if(scene_id % 2 = 0, scene_id % 4 = 0, NULL) AS correct "
            "FROM question"
        )
        connection.execute(
            "INSERT INTO answer_attention BY NAME "
            "SELECT 'r' AS run, scene_id, question_index, 'raw' AS variant, layer, 1 AS grid_height, "
            "3 AS grid_width, [scene_id, question_index, layer] AS mean_heads "
            "FROM question, (SELECT unnest([0, 1, 2]) AS layer) "
            "ORDER BY hash(scene_id, question_index, layer)"
        )
        left_out = "scene_id = 5 AND question_index = 1 AND layer = 2"
        connection.execute(f"DELETE FROM answer_attention WHERE {left_out}")
    rows = read(warehouse)
    assert rows is not None and isinstance(rows.features, np.ndarray)
    assert rows.features.shape == (39_999, 2, 3) and rows.n_left_out == 1
    assert (rows.features[:, :, 0] == rows.scenes[:, None]).all()
    assert (rows.features[:, :, 2] == [0, 2]).all()
    numbers = 3 * rows.features[:, 0, 0] + rows.features[:, 0, 1]
    assert rows.texts == [f"q{int(number)}" for number in numbers]
    assert set(rows.truths) == {"b)"}
    graded = np.where(rows.scenes % 2 == 0, rows.scenes % 4 == 0, np.nan)
    assert np.array_equal(rows.correct, graded, equal_nan=True)


def test_the_studys_protocol_takes_the_studys_grade(warehouse):
    warehouse.put("run", {})
    warehouse.put("question", {"question_index": 0})
    warehouse.put("inference", {"question_index": 0, "correct": False, "seed_correct": True})
    warehouse.put("attention", {})
    for protocol, correct in (("relcli", 0), ("seed", 1)):
        rows = read(warehouse, layers=[0], protocol=protocol)
        assert rows is not None and list(rows.correct) == [correct]


def test_vectors_that_are_missing_or_of_several_sizes_are_a_sentence(warehouse):
    warehouse.put("run", {})
    warehouse.put("question", {"question_index": 0}, {"question_index": 1})
    warehouse.put("inference", {"question_index": 0}, {"question_index": 1})
    assert read(warehouse, layers=[0]) is None
    warehouse.put("attention", {"first_step": None}, {"question_index": 1, "mean_heads": [0.1] * 4})
    with pytest.raises(RelcliError, match="kept no first_step attention for 1 of 2"):
        read(warehouse, layers=[0], features="first_step")
    with pytest.raises(RelcliError, match=r"pictures of 2 sizes \(2 to 4 cells\)"):
        read(warehouse, layers=[0])
