"""What a run has of one scene, for all its questions at once: that takes no longer than for one of them."""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from relcli.errors import RelcliError, WarehouseError
from relcli.results import PATIENCE_S
from relcli.scenes.scene import Scene
from relcli.warehouse.interrupting import carried

Row = dict[str, Any]
A = TypeVar("A")
B = TypeVar("B")


class Grid(NamedTuple):
    """Which image tokens the values of a vector stand for, as the table `attention` names them."""

    layout: str | None
    grid_height: int
    grid_width: int


@dataclass(slots=True)
class SceneRows:
    """Rows of the named reads; those that belong to questions by question_index.

    answers: of the run; theirs: of the run compared with; picture: None where the scene is not known; items:
    what stands in it; scenes: what its pictures show, by variant. A warehouse that was not migrated may lack
    places, sinks, scenes and marks, and is shown without.
    """

    dataset: str
    answers: dict[int, list[Row]]
    theirs: dict[int, list[Row]]
    picture: Row | None
    items: list[Row]
    scenes: dict[str, Scene]
    marks: dict[int, list[Row]]
    sinks: dict[int, list[Row]]
    places: dict[Grid, dict[int, list[Row]]] = field(default_factory=dict)


def read_scene(database: Path, run: str, scene_id: int, other: str | None) -> SceneRows | None:
    """All but places; None where the run has no answer on the scene. Raises RelcliError."""
    from relcli.warehouse.opening import connect
    from relcli.warehouse.reads import read

    mine = {"run": run, "scene_id": scene_id}
    # While this connection stands, the ones inside find the file open.
    with connect(database, read_only=True, timeout_s=PATIENCE_S):
        answers = read(database, "answer", **mine).as_dicts()
        if not answers:
            return None
        dataset = answers[0]["dataset"]
        of_scene = {"dataset": dataset, "scene_id": scene_id}
        theirs = read(database, "answer", run=other, scene_id=scene_id).as_dicts() if other else []
        pictures = read(database, "pictures", **of_scene).as_dicts()
        return SceneRows(
            dataset,
            _by_question(answers),
            _by_question([row for row in theirs if row["dataset"] == dataset]),
            pictures[0] if pictures else None,
            read(database, "scene_items", **of_scene).as_dicts(),
            _scenes(database, dataset, scene_id),
            _by_question(_where_migrated(database, "question_marks", mine)),
            _by_question(_where_migrated(database, "answer_sinks", mine)),
        )


def read_places(database: Path, dataset: str, scene_id: int, grid: Grid) -> dict[int, list[Row]]:
    """Which share of each cell belongs to what each question is about. Raises WarehouseError."""
    how = {"dataset": dataset, "scene_id": scene_id, **grid._asdict()}
    return _by_question(_where_migrated(database, "question_places", how))


def read_layers(database: Path, run: str, scene_id: int, question_index: int) -> list[Row]:
    """A question's attention on all its pictures, a row a layer. Raises RelcliError."""
    from relcli.warehouse.reads import read

    place = {"run": run, "scene_id": scene_id, "question_index": question_index}
    return read(database, "answer_attention", timeout_s=PATIENCE_S, **place).as_dicts()


def both(one: Callable[[], A], other: Callable[[], B]) -> tuple[A, B]:
    """Two reads at once, the second in a thread of its own. Raises what the first raises, or else the second.

    Not for a thread that has the warehouse open: a writer who waits for it would keep the second out.
    """
    found: list[B] = []
    failed: list[BaseException] = []

    def work() -> None:
        try:
            found.append(other())
        except BaseException as problem:
            failed.append(problem)

    thread = threading.Thread(target=carried(work), daemon=True, name="warehouse beside")
    thread.start()
    try:
        mine = one()
    finally:
        thread.join()
    if failed:
        raise failed[0]
    return mine, found[0]


def _by_question(rows: list[Row]) -> dict[int, list[Row]]:
    found: dict[int, list[Row]] = {}
    for row in rows:
        found.setdefault(row["question_index"], []).append(row)
    return found


def _scenes(database: Path, dataset: str, scene_id: int) -> dict[str, Scene]:
    from relcli.warehouse.scenes import load_scenes

    try:
        return load_scenes(database, dataset, scene_id, timeout_s=PATIENCE_S)
    except WarehouseError:
        raise
    except RelcliError:
        return {}


def _where_migrated(database: Path, name: str, params: Mapping[str, Any]) -> list[Row]:
    """The rows of a read; none in a warehouse that lacks what it asks for."""
    from relcli.warehouse.reads import read

    try:
        return read(database, name, timeout_s=PATIENCE_S, **params).as_dicts()
    except WarehouseError:
        raise
    except RelcliError:
        return []
