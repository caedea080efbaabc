"""Coverage of grid cells against closed forms, fine sampling and the pictures themselves."""

import math
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relcli.scenes.geometry import (
    area_share,
    arrow_coverage,
    bbox_coverage,
    clip_convex,
    entity_coverage,
    polygon_coverage,
    scene_regions,
)
from relcli.scenes.rendering import render
from relcli.scenes.scene import BBox, Entity, Scene
from relcli.scenes.vocabulary import SHAPES, SIZES
from tests.examples import examples
from tests.scenes.scenes_kit import scene_of

AREA = {
    "circle": lambda s: math.pi * s * s,
    "square": lambda s: 4 * s * s,
    "rectangle": lambda s: 4 * (s // 2) * (int(1.5 * s) // 2),
    "triangle": lambda s: 0.866 * s * (s + s // 2),
}
GRIDS = st.tuples(st.integers(1, 40), st.integers(1, 40))
CENTERS = st.tuples(st.integers(50, 174), st.integers(50, 174))


def inside(entity: Entity) -> Callable[[np.ndarray, np.ndarray], np.ndarray]:
    """Whether points (in pixels, the picture's edge at 0) lie in a shape."""
    cx, cy, s = entity.center[0] + 0.5, entity.center[1] + 0.5, entity.radius
    if entity.shape == "circle":
        return lambda x, y: (x - cx) ** 2 + (y - cy) ** 2 <= s * s
    if entity.shape == "square":
        return lambda x, y: (abs(x - cx) <= s) & (abs(y - cy) <= s)
    if entity.shape == "rectangle":
        return lambda x, y: (abs(x - cx) <= s // 2) & (abs(y - cy) <= int(1.5 * s) // 2)
    height = s + s // 2
    return lambda x, y: (y <= cy + s // 2) & (abs(x - cx) * height <= (y - cy + s) * 0.866 * s)


def sampled(test: Callable, height: int, width: int, per_pixel: int = 8) -> np.ndarray:
    """Coverage by sampling: a grid of points in every pixel."""
    points = (np.arange(224 * per_pixel) + 0.5) / per_pixel
    hits = test(points[None, :], points[:, None]).astype(float)
    rows, columns = (np.floor(points * n / 224).astype(int) for n in (height, width))
    cells = np.zeros((height, width))
    np.add.at(cells, (rows[:, None], columns[None, :]), hits)
    return (cells * height * width / len(points) ** 2).ravel()


@settings(max_examples=examples(150))
@given(st.sampled_from(SHAPES), st.sampled_from(tuple(SIZES)), CENTERS, GRIDS)
def test_areas_add_up_on_every_grid(
    shape: str, size: str, center: tuple[int, int], grid: tuple[int, int]
) -> None:
    coverage = entity_coverage(Entity(0, shape, size, "red", center), *grid)
    assert coverage.shape == (grid[0] * grid[1],) and coverage.dtype == np.float32
    assert coverage.min() >= 0 and coverage.max() <= 1
    assert area_share(coverage) * 224**2 == pytest.approx(AREA[shape](SIZES[size]), rel=1e-4)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("grid", [(8, 8), (7, 16), (32, 5)])
def test_cells_against_fine_sampling(shape: str, grid: tuple[int, int]) -> None:
    for size, center in (("large", (60, 77)), ("small", (112, 112)), ("medium", (174, 50))):
        entity = Entity(0, shape, size, "red", center)
        assert np.allclose(entity_coverage(entity, *grid), sampled(inside(entity), *grid), atol=2e-3)


def test_circle_around_a_corner_of_four_cells() -> None:
    """Centred half a pixel past the corner, the disc lies mostly in the lower right cell."""
    coverage = entity_coverage(Entity(0, "circle", "small", "red", (112, 112)), 8, 8).reshape(8, 8)
    quarter = math.pi * 400 / 4 / 784
    assert coverage[3, 3] < quarter < coverage[4, 4]
    assert coverage[3, 4] == pytest.approx(coverage[4, 3])
    assert coverage.sum() == pytest.approx(4 * quarter, rel=1e-5)
    assert (np.delete(coverage, [3, 4], 0) == 0).all()


def test_square_by_hand() -> None:
    """Pixels 92.5 to 132.5 both ways: 19.5 pixels in the left and upper cells, 20.5 in the others."""
    coverage = entity_coverage(Entity(0, "square", "small", "red", (112, 112)), 8, 8).reshape(8, 8)
    for (row, column), area in {
        (3, 3): 19.5**2,
        (3, 4): 19.5 * 20.5,
        (4, 3): 19.5 * 20.5,
        (4, 4): 20.5**2,
    }.items():
        assert coverage[row, column] == pytest.approx(area / 784, abs=1e-6)
    assert np.array_equal(bbox_coverage(BBox(92, 92, 132, 132), 8, 8), coverage.ravel())


def test_one_cell_and_one_pixel_cells() -> None:
    entity = Entity(0, "square", "small", "red", (100, 100))
    assert entity_coverage(entity, 1, 1)[0] == pytest.approx(1600 / 224**2)
    pixels = entity_coverage(entity, 224, 224).reshape(224, 224)
    assert (pixels[81:120, 81:120] == 1).all()
    assert pixels[80, 80] == pytest.approx(0.25) and pixels[80, 90] == pytest.approx(0.5)


@settings(max_examples=examples(40))
@given(CENTERS, CENTERS)
def test_arrow_is_line_and_head_counted_once(source: tuple[int, int], target: tuple[int, int]) -> None:
    length = math.dist(source, target)
    if length < 50:
        return
    ux, uy = (target[0] - source[0]) / length, (target[1] - source[1]) / length

    def test(x: np.ndarray, y: np.ndarray) -> np.ndarray:
        dx, dy = x - 0.5 - source[0], y - 0.5 - source[1]
        along, side = dx * ux + dy * uy, abs(dx * uy - dy * ux)
        depth = length - along
        head = (depth >= 0) & (depth <= 10 * math.cos(math.pi / 6)) & (side <= depth * math.tan(math.pi / 6))
        return head | ((along >= 0) & (depth >= 0) & (side <= 1))

    coverage = arrow_coverage(source, target, 8, 8)
    assert np.allclose(coverage, sampled(test, 8, 8, 4), atol=4e-3)
    assert 2 * length < coverage.sum() * 784 < 2 * length + 50


def test_arrow_of_no_length_covers_nothing() -> None:
    assert not arrow_coverage((60, 60), (60, 60), 4, 4).any()


@pytest.mark.parametrize("turn", [1, -1])
def test_polygons_in_either_order_and_clipped_ones(turn: int) -> None:
    diamond = [(112.0, 84.0), (140.0, 112.0), (112.0, 140.0), (84.0, 112.0)][::turn]
    coverage = polygon_coverage(diamond, 8, 8).reshape(8, 8)
    assert coverage[3:5, 3:5] == pytest.approx(np.full((2, 2), 0.5))
    assert coverage.sum() == pytest.approx(2)
    window = [(112.0, 0.0), (224.0, 0.0), (224.0, 224.0), (112.0, 224.0)]
    half = polygon_coverage(clip_convex(diamond, window), 8, 8).reshape(8, 8)
    assert half[:, :4].sum() == 0 and half.sum() == pytest.approx(1)
    assert clip_convex(diamond, [(0.0, 0.0), (9.0, 0.0), (9.0, 9.0)]) == []


@pytest.mark.parametrize("shape", SHAPES)
def test_close_to_the_pixels_drawn(shape: str) -> None:
    """The drawing adds its outline: half a pixel around, so at most two half edges of a cell."""
    for size in SIZES:
        entity = Entity(0, shape, size, "red", (97, 120))
        drawn = (np.asarray(render(Scene(0, (entity,), ()))) != 255).any(-1)
        share = drawn.reshape(8, 28, 8, 28).mean((1, 3)).ravel()
        assert np.abs(share - entity_coverage(entity, 8, 8)).max() < 0.06


def test_regions_of_a_scene() -> None:
    scene = scene_of("red circle", "blue square", "cyan circle", arrows=((0, 2),))
    regions = scene_regions(scene, 8, 8)
    assert [(region.kind, region.item_id) for region in regions] == [
        ("entity", 0),
        ("entity", 1),
        ("entity", 2),
        ("arrow", 1),
    ]
    assert np.array_equal(regions[3].coverage, arrow_coverage((60, 60), (61, 160), 8, 8))
