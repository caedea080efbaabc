"""The study's question set: each rule, its own words, and every answer against an oracle."""

import json
import math
import re
from collections import Counter
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relcli.scenes.masking import Twin, make_twin, mask_object, mask_relation
from relcli.scenes.parsing import parse_prompt
from relcli.scenes.questions import Question
from relcli.scenes.scene import Scene, derived_rng, generate_scene
from relcli.scenes.study_questions import ask_seed
from relcli.scenes.vocabulary import CATEGORIES, NAMES
from tests.scenes.scenes_kit import expected_answer, expected_masked, scene_of

STUDY = json.loads((Path(__file__).parent / "study_queries.json").read_text())


def ask(scene: Scene, twin: Twin | None = None, draw: int = 0) -> dict[str, list[Question]]:
    """The seed set by category."""
    asked: dict[str, list[Question]] = {}
    for question in ask_seed(scene, twin, derived_rng(draw, scene.scene_id, "questions/seed")):
        asked.setdefault(question.category, []).append(question)
    return asked


@cache
def samples(n: int, seed: int = 3) -> list[tuple[Scene, Twin | None, list[Question]]]:
    found = []
    for index in range(n):
        scene = generate_scene(seed, index)
        twin = make_twin(scene, seed)
        found.append((scene, twin, ask_seed(scene, twin, derived_rng(seed, index, "questions/seed"))))
    return found


@given(st.integers(0, 2**31), st.integers(0, 99_999))
def test_answers_order_and_options(seed: int, scene_id: int) -> None:
    scene = generate_scene(seed, scene_id)
    twin = make_twin(scene, seed)
    questions = ask_seed(scene, twin, derived_rng(seed, scene_id, "questions/seed"))
    assert questions == ask_seed(scene, twin, derived_rng(seed, scene_id, "questions/seed"))
    assert [question.question_index for question in questions] == list(range(len(questions)))
    places = [CATEGORIES.index(question.category) for question in questions]
    assert places == sorted(places)
    for question in questions:
        assert question.question_set == "seed" and question.scene_id == scene_id
        assert len(set(question.options)) == len(question.options)
        assert question.ground_truth == expected_answer(question, scene, scene) != "None"
        assert question.ground_truth_masked == expected_masked(question, scene, twin)
    counts = Counter(question.category for question in questions)
    assert counts["count"] == 1
    assert counts["explicit_connection"] == counts["explicit_arrow_direction"] == bool(scene.arrows)
    assert counts["implicit_spatial"] == (len(scene.arrows) < len(scene.relations))


def test_the_study_s_own_wording() -> None:
    """Its scene 0: a blue triangle with an arrow to a yellow rectangle; the twin lost the triangle."""
    scene = scene_of("blue triangle", "yellow rectangle", arrows=((0, 1),))
    asked = ask(scene, mask_object(scene, 0))
    theirs: dict[str, list[dict[str, str]]] = {}
    for question in STUDY[0]["questions"]:
        theirs.setdefault(question["query_type"], []).append(question)
    assert list(asked) == list(theirs)
    for category in ("recognition_shape", "recognition_color", "recognition_shape_and_color"):
        assert asked[category][0].text == theirs[category][0]["query"]
        for ours, study in zip(asked[category], theirs[category], strict=True):
            assert (ours.ground_truth, ours.ground_truth_masked) == (
                study["ground_truth"],
                study["ground_truth_masked"],
            )
    assert asked["recognition_shape_and_color"][1].text == theirs["recognition_shape_and_color"][1]["query"]
    for category in ("count", "explicit_connection", "explicit_arrow_direction"):
        ours, study = asked[category][0], theirs[category][0]["query"]
        lead, tail = study.split("a) ")[0], study[study.index(" Please") :]
        assert ours.text.startswith(lead) and ours.text.endswith(tail)
    truth = {category: questions[0] for category, questions in asked.items()}
    assert "the blue triangle with the yellow rectangle" in truth["explicit_connection"].options
    assert "from the blue triangle to the yellow rectangle" in truth["explicit_arrow_direction"].options
    offers_one = "1" in truth["count"].options
    assert (truth["count"].ground_truth_masked != "None") == offers_one


def test_shape_wording_differs_between_yes_and_no() -> None:
    yes, no = ask(scene_of("red circle", "blue square"))["recognition_shape"]
    assert yes.stem == "Does this image have a circle shape"
    assert no.stem in ("Does this image have a triangle", "Does this image have a rectangle")
    orange = ask(scene_of("orange circle", "blue square"))
    assert orange["recognition_color"][0].stem == "Does this image have a orange shape"
    assert orange["recognition_shape_and_color"][0].stem == "Does this image have a orange circle"


def test_yes_asks_about_the_first_entity_and_answers_by_what_is_left() -> None:
    scene = scene_of("red circle", "blue circle", "red square")
    asked = ask(scene, mask_object(scene, 0))
    shape, color, both = (asked[f"recognition_{kind}"][0] for kind in ("shape", "color", "shape_and_color"))
    assert (shape.entities, color.entities, both.entities) == ((0, 1), (0, 2), (0,))
    assert (shape.ground_truth_masked, color.ground_truth_masked, both.ground_truth_masked) == (
        "a)",
        "a)",
        "b)",
    )
    assert all(question.options == ("Yes", "No") for question in (shape, color, both))


def test_no_shape_is_asked_when_none_is_absent() -> None:
    asked = ask(scene_of("red circle", "red square", "red triangle", "red rectangle"))
    assert len(asked["recognition_shape"]) == 1
    assert len(asked["recognition_color"]) == 2


def test_negative_pair_is_the_first_absent_one() -> None:
    for names in (("blue square",), ("red circle",), ("red circle", "green circle"), NAMES[:5]):
        no = ask(scene_of(*names))["recognition_shape_and_color"][1]
        assert no.stem == f"Does this image have a {NAMES[len(names) if names[0] == NAMES[0] else 0]}"
        assert no.entities == ()


def test_negative_shape_and_colour_are_drawn_evenly() -> None:
    scene = scene_of("red circle", "blue square")
    shapes = Counter(ask(scene, draw=d)["recognition_shape"][1].stem.split()[-1] for d in range(400))
    colors = Counter(ask(scene, draw=d)["recognition_color"][1].stem.split()[-2] for d in range(600))
    assert set(shapes) == {"triangle", "rectangle"} and abs(shapes["triangle"] - 200) < 50
    assert len(colors) == 6 and all(abs(count - 100) < 46 for count in colors.values())


def test_count_options() -> None:
    offered: Counter[str] = Counter()
    letters: Counter[str] = Counter()
    for draw in range(800):
        (question,) = ask(scene_of("red circle", "blue square", "red square"), draw=draw)["count"]
        assert len(question.options) == 4 and "3" in question.options
        offered.update(question.options)
        letters[question.ground_truth] += 1
    assert set(offered) == set("012345678")
    assert all(abs(offered[n] - 300) < 80 for n in "01245678")
    assert all(abs(count - 200) < 60 for count in letters.values())


def test_count_masked() -> None:
    scene = scene_of("red circle", "blue square", "red square")
    for draw in range(40):
        (question,) = ask(scene, mask_object(scene, 1), draw)["count"]
        place = question.options.index("2") if "2" in question.options else None
        assert question.ground_truth_masked == ("None" if place is None else f"{'abcd'[place]})")


def test_spatial_asks_for_the_object_as_seen_from_the_subject() -> None:
    scene = scene_of("red circle", "blue square")
    (question,) = ask(scene)["implicit_spatial"]
    assert question.stem == "What is the position of the blue square with respect to the red circle"
    assert question.options == tuple(
        f"{side} the red circle" for side in ("above", "below", "to the left of", "to the right of")
    )
    assert (question.ground_truth, question.entities, question.relation_index) == ("d)", (1, 0), 0)


def test_spatial_masked_depends_on_the_objects_alone() -> None:
    scene = scene_of("red circle", "blue square", "cyan circle", arrows=((0, 1), (0, 2)))
    for twin, answer in (
        (mask_object(scene, 0), "d)"),  # 1 and 2 are still there
        (mask_object(scene, 1), "None"),
        (mask_object(scene, 2), "None"),
        (mask_relation(scene, 2), "d)"),
    ):
        (question,) = ask(scene, twin)["implicit_spatial"]
        assert question.relation_index == 2
        assert question.ground_truth_masked == answer.replace("d)", question.ground_truth)


def test_connection_lists_sorted_pairs_and_wrong_lists_of_the_same_length() -> None:
    scene = scene_of(
        "red circle", "blue square", "cyan circle", "red square", arrows=((0, 1), (1, 3), (0, 2))
    )
    (question,) = ask(scene)["explicit_connection"]
    truth = question.options["abcd".index(question.ground_truth[0])]
    assert truth == (
        "the blue square with the red square and the red circle with the blue square and "
        "the red circle with the cyan circle"
    )
    names = {entity.name for entity in scene.entities}
    for option in question.options:
        pairs = option.split(" and ")
        assert pairs == sorted(pairs) and len(set(pairs)) == 3
        for pair in pairs:
            first, second = pair.removeprefix("the ").split(" with the ")
            assert {first, second} <= names and first != second
    assert question.entities == (0, 1, 2, 3)


def test_connection_masked() -> None:
    scene = scene_of("red circle", "blue square", "cyan circle", arrows=((0, 1),))
    for twin, fits in (
        (mask_object(scene, 2), True),
        (mask_relation(scene, 1), True),
        (mask_relation(scene, 0), False),
        (mask_object(scene, 0), False),
    ):
        (question,) = ask(scene, twin)["explicit_connection"]
        assert question.ground_truth_masked == (question.ground_truth if fits else "None")


def test_wrong_options_fall_back_on_any_objects() -> None:
    """Two entities allow one wrong pair, the reversed one; the other two must come from outside."""
    for draw in range(30):
        asked = ask(scene_of("red circle", "blue square", arrows=((0, 1),)), draw=draw)
        arrow = asked["explicit_arrow_direction"][0].options
        assert "from the blue square to the red circle" in arrow
        own = [option for option in arrow if "red circle" in option and "blue square" in option]
        assert len(own) == 2 and len(arrow) == 4


def test_objects_that_share_a_name_never_hang() -> None:
    scene = scene_of("red circle", "red circle", "red circle", arrows=((0, 1), (0, 2), (1, 2)))
    for draw in range(20):
        asked = ask(scene, draw=draw)
        assert len(set(asked["explicit_connection"][0].options)) == 4
        assert len(set(asked["explicit_arrow_direction"][0].options)) == 4


def pairs_of(option: str) -> list[str]:
    return option.split(" and ")


def says_twice(option: str) -> bool:
    return len(set(pairs_of(option))) < len(pairs_of(option))


def test_wrong_connections_differ_in_entities_not_in_text() -> None:
    """Two red circles and one arrow to the square: what each of them is joined to may be said twice."""
    scene = scene_of("red circle", "red circle", "blue square", "cyan square", arrows=((0, 2), (2, 3)))
    repeated = 0
    for draw in range(300):
        (question,) = ask(scene, draw=draw)["explicit_connection"]
        assert len(set(question.options)) == 4
        for option in question.options:
            assert pairs_of(option) == sorted(pairs_of(option)) and len(pairs_of(option)) == 2
            # At most what different ids allow: two of one text, and the two circles among themselves.
            assert set(re.findall(r"\w+ (?:circle|square)", option)) <= {e.name for e in scene.entities}
        repeated += any(map(says_twice, question.options))
    # Of the 66 sets of two pairs five say one thing twice; three sets are drawn.
    expected = 1 - (61 / 66) ** 3
    assert abs(repeated / 300 - expected) < 4 * math.sqrt(expected * (1 - expected) / 300)


def test_own_objects_are_kept_to_while_ids_allow_it() -> None:
    """Six arrows among objects of two names: four different texts, yet twelve pairs of ids."""
    scene = scene_of(
        "red circle", "red circle", "blue square", "blue square",
        arrows=((0, 1), (0, 2), (0, 3), (1, 2), (1, 3), (2, 3)),
    )  # fmt: skip
    for draw in range(50):
        (question,) = ask(scene, draw=draw)["explicit_connection"]
        named = {name for option in question.options for name in re.findall(r"\w+ (?:circle|square)", option)}
        assert named == {"red circle", "blue square"} and len(set(question.options)) == 4


def test_foreign_pairs_come_after_fifty_one_attempts() -> None:
    """Two entities have one wrong pair. The other options are any objects', by the study's own example too:
    its scene 0 offers "the yellow square with the yellow square"."""
    scene = scene_of("blue triangle", "yellow rectangle", arrows=((0, 1),))
    same = 0
    for draw in range(400):
        (question,) = ask(scene, draw=draw)["explicit_connection"]
        own = [o for o in question.options if "blue triangle" in o and "yellow rectangle" in o]
        assert len(own) >= 2 and len(set(question.options)) == 4
        same += sum(len(set(o.removeprefix("the ").split(" with the "))) == 1 for o in question.options)
    assert 5 <= same <= 55  # of 800 foreign pairs one in 32 joins an object with itself


@pytest.mark.parametrize("item", STUDY, ids=lambda item: item["image_filename"])
def test_the_study_s_own_connections_keep_the_rule(item: dict) -> None:
    """What the rule says of its real rows: four texts, sorted lists of one length, truth among them."""
    for row in item["questions"]:
        if row["query_type"] == "explicit_connection":
            options = parse_prompt(row["query"]).options
            assert len(set(options)) == 4 and len({len(pairs_of(o)) for o in options}) == 1
            assert all(pairs_of(o) == sorted(pairs_of(o)) and not says_twice(o) for o in options)


SAID_TWICE = 156 / 2433
"""Connection questions with an option that says a pair twice, simulated by the study's own script."""


def share_said_twice(n: int, seed: int) -> tuple[float, int]:
    found = [
        any(map(says_twice, question.options))
        for _, _, asked in samples(n, seed)
        for question in asked
        if question.category == "explicit_connection"
    ]
    return sum(found) / len(found), len(found)


@pytest.mark.parametrize(
    "n", [pytest.param(2000, id="2000"), pytest.param(12_000, id="12000", marks=pytest.mark.slow)]
)
def test_as_many_options_say_a_pair_twice_as_in_the_study(n: int) -> None:
    share, asked = share_said_twice(n, 3)
    error = math.sqrt(SAID_TWICE * (1 - SAID_TWICE) * (1 / asked + 1 / 2433))
    assert abs(share - SAID_TWICE) < 2.6 * error


def test_arrow_masked_and_referents() -> None:
    scene = scene_of("red circle", "blue square", "cyan circle", arrows=((0, 2),))
    for twin, fits in (
        (None, None),
        (mask_relation(scene, 1), False),
        (mask_relation(scene, 0), True),
        (mask_object(scene, 1), True),
        (mask_object(scene, 2), False),
    ):
        (question,) = ask(scene, twin)["explicit_arrow_direction"]
        assert question.stem == "Where does the arrow between the red circle and cyan circle point to"
        assert (question.entities, question.relation_index) == ((0, 2), 1)
        expected = "" if fits is None else question.ground_truth if fits else "None"
        assert question.ground_truth_masked == expected


def test_the_study_s_simulated_shares() -> None:
    """9.4 questions a scene; 50% of connections have an equivalent option, 84% of spatial ones two axes."""
    found = samples(2000)
    questions = [question for _, _, asked in found for question in asked]
    assert abs(len(questions) / len(found) - 9.4) < 0.1
    for category, flaw, share in (
        ("explicit_connection", "equivalent_option", 0.50),
        ("implicit_spatial", "two_axes", 0.84),
        ("recognition_shape", "wording", 1.0),
        ("recognition_shape", "fixed_letter", 1.0),
        ("recognition_shape_and_color", "fixed_negative", 0.5),
        ("explicit_arrow_direction", "wording", 1.0),
    ):
        of_kind = [question for question in questions if question.category == category]
        measured = sum(flaw in question.flaws for question in of_kind) / len(of_kind)
        assert abs(measured - share) <= 5 * math.sqrt(share * (1 - share) / len(of_kind)), (
            category,
            flaw,
            measured,
        )


def test_one_entity_is_asked_what_can_be_asked() -> None:
    asked = ask(scene_of("red circle"))
    assert set(asked) == set(CATEGORIES[:4])
    assert asked["count"][0].ground_truth_masked == ""


@pytest.mark.parametrize("item", STUDY, ids=lambda item: item["image_filename"])
def test_the_study_s_numbers_of_questions(item: dict) -> None:
    """Between 8 and 10 a scene, in the order of our categories."""
    kinds = [question["query_type"] for question in item["questions"]]
    assert [CATEGORIES.index(kind) for kind in kinds] == sorted(CATEGORIES.index(kind) for kind in kinds)
