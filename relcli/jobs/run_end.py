"""How a session of a run ends: whole, interrupted or failed, and the run's row says which."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from relcli.errors import InterruptedRun, RelcliError
from relcli.jobs.plan import RunPlan
from relcli.warehouse.ingest import ingest
from relcli.warehouse.runs import finish, stored_keys


def check_whole(database: Path, plan: RunPlan, run: str) -> None:
    """A run is done when the warehouse, opened anew, holds an answer to everything that was planned.

    Raises RelcliError that names the first one missing.
    """
    planned = {task.key(question) for task in plan.tasks for question in task.questions}
    missing = planned - stored_keys(database, run)
    if missing:
        scene, question, variant = min(missing)[:3]
        raise RelcliError(
            f"{len(missing):,} of {len(planned):,} answers of {run} are not in the warehouse (the first: "
            f"scene {scene}, question {question}, {variant}); ask them again with: relcli run --name "
            f"{run} --resume"
        )


@contextmanager
def closing_row(database: Path, name: str) -> Iterator[None]:
    """However the session ends, its answers are taken in and the run's row says so, if the file
    allows."""
    try:
        yield
    except BaseException as problem:
        interrupted = isinstance(problem, (KeyboardInterrupt, InterruptedRun))
        resumable = interrupted or isinstance(problem, RelcliError)
        message = "Interrupted." if interrupted else f"{type(problem).__name__}: {problem}"
        with suppress(RelcliError, OSError):
            ingest(database, name, timeout_s=5)
        with suppress(RelcliError, OSError):
            finish(database, name, "stopped" if resumable else "failed", message)
        if interrupted:
            raise interruption_of(name) from None
        raise


def interruption_of(name: str) -> InterruptedRun:
    """The sentence for a run that was interrupted."""
    return InterruptedRun(
        f"The run {name} was interrupted; resume it with: relcli run --name {name} --resume"
    )


@contextmanager
def as_interrupted() -> Iterator[None]:
    """Ctrl-C while data or the model were still being read."""
    try:
        yield
    except KeyboardInterrupt:
        raise InterruptedRun("Interrupted before a question was asked.") from None
