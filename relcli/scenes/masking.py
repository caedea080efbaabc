"""Masked twins: the same scene with one object or one relation taken away, as in the study."""

from dataclasses import dataclass, replace

from relcli.scenes.scene import MIN_ENTITIES, Scene, derived_rng


@dataclass(frozen=True, slots=True)
class Twin:
    """A scene after an edit and what was edited.

    ``kind`` says how. Masked are an ``object`` (``entity_id`` is gone with every relation that touched it) or
    a ``relation`` (``relation_index`` counts the raw scene's relations; the relation stays in ``scene``,
    marked masked). For the other kinds see ``editing.py``.
    ``changed``: whether the two pictures differ; masking a relation without an arrow changes nothing.
    """

    scene: Scene
    kind: str
    entity_id: int | None
    relation_index: int | None
    relation: str | None
    was_explicit: bool | None
    changed: bool


def make_twin(scene: Scene, seed: int, *, domain: str = "generate") -> Twin | None:
    """Draw the scene's twin by lot; None where fewer than two entities would be left."""
    rng = derived_rng(seed, scene.scene_id, "twin", domain)
    if rng.random() < 0.5:
        entity = rng.choice(scene.entities)
        if len(scene.entities) - 1 < MIN_ENTITIES:
            return None
        return mask_object(scene, entity.id)
    if len(scene.entities) < MIN_ENTITIES:
        return None
    return mask_relation(scene, rng.randrange(len(scene.relations)))


def mask_object(scene: Scene, entity_id: int) -> Twin:
    """The twin without this entity and the relations that touch it; other ids are kept."""
    left = Scene(
        scene.scene_id,
        tuple(entity for entity in scene.entities if entity.id != entity_id),
        tuple(
            relation
            for relation in scene.relations
            if entity_id not in (relation.subject_id, relation.object_id)
        ),
        *scene.size,
    )
    return Twin(left, "object", entity_id, None, None, None, changed=True)


def mask_relation(scene: Scene, index: int) -> Twin:
    """The twin in which relation number ``index`` is marked masked and its arrow, if any, not drawn."""
    relation = scene.relations[index]
    relations = list(scene.relations)
    relations[index] = replace(relation, masked=True)
    twin = replace(scene, relations=tuple(relations))
    return Twin(
        twin, "relation", None, index, relation.relation, relation.explicit, changed=relation.explicit
    )
