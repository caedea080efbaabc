"""What `relcli run` is to be started with: the form's values, the command they make, and what is wrong."""

import os
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any

from relcli.config import read_config
from relcli.errors import RelcliError, UsageError
from relcli.results.runs import Inventory
from relcli.scenes.vocabulary import CATEGORIES, VARIANTS

BUNDLED = "bundled"
ATTENTION = {"summary": "summary", "full": "full (large)", "none": "none"}
DTYPES = {"": "as it comes", "float32": "float32", "bfloat16": "bfloat16", "float16": "float16"}
_NUMBERS = {
    "max_samples": "Scenes",
    "sample_index": "Scene number",
    "batch_size": "Batch size",
    "max_new_tokens": "Longest reply",
}


@dataclass(frozen=True, slots=True)
class Launch:
    """The options of `relcli run` as text; an empty one leaves it to relcli. Defaults are the command's."""

    model: str = BUNDLED
    dataset: str = BUNDLED
    questions: str = ""
    categories: tuple[str, ...] = CATEGORIES
    variants: tuple[str, ...] = ("raw", "masked")
    max_samples: str = ""
    sample_index: str = ""
    attention: str = "summary"
    name: str = ""
    revision: str = ""
    dtype: str = ""
    device: str = ""
    batch_size: str = ""
    max_new_tokens: str = ""
    trust_remote_code: bool = False

    def arguments(self, default: "Launch") -> list[str]:
        """`run` and the options that differ from what it does by itself here."""
        made = ["run"]
        if self.categories != default.categories:
            for name in self.categories:
                made += ["--category", name]
        if self.variants != default.variants:
            made += ["--variants", ",".join(self.variants)]
        for option in fields(self):
            value = getattr(self, option.name)
            if isinstance(value, str) and value and value != getattr(default, option.name):
                made += [f"--{option.name.replace('_', '-')}", value]
        if self.trust_remote_code and not default.trust_remote_code:
            made.append("--trust-remote-code")
        return made

    def title(self) -> str:
        """What its job is called."""
        return f"run, {self.name or self.model.rstrip('/').rpartition('/')[2]}"

    def beside(self, default: "Launch") -> dict[str, Any]:
        """What to remember for the next time: every option that is not its default, except the name."""
        plain = asdict(default)
        return {
            name: list(value) if isinstance(value, tuple) else value
            for name, value in asdict(self).items()
            if name != "name" and value != plain[name]
        }

    def with_remembered(self, remembered: Mapping[str, Any]) -> "Launch":
        """Laid over by what was remembered, or set elsewhere; what makes no sense is left out."""
        taken: dict[str, Any] = {}
        for option in fields(self):
            value, now = remembered.get(option.name), getattr(self, option.name)
            if isinstance(now, tuple):
                known = CATEGORIES if option.name == "categories" else VARIANTS
                asked = _words(value)
                if chosen := tuple(name for name in known if name in asked):
                    taken[option.name] = chosen
            elif isinstance(now, bool):
                if isinstance(value, bool):
                    taken[option.name] = value
            elif isinstance(value, (str, int)) and not isinstance(value, bool):
                taken[option.name] = str(value)
        return replace(self, **taken)


def _words(value: Any) -> list[str]:
    if isinstance(value, str):
        return value.replace(",", " ").split()
    return [str(each) for each in value] if isinstance(value, Iterable) else []


def defaults() -> Launch:
    """What `relcli run` does here without options: its defaults, the settings file's over them, and the
    environment's over those. Raises UsageError for a settings file that can't be read."""
    config = read_config()
    given = {key.replace("-", "_"): value for key, value in {**config, **config.get("run", {})}.items()}
    for name in (*(option.name for option in fields(Launch)), "category"):
        if value := os.environ.get(f"RELCLI_RUN_{name.upper()}"):
            given[name] = value
    if "category" in given:
        given["categories"] = given["category"]
    if str(given.get("trust_remote_code", "")).lower() in ("1", "true", "yes", "on"):
        given["trust_remote_code"] = True
    return Launch().with_remembered(given)


def check(launch: Launch, known: Inventory) -> None:
    """What can be given before a model is loaded; raises RelcliError. Opens nothing but the model's folder.

    Takes as long as importing the warehouse's modules: call it in a thread.
    """
    for name, words in _NUMBERS.items():
        value = getattr(launch, name)
        if value and not value.isdecimal() and (name, value) != ("batch_size", "auto"):
            raise UsageError(f"{words} takes a whole number, not {value!r}.")
    for name in ("categories", "variants"):
        if not getattr(launch, name):
            raise UsageError(f"None of the {name} is chosen: choose at least one.")
    from relcli.jobs.request import RunRequest
    from relcli.warehouse.names import check_name

    def number(text: str) -> int | None:
        return int(text) if text.isdecimal() else None

    RunRequest(
        max_samples=number(launch.max_samples),
        sample_index=number(launch.sample_index),
        batch_size=number(launch.batch_size),
        max_new_tokens=int(launch.max_new_tokens or 1),
    )
    if launch.name:
        check_name(launch.name)
        if launch.name in known.runs:
            raise UsageError(
                f"There is a run {launch.name} already: choose another name, or resume it (s)."
            )
    _check_dataset(launch, known)
    _check_model(launch.model)


def _check_dataset(launch: Launch, known: Inventory) -> None:
    if launch.dataset == BUNDLED or Path(launch.dataset).is_dir():
        return
    row = next((row for row in known.datasets if row["dataset"] == launch.dataset), None)
    if row is None:
        names = ", ".join(each["dataset"] for each in known.datasets) or "none"
        raise UsageError(
            f"There is no data set {launch.dataset!r}: it is no folder here, and the warehouse knows {names}."
        )
    sets = row["question_sets"] or []
    if launch.questions and launch.questions not in sets:
        raise UsageError(
            f"The data set {launch.dataset} has no {launch.questions} questions; it has "
            f"{', '.join(sets) or 'none'}."
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
