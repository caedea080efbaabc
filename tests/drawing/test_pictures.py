"""Pictures are read once for all that is drawn over them, and nothing is drawn into them."""

from hypothesis import given
from hypothesis import strategies as st
from rich.style import Style

from relcli.drawing.boxes import framed
from relcli.drawing.heat_blocks import heat_blocks
from relcli.drawing.heat_grid import HeatGrid
from relcli.drawing.pictures import blank_png, opened, shared, under_heat
from relcli.drawing.tints import STEPS, color_bar
from relcli.scenes.generation import generate_scene
from relcli.scenes.rendering import png_bytes, render


def test_all_layers_are_drawn_over_one_picture_which_stays_as_it_is():
    png = png_bytes(render(generate_scene(1, 3)))
    picture, before = shared(png), opened(png)
    assert picture is not None and before is not None and picture is shared(bytes(bytearray(png)))
    for layer in range(4):
        over = under_heat(png, HeatGrid([float(layer == cell) for cell in range(4)], 2, 2), 0.5)
        assert over is not None and over is not picture and over.tobytes() != before.tobytes()
    framed(picture, [(10.0, 10.0, 60.0, 60.0)])
    assert picture.tobytes() == before.tobytes()
    plain = under_heat(png, None, 0.5)
    assert plain is not None and plain is not picture  # whoever asks for it may draw into it
    assert shared(blank_png(8, 8)) is not picture
    assert shared(b"no picture") is None is under_heat(b"no picture", HeatGrid([1.0], 1, 1), 0.5)


@given(st.lists(st.floats(0, 1), min_size=4, max_size=4), st.booleans(), st.sampled_from(["true", "ansi"]))
def test_blocks_have_the_grounds_of_the_colour_bar(weights, diverging, tints):
    bar = color_bar(STEPS, tints, diverging=diverging)
    grounds = {segment.style.bgcolor for segment in bar if segment.style}
    for line in heat_blocks(HeatGrid(weights, 2, 2, 0.0, 1.0, diverging), 2, 1, tints):
        for segment in line:
            assert isinstance(segment.style, Style)
            assert {segment.style.color, segment.style.bgcolor} <= grounds
