"""What `relcli run` is to be started with: defaults, what was remembered, and what is wrong."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from relcli.config import settings_of
from relcli.errors import RelcliError, UsageError
from relcli.models.names import BUNDLED
from relcli.options.argv import argv, changed
from relcli.options.declaration import options_of
from relcli.options.run import RunOptions
from relcli.results.runs import Inventory

Values = Mapping[str, Any]
"""Options of a run by field name: as typed, or validated. What is missing has its default."""


def defaults() -> dict[str, Any]:
    """What the settings file and the environment set of `relcli run`, the environment over the file.

    Raises UsageError for a settings file that can't be read and for a wrong value in it.
    """
    from relcli.options.reading import read_value

    keys = {each.key: each for each in options_of(RunOptions)}
    found = settings_of("run", keys)
    return {keys[key].name: read_value(keys[key], value) for key, value in found.items()}


def arguments(values: Values, default: Values) -> list[str]:
    """`run` and the options that differ from what it does by itself here."""
    return ["run", *argv(RunOptions, values, default)]


def title(values: Values) -> str:
    """What its job is called."""
    return f"run, {values.get('name') or values.get('model', BUNDLED).rstrip('/').rpartition('/')[2]}"


def to_remember(values: Values, default: Values) -> dict[str, Any]:
    """What to keep for the next time: every option that is not its default, except the name."""
    kept = {each.name: values[each.name] for each in changed(RunOptions, values, default)}
    kept.pop("name", None)
    return {name: list(value) if isinstance(value, tuple) else value for name, value in kept.items()}


def remembered(kept: Values) -> dict[str, Any]:
    """What was kept, without what makes no sense any more: a broken file must not keep anybody from
    starting a run."""
    from relcli.options.reading import read_value

    found: dict[str, Any] = {}
    for each in options_of(RunOptions):
        if each.form and each.name in kept:
            try:
                found[each.name] = read_value(each, kept[each.name])
            except UsageError:
                continue
    return found


def check(values: Values, default: Values, known: Inventory) -> None:
    """What can be told before a model is loaded; raises RelcliError. Opens nothing but the model's folder.

    Takes as long as importing the warehouse's modules: call it in a thread.
    """
    from relcli.jobs.request import RunRequest
    from relcli.warehouse.names import check_name

    given = frozenset(each.name for each in changed(RunOptions, values, default))
    request = RunRequest(**{**default, **values}, given=given)
    if request.name:
        check_name(request.name)
        if request.name in known.runs:
            raise UsageError(
                f"There is a run {request.name} already: choose another name, or resume it (R)."
            )
    _check_dataset(request.dataset or "", request.questions, known)
    if request.endpoint is None:
        _check_model(request.model)


def _check_dataset(dataset: str, questions: str | None, known: Inventory) -> None:
    if dataset == BUNDLED or Path(dataset).is_dir():
        return
    row = next((row for row in known.datasets if row["dataset"] == dataset), None)
    if row is None:
        names = ", ".join(each["dataset"] for each in known.datasets) or "none"
        raise UsageError(
            f"There is no data set {dataset!r}: it is no folder here, and the warehouse knows {names}."
        )
    sets = row["question_sets"] or []
    if questions and questions not in sets:
        raise UsageError(
            f"The data set {dataset} has no {questions} questions; it has {', '.join(sets) or 'none'}."
        )


def _check_model(model: str) -> None:
    if not model:
        raise UsageError(
            "No model is named: give bundled, a folder, or a hub id such as Qwen/Qwen3-VL-4B-Instruct."
        )
    from relcli.models.local.hub import local_folder

    try:
        local_folder(model)
    except RelcliError as problem:
        raise UsageError(problem.message) from None
