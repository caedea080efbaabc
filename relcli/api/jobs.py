"""The commands `run`, `ask` and `cut` as functions, with the commands' names and defaults."""

import dataclasses
import inspect
import os
from collections.abc import Callable, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any

from relcli import paths
from relcli.api.warehouse import Run, Warehouse

if TYPE_CHECKING:
    from relcli.jobs.ask import AskOutcome

_OF_THE_COMMAND = {"context", "db", "format", "display", "debug", "dry_run", "width"}


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
    from relcli.cli.session import showing
    from relcli.jobs.request import RunRequest
    from relcli.jobs.run import run as job

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
    from relcli.cli import ask as command
    from relcli.cli.session import showing
    from relcli.jobs.ask import ask as job

    values = filled(command.ask, options, without={"question", "image", "layer"})
    values["options"] = tuple(values.pop("option") or ())
    taken = inspect.signature(job).parameters
    with showing(display) as progress:
        known = {name: value for name, value in values.items() if name in taken}
        return job(Path(image), question, progress, **known)


def cut(
    *, db: str | os.PathLike[str] | None = None, display: str = "auto", **options: Any
) -> list[dict[str, Any]]:
    """Ask a run's questions again with attention weights at zero, as `relcli cut` does; returns its table.

    options: those of the command with `_` for `-` (`source` is `--from`); `run` and `region` are required.
    """
    from relcli.cli import cut as command
    from relcli.cli.session import showing
    from relcli.jobs.cut import cut as job
    from relcli.jobs.cut import outcome_rows
    from relcli.jobs.cut_request import CutRequest

    request = as_request(CutRequest, filled(command.cut, options), options)
    with showing(display) as progress:
        outcome = job(database(db), request, progress)
        return outcome_rows(database(db), outcome)


def database(path: str | os.PathLike[str] | None) -> Path:
    """The file a call is about. Raises UsageError or WarehouseError for what can't be one."""
    file = Path(path) if path is not None else Path(os.environ.get("RELCLI_DB") or paths.default_database())
    file = file.expanduser()
    paths.check_database(file)
    return file


def filled(
    command: Callable[..., None], options: Mapping[str, Any], without: set[str] = frozenset()  # type: ignore[assignment]
) -> dict[str, Any]:
    """The command's options: those given, and its own defaults. Raises TypeError for one it doesn't have and
    for one it can't do without."""
    known = {
        name: parameter.default
        for name, parameter in inspect.signature(command).parameters.items()
        if name not in _OF_THE_COMMAND | without
    }
    for name in options:
        if name not in known:
            near = get_close_matches(name, known, n=1)
            hint = f"; did you mean {near[0]}?" if near else f"; there are {', '.join(known)}."
            raise TypeError(f"There is no option {name!r}{hint}")
    empty = inspect.Parameter.empty
    missing = [name for name, value in known.items() if value is empty and name not in options]
    if missing:
        raise TypeError(f"{' and '.join(missing)} must be given.")
    return known | dict(options)


def as_request(kind: type[Any], values: Mapping[str, Any], options: Mapping[str, Any]) -> Any:
    """A job's request of what the command's options say."""
    from relcli.cli.options import check_categories, split_commas
    from relcli.cli.run import parse_batch_size

    values = dict(values)
    category = values.pop("category", None)
    values["categories"] = check_categories([category] if isinstance(category, str) else category)
    values["batch_size"] = parse_batch_size(str(values["batch_size"] or "auto"))
    fields = {field.name: str(field.type) for field in dataclasses.fields(kind)}
    for name, value in values.items():
        if value is None or name not in fields:
            continue
        if "tuple" in fields[name]:
            values[name] = split_commas(value) if isinstance(value, str) else tuple(value)
        elif "Path" in fields[name]:
            values[name] = Path(value)
    if "given" in fields:
        values["given"] = frozenset("categories" if name == "category" else name for name in options)
    return kind(**{name: value for name, value in values.items() if name in fields})
