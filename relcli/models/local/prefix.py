"""Encoded prefixes of pictures, behind which questions run."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import torch
from transformers.cache_utils import LinearAttentionCacheLayerMixin

from relcli.models.local.grid import Grid

Layers = list[tuple[torch.Tensor, torch.Tensor]]
"""Of each layer what it holds of some images, [images, ...] each."""


def joined(parts: Sequence[Layers]) -> Layers:
    """The images of several parts, one after the other."""
    return [
        (torch.cat([one for one, _ in layer]), torch.cat([two for _, two in layer]))
        for layer in zip(*parts, strict=True)
    ]


@dataclass(slots=True)
class Prefix:
    """Encoded prefixes of images of one grid.

    layers: of each layer keys and values, [images, key heads, tokens, width]; of those in `recurrent`, the
    numbers of recurrent layers, the states of their convolution and of their recurrence, [images, ...].
    length: tokens. columns: where the image tokens stand; next_position: the position id of the first token
    behind the prefix.
    """

    layers: Layers
    grid: Grid
    length: int
    columns: slice
    next_position: int
    recurrent: frozenset[int] = frozenset()

    @staticmethod
    def of_cache(cache: Any, grid: Grid, length: int, columns: slice, next_position: int) -> "Prefix":
        """What a pass over prefixes left in transformers' cache."""
        is_recurrent = [isinstance(layer, LinearAttentionCacheLayerMixin) for layer in cache.layers]
        layers = [
            (layer.conv_states[0], layer.recurrent_states[0]) if recurrent else (layer.keys, layer.values)
            for layer, recurrent in zip(cache.layers, is_recurrent, strict=True)
        ]
        numbers = frozenset(number for number, recurrent in enumerate(is_recurrent) if recurrent)
        return Prefix(layers, grid, length, columns, next_position, numbers)

    @staticmethod
    def join(parts: "Sequence[Prefix]") -> "Prefix":
        """Prefixes of the same grid, one after the other."""
        if len(parts) == 1:
            return parts[0]
        return replace(parts[0], layers=joined([part.layers for part in parts]))

    def one(self, image: int) -> "Prefix":
        """The prefix of a single image."""
        layers = [(one[image : image + 1], two[image : image + 1]) for one, two in self.layers]
        return replace(self, layers=layers)

    def without_tail(self) -> "Prefix":
        """The prefixes up to their last image token. What recurrent layers have read can't be taken back."""
        assert not self.recurrent
        end = self.columns.stop
        layers = [(keys[:, :, :end], values[:, :, :end]) for keys, values in self.layers]
        shorter = self.length - end
        return replace(self, layers=layers, length=end, next_position=self.next_position - shorter)
