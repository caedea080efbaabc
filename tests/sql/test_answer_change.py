"""answer_change: does the answer follow the truth? Rows in, rows out."""

import pytest


def put(warehouse, index, *, truths, choices, differs: bool | None = True, variant="masked"):
    """One question on its own scene; truths and choices on the raw and on the other picture."""
    warehouse.put("scene", {"scene_id": index, "twin_changed": differs})
    warehouse.put("question", {"scene_id": index, "question_index": 0, "category": "count"})
    for name, truth, choice in zip(("raw", variant), truths, choices, strict=True):
        right = choice is not None and truth.lower().strip(")") == choice
        warehouse.put(
            "inference",
            {"scene_id": index, "question_index": 0, "variant": name, "ground_truth": truth, "choice": choice,
             "correct": right},
        )  # fmt: skip


def test_an_answer_that_follows_the_truth_and_one_that_says_none(warehouse):
    warehouse.put("run", {})
    changes, stays = ("a)", "None"), ("a)", "a)")
    put(warehouse, 0, truths=changes, choices=("a", "none"))  # changed, rightly, to None
    put(warehouse, 1, truths=changes, choices=("a", "b"))  # changed, wrongly
    put(warehouse, 2, truths=changes, choices=("a", "a"))  # repeats itself
    put(warehouse, 3, truths=changes, choices=("a", None))  # unreadable: no change
    put(warehouse, 4, truths=stays, choices=("a", "a"))
    put(warehouse, 5, truths=stays, choices=("b", "b"))  # stays, though wrong
    put(warehouse, 6, truths=stays, choices=("a", "none"))
    put(warehouse, 7, truths=stays, choices=("a", "b"))
    put(warehouse, 8, truths=stays, choices=(None, None))  # unreadable: didn't stay
    put(warehouse, 9, truths=stays, choices=("a", "a"), differs=False)  # the same picture

    [row] = warehouse.ask("FROM answer_change").as_dicts()

    assert (row["run"], row["category"], row["variant"]) == ("r", "count", "masked")
    assert (row["n_truth_changes"], row["n_truth_stays"], row["n_same_picture"]) == (4, 5, 1)
    assert (row["changes_with_truth"], row["changes_rightly"], row["none_of_changes"]) == (0.5, 0.25, 0.5)
    assert (row["none_if_truth_changes"], row["none_if_truth_stays"]) == (0.25, 0.2)
    assert (row["stays_with_truth"], row["left_for_none"]) == (0.4, 0.2)
    assert (row["stays_same_picture"], row["n_unreadable"]) == (1, 2)
    assert 0 < row["changes_low"] < 0.5 < row["changes_high"] < 1
    assert 0 < row["stays_low"] < 0.4 < row["stays_high"] < 1


def test_any_variant_but_the_blank_one_is_held_against_the_raw_picture(warehouse):
    warehouse.put("run", {})
    put(warehouse, 0, truths=("a)", "b)"), choices=("a", "b"), variant="changed", differs=False)
    put(warehouse, 1, truths=("a)", "a)"), choices=("a", "a"), variant="placebo", differs=None)
    put(warehouse, 2, truths=("a)", "a)"), choices=("a", "a"), variant="blank")
    rows = warehouse.ask(
        "SELECT variant, changes_with_truth, stays_with_truth, n_same_picture FROM answer_change "
        "ORDER BY variant"
    ).rows
    assert rows == [("changed", 1.0, None, 0), ("placebo", None, 1.0, 0)]


def test_without_pairs_there_are_no_rows_and_no_intervals_of_nothing(warehouse):
    warehouse.put("run", {})
    assert warehouse.ask("FROM answer_change").rows == []
    put(warehouse, 0, truths=("a)", "a)"), choices=("a", "a"), differs=False)
    [row] = warehouse.ask("FROM answer_change").as_dicts()
    nothing = ("changes_with_truth", "changes_low", "stays_with_truth", "stays_low", "none_of_changes")
    assert [row[name] for name in nothing] == [None] * 5
    assert row["stays_same_picture"] == pytest.approx(1)
