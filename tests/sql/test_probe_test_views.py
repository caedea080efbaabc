"""The tests of probes in the warehouse: the tick, Holm's fixed family, and what has no test."""

from pathlib import Path

import duckdb
import numpy as np
import pytest

from relcli.analysis.probing.splits import SplitPlan
from relcli.analysis.probing.sweep import Block, Sweep
from relcli.analysis.probing.targets import make_target
from relcli.errors import RelcliError
from relcli.paths import sql_dir
from relcli.scenes.questions import compose
from relcli.warehouse.migrations import ensure
from relcli.warehouse.probes import begin_probe, probe_rows, save_results
from relcli.warehouse.rows import query
from relcli.warehouse.runs import remove_run

PROMPT = compose("How many shapes are in this image", ("2", "3"))

WAY = {
    "run": "r", "probe": "p", "variant": "raw", "features": "mean_heads", "split": "scene",
    "protocol": "relcli", "folds": 5, "seed": 0, "min_subset": 50,
}  # fmt: skip


def result(label="counting", layer: int | None = 0, accuracy=0.5, **columns):
    return {
        "category": "count", "label": label, "layer": layer, "subset": "all", "n_classes": 4,
        "n_samples": 100, "n": 100, "accuracy": accuracy, "se": 0.02, "majority": 0.4, "shuffled": 0.3,
        "shuffled_sd": 0.01, "prompt_only": 0.45, "fold_n": [100], "fold_accuracy": [accuracy], **columns,
    }  # fmt: skip


def test_row(label="counting", p=0.001, **columns):
    return {
        "category": "count", "label": label, "n": 100, "n_scenes": 50, "layers": [0, 1], "layer": 0,
        "fold_layers": [0, 0, 1, 0, 0], "accuracy": 0.55, "se": 0.03, "ci_low": 0.45, "ci_high": 0.65,
        "majority": 0.4, "shuffled": 0.3, "shuffled_sd": 0.01, "prompt_only": 0.45, "n_right": 60,
        "accuracy_right": 0.6, "n_wrong": 40, "accuracy_wrong": None, "shuffles": 5, "permutations": 999,
        "statistic": 0.6, "statistic_null": 0.3, "statistic_null_95": 0.4, "p_layers": p,
        "p_majority": 0.0005, "p_prompt": 0.0004, "n_family": 10, **columns,
    }  # fmt: skip


test_row.__test__ = False


def keep(warehouse, rows, tests=()):
    warehouse.put("run", {"question_set": "seed"})
    begin_probe(warehouse.path, WAY)
    save_results(warehouse.path, "r", "p", rows, tests)
    return warehouse


def best(warehouse, columns):
    return warehouse.ask(f"SELECT {columns} FROM probe_best ORDER BY label").rows


def test_the_layer_is_the_one_chosen_in_inner_folds(warehouse):
    """Layer 1 has the highest accuracy, and is not what is told."""
    keep(warehouse, [result(), result(layer=1, accuracy=0.7), result(layer=None, accuracy=0.8)], [test_row()])
    [row] = warehouse.ask("FROM probe_best").as_dicts()
    wanted = {
        "layer": 0, "accuracy": 0.55, "n_layers": 2, "ci_low": 0.45, "n_right": 60, "accuracy_right": 0.6,
        "all_layers": 0.8, "chosen": "inner folds", "fold_layers": [0, 0, 1, 0, 0], "p_layers": 0.001,
        "p": 0.001, "n_family": 10, "shuffled_sd": 0.01, "beats_controls": True,
    }  # fmt: skip
    assert {name: row[name] for name in wanted} == wanted
    assert row["selectivity"] == pytest.approx(0.25) and row["p_holm"] == pytest.approx(0.01)


def test_the_family_is_all_labels_of_the_run_whatever_was_probed(warehouse):
    labels = {"a": 0.001, "b": 0.005, "c": 0.006, "d": 0.3}
    rows = [result(label, layer) for label in labels for layer in (0, 1)]
    keep(warehouse, rows, [test_row(label, p) for label, p in labels.items()])
    wanted = [0.001 * 10, 0.005 * 9, 0.006 * 8, 1.0]  # by hand, of ten with six at 1
    found = best(warehouse, "p_holm, beats_controls")
    assert [p for p, _ in found] == pytest.approx(wanted)
    assert [tick for _, tick in found] == [True, True, True, False]


@pytest.mark.parametrize(
    ("columns", "p", "ticks"),
    [
        ({"p_prompt": 0.2}, 0.2, False),
        ({"p_majority": 0.02}, 0.02, False),
        ({"prompt_only": 0.6}, 0.001, False),
        ({"shuffled": 0.56}, 0.001, False),
        ({"p_layers": None}, None, None),
        ({"layers": [0]}, 0.001, None),
        ({}, 0.001, True),
    ],
)
def test_every_control_must_be_beaten_and_every_layer_be_in_the_test(warehouse, columns, p, ticks):
    keep(warehouse, [result(), result(layer=1)], [test_row(**columns)])
    assert best(warehouse, "p, beats_controls") == [(p, ticks)]


def test_all_layers_side_by_side_alone_are_tested_too(warehouse):
    only = test_row(layers=[], layer=None, fold_layers=[None] * 5)
    keep(warehouse, [result(layer=None)], [only])
    assert best(warehouse, "layer, chosen, beats_controls") == [(None, "no choice", True)]


def test_fitting_a_label_anew_takes_its_old_test_away(warehouse):
    rows = [result(label, layer) for label in "ab" for layer in (0, 1)]
    keep(warehouse, rows, [test_row("a"), test_row("b")])
    save_results(warehouse.path, "r", "p", [result("a", 1, 0.9)])
    assert best(warehouse, "accuracy, chosen, beats_controls") == [
        (0.9, "after looking", None), (0.55, "inner folds", True)
    ]  # fmt: skip
    save_results(warehouse.path, "r", "p", [], [test_row("a", accuracy=0.8)])
    assert best(warehouse, "accuracy, chosen") == [(0.8, "inner folds"), (0.55, "inner folds")]
    remove_run(warehouse.path, "r")
    assert warehouse.ask("FROM probe_test").rows == []


@pytest.mark.parametrize("value", [float("nan"), float("inf"), None])
def test_attention_that_is_not_finite_is_a_sentence(warehouse, value):
    warehouse.put("run", {})
    warehouse.put("question", {"question_index": 0})
    warehouse.put("inference", {"question_index": 0})
    warehouse.put("attention", {"mean_heads": [0.1, value]})
    with pytest.raises(RelcliError, match="mean_heads attention with values that are missing or not finite"):
        probe_rows(
            warehouse.path, run="r", variant="raw", category="count", features="mean_heads", layers=[0]
        )


def test_an_older_warehouse_opens_and_has_no_test(tmp_path: Path):
    """Made by the migrations before this one, with two layers probed."""
    path = tmp_path / "old.duckdb"
    with duckdb.connect(str(path)) as old:
        for number, file in enumerate(sorted((sql_dir() / "migrations").glob("000[1-4]_*.sql")), 1):
            old.execute(file.read_text(encoding="utf-8"))
            applied = [number, file.stem]
            old.execute("INSERT INTO schema_migration VALUES (?, ?, now()::TIMESTAMP, '0')", applied)
        old.execute(
            "INSERT INTO probe BY NAME SELECT 'r' AS run, 'p' AS probe, 'raw' AS variant, 'mean_heads' AS "
            "features, 'scene' AS split, 'relcli' AS protocol, 5 AS folds, 0 AS seed, 50 AS min_subset, "
            "'done' AS state, '0' AS relcli_version, now()::TIMESTAMP AS started_at"
        )
        old.execute(
            "INSERT INTO probe_result BY NAME SELECT 'r' AS run, 'p' AS probe, 'count' AS category, "
            "'counting' AS label, layer, 'all' AS subset, 3 AS n_classes, 60 AS n_samples, 60 AS n, "
            "0.5 + layer / 10 AS accuracy, 0.02 AS se, 0.4 AS majority, 0.3 AS shuffled, 0.4 AS prompt_only, "
            "now()::TIMESTAMP AS fitted_at FROM range(2) AS _(layer)"
        )
    ensure(path)
    columns = "layer, accuracy, shuffled, chosen, shuffled_sd, p_holm, n_family, beats_controls"
    assert query(path, f"SELECT {columns} FROM probe_best").rows == [
        (1, 0.6, 0.3, "after looking", None, None, None, None)
    ]


@pytest.mark.slow
@pytest.mark.parametrize(("signal", "n", "low", "high"), [(0.0, 60, 0.0, 0.07), (1.2, 15, 0.95, 1.0)])
def test_ticks_on_noise_are_rare_and_on_a_signal_sure(warehouse, signal, n, low, high):
    """From features to the tick in the view: one label many times, six layers, a family of one."""
    warehouse.put("run", {"question_set": "seed"})
    for seed in range(n):
        rng = np.random.default_rng(seed)
        scenes, labels = np.repeat(np.arange(40), 2), rng.integers(0, 2, 80)
        features = rng.normal(size=(80, 6, 8)).astype(np.float32)
        features[:, 2] += signal * labels[:, None]
        plan = SplitPlan(seed=seed, shuffles=1, permutations=99)
        target = make_target("x", [str(one) for one in labels], scenes, plan)
        block = Block("count", scenes, [PROMPT] * 80, [None] * 80, np.ones(80), tuple(range(6)), features)
        sweep = Sweep(block, [target], plan)
        name = f"p{seed}"
        begin_probe(warehouse.path, {**WAY, "probe": name})
        rows = [row for layer in range(6) for row in sweep.layer(layer)]
        save_results(warehouse.path, "r", name, rows, [{**(sweep.tests(target) or {}), "n_family": 1}])
    [(share,)] = warehouse.ask("SELECT avg(beats_controls::INTEGER) FROM probe_best").rows
    assert low <= share <= high
