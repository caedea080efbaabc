"""accuracy_by_category, answer_pair and raw_vs_masked: rows in, rows out."""

import pytest

YES, NO = True, False


def test_accuracy_by_category_counts_graded_answers_per_variant(warehouse):
    warehouse.put("run", {})
    warehouse.answers("count", [(YES, NO), (YES, YES), (NO, None)])
    warehouse.answers("implicit_spatial", [(NO, None)])
    warehouse.put("inference", {"question_index": 0, "variant": "blank", "correct": None})

    rows = warehouse.ask("FROM accuracy_by_category ORDER BY category, variant").rows

    assert [row[:6] for row in rows] == [
        ("r", "m", "count", "masked", 2, 1),
        ("r", "m", "count", "raw", 3, 2),
        ("r", "m", "implicit_spatial", "raw", 1, 0),
    ]
    # One scene: an exact interval, and the study's (Wilson).
    assert rows[1][6:-5] == pytest.approx(
        (2 / 3, 0.05 / 3, 1 - 0.025 / 3, 1, 3, 2 / 3, 0, 0.2076596, 0.9385081), abs=1e-7
    )
    assert rows[1][-5:] == (None,) * 5  # the words alone were not measured


def test_accuracy_by_category_keeps_runs_and_datasets_apart(warehouse):
    warehouse.put("run", {"run": "one"}, {"run": "two", "dataset": "e", "model": None})
    warehouse.put(
        "question",
        {"question_index": 0, "category": "count"},
        {"dataset": "e", "question_index": 0, "category": "recognition_color"},
    )
    warehouse.put(
        "inference",
        {"run": "one", "question_index": 0},
        {"run": "two", "dataset": "e", "question_index": 0, "correct": NO},
    )

    rows = warehouse.ask("SELECT run, model, category, accuracy FROM accuracy_by_category ORDER BY run").rows

    assert rows == [("one", "m", "count", 1.0), ("two", None, "recognition_color", 0.0)]


def test_answer_pair_needs_both_variants(warehouse):
    warehouse.put("run", {})
    warehouse.put("scene", {"scene_id": 0, "twin_changed": False})
    warehouse.answers("count", [(YES, NO), (YES, None)])

    rows = warehouse.ask("FROM answer_pair").as_dicts()

    assert rows == [
        {
            "run": "r",
            "dataset": "d",
            "scene_id": 0,
            "question_index": 0,
            "category": "count",
            "question_set": "seed",
            "twin_changed": False,
            "answer_raw": "a)",
            "answer_masked": "a)",
            "correct_raw": True,
            "correct_masked": False,
        }
    ]


def test_raw_vs_masked(warehouse):
    warehouse.put("run", {})
    # 4 stay right, 3 are lost, 1 is gained, 2 stay wrong; one more has no masked answer.
    outcomes = [(YES, YES)] * 4 + [(YES, NO)] * 3 + [(NO, YES)] + [(NO, NO)] * 2 + [(YES, None)]
    warehouse.answers("count", outcomes)

    [row] = warehouse.ask("FROM raw_vs_masked").as_dicts()

    assert list(row) == [
        "run", "category", "n", "accuracy_raw", "accuracy_masked", "drop", "drop_pct", "retain_rate",
        "fix_rate", "n_correct_raw", "n_incorrect_raw", "n_scenes", "drop_low", "drop_high", "p", "mcnemar_p",
    ]  # fmt: skip
    assert list(row.values())[:2] == ["r", "count"]
    # One scene lost two: half of the two ways its sign could be. McNemar: 1 of 4 changes: 2 * (1 + 4) / 16
    assert list(row.values())[2:] == pytest.approx(
        [10, 0.7, 0.5, 0.2, 20 / 0.7, 4 / 7, 1 / 3, 7, 3, 1, 0.2 - 0.975 * 1.2, 0.2 + 0.975 * 0.8, 0.5, 0.625]
    )


def test_raw_vs_masked_has_no_rates_of_nothing(warehouse):
    warehouse.put("run", {}, {"run": "perfect"})
    warehouse.answers("count", [(NO, NO)])
    warehouse.answers("count", [(YES, YES)], run="perfect")

    columns = "drop_pct, retain_rate, fix_rate, p"
    rows = warehouse.ask(f"SELECT {columns} FROM raw_vs_masked ORDER BY run").rows

    assert rows == [(0.0, 1.0, None, 1.0), (None, None, 0.0, 1.0)]


# n, right raw, right masked, right both; drop, drop_pct, retain, fix as published
PUBLISHED = {
    "recognition_color": (
        5452,
        5275,
        5308,
        5238,
        -0.00605282465150403,
        -0.6255924170616107,
        0.3954802259887006,
    ),
    "explicit_connection": (
        2244,
        1149,
        1129,
        750,
        0.0089126559714795,
        1.7406440382941684,
        0.3461187214611872,
    ),
}


@pytest.mark.parametrize("category", PUBLISHED)
def test_raw_vs_masked_gives_the_published_figures_from_the_published_counts(warehouse, category):
    n, raw, masked, both, drop, drop_pct, fix_rate = PUBLISHED[category]
    warehouse.put("run", {})
    outcomes = (
        [(YES, YES)] * both
        + [(YES, NO)] * (raw - both)
        + [(NO, YES)] * (masked - both)
        + [(NO, NO)] * (n - raw - masked + both)
    )
    warehouse.answers(category, outcomes)

    [row] = warehouse.ask('SELECT n, "drop", drop_pct, fix_rate, n_incorrect_raw FROM raw_vs_masked').rows

    assert row == pytest.approx((n, drop, drop_pct, fix_rate, n - raw), abs=1e-9)
