"""Exhibits from the warehouse, the next failure and the one before, and answers to one's own questions."""

from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from relcli.drawing.boxes import Box
from relcli.errors import RelcliError
from relcli.scenes.vocabulary import VARIANTS
from relcli.tui.exhibit import Answered, Exhibit, Maps, Places, load_steps
from relcli.tui.looking import Filter
from relcli.tui.store import Store

Key = tuple[int, int]
_KEPT = 24


class Exhibits:
    """Reads exhibits, and keeps the latest ones, so that stepping back and forth is immediate."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._kept: OrderedDict[tuple[str, Key], Exhibit] = OrderedDict()

    def forget(self) -> None:
        self._kept.clear()

    async def get(self, run: str, key: Key) -> Exhibit:
        """Raises RelcliError if the run has no such question any more."""
        if (run, key) in self._kept:
            self._kept.move_to_end((run, key))
            return self._kept[run, key]
        exhibit = await self._store.call(_read, self._store, run, key)
        self._keep(run, exhibit)
        return exhibit

    async def beside(
        self, run: str, key: Key | None, chosen: Filter, *, back: bool, failures: bool
    ) -> Key | None:
        """The next question (or the one before) that the filter lets through; None at the end. With
        `failures` only ones answered wrong, whatever the filter says of right and wrong."""
        return await self._store.call(_beside, self._store, run, key, chosen, back, failures)

    async def failure_beside(self, run: str, key: Key, chosen: Filter, *, back: bool) -> Key | None:
        """The failure after or before a question, read and at hand afterwards."""
        kept = {of_run: exhibit for (name, of_run), exhibit in self._kept.items() if name == run}
        exhibit = await self._store.call(_read_beside, self._store, run, key, chosen, back, kept)
        if exhibit is not None:
            self._keep(run, exhibit)
        return exhibit and exhibit.key

    def _keep(self, run: str, exhibit: Exhibit) -> None:
        self._kept[run, exhibit.key] = exhibit
        self._kept.move_to_end((run, exhibit.key))
        while len(self._kept) > _KEPT:
            self._kept.popitem(last=False)


def _beside(
    store: Store, run: str, key: Key | None, chosen: Filter, back: bool, failures: bool
) -> Key | None:
    from relcli.warehouse.reads import read

    params = chosen.params() | ({"status": "wrong"} if failures else {})
    edge = {} if key is None else {"scene_id": key[0], "question_index": key[1]}
    rows = read(
        store.database, "question_page", timeout_s=3, run=run, **params, **edge, back=back, count=False, n=1
    )
    found = rows.as_dicts()
    return (found[0]["scene_id"], found[0]["question_index"]) if found else None


def _read_beside(
    store: Store, run: str, key: Key, chosen: Filter, back: bool, kept: Mapping[Key, Exhibit]
) -> Exhibit | None:
    """In a thread, with one opening of the file, which costs more than any of the reads."""
    from relcli.warehouse.connect import connect

    with connect(store.database, read_only=True, timeout_s=3):
        near = _beside(store, run, key, chosen, back, True)
        return None if near is None else kept.get(near) or _read(store, run, near)


def _read(store: Store, run: str, key: Key) -> Exhibit:
    """In a thread: one opening of the file for all of it."""
    from relcli.warehouse.connect import connect
    from relcli.warehouse.reads import read

    place = {"run": run, "scene_id": key[0], "question_index": key[1]}
    with connect(store.database, read_only=True, timeout_s=3):
        answers = read(store.database, "answer", **place).as_dicts()
        if not answers:
            raise RelcliError(
                f"The run {run} has no answer to question {key[0]}.{key[1]} any more: choose one on "
                "Questions (key 3)."
            )
        first = answers[0]
        of_scene = {"dataset": first["dataset"], "scene_id": key[0]}
        pictures = read(store.database, "pictures", **of_scene).as_dicts()
        items = read(store.database, "scene_items", **of_scene).as_dicts()
        layers = read(store.database, "answer_attention", **place).as_dicts()
        places, sinks = _places(store, place, of_scene, layers) if layers else ([], [])
    exhibit = Exhibit(
        run=run,
        scene_id=key[0],
        question_index=key[1],
        category=first["category"] or "",
        stem=first["stem"] or first["text"],
        text=first["text"],
        options=list(first["options"] or ()),
        flaws=list(first["flaws"] or ()),
        frames=_frames(items, first["entities"] or ()),
        places={row["variant"]: _place(row) for row in places},
        sinks={(row["variant"], row["layer"]): row["sink_share"] for row in sinks if row["sink_share"]},
    )
    for row in answers:
        exhibit.answers[row["variant"]] = _answered(row)
    if pictures:
        exhibit.pictures, exhibit.twin = _pictures(pictures[0], items)
    for variant in VARIANTS:
        if stack := [row for row in layers if row["variant"] == variant]:
            maps = Maps(stack[0]["grid_height"], stack[0]["grid_width"], list(stack))
            answered = exhibit.answers.get(variant)
            if answered and answered.full_path:
                maps.steps = load_steps(store.database, answered.full_path, maps.height * maps.width)
            exhibit.maps[variant] = maps
    return exhibit


def _answered(row: Mapping[str, Any]) -> Answered:
    import math

    return Answered(
        answer=row["answer"],
        choice=row["choice"],
        correct=row["correct"],
        truth=(row["ground_truth"] or "").strip(")").lower(),
        probabilities=[math.exp(value) for value in row["option_logprobs"] or ()],
        n_steps=row["n_steps"],
        full_path=row["full_attention_path"],
    )


def _places(
    store: Store, place: Mapping[str, Any], of_scene: Mapping[str, Any], layers: list[dict[str, Any]]
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Where things lie, and sinks. A warehouse that was not migrated has neither, and is shown without."""
    from relcli.warehouse.reads import read

    grid = {name: layers[0][name] for name in ("grid_height", "grid_width")}
    question = {"question_index": place["question_index"]}
    try:
        places = read(store.database, "question_places", **of_scene, **question, **grid).as_dicts()
        return places, read(store.database, "answer_sinks", **place).as_dicts()
    except RelcliError:
        return [], []


def _place(row: Mapping[str, Any]) -> Places:
    centre = None if row["centre_x"] is None else (row["centre_x"], row["centre_y"])
    things = {name: row[name] for name in ("entity", "distractor", "arrow", "masked_place", "box")}
    return Places(**things, centre=centre)


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


def _pictures(scene: Mapping[str, Any], items: list[dict[str, Any]]) -> tuple[dict[str, bytes | None], str]:
    """The pictures, and what differs in the masked one."""
    found = {"raw": scene["image"], "masked": scene["masked_image"], "blank": blank_png(scene)}
    if not scene["has_twin"]:
        return found, "this scene has no masked twin"
    if scene["twin_changed"] is False:
        return found, "the same picture: what is masked was not drawn"
    if scene["masked_kind"] == "relation":
        return found, "without one arrow"
    gone = (row for row in items if row["kind"] == "entity" and row["item_id"] == scene["masked_entity_id"])
    name = next((row["item"].partition(" (")[0] for row in gone), None)
    return found, f"without {name}" if name else ""


def blank_png(scene: Mapping[str, Any]) -> bytes:
    """A white picture of the scene's size."""
    import io

    from PIL import Image

    file = io.BytesIO()
    Image.new("RGB", (scene["width"] or 224, scene["height"] or 224), "white").save(file, "PNG")
    return file.getvalue()


def own_exhibit(about: Exhibit, variant: str, question: str, record: Mapping[str, Any]) -> Exhibit:
    """What `relcli ask --format json` answered to a question about a picture of `about`."""
    probabilities = record.get("probabilities") or {}
    options = [name for name in probabilities if name != "None"]
    exhibit = Exhibit(
        run=None,
        scene_id=about.scene_id,
        question_index=-1,
        category="your own question",
        stem=question,
        text=record.get("prompt") or question,
        options=options,
        pictures=about.pictures,
        twin=about.twin,
    )
    exhibit.answers[variant] = Answered(
        record.get("answer"), record.get("choice"), None, "", [float(p) for p in probabilities.values()]
    )
    stack = record.get("layer_maps") or ([record["heat_map"]] if record.get("heat_map") else [])
    if stack:
        layers: list[Mapping[str, Any]] = [
            {"mean_heads": [value for row in grid for value in row]} for grid in stack
        ]
        exhibit.maps[variant] = Maps(len(stack[0]), len(stack[0][0]), layers)
    return exhibit
