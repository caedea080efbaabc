"""Probes: labels from the prompt, splits that keep pictures together, and fits that are scikit-learn's."""

import csv
from collections import defaultdict

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

from relcli.analysis.probing.fitting import fit_all
from relcli.analysis.probing.labels import LABELS, choose_labels, question_labels
from relcli.analysis.probing.layers import parse_layers
from relcli.analysis.probing.prompt_only import bag_of_words
from relcli.analysis.probing.scoring import score, subset_rows
from relcli.analysis.probing.splits import SplitPlan
from relcli.analysis.probing.sweep import Block, Sweep
from relcli.analysis.probing.targets import CannotProbe, make_target
from relcli.errors import UsageError
from relcli.paths import assets_dir
from relcli.scenes.generation import make_sample
from relcli.scenes.questions import Question, compose
from tests.examples import examples

ARROW = compose(
    "Where does the arrow between the red circle and blue square point to",
    ("from the blue square to the red circle", "from the red circle to the blue square"),
)


@pytest.fixture(scope="module")
def asked() -> dict[str, list[Question]]:
    """The study's questions on 300 scenes, by category."""
    found = defaultdict(list)
    for scene_id in range(300):
        for question in make_sample(5, scene_id).questions:
            if question.question_set == "seed":
                found[question.category].append(question)
    return found


def test_labels_and_their_classes_are_the_published_ones(asked: dict[str, list[Question]]) -> None:
    table = assets_dir() / "reference" / "probe_accuracy_all_layers.csv"
    with table.open(encoding="utf-8") as opened:
        published = {
            (row["query_type"], row["label_name"]): int(row["n_classes"]) for row in csv.DictReader(opened)
        }
    values = defaultdict(set)
    for category, questions in asked.items():
        for question in questions:
            for label, value in question_labels(category, question.text, question.ground_truth).items():
                values[category, label].add(value)
    assert values.keys() == published.keys() == {(c, label) for c in LABELS for label in LABELS[c]}
    # A scene can end with one object; the study's 2,726 have none that did.
    values["count", "counting"].discard("1")
    assert {key: len(found) for key, found in values.items()} == published
    assert values["explicit_connection", "connection_count"] == {"single", "double", "few", "many"}


def test_labels_that_hang_on_the_truth_are_missing_where_nothing_is_true() -> None:
    assert question_labels("explicit_arrow_direction", ARROW, "None") == {}
    color = compose("Does this image have a red shape", ("Yes", "No"))
    assert question_labels("recognition_color", color, "none") == {"concept": "red"}
    assert question_labels("recognition_color", color, "A)") == {"concept": "red", "answer": "yes"}
    assert question_labels("count", "Is this a pipe?", "a)") == {}
    assert question_labels("count", ARROW, "a)") == {}


@pytest.mark.parametrize(
    ("category", "text", "truth", "wanted"),
    [
        ("count", compose("How many shapes are in this image", ("2", "3")), "b)", {"counting": "3"}),
        (
            "recognition_shape_and_color",
            compose("Does this image have a red circle", ("Yes", "No")),
            "b)",
            {"queried_color": "red", "queried_shape": "circle", "concept": "red circle"},
        ),
        (
            "explicit_arrow_direction",
            ARROW,
            "b)",
            {
                "source_shape": "circle",
                "source_color": "red",
                "target_shape": "square",
                "target_color": "blue",
            },
        ),
        (
            "implicit_spatial",
            compose(
                "What is the position of the red circle with respect to the blue square",
                ("above the blue square", "to the left of the blue square"),
            ),
            "b)",
            {"axis": "horizontal", "ref_shape": "square", "ref_color": "blue"},
        ),
        (
            "explicit_connection",
            compose(
                "Which objects are connected",
                (
                    "the red circle with the blue square and the red circle with the cyan triangle",
                    "the red circle with the blue square and the blue square with the cyan triangle",
                ),
            ),
            "a)",
            {"connection_count": "double", "has_triangle": "yes", "has_rectangle": "no"},
        ),
    ],
)
def test_labels_are_read_off_the_prompt(category: str, text: str, truth: str, wanted: dict[str, str]) -> None:
    labels = question_labels(category, text, truth)
    assert set(labels) <= set(LABELS[category])
    named = {name: str(labels[name]).lower() for name in wanted}
    alike = {"true": "yes", "false": "no", "present": "yes", "absent": "no"}
    assert {name: alike.get(value, value) for name, value in named.items()} == wanted


def test_an_unknown_label_offers_the_nearest() -> None:
    with pytest.raises(UsageError, match="source_color"):
        choose_labels(("explicit_arrow_direction",), ("source_colour",))


@pytest.mark.parametrize(("n_classes", "c"), [(2, 1.0), (4, 0.001)])
def test_a_probe_is_scikit_learns_on_its_own_rows(n_classes: int, c: float) -> None:
    """Several labellings and folds at a time: each as fitted by itself, test rows seen by nothing."""
    rng = np.random.default_rng(n_classes)
    codes = rng.integers(0, n_classes, 240)
    features = rng.gamma(1.0, size=(240, 12)) + 0.7 * rng.normal(size=(n_classes, 12))[codes]
    features[:, 5] = 4.0  # constant
    folds = [np.arange(240) % 4 == number for number in range(4)]
    labellings = [codes, rng.permutation(codes)]
    found = fit_all(features, [(labellings, ~test, test) for test in folds], c)
    for (predicted, odds), test in zip(found, folds, strict=True):
        scaler = StandardScaler().fit(features[~test])
        for one, labels in zip(predicted, labellings, strict=True):
            model = LogisticRegression(C=c, max_iter=1000)
            model.fit(scaler.transform(features[~test]), labels[~test])
            assert (one == model.predict(scaler.transform(features[test]))).all()
        assert (odds is not None) == (len(np.unique(labellings[0])) == 2)


def test_classes_that_training_rows_lack_are_never_predicted() -> None:
    codes = np.array([0, 1, 0, 1, 2, 2])
    train = np.array([True, True, True, True, False, False])
    features = np.eye(6)
    one_class = np.array([True, False, True, False, False, False])
    fits = [([codes], train, ~train), ([codes], one_class, ~one_class)]
    (several, odds), (single, none) = fit_all(features, fits, 1.0)
    assert set(several[0]) <= {0, 1} and (single[0] == 0).all()
    assert odds is not None and ((odds > 0) == (several[0] == 1)).all() and none is None


@settings(max_examples=examples(30), deadline=None)
@given(st.integers(20, 60), st.integers(0, 1000))
def test_a_scene_stands_on_one_side_of_every_fold(n_scenes: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    scenes = np.repeat(np.arange(n_scenes), 3)
    values = [str(value) for value in rng.integers(0, 2, len(scenes))]
    target = make_target("x", values, scenes, SplitPlan(seed=seed))
    for test, train in zip(target.test, target.train, strict=True):
        assert not set(scenes[test]) & set(scenes[train])
    assert (target.test.sum(0)[target.codes >= 0] == 1).all()  # every row is scored once
    for shuffled in target.shuffled:
        assert sorted(shuffled) == sorted(target.codes)


@pytest.mark.parametrize("values", [["a"] * 40, ["a", "b"]])
def test_one_class_or_too_few_rows_is_a_sentence(values: list[str]) -> None:
    with pytest.raises(CannotProbe):
        make_target("x", values, np.arange(len(values)), SplitPlan())


def test_layers_are_read_as_people_write_them() -> None:
    assert parse_layers("0,4,8-10").numbers == (0, 4, 8, 9, 10)
    with pytest.raises(UsageError, match="none of them"):
        parse_layers("first")


def test_scores_by_hand() -> None:
    codes = np.array([0, 1, 1, 0])
    test = np.array([[True, True, False, False], [False, False, True, True]])
    predicted = np.array([[0, 0, 9, 9], [9, 9, 1, 0]])
    scored = score(predicted, codes, test)
    assert (scored.n, scored.accuracy, scored.fold_accuracy) == (4, 0.75, (0.5, 1.0))
    assert scored.se == pytest.approx(0.25)
    assert score(predicted[:1], codes, test[:1]).se is None
    assert score(predicted, codes, test, min_n=5).accuracy is None
    graded = np.array([1.0, 0.0, np.nan, 1.0])
    assert list(subset_rows(graded, "wrong")) == [False, True, False, False]


def test_the_study_splits_rows_by_label() -> None:
    values = ["a"] * 60 + ["b"] * 40
    target = make_target("x", values, np.arange(100) // 2, SplitPlan("row", "seed"))
    test = target.test[0]
    assert test.sum() == 20 and (target.codes[test] == 1).sum() == 8


def test_wording_alone_gives_most_labels_away(asked: dict[str, list[Question]]) -> None:
    """What the controls are for: attention that says nothing but what the prompt says."""
    questions = asked["recognition_shape"]
    scenes = np.array([question.scene_id for question in questions])
    texts = [question.text for question in questions]
    bag = bag_of_words(texts)
    assert bag.std(axis=0).min() > 0
    truths = [question.ground_truth for question in questions]
    noise = np.random.default_rng(3).random((len(texts), 2, 6), dtype=np.float32)
    block = Block("recognition_shape", scenes, texts, truths, np.ones(len(texts)), (0, 1), noise)
    named = [question_labels("recognition_shape", q.text, q.ground_truth) for q in questions]
    targets = [
        make_target(label, [one[label] for one in named], scenes, SplitPlan())
        for label in ("answer", "concept")
    ]
    sweep = Sweep(block, targets, SplitPlan(permutations=99))
    found = {layer: sweep.layer(layer) for layer in (1, None)}
    for target in targets:
        test = sweep.tests(target)
        assert test is not None and test["layers"] == test["fold_layers"][:1] == [1]
        assert test["p_prompt"] == 1.0 and test["prompt_only"] > 0.97
    for rows in found.values():
        everything = {row["label"]: row for row in rows if row["subset"] == "all"}
        wrong = [row for row in rows if row["subset"] == "wrong"]
        assert everything["answer"]["prompt_only"] > 0.97  # "a circle shape" against "a circle"
        assert everything["concept"]["prompt_only"] > 0.97
        for row in everything.values():
            chance = 1 / row["n_classes"]
            assert row["n"] == row["n_samples"] == len(texts)
            assert abs(row["accuracy"] - chance) < 0.1 and abs(row["shuffled"] - chance) < 0.1
            assert 0 < row["se"] < 0.1 and len(row["fold_accuracy"]) == 5 and row["shuffled_sd"] > 0
        assert all(row["n"] == 0 and row["accuracy"] is None for row in wrong)
