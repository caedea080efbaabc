"""Scenes and questions as table rows (all but the data set's name), and back."""

from collections.abc import Iterable, Mapping
from dataclasses import fields
from typing import Any

from relcli.scenes.geometry import layout_regions
from relcli.scenes.items import DatasetItem
from relcli.scenes.questions import Question
from relcli.scenes.scene import Scene
from relcli.scenes.vocabulary import MASKED, RAW
from relcli.token_layout import TokenLayout
from relcli.warehouse.variant_rows import (
    entity_columns,
    relation_columns,
    to_entity,
    to_relation,
    to_truths,
)

Row = dict[str, Any]
_DECIMALS = 6
_TRUTHS = ("ground_truth", "truths")  # rows of their own


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
    """A row of table `question_text`."""
    values = {field.name: getattr(question, field.name) for field in fields(question)}
    return {
        **{name: value for name, value in values.items() if name not in _TRUTHS},
        "options": list(question.options),
        "entities": list(question.entities),
        "flaws": list(question.flaws),
    }


def to_scene(
    scene_id: int, entities: Iterable[Mapping[str, Any]], relations: Iterable[Mapping[str, Any]]
) -> Scene:
    """A scene from its rows, in the order of their ids."""
    return Scene(scene_id, tuple(map(to_entity, entities)), tuple(map(to_relation, relations)))


def to_question(row: Mapping[str, Any], truths: Iterable[Mapping[str, Any]]) -> Question:
    """A question from its row and those of its truths."""
    values = {name: value for name, value in row.items() if name != "dataset"}
    for name in ("options", "entities", "flaws"):
        values[name] = tuple(values[name] or ())
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
