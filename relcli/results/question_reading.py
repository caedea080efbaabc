"""A question of a run, read from the warehouse; and which question comes next."""

import math
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from relcli.analysis.grounding import Coverage
from relcli.drawing.boxes import Box
from relcli.errors import RelcliError, WarehouseError
from relcli.results import PATIENCE_S
from relcli.results.attention_maps import VECTORS, AttentionMaps, load_steps
from relcli.results.question import Chance, Compared, QuestionKey, QuestionView, VariantAnswer
from relcli.results.question_pages import QuestionPages
from relcli.results.questions import QuestionFilter
from relcli.scenes.scene import Scene
from relcli.scenes.vocabulary import in_order

if TYPE_CHECKING:
    from relcli.token_layout import TokenLayout


def neighbour(
    pages: QuestionPages,
    run: str,
    key: QuestionKey | None,
    chosen: QuestionFilter,
    *,
    back: bool,
    failures: bool,
) -> QuestionKey | None:
    """The next question (or the one before) that the filter lets through; None at the end. With `failures`
    only ones answered wrong, whatever the filter says of right and wrong. Raises RelcliError."""
    params = chosen.params() | ({"status": "wrong"} if failures else {})
    edge = {} if key is None else {"scene_id": key[0], "question_index": key[1]}
    found = pages.read(run=run, back=back, count=False, n=1, **params, **edge)
    return (found[0]["scene_id"], found[0]["question_index"]) if found else None


def read_question(database: Path, run: str, key: QuestionKey, other: str | None = None) -> QuestionView:
    """A question with all there is about it, on one opening of the file; `other`: with the answers of a run
    that it is compared with. Raises RelcliError, also if the run has no such question any more."""
    from relcli.warehouse.opening import connect
    from relcli.warehouse.reads import read

    place = {"run": run, "scene_id": key[0], "question_index": key[1]}
    with connect(database, read_only=True, timeout_s=PATIENCE_S):
        answers = read(database, "answer", **place).as_dicts()
        if not answers:
            raise RelcliError(
                f"The run {run} has no answer to question {key[0]}.{key[1]} any more: choose one on "
                "Questions (key 3)."
            )
        first = answers[0]
        of_scene = {"dataset": first["dataset"], "scene_id": key[0]}
        pictures = read(database, "pictures", **of_scene).as_dicts()
        items = read(database, "scene_items", **of_scene).as_dicts()
        layers = read(database, "answer_attention", **place).as_dicts()
        covered, sinks = _coverage(database, place, of_scene, layers) if layers else ([], [])
        scenes = _scenes(database, **of_scene)
        marked, note = _mark(database, place)
        theirs = _theirs(database, other, first["dataset"], key) if other else []
    compared = Compared(other, {row["variant"]: _answered(row) for row in theirs}) if other else None
    view = QuestionView(
        run=run,
        scene_id=key[0],
        question_index=key[1],
        category=first["category"] or "",
        stem=first["stem"] or first["text"],
        text=first["text"],
        options=list(first["options"] or ()),
        flaws=list(first["flaws"] or ()),
        frames=_frames(items, first["entities"] or ()) | _frames_shown(scenes, first["entities"] or ()),
        coverage={row["variant"]: _covered(row, layers[0], database) for row in covered},
        sinks={
            (row["variant"], row["layer"]): row["sink_share"]
            for row in sinks
            if row["sink_share"] and row["vector"] == "mean_heads"
        },
        chances={
            (row["variant"], row["vector"], row["layer"]): Chance(
                row["elsewhere_share"], row["pointing_elsewhere"]
            )
            for row in sinks
        },
        compared=compared,
        scenes=scenes,
        asked=tuple(first["entities"] or ()),
        marked=marked,
        note=note,
    )
    for row in answers:
        view.answers[row["variant"]] = _answered(row)
    if pictures:
        view.pictures, view.twin = _pictures(pictures[0], items)
    for variant in in_order(row["variant"] for row in layers):
        if stack := [row for row in layers if row["variant"] == variant]:
            layout = _layout(database, stack[0])
            maps = AttentionMaps(*layout.raster(), list(stack), layout=layout)
            answered = view.answers.get(variant)
            if answered and answered.full_path:
                whose = (*key, variant)
                maps.steps = load_steps(database, answered.full_path, maps.n_cells, whose)
            view.maps[variant] = maps
    return view


def _scenes(database: Path, dataset: str, scene_id: int) -> dict[str, Scene]:
    """What the pictures show. A warehouse that was not migrated doesn't tell."""
    from relcli.warehouse.scenes import load_scenes

    try:
        return load_scenes(database, dataset, scene_id, timeout_s=PATIENCE_S)
    except WarehouseError:
        raise
    except RelcliError:
        return {}


def _theirs(database: Path, other: str, dataset: str, key: QuestionKey) -> list[dict[str, Any]]:
    """What the other run answered to the same question of the same data set."""
    from relcli.warehouse.reads import read

    found = read(database, "answer", run=other, scene_id=key[0], question_index=key[1]).as_dicts()
    return [row for row in found if row["dataset"] == dataset]


def _mark(database: Path, place: Mapping[str, Any]) -> tuple[bool, str | None]:
    """What a person said of the question. A warehouse that was not migrated has no place for it."""
    from relcli.warehouse.reads import read

    try:
        found = read(database, "question_marks", **place).as_dicts()
    except WarehouseError:
        raise
    except RelcliError:
        return False, None
    return (found[0]["marked"], found[0]["note"]) if found else (False, None)


def _answered(row: Mapping[str, Any]) -> VariantAnswer:
    return VariantAnswer(
        answer=row["answer"],
        choice=row["choice"],
        correct=row["correct"],
        truth=(row["ground_truth"] or "").strip(")").lower(),
        probabilities=[math.exp(value) for value in row["option_logprobs"] or ()],
        n_steps=row["n_steps"],
        full_path=row["full_attention_path"],
        answer_step=row.get("answer_step"),
    )


def _coverage(
    database: Path, place: Mapping[str, Any], of_scene: Mapping[str, Any], layers: list[dict[str, Any]]
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Where things lie, and sinks. A warehouse that was not migrated has neither, and is shown without."""
    from relcli.warehouse.reads import read

    grid = {name: layers[0][name] for name in ("layout", "grid_height", "grid_width")}
    question = {"question_index": place["question_index"]}
    try:
        covered = read(database, "question_places", **of_scene, **question, **grid).as_dicts()
        return covered, read(database, "answer_sinks", **place).as_dicts()
    except RelcliError:
        return [], []


def _layout(database: Path, row: Mapping[str, Any]) -> "TokenLayout":
    """Of a row of attention; one without places where the warehouse has lost it."""
    from relcli.token_layout import TokenLayout
    from relcli.warehouse.layouts import load_layout, row_layout_name

    vector = next((row[name] for name in VECTORS if row.get(name) is not None), ())
    return load_layout(database, row_layout_name(row)) or TokenLayout.unplaced(max(1, len(vector)))


def _covered(row: Mapping[str, Any], attention: Mapping[str, Any], database: Path) -> Coverage:
    layout = None if attention["layout"] is None else _layout(database, attention)
    placed = None if layout is None else [place is not None for place in layout.rectangles]
    centre = None if row["centre_x"] is None else (row["centre_x"], row["centre_y"])
    things = {name: row[name] for name in ("entity", "distractor", "arrow", "masked_place", "box")}
    return Coverage(**things, centre=centre, placed=placed)


def _frames(items: Iterable[Mapping[str, Any]], asked: Sequence[int]) -> dict[str, list[Box]]:
    """Frames of the objects asked about, as far as they are in that picture."""
    found: dict[str, list[Box]] = {"raw": [], "masked": []}
    for row in items:
        if row["kind"] == "entity" and row["item_id"] in asked and row["x_min"] is not None:
            box = row["x_min"], row["y_min"], row["x_max"], row["y_max"]
            found["raw"].append(box)
            if row["in_twin"]:
                found["masked"].append(box)
    return found


def _frames_shown(scenes: Mapping[str, Scene], asked: Sequence[int]) -> dict[str, list[Box]]:
    """The same on every picture of which it is known what it shows."""
    found: dict[str, list[Box]] = {}
    for variant, scene in scenes.items():
        boxes = (entity.bbox for entity in scene.entities if entity.id in asked)
        found[variant] = [(box.x_min, box.y_min, box.x_max, box.y_max) for box in boxes]
    return found


def _pictures(scene: Mapping[str, Any], items: list[dict[str, Any]]) -> tuple[dict[str, bytes | None], str]:
    """The pictures, and what differs in the masked one."""
    from relcli.drawing.pictures import blank_png

    blank = blank_png(scene["width"] or 224, scene["height"] or 224)
    found = {"raw": scene["image"], "masked": scene["masked_image"], "blank": blank}
    found |= {each["variant"]: each["image"] for each in scene["others"] or ()}
    if not scene["has_twin"]:
        return found, "this scene has no masked twin"
    if scene["twin_changed"] is False:
        return found, "the same picture: what is masked was not drawn"
    if scene["masked_kind"] == "relation":
        return found, "without one arrow"
    gone = (row for row in items if row["kind"] == "entity" and row["item_id"] == scene["masked_entity_id"])
    name = next((row["item"].partition(" (")[0] for row in gone), None)
    return found, f"without {name}" if name else ""
