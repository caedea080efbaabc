"""Which cells are cut for which question: regions, matched controls, and the edits made of them."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import NamedTuple

from relcli.analysis.matching import matched_cells, matched_heads
from relcli.jobs.cut_request import OF_A_QUESTION, CutRequest, Step
from relcli.jobs.plan import Task
from relcli.models.items import Knockout
from relcli.scenes.questions import Question
from relcli.scenes.scene import derived_rng
from relcli.warehouse.batch import Key
from relcli.warehouse.interventions import CutRecord

Place = tuple[int, int, str]
"""Scene, question index, variant."""


class Unit(NamedTuple):
    """One answer to be had: a question on a picture under an intervention."""

    task: Task
    question: Question
    intervention: str
    edit: Knockout

    @property
    def key(self) -> Key:
        return self.task.key(self.question)._replace(intervention=self.intervention)


@dataclass(slots=True)
class Regions:
    """Where things are on one grid: cells of each question's regions, and of the sinks of each layer."""

    height: int
    width: int
    of_question: Mapping[Place, Mapping[str, Sequence[int] | None]]
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


@dataclass(slots=True)
class CutPlan:
    """All answers that a request asks for.

    cuts: the interventions, each cut followed by its controls. unmatched: questions that have the region but
    no matched set, without: those that have no such region; known once the units have been gone through.
    """

    request: CutRequest
    steps: Sequence[Step]
    n_controls: int
    n_layers: int
    n_heads: int
    regions: Regions
    tasks: Sequence[Task]
    unmatched: set[Place] = field(default_factory=set)
    without: set[Place] = field(default_factory=set)
    _drawn: dict[tuple[int, tuple[int, ...], tuple[int, ...], int], tuple[int, ...] | None] = field(
        default_factory=dict
    )

    @property
    def cuts(self) -> list[CutRecord]:
        return [record for step in self.steps for record in self._records(step)]

    def units(self) -> Iterator[Unit]:
        """Scene by scene, so that a picture's cuts share its prefix. Each question with all its cuts."""
        records = [(step, self._records(step)) for step in self.steps]
        for task in self.tasks:
            for question in task.questions:
                place = task.key(question)[:3]
                for step, of_step in records:
                    for record in of_step:
                        edit = self._edit(step, record, place)
                        if edit is not None:
                            yield Unit(task, question, record.intervention, edit)

    def _records(self, step: Step) -> list[CutRecord]:
        request = self.request
        name = request.experiment + step.suffix
        first = 1 if request.region == "random" else 0
        return [
            CutRecord(
                intervention=name if draw == first else f"{name}/random-{draw}",
                experiment=request.experiment,
                region=request.region if draw == first else "random",
                from_rows=request.source,
                layers=step.layers,
                heads=step.heads,
                match=request.cells_of if draw else None,
                draw=draw,
                seed=request.seed,
                control_of=None if draw == first else name,
            )
            for draw in range(first, first + 1 + self.n_controls)
        ]

    def _edit(self, step: Step, record: CutRecord, place: Place) -> Knockout | None:
        """None where the question has no such region, or nothing matches it."""
        region, heads = self.request.cells_of, step.heads
        layers = range(self.n_layers) if step.layers is None else step.layers
        cells = () if region == "text" else self.regions.cells(region, place, layers)
        if not cells and region != "text":
            self.without.add(place)
            return None
        if record.draw and region in ("image", "text"):
            assert heads is not None  # else there is no control
            rng = derived_rng(record.seed, place[0], f"cut/{record.draw}/{place[1:]}/{heads}")
            heads = matched_heads(heads, self.n_heads, rng)
        elif record.draw:
            found = self._matched(place, cells, record.draw)
            if found is None:
                self.unmatched.add(place)
                return None
            cells = found
        if record.draw and step.heads is not None and heads is None:
            self.unmatched.add(place)
            return None
        return Knockout(cells, step.layers, self.request.source, heads, region == "text")

    def _matched(self, place: Place, cells: tuple[int, ...], draw: int) -> tuple[int, ...] | None:
        """A random set alike for all questions about the same things, so that they share what is encoded
        anew."""
        avoided = self.regions.asked_about(place)
        what = (place[0], cells, avoided, draw)
        if what not in self._drawn:
            rng = derived_rng(self.request.seed, place[0], f"cut/{draw}/{cells}/{avoided}")
            self._drawn[what] = matched_cells(cells, avoided, self.regions.height, self.regions.width, rng)
        return self._drawn[what]


def needs_regions(request: CutRequest) -> bool:
    """Whether cells come from where a question's things are, be it only to be avoided by controls."""
    return request.cells_of in (*OF_A_QUESTION, "sink")
