"""Attention over a picture: arrays as colours, laid over it, or as digits."""

import numpy as np
from PIL import Image

from relcli.drawing.palette import RAMP

_RAMP = np.array(RAMP)


def stretched(weights: np.ndarray) -> np.ndarray:
    """Weights [h, w] as levels 0 to 1, stretched from their 2nd to their 98th percentile, so that single
    outliers don't flatten the rest."""
    low, high = np.percentile(weights, (2, 98))
    return np.clip((weights - low) / max(high - low, 1e-12), 0, 1)


def heat_colors(weights: np.ndarray) -> np.ndarray:
    """Weights [h, w] as colours, uint8 [h, w, 3], stretched."""
    level = stretched(weights) * (len(_RAMP) - 1)
    below = np.minimum(level.astype(int), len(_RAMP) - 2)
    part = (level - below)[..., None]
    return np.round(_RAMP[below] * (1 - part) + _RAMP[below + 1] * part).astype(np.uint8)


def overlay(picture: Image.Image, weights: np.ndarray, strength: float = 0.6) -> Image.Image:
    """The picture under the heat map of weights [h, w]; `strength` 1 hides the picture. Cells keep hard
    edges, since the model sees no finer."""
    heat = Image.fromarray(heat_colors(weights)).resize(picture.size, Image.Resampling.NEAREST)
    return Image.blend(picture.convert("RGB"), heat, strength)


def shades(weights: np.ndarray) -> str:
    """A heat map without colour: a digit 0 to 9 for each cell of weights [h, w], stretched alike."""
    return "\n".join(" ".join(str(round(v * 9)) for v in row) for row in stretched(weights))
