"""Attention knock-out over a run: its questions again, with chosen attention weights at zero."""

import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import groupby, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from relcli.errors import InterruptedRun, RelcliError, UsageError
from relcli.jobs.cut_plan import CutPlan, Regions, Unit, needs_regions
from relcli.jobs.cut_request import OF_A_QUESTION, CutRequest, control_draws, steps
from relcli.jobs.distributed import rank_and_world
from relcli.jobs.engines import open_engine
from relcli.jobs.inference_loop import answer_row, picture
from relcli.jobs.ingest_thread import IngestThread, ingest_all
from relcli.jobs.plan import Task, make_plan
from relcli.jobs.request import BUNDLED, RunRequest, differences
from relcli.jobs.stopping import stoppable
from relcli.models.answer_engine import REMOTE_DEVICE
from relcli.models.items import AskItem, PromptItem
from relcli.progress import Progress
from relcli.scenes.items import Dataset
from relcli.warehouse.batch import Key
from relcli.warehouse.datasets import dataset_names, ensure_regions, load_dataset
from relcli.warehouse.ingest import ingest
from relcli.warehouse.interventions import register_cuts
from relcli.warehouse.migrations import ensure
from relcli.warehouse.parts import full_attention_folder, run_folder
from relcli.warehouse.reads import read
from relcli.warehouse.run_lock import run_lock
from relcli.warehouse.runs import RunRecord, done_keys, get_run, stored_keys
from relcli.warehouse.spool import SpoolWriter

if TYPE_CHECKING:
    from relcli.models.local.engine import Engine


@dataclass(frozen=True, slots=True)
class CutOutcome:
    """What a cut came to: the name its answers carry, how many there are, and how many came now."""

    run: str
    experiment: str
    n_planned: int
    n_answered: int


def cut(database: Path, request: CutRequest, progress: Progress) -> CutOutcome:
    """Answer a run's questions again under a cut and its controls; the same call continues after a stop.

    Answers go through the run's spool under its lock, so nothing is lost or doubled. Raises UsageError for
    runs, regions, layers and heads that don't fit, and where the model's weights are not the run's;
    InterruptedRun after Ctrl-C or a closed pipe; otherwise as `relcli.jobs.run.run`.
    """
    if rank_and_world()[1] > 1:
        raise UsageError("relcli cut runs as one process: start it without torchrun or accelerate launch.")
    with stoppable(watch_stdin=progress.watch_stdin), _as_interrupted(request):
        ensure(database)
        ingest(database, note=progress.note)  # what a killed run or cut left
        record, dataset = _run_and_data(database, request)
        with run_lock(run_folder(database, record.run), record.run):
            return _CutSession(database, request, progress, record).work(dataset)


def _run_and_data(database: Path, request: CutRequest) -> tuple[RunRecord, Dataset]:
    record = get_run(database, request.run)
    if record is None:
        raise UsageError(
            f"There is no run {request.run} in {database}; relcli runs list shows those there are."
        )
    if record.kind != "run":
        raise UsageError(f"The run {record.run} was imported: there is no model here to ask again.")
    if record.device == REMOTE_DEVICE:
        raise UsageError(
            f"The run {record.run} was answered by a model behind a server, whose attention can't be cut: "
            "run the model here, without --endpoint."
        )
    if record.dataset not in dataset_names(database):
        raise UsageError(
            f"The data set {record.dataset} of the run {record.run} is not in {database}: there are no "
            "pictures to ask about."
        )
    held = list(record.variants or ())
    if unknown := [name for name in request.variants or () if name not in held]:
        raise UsageError(
            f"The run {record.run} was not asked on {unknown[0]} pictures; --variants takes "
            f"{', '.join(held)}."
        )
    return record, load_dataset(database, record.dataset)


class _CutSession:
    """One call of `relcli cut`, the run's lock in hand."""

    def __init__(self, database: Path, request: CutRequest, progress: Progress, record: RunRecord) -> None:
        self.database, self.request, self.progress, self.record = database, request, progress, record

    def work(self, dataset: Dataset) -> CutOutcome:
        tasks = self._tasks(dataset)
        engine = self._engine()
        self._refuse_another_model(engine, tasks)
        plan = self._plan(engine, tasks)
        planned = {unit.key for unit in plan.units()}
        if not planned:
            raise UsageError(
                f"None of the {sum(len(task.questions) for task in tasks):,} questions has the region "
                f"{self.request.cells_of} on its picture, so there is nothing to cut."
            )
        self._say_what_is_left_out(plan, tasks)
        register_cuts(self.database, plan.cuts)
        done = done_keys(self.database, self.record.run) & planned
        if done:
            self.progress.note(f"Going on: {len(done):,} of {len(planned):,} answers are there.")
        answered = self._answer(engine, plan, done, len(planned)) if len(done) < len(planned) else 0
        ingest_all(self.database, self.record.run, self.progress.note)
        if missing := planned - stored_keys(self.database, self.record.run):
            raise RelcliError(
                f"{len(missing):,} of {len(planned):,} answers of the cut {self.request.experiment} are not "
                "in the warehouse; give the same command again."
            )
        self.progress.finish({"run": self.record.run, "name": self.request.experiment, "answers": answered})
        return CutOutcome(self.record.run, self.request.experiment, len(planned), answered)

    def _tasks(self, dataset: Dataset) -> list[Task]:
        """The run's questions that have a plain answer, of the variants and categories asked for."""
        started = RunRequest().as_started(self.record)
        wanted = [name for name in self.record.categories or () if name in self.request.categories]
        if not wanted:
            raise UsageError(
                f"The run {self.record.run} was not asked about {', '.join(self.request.categories)}; it has "
                f"{', '.join(self.record.categories or ())}."
            )
        whole = set(wanted) == set(self.record.categories or ())
        started = replace(started, categories=started.categories if whole else tuple(wanted))
        scenes = None if self.record.scene_ids is None else set(self.record.scene_ids)
        rows = read(self.database, "plain_choices", run=self.record.run).rows
        answered = {tuple(row[:3]) for row in rows}
        tasks = []
        for task in make_plan(dataset, started).tasks:
            if scenes is not None and task.item.scene_id not in scenes:
                continue
            if self.request.variants is None or task.variant in self.request.variants:
                questions = tuple(q for q in task.questions if task.key(q)[:3] in answered)
                if questions:
                    tasks.append(replace(task, questions=questions))
        if not tasks:
            raise UsageError(
                f"The run {self.record.run} has no answers yet to compare with: finish it first with relcli "
                f"run --name {self.record.run} --resume."
            )
        return tasks

    def _engine(self) -> "Engine":
        record, request = self.record, self.request
        model = record.model or BUNDLED
        folder = None if model == BUNDLED or record.revision else record.model_path
        if folder and Path(folder).is_dir():
            model = folder  # whatever it was called where the run was started
        return open_engine(
            model,
            self.progress,
            revision=record.revision,
            dtype=record.dtype,
            device=request.device,
            untested_family=True,  # whoever started the run has said yes already
            attention="none",
            max_new_tokens=record.max_new_tokens or 128,
            batch_size=request.batch_size,
        )

    def _refuse_another_model(self, engine: "Engine", tasks: list[Task]) -> None:
        """What would make the cut answers differ from the run's for another reason than the cut."""
        grid = engine.image_grid(picture(tasks[0]))
        now = replace(
            self.record,
            weights_hash=engine.loaded.weights_hash,
            dtype=str(engine.loaded.dtype).removeprefix("torch."),
            prompt_hash=engine.prompt_hash,
            image_tokens=grid.cells,
        )
        if found := differences(self.record, now):
            raise UsageError(
                f"The run {self.record.run} was answered by another model than {self.record.model} is now: "
                f"{'; '.join(found)}. A cut is compared with the run's answers; start a new run first."
            )
        sizes = {(task.item.width, task.item.height) for task in tasks}
        if self.request.region != "text" and len(sizes) > 1:
            raise UsageError(
                f"The pictures of the data set {self.record.dataset} differ in size, so that a cell is "
                "another place in each; only --region text can be cut."
            )

    def _plan(self, engine: "Engine", tasks: list[Task]) -> CutPlan:
        config = engine.loaded.config.get_text_config()
        n_layers, n_heads = config.num_hidden_layers, config.num_attention_heads
        wanted = steps(self.request, n_layers, n_heads)
        controls, why_none = control_draws(self.request, any(step.heads for step in wanted))
        if why_none:
            self.progress.note(why_none)
        return CutPlan(self.request, wanted, controls, n_layers, n_heads, self._regions(tasks), tasks)

    def _regions(self, tasks: list[Task]) -> Regions:
        height, width = self.record.grid_height or 0, self.record.grid_width or 0
        region = self.request.cells_of
        grid = {"grid_height": height, "grid_width": width}
        sinks, places = {}, {}
        if needs_regions(self.request):
            annotated = any(task.item.scene is not None for task in tasks)
            if region in OF_A_QUESTION and not annotated:
                raise UsageError(
                    f"The data set {self.record.dataset} does not say where its objects are, so that no "
                    f"{region} can be cut; --region image, text and sink need no annotations."
                )
            ensure_regions(self.database, self.record.dataset, height, width)
            rows = read(self.database, "cut_regions", dataset=self.record.dataset, **grid).as_dicts()
            places = {(row["scene_id"], row["question_index"], row["variant"]): row for row in rows}
        if region == "sink":
            if self.record.attention == "none":
                raise UsageError(f"The run {self.record.run} kept no attention, which would tell its sinks.")
            sinks = dict(read(self.database, "cut_sinks", run=self.record.run, **grid).rows)
            if not sinks:
                raise UsageError(
                    f"The run {self.record.run} has no sinks: no cell takes over five times its share."
                )
        return Regions(height, width, places, sinks)

    def _say_what_is_left_out(self, plan: CutPlan, tasks: list[Task]) -> None:
        total = sum(len(task.questions) for task in tasks)
        if plan.without:
            self.progress.note(
                f"{len(plan.without):,} of {total:,} questions have no region {self.request.cells_of} on "
                "their picture, or not in all of these layers; they are left out there."
            )
        if plan.unmatched:
            self.progress.note(
                f"{len(plan.unmatched):,} of {total:,} questions leave no room for a matched random set; "
                "they are cut, but not compared with the control."
            )

    def _answer(self, engine: "Engine", plan: CutPlan, done: Collection[Key], n_planned: int) -> int:
        keeper = IngestThread(self.database, self.record.run, self.progress.note)
        dataset, run = self.record.dataset, self.record.run
        self.progress.start(n_planned, "answers", f"Cutting {self.request.region} in {self.record.model}")
        self.progress.advance(len(done))
        answered = 0
        full = full_attention_folder(self.database, run)  # nothing is written there: no attention is kept
        left = (unit for unit in plan.units() if unit.key not in done)
        chunks = _Chunks(most=256 if self.request.source in ("image", "all") else 4096)
        with SpoolWriter(self.database, run) as spool:
            keeper.start()
            try:
                while units := list(islice(left, chunks.size)):
                    began = time.monotonic()
                    answers = engine.answer(_items(units))
                    spool.write(
                        [
                            answer_row(dataset, unit.task, unit.question, answer, full)
                            | {"intervention": unit.intervention}
                            for unit, answer in zip(units, answers, strict=True)
                        ]
                    )
                    chunks.took(len(units), time.monotonic() - began)
                    answered += len(units)
                    self.progress.advance(len(units))
                    keeper.check()
            finally:
                keeper.stop()
        return answered


class _Chunks:
    """How many answers are asked for at once: what takes about three seconds, which is what a kill costs."""

    AIM_S, FIRST = 3.0, 64

    def __init__(self, most: int) -> None:
        self.size, self._most = self.FIRST, most

    def took(self, n: int, seconds: float) -> None:
        self.size = int(max(1, min(self.AIM_S * n / max(seconds, 1e-6), 4 * self.size, self._most)))


def _items(units: list[Unit]) -> list[AskItem]:
    """One item a picture. Units of a picture stand together."""
    items = []
    for place, group in groupby(units, lambda unit: (unit.task.item.scene_id, unit.task.variant)):
        members = list(group)
        prompts = [PromptItem(u.key, u.question.text, u.question.options, u.edit) for u in members]
        items.append(AskItem(place, picture(members[0].task), prompts))
    return items


@contextmanager
def _as_interrupted(request: CutRequest) -> Iterator[None]:
    try:
        yield
    except KeyboardInterrupt:
        raise InterruptedRun(
            f"The cut {request.experiment} of {request.run} was interrupted; the same command resumes it."
        ) from None


def outcome_rows(database: Path, outcome: CutOutcome) -> list[dict[str, Any]]:
    """What the cut did, by category and variant: rows of view `cut_effect`."""
    return read(database, "cut_table", run=outcome.run, experiment=outcome.experiment).as_dicts()
