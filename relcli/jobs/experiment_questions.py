"""The questions that an experiment asks again, and the model that answered them."""

from collections.abc import Collection
from dataclasses import replace
from pathlib import Path
from typing import Protocol

from relcli.errors import UsageError
from relcli.jobs.categories import choose_categories
from relcli.jobs.engines import open_engine
from relcli.jobs.inference_loop import picture
from relcli.jobs.plan import Task, make_plan
from relcli.jobs.request import RunRequest, answers_of, differences
from relcli.jobs.run_model import name_to_load
from relcli.models.answer_engine import REMOTE_DEVICE, AnswerEngine, EngineDescription
from relcli.progress import Progress
from relcli.scenes.items import Dataset
from relcli.warehouse.datasets import dataset_names, load_dataset
from relcli.warehouse.reads import read
from relcli.warehouse.runs import RunRecord, get_run
from relcli.warehouse.unknown import unknown_run


class ExperimentRequest(Protocol):
    """What the requests of all experiments have: which questions of which run, under which name, and how."""

    @property
    def run(self) -> str: ...
    @property
    def variants(self) -> tuple[str, ...] | None: ...
    @property
    def categories(self) -> tuple[str, ...]: ...
    @property
    def experiment(self) -> str: ...
    @property
    def seed(self) -> int: ...
    @property
    def device(self) -> str | None: ...
    @property
    def device_map(self) -> str | None: ...
    @property
    def batch_size(self) -> int | None: ...


def run_and_data(database: Path, request: ExperimentRequest) -> tuple[RunRecord, Dataset]:
    """The run whose questions are asked again, and its data set.

    Raises UsageError for a run that isn't there, was imported or answered by a server, or whose data set is
    gone; and for variants on which it was not asked.
    """
    record = get_run(database, request.run)
    if record is None:
        raise unknown_run(database, request.run)
    if record.kind != "run":
        raise UsageError(f"The run {record.run} was imported: there is no model here to ask again.")
    if record.device == REMOTE_DEVICE:
        raise UsageError(
            f"The run {record.run} was answered by a model behind a server, whose attention can't be cut and "
            "whose states can't be patched: run the model here, without --endpoint."
        )
    if record.dataset not in dataset_names(database):
        raise UsageError(
            f"The data set {record.dataset} of the run {record.run} is not in {database}: there are no "
            "pictures to ask about."
        )
    check_variants(record, request.variants or ())
    return record, load_dataset(database, record.dataset)


def check_variants(record: RunRecord, names: Collection[str]) -> None:
    """Raises UsageError for variants on which the run was not asked."""
    held = list(record.variants or ())
    if unknown := [name for name in names if name not in held]:
        raise UsageError(
            f"The run {record.run} was not asked on {unknown[0]} pictures, only on {', '.join(held)}: choose "
            "among these."
        )


def plain_tasks(
    database: Path, record: RunRecord, dataset: Dataset, request: ExperimentRequest
) -> list[Task]:
    """The run's questions that have a plain answer, of the variants and categories asked for."""
    started = replace(RunRequest().as_started(record), orders=1, wordings=1)
    wanted = choose_categories(request.categories, record.categories or ())
    if not wanted:
        raise UsageError(
            f"The run {record.run} was not asked about {', '.join(request.categories)}; it has "
            f"{', '.join(record.categories or ())}."
        )
    whole = set(wanted) == set(record.categories or ())
    started = replace(started, categories=started.categories if whole else tuple(wanted))
    scenes = None if record.scene_ids is None else set(record.scene_ids)
    answered = {tuple(row[:3]) for row in read(database, "plain_choices", run=record.run).rows}
    tasks = []
    for task in make_plan(dataset, started).tasks:
        if scenes is not None and task.item.scene_id not in scenes:
            continue
        if request.variants is None or task.variant in request.variants:
            questions = tuple(q for q in task.questions if task.key(q)[:3] in answered)
            if questions:
                tasks.append(replace(task, questions=questions))
    if not tasks:
        raise UsageError(
            f"The run {record.run} has no answers yet to compare with: finish it first with relcli "
            f"run --name {record.run} --resume."
        )
    return tasks


def open_again(record: RunRecord, request: ExperimentRequest, progress: Progress) -> AnswerEngine:
    """The model of a run, loaded as it was then."""
    return open_engine(
        name_to_load(record),
        progress,
        revision=record.revision,
        dtype=record.dtype,
        device=request.device,
        device_map=request.device_map,
        untested_family=True,  # whoever started the run has said yes already
        attention="none",
        max_new_tokens=record.max_new_tokens or 128,
        batch_size=request.batch_size,
        answers=answers_of(record),
    )


def describe_same_model(engine: AnswerEngine, record: RunRecord, tasks: list[Task]) -> EngineDescription:
    """What the engine is. Raises UsageError for what would make its answers differ from the run's for another
    reason than the experiment, and for a model that can't be edited."""
    found = engine.describe(picture(tasks[0]))
    now = replace(
        record,
        weights_hash=found.weights_hash,
        dtype=found.dtype,
        prompt_hash=found.prompt_hash,
        image_tokens=None if found.grid is None else found.grid.cells,
    )
    if different := differences(record, now):
        raise UsageError(
            f"The run {record.run} was answered by another model than {record.model} is now: "
            f"{'; '.join(different)}. An experiment is compared with the run's answers; start a new run "
            "first."
        )
    if not found.capabilities.edits or found.n_layers is None or found.n_heads is None:
        raise UsageError(
            f"The model {record.model} can't be edited while it answers: its attention is not open to it."
        )
    return found
