"""A reader without the picture: finds the leaks there are, finds none where there are none."""

import random
from dataclasses import replace

import pytest

from relcli.analysis.text_only import LEAST_SCENES, option_features, text_only_accuracy
from relcli.scenes.generation import make_sample
from relcli.scenes.questions import Question


@pytest.fixture(scope="module")
def asked() -> dict[tuple[str, str], list[Question]]:
    """Both sets' questions on 200 scenes, by set and category."""
    found: dict[tuple[str, str], list[Question]] = {}
    for scene_id in range(200):
        for question in make_sample(5, scene_id, ("seed", "balanced")).questions:
            found.setdefault((question.question_set, question.category), []).append(question)
    return found


@pytest.mark.parametrize(
    ("question_set", "category", "least", "most"),
    [
        # the study's leaks, known from how its questions are made
        ("seed", "recognition_shape", 0.99, 1.0),
        ("seed", "explicit_arrow_direction", 0.99, 1.0),
        ("seed", "recognition_shape_and_color", 0.9, 1.0),
        # and what the words do not tell
        ("seed", "recognition_color", 0.4, 0.62),
        ("seed", "implicit_spatial", 0.1, 0.4),
        ("balanced", "recognition_shape", 0.4, 0.62),
        ("balanced", "explicit_arrow_direction", 0.1, 0.34),
    ],
)
def test_the_reader_scores_what_the_wording_gives_away(asked, question_set, category, least, most) -> None:
    score = text_only_accuracy(asked[question_set, category])
    assert score is not None and least <= score.accuracy <= most
    assert score.n == len(asked[question_set, category]) and score.error is not None
    assert score == text_only_accuracy(asked[question_set, category])


def test_shuffled_truths_leave_nothing_to_read(asked) -> None:
    rng = random.Random(0)
    shuffled = [replace(q, ground_truth=rng.choice(["a)", "b)"])) for q in asked["seed", "recognition_shape"]]
    score = text_only_accuracy(shuffled)
    assert score is not None and 0.4 <= score.accuracy <= 0.6


def test_a_scene_stays_on_one_side() -> None:
    # One odd word a scene gives its truth away to whoever has seen the scene before; nobody has.
    rng = random.Random(1)
    questions = [
        Question(s, i, "seed", "count", "", f"is it zw{s}", ("left", "right"), truth)
        for s in range(60)
        for truth in [rng.choice(["a)", "b)"])]
        for i in range(6)
    ]
    score = text_only_accuracy(questions)
    assert score is not None and score.accuracy < 0.7


def test_none_is_an_answer_like_others_and_too_few_scenes_give_no_figure(asked) -> None:
    some = asked["seed", "recognition_color"][: 2 * LEAST_SCENES + 20]
    score = text_only_accuracy([replace(q, ground_truth="None") for q in some])
    assert score is not None and score.accuracy == score.constant == 1.0
    assert text_only_accuracy(some[:6]) is None
    assert text_only_accuracy([replace(q, options=()) for q in some]) is None


def test_objects_are_called_by_their_place_in_the_question(asked) -> None:
    question = asked["seed", "explicit_arrow_direction"][0]
    *options, none = option_features(question)
    right = options["abcd".index(question.ground_truth[0])]
    assert "pattern=from the #0 to the #1" in right and "none" in none


def test_the_truth_on_the_twins(asked) -> None:
    """Only questions with a twin count; None there is what the study's arrow questions mostly come to."""
    arrows = asked["seed", "explicit_arrow_direction"]
    score = text_only_accuracy(arrows, variant="masked")
    twins = [q for q in arrows if q.ground_truth_masked]
    nones = sum(q.ground_truth_masked == "None" for q in twins) / len(twins)
    assert score is not None and score.n == len(twins) < len(arrows)
    assert score.accuracy == pytest.approx(max(nones, 1 - nones), abs=0.15)  # source first, or None
    assert text_only_accuracy([replace(q, truths=()) for q in arrows], variant="masked") is None


def test_what_one_number_says_about_another_is_read() -> None:
    """3 beats 2, 4 beats 3 and 2 beats 4: no number alone tells that."""
    rng = random.Random(2)
    questions = []
    for scene in range(300):
        right, wrong = rng.choice(["32", "43", "24"])
        options = tuple(rng.sample([right, wrong], 2))
        truth = f"{'ab'[options.index(right)]})"
        questions.append(Question(scene, 0, "balanced", "count", "", "how many", options, truth))
    score = text_only_accuracy(questions)
    assert score is not None and score.accuracy > 0.95
