"""Answers to one question put in several ways. Rows in, rows out."""

import pytest


def put(warehouse, scene_id, answers: dict[str, str | None], truth="a)", category="count"):
    """One question with three options; answers: the letter chosen, by presentation."""
    warehouse.put(
        "question",
        {
            "scene_id": scene_id, "question_index": 0, "options": ["1", "2", "3"], "ground_truth": truth,
            "category": category,
        },
    )  # fmt: skip
    turned = [1, 2, 0]  # order-1: b, c, a of the plain question
    for presentation in answers:
        if presentation != "plain":
            order = turned if "order-1" in presentation else [0, 1, 2]
            options = [["1", "2", "3"][place] for place in order]
            warehouse.put(
                "question_presentation",
                {
                    "scene_id": scene_id, "question_index": 0, "presentation": presentation, "text": "?",
                    "stem": "?", "options": options, "option_order": order,
                },
            )  # fmt: skip
    for presentation, choice in answers.items():
        shown = truth if "order-1" not in presentation else {"a)": "c)", "b)": "a)", "c)": "b)"}[truth]
        warehouse.put(
            "inference",
            {
                "scene_id": scene_id, "question_index": 0, "presentation": presentation, "choice": choice,
                "ground_truth": shown, "correct": choice == shown[0],
            },
        )  # fmt: skip


def test_the_same_option_counts_as_the_same_wherever_it_stands(warehouse):
    warehouse.put("run", {})
    put(warehouse, 0, {"plain": "a", "order-1": "c", "wording-1": "a", "order-1+wording-1": "c"})  # steady
    put(warehouse, 1, {"plain": "a", "order-1": "a", "wording-1": "a", "order-1+wording-1": "a"})  # by letter
    put(warehouse, 2, {"plain": "a", "order-1": "c", "wording-1": "b", "order-1+wording-1": "c"})  # by words
    put(warehouse, 3, {"plain": "a"})  # one way alone

    chosen = warehouse.ask(
        "SELECT presentation, option_chosen FROM answer_presented WHERE scene_id = 1 ORDER BY ALL"
    ).rows
    assert chosen == [("order-1", "b"), ("order-1+wording-1", "b"), ("plain", "a"), ("wording-1", "a")]
    [row] = warehouse.ask("FROM robustness").as_dicts()
    assert (row["variant"], row["n"], row["n_answers"]) == ("raw", 3, 12)
    assert row["accuracy"] == pytest.approx((1 + 0.5 + 0.75) / 3)
    assert (row["accuracy_plain"], row["best_case"]) == (1, 1)
    assert row["worst_case"] == pytest.approx(1 / 3) and row["flips"] == pytest.approx(2 / 3)
    assert row["flips_by_order"] == pytest.approx(1 / 3) == row["flips_by_wording"]
    assert row["worst_case_low"] < row["worst_case"] < row["worst_case_high"]


def test_none_stays_none_and_what_is_unreadable_is_no_option(warehouse):
    warehouse.put("run", {})
    put(warehouse, 0, {"plain": "none", "order-1": "none"})
    put(warehouse, 1, {"plain": "a", "order-1": None})
    flips = warehouse.ask(
        "SELECT scene_id, count(DISTINCT coalesce(option_chosen, '')) FROM answer_presented GROUP BY 1"
    )
    assert dict(flips.rows) == {0: 1, 1: 2}


def test_the_plain_accuracy_is_over_plain_answers(warehouse):
    warehouse.put("run", {})
    put(warehouse, 0, {"plain": "a", "order-1": "c"})
    put(warehouse, 1, {"order-1": "c", "wording-1": "a"})  # of a run that was stopped: not yet put plainly
    assert warehouse.ask("SELECT n, accuracy, accuracy_plain FROM robustness").rows == [(2, 1.0, 1.0)]


@pytest.mark.slow
def test_a_preference_for_a_letter_shows_over_all_orders(warehouse):
    warehouse.put("run", {})
    for scene_id in range(20):
        put(warehouse, scene_id, {"plain": "a", "order-1": "a"})  # always the first letter
    rows = {row["letter"]: row for row in warehouse.ask("FROM letter_preference").as_dicts()}
    assert rows["a"]["chosen"] == 1 and rows["a"]["is_right"] == 0.5
    assert rows["a"]["preference"] == 0.5 and rows["a"]["preference_low"] > 0
    assert rows["c"]["preference"] == -0.5 and rows["none"]["preference"] == 0
    assert sum(row["preference"] for row in rows.values()) == 0


def test_plain_runs_have_no_rows_and_plain_views_see_plain_answers_alone(warehouse):
    warehouse.put("run", {})
    put(warehouse, 0, {"plain": "a"})
    assert warehouse.ask("FROM robustness").rows == warehouse.ask("FROM letter_preference").rows == []
    put(warehouse, 1, {"plain": "a", "order-1": "a", "wording-1": "b"})
    [row] = warehouse.ask("FROM accuracy_by_category").as_dicts()
    assert (row["n"], row["correct"]) == (2, 2)
