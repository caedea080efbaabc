"""Annotation files: scenes and twins as JSON and back, in the study's layout."""

from dataclasses import fields
from typing import Any, Final

from relcli.scenes.boxes import BoxedEntity, boxed
from relcli.scenes.editing import EDITS
from relcli.scenes.masking import Twin
from relcli.scenes.records import Record
from relcli.scenes.scene import BBox, Entity, Relation, Scene
from relcli.scenes.touching import edited_arrows, edited_entities
from relcli.scenes.vocabulary import COLORS, IMAGE_SIZE, RELATIONS, SHAPES, SIZES

KINDS: Final = ("object", "relation")
"""What can be masked."""
UNNAMED: Final = "other"
"""The kind of a twin whose annotation doesn't say what was edited."""
_OF_RELATION = tuple(field.name for field in fields(Relation))
_SIZE_OF_PIXELS = {pixels: name for name, pixels in SIZES.items()}


def scene_to_json(scene: Scene, image_filename: str) -> dict[str, Any]:
    """A scene as its annotation file holds it."""
    return {
        "image_id": scene.scene_id,
        "image_filename": image_filename,
        **({} if scene.size == (IMAGE_SIZE, IMAGE_SIZE) else {"width": scene.width, "height": scene.height}),
        "num_entities": len(scene.entities),
        "entities": [_entity_to_json(entity) for entity in scene.entities],
        "relations": [
            {name: getattr(relation, name) for name in _OF_RELATION if name != "masked" or relation.masked}
            for relation in scene.relations
        ],
    }


def _entity_to_json(entity: Entity) -> dict[str, Any]:
    if isinstance(entity, BoxedEntity):
        return {"id": entity.id, "label": entity.label, "bbox": entity.bbox._asdict()}
    return {
        "id": entity.id,
        "shape": entity.shape,
        "size": entity.size,
        "color": entity.color,
        "center": list(entity.center),
        "bbox": entity.bbox._asdict(),
    }


def twin_to_json(twin: Twin, masked_filename: str) -> dict[str, Any]:
    """A twin as its annotation file holds it: what is left, and what was masked; of a masked picture that was
    not made here what it shows."""
    if twin.kind not in KINDS:
        return variant_to_json(twin, masked_filename)
    if twin.kind == "object":
        item: dict[str, Any] = {"entity_id": twin.entity_id}
    else:
        item = {
            "relation_index": twin.relation_index,
            "relation": twin.relation,
            "was_explicit": twin.was_explicit,
        }
    info = {"type": twin.kind, "masked_item": item}
    return {**scene_to_json(twin.scene, masked_filename), "masking_info": info}


def variant_to_json(twin: Twin, filename: str) -> dict[str, Any]:
    """Any other variant as its annotation file holds it: what it shows, and what was edited."""
    info = {"edit": twin.kind, "entity_id": twin.entity_id, "relation_index": twin.relation_index}
    return {
        **scene_to_json(twin.scene, filename),
        "edit_info": {name: value for name, value in info.items() if value is not None},
    }


def scene_from_json(data: Any, where: str, scene_id: int) -> Scene:
    """Read an annotation; ``where`` names the file. The boxes of shapes are not read, they follow from these.

    Raises RelcliError naming file, item and field for whatever breaks the schema.
    """
    record = Record(data, where)
    size = (IMAGE_SIZE, IMAGE_SIZE)
    if record.has("width") or record.has("height"):
        size = record.integer("width"), record.integer("height")
        if min(size) < 1:
            record.fail("width", f"a picture can't have {size[0]} x {size[1]} pixels")
    entities: dict[int, Entity] = {}
    for item in record.records("entities", "entity"):
        entity = _boxed(item, size) if item.has("label") and not item.has("shape") else _entity(item)
        if entity.id in entities:
            item.fail("id", f"{entity.id} stands twice")
        entities[entity.id] = entity
    relations = tuple(_relation(item, entities) for item in record.records("relations", "relation"))
    return Scene(scene_id, tuple(entities.values()), relations, *size)


def twin_from_json(data: Any, where: str, raw: Scene) -> Twin:
    """Read a twin's annotation and hold it against the raw scene. Raises as ``scene_from_json`` does."""
    if "edit_info" in Record(data, where).data:
        return variant_from_json(data, where, raw)
    scene = scene_from_json(data, where, raw.scene_id)
    info = Record(data, where).record("masking_info")
    kind, item = info.text("type", KINDS), info.record("masked_item")
    if kind == "object":
        entity_id = item.integer("entity_id")
        if all(entity.id != entity_id for entity in raw.entities):
            item.fail("entity_id", f"the scene has no entity {entity_id}")
        if any(entity.id == entity_id for entity in scene.entities):
            item.fail("entity_id", f"entity {entity_id} is still among the entities")
        return Twin(scene, "object", entity_id, None, None, None, changed=True)
    index = item.integer("relation_index")
    if not 0 <= index < len(raw.relations):
        item.fail("relation_index", f"the scene has no relation {index}")
    explicit = raw.relations[index].explicit
    if item.has("was_explicit") and item.flag("was_explicit") != explicit:
        item.fail("was_explicit", f"the scene's own annotation says {str(explicit).lower()}")
    return Twin(scene, "relation", None, index, raw.relations[index].relation, explicit, changed=explicit)


def variant_from_json(data: Any, where: str, raw: Scene) -> Twin:
    """Read another variant's annotation; without ``edit_info`` the two scenes tell that they differ, but not
    by which edit. Raises as ``scene_from_json`` does."""
    scene = scene_from_json(data, where, raw.scene_id)
    differs = bool(edited_entities(raw, scene) or edited_arrows(raw, scene) or scene.size != raw.size)
    record = Record(data, where)
    if not record.has("edit_info"):
        return Twin(scene, UNNAMED, None, None, None, None, changed=differs)
    info = record.record("edit_info")
    edit = info.text("edit", (*EDITS, UNNAMED))
    entity_id = info.integer("entity_id") if info.has("entity_id") else None
    index = info.integer("relation_index") if info.has("relation_index") else None
    if entity_id is not None and all(entity.id != entity_id for entity in (*raw.entities, *scene.entities)):
        info.fail("entity_id", f"neither scene has an entity {entity_id}")
    if index is not None and not 0 <= index < len(raw.relations):
        info.fail("relation_index", f"the scene has no relation {index}")
    return Twin(scene, edit, entity_id, index, None, None, changed=differs)


def _entity(item: Record) -> Entity:
    center = item.integers("center")
    if len(center) != 2 or not all(0 <= value < IMAGE_SIZE for value in center):
        item.fail("center", f"expected [x, y] within 0 to {IMAGE_SIZE - 1}, found {list(center)}")
    return Entity(
        item.integer("id"),
        item.text("shape", SHAPES),
        _size(item),
        item.text("color", tuple(COLORS)),
        (center[0], center[1]),
    )


def _boxed(item: Record, size: tuple[int, int]) -> BoxedEntity:
    box = item.record("bbox")
    found = BBox(*(box.integer(side) for side in BBox._fields))
    if not (0 <= found.x_min <= found.x_max < size[0] and 0 <= found.y_min <= found.y_max < size[1]):
        item.fail("bbox", f"it is no box on a picture of {size[0]} x {size[1]} pixels")
    return boxed(item.integer("id"), item.text("label"), found)


def _size(item: Record) -> str:
    """The size's name; its pixels are taken too."""
    size = item.data.get("size")
    if isinstance(size, int) and size in _SIZE_OF_PIXELS:
        return _SIZE_OF_PIXELS[size]
    return item.text("size", tuple(SIZES))


def _relation(item: Record, entities: dict[int, Entity]) -> Relation:
    ends = [item.integer(field) for field in ("subject_id", "object_id")]
    for field, end in zip(("subject_id", "object_id"), ends, strict=True):
        if end not in entities:
            item.fail(field, f"the scene has no entity {end}")
    return Relation(
        *ends,
        relation=item.text("relation", RELATIONS),
        explicit=item.flag("explicit"),
        masked=item.flag("masked") if item.has("masked") else False,
    )
