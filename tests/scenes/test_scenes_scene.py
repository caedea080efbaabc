"""Rules of the lot: what scenes may look like, and that they never depend on how many are made."""

import math
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relcli.scenes.scene import BBox, Entity, derived_rng, direction, generate_scene
from relcli.scenes.vocabulary import (
    CATEGORIES,
    COLORS,
    SHAPES,
    SIZES,
    nearest_category,
)
from tests.scenes.scenes_kit import direction_between

SEEDS = st.integers(0, 2**31)
SCENE_IDS = st.integers(0, 99_999)


@given(SEEDS, SCENE_IDS)
def test_rules_of_a_scene(seed: int, scene_id: int) -> None:
    scene = generate_scene(seed, scene_id)
    assert scene == generate_scene(seed, scene_id)
    assert scene.scene_id == scene_id
    assert 1 <= len(scene.entities) <= 5
    assert [entity.id for entity in scene.entities] == list(range(len(scene.entities)))
    for entity in scene.entities:
        assert entity.shape in SHAPES and entity.color in COLORS
        assert entity.radius == SIZES[entity.size]
        assert all(50 <= value <= 174 for value in entity.center)
    pairs = [(a, b) for a in scene.entities for b in scene.entities if a.id < b.id]
    for a, b in pairs:
        assert math.dist(a.center, b.center) >= a.radius + b.radius + 10
    assert [(r.subject_id, r.object_id) for r in scene.relations] == [(a.id, b.id) for a, b in pairs]
    for relation, (a, b) in zip(scene.relations, pairs, strict=True):
        assert relation.relation == direction_between(a, b)
        assert not relation.masked
    assert scene.arrows == tuple(relation for relation in scene.relations if relation.explicit)


@pytest.mark.parametrize(
    "dx, dy, label",
    [
        (60, 10, "right_of"),
        (-60, 59, "left_of"),
        (10, -60, "above"),
        (59, 60, "below"),
        (60, 60, "below"),  # a tie goes to the vertical
        (60, -60, "above"),
        (-60, 60, "below"),
    ],
)
def test_direction_tells_where_the_object_lies(dx: int, dy: int, label: str) -> None:
    subject = Entity(0, "circle", "small", "red", (100, 100))
    target = Entity(1, "circle", "small", "red", (100 + dx, 100 + dy))
    assert direction(subject, target) == label


def test_lots_are_even() -> None:
    scenes = [generate_scene(11, index) for index in range(3000)]
    entities = [entity for scene in scenes for entity in scene.entities]
    for counts, share in (
        (Counter(entity.shape for entity in entities), 1 / 4),
        (
            Counter(scene.entities[0].size for scene in scenes),
            1 / 3,
        ),  # large later ones are dropped more often
        (Counter(entity.color for entity in entities), 1 / 8),
        (Counter(relation.explicit for scene in scenes for relation in scene.relations), 1 / 2),
    ):
        n = counts.total()
        for count in counts.values():
            assert abs(count - n * share) < 5 * math.sqrt(n * share * (1 - share))
    firsts = [scene.entities[0].center for scene in scenes]
    for axis in (0, 1):
        values = [center[axis] for center in firsts]
        assert min(values) == 50 and max(values) == 174
        assert abs(sum(values) / len(values) - 112) < 5 * 36 / math.sqrt(len(values))
    sizes = Counter(len(scene.entities) for scene in scenes)
    spread = 5 * math.sqrt(3000 * 0.25 * 0.75)
    # Some entities find no room, so scenes with five are rarer than a quarter and some have one.
    assert sizes[5] < 750 + spread and sizes[2] > 750 - spread
    assert set(sizes) == {1, 2, 3, 4, 5} and sizes[1] < 30


def test_seeds_purposes_and_domains_are_apart_and_fixed_for_good() -> None:
    assert derived_rng(7, 17, "scene").getrandbits(64) == 8770987882742254061
    draws = {
        derived_rng(seed, scene_id, purpose, domain).getrandbits(64)
        for seed in (0, 1)
        for scene_id in (0, 1, 10)
        for purpose in ("scene", "twin", "questions/seed", "questions/balanced")
        for domain in ("generate", "train")
    }
    assert len(draws) == 48
    assert generate_scene(0, 3) != generate_scene(0, 3, domain="train")
    scene = generate_scene(0, 0)
    assert [(entity.name, entity.size, entity.center) for entity in scene.entities] == [
        ("yellow square", "large", (63, 102)),
        ("purple square", "medium", (143, 101)),
        ("magenta triangle", "medium", (110, 171)),
    ]


def test_entity_lookup_and_boxes() -> None:
    scene = generate_scene(0, 0)
    assert scene.entity(1).name == "purple square"
    with pytest.raises(KeyError):
        scene.entity(9)
    boxes = {shape: Entity(0, shape, "medium", "red", (100, 100)).bbox for shape in SHAPES}
    assert boxes == {
        "circle": BBox(70, 70, 130, 130),
        "square": BBox(70, 70, 130, 130),
        "rectangle": BBox(85, 78, 115, 122),
        "triangle": BBox(74, 70, 125, 115),
    }


def test_nearest_category() -> None:
    assert nearest_category("recognition_colour") == "recognition_color"
    assert nearest_category("Spatial") == "implicit_spatial"
    assert nearest_category("???") in CATEGORIES
