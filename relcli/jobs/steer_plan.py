"""Which heads are drawn where for which question, and the controls beside it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from relcli.analysis.matching import matched_cells, matched_heads
from relcli.jobs.experiment import Unit
from relcli.jobs.experiment_regions import Place, Regions
from relcli.jobs.experiment_steps import HalvedHeads, heads_for
from relcli.jobs.plan import Task
from relcli.jobs.steer_request import SteerRequest
from relcli.models.edits import Heads, Steering
from relcli.scenes.scene import derived_rng
from relcli.warehouse.interventions import SteerRecord

ALL_HEADS = "all-heads"


@dataclass(slots=True)
class SteerPlan:
    """The heads asked for, the same number of random ones, and all of them.

    heads: None is all; then the controls are random cells. halves: 1 or 2 of each scene, where heads were
    chosen by half. region: in place of the request's, of cells that somebody picked. without: questions
    whose picture has no such region; unmatched: those without a control.
    """

    request: SteerRequest
    heads: Heads | HalvedHeads | None
    n_controls: int
    n_layers: int
    n_heads: int
    regions: Regions
    tasks: Sequence[Task]
    halves: Mapping[int, int] = field(default_factory=dict)
    region: str | None = None
    without: set[Place] = field(default_factory=set)
    unmatched: set[Place] = field(default_factory=set)

    @property
    def to(self) -> str:
        """The region to which attention is drawn."""
        return self.region or self.request.to

    @property
    def records(self) -> list[SteerRecord]:
        request, name = self.request, self.request.experiment

        def record(suffix: str, heads: Heads | HalvedHeads | None, draw: int = 0) -> SteerRecord:
            return SteerRecord(
                intervention=name + suffix,
                experiment=name,
                region=self.to,
                from_rows=request.source,
                strength=request.strength,
                heads=heads,
                draw=draw,
                seed=request.seed,
                control_of=name if draw else None,
            )

        found = [record("", self.heads)]
        found += [record(f"/random-{draw}", self.heads, draw) for draw in range(1, self.n_controls + 1)]
        return found + ([record(f"/{ALL_HEADS}", None)] if self.heads is not None else [])

    def units(self) -> Iterator[Unit]:
        """Scene by scene, each question with all its interventions."""
        records = self.records
        for task in self.tasks:
            for question in task.questions:
                place = task.key(question)[:3]
                for record in records:
                    edit = self._edit(record, place)
                    if edit is not None:
                        yield Unit(task, question, record.intervention, edit)

    def of_place(self, place: Place) -> Iterator[tuple[SteerRecord, Steering]]:
        """The interventions on one question; none where it lacks the region."""
        for record in self.records:
            edit = self._edit(record, place)
            if edit is not None:
                yield record, edit

    def notes(self) -> list[str]:
        total = sum(len(task.questions) for task in self.tasks)
        found = []
        if self.without:
            found.append(
                f"{len(self.without):,} of {total:,} questions have no region {self.to} on their "
                "picture; they are left out."
            )
        if self.unmatched:
            found.append(
                f"{len(self.unmatched):,} of {total:,} questions leave no room for a random set; they are "
                "steered, but not compared with the control."
            )
        return found

    def _edit(self, record: SteerRecord, place: Place) -> Steering | None:
        """None where the question has no such region, or nothing is left for a control."""
        request, cells = self.request, self.regions.cells(self.to, place, ())
        if not cells:
            self.without.add(place)
            return None
        heads = None if record.heads is None else heads_for(self.heads, self.halves.get(place[0]))
        if record.draw:
            rng = derived_rng(record.seed, place[0], f"steer/{record.draw}/{place[1:]}")
            if heads is None:
                asked = self.regions.asked_about(place)
                found = matched_cells(cells, asked, *self.regions.grid(place), rng)
                cells = found or ()
            else:
                # Alike for all scenes: it is heads that are drawn, not cells.
                rng = derived_rng(record.seed, 0, f"steer/{record.draw}/{heads}")
                heads = matched_heads(heads, self.n_heads, rng, self.n_layers) or ()
            if not cells or heads == ():
                self.unmatched.add(place)
                return None
        return Steering(cells, request.strength, None, request.source, heads)
