"""Stored pictures, opened for drawing."""

import io
from functools import lru_cache

from PIL import Image

from relcli.drawing.heat_grid import HeatGrid
from relcli.drawing.heatmap import over_grey
from relcli.scenes.decoding import UndecodableError, decode


def opened(data: bytes | None) -> Image.Image | None:
    """The RGB picture of a PNG or JPEG file's bytes; None where there are none, or they can't be read."""
    try:
        return decode(data) if data else None
    except UndecodableError:
        return None


@lru_cache(maxsize=4)
def shared(data: bytes) -> Image.Image | None:
    """As `opened`, and the same object again for the same bytes: each layer of a sheet is drawn over the same
    picture. Nobody may draw into it."""
    return opened(data)


def under_heat(data: bytes | None, heat: HeatGrid | None, strength: float) -> Image.Image | None:
    """The picture in grey under a heat map of `strength` (0 to 1; 1 hides it). As it is where there is no
    map that fits its grid; None where the picture can't be read."""
    if heat is None or len(heat.weights) != heat.height * heat.width:
        return opened(data)
    if data is None or (picture := shared(data)) is None:
        return None
    return over_grey(picture, heat, strength)


def blank_png(width: int, height: int) -> bytes:
    """A white picture, as PNG bytes."""
    file = io.BytesIO()
    Image.new("RGB", (width, height), "white").save(file, "PNG")
    return file.getvalue()
