"""What cuts, patches and steering share: a run's questions asked again while the model is interfered with."""

import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import groupby, islice
from pathlib import Path
from typing import ClassVar, Generic, NamedTuple, Protocol, TypeVar

from relcli.errors import InterruptedRun, RelcliError, UsageError
from relcli.jobs.distributed import rank_and_world
from relcli.jobs.experiment_questions import (
    ExperimentRequest,
    describe_same_model,
    open_again,
    plain_tasks,
    run_and_data,
)
from relcli.jobs.inference_loop import answer_row, picture
from relcli.jobs.ingest_thread import IngestThread, ingest_all
from relcli.jobs.plan import Task
from relcli.jobs.run_regions import layouts_by_size
from relcli.jobs.stopping import stoppable
from relcli.models.answer_engine import AnswerEngine, EngineDescription
from relcli.models.edits import Edit, Patch
from relcli.models.items import Answer, AskItem, PromptItem
from relcli.progress import Progress
from relcli.scenes.items import Dataset
from relcli.scenes.questions import Question
from relcli.scenes.spans import spans_of
from relcli.token_layout import TokenLayout
from relcli.warehouse.batch import Key
from relcli.warehouse.ingest import ingest
from relcli.warehouse.interventions import InterventionRecord, register_interventions
from relcli.warehouse.migrations import ensure
from relcli.warehouse.parts import run_folder
from relcli.warehouse.run_lock import run_lock
from relcli.warehouse.runs import RunRecord, done_keys, stored_keys
from relcli.warehouse.spool import SpoolWriter

R = TypeVar("R", bound=ExperimentRequest)


@dataclass(frozen=True, slots=True)
class ExperimentOutcome:
    """What an experiment came to: the name its answers carry, how many there are, and how many came now."""

    run: str
    experiment: str
    n_planned: int
    n_answered: int


class Unit(NamedTuple):
    """One answer to be had: a question on a picture under an intervention."""

    task: Task
    question: Question
    intervention: str
    edit: Edit

    @property
    def key(self) -> Key:
        return self.task.key(self.question)._replace(intervention=self.intervention)


class ExperimentPlan(Protocol):
    """All answers that an experiment asks for."""

    @property
    def records(self) -> Sequence[InterventionRecord]:
        """The interventions, each followed by its controls."""
        ...

    def units(self) -> Iterator[Unit]:
        """Scene by scene, so that a picture's units share its prefix. Each question with all its
        interventions."""
        ...

    def notes(self) -> list[str]:
        """What is left out, in sentences; known once the units have been gone through."""
        ...


class Experiment(ABC, Generic[R]):
    """One call of an experiment: choose the questions, ask them again, and keep the answers in the run.

    Answers go through the run's spool under its lock, so nothing is lost or doubled; the same call continues
    after a stop.
    """

    noun: ClassVar[str]
    """What it is called in sentences: cut, patch."""
    doing: ClassVar[str]
    """What it does, for the progress display: Cutting, Patching."""

    def __init__(self, database: Path, request: R, progress: Progress) -> None:
        self.database, self.request, self.progress = database, request, progress
        self.record: RunRecord
        self.engine: AnswerEngine

    @abstractmethod
    def plan(self, found: EngineDescription, tasks: list[Task]) -> ExperimentPlan:
        """Which interventions are made on which questions. Raises UsageError for what doesn't fit."""

    @abstractmethod
    def nothing_to_do(self, tasks: list[Task]) -> str:
        """The sentence where no question is left."""

    @property
    def most_at_once(self) -> int:
        """Units in one call of the engine, at most."""
        return 4096

    def answers(self, engine: AnswerEngine, units: Sequence[Unit]) -> list[Answer]:
        """Ask the engine; in the order of `units`, in which those of a picture stand together."""
        return engine.answer(ask_items(units))

    def run(self) -> ExperimentOutcome:
        """Raises UsageError for runs, places, layers and heads that don't fit, and where the model's weights
        are not the run's; InterruptedRun after Ctrl-C or a closed pipe; else as `relcli.jobs.run.run`."""
        if rank_and_world()[1] > 1:
            raise UsageError(
                f"relcli {self.noun} runs as one process: start it without torchrun or accelerate launch."
            )
        with stoppable(watch_stdin=self.progress.watch_stdin), self._as_interrupted():
            ensure(self.database)
            ingest(self.database, note=self.progress.note)  # what a killed run or experiment left
            self.record, dataset = run_and_data(self.database, self.request)
            with run_lock(run_folder(self.database, self.record.run), self.record.run):
                return self._work(dataset)

    def _work(self, dataset: Dataset) -> ExperimentOutcome:
        tasks = self.tasks(dataset)
        run, experiment = self.record.run, self.request.experiment
        engine = self.engine = open_again(self.record, self.request, self.progress)
        plan = self.plan(describe_same_model(engine, self.record, tasks), tasks)
        planned = {unit.key for unit in plan.units()}
        if not planned:
            raise UsageError(self.nothing_to_do(tasks))
        for sentence in plan.notes():
            self.progress.note(sentence)
        register_interventions(self.database, plan.records)
        done = done_keys(self.database, run) & planned
        if done:
            self.progress.note(f"Going on: {len(done):,} of {len(planned):,} answers are there.")
        answered = self._answer(engine, plan, done, len(planned)) if len(done) < len(planned) else 0
        ingest_all(self.database, run, self.progress.note)
        if missing := planned - stored_keys(self.database, run):
            raise RelcliError(
                f"{len(missing):,} of {len(planned):,} answers of the {self.noun} {experiment} are not in "
                "the warehouse; give the same command again."
            )
        self.progress.finish({"run": run, "name": experiment, "answers": answered})
        return ExperimentOutcome(run, experiment, len(planned), answered)

    def layout_of(self, found: EngineDescription) -> Callable[[Task], TokenLayout] | None:
        """Where the image tokens of a picture stand, by its size; None where nobody knows. found: what the
        engine is on the first picture."""
        if found.layout is None:
            return None
        return layouts_by_size(found.layout, lambda image: self.engine.describe(image).layout, picture)

    def tasks(self, dataset: Dataset) -> list[Task]:
        """The questions to choose from."""
        return plain_tasks(self.database, self.record, dataset, self.request)

    def _answer(
        self, engine: AnswerEngine, plan: ExperimentPlan, done: Collection[Key], n_planned: int
    ) -> int:
        dataset, run = self.record.dataset, self.record.run
        keeper = IngestThread(self.database, run, self.progress.note)
        self.progress.start(n_planned, "answers", f"{self.doing} in {self.record.model}")
        self.progress.advance(len(done))
        answered = 0
        left = (unit for unit in plan.units() if unit.key not in done)
        chunks = _Chunks(self.most_at_once)
        with SpoolWriter(self.database, run) as spool:
            keeper.start()
            try:
                while units := list(islice(left, chunks.size)):
                    began = time.monotonic()
                    answers = self.answers(engine, units)
                    rows = (
                        answer_row(dataset, unit.task, unit.question, answer)
                        for unit, answer in zip(units, answers, strict=True)
                    )
                    spool.write(
                        [
                            row | {"intervention": unit.intervention}
                            for unit, row in zip(units, rows, strict=True)
                        ]
                    )
                    chunks.took(len(units), time.monotonic() - began)
                    answered += len(units)
                    self.progress.advance(len(units))
                    keeper.check()
            finally:
                keeper.stop()
        return answered

    @contextmanager
    def _as_interrupted(self) -> Iterator[None]:
        try:
            yield
        except KeyboardInterrupt:
            raise InterruptedRun(
                f"The {self.noun} {self.request.experiment} of {self.request.run} was interrupted; the same "
                "command resumes it."
            ) from None


class _Chunks:
    """How many answers are asked for at once: what takes about three seconds, which is what a kill costs."""

    AIM_S, FIRST = 3.0, 64

    def __init__(self, most: int) -> None:
        self.size, self._most = min(self.FIRST, most), most

    def took(self, n: int, seconds: float) -> None:
        self.size = int(max(1, min(self.AIM_S * n / max(seconds, 1e-6), 4 * self.size, self._most)))


def ask_items(units: Sequence[Unit]) -> list[AskItem]:
    """One item a picture, for units of which those of a picture stand together."""
    items = []
    for place, group in groupby(units, lambda unit: (unit.task.item.scene_id, unit.task.variant)):
        members = list(group)
        prompts = [_prompt(unit) for unit in members]
        items.append(AskItem(place, picture(members[0].task), prompts))
    return items


def _prompt(unit: Unit) -> PromptItem:
    question = unit.question
    spans = ()
    if isinstance(unit.edit, Patch):
        spans = spans_of(question, unit.task.item.scene)
    return PromptItem(unit.key, question.text, question.options, unit.edit, spans)
