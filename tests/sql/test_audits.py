"""Every audit returns nothing on a sound warehouse and its rows on one that is broken in its way."""

import pytest

from relcli.paths import sql_dir
from relcli.warehouse.materialized import fill_attention
from relcli.warehouse.rows import query

FOLDER = sql_dir() / "audits"
ONE_ANSWER = {"question": {"question_index": 0}, "inference": {"question_index": 0}}


def audit(warehouse, name):
    return query(warehouse.path, (FOLDER / f"{name}.sql").read_text()).rows


def put_all(warehouse, rows):
    for table, row in rows.items():
        warehouse.put(table, *(row if isinstance(row, list) else [row]))


SOUND = {
    "dataset": {"dataset": "d", "n_scenes": 1, "has_annotations": True},
    "scene": {"scene_id": 0, "n_entities": 2, "n_relations": 1, "masked_kind": "relation"},
    "entity": [{"entity_id": 0}, {"entity_id": 1, "center_y": 150}],
    "relation": {"relation_index": 0, "subject_id": 0, "object_id": 1},
    "region": [
        {"coverage": [0.5, 0.0]},
        {"kind": "arrow", "item_id": 0, "coverage": [0.1, 0.2]},
    ],
    "question": [
        {"question_index": 0, "entities": [0, 1], "relation_index": 0, "flaws": []},
        {"question_index": 1, "ground_truth": "None", "ground_truth_masked": "", "flaws": ["wording"]},
    ],
    "run": {
        "attention": "summary,tokens,heads", "n_planned": 2, "layout": "1x2",
        "query_rows": ["answer", "target"],
    },
    "inference": [
        {"question_index": 0},
        {"question_index": 1, "choice": "none", "ground_truth": "None", "answer": "None"},
    ],
    "attention": [{"question_index": 0}, {"question_index": 1}],
    "head_attention": [{"question_index": 0}, {"question_index": 1}, {"query_row": "target"}],
    "token_attention": [{"question_index": 0}, {"question_index": 1}],
    "prompt_token": [{"question_index": 0}, {"question_index": 1}, {"role": "target"}],
    "calibrated_sink": {},
    "token_layout": [{}, {"token_index": 1, "y_min": 0.5, "y_max": 1.0}],
}  # fmt: skip

BROKEN = {
    "answer_of_another_dataset": {"run": {"dataset": "e"}, **ONE_ANSWER},
    "answer_without_picture": {
        "run": {},
        "scene": {"scene_id": 0, "has_twin": False},
        "inference": {"question_index": 0, "variant": "masked"},
    },
    "answer_without_run_or_question": {"run": {}, "inference": {"question_index": 7}},
    "attention_layers": {"run": {"attention": "summary"}, "attention": {"layer": 1}, **ONE_ANSWER},
    "attention_out_of_range": {"attention": {"mean_heads": [0.1, 0.1, 0.1]}},
    "attention_without_answer": {"attention": {}},
    "dataset_counts": {"dataset": {"dataset": "d", "n_scenes": 2}, "scene": {"scene_id": 0}},
    "fill_out_of_step": {"attention_shift_fill": {"run": "gone"}},
    "grade_disagrees_with_choice": {"run": {}, "inference": {"question_index": 0, "choice": "b"}},
    "ground_truth_not_an_option": {"question": {"question_index": 0, "ground_truth": "c)"}},
    "grounding_out_of_range": {
        "run": {},
        "scene": {"scene_id": 0},
        "entity": {"entity_id": 0},
        "region": {"coverage": [2.0, 2.0]},
        "question": {"question_index": 0, "entities": [0]},
        "attention": {},
    },
    "more_answers_than_planned": {"run": {"n_planned": 0}, **ONE_ANSWER},
    "question_about_nothing": {"question": {"question_index": 0}},
    "question_without_audit": {"question": {"question_index": 0, "flaws": ["ugly"]}},
    "reference_counts": {"reference_accuracy": {"n_correct_raw": 5, "n_incorrect_raw": 6}},
    "region_coverage": {"region": {"coverage": [0.5, 0.5]}},
    "shares_missing": {"run": {"attention": "summary,heads"}, **ONE_ANSWER},
    "shares_out_of_range": {"run": {}, "head_attention": {"target": [1.2, 0.0]}},
    "shares_without_answer": {"run": {}, "head_attention": {}},
    "shift_out_of_range": {"run": {}, "attention": [{}, {"variant": "masked"}]},
    "token_layout_faults": {"token_layout": {"token_index": 1}},
    "unknown_words": {"run": {"state": "resting"}},
}


def test_every_audit_is_tried():
    assert sorted(file.stem for file in FOLDER.glob("*.sql")) == sorted(BROKEN)


# What is broken once the fills are made.
BROKEN_AFTER = {"shift_out_of_range": "UPDATE attention_shift_fill SET l1 = -1"}


@pytest.fixture(scope="module")
def sound(tmp_path_factory, new_warehouse):
    warehouse = new_warehouse(tmp_path_factory.mktemp("sound") / "sound.duckdb")
    put_all(warehouse, SOUND)
    return warehouse


@pytest.mark.parametrize("name", sorted(BROKEN))
def test_audit_is_silent_on_a_sound_warehouse(sound, name):
    assert audit(sound, name) == []


@pytest.mark.parametrize("name", sorted(BROKEN))
def test_audit_speaks_on_a_broken_one(warehouse, name):
    put_all(warehouse, BROKEN[name])
    if sql := BROKEN_AFTER.get(name):
        fill_attention(warehouse.path, "r")
        query(warehouse.path, sql, read_only=False)
    assert audit(warehouse, name)


KEPT = {"run": {"attention": "summary,tokens,heads", "query_rows": ["answer", "target"]}, **ONE_ANSWER}
WHOLE = {"head_attention": {}, "token_attention": {}, "prompt_token": {}}


@pytest.mark.parametrize(
    ("name", "rows"),
    [
        ("attention_layers", KEPT),
        ("shares_missing", KEPT | {"token_attention": {}, "prompt_token": {}}),
        ("shares_missing", KEPT | {"head_attention": {}, "prompt_token": {}}),
        ("shares_missing", KEPT | {"head_attention": {}, "token_attention": {}}),
        ("shares_missing", KEPT | WHOLE | {"prompt_token": [{}, {"role": "target"}]}),
        ("shares_missing", KEPT | WHOLE | {"head_attention": {"layer": 1}}),
        ("shares_missing", KEPT | WHOLE | {"token_attention": [{}, {"layer": 2}]}),
        ("shares_out_of_range", KEPT | {"head_attention": {"rest": [-0.1, 0.0]}}),
        ("shares_out_of_range", KEPT | {"head_attention": {"image_mass": [0.5, 1.1]}}),
        ("shares_out_of_range", KEPT | {"head_attention": {"entropy": [0.5]}}),
        ("shares_out_of_range", KEPT | {"head_attention": {"sink": [0.5, float("nan")]}}),
        ("shares_out_of_range", KEPT | {"head_attention": {"image_mass": None}}),
        ("shares_out_of_range", KEPT | {"token_attention": {"rest": [0.1, 0.2]}}),
        ("shares_without_answer", KEPT | {"token_attention": {"variant": "masked"}}),
        ("shares_without_answer", KEPT | {"head_attention": {"intervention": "cut"}}),
        ("shares_without_answer", KEPT | {"prompt_token": {"question_index": 1}}),
        ("shares_without_answer", KEPT | {"calibrated_sink": {"run": "gone"}}),
        ("token_layout_faults", {"token_layout": {"x_min": 1.0}}),
        ("token_layout_faults", {"token_layout": {"x_max": None}}),
        ("token_layout_faults", {"token_layout": {"y_max": 1.2}}),
        ("token_layout_faults", {"run": {"layout": "unknown"}}),
    ],
)
def test_audits_of_heads_and_tokens_find_each_fault(warehouse, name, rows):
    put_all(warehouse, rows)
    assert audit(warehouse, name)


def test_audits_of_heads_and_tokens_are_silent_about_what_was_not_kept(warehouse):
    """Runs without heads, and answers under an intervention, which keep none."""
    put_all(warehouse, {"run": {"attention": "summary"}, **ONE_ANSWER})
    for name in ("shares_missing", "shares_out_of_range", "shares_without_answer"):
        assert audit(warehouse, name) == []
