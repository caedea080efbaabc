"""Twins: what is taken, what stays, and when there is none."""

from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from relcli.scenes.masking import make_twin, mask_object, mask_relation
from relcli.scenes.rendering import render
from relcli.scenes.scene import generate_scene
from tests.examples import examples
from tests.scenes.scenes_kit import scene_of


def test_object_goes_with_its_relations() -> None:
    scene = scene_of("red circle", "blue square", "green circle", arrows=((0, 1), (1, 2)))
    twin = mask_object(scene, 0)
    assert [entity.id for entity in twin.scene.entities] == [1, 2]
    assert twin.scene.relations == (scene.relations[2],)
    assert (twin.kind, twin.entity_id, twin.relation_index, twin.changed) == ("object", 0, None, True)


def test_relation_stays_but_is_marked() -> None:
    scene = scene_of("red circle", "blue square", "green circle", arrows=((0, 1),))
    twin = mask_relation(scene, 0)
    assert twin.scene.entities == scene.entities
    assert [relation.masked for relation in twin.scene.relations] == [True, False, False]
    assert twin.scene.arrows == ()
    assert (twin.kind, twin.relation_index, twin.relation, twin.was_explicit) == (
        "relation",
        0,
        "right_of",
        True,
    )
    assert twin.changed and not mask_relation(scene, 1).changed


@settings(max_examples=examples(60))
@given(st.integers(0, 10**6), st.integers(0, 10**4))
def test_changed_means_that_the_pictures_differ(seed: int, scene_id: int) -> None:
    scene = generate_scene(seed, scene_id)
    twin = make_twin(scene, seed)
    assert twin == make_twin(scene, seed)
    if twin is None:
        assert len(scene.entities) <= 2
        return
    assert len(twin.scene.entities) >= 2
    assert (render(scene).tobytes() != render(twin.scene).tobytes()) == twin.changed


def test_half_objects_half_relations() -> None:
    scenes = [generate_scene(5, index) for index in range(2000)]
    twins = [(scene, make_twin(scene, 5)) for scene in scenes]
    large = [twin for scene, twin in twins if len(scene.entities) > 2]
    kinds = Counter(twin.kind for twin in large if twin)
    assert None not in large and abs(kinds["object"] / len(large) - 0.5) < 0.06
    small = [twin for scene, twin in twins if len(scene.entities) == 2]
    assert all(twin is None or twin.kind == "relation" for twin in small)
    assert abs(small.count(None) / len(small) - 0.5) < 0.12
    assert all(twin is None for scene, twin in twins if len(scene.entities) == 1)


def test_one_entity_has_no_twin() -> None:
    assert all(make_twin(scene_of("red circle"), seed) is None for seed in range(20))
