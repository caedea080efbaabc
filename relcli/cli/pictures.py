"""Pictures in a terminal: two pixels a character, the upper one as foreground and the lower as background."""

from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from relcli.palette import RAMP

if TYPE_CHECKING:
    from rich.text import Text

_RAMP = np.array(RAMP)


def heat_colors(weights: np.ndarray) -> np.ndarray:
    """Weights [h, w] as colours, uint8 [h, w, 3], stretched from their 2nd to their 98th percentile."""
    low, high = np.percentile(weights, (2, 98))
    level = np.clip((weights - low) / max(high - low, 1e-12), 0, 1) * (len(_RAMP) - 1)
    below = np.minimum(level.astype(int), len(_RAMP) - 2)
    part = (level - below)[..., None]
    return np.round(_RAMP[below] * (1 - part) + _RAMP[below + 1] * part).astype(np.uint8)


def overlay(picture: Image.Image, weights: np.ndarray, strength: float = 0.6) -> Image.Image:
    """The picture under its heat map; cells keep hard edges, since that is all the model sees of them."""
    heat = Image.fromarray(heat_colors(weights)).resize(picture.size, Image.Resampling.NEAREST)
    return Image.blend(picture.convert("RGB"), heat, strength)


def half_blocks(picture: Image.Image, columns: int) -> "Text":
    """The picture `columns` characters wide, its proportions kept."""
    from rich.text import Text

    rows = max(1, round(picture.height * columns / picture.width / 2)) * 2
    pixels = np.asarray(picture.convert("RGB").resize((columns, rows), Image.Resampling.BOX))
    text = Text()
    for y in range(0, rows, 2):
        for upper, lower in zip(pixels[y], pixels[y + 1], strict=True):
            text.append("\u2580", style=f"rgb({_rgb(upper)}) on rgb({_rgb(lower)})")
        text.append("\n")
    return text


def shades(weights: np.ndarray) -> str:
    """A heat map without colour: a digit 0 to 9 a cell, by the same stretch."""
    low, high = np.percentile(weights, (2, 98))
    level = np.clip((weights - low) / max(high - low, 1e-12), 0, 1)
    return "\n".join(" ".join(str(round(v * 9)) for v in row) for row in level)


def _rgb(pixel: np.ndarray) -> str:
    return ",".join(str(int(value)) for value in pixel)
