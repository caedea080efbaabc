"""Which states are copied from which prompt into which, and the controls beside it."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from relcli.jobs.experiment import Unit
from relcli.jobs.experiment_regions import Place, Regions
from relcli.jobs.inference_loop import picture
from relcli.jobs.patch_request import PatchRequest, PatchStep
from relcli.jobs.plan import Task
from relcli.models.answer_engine import PromptShape
from relcli.models.edits import Patch, PatchSource, Places
from relcli.scenes.questions import Question
from relcli.scenes.scene import derived_rng
from relcli.scenes.spans import spans_of
from relcli.warehouse.interventions import PatchRecord


class Asked(NamedTuple):
    """A question on one picture."""

    task: Task
    question: Question


@dataclass(slots=True)
class PatchPlan:
    """Patches between two variants, in both directions unless one is asked for.

    shape_of: the tokens of a prompt. alike: questions whose truth is the same on both variants, and
    unequal: those whose prompts are of unequal length, or whose pictures are of another grid where cells are
    named; both are left out. without: questions without the
    tokens asked for. unmatched: those for which no other scene has a question of the same length.
    """

    request: PatchRequest
    source: str
    steps: Sequence[PatchStep]
    regions: Regions
    tasks: Sequence[Task]
    shape_of: Callable[[Asked], PromptShape]
    alike: set[Place] = field(default_factory=set)
    unequal: set[Place] = field(default_factory=set)
    without: set[Place] = field(default_factory=set)
    unmatched: set[Place] = field(default_factory=set)
    _sources: dict[tuple[int, int, str], PatchSource] = field(default_factory=dict)

    @property
    def records(self) -> list[PatchRecord]:
        return [record for step in self.steps for record in self._records(step)]

    def units(self) -> Iterator[Unit]:
        """Scene by scene, each question with all its patches."""
        request = self.request
        asked = {
            task.key(question)[:3]: Asked(task, question)
            for task in self.tasks
            for question in task.questions
        }
        others: dict[tuple[str, str, PromptShape], list[Asked]] = defaultdict(list)
        if request.control:
            for each in asked.values():
                others[each.question.category, each.task.variant, self.shape_of(each)].append(each)
        opposite = {request.to: self.source} | ({} if request.one_way else {self.source: request.to})
        records = [(step, self._records(step)) for step in self.steps]
        for place, here in asked.items():
            there = asked.get((*place[:2], opposite.get(place[2], "")))
            if there is None or not self._fit(place, here, there):
                continue
            at = self._places(place, there)
            if at is None:
                self.without.add(place)
                continue
            controls = self._controls(place, here, there.task.variant, others)
            for step, of_step in records:
                for record in of_step:
                    origin = there if not record.draw else controls.get(record.draw)
                    if origin is not None:
                        edit = Patch(
                            self._source(origin), request.site, at, step.layers, step.heads, request.deepstack
                        )
                        yield Unit(here.task, here.question, record.intervention, edit)

    def notes(self) -> list[str]:
        found = []
        for places, why in (
            (self.alike, "have the same right answer on both variants; they are left out"),
            (self.unequal, "are prompts or grids of unequal size on the two variants; they are left out"),
            (self.without, f"have no tokens {self.request.at}; they are left out"),
            (self.unmatched, "find no other scene's question of the same length; they have no control"),
        ):
            if places:
                found.append(f"{len(places):,} questions {why}.")
        return found

    def _records(self, step: PatchStep) -> list[PatchRecord]:
        request = self.request
        name = request.experiment + step.suffix
        return [
            PatchRecord(
                intervention=f"{name}/random-{draw}" if draw else name,
                experiment=request.experiment,
                site=request.site,
                places=request.at,
                layers=step.layers,
                heads=step.heads,
                variants=(self.source, request.to),
                deepstack=request.deepstack,
                draw=draw,
                seed=request.seed,
                control_of=name if draw else None,
            )
            for draw in range(request.control + 1)
        ]

    def _fit(self, place: Place, here: Asked, there: Asked) -> bool:
        if here.task.truth(here.question) == there.task.truth(there.question):
            self.alike.add(place)
            return False
        other = (*place[:2], there.task.variant)
        on_cells = self.request.places.regions
        if self.shape_of(here) != self.shape_of(there) or (
            on_cells and self.regions.grid(place) != self.regions.grid(other)
        ):
            self.unequal.add(place)
            return False
        return True

    def _places(self, place: Place, there: Asked) -> Places | None:
        """None where the question lacks what --at names."""
        at = self.request.places
        other = (*place[:2], there.task.variant)
        cells: set[int] = set()
        for region in at.regions:
            found = {*self.regions.cells(region, place, ()), *self.regions.cells(region, other, ())}
            if not found:
                return None
            cells |= found
        if at.row is not None and at.row not in dict(self.shape_of(there).roles):
            return None
        return Places(tuple(sorted(cells)), at.answer, at.row, at.everything)

    def _controls(
        self,
        place: Place,
        here: Asked,
        variant: str,
        others: dict[tuple[str, str, PromptShape], list[Asked]],
    ) -> dict[int, Asked]:
        if not self.request.control:
            return {}
        pool = [
            each
            for each in others[here.question.category, variant, self.shape_of(here)]
            if each.task.item.scene_id != place[0]
        ]
        if not pool:
            self.unmatched.add(place)
            return {}
        rng = derived_rng(self.request.seed, place[0], f"patch/{place[1:]}")
        return {draw: rng.choice(pool) for draw in range(1, self.request.control + 1)}

    def _source(self, asked: Asked) -> PatchSource:
        """The same object for the same prompt, so that its states are read once."""
        key = asked.task.key(asked.question)[:3]
        if key not in self._sources:
            if len(self._sources) > 64:
                self._sources.clear()
            task, question = asked
            spans = spans_of(question, task.item.scene)
            self._sources[key] = PatchSource(picture(task), question.text, spans)
        return self._sources[key]
