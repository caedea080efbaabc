"""Half blocks and heat maps, pixel by pixel."""

import numpy as np
from PIL import Image

from relcli.drawing.colormap import heat_color
from relcli.drawing.half_blocks import half_block_text
from relcli.drawing.heatmap import heat_colors, overlay, shades


def test_a_character_holds_two_pixels() -> None:
    picture = Image.fromarray(
        np.array([[[255, 0, 0], [0, 255, 0]], [[0, 0, 255], [9, 9, 9]]], dtype=np.uint8)
    )
    text = half_block_text(picture, 2)
    assert text.plain == "\u2580\u2580\n"
    assert [str(span.style) for span in text.spans] == [
        "#ff0000 on #0000ff",
        "#00ff00 on #090909",
    ]


def test_proportions_are_kept() -> None:
    assert half_block_text(Image.new("RGB", (224, 224)), 40).plain.count("\n") == 20
    assert half_block_text(Image.new("RGB", (400, 100)), 40).plain.count("\n") == 5


def test_heat_is_stretched_between_the_2nd_and_98th_percentile() -> None:
    weights = np.linspace(0, 1, 64).reshape(8, 8)
    weights[0, 0], weights[7, 7] = -50, 50  # outliers don't flatten the rest
    colors = heat_colors(weights).astype(int).sum(axis=-1)
    assert (np.diff(colors.ravel()) >= 0).all() and colors[3, 4] - colors[1, 0] > 100
    assert heat_colors(np.zeros((2, 2))).shape == (2, 2, 3)


def test_cells_lie_over_their_part_of_the_picture() -> None:
    weights = np.zeros((8, 8))
    weights[2, 5] = 1
    white = Image.new("RGB", (224, 224), "white")
    lit = np.asarray(overlay(white, weights, 1.0)).sum(axis=-1)
    assert lit[2 * 28 : 3 * 28, 5 * 28 : 6 * 28].min() > lit[0, 0]
    assert (lit == lit[0, 0]).sum() == 63 * 28 * 28


def test_without_color_a_digit_stands_for_a_cell() -> None:
    weights = np.zeros((2, 3))
    weights[1] = [0.5, 1, 1]
    assert shades(weights) == "0 0 0\n4 9 9" or shades(weights) == "0 0 0\n5 9 9"


def test_one_number_and_an_array_have_the_same_colours() -> None:
    levels = np.linspace(0, 1, 101)
    spread = np.concatenate([np.zeros(4), levels, np.ones(4)])  # its 2nd and 98th percentile are 0 and 1
    colors = heat_colors(spread[None])[0][4:-4]
    assert np.abs(colors.astype(int) - [heat_color(level) for level in levels]).max() <= 1
