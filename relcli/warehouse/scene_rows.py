"""Scenes, twins and questions as table rows (all but the data set's name), and back."""

from collections.abc import Iterable, Mapping
from dataclasses import fields, replace
from typing import Any

from relcli.scenes.geometry import layout_regions
from relcli.scenes.items import DatasetItem
from relcli.scenes.masking import Twin
from relcli.scenes.questions import Question
from relcli.scenes.scene import Entity, Relation, Scene
from relcli.token_layout import TokenLayout

Row = dict[str, Any]
_DECIMALS = 6


def scene_row(item: DatasetItem) -> Row:
    """A row of table `scene`; reads the pictures. Raises RelcliError if one can't be read."""
    scene, twin = item.scene, item.twin
    return {
        "scene_id": item.scene_id,
        "image_filename": item.image_filename,
        "width": item.width,
        "height": item.height,
        "n_entities": None if scene is None else len(scene.entities),
        "n_relations": None if scene is None else len(scene.relations),
        "split": item.split,
        "image": item.png if item.image.known else None,
        "masked_filename": item.masked_filename,
        "masked_image": item.masked_png if item.masked and item.masked.known else None,
        "has_twin": item.has_twin,
        "twin_changed": item.twin_changed,
        "masked_kind": None if twin is None else twin.kind,
        "masked_entity_id": None if twin is None else twin.entity_id,
        "masked_relation_index": None if twin is None else twin.relation_index,
    }


def entity_rows(scene: Scene, twin: Twin | None) -> Iterable[Row]:
    """Rows of table `entity`."""
    left = {entity.id for entity in twin.scene.entities} if twin else set()
    for entity in scene.entities:
        box = entity.bbox
        yield {
            "scene_id": scene.scene_id,
            "entity_id": entity.id,
            "shape": entity.shape,
            "size": entity.size,
            "color": entity.color,
            "name": entity.name,
            "center_x": entity.center[0],
            "center_y": entity.center[1],
            "x_min": box.x_min,
            "y_min": box.y_min,
            "x_max": box.x_max,
            "y_max": box.y_max,
            "in_twin": entity.id in left,
        }


def relation_rows(scene: Scene, twin: Twin | None) -> Iterable[Row]:
    """Rows of table `relation`."""
    left = {entity.id for entity in twin.scene.entities} if twin else set()
    for index, relation in enumerate(scene.relations):
        hidden = twin is not None and twin.kind == "relation" and twin.relation_index == index
        yield {
            "scene_id": scene.scene_id,
            "relation_index": index,
            "subject_id": relation.subject_id,
            "object_id": relation.object_id,
            "relation": relation.relation,
            "explicit": relation.explicit,
            "in_twin": {relation.subject_id, relation.object_id} <= left and not hidden,
        }


def region_rows(scene: Scene, grid_height: int, grid_width: int) -> Iterable[Row]:
    """Rows of table `region` for one grid: every entity and drawn arrow of the raw scene."""
    return layout_region_rows(scene, TokenLayout.of_grid(grid_height, grid_width))


def layout_region_rows(scene: Scene, layout: TokenLayout) -> Iterable[Row]:
    """The same for one layout of image tokens."""
    grid_height, grid_width = layout.grid or (None, None)
    for region in layout_regions(scene, layout):
        yield {
            "scene_id": scene.scene_id,
            "kind": region.kind,
            "item_id": region.item_id,
            "grid_height": grid_height,
            "grid_width": grid_width,
            "layout": None if layout.grid else layout.name,
            "coverage": region.coverage.astype("float64").round(_DECIMALS).tolist(),
        }


def question_row(question: Question) -> Row:
    """A row of table `question`."""
    values = {field.name: getattr(question, field.name) for field in fields(question)}
    return {
        **values,
        "options": list(question.options),
        "entities": list(question.entities),
        "flaws": list(question.flaws),
    }


def to_scene(
    scene_id: int, entities: Iterable[Mapping[str, Any]], relations: Iterable[Mapping[str, Any]]
) -> Scene:
    """A scene from its rows, in the order of their ids."""
    return Scene(
        scene_id,
        tuple(
            Entity(
                row["entity_id"], row["shape"], row["size"], row["color"], (row["center_x"], row["center_y"])
            )
            for row in entities
        ),
        tuple(
            Relation(row["subject_id"], row["object_id"], row["relation"], row["explicit"])
            for row in relations
        ),
    )


def to_twin(
    scene: Scene,
    row: Mapping[str, Any],
    entities: Iterable[Mapping[str, Any]],
    relations: Iterable[Mapping[str, Any]],
) -> Twin | None:
    """A scene's twin from the scene's row and its items' `in_twin`; None if it has none."""
    kind, index = row["masked_kind"], row["masked_relation_index"]
    if not row["has_twin"] or kind is None:
        return None
    changed = bool(row["twin_changed"])
    if kind == "relation":
        hidden = scene.relations[index]
        marked = [
            replace(hidden, masked=True) if i == index else each for i, each in enumerate(scene.relations)
        ]
        left = replace(scene, relations=tuple(marked))
        return Twin(left, "relation", None, index, hidden.relation, hidden.explicit, changed)
    left = Scene(
        scene.scene_id,
        tuple(entity for entity, item in zip(scene.entities, entities, strict=True) if item["in_twin"]),
        tuple(each for each, item in zip(scene.relations, relations, strict=True) if item["in_twin"]),
    )
    return Twin(left, "object", row["masked_entity_id"], None, None, None, changed)


def to_question(row: Mapping[str, Any]) -> Question:
    """A question from its row."""
    values = {name: value for name, value in row.items() if name != "dataset"}
    for name in ("options", "entities", "flaws"):
        values[name] = tuple(values[name] or ())
    values["ground_truth_masked"] = values["ground_truth_masked"] or ""
    return Question(**values)
