"""Each flaw, where it is and where it is not."""

import json
from pathlib import Path

import pytest

from relcli.scenes.flaws import FLAW_WORDS, FLAWS, question_flaws
from relcli.scenes.parsing import parse_prompt
from relcli.scenes.scene import Entity, Relation, Scene
from tests.scenes.scenes_kit import scene_of

AB, BA = "the red circle with the blue square", "the blue square with the red circle"
AC, CB = "the red circle with the cyan circle", "the cyan circle with the blue square"
YES_NO = ("Yes", "No")


def flaws(category: str, stem: str, options: tuple[str, ...] = (), truth: str = "a)", **more) -> set[str]:
    found = question_flaws(category=category, stem=stem, options=options, ground_truth=truth, **more)
    assert all(name in FLAWS and detail for name, detail in found)
    assert len({name for name, _ in found}) == len(found)
    return {name for name, _ in found}


@pytest.mark.parametrize(
    "options, truth, flawed",
    [
        ((AB, BA, AC, CB), "a)", True),
        ((AC, AB, CB, BA), "d)", True),
        ((AB, AC, CB), "a)", False),
        ((AB, AC, f"{AB} and {AC}"), "a)", False),
        ((f"{AB} and {AC}", f"{AC} and {BA}", AC), "a)", True),
        ((AB, BA, AC, CB), "c)", False),  # two wrong ones that say the same
        ((AB, BA, AC, CB), "None", False),
        (("something", "else"), "a)", False),
        ((), "None", False),
    ],
)
def test_equivalent_option(options: tuple[str, ...], truth: str, flawed: bool) -> None:
    assert flaws("explicit_connection", "Which objects are connected", options, truth) == (
        {"equivalent_option"} if flawed else set()
    )


def test_equivalent_option_from_the_scene() -> None:
    scene = scene_of("red circle", "blue square", "cyan circle", arrows=((0, 1),))
    stem = "Which objects are connected"
    assert flaws("explicit_connection", stem, (BA, AC), "None", scene=scene) == {"equivalent_option"}
    assert flaws("explicit_connection", stem, (AB, AC), "a)", scene=scene) == set()


def test_two_axes() -> None:
    stem = "What is the position of the blue square with respect to the red circle"
    for dy, flawed in ((9, False), (10, True), (-10, True), (60, True)):
        entities = (
            Entity(0, "circle", "small", "red", (60, 100)),
            Entity(1, "square", "small", "blue", (150, 100 + dy)),
        )
        scene = Scene(0, entities, (Relation(0, 1, "right_of", False),))
        assert flaws("implicit_spatial", stem, scene=scene, entities=(1, 0)) == (
            {"two_axes"} if flawed else set()
        )
        assert flaws("implicit_spatial", stem, scene=scene) == set()  # unknown which two
    assert flaws("implicit_spatial", stem) == set()


def test_referent_not_unique() -> None:
    scene = scene_of("red circle", "red circle", "blue square", "cyan circle")
    spatial = "What is the position of the {} with respect to the {}"
    arrow = "Where does the arrow between the {} and {} point to"
    name = {"referent_not_unique"}
    for category, stem in (("implicit_spatial", spatial), ("explicit_arrow_direction", arrow)):
        assert flaws(category, stem.format("red circle", "blue square")) == set()
        assert flaws(category, stem.format("red circle", "red circle")) == name
        assert flaws(category, stem.format("red circle", "blue square"), scene=scene) == name
        assert flaws(category, stem.format("cyan circle", "blue square"), scene=scene) == set()
    connected = "Which objects are connected"
    assert flaws("explicit_connection", connected, (AB, CB), scene=scene) == name
    assert flaws("explicit_connection", connected, (CB,), scene=scene) == set()
    assert flaws("explicit_connection", connected, (AB, CB)) == set()
    assert flaws("recognition_shape_and_color", "Does this image have a red circle", scene=scene) == set()


def test_leaks_of_the_seed_set() -> None:
    shape, both = "recognition_shape", "recognition_shape_and_color"
    assert flaws(shape, "Does this image have a circle shape", YES_NO) == {"wording", "fixed_letter"}
    assert flaws(shape, "Does this image have a circle", YES_NO, "b)") == {"wording", "fixed_letter"}
    assert flaws(shape, "Does this image have a circle", YES_NO, "a)") == {"fixed_letter"}
    assert flaws(shape, "Does this image have a circle", ("No", "Yes"), "b)") == set()
    assert flaws("recognition_color", "Does this image have a red shape", YES_NO) == {"fixed_letter"}
    red = "Does this image have a red circle"
    assert flaws(both, red, YES_NO, "b)") == {"fixed_negative", "fixed_letter"}
    assert flaws(both, red, YES_NO, "a)") == {"fixed_letter"}
    scene = scene_of("blue square", "red square")
    blue = "Does this image have a blue circle"
    assert flaws(both, red, YES_NO, "b)", scene=scene) == {"fixed_negative", "fixed_letter"}
    assert flaws(both, blue, YES_NO, "b)", scene=scene) == {"fixed_letter"}
    arrow = "Where does the arrow between the red circle and blue square point to"
    forth, back = "from the red circle to the blue square", "from the blue square to the red circle"
    assert flaws("explicit_arrow_direction", arrow, (forth, back), "a)") == {"wording"}
    assert flaws("explicit_arrow_direction", arrow, (forth, back), "b)") == set()
    assert flaws("explicit_arrow_direction", arrow, (forth, back), "None") == set()


def test_leaks_belong_to_the_seed_set_alone() -> None:
    assert (
        flaws("recognition_shape", "Does this image have a circle", YES_NO, "b)", question_set="balanced")
        == set()
    )


def test_the_study_s_sample_from_its_text_alone() -> None:
    study = json.loads((Path(__file__).parent / "study_queries.json").read_text())
    found = []
    for item in study:
        for question in item["questions"]:
            parsed = parse_prompt(question["query"])
            names = flaws(question["query_type"], parsed.stem, parsed.options, question["ground_truth"])
            found.append((item["image_id"], question["query_type"], names))
    assert [image for image, kind, names in found if "equivalent_option" in names] == [0, 1]
    assert all("wording" in names for _, kind, names in found if kind == "recognition_shape")
    assert sum("fixed_negative" in names for _, _, names in found) == 4
    assert all(not names for _, kind, names in found if kind in ("count", "implicit_spatial"))


def test_every_flaw_is_explained_in_a_sentence():
    assert tuple(FLAW_WORDS) == FLAWS
    assert all(words.endswith(".") and len(words) < 90 for words in FLAW_WORDS.values())
