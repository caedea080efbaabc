"""Make scenes, twins and questions in a folder, and register the folder in the warehouse."""

from dataclasses import dataclass
from pathlib import Path

from relcli.errors import InterruptedRun
from relcli.jobs.stopping import stoppable
from relcli.options.generate import GenerateOptions
from relcli.options.reading import Request, validated
from relcli.progress import Progress
from relcli.scenes.generation import generate_folder
from relcli.scenes.reading import read_folder
from relcli.warehouse.datasets import register_dataset
from relcli.warehouse.migrations import ensure
from relcli.warehouse.names import check_name


@dataclass(frozen=True, slots=True)
class Generated:
    """What a batch came to. `dataset` is the name in the warehouse, None when it was not to be registered."""

    folder: Path
    dataset: str | None
    n_scenes: int
    n_twins: int
    n_questions: int


@validated(frozen=True)
class GenerateRequest(Request, GenerateOptions):
    """The options of `relcli generate`, validated."""

    def __post_init__(self) -> None:
        if self.name is not None:
            check_name(self.name, "data set")


def generate(database: Path | None, request: GenerateRequest, progress: Progress) -> Generated:
    """Write the scenes asked for to a folder and register all that the folder then holds.

    Scene 17 of a seed is the same whatever else is made. A batch appears whole or not at all. With `database`
    None nothing is registered. Raises UsageError for numbers that make no sense, RelcliError when the folder
    can't be written or has one of the scenes already, WarehouseError before anything is written if the
    warehouse can't be used.
    """
    out = request.out
    with stoppable(watch_stdin=progress.watch_stdin):
        try:
            if database is not None:
                ensure(database)
            progress.start(request.scenes, "scenes", f"Drawing scenes into {out}")
            batch = generate_folder(
                out,
                n_scenes=request.scenes,
                seed=request.seed,
                start_index=request.start_index,
                question_sets=request.questions,
                twins=request.twins,
                on_scene=lambda done: progress.advance(),
            )
        except KeyboardInterrupt:
            raise InterruptedRun(f"Interrupted; nothing of the batch was kept in {out}.") from None
        registered = None
        if database is not None:
            try:
                progress.start(None, "scenes", "Taking them into the warehouse")
                dataset = read_folder(out, name=request.name, on_scene=lambda done: progress.advance())
                registered = register_dataset(database, dataset)
            except KeyboardInterrupt:
                raise InterruptedRun(
                    f"Interrupted; the scenes are in {out}, and relcli run --dataset {out} registers them."
                ) from None
    progress.finish({"dataset": registered, "scenes": batch.n_scenes, "questions": batch.n_questions})
    return Generated(out, registered, batch.n_scenes, batch.n_twins, batch.n_questions)
