"""Attention of a vision tower over all pictures of a batch at once, where they are alike in size."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from itertools import pairwise
from typing import Any

import torch
from transformers import AttentionInterface
from transformers.integrations.sdpa_attention import sdpa_attention_forward

NAME = "relcli_pictures"


class _Pieces:
    """How many pieces of equal length a batch's patches fall into: pictures, or windows of them.

    Which these are stands on the device. It is fetched once for each list of bounds, which layers share.
    """

    def __init__(self) -> None:
        self._known: list[tuple[torch.Tensor, int]] = []  # the tensor is kept: its id could come again
        self.now = 1

    def of(self, bounds: torch.Tensor) -> int:
        """1 where the pieces differ in length. bounds: int [pieces + 1], where each begins, and the end."""
        for known, pieces in self._known:
            if known is bounds:
                return pieces
        ends = bounds.tolist()
        lengths = {after - before for before, after in pairwise(ends)}
        pieces = len(ends) - 1 if len(lengths) == 1 else 1
        self._known.append((bounds, pieces))
        return pieces


@contextmanager
def over_all_pictures(visual: Any) -> Iterator[None]:
    """Let the layers of a Qwen-VL vision tower look at all pictures of a batch in one call of SDPA inside the
    block.

    transformers calls SDPA once for each picture and layer, and asks the device in every layer where pictures
    end: a GPU is waited for each time. Towers that don't use SDPA, and pieces of unlike length, are left to
    it.
    """
    config = getattr(visual, "config", None)
    layers = [
        module
        for block in getattr(visual, "blocks", ())
        if (module := getattr(block, "attn", None)) is not None and not hasattr(module, "_hf_hook")
    ]
    if getattr(config, "_attn_implementation", None) != "sdpa" or not layers:
        yield
        return
    assert config is not None
    pieces = _Pieces()
    for layer in layers:
        layer.forward = partial(_as_one_piece, layer, pieces)
    config._attn_implementation = NAME
    try:
        yield
    finally:
        config._attn_implementation = "sdpa"
        for layer in layers:
            del layer.forward


def _as_one_piece(layer: Any, pieces: _Pieces, hidden: torch.Tensor, cu_seqlens: Any, **kwargs: Any) -> Any:
    """The layer's own forward, told that all patches, [patches, width], are one piece where pieces are alike.
    """
    layer._pieces = pieces.of(cu_seqlens)
    if layer._pieces > 1:
        cu_seqlens = torch.tensor([0, len(hidden)])  # on the CPU, where it is read
    try:
        return type(layer).forward(layer, hidden, cu_seqlens=cu_seqlens, **kwargs)
    finally:
        del layer._pieces


def _attention(
    module: Any,
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    attention_mask: torch.Tensor | None = None,
    **kwargs: Any,
) -> tuple[torch.Tensor, None]:
    """SDPA within each of the module's pieces; query, key and value [1, heads, patches, width]."""
    pieces: int = module._pieces
    if pieces == 1:
        return sdpa_attention_forward(module, query, key, value, attention_mask, **kwargs)
    query, key, value = (each[0].unflatten(1, (pieces, -1)).transpose(0, 1) for each in (query, key, value))
    output, _ = sdpa_attention_forward(module, query, key, value, attention_mask, **kwargs)
    return output.flatten(0, 1)[None], None  # it was [pieces, patches, heads, width]


AttentionInterface.register(NAME, _attention)
