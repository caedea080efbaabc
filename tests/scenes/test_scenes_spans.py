"""Where a prompt names what it asks about, from its words alone."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relcli.scenes.boxes import boxed
from relcli.scenes.generation import make_sample
from relcli.scenes.parsing import option_spans, parse_prompt
from relcli.scenes.questions import compose
from relcli.scenes.scene import BBox, Scene
from relcli.scenes.spans import labels_of, question_spans
from tests.examples import examples


def pieces(text: str, stem: str, options: tuple[str, ...]) -> list[tuple[str, str]]:
    return [(role, text[start:end]) for role, start, end in question_spans(text, stem, options)]


@pytest.mark.parametrize(
    ("stem", "named"),
    [
        ("Does this image have a red shape", ["red"]),
        ("Does this image have a square shape", ["square"]),
        ("Does this image have an orange circle", ["orange circle"]),
        ("Where is the red circle with respect to the blue square", ["red circle", "blue square"]),
        ("Where does the arrow between the red circle and red circle point to", ["red circle", "red circle"]),
        ("How many shapes are in this image", ["shapes"]),
        ("Which objects are connected", ["objects"]),
        ("IS THERE A RED\nCIRCLE", ["RED\nCIRCLE"]),
        ("Is the circled, reddish thing here", []),
        ("Is there a cat", []),
    ],
)
def test_mentions_in_the_stem(stem: str, named: list[str]):
    options = ("above the red circle", "No")
    found = pieces(compose(stem, options), stem, options)
    assert [text for role, text in found if role == "target"] == named
    assert [text for role, text in found if role == "stem_end"] == ["?"]
    assert [text for role, text in found if role == "options"] == list(options)


@pytest.mark.parametrize(
    ("stem", "labels", "named"),
    [
        ("On which side of the plate is the mug", ["mug"], ["mug"]),
        ("Is the red Mug left of the mugs", ["mug"], ["Mug", "mugs"]),
        ("Is the dining  table behind a table", ["table", "dining table"], ["dining  table", "table"]),
        ("Is the cart (old) there", ["cart (old)", "car"], ["cart (old)"]),
        ("Is the cat on a red chair", ["dog"], ["red"]),  # a label the stem lacks
        ("Is the cat here", ["dog"], []),
        ("Is the cat here", [], []),
    ],
)
def test_labels_of_boxes_are_mentions(stem: str, labels: list[str], named: list[str]):
    text = compose(stem, ("a mug", "No"))
    found = question_spans(text, stem, ("a mug", "No"), labels)
    assert [text[start:end] for role, start, end in found if role == "target"] == named


def test_only_boxed_objects_asked_about_lend_their_labels():
    box = BBox(0, 0, 9, 9)
    scene = Scene(0, (boxed(0, "mug", box), boxed(1, " ", box), boxed(2, "plate", box)), (), 20, 20)
    assert labels_of((0, 1), scene) == ("mug",)
    assert labels_of((0, 1), None) == ()
    assert labels_of((0, 1, 2), make_sample(3, 1).scene) == ()


@given(st.integers(0, 500), st.sampled_from(["seed", "balanced"]))
@settings(max_examples=examples(25), deadline=None)
def test_every_question_of_a_scene_names_something_ends_and_has_its_options(scene: int, which: str):
    for question in make_sample(3, scene, question_sets=(which,)).questions:
        found = pieces(question.text, question.stem, question.options)
        roles = [role for role, _ in found]
        assert "target" in roles
        assert roles.count("stem_end") == 1
        assert [text for role, text in found if role == "options"] == list(question.options)
        spans = question_spans(question.text, question.stem, question.options)
        assert all(span.end <= len(question.stem) for span in spans if span.role == "target")
        # A stem read back from the text tells the same.
        parsed = parse_prompt(question.text)
        assert question_spans(question.text, parsed.stem, parsed.options) == spans


@given(st.text(max_size=40), st.text(max_size=20), st.lists(st.text(max_size=5), max_size=4))
@settings(max_examples=examples(80), deadline=None)
def test_any_text_has_spans_within_it(text: str, stem: str, options: list[str]):
    for span in question_spans(text, stem, options):
        assert 0 <= span.start < span.end <= len(text)


def test_a_text_without_a_question_mark_has_no_stem_end():
    assert pieces("Name the red circle.", "Name the red circle.", ()) == [("target", "red circle")]
    assert pieces("  Is it red ? yes?", "Is it red ?", ())[-1] == ("stem_end", "?")
    assert question_spans("  Is it red ? yes?", "Is it red ?", ())[-1].start == 12


@settings(deadline=None)
@given(
    st.text("ab) x\t\n\u2003.*", max_size=40),
    st.lists(st.text("ab) x\t.*", max_size=4), max_size=3).map(tuple),
)
def test_options_stand_where_a_pattern_of_each_finds_them(listed: str, options: tuple[str, ...]):
    expected, at = [], 0
    for letter, option in zip("abc", options, strict=False):
        found = re.compile(rf"{letter}\)\s*{re.escape(option)}").search(listed, at) if option else None
        if found is not None:
            at = found.end()
            expected.append((at - len(option), at))
    assert option_spans(listed, options) == expected
