"""Make scenes, twins and questions in a folder, and register the folder in the warehouse."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from relcli.errors import InterruptedRun
from relcli.jobs.stopping import stoppable
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


def generate(
    database: Path | None,
    out: Path,
    *,
    n_scenes: int,
    seed: int,
    start_index: int,
    question_sets: Sequence[str],
    name: str | None = None,
    progress: Progress,
) -> Generated:
    """Write scenes `start_index` and on to `out` and register all that the folder then holds.

    Scene 17 of a seed is the same whatever else is made. A batch appears whole or not at all. With `database`
    None nothing is registered. Raises UsageError for numbers that make no sense, RelcliError when the folder
    can't be written or has one of the scenes already, WarehouseError before anything is written if the
    warehouse can't be used.
    """
    with stoppable(watch_stdin=progress.watch_stdin):
        try:
            if name is not None:
                check_name(name, "data set")
            if database is not None:
                ensure(database)
            progress.start(n_scenes, "scenes", f"Drawing scenes into {out}")
            batch = generate_folder(
                out,
                n_scenes=n_scenes,
                seed=seed,
                start_index=start_index,
                question_sets=question_sets,
                on_scene=lambda done: progress.advance(),
            )
        except KeyboardInterrupt:
            raise InterruptedRun(f"Interrupted; nothing of the batch was kept in {out}.") from None
        registered = None
        if database is not None:
            try:
                progress.start(None, "scenes", "Taking them into the warehouse")
                dataset = read_folder(out, name=name, on_scene=lambda done: progress.advance())
                registered = register_dataset(database, dataset)
            except KeyboardInterrupt:
                raise InterruptedRun(
                    f"Interrupted; the scenes are in {out}, and relcli run --dataset {out} registers them."
                ) from None
    progress.finish({"dataset": registered, "scenes": batch.n_scenes, "questions": batch.n_questions})
    return Generated(out, registered, batch.n_scenes, batch.n_twins, batch.n_questions)
