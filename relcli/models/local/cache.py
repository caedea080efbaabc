"""A key-value cache with room to grow: shared prefixes are copied in once, new tokens are written in place.

transformers' DynamicCache joins old and new keys anew at every step, which copies the whole cache per token.
"""

from typing import Any

import torch
from transformers.cache_utils import (
    Cache,
    DynamicCache,
    DynamicLayer,
    DynamicSlidingWindowLayer,
    LinearAttentionLayer,
)

from relcli.models.local.prefix import Prefix

ROOM = 16
"""Tokens of a reply that fit into a cache before it has to grow; replies with an option need two or three."""


class RoomyLayer(DynamicLayer):
    """Keys and values [rows, key heads, room, width] of one layer; `keys`, `values` show the filled part."""

    def __init__(self, keys: torch.Tensor, values: torch.Tensor, rows: torch.Tensor, room: int):
        """Start from rows of a prefix: keys, values [prefixes, key heads, tokens, width], rows int64 on
        their device."""
        super().__init__()
        self.dtype, self.device = keys.dtype, keys.device
        self.is_initialized = True
        self._filled = keys.shape[2]
        self._keys, self.keys = _roomy(keys.index_select(0, rows), room)
        self._values, self.values = _roomy(values.index_select(0, rows), room)

    def update(self, key_states: torch.Tensor, value_states: torch.Tensor, *args: Any, **kwargs: Any) -> Any:
        start = self._filled
        end = self._filled = start + key_states.shape[2]
        if end > self._keys.shape[2]:
            self._keys, _ = _roomy(self._keys[:, :, :start], end + end // 2)
            self._values, _ = _roomy(self._values[:, :, :start], end + end // 2)
        self._keys[:, :, start:end] = key_states
        self._values[:, :, start:end] = value_states
        self.keys, self.values = self._keys[:, :, :end], self._values[:, :, :end]
        return self.keys, self.values

    def select(self, rows: torch.Tensor) -> None:
        """Keep some rows only, in the given order."""
        rows, end = rows.to(self.device), self._filled
        self._keys, self._values = self._keys.index_select(0, rows), self._values.index_select(0, rows)
        self.keys, self.values = self._keys[:, :, :end], self._values[:, :, :end]


def _roomy(filled: torch.Tensor, room: int) -> tuple[torch.Tensor, torch.Tensor]:
    rows, heads, tokens, width = filled.shape
    whole = filled.new_empty(rows, heads, room, width)
    whole[:, :, :tokens] = filled
    return whole, whole[:, :, :tokens]


def from_prefix(prefix: Prefix, rows: torch.Tensor, room: int) -> Cache:
    """A cache whose row i starts with prefix rows[i]."""
    there = {device: rows.to(device) for device in {one.device for one, _ in prefix.layers}}
    return Cache(
        layers=[
            _recurrent_layer(one, two, there[one.device])
            if number in prefix.recurrent
            else RoomyLayer(one, two, there[one.device], room)
            for number, (one, two) in enumerate(prefix.layers)
        ]
    )


def _recurrent_layer(
    convolved: torch.Tensor, state: torch.Tensor, rows: torch.Tensor
) -> LinearAttentionLayer:
    layer = LinearAttentionLayer()
    layer.update_conv_state(convolved.index_select(0, rows))
    layer.update_recurrent_state(state.index_select(0, rows))
    return layer


def select_rows(cache: Cache, rows: torch.Tensor) -> None:
    """Keep some rows of a cache made by from_prefix."""
    layers: list[Any] = cache.layers
    for layer in layers:
        if isinstance(layer, RoomyLayer):
            layer.select(rows)
        else:
            layer.reorder_cache(rows)


def whole_cache(config: Any) -> Cache | None:
    """A cache that keeps every token in every layer; None where the model's own does so anyway.

    Layers that see a window of tokens forget what left it, and with it where the image tokens stand. Their
    mask keeps out what is out of the window as well.
    """
    cache = DynamicCache(config=config)
    windows = [type(layer) is DynamicSlidingWindowLayer for layer in cache.layers]
    if not any(windows):
        return None
    return Cache(
        layers=[
            DynamicLayer() if window else layer for window, layer in zip(windows, cache.layers, strict=True)
        ]
    )
