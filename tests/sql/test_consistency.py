"""consistency: right on every picture a question was asked on. Rows in, rows out."""

import pytest

TRUTHS = {"raw": "a)", "masked": "None", "changed": "b)", "placebo": "a)", "blank": "a)"}


def put(warehouse, scene_id, right: dict[str, bool], category="count"):
    """One question on its own scene, answered on the variants named, rightly or not."""
    warehouse.put("scene", {"scene_id": scene_id})
    warehouse.put("question", {"scene_id": scene_id, "question_index": 0, "category": category})
    warehouse.put(
        "inference",
        *(
            {
                "scene_id": scene_id, "question_index": 0, "variant": variant, "correct": correct,
                "ground_truth": TRUTHS[variant],
            }
            for variant, correct in right.items()
        ),
    )  # fmt: skip


def test_right_on_all_pictures_counts_and_blank_ones_do_not(warehouse):
    warehouse.put("run", {})
    put(warehouse, 0, {"raw": True, "masked": True, "changed": True, "blank": False})
    put(warehouse, 1, {"raw": True, "masked": False, "changed": True})
    put(warehouse, 2, {"raw": True, "placebo": True})
    put(warehouse, 3, {"raw": False, "placebo": True, "blank": True})
    put(warehouse, 4, {"raw": True, "blank": True})  # one picture alone

    [row] = warehouse.ask("FROM consistency").as_dicts()

    assert (row["n"], row["n_scenes"], row["consistent"]) == (4, 4, 0.5)
    assert row["variants"] == ["changed", "masked", "placebo", "raw"]
    assert row["accuracy_raw"] == 0.75
    assert (row["n_truth_changes"], row["consistent_truth_changes"]) == (2, 0.5)
    assert row["ci_low"] < 0.5 < row["ci_high"]
    assert row["truth_changes_low"] < 0.5 < row["truth_changes_high"]


@pytest.mark.slow
def test_its_interval_is_that_of_accuracies_over_scenes(warehouse):
    warehouse.put("run", {})
    for scene_id in range(12):
        put(warehouse, scene_id, {"raw": scene_id % 3 > 0, "changed": True})
    [row] = warehouse.ask("FROM consistency").as_dicts()
    [same] = warehouse.ask("FROM accuracy_by_category WHERE variant = 'raw'").as_dicts()
    assert (row["consistent"], row["ci_low"], row["ci_high"]) == pytest.approx(
        (same["accuracy"], same["ci_low"], same["ci_high"])
    )


def test_answer_change_is_had_between_any_two_variants(warehouse):
    """A changed picture beside the placebo: the truth differs, and only one answer follows it."""
    warehouse.put("run", {})
    for scene_id, choice in ((0, "b"), (1, "a")):
        put(warehouse, scene_id, {})
        for variant, said in (("placebo", "a"), ("changed", choice)):
            truth = TRUTHS[variant]
            warehouse.put(
                "inference",
                {
                    "scene_id": scene_id, "question_index": 0, "variant": variant, "choice": said,
                    "correct": truth == f"{said})", "ground_truth": truth,
                },
            )  # fmt: skip
    [row] = warehouse.ask("FROM answer_change_of('placebo')").as_dicts()
    assert (row["variant"], row["n_truth_changes"], row["changes_with_truth"]) == ("changed", 2, 0.5)
    assert warehouse.ask("FROM answer_change").rows == []
