"""Adapters (LoRA and its kin, as peft saves them): a few weights that are applied to another model's."""

from importlib.util import find_spec
from pathlib import Path
from typing import Any

from relcli.errors import RelcliError
from relcli.models.local.checkpoint import ADAPTER, ADAPTER_SETTINGS, read_part, shapes


def is_adapter(folder: Path) -> bool:
    return (folder / ADAPTER_SETTINGS).exists()


def base_name(folder: Path) -> tuple[str, str | None]:
    """The model that an adapter was made for, a folder or a hub id, and its revision.

    Raises RelcliError without peft, without weights, and if the settings name no model.
    """
    if find_spec("peft") is None:
        raise RelcliError(
            f"The model folder {folder} holds an adapter ({ADAPTER_SETTINGS}), which would be left out "
            "without peft: pip install peft, or give the folder of the merged model."
        )
    settings = read_part(folder / ADAPTER_SETTINGS) or {}
    if not (folder / ADAPTER).is_file():
        raise RelcliError(
            f"The adapter {folder} has no {ADAPTER}: complete the folder; pickled weights are not read."
        )
    name, revision = settings.get("base_model_name_or_path"), settings.get("revision")
    if not isinstance(name, str) or not name or not (revision is None or isinstance(revision, str)):
        raise RelcliError(
            f"{folder / ADAPTER_SETTINGS} does not say which model the adapter is for: set "
            "base_model_name_or_path to its folder or hub id."
        )
    beside = folder / name
    return (str(beside) if beside.is_dir() else name), revision or None


def apply(model: Any, folder: Path) -> None:
    """Put an adapter's layers into `model`. Raises RelcliError if the two don't belong together."""
    held = shapes([folder / ADAPTER])
    largest = max((side for shape in held.values() for side in shape), default=0)
    for key, value in _ranks(read_part(folder / ADAPTER_SETTINGS) or {}):
        # 0 where another setting says how large it is.
        if not isinstance(value, int) or not 0 <= value <= largest:
            raise RelcliError(
                f"{folder / ADAPTER_SETTINGS} asks for {key} = {str(value)[:30]}, but no tensor in "
                f"{ADAPTER} is as large: the files do not belong together."
            )
    try:
        found = model.load_adapter(
            str(folder), use_safetensors=True, adapter_kwargs={"local_files_only": True}
        )
    except Exception as error:  # peft raises many kinds for settings it can't meet
        reason = (str(error).strip().splitlines() or [type(error).__name__])[0][:200]
        raise RelcliError(
            f"The adapter {folder} can't be applied to its model ({reason}): check that both belong "
            "together, or merge them with peft and give the merged folder."
        ) from error
    wrong = sorted(found.missing_keys | found.unexpected_keys | {key[0] for key in found.mismatched_keys})
    if wrong or not held:
        raise RelcliError(
            f"The adapter {folder} does not fit its model ({wrong[0] if wrong else 'it is empty'}): check "
            "base_model_name_or_path, or merge them with peft and give the merged folder."
        )


def _ranks(settings: dict[str, Any]) -> list[tuple[str, Any]]:
    pattern = settings.get("rank_pattern")
    ranks = [("r", settings["r"])] if settings.get("r") is not None else []
    return ranks + (list(pattern.items()) if isinstance(pattern, dict) else [])
