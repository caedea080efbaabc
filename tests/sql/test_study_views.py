"""Tests and comparisons of accuracy, the audit, and the published figures: rows in, rows out."""

import random

import pytest
from attention_kit import put_scenes, samples
from hypothesis import given, settings
from hypothesis import strategies as st

from relcli.analysis.statistics import (
    SceneDifferences,
    clustered_error,
    holm,
    mcnemar_exact,
    smallest_detectable,
)
from relcli.scenes.flaws import AMBIGUOUS, question_flaws
from relcli.scenes.generation import make_sample
from relcli.warehouse.connect import connect, ensure
from relcli.warehouse.scene_rows import question_row

YES, NO = True, False


@pytest.fixture(scope="module")
def connection(tmp_path_factory):
    path = tmp_path_factory.mktemp("macros") / "macros.duckdb"
    ensure(path)
    with connect(path, read_only=True) as opened:
        yield opened


@settings(max_examples=60, deadline=None)
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


def expected_test(rows):
    """n, scenes, difference (second less first), its error, only first, only second, p."""
    scenes, first, second = zip(*rows, strict=True)
    differences = SceneDifferences.of(scenes, first, second)
    lost, gained = (sum(a > b for _, a, b in rows), sum(b > a for _, a, b in rows))
    return (
        len(rows), len(set(scenes)), differences.difference, clustered_error(differences), lost, gained,
        mcnemar_exact(lost, gained),
    )  # fmt: skip


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

    expected = {category: expected_test(given) for category, given in of.items()}
    adjusted = dict(zip(expected, holm([each[-1] for each in expected.values()]), strict=True))
    assert rows.keys() == of.keys()
    for category, (n, n_scenes, difference, error, lost, gained, p) in expected.items():
        row = rows[category]
        assert list(row.values())[2:] == pytest.approx(
            [n, n_scenes, -difference, error, smallest_detectable(error), lost, gained, p,
             adjusted[category]], rel=1e-9,
        )  # fmt: skip
    assert rows["implicit_spatial"]["smallest_detectable"] is None
    [(error, p)] = gathered.ask("SELECT drop_error, holm_p FROM raw_vs_masked_test WHERE run = 'other'").rows
    assert (error, p) == (None, 1.0)


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
    expected = {category: expected_test(given) for category, given in of.items()}
    adjusted = dict(zip(expected, holm([each[-1] for each in expected.values()]), strict=True))
    for row in rows:
        n, n_scenes, difference, error, only_a, only_b, p = expected[row["category"]]
        grades = [[each[k] for each in of[row["category"]]] for k in (1, 2)]
        shares = [sum(each) / n for each in grades]
        if row["run_a"] == "b":
            difference, only_a, only_b, shares = -difference, only_b, only_a, shares[::-1]
        assert list(row.values())[4:] == pytest.approx(
            [n, n_scenes, *shares, difference, error, smallest_detectable(error), only_a, only_b, p,
             adjusted[row["category"]]], rel=1e-9,
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
    rows = warehouse.ask("SELECT * EXCLUDE (run, category) FROM raw_vs_masked_changed").rows
    assert rows == [(4, 0.5, 0.5, 0.0, 0.0, 0.5, 0.5, 2, 2, 1.0)]
    with connect(warehouse.path, read_only=False) as connection:
        connection.execute("UPDATE scene SET twin_changed = true")
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

    assert rows == [
        ("r", "m", "count", "raw", 3, 2, 2 / 3, pytest.approx(0.2076596), pytest.approx(0.9385081), 4, 6 / 7),
        ("r", "m", "implicit_spatial", "raw", 0, 0, None, None, None, 1, 1.0),
    ]


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
    assert study["accuracy_raw_low"] == pytest.approx(study["accuracy_raw_published_low"])
    half = rows["half"]
    assert (half["source"], half["category"], half["n"], half["n_published"]) == ("study", "count", 2, 2726)
    assert half["accuracy_raw_difference"] == pytest.approx(0.5 - 0.967351430667645)
    assert half["accuracy_masked_difference"] == pytest.approx(0.5 - 0.7410124724871606)
    assert half["accuracy_raw_low"] < 0.5 < half["accuracy_raw_high"]
