"""Probes: labels from the prompt, splits that keep pictures together, and fits that are scikit-learn's."""

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
from relcli.analysis.probing.splits import Plan
from relcli.analysis.probing.targets import CannotProbe, make_target
from relcli.errors import UsageError
from relcli.scenes.questions import compose

ARROW = compose(
    "Where does the arrow between the red circle and blue square point to",
    ("from the blue square to the red circle", "from the red circle to the blue square"),
)


def test_there_are_the_studys_34_labels() -> None:
    assert sum(map(len, LABELS.values())) == 33 + 1
    assert not any(label == "has_orange" for labels in LABELS.values() for label in labels)


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
