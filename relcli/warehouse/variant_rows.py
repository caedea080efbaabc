"""Variants of scenes as table rows (all but the data set's name), and back.

Of what a variant shows, only what differs from the raw picture has rows: an edit is small.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from relcli.scenes.boxes import BoxedEntity, boxed
from relcli.scenes.items import Dataset, DatasetItem, Picture, Variant
from relcli.scenes.masking import Twin, mask_relation
from relcli.scenes.questions import Question, Truth
from relcli.scenes.scene import BBox, Entity, Relation, Scene
from relcli.scenes.vocabulary import BLANK, RAW, in_order

Row = dict[str, Any]


def variant_rows(dataset: Dataset) -> Iterator[Row]:
    """Rows of table `variant`."""
    for name in dataset.variants:
        graded_as = RAW if name == BLANK else name
        yield {"variant": name, "kind": dataset.kind_of(name), "graded_as": graded_as}


def picture_rows(item: DatasetItem) -> Iterator[Row]:
    """Rows of table `picture`; reads the pictures. Raises RelcliError if one can't be read."""
    yield {
        "scene_id": item.scene_id,
        "variant": RAW,
        "image_filename": item.image_filename,
        "image": item.png if item.image.known else None,
    }
    for variant in item.variants:
        twin = variant.twin
        yield {
            "scene_id": item.scene_id,
            "variant": variant.name,
            "image_filename": item.filename(variant.name),
            "image": variant.image.png() if variant.image.known else None,
            "differs": item.differs(variant.name),
            "edit": None if twin is None else twin.kind,
            "entity_id": None if twin is None else twin.entity_id,
            "relation_index": None if twin is None else twin.relation_index,
            **_own_size(item, variant.name),
        }


def _own_size(item: DatasetItem, variant: str) -> Row:
    width, height = item.size_of(variant)
    return {} if (width, height) == (item.width, item.height) else {"width": width, "height": height}


def edited_rows(scene: Scene, variant: str, twin: Twin) -> dict[str, list[Row]]:
    """Rows of `variant_entity` and `variant_relation`: what a variant shows otherwise than the scene."""
    key = {"scene_id": scene.scene_id, "variant": variant}
    raw, shown = ({entity.id: entity for entity in each.entities} for each in (scene, twin.scene))
    entities = []
    for at in sorted({*raw, *shown}):
        # On a picture of another size the same pixels are another place.
        if raw.get(at) != (entity := shown.get(at)) or scene.size != twin.scene.size:
            columns = {} if entity is None else entity_columns(entity)
            entities.append({**key, "entity_id": at, "is_there": entity is not None, **columns})
    relations = []
    after = shown_relations(scene, twin)
    before: Sequence[Relation | None] = scene.relations
    for index in range(max(len(before), len(after))):
        was, now = (each[index] if index < len(each) else None for each in (before, after))
        if was != now:
            columns = {} if now is None else relation_columns(now)
            relations.append({**key, "relation_index": index, "is_there": now is not None, **columns})
    return {"variant_entity": entities, "variant_relation": relations}


def shown_relations(scene: Scene, twin: Twin) -> list[Relation | None]:
    """A variant's relations at the scene's own places, new ones behind them; None where one is masked or
    gone with an end of it."""
    if twin.kind != "object":
        return [None if relation.masked else relation for relation in twin.scene.relations]
    left = {entity.id for entity in twin.scene.entities}
    return [r if {r.subject_id, r.object_id} <= left else None for r in scene.relations]


def entity_columns(entity: Entity) -> Row:
    """Columns of an object that are about itself."""
    box = entity.bbox
    own = isinstance(entity, BoxedEntity)
    return {
        "shape": None if own else entity.shape,
        "size": None if own else entity.size,
        "color": None if own else entity.color,
        "name": entity.label if own else entity.name,
        "center_x": entity.center[0],
        "center_y": entity.center[1],
        "x_min": box.x_min,
        "y_min": box.y_min,
        "x_max": box.x_max,
        "y_max": box.y_max,
    }


def relation_columns(relation: Relation) -> Row:
    """Columns of a relation that are about itself."""
    return {
        "subject_id": relation.subject_id,
        "object_id": relation.object_id,
        "relation": relation.relation,
        "explicit": relation.explicit,
    }


def to_entity(row: Mapping[str, Any]) -> Entity:
    """An object from its row."""
    if row["shape"] is None:
        return boxed(row["entity_id"], row["name"] or "", BBox(*(row[side] for side in BBox._fields)))
    center = row["center_x"], row["center_y"]
    return Entity(row["entity_id"], row["shape"], row["size"], row["color"], center)


def to_relation(row: Mapping[str, Any]) -> Relation:
    """A relation from its row."""
    return Relation(row["subject_id"], row["object_id"], row["relation"], row["explicit"])


def truth_rows(question: Question) -> Iterator[Row]:
    """Rows of table `question_truth`."""
    key = {"scene_id": question.scene_id, "question_index": question.question_index}
    yield {**key, "variant": RAW, "ground_truth": question.ground_truth}
    for truth in question.truths:
        yield {**key, "variant": truth.variant, "ground_truth": truth.answer, "touched": truth.touched}


def to_truths(rows: Iterable[Mapping[str, Any]]) -> tuple[str, tuple[Truth, ...]]:
    """The truth on the raw picture and those on its variants, in their order."""
    by_variant = {row["variant"]: row for row in rows}
    raw = by_variant.pop(RAW)["ground_truth"]
    ordered = (by_variant[name] for name in in_order(by_variant))
    return raw, tuple(Truth(row["variant"], row["ground_truth"], row["touched"]) for row in ordered)


def to_variants(
    scene: Scene | None,
    pictures: Iterable[Mapping[str, Any]],
    entities: Iterable[Mapping[str, Any]],
    relations: Iterable[Mapping[str, Any]],
) -> tuple[Variant, ...]:
    """A scene's variants, in their order, from its rows in `picture`, `variant_entity` and
    `variant_relation`."""
    by_name = {row["variant"]: row for row in pictures if row["variant"] != RAW}
    edited, joined = list(entities), list(relations)
    variants = []
    for name in in_order(by_name):
        row = by_name[name]
        twin = None
        if scene is not None and row["edit"] is not None:
            mine = ([each for each in some if each["variant"] == name] for some in (edited, joined))
            twin = _to_twin(scene, row, *mine)
        variants.append(Variant(name, Picture(row["image"], row["image_filename"]), twin))
    return tuple(variants)


def _to_twin(
    scene: Scene,
    row: Mapping[str, Any],
    entities: Sequence[Mapping[str, Any]],
    relations: Sequence[Mapping[str, Any]],
) -> Twin:
    edit, index, changed = row["edit"], row["relation_index"], bool(row["differs"])
    if edit == "relation":
        return replace(mask_relation(scene, index), changed=changed)
    shown = {entity.id: entity for entity in scene.entities}
    for each in entities:
        shown.pop(each["entity_id"], None)
    there = {each["entity_id"]: to_entity(each) for each in entities if each["is_there"]}
    in_place = [there.pop(entity.id, shown.get(entity.id)) for entity in scene.entities]
    drawn = dict[int, Relation](enumerate(scene.relations))
    for each in relations:
        drawn.pop(each["relation_index"], None)
    drawn |= {each["relation_index"]: to_relation(each) for each in relations if each["is_there"]}
    left = Scene(
        scene.scene_id,
        (*(entity for entity in in_place if entity is not None), *(there[at] for at in sorted(there))),
        tuple(drawn[at] for at in sorted(drawn)),
        row.get("width") or scene.width,
        row.get("height") or scene.height,
    )
    return Twin(left, edit, row["entity_id"], index, None, None, changed)
