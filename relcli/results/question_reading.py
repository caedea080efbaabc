"""A question of a run, read from the warehouse; and which question comes next."""

import math
import threading
from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from relcli.analysis.grounding import Coverage
from relcli.drawing.boxes import Box
from relcli.errors import RelcliError
from relcli.results import PATIENCE_S
from relcli.results.attention_maps import VECTORS, AttentionMaps, load_steps
from relcli.results.question import Chance, Compared, QuestionKey, QuestionView, VariantAnswer
from relcli.results.question_pages import QuestionPages
from relcli.results.questions import QuestionFilter
from relcli.results.scene_reading import Grid, Row, SceneRows, both, read_layers, read_places, read_scene
from relcli.scenes.scene import Scene
from relcli.scenes.vocabulary import in_order

if TYPE_CHECKING:
    from relcli.token_layout import TokenLayout
    from relcli.warehouse.opening import Stamp

_KEPT_SCENES = 16
_TRIES = 3


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

    with connect(database, read_only=True, timeout_s=PATIENCE_S):
        return QuestionReading(database, threads=False).read(run, key, other)


class QuestionReading:
    """Reads questions of one database file, and keeps what belongs to the latest scenes until somebody writes
    to it: the next question of a scene takes its attention alone. Threads may share it. `threads`: read with
    two of them, which nobody may do who has the file open."""

    def __init__(self, database: Path, *, threads: bool = True) -> None:
        self._database = database
        self._both = both if threads else lambda one, other: (one(), other())
        self._guard = threading.Lock()
        self._stamp: Stamp | None = None
        self._scenes: OrderedDict[tuple[str, int, str], SceneRows] = OrderedDict()
        self._latest: dict[str, tuple[str, Grid]] = {}  # by run; the next question has the same grid, mostly
        self._layouts: dict[str, TokenLayout | None] = {}

    def read(self, run: str, key: QuestionKey, other: str | None = None) -> QuestionView:
        """As `read_question`."""
        from relcli.warehouse.opening import stamp

        for _ in range(_TRIES):
            before = stamp(self._database)
            self._begin(before)
            scene, layers = self._rows(run, key, other)
            if stamp(self._database) == before:  # else they may be of two states of the file
                break
        return self._view(run, key, other, scene, layers)

    def _begin(self, now: "Stamp") -> None:
        with self._guard:
            if self._stamp != now:
                self._stamp = now
                self._scenes.clear()
                self._layouts.clear()

    def _rows(self, run: str, key: QuestionKey, other: str | None) -> tuple[SceneRows, list[Row]]:
        database, (scene_id, question_index) = self._database, key
        place, latest = (run, scene_id, other or ""), self._latest.get(run)
        of_scene = partial(read_scene, database, run, scene_id, other)
        of_question = partial(read_layers, database, run, scene_id, question_index)
        if (scene := self._scenes.get(place)) is not None:
            layers = of_question()
        elif latest is None:
            scene, layers = self._both(of_scene, of_question)
        else:
            ahead = partial(read_places, database, latest[0], scene_id, latest[1])
            (scene, layers), places = self._both(lambda: (of_scene(), of_question()), ahead)
            if scene is not None and scene.dataset == latest[0]:
                scene.places[latest[1]] = places
        if scene is None or question_index not in scene.answers:
            raise RelcliError(
                f"The run {run} has no answer to question {key[0]}.{key[1]} any more: choose one on "
                "Questions (key 3)."
            )
        if layers:
            grid = _grid(layers[0])
            if grid not in scene.places:
                scene.places[grid] = read_places(database, scene.dataset, scene_id, grid)
            self._latest[run] = scene.dataset, grid
        with self._guard:
            self._scenes[place] = scene
            self._scenes.move_to_end(place)
            while len(self._scenes) > _KEPT_SCENES:
                self._scenes.popitem(last=False)
        return scene, layers

    def _view(
        self, run: str, key: QuestionKey, other: str | None, scene: SceneRows, layers: list[Row]
    ) -> QuestionView:
        answers = scene.answers[key[1]]
        first, mark = answers[0], scene.marks.get(key[1], [None])[0]
        covered = scene.places[_grid(layers[0])].get(key[1], []) if layers else []
        sinks = scene.sinks.get(key[1], []) if layers else []
        asked = first["entities"] or ()
        theirs = {row["variant"]: _answered(row) for row in scene.theirs.get(key[1], ())}
        view = QuestionView(
            run=run,
            scene_id=key[0],
            question_index=key[1],
            category=first["category"] or "",
            stem=first["stem"] or first["text"],
            text=first["text"],
            options=list(first["options"] or ()),
            flaws=list(first["flaws"] or ()),
            frames=_frames(scene.items, asked) | _frames_shown(scene.scenes, asked),
            coverage={row["variant"]: self._covered(row, layers[0]) for row in covered},
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
            compared=Compared(other, theirs) if other else None,
            scenes=scene.scenes,
            asked=tuple(asked),
            marked=mark is not None and mark["marked"],
            note=None if mark is None else mark["note"],
            answers={row["variant"]: _answered(row) for row in answers},
        )
        if scene.picture is not None:
            view.pictures, view.twin = _pictures(scene.picture, scene.items)
        for variant in in_order(row["variant"] for row in layers):
            of_variant = [row for row in layers if row["variant"] == variant]
            view.maps[variant] = self._maps(view, variant, of_variant)
        return view

    def _maps(self, view: QuestionView, variant: str, layers: list[Row]) -> AttentionMaps:
        layout = self._layout(layers[0])
        maps = AttentionMaps(*layout.raster(), list(layers), layout=layout)
        answered = view.answers.get(variant)
        if answered and answered.full_path:
            whose = (*view.key, variant)
            maps.steps = load_steps(self._database, answered.full_path, maps.n_cells, whose)
        return maps

    def _layout(self, row: Row) -> "TokenLayout":
        """Of a row of attention; one without places where the warehouse has lost it."""
        from relcli.token_layout import TokenLayout
        from relcli.warehouse.layouts import load_layout, row_layout_name

        name = row_layout_name(row)
        if name not in self._layouts:
            self._layouts[name] = load_layout(self._database, name)
        vector = next((row[name] for name in VECTORS if row.get(name) is not None), ())
        return self._layouts[name] or TokenLayout.unplaced(max(1, len(vector)))

    def _covered(self, row: Row, attention: Row) -> Coverage:
        layout = None if attention["layout"] is None else self._layout(attention)
        placed = None if layout is None else [place is not None for place in layout.rectangles]
        centre = None if row["centre_x"] is None else (row["centre_x"], row["centre_y"])
        things = {name: row[name] for name in ("entity", "distractor", "arrow", "masked_place", "box")}
        return Coverage(**things, centre=centre, placed=placed)


def _grid(row: Row) -> Grid:
    return Grid(row["layout"], row["grid_height"], row["grid_width"])


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
