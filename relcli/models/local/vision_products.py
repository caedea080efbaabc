"""The vision tower's work as matrix products, where its modules take longer for the same numbers."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any

import torch
from torch.nn.functional import linear
from transformers.activations import GELUTanh

from relcli.models.local.images import ProcessedImage


@contextmanager
def as_products(visual: Any) -> Iterator[None]:
    """Let the vision tower of a Qwen-VL model run as products inside the block.

    Patches: the convolution that embeds them has a stride as wide as its kernel, which is a product with the
    flattened kernel; torch's conv3d takes seven times as long for it on a CPU. A still picture's patches may
    come without their repeated frames (see `tower_input`).

    GELU: on a CPU, oneDNN applies it to a product before that is written; alone it takes as long as the
    product. The results differ from the modules' by rounding.
    """
    replaced: list[tuple[Any, Any]] = []
    if embeds_by_product(visual):
        replaced.append((visual.patch_embed, _embed(visual.patch_embed.proj)))
    for module in visual.modules():  # a wrapper of peft's shows what it wraps as its own
        first, activation = getattr(module, "linear_fc1", None), getattr(module, "act_fn", None)
        kind = _gelu(activation)
        known = any(first is each for each, _ in replaced)
        if kind is not None and not known and isinstance(first, torch.nn.Linear) and _fuses(first):
            replaced += [(first, partial(_with_gelu, first, kind)), (activation, lambda states: states)]
    for module, forward in replaced:
        module.forward = forward
    try:
        yield
    finally:
        for module, _ in replaced:
            del module.forward


def embeds_by_product(visual: Any) -> bool:
    """Whether the embedding of patches is a convolution that a product can stand for."""
    embed = visual.patch_embed
    proj = getattr(embed, "proj", None)
    return isinstance(proj, torch.nn.Conv3d) and proj.stride == proj.kernel_size and not _is_moved(embed)


def tower_input(visual: Any, pictures: Sequence[ProcessedImage]) -> torch.Tensor:
    """The patches of pictures, [patches, values], for the tower inside `as_products`: each once if it takes
    them so, else with all frames."""
    if embeds_by_product(visual):
        return torch.cat([picture.patches for picture in pictures])
    return torch.cat([picture.pixel_values for picture in pictures])


def _embed(proj: torch.nn.Conv3d) -> Any:
    kernel = proj.weight.flatten(1)
    of_still = proj.weight.sum(2).flatten(1)

    def forward(patches: torch.Tensor) -> torch.Tensor:
        still = patches.shape[-1] == of_still.shape[-1]
        return linear(patches.to(kernel.dtype), of_still if still else kernel, proj.bias)

    return forward


def _gelu(activation: Any) -> str | None:
    """oneDNN's name of the GELU that a module is; None if it is none."""
    if isinstance(activation, torch.nn.GELU):
        return activation.approximate
    if isinstance(activation, GELUTanh) and isinstance(activation.act, partial):
        return "tanh"
    return None


def _fuses(layer: torch.nn.Linear) -> bool:
    """Whether oneDNN can apply an activation to a layer's product where it stands."""
    return (
        type(layer) is torch.nn.Linear  # quantised and adapted layers have products of their own
        and not _is_moved(layer)
        and layer.weight.device.type == "cpu"
        and layer.weight.dtype in (torch.float32, torch.bfloat16)
        and torch.backends.mkldnn.is_available()
    )


def _with_gelu(layer: torch.nn.Linear, kind: str, states: torch.Tensor) -> torch.Tensor:
    return torch.ops.mkldnn._linear_pointwise(states, layer.weight, layer.bias, "gelu", [], kind)


def _is_moved(module: Any) -> bool:
    """Whether accelerate brings a module's weights to it when it is called."""
    return hasattr(module, "_hf_hook")
