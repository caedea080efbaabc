"""From a model's name to a folder with its files: `bundled`, a folder, or a hub id."""

import hashlib
import os
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

from huggingface_hub import snapshot_download
from huggingface_hub.errors import (
    GatedRepoError,
    HfHubHTTPError,
    HFValidationError,
    LocalEntryNotFoundError,
    OfflineModeIsEnabled,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)

from relcli.errors import RelcliError, UsageError
from relcli.models.local.adapters import base_name, is_adapter
from relcli.models.local.checkpoint import ADAPTER, ADAPTER_SETTINGS, check_settings, weight_files
from relcli.models.names import BUNDLED
from relcli.paths import assets_dir

# Pickled weights (*.bin, *.pt) are left at the hub: they can run code when they are read.
_SETTINGS = ["*.json", "*.txt", "*.jinja", "*.model"]
_WEIGHTS = ["*.safetensors"]
_HUB_ID = re.compile(r"[\w.-]+(/[\w.-]+)?")


@dataclass(frozen=True, slots=True)
class ModelFolder:
    """Where a model's files lie. `revision` is the hub's commit, None for a folder; `adapter` is the folder
    of an adapter that is applied to the model in `path`."""

    name: str
    path: Path
    revision: str | None
    adapter: Path | None = None


def resolve(
    name: str,
    revision: str | None = None,
    *,
    remote_code: bool = False,
    before_weights: Callable[[ModelFolder], None] = lambda folder: None,
) -> ModelFolder:
    """Find the folder of a model, downloading it from the hub where `name` is a hub id.

    The hub is `HF_ENDPOINT` or huggingface.co; the token comes from `HF_TOKEN` or `hf auth login`, never
    from an argument. A copy in the hub's cache is used when the hub can't be reached. Of an adapter, the
    folder is the one of the model it was made for. before_weights may refuse a model by raising, before its
    weights are fetched.
    Raises RelcliError for an unknown model or revision, a gated one without a token, an unreachable hub, and
    an adapter that can't be applied; UsageError for a revision of a folder.
    """
    found = _whole(name, revision, remote_code, before_weights)
    if revision is not None and found.revision is None:
        raise UsageError(f"--revision {revision} is for a model of a hub; {name!r} is a folder: omit it.")
    if not is_adapter(found.path):
        return found
    base, base_revision = base_name(found.path)
    if _has_weights(found.path):  # a whole model that keeps its adapter beside it
        return replace(found, adapter=found.path)
    under = _whole(base, base_revision, remote_code, before_weights)
    if is_adapter(under.path):
        raise RelcliError(f"The adapter {found.path} is made for another adapter, {base!r}: merge that one.")
    return replace(found, path=under.path, adapter=found.path)


def _whole(
    name: str, revision: str | None, remote_code: bool, before: Callable[[ModelFolder], None]
) -> ModelFolder:
    """The folder with all its files."""
    local = local_folder(name)
    if local is not None:
        if (local.path / "config.json").is_file():
            before(local)
        return local
    settings = _SETTINGS + (["*.py"] if remote_code else [])
    found = _download(name, revision, settings)
    if (found.path / "config.json").is_file():
        check_settings(found.path)
        before(found)
    return _checked(_download(name, found.revision, settings + _WEIGHTS))


def local_folder(name: str) -> ModelFolder | None:
    """The model if it is one on this disk; None if the hub has to be asked for it.

    Raises RelcliError for a folder that is not there or has no model in it.
    """
    if name == BUNDLED:
        return _checked(ModelFolder(BUNDLED, assets_dir() / "model", None))
    folder = Path(name).expanduser()
    if folder.is_dir():
        return _checked(ModelFolder(name, folder.resolve(), None))
    if folder.is_file():
        packed = folder.suffix == ".gguf"
        advice = "serve it and use --endpoint" if packed else f"give its folder, {folder.parent}"
        raise RelcliError(f"The model {name!r} is a file, where a folder is read: {advice}.")
    looks_like_path = name.startswith((".", "/", "~")) or name.count("/") > 1
    if looks_like_path or folder.exists() or not _HUB_ID.fullmatch(name):
        raise RelcliError(
            f"There is no model folder {name!r}: give `bundled`, a folder with config.json and "
            "*.safetensors, or a hub id such as Qwen/Qwen3-VL-4B-Instruct."
        )
    return None


def _download(name: str, revision: str | None, wanted: list[str]) -> ModelFolder:
    endpoint = os.environ.get("HF_ENDPOINT") or None
    hub = endpoint or "https://huggingface.co"
    try:
        path = Path(snapshot_download(name, revision=revision, allow_patterns=wanted, endpoint=endpoint))
    except GatedRepoError as error:
        raise RelcliError(
            f"The model {name!r} is gated at {hub}: accept its terms on its page there, then set HF_TOKEN "
            "or run `hf auth login`."
        ) from error
    except RevisionNotFoundError as error:
        raise RelcliError(
            f"The model {name!r} has no revision {revision!r} at {hub}: check --revision."
        ) from error
    except (RepositoryNotFoundError, HFValidationError) as error:
        raise RelcliError(
            f"There is no model {name!r}, neither as a folder here nor at {hub}: check its spelling, and "
            "if it is private set HF_TOKEN or run `hf auth login`."
        ) from error
    except (LocalEntryNotFoundError, OfflineModeIsEnabled) as error:
        raise RelcliError(
            f"The model {name!r} is not in the local cache and {hub} can't be reached: check the network (or "
            "HF_ENDPOINT, HF_HUB_OFFLINE), or use `--model bundled` or a folder."
        ) from error
    except HfHubHTTPError as error:
        status = error.response.status_code if error.response is not None else None
        advice = "set HF_TOKEN or run `hf auth login`" if status in (401, 403) else "try again later"
        raise RelcliError(
            f"{hub} refused the model {name!r} with status {status}: {advice}, or give a folder."
        ) from error
    except (
        Exception
    ) as error:  # a broken connection or a full disk, which the libraries below raise in many ways
        raise RelcliError(
            f"The model {name!r} could not be fetched from {hub} ({error}): check the network, the free disk "
            "space and the permissions of the hub's cache."
        ) from error
    return ModelFolder(name, path, path.name)


def _checked(found: ModelFolder) -> ModelFolder:
    """The folder again, if it holds a configuration and safetensors weights, or an adapter; RelcliError
    otherwise."""
    if not (found.path / "config.json").is_file():
        if is_adapter(found.path):
            base_name(found.path)
            return found
        hint = "run `relcli train` to make it" if found.name == BUNDLED else _whereabouts(found.path)
        raise RelcliError(f"The model folder {found.path} has no config.json: {hint}.")
    check_settings(found.path)
    if is_adapter(found.path):
        base_name(found.path)
    elif not _has_weights(found.path):
        raise RelcliError(f"The model folder {found.path} has no *.safetensors weights: {_hint(found.path)}.")
    # transformers would take these before all others, and nobody would see which they are.
    if shards := sorted(found.path.glob("shard-[0-9]*-model-*.safetensors")):
        raise RelcliError(
            f"The model folder {found.path} holds parts of a distributed checkpoint ({shards[0].name}): save "
            "it as model.safetensors."
        )
    return found


def _whereabouts(folder: Path) -> str:
    """Where a model may be whose folder was not quite given: above its checkpoints, or in the hub's cache."""
    inside = sorted([*folder.glob("*/config.json"), *folder.glob("snapshots/*/config.json")])
    if inside:
        return f"give a folder inside it, such as {inside[-1].parent}"
    if any(folder.glob("*.gguf")):
        return "a *.gguf file is not read here; serve it and use --endpoint"
    return "a model folder holds config.json"


def _hint(folder: Path) -> str:
    if gone := sorted(path.name for path in folder.glob("*.safetensors") if not path.exists()):
        return f"{gone[0]} is a link to a file that is not there; download the model again"
    if folder.parent.name == "snapshots" and not any(folder.glob("*.safetensors")):
        return "the hub's cache has but a part of it; ask again with the network"
    if others := sorted(path.name for path in folder.glob("*.safetensors")):
        return f"{others[0]} would not be read; call it model.safetensors, or add the index that names it"
    pickled = sorted(path.name for path in folder.iterdir() if path.suffix in {".bin", ".pt", ".pth"})
    if pickled:
        return f"it has only pickled weights ({pickled[0]}), which can run code; convert them to safetensors"
    return "put model.safetensors beside config.json"


def _has_weights(folder: Path) -> bool:
    return (folder / "config.json").is_file() and bool(weight_files(folder))


def weights_hash(folder: Path, adapter: Path | None = None) -> str:
    """sha256 over the names and sha256 sums of the weight files that are loaded, an adapter's with its
    settings among them: which weights gave an answer."""
    total = hashlib.sha256()
    for file in weight_files(folder):
        total.update(f"{file.name} {_file_hash(file)}\n".encode())
    if adapter is not None:
        for name in (ADAPTER, ADAPTER_SETTINGS):
            total.update(f"adapter {name} {_file_hash(adapter / name)}\n".encode())
    return total.hexdigest()


def _file_hash(file: Path) -> str:
    # The hub's cache links a large file to a blob that is named after its sha256.
    blob = file.resolve()
    if file.is_symlink() and re.fullmatch(r"[0-9a-f]{64}", blob.name):
        return blob.name
    stat = blob.stat()
    return _read_hash(blob, stat.st_size, stat.st_mtime_ns)


@lru_cache(maxsize=64)
def _read_hash(blob: Path, _size: int, _mtime_ns: int) -> str:
    with blob.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
