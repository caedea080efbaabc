"""Where things are on the grids of a run: cells of each question's regions, and of each layer's sinks."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path

from relcli.errors import UsageError
from relcli.jobs.plan import Task
from relcli.options.cut import OF_A_QUESTION
from relcli.token_layout import TokenLayout
from relcli.warehouse.datasets import ensure_regions
from relcli.warehouse.reads import read
from relcli.warehouse.runs import RunRecord

Place = tuple[int, int, str]
"""Scene, question index, variant."""
Grid = tuple[int, int]
"""Height and width in cells."""


@dataclass(slots=True)
class Regions:
    """Cells are numbered row by row over `height` x `width`, or over the picture's own grid.

    of_question: by region, the cells with any coverage; None where the picture has no such thing.
    sinks: by layer. grids: height and width by scene and variant, of pictures that have others; sinks_on:
    their sinks.
    """

    height: int
    width: int
    of_question: Mapping[Place, Mapping[str, Sequence[int] | None]] = field(default_factory=dict)
    sinks: Mapping[int, Sequence[int]] = field(default_factory=dict)
    grids: Mapping[tuple[int, str], Grid] = field(default_factory=dict)
    sinks_on: Mapping[Grid, Mapping[int, Sequence[int]]] = field(default_factory=dict)

    def grid(self, place: Place) -> Grid:
        """Height and width of the grid on a question's picture."""
        return self.grids.get((place[0], place[2]), (self.height, self.width))

    def cells(self, region: str, place: Place, layers: Collection[int]) -> tuple[int, ...]:
        """The cells of a region in these layers, in order; none where the question has no such region."""
        grid = self.grid(place)
        if region == "image":
            return tuple(range(grid[0] * grid[1]))
        if region == "sink":
            sinks = self.sinks_on.get(grid, self.sinks)
            return tuple(sorted(set(chain.from_iterable(sinks.get(layer, ()) for layer in layers))))
        return tuple(self.of_question.get(place, {}).get(region) or ())

    def asked_about(self, place: Place) -> tuple[int, ...]:
        return tuple(self.of_question.get(place, {}).get("target") or ())


def load_regions(
    database: Path,
    record: RunRecord,
    tasks: Sequence[Task],
    regions: Collection[str],
    layout_of: Callable[[Task], TokenLayout] | None = None,
) -> Regions:
    """The named regions of a run's questions. layout_of: where a picture's image tokens stand; None: as on
    the run's first picture.

    Raises UsageError where the data set does not say where its objects are, where a run tells no sinks, and
    where the image tokens are no grid.
    """
    height, width = record.grid_height or 0, record.grid_width or 0
    on_picture = [name for name in regions if name != "text"]
    if on_picture and record.layout is not None and not height:
        raise UsageError(
            f"The image tokens of {record.model} are no grid over the picture (layout {record.layout}), on "
            f"which the region {on_picture[0]} and its controls are chosen: only text can be cut."
        )
    grids = _grids(record, tasks, layout_of) if on_picture and layout_of is not None else {}
    sinks: dict[Grid, dict[int, Sequence[int]]] = {}
    places: dict[Place, Mapping[str, Sequence[int] | None]] = {}
    of_a_question = [name for name in regions if name in OF_A_QUESTION]
    if of_a_question or "sink" in regions:  # controls of sinks avoid what is asked about
        if of_a_question and not any(task.item.scene is not None for task in tasks):
            raise UsageError(
                f"The data set {record.dataset} does not say where its objects are, so that there is no "
                f"region {of_a_question[0]}; image, text and sink need no annotations."
            )
        for grid in {(height, width), *grids.values()}:
            ensure_regions(database, record.dataset, *grid)
            asked = {"dataset": record.dataset, "grid_height": grid[0], "grid_width": grid[1]}
            for row in read(database, "cut_regions", **asked).as_dicts():
                if grids.get((row["scene_id"], row["variant"]), (height, width)) == grid:
                    places[row["scene_id"], row["question_index"], row["variant"]] = row
    if "sink" in regions:
        if record.attention == "none":
            raise UsageError(f"The run {record.run} kept no attention, which would tell its sinks.")
        for grid in {(height, width), *grids.values()}:
            asked = {"run": record.run, "grid_height": grid[0], "grid_width": grid[1]}
            sinks[grid] = dict(read(database, "cut_sinks", **asked).rows)
        if not any(sinks.values()):
            raise UsageError(f"The run {record.run} has no sinks: no cell takes over five times its share.")
    return Regions(height, width, places, sinks.get((height, width), {}), grids, sinks)


def _grids(
    record: RunRecord, tasks: Sequence[Task], layout_of: Callable[[Task], TokenLayout]
) -> dict[tuple[int, str], Grid]:
    """The grid of each picture. Raises UsageError for one whose image tokens are no grid over it."""
    found: dict[tuple[int, str], Grid] = {}
    for task in tasks:
        layout = layout_of(task)
        if layout.grid is None:
            raise UsageError(
                f"The image tokens of {record.model} are no grid over the picture of scene "
                f"{task.item.scene_id}: only text can be cut."
            )
        found[task.item.scene_id, task.variant] = layout.grid
    return found
