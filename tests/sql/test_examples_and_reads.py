"""Every example and named read runs on a warehouse with scenes, two runs and attention, and brings rows."""

import random
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from relcli.captures import OF_EVERY_ANSWER as VECTORS
from relcli.paths import sql_dir
from relcli.scenes.generation import generate_folder
from relcli.scenes.reading import read_folder
from relcli.warehouse.batch import AttentionBatch, Key
from relcli.warehouse.datasets import register_dataset
from relcli.warehouse.ingest import ingest
from relcli.warehouse.reads import parameters, read, read_names
from relcli.warehouse.rows import query
from relcli.warehouse.runs import RunRecord, create_run, finish
from relcli.warehouse.spool import SpoolWriter

EXAMPLES = sorted((sql_dir() / "examples").glob("*.sql"))
AUDITS = sorted((sql_dir() / "audits").glob("*.sql"))
VARIANTS = ("raw", "masked", "blank")


def summary(rng: np.random.Generator) -> Any:
    """Attention of a made-up answer: two layers, 8 x 8 cells, two steps."""
    weights = rng.dirichlet(np.ones(64), 2).astype(np.float32) * 0.25
    shares = weights / weights.sum(1, keepdims=True)
    entropy = -(shares * np.log(shares)).sum(1)
    return SimpleNamespace(
        grid=(8, 8),
        step_entropy=np.stack([entropy, entropy], 1),
        image_mass=weights.sum(1),
        **{name: weights for name in VECTORS},
        **{f"{name}_entropy": entropy for name in VECTORS},
    )


def answer(database, run, dataset, name):
    """Answer every seed question of a data set by lot."""
    create_run(
        database, RunRecord(run=run, dataset=name, model="m", attention="summary", question_set="seed")
    )
    lot, rng = random.Random(run), np.random.default_rng(5)
    rows, keys = [], []
    for item in dataset.items:
        for question in item.questions:
            for variant in VARIANTS if item.has_twin else ("raw", "blank"):
                truth = question.ground_truth_masked if variant == "masked" else question.ground_truth
                choice = lot.choice([*"abcd"[: len(question.options)], "none"])
                key = Key(item.scene_id, question.question_index, variant)
                keys.append(key)
                rows.append(
                    key._asdict()
                    | {
                        "dataset": name,
                        "answer": choice,
                        "choice": choice,
                        "ground_truth": truth,
                        "n_steps": 2,
                    }
                    | {"correct": choice == truth.strip(")").lower(), "option_logprobs": [-1.5, -0.5]}
                )
    with SpoolWriter(database, run) as writer:
        writer.write(rows, AttentionBatch(keys, [summary(rng) for _ in keys]))
    ingest(database)
    finish(database, run)


@pytest.fixture(scope="module")
def studied(tmp_path_factory, new_warehouse):
    folder = tmp_path_factory.mktemp("studied")
    generate_folder(folder / "scenes", n_scenes=12, seed=3)
    dataset = read_folder(folder / "scenes")
    warehouse = new_warehouse(folder / "relcli.duckdb")
    name = register_dataset(warehouse.path, dataset)
    for run in ("one", "two"):
        answer(warehouse.path, run, dataset, name)
    return warehouse


@pytest.mark.parametrize("file", EXAMPLES, ids=lambda file: file.stem)
def test_example_runs_and_brings_rows(studied, file):
    text = file.read_text()
    assert text.startswith("-- "), "an example begins with the question it answers"
    assert query(studied.path, text).rows


def test_there_are_examples_enough():
    assert len(EXAMPLES) >= 10


@pytest.mark.parametrize("file", AUDITS, ids=lambda file: file.stem)
def test_audit_is_silent_on_a_real_warehouse(studied, file):
    assert query(studied.path, file.read_text()).rows == []


ARGUMENTS = {
    "run": "one", "dataset": "scenes", "scene_id": 0, "question_index": 0, "variant": "raw",
}  # fmt: skip


FULL_READS = {
    "answer", "answers", "attention", "catalogue", "category_table", "datasets", "pictures", "run", "runs",
    "scene_items", "scene_questions",
}  # fmt: skip


@pytest.mark.parametrize("name", read_names())
def test_read_runs_and_names_each_column_once(studied, name):
    given = {key: value for key, value in ARGUMENTS.items() if key in parameters(name)}
    rows = read(studied.path, name, **given)
    assert rows.columns and len(set(rows.columns)) == len(rows.columns)
    if name in FULL_READS:
        assert rows.rows


def test_reads_narrow_what_they_are_asked(studied):
    everything = read(studied.path, "answers", run="one").rows
    counts = read(studied.path, "answers", run="one", category="count").as_dicts()
    assert 0 < len(counts) < len(everything)
    assert {row["category"] for row in counts} == {"count"}
    wrong = read(studied.path, "answers", run="one", only="wrong").as_dicts()
    assert wrong and not any(row["raw_correct"] for row in wrong)
    assert len(read(studied.path, "answers", run="one", scene_id=0, limit=2).rows) == 2


def test_category_table_agrees_with_the_views(studied):
    rows = read(studied.path, "category_table", run="one").as_dicts()
    assert [row["category"] for row in rows][:2] == ["count", "recognition_shape"]
    for row in rows:
        n, right = query(
            studied.path,
            "SELECT count(*), count(*) FILTER (correct) FROM inference JOIN question "
            "USING (dataset, scene_id, question_index) "
            "WHERE run = 'one' AND category = $c AND variant = 'raw'",
            {"c": row["category"]},
        ).rows[0]
        assert (row["n_raw"], row["raw"]) == (n, right / n)
        assert row["raw_low"] <= row["raw"] <= row["raw_high"]


def test_the_catalogue_has_every_column_in_its_place(studied):
    rows = read(studied.path, "catalogue").as_dicts()
    for name in ("question", "raw_vs_masked"):
        listed = [row["column_name"] for row in rows if row["name"] == name]
        assert listed == query(studied.path, f"FROM {name}", limit=0).columns
    assert [row["column_name"] for row in rows if row["name"] == "wilson_low"] == ["k", "n"]
    assert all(row["comment"] for row in rows)


def test_reads_refuse_unknown_names(studied):
    with pytest.raises(KeyError, match="no read named nonsense"):
        read(studied.path, "nonsense")
    with pytest.raises(KeyError, match="not \\['colour'\\]"):
        read(studied.path, "runs", colour="red")
