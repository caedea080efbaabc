"""attention_row_grounding and attention_row_shift: each row by itself, and nothing of it in the old views."""

from collections import defaultdict

import numpy as np
import pytest

from tests.sql.attention_kit import attention_rows, grounding, put_scenes, samples, shift

OLD = ("attention", "attention_entropy", "attention_grounding", "attention_shift_by_layer", "attention_sink")


@pytest.fixture(scope="module")
def made():
    return samples(6)


@pytest.fixture(scope="module")
def seen(tmp_path_factory, new_warehouse, made):
    warehouse = new_warehouse(tmp_path_factory.mktemp("rows") / "rows.duckdb")
    put_scenes(warehouse, made)
    warehouse.put("run", {"attention": "summary"})
    plain = {"presentation": "plain", "intervention": "none", "first_step": None, "first_step_entropy": None}
    warehouse.rows = [
        row | plain | {"query_row": name}
        for seed, name in enumerate(("answer", "target"))
        for row in attention_rows(made, seed=seed)
    ]
    warehouse.put("attention", *warehouse.rows[: len(warehouse.rows) // 2])
    warehouse.before = {view: warehouse.ask(f"FROM {view} ORDER BY ALL").rows for view in OLD}
    warehouse.put("attention", *warehouse.rows[len(warehouse.rows) // 2 :])
    cut = [row | {"intervention": "cut-1"} for row in warehouse.rows[:5]]
    warehouse.put("attention", *cut)
    return warehouse


def rounded(rows):
    """Means are added up in any order."""
    return [[round(value, 9) if isinstance(value, float) else value for value in row] for row in rows]


def test_the_old_views_give_what_they_gave(seen):
    for view, rows in seen.before.items():
        assert rows
        assert rounded(seen.ask(f"FROM {view} ORDER BY ALL").rows) == rounded(rows)


def test_each_row_grounds_by_itself(seen, made):
    of = {
        (sample.scene.scene_id, question.question_index): (sample, question)
        for sample in made
        for question in sample.questions
    }
    groups = defaultdict(list)
    for row in seen.rows:
        sample, question = of[row["scene_id"], row["question_index"]]
        weights = np.array(row["mean_heads"], np.float32).astype(float)
        # What isn't in a blank picture has the raw one's place.
        expected = grounding(sample, question, row["variant"], weights)
        expected |= {"image_mass": weights.sum(), "entropy": row["mean_heads_entropy"]}
        groups[question.category, row["variant"], row["query_row"], row["layer"]].append(expected)
    found = seen.ask("FROM attention_row_grounding").as_dicts()
    assert len(found) == len(groups)
    for row in found:
        group = groups[row["category"], row["variant"], row["query_row"], row["layer"]]
        assert row["n"] == len(group)
        assert row["n_entity"] == sum(each["entity_share"] is not None for each in group)
        for name in ("entity_share", "distractor_share", "arrow_share", "image_mass", "entropy"):
            values = [each[name] for each in group if each[name] is not None]
            assert row[name] == (pytest.approx(np.mean(values), rel=2e-5) if values else None)


def test_each_row_shifts_by_itself(seen, made):
    of = {(row["scene_id"], row["question_index"], row["variant"], row["query_row"], row["layer"]): row
          for row in seen.rows}  # fmt: skip
    groups = defaultdict(list)
    for sample in made:
        assert sample.twin is not None
        for question in sample.questions if sample.twin.changed else ():
            for name in ("answer", "target"):
                for layer in range(3):
                    raw, masked = (
                        np.array(of[sample.scene.scene_id, question.question_index, variant, name, layer]
                                 ["mean_heads"])
                        for variant in ("raw", "masked")
                    )  # fmt: skip
                    groups[question.category, name, layer].append(shift(raw, masked))
    found = seen.ask("FROM attention_row_shift").as_dicts()
    assert {(row["category"], row["query_row"], row["layer"]) for row in found} == set(groups)
    for row in found:
        group = groups[row["category"], row["query_row"], row["layer"]]
        assert row["n"] == len(group)
        assert row["l1"] == pytest.approx(64 * np.mean([each["l1"] for each in group]), rel=1e-4)
        assert row["cosine"] == pytest.approx(np.mean([each["cosine"] for each in group]), rel=1e-4)
