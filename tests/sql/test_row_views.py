"""attention_row_grounding and attention_row_shift: each row by itself, and nothing of it in the old views."""

from collections import defaultdict

import numpy as np
import pytest

from relcli.warehouse import materialized
from relcli.warehouse.materialized import fill_attention
from relcli.warehouse.opening import connect
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


def filled(warehouse):
    return dict(warehouse.ask("SELECT part, is_filled FROM attention_fill_state").rows)


@pytest.fixture(params=[1, materialized._TOGETHER], ids=["one by one", "together"])
def copied(request, seen, tmp_path, new_warehouse, monkeypatch):
    """A copy of the file, filled."""
    monkeypatch.setattr(materialized, "_TOGETHER", request.param)
    warehouse = new_warehouse(tmp_path / "copy.duckdb", seen.path)
    fill_attention(warehouse.path, "r")
    return warehouse


def near(rows):
    """Sign flips put changes on a grid; of one between two of its steps the order of a sum decides."""
    return [tuple(pytest.approx(v, abs=1e-6) if isinstance(v, float) else v for v in row) for row in rows]


def test_each_row_is_the_same_filled_or_not(seen, copied):
    assert all(filled(copied).values())
    for view in ("attention_row_shift", "attention_row_grounding"):
        assert copied.ask(f"SELECT count(*) FROM {view}_live").rows == [(0,)]
        rows = copied.ask(f"FROM {view} ORDER BY ALL").rows
        assert rows == near(seen.ask(f"FROM {view} ORDER BY ALL").rows) != []
        assert len({row[2:5] for row in rows}) > 6
    assert copied.ask("FROM attention_row_grounding_of(['another'])").rows == []


def test_a_row_that_changes_is_seen_at_once(seen, copied):
    with connect(copied.path, read_only=False) as connection:
        connection.execute(
            "UPDATE answer_attention SET mean_heads = list_reverse(mean_heads), mean_heads_entropy = 1 "
            "WHERE query_row = 'target' AND layer = 0 AND intervention = 'none' AND variant = 'raw'"
        )
    # What is read of the answers alone stays ready.
    assert filled(copied) == {"mean": True, "rows": True, "query_rows": False}
    before, now = (each.ask("FROM attention_row_shift ORDER BY ALL").as_dicts() for each in (seen, copied))
    for old, new in zip(before, now, strict=True):
        moved = (new["query_row"], new["layer"]) == ("target", 0)
        assert (new["l1"] == pytest.approx(old["l1"], rel=1e-9)) is not moved


def test_areas_are_over_the_questions_that_shares_are_over(copied):
    """A layer without attention, such as a recurrent one, or an answer whose vector is damaged."""
    hurt = "query_row = 'target' AND variant = 'raw'"
    with connect(copied.path, read_only=False) as connection:
        connection.execute(
            "UPDATE answer_attention SET mean_heads = NULL, mean_heads_entropy = NULL "
            f"WHERE {hurt} AND layer = 0"
        )
        connection.execute(
            "UPDATE answer_attention SET mean_heads = list_transform(mean_heads, lambda _: 'nan'::FLOAT), "
            f"mean_heads_entropy = 'nan' WHERE {hurt} AND layer > 0 AND scene_id % 2 = 0"
        )
    kinds = ("entity", "distractor", "arrow")
    areas = ", ".join(f"avg({kind}_area) FILTER ({kind}_share IS NOT NULL)" for kind in kinds)
    expected = copied.ask(
        f"SELECT category, layer, count(entity_share), {areas} "
        "FROM attention_row_grounding_by_question_of(['r'], ['target']) WHERE variant = 'raw' GROUP BY 1, 2"
    ).rows
    found = copied.ask(
        "SELECT category, layer, n_entity, entity_area, distractor_area, arrow_area "
        "FROM attention_row_grounding WHERE query_row = 'target' AND variant = 'raw'"
    ).rows
    assert sorted(found) == near(sorted(expected))
    assert all(row[2:] == (0, None, None, None) for row in found if row[1] == 0)
