"""Scenes and questions as table rows (all but the data set's name), and back."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields
from typing import Any

from relcli.scenes.geometry import layout_regions
from relcli.scenes.items import DatasetItem
from relcli.scenes.questions import Question
from relcli.scenes.scene import Scene
from relcli.scenes.vocabulary import IMAGE_SIZE, MASKED, RAW
from relcli.token_layout import TokenLayout
from relcli.warehouse.variant_rows import (
    edited_rows,
    entity_columns,
    relation_columns,
    to_entity,
    to_relation,
    to_truths,
)

Row = dict[str, Any]
_DECIMALS = 6
_TRUTHS = ("ground_truth", "truths")  # rows of their own
_OF_QUESTION = tuple(field.name for field in fields(Question) if field.name not in _TRUTHS)


def scene_row(item: DatasetItem) -> Row:
    """A row of table `raw_scene`."""
    scene = item.scene
    return {
        "scene_id": item.scene_id,
        "width": item.width,
        "height": item.height,
        "n_entities": None if scene is None else len(scene.entities),
        "n_relations": None if scene is None else len(scene.relations),
        "split": item.split,
    }


def entity_rows(scene: Scene) -> Iterable[Row]:
    """Rows of table `raw_entity`."""
    for entity in scene.entities:
        yield {"scene_id": scene.scene_id, "entity_id": entity.id, **entity_columns(entity)}


def relation_rows(scene: Scene) -> Iterable[Row]:
    """Rows of table `raw_relation`."""
    for index, relation in enumerate(scene.relations):
        yield {"scene_id": scene.scene_id, "relation_index": index, **relation_columns(relation)}


def region_rows(scene: Scene, grid_height: int, grid_width: int) -> Iterable[Row]:
    """Rows of table `region` for one grid: every entity and drawn arrow of the raw scene."""
    return layout_region_rows(scene, TokenLayout.of_grid(grid_height, grid_width))


def layout_region_rows(scene: Scene, layout: TokenLayout, variant: str | None = None) -> Iterable[Row]:
    """The same for one layout of image tokens. ``variant``: whose scene it is; None is raw."""
    grid_height, grid_width = layout.grid or (None, None)
    for region in layout_regions(scene, layout):
        yield {
            "scene_id": scene.scene_id,
            "variant": variant,
            "kind": region.kind,
            "item_id": region.item_id,
            "grid_height": grid_height,
            "grid_width": grid_width,
            "layout": None if layout.grid else layout.name,
            "coverage": region.coverage.astype("float64").round(_DECIMALS).tolist(),
        }


def item_region_rows(item: DatasetItem, layout: TokenLayout) -> Iterator[Row]:
    """Rows of table `region` for all pictures of a scene: of its variants what they show otherwise."""
    if item.scene is None:
        return
    yield from layout_region_rows(item.scene, layout)
    for variant in item.variants:
        if variant.twin is None:
            continue
        edited = edited_rows(item.scene, variant.name, variant.twin)
        new = {("entity", row["entity_id"]) for row in edited["variant_entity"] if row["is_there"]}
        new |= {("arrow", row["relation_index"]) for row in edited["variant_relation"] if row["is_there"]}
        # An arrow goes along with an end that is moved, though the relation is the same.
        new |= {
            ("arrow", index)
            for index, relation in enumerate(variant.twin.scene.relations)
            if {("entity", relation.subject_id), ("entity", relation.object_id)} & new
        }
        if new:
            for row in layout_region_rows(variant.twin.scene, layout, variant.name):
                if (row["kind"], row["item_id"]) in new:
                    yield row


def question_row(question: Question) -> Row:
    """A row of table `question_text`."""
    return {
        **{name: getattr(question, name) for name in _OF_QUESTION},
        "options": list(question.options),
        "entities": list(question.entities),
        "flaws": list(question.flaws),
        "distractors": None if question.distractors is None else list(question.distractors),
    }


def to_scene(
    scene_id: int,
    entities: Iterable[Mapping[str, Any]],
    relations: Iterable[Mapping[str, Any]],
    size: tuple[int | None, int | None] = (None, None),
) -> Scene:
    """A scene from its rows, in the order of their ids. ``size``: its columns width and height."""
    width, height = (side or IMAGE_SIZE for side in size)
    return Scene(scene_id, tuple(map(to_entity, entities)), tuple(map(to_relation, relations)), width, height)


def to_question(row: Mapping[str, Any], truths: Iterable[Mapping[str, Any]]) -> Question:
    """A question from its row and those of its truths."""
    values = {name: value for name, value in row.items() if name != "dataset"}
    for name in ("options", "entities", "flaws"):
        values[name] = tuple(values[name] or ())
    if values.get("distractors") is not None:
        values["distractors"] = tuple(values["distractors"])
    ground_truth, others = to_truths(truths)
    return Question(**values, ground_truth=ground_truth, truths=others)


def to_study_question(row: Mapping[str, Any]) -> Question:
    """A question from its row in the view `question`, with the truths that the study's form has: raw and
    masked."""
    masked = row["ground_truth_masked"]
    truths = [(RAW, row["ground_truth"]), *([(MASKED, masked)] if masked else [])]
    rows = [{"variant": name, "ground_truth": truth, "touched": None} for name, truth in truths]
    return to_question(
        {name: value for name, value in row.items() if name not in ("ground_truth", "ground_truth_masked")},
        rows,
    )
