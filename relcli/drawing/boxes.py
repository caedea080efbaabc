"""Frames around things in a picture."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL import Image

Box = tuple[float, float, float, float]  # x_min, y_min, x_max, y_max in the picture's pixels


def framed(
    picture: "Image.Image | None",
    boxes: Sequence[Box],
    of_size: tuple[int, int] | None = None,
    reach: int | None = None,
) -> "Image.Image | None":
    """The corners of frames, dark on light and light on dark ground, `reach` pixels long. Boxes are in pixels
    of a picture of `of_size`."""
    if picture is None or not boxes:
        return picture
    from PIL import ImageDraw

    picture = picture.copy()
    width, height = of_size or picture.size
    across, down = picture.width / width, picture.height / height
    if reach is None:
        reach = max(1, min(picture.width, picture.height) // 40)
    draw = ImageDraw.Draw(picture)
    for x_min, y_min, x_max, y_max in boxes:
        left, top = max(0, round(x_min * across) - 1), max(0, round(y_min * down) - 1)
        right = min(picture.width - 1, round(x_max * across))
        bottom = min(picture.height - 1, round(y_max * down))
        for x, to_x in ((left, 1), (right, -1)):
            for y, to_y in ((top, 1), (bottom, -1)):
                ground = picture.getpixel((x, y))
                assert isinstance(ground, tuple)
                ink = (40, 40, 40) if sum(ground[:3]) > 384 else (255, 255, 255)
                draw.line((x, y, x + to_x * reach, y), fill=ink)
                draw.line((x, y, x, y + to_y * reach), fill=ink)
    return picture
