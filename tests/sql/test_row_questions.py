"""attention_row_shift_by_question_of: how far a row moves on each question, by definition."""

import numpy as np
import pytest

from tests.sql.attention_kit import attention_rows, put_scenes, samples, shift


def test_each_question_shifts_by_itself(new_warehouse, tmp_path):
    made = samples(4)
    warehouse = new_warehouse(tmp_path / "rows.duckdb")
    put_scenes(warehouse, made)
    warehouse.put("run", {"attention": "summary"})
    plain = {"presentation": "plain", "intervention": "none", "first_step": None, "first_step_entropy": None}
    rows = [
        row | plain | {"query_row": name}
        for seed, name in enumerate(("answer", "target"))
        for row in attention_rows(made, seed=seed)
    ]
    warehouse.put("attention", *rows)
    of = {
        (row["scene_id"], row["question_index"], row["variant"], row["layer"]): np.array(row["mean_heads"])
        for row in rows
        if row["query_row"] == "target"
    }
    sql = "FROM attention_row_shift_by_question_of((SELECT list(run) FROM run), ['target'])"
    found = warehouse.ask(sql).as_dicts()
    assert {row["query_row"] for row in found} == {"target"}
    assert len(found) == sum(variant == "raw" for _, _, variant, _ in of)
    changed = {sample.scene.scene_id: sample.twin and sample.twin.changed for sample in made}
    for row in found:
        place = row["scene_id"], row["question_index"]
        expected = shift(*(of[*place, variant, row["layer"]] for variant in ("raw", "masked")))
        for name in ("l1", "l2", "kl", "cosine"):
            assert row[name] == pytest.approx(expected[name], rel=1e-4, abs=1e-6), name
        assert row["n_tokens"] == 64 and row["twin_changed"] == changed[row["scene_id"]]
