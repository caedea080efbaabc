"""Pictures pixel by pixel against expectations made by hand."""

import io
import math

import numpy as np
import pytest
from PIL import Image

from relcli.scenes.rendering import png_bytes, render, render_blank
from relcli.scenes.scene import Entity, Relation, Scene
from relcli.scenes.vocabulary import COLORS

WHITE, BLACK = (255, 255, 255), (0, 0, 0)
HEAD = """
............##...........
.......###########.......
........#########........
........#########........
.........#######.........
.........#######.........
..........#####..........
..........#####..........
...........###...........
...........###...........
............##...........
.........................
"""


def picture(*entities: Entity, relations: tuple[Relation, ...] = ()) -> np.ndarray:
    return np.asarray(render(Scene(0, entities, relations)))


def boxed(half_width: int, half_height: int, x: int, y: int, color: tuple[int, int, int]) -> np.ndarray:
    """A white picture with one filled, black-edged box."""
    expected = np.full((224, 224, 3), 255, np.uint8)
    expected[y - half_height : y + half_height + 1, x - half_width : x + half_width + 1] = BLACK
    expected[y - half_height + 1 : y + half_height, x - half_width + 1 : x + half_width] = color
    return expected


@pytest.mark.parametrize(
    ("shape", "size", "half_width", "half_height"),
    [
        ("square", "small", 20, 20),
        ("square", "medium", 30, 30),
        ("square", "large", 40, 40),
        ("rectangle", "small", 10, 15),
        ("rectangle", "medium", 15, 22),
        ("rectangle", "large", 20, 30),
    ],
)
def test_boxes(shape: str, size: str, half_width: int, half_height: int) -> None:
    drawn = picture(Entity(0, shape, size, "orange", (100, 97)))
    assert np.array_equal(drawn, boxed(half_width, half_height, 100, 97, (255, 128, 0)))


@pytest.mark.parametrize("size, radius", [("small", 20), ("medium", 30), ("large", 40)])
def test_circle(size: str, radius: int) -> None:
    drawn = picture(Entity(0, "circle", size, "blue", (100, 97)))
    ys, xs = np.mgrid[:224, :224]
    distance = np.hypot(xs - 100, ys - 97)
    assert (drawn[distance <= radius - 1.5] == (0, 0, 255)).all()
    assert (drawn[distance >= radius + 1] == WHITE).all()
    for x, y in ((100 - radius, 97), (100 + radius, 97), (100, 97 - radius), (100, 97 + radius)):
        assert tuple(drawn[y, x]) == BLACK
    assert np.array_equal(drawn[97 - radius : 98 + radius], drawn[97 - radius : 98 + radius][::-1])
    for y in range(97 - radius, 98 + radius):  # each row: black, colour between, black
        dark = np.flatnonzero((drawn[y] == BLACK).all(-1))
        assert {tuple(p) for p in drawn[y, dark[0] : dark[-1] + 1]} <= {BLACK, (0, 0, 255)}


@pytest.mark.parametrize("size, left, right", [("small", 18, 17), ("medium", 26, 25), ("large", 35, 34)])
def test_triangle(size: str, left: int, right: int) -> None:
    """Half the base is 0.866 of the size, cut down to whole pixels on the way to the picture's left."""
    s = {"small": 20, "medium": 30, "large": 40}[size]
    entity = Entity(0, "triangle", size, "green", (100, 97))
    drawn = picture(entity)
    assert entity.bbox == (100 - left, 97 - s, 100 + right, 97 + s // 2)
    base, height = 97 + s // 2, s + s // 2
    for y in range(224):
        down = y - (97 - s)
        row = drawn[y]
        if not 0 <= down <= height:
            assert (row == WHITE).all()
            continue
        reach = np.flatnonzero((row != WHITE).any(-1))
        assert abs(reach[0] - (100 - left * down / height)) <= 1
        assert abs(reach[-1] - (100 + right * down / height)) <= 1
        assert tuple(row[reach[0]]) == tuple(row[reach[-1]]) == BLACK
        inner = row[reach[0] + 2 : reach[-1] - 1]
        assert (inner == (BLACK if y == base else (0, 255, 0))).all()


def test_arrow_with_its_head() -> None:
    """A downward arrow of width 2 whose head opens 30 degrees to each side over 10 pixels."""
    entities = (
        Entity(0, "square", "small", "red", (112, 60)),
        Entity(1, "square", "small", "red", (112, 160)),
    )
    drawn = picture(*entities, relations=(Relation(0, 1, "below", True),))
    black = (drawn == BLACK).all(-1)
    assert ["".join(".#"[int(v)] for v in row[100:125]) for row in black[150:162]] == HEAD.split()
    shaft = black[61:80, 93:132]  # within the first square, above it nothing but the shaft
    assert (shaft.sum(1) == 2).all() and shaft[:, 112 - 93 : 114 - 93].all()
    assert tuple(drawn[59, 112]) == (255, 0, 0)


def test_slanted_arrow_points_the_right_way() -> None:
    entities = (
        Entity(0, "circle", "large", "cyan", (60, 70)),
        Entity(1, "circle", "large", "cyan", (160, 150)),
    )
    without = picture(*entities)
    with_arrow = picture(*entities, relations=(Relation(0, 1, "right_of", True),))
    ys, xs = np.nonzero((without != with_arrow).any(-1))
    along = np.array([100, 80]) / math.hypot(100, 80)
    offset = np.stack([xs - 160, ys - 150], 1)
    depth, side = -(offset @ along), np.abs(offset @ np.array([-along[1], along[0]]))
    head = depth <= 10 * math.cos(math.pi / 6) + 1.5
    assert (side <= np.where(head, depth * math.tan(math.pi / 6), 1) + 1.5).all()
    assert depth.min() >= -1.5 and depth.max() <= math.hypot(100, 80) + 1.5
    assert (side[depth <= 10] > 3).any() and (side[depth > 12] <= 2).all()


def test_arrows_lie_over_shapes_and_masked_ones_are_not_drawn() -> None:
    entities = (
        Entity(0, "square", "large", "red", (60, 112)),
        Entity(1, "square", "large", "red", (160, 112)),
    )
    plain = picture(*entities)
    assert np.array_equal(plain, picture(*entities, relations=(Relation(0, 1, "right_of", False),)))
    assert np.array_equal(
        plain, picture(*entities, relations=(Relation(0, 1, "right_of", True, masked=True),))
    )
    assert tuple(picture(*entities, relations=(Relation(0, 1, "right_of", True),))[112, 140]) == BLACK


def test_every_colour() -> None:
    for color, rgb in COLORS.items():
        assert tuple(picture(Entity(0, "circle", "small", color, (112, 112)))[112, 112]) == rgb
    assert COLORS["purple"] == (128, 0, 128) and COLORS["orange"] == (255, 128, 0)


def test_blank_and_png() -> None:
    assert (np.asarray(render_blank()) == 255).all() and render_blank().size == (224, 224)
    image = render(Scene(0, (Entity(0, "triangle", "small", "blue", (80, 90)),), ()))
    read = Image.open(io.BytesIO(png_bytes(image)))
    assert read.mode == "RGB" and read.tobytes() == image.tobytes()
