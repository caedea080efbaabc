"""Attention of models in which only some layers have any: the others are recurrent, or convolve."""

from collections.abc import Sequence
from dataclasses import fields, is_dataclass
from typing import Any

import numpy as np

from relcli.models.items import AttentionSummary


def at_their_layers(summary: AttentionSummary, layers: Sequence[int], n_layers: int) -> None:
    """Give every layer of a model its own place in a summary of those that have attention, in order: NaN in
    the others."""
    if list(layers) == list(range(n_layers)):
        return
    for each in fields(summary):
        if each.name != "layout":
            axis = 1 if each.name == "full" else 0
            value = _spread(getattr(summary, each.name), layers, n_layers, axis)
            setattr(summary, each.name, value)


def _spread(value: Any, layers: Sequence[int], n_layers: int, axis: int = 0) -> Any:
    if isinstance(value, np.ndarray):
        shape = list(value.shape)
        shape[axis] = n_layers
        found = np.full(shape, np.nan, dtype=value.dtype)
        found[(slice(None),) * axis + (list(layers),)] = value
        return found
    if isinstance(value, dict):
        return {name: _spread(inner, layers, n_layers) for name, inner in value.items()}
    if is_dataclass(value) and not isinstance(value, type):
        for each in fields(value):
            setattr(value, each.name, _spread(getattr(value, each.name), layers, n_layers))
    return value
