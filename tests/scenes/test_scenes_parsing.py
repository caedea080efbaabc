"""Prompts taken apart: both sets, the study's own file, and whatever else people ask."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relcli.scenes.generation import make_sample
from relcli.scenes.parsing import mentions, option_pairs, parse_prompt
from relcli.scenes.questions import compose
from relcli.scenes.referents import find_referents
from relcli.scenes.vocabulary import CLOSING
from tests.scenes.scenes_kit import scene_of

STUDY = json.loads((Path(__file__).parent / "study_queries.json").read_text())


@given(st.integers(0, 2**31), st.integers(0, 99_999))
def test_both_sets_read_back(seed: int, scene_id: int) -> None:
    for question in make_sample(seed, scene_id, ("seed", "balanced")).questions:
        parsed = parse_prompt(question.text)
        assert (parsed.stem, parsed.options, parsed.category) == (
            question.stem,
            question.options,
            question.category,
        )
        assert parse_prompt(question.text.lower()).category == question.category


def test_the_study_s_file_reads() -> None:
    questions = [question for item in STUDY for question in item["questions"]]
    assert len(questions) == 37
    for question in questions:
        parsed = parse_prompt(question["query"])
        assert parsed.category == question["query_type"]
        assert compose(parsed.stem, parsed.options) == question["query"]
        assert len(parsed.options) == (2 if "recognition" in question["query_type"] else 4)


@pytest.mark.parametrize(
    "text, names",
    [
        ("Does this image have a red circle", (("red", "circle"),)),
        ("Does this image have a Red shape", (("red", None),)),
        ("Does this image have a circle shape", ((None, "circle"),)),
        ("between the red circle and cyan triangle", (("red", "circle"), ("cyan", "triangle"))),
        ("a reddish circular thing", ()),
    ],
)
def test_mentions(text: str, names: tuple) -> None:
    assert mentions(text) == names


@pytest.mark.parametrize(
    "text, stem, options",
    [
        ("", "", ()),
        ("Describe the picture.", "Describe the picture.", ()),
        ("What is this?", "What is this", ()),
        ("Which one? a) red b) blue", "Which one", ("red", "blue")),
        ("Which one?\n(a) red\n(b) blue\nAnswer with the letter only.", "Which one", ("red", "blue")),
        ("Pick? Here are your options: a) x b) y c) z Please reply with one.", "Pick", ("x", "y", "z")),
        (f"Pick? Here are your options: a) x {CLOSING.upper()}", "Pick", ("x",)),
        ("Is it a) or c)", "Is it", ("or c)",)),
        ("Pick? Here are your options: none", "Pick", ()),
    ],
)
def test_unknown_wordings(text: str, stem: str, options: tuple[str, ...]) -> None:
    parsed = parse_prompt(text)
    assert (parsed.stem, parsed.options, parsed.category) == (stem, options, None)


@given(st.text(max_size=200))
def test_never_fails(text: str) -> None:
    parse_prompt(text)
    parse_prompt(f"{text}? Here are your options: a) {text} b) {text}")
    option_pairs(text)


def test_option_pairs() -> None:
    both = option_pairs("the red circle with the blue square and the cyan circle with the red circle")
    assert both == {frozenset({"red circle", "blue square"}), frozenset({"cyan circle", "red circle"})}
    assert option_pairs("the blue square with the red circle") == option_pairs(
        "the red circle with the blue square"
    )
    assert option_pairs("from the red circle to the blue square") is None
    assert option_pairs("Yes") is None


@given(st.integers(0, 2**31), st.integers(0, 99_999))
def test_referents_are_found_again_or_left_open(seed: int, scene_id: int) -> None:
    """The text and the true option give what was asked; where names repeat it may be left open."""
    sample = make_sample(seed, scene_id, ("seed", "balanced"))
    names = [entity.name for entity in sample.scene.entities]
    for question in sample.questions:
        found = find_referents(
            question.category, parse_prompt(question.text), question.ground_truth, sample.scene
        )
        asked = (question.entities, question.relation_index)
        assert found == asked or (found == ((), None) and len(set(names)) < len(names))


def test_referents_of_a_question_that_does_not_fit_the_scene() -> None:
    scene = scene_of("red circle", "blue square", arrows=((0, 1),))
    for text, category in (
        (
            "What is the position of the cyan circle with respect to the red circle? a) above",
            "implicit_spatial",
        ),
        ("Where does the arrow between the cyan circle and red circle point to?", "explicit_arrow_direction"),
        ("Where does it point to?", "explicit_arrow_direction"),
        ("Is there anything?", "recognition_shape"),
    ):
        assert find_referents(category, parse_prompt(text), "a)", scene) == ((), None)
