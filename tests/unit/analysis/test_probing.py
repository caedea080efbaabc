"""Probes: labels from the prompt, splits that keep pictures together, and fits that are scikit-learn's."""

import csv
from collections import defaultdict

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

from relcli.analysis.probing.design import Design
from relcli.analysis.probing.fitting import fit
from relcli.analysis.probing.labels import LABELS, choose_labels, question_labels
from relcli.analysis.probing.layers import parse_layers
from relcli.analysis.probing.scoring import score, subset_rows
from relcli.analysis.probing.splits import Plan
from relcli.analysis.probing.sweep import Block, sweep
from relcli.analysis.probing.targets import CannotProbe, make_target
from relcli.analysis.probing.wording import bag_of_words
from relcli.errors import UsageError
from relcli.paths import assets_dir
from relcli.scenes.generation import make_sample
from relcli.scenes.questions import Question, compose

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


@pytest.mark.parametrize("n_classes", [2, 4])
def test_a_fit_is_scikit_learns(n_classes: int) -> None:
    rng = np.random.default_rng(n_classes)
    codes = rng.integers(0, n_classes, 240)
    features = rng.gamma(1.0, size=(240, 12)) + 0.7 * rng.normal(size=(n_classes, 12))[codes]
    train = np.arange(240) < 180
    ours = fit([Design(features)], codes[None], train[None], n_classes, 1.0)
    scaler = StandardScaler().fit(features[train])
    theirs = LogisticRegression(C=1.0, max_iter=5000, tol=1e-8).fit(
        scaler.transform(features[train]), codes[train]
    )
    agree = ours.predicted[0, 0] == theirs.predict(scaler.transform(features))
    assert agree.mean() > 0.99
    weights = ours.weights[0, 0]
    difference = weights[1] - weights[0] if n_classes == 2 else weights - weights.mean(0)
    expected = theirs.coef_[0] if n_classes == 2 else theirs.coef_ - theirs.coef_.mean(0)
    np.testing.assert_allclose(difference, expected, atol=0.02)


@settings(max_examples=30, deadline=None)
@given(st.integers(20, 60), st.integers(0, 1000))
def test_a_scene_stands_on_one_side_of_every_fold(n_scenes: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    scenes = np.repeat(np.arange(n_scenes), 3)
    values = [str(value) for value in rng.integers(0, 2, len(scenes))]
    target = make_target("x", values, scenes, Plan(seed=seed))
    for test, train in zip(target.test, target.train, strict=True):
        assert not set(scenes[test]) & set(scenes[train])
    assert (target.test.sum(0)[target.codes >= 0] == 1).all()  # every row is scored once
    assert sorted(target.shuffled[target.codes >= 0]) == sorted(target.codes[target.codes >= 0])


@pytest.mark.parametrize("values", [["a"] * 40, ["a", "b"]])
def test_one_class_or_too_few_rows_is_a_sentence(values: list[str]) -> None:
    with pytest.raises(CannotProbe):
        make_target("x", values, np.arange(len(values)), Plan())


def test_layers_are_read_as_people_write_them() -> None:
    assert parse_layers("0,4,8-10").numbers == (0, 4, 8, 9, 10)
    with pytest.raises(UsageError, match="none of them"):
        parse_layers("first")


def test_probes_in_a_batch_are_the_same_as_alone() -> None:
    """Two designs, three folds, one training part without a class: as each fitted by itself."""
    rng = np.random.default_rng(1)
    codes = rng.integers(0, 3, 150)
    designs = [Design(rng.normal(size=(150, 8)) + rng.normal(size=(3, 8))[codes]) for _ in range(2)]
    fold = np.arange(150) % 3
    train = np.stack([fold != 0, fold != 1, (fold != 2) & (codes != 2)])
    together = fit(designs, np.stack([codes] * 3), train, 3, 1.0, tolerance=1e-5)
    for place, design in enumerate(designs):
        for part in range(3):
            alone = fit([design], codes[None], train[part : part + 1], 3, 1.0, tolerance=1e-5)
            np.testing.assert_allclose(together.weights[place, part], alone.weights[0, 0], atol=2e-3)
            agree = together.predicted[place, part] == alone.predicted[0, 0]
            assert agree.mean() > 0.98
    assert not (together.predicted[:, 2] == 2).any()


def test_all_layers_side_by_side_need_no_rotation() -> None:
    """More features than Design turns, a stronger penalty: still scikit-learn's fit."""
    rng = np.random.default_rng(2)
    codes = rng.integers(0, 3, 200)
    features = rng.normal(size=(200, 1100)) + 0.3 * rng.normal(size=(3, 1100))[codes]
    features[:, 5] = 4.0  # constant: scikit-learn gives it no weight either
    train = np.arange(200) < 150
    ours = fit([Design(features)], codes[None], train[None], 3, 0.001, tolerance=1e-4)
    scaled = np.asarray(StandardScaler().fit(features[train]).transform(features))
    theirs = LogisticRegression(C=0.001, max_iter=5000, tol=1e-9).fit(scaled[train], codes[train])
    np.testing.assert_allclose(ours.weights[0, 0], theirs.coef_, atol=2e-4)
    assert (ours.predicted[0, 0] == theirs.predict(scaled)).all()


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
    target = make_target("x", values, np.arange(100) // 2, Plan("row", "seed"))
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
        make_target(label, [one[label] for one in named], scenes, Plan()) for label in ("answer", "concept")
    ]
    found = dict(sweep(block, targets, [1, None], Plan()))
    assert list(found) == [1, None]
    for rows in found.values():
        everything = {row["label"]: row for row in rows if row["subset"] == "all"}
        wrong = [row for row in rows if row["subset"] == "wrong"]
        assert everything["answer"]["prompt_only"] > 0.97  # "a circle shape" against "a circle"
        assert everything["concept"]["prompt_only"] > 0.97
        for row in everything.values():
            chance = 1 / row["n_classes"]
            assert row["n"] == row["n_samples"] == len(texts)
            assert abs(row["accuracy"] - chance) < 0.1 and abs(row["shuffled"] - chance) < 0.1
            assert 0 < row["se"] < 0.1 and len(row["fold_accuracy"]) == 5
        assert all(row["n"] == 0 and row["accuracy"] is None for row in wrong)
