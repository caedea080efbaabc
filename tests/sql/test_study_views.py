"""Tests and comparisons of accuracy, the audit, and the published figures: rows in, rows out."""

import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from relcli.scenes.flaws import AMBIGUOUS, question_flaws
from relcli.scenes.generation import make_sample
from relcli.warehouse.migrations import ensure
from relcli.warehouse.opening import connect
from relcli.warehouse.scene_rows import question_row
from tests.examples import examples
from tests.sql.attention_kit import put_scenes, samples
from tests.sql.scene_oracle import (
    by_scene,
    clustered_error,
    difference_interval,
    mcnemar,
    sign_flip,
    smallest_detectable,
)

YES, NO = True, False


@pytest.fixture(scope="module")
def connection(tmp_path_factory):
    path = tmp_path_factory.mktemp("macros") / "macros.duckdb"
    ensure(path)
    with connect(path, read_only=True) as opened:
        yield opened

def holm(p_values):
    """By definition: the i-th smallest of m times m - i + 1, and no less than the one before."""
    adjusted, highest = [0.0] * len(p_values), 0.0
    for rank, place in enumerate(sorted(range(len(p_values)), key=p_values.__getitem__)):
        highest = max(highest, min(1.0, p_values[place] * (len(p_values) - rank)))
        adjusted[place] = highest
    return adjusted


@settings(max_examples=examples(60), deadline=None)
@given(st.lists(st.floats(0, 1), min_size=1, max_size=8))
def test_holm_is_the_same_in_sql(connection, p_values):
    rows = connection.execute(
        "SELECT holm(p, $p::DOUBLE[]) FROM (SELECT unnest($p::DOUBLE[]) AS p)", {"p": p_values}
    )
    assert [row[0] for row in rows.fetchall()] == pytest.approx(holm(p_values), abs=1e-15)


def test_holm_by_hand_and_with_nulls(connection):
    family = [0.01, 0.04, None, 0.03, 0.03]
    rows = connection.execute("SELECT holm(p, $f) FROM (SELECT unnest($f::DOUBLE[]) AS p)", {"f": family})
    assert [row[0] for row in rows.fetchall()] == pytest.approx([0.04, 0.09, None, 0.09, 0.09])


@pytest.mark.parametrize(
    ("text", "names", "pairs"),
    [
        ("the Red circle with the blue square", ["red circle", "blue square"], ["blue square + red circle"]),
        (
            "the red circle with the red circle and the cyan triangle with the blue square",
            ["red circle", "red circle", "cyan triangle", "blue square"],
            ["blue square + cyan triangle", "red circle + red circle"],
        ),
        ("the red circle", ["red circle"], []),
        ("a reddish circle, an orange square", ["orange square"], []),
        (None, None, []),
    ],
)
def test_names_and_pairs_in_a_text(connection, text, names, pairs):
    rows = connection.execute("SELECT names_in($t), option_pairs($t)", {"t": text}).fetchall()
    assert rows == [(names, pairs)]


def outcomes(seed, n_scenes=12):
    """(scene, raw right, masked right), several questions a scene."""
    lot = random.Random(seed)
    return [
        (scene, lot.random() < 0.8, lot.random() < 0.6)
        for scene in range(n_scenes)
        for _ in range(lot.randint(1, 4))
    ]


def put_outcomes(warehouse, category, rows, first=0, names=("raw", "masked"), runs=("r", "r")):
    for index, (scene, *grades) in enumerate(rows, first):
        warehouse.questions.append({"scene_id": scene, "question_index": index, "category": category})
        for grade, variant, run in zip(grades, names, runs, strict=True):
            warehouse.given.append(
                {"run": run, "scene_id": scene, "question_index": index, "variant": variant, "correct": grade}
            )


@pytest.fixture
def gathered(warehouse):
    warehouse.questions, warehouse.given = [], []
    return warehouse


def write(warehouse):
    warehouse.put("question", *warehouse.questions)
    warehouse.put("inference", *warehouse.given)


def expected_test(rows, categories):
    """What both views say of (scene, first right, second right) rows, second less first, but for Holm."""
    n, change = by_scene(rows)
    lost, gained = sum(a > b for _, a, b in rows), sum(b > a for _, a, b in rows)
    return {
        "n": len(rows), "n_scenes": len(n), "n_scenes_changed": int(np.sum(change != 0)),
        "difference": change.sum() / n.sum(), "interval": difference_interval(n, change),
        "p": sign_flip(change), "detectable": smallest_detectable(n, change, 0.05 / categories),
        "error": clustered_error(n, change),
        "lost": lost, "gained": gained, "mcnemar_p": mcnemar(lost, gained),
    }  # fmt: skip


def adjusted(expected, name):
    return dict(zip(expected, holm([each[name] for each in expected.values()]), strict=True))


def test_raw_vs_masked_test(gathered):
    gathered.put("run", {}, {"run": "other"})
    of = {"count": outcomes(1), "recognition_color": outcomes(2)}
    of["implicit_spatial"] = [(0, YES, YES), (1, NO, NO)]
    for place, (category, rows) in enumerate(of.items()):
        put_outcomes(gathered, category, rows, 100 * place)
    put_outcomes(gathered, "count", [(0, YES, NO)], 900, runs=("other", "other"))
    write(gathered)

    found = gathered.ask("FROM raw_vs_masked_test WHERE run = 'r'").as_dicts()
    rows = {row["category"]: row for row in found}

    expected = {category: expected_test(given, len(of)) for category, given in of.items()}
    holm_p, mcnemar_holm_p = adjusted(expected, "p"), adjusted(expected, "mcnemar_p")
    assert rows.keys() == of.keys()
    for category, each in expected.items():
        low, high = each["interval"]
        assert list(rows[category].values())[2:] == pytest.approx(
            [each["n"], each["n_scenes"], each["n_scenes_changed"], -each["difference"], -high, -low,
             each["p"], holm_p[category], each["detectable"], each["error"], each["lost"], each["gained"],
             each["mcnemar_p"], mcnemar_holm_p[category]], rel=2e-4,
        )  # fmt: skip
    [row] = gathered.ask("FROM raw_vs_masked_test WHERE run = 'other'").as_dicts()
    assert (row["drop_error"], row["smallest_detectable"], row["p"]) == (None, None, 0.5)
    assert -1 < row["drop_low"] < 0 < row["drop_high"] == 1


def test_the_family_is_the_run_whatever_is_looked_at(gathered):
    gathered.put("run", {})
    for place, category in enumerate(("count", "recognition_color", "recognition_shape")):
        put_outcomes(gathered, category, outcomes(place, 30), 1000 * place)
    write(gathered)
    whole = gathered.ask("FROM raw_vs_masked_test ORDER BY category").rows
    one = gathered.ask("FROM raw_vs_masked_test WHERE category = 'count'").rows
    assert one == whole[:1]


def test_nothing_changed_has_an_exact_interval_and_an_upper_bound(gathered):
    """20 scenes with two questions each and no change: the interval of none in 20, not in 40."""
    gathered.put("run", {})
    put_outcomes(gathered, "count", [(scene, YES, YES) for scene in range(20) for _ in range(2)])
    write(gathered)
    [row] = gathered.ask("FROM raw_vs_masked_test").as_dicts()
    exact = stats.binomtest(0, 20).proportion_ci(method="exact").high
    assert (row["drop_low"], row["drop_high"]) == pytest.approx((-exact, exact))
    assert 0.3 < row["smallest_detectable"] < 0.6 and row["p"] == 1
    low, high = gathered.ask("SELECT ci_low, ci_high FROM accuracy_by_category WHERE variant = 'raw'").rows[0]
    assert (low, high) == pytest.approx((1 - exact, 1))


def test_run_compare(gathered):
    gathered.put("run", {"run": "a"}, {"run": "b"}, {"run": "c", "dataset": "e"})
    of = {"count": outcomes(3), "recognition_color": outcomes(4)}
    for place, (category, rows) in enumerate(of.items()):
        put_outcomes(gathered, category, rows, 100 * place, names=("raw", "raw"), runs=("a", "b"))
    gathered.given.append({"run": "a", "scene_id": 0, "question_index": 0, "variant": "masked"})  # b lacks it
    gathered.given.append({"run": "c", "dataset": "e", "scene_id": 0, "question_index": 0})
    write(gathered)

    rows = gathered.ask("FROM run_compare").as_dicts()

    pairs = {(row["run_a"], row["run_b"], row["variant"]) for row in rows}
    assert pairs == {("a", "b", "raw"), ("b", "a", "raw")}
    expected = {category: expected_test(given, len(of)) for category, given in of.items()}
    holm_p, mcnemar_holm_p = adjusted(expected, "p"), adjusted(expected, "mcnemar_p")
    for row in rows:
        category, each = row["category"], dict(expected[row["category"]])
        grades = [[each[k] for each in of[category]] for k in (1, 2)]
        shares = [sum(grade) / each["n"] for grade in grades]
        low, high = each["interval"]
        if row["run_a"] == "b":
            each |= {"difference": -each["difference"], "lost": each["gained"], "gained": each["lost"]}
            low, high, shares = -high, -low, shares[::-1]
        assert list(row.values())[4:] == pytest.approx(
            [each["n"], each["n_scenes"], each["n_scenes_changed"], *shares, each["difference"], low, high,
             each["p"], holm_p[category], each["detectable"], each["error"], each["lost"], each["gained"],
             each["mcnemar_p"], mcnemar_holm_p[category]], rel=2e-4,
        )  # fmt: skip


def test_raw_vs_masked_changed_leaves_equal_twins_out(warehouse):
    warehouse.put("run", {})
    pairs = [(YES, YES), (YES, NO), (NO, YES), (NO, NO), (YES, YES)]
    for scene, (changed, pair) in enumerate(zip((True, True, True, True, False), pairs, strict=True)):
        warehouse.put("scene", {"scene_id": scene, "twin_changed": changed})
        warehouse.put("question", {"scene_id": scene, "question_index": 0})
        for variant, correct in zip(("raw", "masked"), pair, strict=True):
            warehouse.put(
                "inference", {"scene_id": scene, "question_index": 0, "variant": variant, "correct": correct}
            )
    warehouse.put("scene", {"scene_id": 9, "twin_changed": None})
    left_out = "(run, category, drop_low, drop_high)"
    rows = warehouse.ask(f"SELECT * EXCLUDE {left_out} FROM raw_vs_masked_changed").rows
    assert rows == [(4, 0.5, 0.5, 0.0, 0.0, 0.5, 0.5, 2, 2, 4, 1.0, 1.0)]
    with connect(warehouse.path, read_only=False) as connection:
        connection.execute("UPDATE picture SET differs = true WHERE variant = 'masked'")
    assert warehouse.ask("FROM raw_vs_masked_changed").rows == warehouse.ask("FROM raw_vs_masked").rows


def test_accuracy_clean_drops_what_is_ambiguous(warehouse):
    warehouse.put("run", {})
    flaws = [[], None, ["wording", "fixed_letter"], *([name] for name in AMBIGUOUS), ["wording", "two_axes"]]
    right = [YES, YES, NO, YES, YES, YES, YES]
    warehouse.put("question", *({"question_index": i, "flaws": each} for i, each in enumerate(flaws)))
    warehouse.put("question", {"question_index": 9, "category": "implicit_spatial", "flaws": ["two_axes"]})
    warehouse.put("inference", *({"question_index": i, "correct": each} for i, each in enumerate(right)))
    ungraded = {"question_index": 0, "variant": "masked", "correct": None}
    warehouse.put("inference", {"question_index": 9}, ungraded)

    rows = warehouse.ask("FROM accuracy_clean ORDER BY category").rows

    wilson = (pytest.approx(0.2076596), pytest.approx(0.9385081))
    one_scene = (pytest.approx(2 / 3 * 0.025), pytest.approx(1 - 0.025 / 3))  # which says next to nothing
    assert rows == [
        ("r", "m", "count", "raw", 3, 2, 2 / 3, *one_scene, 4, 6 / 7, 1, *wilson),
        ("r", "m", "implicit_spatial", "raw", 0, 0, None, None, None, 1, 1.0, 0, None, None),
    ]
    columns = "n, n_clean, accuracy_clean"
    beside = warehouse.ask(f"SELECT {columns} FROM accuracy_by_category ORDER BY category").rows
    assert beside == [(7, 3, 2 / 3), (1, 0, None)]
    [run] = warehouse.ask("SELECT accuracy_raw, accuracy_raw_clean, unreadable FROM run_summary").rows
    assert run == (7 / 8, 2 / 3, 0.0)


def audited(warehouse):
    return sorted(warehouse.ask("FROM question_audit").rows)


def test_question_audit_says_what_the_scenes_say(warehouse):
    """Names and details, from text and geometry, are those of relcli.scenes.flaws."""
    made = samples(60)
    put_scenes(warehouse, made)
    expected = [
        ("d", sample.scene.scene_id, question.question_index, question.category, *flaw)
        for sample in made
        for question in sample.questions
        for flaw in question_flaws(
            category=question.category, stem=question.stem, options=question.options,
            ground_truth=question.ground_truth, question_set=question.question_set, scene=sample.scene,
            entities=question.entities,
        )
    ]  # fmt: skip
    assert audited(warehouse) == sorted(expected)
    assert {row[4] for row in expected} >= {"equivalent_option", "two_axes", "referent_not_unique", "wording"}


def test_question_audit_from_text_alone(warehouse):
    questions = [question for i in range(40) for question in make_sample(5, i).questions]
    rows, expected = [], []
    for question in questions:
        found = question_flaws(
            category=question.category, stem=question.stem, options=question.options,
            ground_truth=question.ground_truth, question_set=question.question_set,
        )  # fmt: skip
        row = {**question_row(question), "flaws": [name for name, _ in found], "entities": None}
        row |= {"ground_truth": question.ground_truth, "ground_truth_masked": question.ground_truth_masked}
        rows.append(row)
        key = ("d", question.scene_id, question.question_index, question.category)
        expected += [(*key, *flaw) for flaw in found]
    warehouse.put("question", *rows)
    assert audited(warehouse) == sorted(expected)


def test_published_figures_are_loaded_and_survive_their_own_repetition(warehouse):
    rows = warehouse.ask(
        "SELECT source, count(*), sum(n), sum(n_correct_raw + n_incorrect_raw) FROM reference_accuracy "
        "GROUP BY source"
    ).rows
    assert rows == [("study", 7, 25_743, 25_743)]
    rows = warehouse.ask(
        "SELECT count(*), count(*) FILTER (n_classes = 32) FROM reference_probe_accuracy"
    ).rows
    assert rows == [(34, 4)]
    ensure(warehouse.path)
    assert warehouse.ask("SELECT count(*) FROM reference_accuracy").rows == [(7,)]


def test_versus_published(warehouse):
    """The study's own connection counts come out as published; another run shows its distance."""
    warehouse.put("run", {}, {"run": "half"})
    both, raw, masked, n = 750, 1149, 1129, 2244
    pairs = [(YES, YES)] * both + [(YES, NO)] * (raw - both) + [(NO, YES)] * (masked - both)
    pairs += [(NO, NO)] * (n - raw - masked + both)
    warehouse.answers("explicit_connection", pairs)
    warehouse.answers("count", [(YES, YES), (NO, NO)], run="half")

    rows = {row["run"]: row for row in warehouse.ask("FROM versus_published").as_dicts()}

    study = rows["r"]
    of_both = {name for name in study if f"{name}_published" in study}
    assert len(of_both) == 9
    for name in of_both:
        assert study[name] == pytest.approx(study[f"{name}_published"], abs=1e-9)
    assert study["accuracy_raw_low"] < study["accuracy_raw_published_low"]  # all of it on one scene here
    half = rows["half"]
    assert (half["source"], half["category"], half["n"], half["n_published"]) == ("study", "count", 2, 2726)
    assert half["accuracy_raw_difference"] == pytest.approx(0.5 - 0.967351430667645)
    assert half["accuracy_masked_difference"] == pytest.approx(0.5 - 0.7410124724871606)
    assert half["accuracy_raw_low"] < 0.5 < half["accuracy_raw_high"]
