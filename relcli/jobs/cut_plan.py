"""Which cells are cut for which question: matched controls, and the edits made of them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from relcli.analysis.matching import matched_cells, matched_heads
from relcli.jobs.cut_request import CutRequest, Step
from relcli.jobs.experiment import Unit
from relcli.jobs.experiment_regions import Grid, Place, Regions
from relcli.jobs.experiment_steps import heads_for
from relcli.jobs.plan import Task
from relcli.models.edits import Knockout
from relcli.scenes.scene import derived_rng
from relcli.warehouse.interventions import CutRecord


@dataclass(slots=True)
class CutPlan:
    """All answers that a request asks for.

    records: the interventions, each cut followed by its controls. unmatched: questions that have the region
    but no matched set, without: those that have no such region; known once the units have been gone through.
    """

    request: CutRequest
    steps: Sequence[Step]
    n_controls: int
    n_layers: int
    n_heads: int
    regions: Regions
    tasks: Sequence[Task]
    halves: Mapping[int, int] = field(default_factory=dict)
    unmatched: set[Place] = field(default_factory=set)
    without: set[Place] = field(default_factory=set)
    _drawn: dict[tuple[int, Grid, tuple[int, ...], tuple[int, ...], int], tuple[int, ...] | None] = field(
        default_factory=dict
    )

    @property
    def records(self) -> list[CutRecord]:
        return [record for step in self.steps for record in self._records(step)]

    def units(self) -> Iterator[Unit]:
        """Scene by scene, each question with all its cuts."""
        records = [(step, self._records(step)) for step in self.steps]
        for task in self.tasks:
            for question in task.questions:
                place = task.key(question)[:3]
                for step, of_step in records:
                    for record in of_step:
                        edit = self._edit(step, record, place)
                        if edit is not None:
                            yield Unit(task, question, record.intervention, edit)

    def of_place(self, place: Place) -> Iterator[tuple[CutRecord, Knockout]]:
        """The interventions on one question, each cut before its controls; none where it lacks the region."""
        for step in self.steps:
            for record in self._records(step):
                edit = self._edit(step, record, place)
                if edit is not None:
                    yield record, edit

    def notes(self) -> list[str]:
        total = sum(len(task.questions) for task in self.tasks)
        found = []
        if self.without:
            found.append(
                f"{len(self.without):,} of {total:,} questions have no region {self.request.cells_of} on "
                "their picture, or not in all of these layers; they are left out there."
            )
        if self.unmatched:
            found.append(
                f"{len(self.unmatched):,} of {total:,} questions leave no room for a matched random set; "
                "they are cut, but not compared with the control."
            )
        return found

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
        region, heads = self.request.cells_of, heads_for(step.heads, self.halves.get(place[0]))
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
        grid = self.regions.grid(place)
        what = (place[0], grid, cells, avoided, draw)
        if what not in self._drawn:
            rng = derived_rng(self.request.seed, place[0], f"cut/{draw}/{cells}/{avoided}")
            self._drawn[what] = matched_cells(cells, avoided, *grid, rng)
        return self._drawn[what]
