"""One run whose rows are damaged, however they got in, keeps no view from the other runs' rows."""

import pytest

from relcli.warehouse.materialized import fill_attention, unfilled_runs
from relcli.warehouse.rows import query
from tests.sql.attention_kit import attention_rows, put_scenes, samples

NAN, INF = float("nan"), float("inf")
WHOLE = [1 / 64] * 64
BROKEN_VECTORS = {
    "null": None,
    "empty": [],
    "short": [0.5, 0.5],
    "long": [0.01] * 80,
    "a NULL in it": [None, *WHOLE[1:]],
    "only NULLs": [None] * 64,
    "not a number": [NAN, *WHOLE[1:]],
    "infinite": [INF, *WHOLE[1:]],
    "infinite both ways": [INF, -INF, *WHOLE[2:]],
    "negative": [-1.0, *WHOLE[1:]],
    "zero": [0.0] * 64,
}


@pytest.fixture
def damaged(warehouse):
    """A sound run `r`, a run `b` on the same scenes with another damage in each layer, and one of nothing."""
    made = samples(2)
    put_scenes(warehouse, made)
    keys = [(made[0].scene.scene_id, question.question_index) for question in made[0].questions]
    warehouse.put("run", {"run": "r", "attention": "summary"})
    warehouse.put("attention", *attention_rows(made))
    answers = [
        {"run": "r", "scene_id": scene, "question_index": question, "variant": variant}
        for scene, question in keys
        for variant in ("raw", "masked", "blank")
    ]
    warehouse.put("inference", *answers)
    warehouse.put("run", {"run": "b", "attention": "summary"})
    warehouse.put("inference", *({**row, "run": "b"} for row in answers))
    rows = [
        {"run": "b", "scene_id": scene, "question_index": question, "variant": variant, "layer": layer,
         "grid_height": 8, "grid_width": 8, "mean_heads": vector, "max_heads": vector, "first_step": vector,
         "last_step": vector, "mean_heads_entropy": [NAN, INF][layer % 2], "step_entropy": [None, NAN, -INF],
         "image_mass": INF}
        for scene, question in keys for variant in ("raw", "masked", "blank")
        for layer, vector in enumerate(BROKEN_VECTORS.values())
    ]  # fmt: skip
    warehouse.put("attention", *rows)
    nothing = {"run": "nothing", "dataset": "no such set", "model": None}
    warehouse.put("run", nothing)
    stray = {"run": "nothing", "dataset": "no such set", "scene_id": 2**31 - 1, "question_index": -1}
    empty = dict.fromkeys(("answer", "choice", "correct", "ground_truth", "option_logprobs", "n_steps"))
    logs = {"option_logprobs": [None, NAN, INF], "choice": "z", "answer": ""}
    warehouse.put("inference", {**stray, **empty}, {**stray, **logs, "variant": "torn"})
    del stray["dataset"]
    warehouse.put("attention", {**stray, "layer": -3, "grid_height": 0, "grid_width": 0, "mean_heads": []})
    return warehouse


def views(warehouse):
    names = query(warehouse.path, "SELECT view_name FROM duckdb_views() WHERE NOT internal ORDER BY 1").rows
    return [name for (name,) in names]


def rows_of(warehouse, name, run=None):
    """A view's rows in a fixed order, floats to nine digits: sums of many come out in no fixed order."""
    where = "" if run is None else f" WHERE run = '{run}'"
    rows = query(warehouse.path, f"FROM {name}{where} ORDER BY ALL").rows
    return [tuple(f"{v:.9g}" if isinstance(v, float) else str(v) for v in row) for row in rows]


@pytest.mark.slow
def test_every_view_answers_and_the_sound_run_reads_the_same(damaged):
    """Before the views are filled, after that, and once the broken runs are gone."""
    views = "SELECT view_name FROM duckdb_views() WHERE NOT internal"
    names = [name for (name,) in query(damaged.path, views).rows]
    with_run = query(damaged.path, "SELECT table_name FROM duckdb_columns() WHERE column_name = 'run'").rows
    changing = ("run_state", "run_summary", "attention_fill_state")
    of_runs = [name for name in names if (name,) in with_run and name not in changing]
    failed = {}
    for name in names:
        try:
            query(damaged.path, f"FROM {name}")
        except Exception as problem:
            failed[name] = str(problem)
    assert failed == {}
    live = {name: rows_of(damaged, name, "r") for name in of_runs}
    for run in unfilled_runs(damaged.path):
        fill_attention(damaged.path, run)
    assert unfilled_runs(damaged.path) == []
    for name in names:
        rows_of(damaged, name)
    for table in ("answer_attention", "answer", "run"):
        query(damaged.path, f"DELETE FROM {table} WHERE run <> 'r'", read_only=False)
    for name in of_runs:
        if not name.endswith("_live"):
            assert rows_of(damaged, name, "r") == live[name], name
