"""Made-up attention on generated scenes, and the same measures in numpy."""

from collections import defaultdict
from collections.abc import Mapping
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from relcli.scenes.generation import Sample, make_sample
from relcli.scenes.geometry import bbox_coverage, scene_regions
from relcli.warehouse.scene_rows import entity_rows, question_row, region_rows, relation_rows
from relcli.warehouse.variant_rows import edited_rows, truth_rows

LAYERS = (0, 1, 2)
SINK = 63  # a cell that takes most of layer 1, whatever is asked
Vector = NDArray[np.float64]


def samples(n: int, seed: int = 11) -> list[Sample]:
    return [made for made in (make_sample(seed, i) for i in range(3 * n)) if made.twin][:n]


def put_scenes(warehouse: Any, made: list[Sample]) -> None:
    """Scenes, items, regions and questions of data set `d`; no pictures."""
    rows: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    rows["dataset"].append({"dataset": "d", "n_scenes": len(made), "has_annotations": True})
    for scene, twin, questions in ((each.scene, each.twin, each.questions) for each in made):
        assert twin is not None
        row = {
            "scene_id": scene.scene_id, "twin_changed": twin.changed, "masked_kind": twin.kind,
            "masked_entity_id": twin.entity_id, "masked_relation_index": twin.relation_index,
            "n_entities": len(scene.entities), "n_relations": len(scene.relations),
        }  # fmt: skip
        rows["scene"].append(row)
        rows["raw_entity"] += entity_rows(scene)
        rows["raw_relation"] += relation_rows(scene)
        for table, edited in edited_rows(scene, "masked", twin).items():
            rows[table] += edited
        rows["region"] += region_rows(scene, 8, 8)
        rows["question_text"] += map(question_row, questions)
        rows["question_truth"] += (row for question in questions for row in truth_rows(question))
    for table, of_table in rows.items():
        if of_table:
            warehouse.put(table, *of_table)


def attention_rows(made: list[Sample], run: str = "r", seed: int = 0) -> list[dict[str, Any]]:
    """A row of table `attention` per question, variant and layer, random but for the sink in layer 1."""
    rng = np.random.default_rng(seed)
    rows = []
    for sample, variant, layer in product(made, ("raw", "masked", "blank"), LAYERS):
        for question in sample.questions:
            weights, first = (_drawn(rng, layer) for _ in range(2))
            rows.append(
                {
                    "run": run, "scene_id": sample.scene.scene_id, "question_index": question.question_index,
                    "variant": variant, "layer": layer, "grid_height": 8, "grid_width": 8,
                    "mean_heads": weights.tolist(), "mean_heads_entropy": _entropy(weights),
                    "first_step": first.tolist(), "first_step_entropy": _entropy(first),
                }
            )  # fmt: skip
    return rows


def _drawn(rng: np.random.Generator, layer: int) -> Vector:
    weights = rng.gamma(0.5, 1, 64) + (layer == 1) * (np.arange(64) == SINK) * 60
    return np.round(weights / weights.sum() * rng.uniform(0.05, 0.5), 6)


def _entropy(weights: Vector) -> float:
    shares = normal(weights[weights > 0])
    return float(-np.sum(shares * np.log(shares)))


def normal(weights: Vector) -> Vector:
    return weights / weights.sum()


def shift(raw: Vector, masked: Vector) -> dict[str, float | None]:
    """The measures of the study's section 7, from two unnormalised vectors."""
    p, q = normal(raw), normal(masked)
    seen = p > 0
    infinite = bool(np.any(q[seen] == 0))
    return {
        "l1": float(np.abs(p - q).mean()),
        "l2": float(np.linalg.norm(p - q)),
        "kl": None if infinite else float(np.sum(p[seen] * np.log(p[seen] / q[seen]))),
        "cosine": float(raw @ masked / np.linalg.norm(raw) / np.linalg.norm(masked)),
        "l1_unnormalised": float(np.abs(raw - masked).mean()),
        "l2_unnormalised": float(np.linalg.norm(raw - masked)),
    }


def grounding(sample: Sample, question: Any, variant: str, weights: Vector) -> dict[str, Any]:
    """What attention_grounding_by_question says of one vector, sinks aside."""
    scene, twin = sample.scene, sample.twin
    assert twin is not None
    shown = twin.scene if variant == "masked" else scene
    regions = {
        (kind, item): coverage.astype(float).round(6) for kind, item, coverage in scene_regions(scene, 8, 8)
    }
    there = [entity for entity in shown.entities if entity.id in question.entities]
    others = [entity for entity in shown.entities if entity.id not in question.entities]
    drawn = {(arrow.subject_id, arrow.object_id) for arrow in shown.arrows}
    arrows = [
        index
        for index, relation in enumerate(scene.relations)
        if relation.has_arrow and (relation.subject_id, relation.object_id) in drawn
    ]
    asked = question.relation_index
    if asked is not None and scene.relations[asked].explicit:
        arrows = [index for index in arrows if index == asked]
    of = {
        "entity": [regions["entity", entity.id] for entity in there],
        "distractor": [regions["entity", entity.id] for entity in others],
        "arrow": [regions["arrow", index] for index in arrows],
        "masked_place": [regions["entity", twin.entity_id]] if twin.entity_id is not None else [],
    }
    found: dict[str, Any] = {}
    for name, vectors in of.items():
        coverage = np.sum(vectors, axis=0) if vectors else None
        found[f"{name}_share"] = None if coverage is None else float(weights @ coverage / weights.sum())
        found[f"{name}_area"] = None if coverage is None else float(coverage.mean())
    for name, vectors in (("entity", of["entity"]), ("others", of["distractor"])):
        shares = [(normal(weights) @ vector) / vector.mean() for vector in vectors]
        found[f"{name}_per_area"] = float(np.mean(shares)) if shares else None
    found.update(_aim(there, of["entity"], weights) if there else dict.fromkeys(AIM))
    return found


AIM = ("pointing_hit", "pointing_area", "centre_distance", "iou")


def _aim(there: list[Any], vectors: list[Vector], weights: Vector) -> Mapping[str, Any]:
    coverage = np.sum(vectors, axis=0)
    boxes = [bbox_coverage(entity.bbox, 8, 8).astype(float) for entity in there]
    box = np.minimum(np.sum(boxes, axis=0), 1)
    least = np.sort(weights)[-max(1, round(box.sum()))]
    top = np.flatnonzero((weights >= least) & (weights > 0))  # of equals all
    common = box[top].sum()
    rows, columns = np.divmod(np.arange(64), 8)
    middle = np.array([normal(weights) @ (columns * 28 + 14), normal(weights) @ (rows * 28 + 14)])
    centre = np.mean([entity.center for entity in there], axis=0) + 0.5
    return {
        "pointing_hit": bool(coverage[np.argmax(weights)] > 0),
        "pointing_area": float(np.mean(coverage > 0)),
        "centre_distance": float(np.linalg.norm(middle - centre)),
        "iou": float(common / (len(top) + box.sum() - common)),
    }


CHANCES = ("elsewhere_share", "common_above", "pointing_elsewhere")
Key = tuple[Any, ...]


def chances(made: list[Sample], rows: list[dict[str, Any]], vector: str) -> dict[Key, dict[str, Any]]:
    """By (scene, question, variant, layer), what the same map has on what other scenes' questions of the same
    kind ask about, every pair of questions looked at one by one."""
    asked = {
        (each.scene.scene_id, question.question_index): (each, question)
        for each in made
        for question in each.questions
    }
    covered: dict[Key, Vector] = {}
    kind: dict[Key, Key] = {}
    for key, (sample, question) in asked.items():
        assert sample.twin is not None
        regions = {(k, item): c.astype(float).round(6) for k, item, c in scene_regions(sample.scene, 8, 8)}
        for variant in ("raw", "masked", "blank"):
            shown = sample.twin.scene if variant == "masked" else sample.scene
            there = [entity for entity in shown.entities if entity.id in question.entities]
            if there:
                covered[*key, variant] = np.sum([regions["entity", each.id] for each in there], axis=0)
            kind[*key, variant] = (question.question_set, question.category, variant)
    maps = {
        (row["scene_id"], row["question_index"], row["variant"], row["layer"]): normal(
            np.array(row[vector], np.float32).astype(float)
        )
        for row in rows
    }
    grouped: dict[Key, list[Vector]] = defaultdict(list)
    for (*place, layer), weights in maps.items():
        grouped[*kind[tuple(place)][1:], layer].append(weights)
    found: dict[Key, dict[str, Any]] = {}
    for (*at, layer), weights in maps.items():
        place = tuple(at)
        others = [c for other, c in covered.items() if kind[other] == kind[place] and other[0] != place[0]]
        if place not in covered or not others:
            found[*place, layer] = dict.fromkeys(CHANCES)
            continue
        mean = np.mean(grouped[*kind[place][1:], layer], axis=0)
        found[*place, layer] = {
            "elsewhere_share": float(np.mean([weights @ c for c in others])),
            "common_above": float(mean @ covered[place] - np.mean([mean @ c for c in others])),
            "pointing_elsewhere": float(np.mean([c[np.argmax(weights)] > 0 for c in others])),
        }
    return found
