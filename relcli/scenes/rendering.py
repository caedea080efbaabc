"""Pictures of scenes: plain Pillow drawing without antialiasing, as in the study."""

import io
import math
from typing import Final

from PIL import Image, ImageDraw

from relcli.scenes.scene import Entity, Scene
from relcli.scenes.vocabulary import COLORS, IMAGE_SIZE

LINE_WIDTH: Final = 2
HEAD_LENGTH: Final = 10
"""Length in pixels of the two sides of an arrow head that meet at its tip."""
HEAD_HALF_ANGLE: Final = math.radians(30)

_WHITE = (255, 255, 255)
_BLACK = (0, 0, 0)


def render(scene: Scene) -> Image.Image:
    """Draw a scene: RGB, 224 x 224, white ground, shapes in id order, then the arrows over them.

    Masked relations have no arrow, so a twin's scene draws as the twin.
    """
    image = render_blank()
    draw = ImageDraw.Draw(image)
    for entity in scene.entities:
        _draw_entity(draw, entity)
    for relation in scene.relations:
        if relation.has_arrow:
            source = scene.entity(relation.subject_id).center
            target = scene.entity(relation.object_id).center
            draw.line((source, target), fill=_BLACK, width=LINE_WIDTH)
            draw.polygon(arrow_head(source, target), fill=_BLACK)
    return image


def render_blank() -> Image.Image:
    """The picture of nothing: RGB, 224 x 224, all white."""
    return Image.new("RGB", (IMAGE_SIZE, IMAGE_SIZE), _WHITE)


def arrow_head(source: tuple[int, int], target: tuple[int, int]) -> list[tuple[float, float]]:
    """The head's three corners in pixels: the tip on ``target``, then the two others."""
    angle = math.atan2(target[1] - source[1], target[0] - source[0])
    return [
        (float(target[0]), float(target[1])),
        *(
            (target[0] - HEAD_LENGTH * math.cos(side), target[1] - HEAD_LENGTH * math.sin(side))
            for side in (angle - HEAD_HALF_ANGLE, angle + HEAD_HALF_ANGLE)
        ),
    ]


def png_bytes(image: Image.Image) -> bytes:
    """The picture as a PNG file's bytes."""
    buffer = io.BytesIO()
    image.save(buffer, format="PNG")
    return buffer.getvalue()


def _draw_entity(draw: ImageDraw.ImageDraw, entity: Entity) -> None:
    fill = COLORS[entity.color]
    corners = list(entity.corners)
    if entity.shape == "circle":
        draw.ellipse(corners, fill=fill, outline=_BLACK)
    elif entity.shape == "triangle":
        draw.polygon(corners, fill=fill, outline=_BLACK)
    else:
        draw.rectangle(corners, fill=fill, outline=_BLACK)
