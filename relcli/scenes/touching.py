"""Whether what a variant of a scene shows otherwise is what a question asks about."""

from collections.abc import Collection

from relcli.scenes.scene import Scene


def edited_entities(raw: Scene, shown: Scene) -> frozenset[int]:
    """Ids of the entities that look or stand otherwise, are gone, or are new."""
    return frozenset(entity.id for entity in set(raw.entities) ^ set(shown.entities))


def edited_arrows(raw: Scene, shown: Scene) -> frozenset[tuple[int, int]]:
    """(source, target) of every arrow that is drawn in one of the two scenes only."""
    before, after = ({(a.subject_id, a.object_id) for a in scene.arrows} for scene in (raw, shown))
    return frozenset(before ^ after)


def touches(
    category: str, entities: Collection[int], relation_index: int | None, raw: Scene, shown: Scene
) -> bool:
    """Whether an object or arrow that differs between the two scenes is asked about.

    ``entities`` and ``relation_index`` are the question's. A count asks about every object, a connection
    about every arrow; of a recognition question that is answered with no only the truth can tell, so whoever
    knows it has to add whether that differs.
    """
    objects = edited_entities(raw, shown)
    if objects and (category == "count" or not objects.isdisjoint(entities)):
        return True
    arrows = edited_arrows(raw, shown)
    if category == "explicit_connection":
        return bool(arrows)
    if category != "explicit_arrow_direction" or relation_index is None:
        return False
    relation = raw.relations[relation_index]
    return (relation.subject_id, relation.object_id) in arrows
