"""Whether a checkpoint's settings and its weights belong together."""

import copy
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import torch
from transformers import AutoModelForImageTextToText, AutoModelForMultimodalLM
from transformers.initialization import meta_device_safe_creation_ops, no_init_weights
from transformers.models.auto.modeling_auto import (
    MODEL_FOR_IMAGE_TEXT_TO_TEXT_MAPPING,
    MODEL_FOR_MULTIMODAL_LM_MAPPING,
)

from relcli.errors import RelcliError
from relcli.models.local.checkpoint import dtypes, shapes, weight_files
from relcli.models.local.hub import ModelFolder

_SMALL = 1 << 24  # weights that fit any memory
_DIGITS = re.compile(r"\d+")
_PACKED = re.compile(r"weight_scale|scale_inv|scales$|qweight|absmax|quant_")
_LAYER = re.compile(r"^(.*?\b(?:layers?|blocks?|h)\.)(\d+)\.")


def auto_class(config: Any) -> Any:
    """What builds a model that answers questions about pictures; None if transformers has none for it.

    Models that see and hear, such as Phi-4, stand in a list of their own.
    """
    if type(config) in MODEL_FOR_IMAGE_TEXT_TO_TEXT_MAPPING:
        return AutoModelForImageTextToText
    sees = "vision_config" in getattr(config, "sub_configs", {})
    return AutoModelForMultimodalLM if sees and type(config) in MODEL_FOR_MULTIMODAL_LM_MAPPING else None


def check_complete(folder: ModelFolder, model: Any, info: dict[str, Any]) -> None:
    """Raises RelcliError if the weights aren't those that config.json asks for: all, and of its shapes."""
    if mismatched := sorted(info["mismatched_keys"]):
        raise _other_shape(folder, *mismatched[0])
    if missing := sorted(info["missing_keys"]):
        raise RelcliError(
            f"The weights in {folder.path} lack {len(missing)} tensors that config.json asks for, "
            f"{missing[0]} "
            "among them: the files do not belong together or the download is incomplete."
        )
    if scales := sorted(name for name in info["unexpected_keys"] if _PACKED.search(name)):
        raise RelcliError(
            f"The weights in {folder.path} are quantised, with {scales[0]} beside them, in a way that "
            "transformers does not read: take a checkpoint in bfloat16, or serve this one and use --endpoint."
        )
    # A tensor that is like one of the model's but for its number belongs to a layer that config.json leaves
    # out.
    names = [name for name, _ in model.named_parameters()]
    known, stacks = {_DIGITS.sub("#", name) for name in names}, _layers_of(names)
    if left_out := sorted(
        name
        for name in info["unexpected_keys"]
        if _DIGITS.sub("#", name) in known or _beyond(name, stacks)
    ):
        raise RelcliError(
            f"The weights in {folder.path} hold {len(left_out)} tensors of layers that config.json leaves "
            f"out, {left_out[0]} among them: the files do not belong together."
        )


def _layers_of(names: Iterable[str]) -> dict[str, int]:
    """How many layers each stack of a model has, by what stands before a layer's number."""
    found: dict[str, int] = {}
    for name in names:
        if place := _LAYER.search(name):
            found[place[1]] = max(found.get(place[1], 0), int(place[2]) + 1)
    return found


def _beyond(name: str, stacks: Mapping[str, int]) -> bool:
    """Whether a tensor is of a layer behind the last one of its stack, also where that layer is of another
    kind than those before it."""
    place = _LAYER.search(name)
    return place is not None and int(place[2]) >= stacks.get(place[1], 10**9)


def check_packing(folder: ModelFolder, config: Any) -> None:
    """Raises RelcliError if config.json says that the weights are quantised and they are not: numbers would
    be taken for what they aren't."""
    told = getattr(config, "quantization_config", None)
    if not told:
        return
    kinds = dtypes(weight_files(folder.path))
    plain = set(kinds.values()) <= {"F64", "F32", "F16", "BF16"}
    if plain and not any(_PACKED.search(name) for name in kinds):
        method = dict(told if isinstance(told, dict) else vars(told)).get("quant_method")
        raise RelcliError(
            f"{folder.path / 'config.json'} says that the weights are quantised "
            f"({getattr(method, 'value', method)}), but the *.safetensors files beside it hold plain "
            "numbers: take quantization_config out of it, or the files that belong to it."
        )


def check_size(folder: ModelFolder, config: Any, remote_code: bool) -> None:
    """Raises RelcliError if config.json asks for a larger model than the weights are, before its memory is
    taken."""
    check_packing(folder, config)
    files = weight_files(folder.path)
    held = shapes(files)
    try:
        with torch.device("meta"), meta_device_safe_creation_ops(), no_init_weights():
            empty = (auto_class(config) or AutoModelForImageTextToText).from_config(
                copy.deepcopy(config), trust_remote_code=remote_code
            )
    except ImportError as error:
        raise RelcliError(
            f"The model {folder.name!r} needs a package that is not here ({first_line(error)}): install it."
        ) from error
    except Exception as error:
        raise RelcliError(
            f"The model {folder.name!r} can't be built as {folder.path / 'config.json'} describes it "
            f"({first_line(error)}): copy or download the file again."
        ) from error
    packed = bool(getattr(config, "quantization_config", None))
    for name, parameter in empty.named_parameters():
        # Some tensors are transposed as they are loaded, which leaves their number of values the same.
        if not packed and name in held and math.prod(held[name]) != parameter.numel():
            raise _other_shape(folder, name, held[name], parameter.shape)
    # Names may change as well, so what is missing is known after loading; here counts what could not be held.
    asked = sum(parameter.numel() for parameter in empty.parameters())  # tied ones count once
    there = sum(file.stat().st_size for file in files)
    if asked > (8 if packed else 2) * there + _SMALL:  # in one bit each, or half a byte
        raise RelcliError(
            f"{folder.path / 'config.json'} asks for a model of {asked:,} weights, but the *.safetensors "
            f"files beside it have {there:,} bytes: they do not belong together."
        )


def _other_shape(folder: ModelFolder, name: str, held: Sequence[int], asked: Sequence[int]) -> RelcliError:
    return RelcliError(
        f"The weights in {folder.path} can't be loaded: {name} is {_shape(held)} there and {_shape(asked)} "
        "by config.json; the files do not belong together."
    )


def _shape(shape: Sequence[int]) -> str:
    return " x ".join(map(str, shape))


def first_line(error: BaseException) -> str:
    """What an error says, short enough for a sentence."""
    text = str(error).strip()
    return text.splitlines()[0][:200] if text else type(error).__name__
