"""The files of a checkpoint: which weights are loaded, what they hold, and settings that make no sense."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

from relcli.errors import RelcliError
from relcli.inputs import MIB, is_plain_name, read_json

T = TypeVar("T")
SINGLE, INDEX = "model.safetensors", "model.safetensors.index.json"
ADAPTER, ADAPTER_SETTINGS = "adapter_model.safetensors", "adapter_config.json"

# Settings that transformers reads from a model folder. Vocabularies are its own to parse: they are large.
_SETTINGS = (
    "config.json", "generation_config.json", "preprocessor_config.json", "processor_config.json",
    "video_preprocessor_config.json", "tokenizer_config.json", "special_tokens_map.json",
    "added_tokens.json", "chat_template.json",
)  # fmt: skip
_VOCABULARIES = ("tokenizer.json", "vocab.json")
_MOST_SETTINGS, _MOST_VOCABULARY = 16 * MIB, 256 * MIB

_SIZE = re.compile(r"size$|dims?$|layers$|heads$|experts|channels$|width$|embeddings$|^depth$|^num_|^n_")
_LAYERS = re.compile(r"(hidden|num|encoder|decoder|n)_layers?$|^depth$")
_MOST_SIZE, _FEW_LAYERS = 2**31 - 1, 64
_SIDES = {"patch_size", "merge_size", "temporal_patch_size", "height", "width"}
# A side or a number of pixels, by processor.
_EDGES = {"shortest_edge", "longest_edge", "min_pixels", "max_pixels", "size", "crop_size"}


def read_part(path: Path) -> dict[str, Any] | None:
    """A JSON object of a model folder, None if there is no such file. Raises RelcliError that names it."""
    return _object(path, _MOST_SETTINGS) if path.exists() or path.is_symlink() else None


def _object(path: Path, most: int) -> dict[str, Any]:
    try:
        found = read_json(path, most=most, strict=False)
    except OSError as error:
        raise RelcliError(
            f"The model's file {path} can't be read ({error.strerror}): copy or download it again."
        ) from error
    if not isinstance(found, dict):
        raise RelcliError(f"The model's file {path} holds no JSON object: copy or download it again.")
    return found


def check_settings(folder: Path) -> None:
    """Raises RelcliError for a settings file that is broken, no regular file, or holds sizes beyond sense."""
    for name in _SETTINGS:
        try:
            found = read_part(folder / name)
        except RelcliError as error:
            if name != "config.json":
                raise
            raise RelcliError(f"relcli can't read the configuration of this model: {error}") from error
        if found is None:
            continue
        if name == "config.json":
            _check_sizes(found, folder / name)
        elif name in ("preprocessor_config.json", "processor_config.json"):
            _check_pictures(found, folder / name)
    for name in _VOCABULARIES:
        path = folder / name
        if path.exists() and (not path.is_file() or path.stat().st_size > _MOST_VOCABULARY):
            raise RelcliError(
                f"The model's file {path} is not a file or too large: copy or download it again."
            )


def check_vocabularies(folder: Path) -> None:
    """Raises RelcliError for a vocabulary that is not valid JSON. Slow if large: to explain a failure."""
    for name in _VOCABULARIES:
        if (folder / name).exists():
            _object(folder / name, _MOST_VOCABULARY)


def _numbers(value: Any, key: str = "") -> Iterator[tuple[str, int]]:
    """Every whole number in a JSON value, with the key it stands under."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _numbers(inner, name)
    elif isinstance(value, list):
        for inner in value:
            yield from _numbers(inner, key)
    elif isinstance(value, int) and not isinstance(value, bool):
        yield key, value


def _check_sizes(settings: dict[str, Any], path: Path) -> None:
    for key, value in _numbers(settings):
        if abs(value) > 2**63 - 1 or (_SIZE.search(key) and not 0 <= value <= _MOST_SIZE):
            raise RelcliError(
                f"{path} asks for {key} = {_short(value)}, which no model has: copy or download it again."
            )


def check_layers(settings: dict[str, Any], tensors: int, path: Path) -> None:
    """Raises RelcliError if the settings ask for more layers than the weights have tensors: before a model is
    built, for even an empty layer takes memory."""
    for key, value in _numbers(settings):
        if _LAYERS.search(key) and value > max(tensors, _FEW_LAYERS):
            raise RelcliError(
                f"{path} asks for {key} = {_short(value)}, but the weights beside it hold only {tensors:,} "
                "tensors: the files do not belong together."
            )


def _check_pictures(settings: dict[str, Any], path: Path) -> None:
    for key, value in _numbers(settings):
        most = 2**14 if key in _SIDES else 2**30 if key in _EDGES else None
        if abs(value) > 2**63 - 1 or (most and not 1 <= value <= most):
            raise RelcliError(
                f"{path} asks for {key} = {_short(value)}, which is not a size of a picture: copy or "
                "download it again."
            )


def _short(value: int) -> str:
    return f"{value:,}" if abs(value) < 10**15 else f"a number of {len(str(abs(value)))} digits"


def weight_files(folder: Path) -> list[Path]:
    """The safetensors files that transformers loads from a model folder, sorted by name; others may lie
    beside.

    One file is taken before the shards of an index, and a name in config.json before both.
    Raises RelcliError for a broken index, and for a shard that is named and not there. Empty if there are
    none.
    """
    named = (read_part(folder / "config.json") or {}).get("transformers_weights")
    if named is not None:
        plain = isinstance(named, str) and is_plain_name(named)
        if not plain or not named.endswith((".safetensors", ".safetensors.index.json")):
            raise RelcliError(
                f"{folder / 'config.json'} names {str(named)[:60]!r} as its weights, which is not a "
                "safetensors file in the same folder: correct transformers_weights."
            )
        return _shards(folder, named) if named.endswith(".json") else _present(folder, [named], "config.json")
    if (folder / SINGLE).is_file():
        return [folder / SINGLE]
    return _shards(folder, INDEX) if (folder / INDEX).exists() else []


def _shards(folder: Path, index: str) -> list[Path]:
    path = folder / index
    places = _object(path, 4 * _MOST_SETTINGS).get("weight_map")
    names = set(places.values()) if isinstance(places, dict) and _all_text(places.values()) else set()
    if not names or not all(is_plain_name(name) and name.endswith(".safetensors") for name in names):
        raise RelcliError(
            f"{path} does not name the *.safetensors files beside it in its weight_map: download it again."
        )
    return _present(folder, sorted(names), index)


def _all_text(values: Any) -> bool:
    return all(isinstance(value, str) for value in values)


def _present(folder: Path, names: list[str], by: str) -> list[Path]:
    for name in names:
        if not (folder / name).is_file():
            raise RelcliError(
                f"The model folder {folder} lacks {name}, which its {by} names: complete the download."
            )
    return [folder / name for name in names]


def shapes(files: list[Path]) -> dict[str, tuple[int, ...]]:
    """The shape of each tensor in some safetensors files, from their headers alone.

    Raises RelcliError that names the file whose header is broken.
    """
    return _headers(files, lambda tensor: tuple(tensor.get_shape()))


def dtypes(files: list[Path]) -> dict[str, str]:
    """The type of each tensor as safetensors names it, such as BF16. Raises as `shapes`."""
    return _headers(files, lambda tensor: tensor.get_dtype())


def _headers(files: list[Path], read: Callable[[Any], T]) -> dict[str, T]:
    from safetensors import SafetensorError, safe_open

    found: dict[str, T] = {}
    for file in files:
        try:
            with safe_open(file, framework="pt") as tensors:
                found.update({name: read(tensors.get_slice(name)) for name in tensors.keys()})  # noqa: SIM118
        except (SafetensorError, OSError, ValueError) as error:
            raise RelcliError(
                f"The weights in {file} are broken ({str(error).strip()[:200]}): copy or download the file "
                "again."
            ) from error
    return found
