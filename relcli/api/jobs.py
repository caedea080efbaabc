"""`relcli run`, `ask`, `cut`, `patch` and `steer` as functions, with the commands' names and defaults."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from relcli import paths
from relcli.api.warehouse import Run, Warehouse

if TYPE_CHECKING:
    from relcli.jobs.ask import AskOutcome


def open_warehouse(path: str | os.PathLike[str] | None = None) -> Warehouse:
    """A warehouse for reading: a DuckDB file, by default $RELCLI_DB or the command line's own default.

    Raises WarehouseError if there is no such file or it is not a warehouse.
    """
    from relcli.warehouse.opening import connect

    file = database(path)
    with connect(file, read_only=True):
        return Warehouse(file)


def run(*, db: str | os.PathLike[str] | None = None, display: str = "auto", **options: Any) -> Run:
    """Ask a model a data set's questions, as `relcli run` does, and return the finished run.

    options: those of the command with `_` for `-`, with its defaults: `relcli.run(category="count",
    max_samples=10, name="first")`. What the command takes as a list in one word (`variants`) may be a list
    here. The settings file is not read. Raises TypeError for an option there isn't, and RelcliError's kinds
    as the command does.
    """
    from relcli.jobs.request import RunRequest
    from relcli.jobs.run import run as job
    from relcli.progress.showing import showing

    request = RunRequest.of(options)
    with showing(display) as progress:
        outcome = job(database(db), request, progress)
    return Warehouse(database(db)).run(outcome.run)


def ask(
    question: str, image: str | os.PathLike[str], *, display: str = "auto", **options: Any
) -> "AskOutcome":
    """Ask one question about one picture, as `relcli ask` does; nothing is stored.

    options: those of the command with `_` for `-`; `option` is a list of answers to offer.
    """
    from relcli.jobs.ask import ask as job
    from relcli.jobs.ask_request import AskRequest
    from relcli.progress.showing import showing

    request = AskRequest.of({"question": question, "image": image, **options}, frozenset(options))
    with showing(display) as progress:
        return job(request, progress)


def cut(
    *, db: str | os.PathLike[str] | None = None, display: str = "auto", **options: Any
) -> list[dict[str, Any]]:
    """Ask a run's questions again with attention weights at zero, as `relcli cut` does; returns its table.

    options: those of the command with `_` for `-` (`source` is `--from`); `run` and `region` are required.
    """
    from relcli.jobs.cut import cut as job
    from relcli.jobs.cut import outcome_rows
    from relcli.jobs.cut_request import CutRequest
    from relcli.progress.showing import showing

    request = CutRequest.of(options)
    with showing(display) as progress:
        outcome = job(database(db), request, progress)
        return outcome_rows(database(db), outcome)


def patch(
    *, db: str | os.PathLike[str] | None = None, display: str = "auto", **options: Any
) -> list[dict[str, Any]]:
    """Ask a run's questions again with states copied between a scene's variants, as `relcli patch` does;
    returns its table.

    options: those of the command with `_` for `-`; `run` is required.
    """
    from relcli.jobs.patch import outcome_rows
    from relcli.jobs.patch import patch as job
    from relcli.jobs.patch_request import PatchRequest
    from relcli.progress.showing import showing

    request = PatchRequest.of(options)
    with showing(display) as progress:
        outcome = job(database(db), request, progress)
        return outcome_rows(database(db), outcome)


def steer(
    *, db: str | os.PathLike[str] | None = None, display: str = "auto", **options: Any
) -> list[dict[str, Any]]:
    """Ask a run's questions again with the attention of chosen heads drawn to a region, as `relcli steer`
    does; returns its table.

    options: those of the command with `_` for `-`; `run`, `heads` and `strength` are required.
    """
    from relcli.jobs.steer import outcome_rows
    from relcli.jobs.steer import steer as job
    from relcli.jobs.steer_request import SteerRequest
    from relcli.progress.showing import showing

    request = SteerRequest.of(options)
    with showing(display) as progress:
        outcome = job(database(db), request, progress)
        return outcome_rows(database(db), outcome)


def database(path: str | os.PathLike[str] | None) -> Path:
    """The file a call is about. Raises UsageError or WarehouseError for what can't be one."""
    file = Path(path) if path is not None else Path(os.environ.get("RELCLI_DB") or paths.default_database())
    file = file.expanduser()
    paths.check_database(file)
    return file
