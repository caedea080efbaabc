"""Attention over a picture: arrays as colours, laid over it, or as digits."""

from collections.abc import Sequence

import numpy as np
from PIL import Image

from relcli.drawing.heat_grid import HeatGrid
from relcli.drawing.palette import DIVERGING, RAMP

_RAMP = np.array(RAMP)
_DIVERGING = np.array(DIVERGING)


def stretched(weights: np.ndarray) -> np.ndarray:
    """Weights [h, w] as levels 0 to 1, stretched from their 2nd to their 98th percentile, so that single
    outliers don't flatten the rest."""
    low, high = np.percentile(weights, (2, 98))
    return np.clip((weights - low) / max(high - low, 1e-12), 0, 1)


def heat_colors(weights: np.ndarray) -> np.ndarray:
    """Weights [h, w] as colours, uint8 [h, w, 3], stretched."""
    return _colored(stretched(weights), _RAMP)


def scale_of(maps: Sequence[Sequence[float]]) -> tuple[float, float]:
    """One scale for several maps: from the 2nd to the 98th percentile of all their weights."""
    low, high = np.percentile(np.concatenate([np.asarray(each, dtype=np.float64) for each in maps]), (2, 98))
    return float(low), float(high)


def levels(heat: HeatGrid) -> np.ndarray:
    """A map's levels [h, w], 0 to 1, on the scale that it names or stretched alone."""
    weights = np.asarray(heat.weights, dtype=np.float64).reshape(heat.height, heat.width)
    if heat.low is None or heat.high is None:
        return stretched(weights)
    if heat.high <= heat.low:
        return np.full(weights.shape, 0.5 if heat.diverging else 0.0)
    return np.clip((weights - heat.low) / (heat.high - heat.low), 0, 1)


def spread(level: np.ndarray, columns: int, rows: int) -> np.ndarray:
    """Levels [h, w] on [rows, columns] places: that of the cell under a place's middle or, where there are
    fewer places than cells, the mean of those that share one, so that none is left out."""
    height, width = level.shape
    if columns >= width and rows >= height:
        down = ((np.arange(rows) + 0.5) * height / rows).astype(int)
        across = ((np.arange(columns) + 0.5) * width / columns).astype(int)
        return level[np.ix_(down, across)]
    small = Image.fromarray(level.astype(np.float32)).resize((columns, rows), Image.Resampling.BOX)
    return np.asarray(small)


def over_grey(picture: Image.Image, heat: HeatGrid, strength: float = 0.6) -> Image.Image:
    """The picture without its colours under a heat map, so that every colour in it is the map's."""
    colors = _colored(levels(heat), _DIVERGING if heat.diverging else _RAMP)
    laid = Image.fromarray(colors).resize(picture.size, Image.Resampling.NEAREST)
    return Image.blend(picture.convert("L").convert("RGB"), laid, strength)


def _colored(level: np.ndarray, ramp: np.ndarray) -> np.ndarray:
    """Levels [h, w] as colours, uint8 [h, w, 3]."""
    at = level * (len(ramp) - 1)
    below = np.minimum(at.astype(int), len(ramp) - 2)
    part = (at - below)[..., None]
    return np.round(ramp[below] * (1 - part) + ramp[below + 1] * part).astype(np.uint8)


def overlay(picture: Image.Image, weights: np.ndarray, strength: float = 0.6) -> Image.Image:
    """The picture under the heat map of weights [h, w]; `strength` 1 hides the picture. Cells keep hard
    edges, since the model sees no finer."""
    heat = Image.fromarray(heat_colors(weights)).resize(picture.size, Image.Resampling.NEAREST)
    return Image.blend(picture.convert("RGB"), heat, strength)


def shades(weights: np.ndarray) -> str:
    """A heat map without colour: a digit 0 to 9 for each cell of weights [h, w], stretched alike."""
    return "\n".join(" ".join(str(round(v * 9)) for v in row) for row in stretched(weights))
