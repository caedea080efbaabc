"""Where things are on the grid of a run: cells of each question's regions, and of each layer's sinks."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path

from relcli.errors import UsageError
from relcli.jobs.plan import Task
from relcli.options.cut import OF_A_QUESTION
from relcli.warehouse.datasets import ensure_regions
from relcli.warehouse.reads import read
from relcli.warehouse.runs import RunRecord

Place = tuple[int, int, str]
"""Scene, question index, variant."""


@dataclass(slots=True)
class Regions:
    """Cells are numbered row by row over `height` x `width`.

    of_question: by region, the cells with any coverage; None where the picture has no such thing.
    sinks: by layer.
    """

    height: int
    width: int
    of_question: Mapping[Place, Mapping[str, Sequence[int] | None]] = field(default_factory=dict)
    sinks: Mapping[int, Sequence[int]] = field(default_factory=dict)

    def cells(self, region: str, place: Place, layers: Collection[int]) -> tuple[int, ...]:
        """The cells of a region in these layers, in order; none where the question has no such region."""
        if region == "image":
            return tuple(range(self.height * self.width))
        if region == "sink":
            return tuple(sorted(set(chain.from_iterable(self.sinks.get(layer, ()) for layer in layers))))
        return tuple(self.of_question.get(place, {}).get(region) or ())

    def asked_about(self, place: Place) -> tuple[int, ...]:
        return tuple(self.of_question.get(place, {}).get("target") or ())


def load_regions(
    database: Path, record: RunRecord, tasks: Sequence[Task], regions: Collection[str]
) -> Regions:
    """The named regions of a run's questions.

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
    grid = {"grid_height": height, "grid_width": width}
    sinks, places = {}, {}
    of_a_question = [name for name in regions if name in OF_A_QUESTION]
    if of_a_question or "sink" in regions:  # controls of sinks avoid what is asked about
        if of_a_question and not any(task.item.scene is not None for task in tasks):
            raise UsageError(
                f"The data set {record.dataset} does not say where its objects are, so that there is no "
                f"region {of_a_question[0]}; image, text and sink need no annotations."
            )
        ensure_regions(database, record.dataset, height, width)
        rows = read(database, "cut_regions", dataset=record.dataset, **grid).as_dicts()
        places = {(row["scene_id"], row["question_index"], row["variant"]): row for row in rows}
    if "sink" in regions:
        if record.attention == "none":
            raise UsageError(f"The run {record.run} kept no attention, which would tell its sinks.")
        sinks = dict(read(database, "cut_sinks", run=record.run, **grid).rows)
        if not sinks:
            raise UsageError(f"The run {record.run} has no sinks: no cell takes over five times its share.")
    return Regions(height, width, places, sinks)
