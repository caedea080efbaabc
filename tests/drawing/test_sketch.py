"""Scenes redrawn for the terminal: names, arrows that say which way, and every kind of terminal."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.style import Style

from relcli.drawing.heat_blocks import heat_blocks
from relcli.drawing.heat_grid import HeatGrid
from relcli.drawing.sketch import short_name, sketch
from relcli.drawing.tints import Tints, color_bar, level_style
from relcli.scenes.scene import Entity, Relation, Scene, generate_scene

HEAT = HeatGrid([float(i) for i in range(64)], 8, 8)
TWO = Scene(
    0,
    (Entity(0, "square", "small", "orange", (50, 110)), Entity(1, "circle", "small", "blue", (180, 110))),
    (Relation(0, 1, "right_of", True),),
)


def text(lines) -> list[str]:
    return ["".join(segment.text for segment in line) for line in lines]


def styles(lines) -> list[tuple[str, Style]]:
    return [(each.text, each.style or Style.null()) for line in lines for each in line]


def dots(lines) -> np.ndarray:
    """Braille characters as dots, [4 * rows, 2 * columns]; letters have none."""
    rows = text(lines)
    found = np.zeros((4 * len(rows), 2 * len(rows[0])), dtype=bool)
    for y, row in enumerate(rows):
        for x, letter in enumerate(row):
            bits = ord(letter) - 0x2800
            for at, (down, across) in enumerate(
                [(0, 0), (1, 0), (2, 0), (0, 1), (1, 1), (2, 1), (3, 0), (3, 1)] if 0 <= bits < 256 else []
            ):
                found[4 * y + down, 2 * x + across] = bits >> at & 1
    return found


TINTS: list[Tints] = ["true", "ansi", "none"]


@given(st.integers(0, 5000), st.integers(1, 70), st.integers(1, 40), st.sampled_from(TINTS))
def test_every_scene_fills_any_place(number: int, columns: int, rows: int, tints: Tints) -> None:
    heat = HEAT if number % 2 else None
    lines = text(sketch(generate_scene(1, number), columns, rows, heat=heat, tints=tints))
    assert [len(line) for line in lines] == [columns] * rows


def test_no_room_draws_nothing() -> None:
    assert sketch(TWO, 0, 10) == sketch(TWO, 10, 0) == []


def test_objects_carry_their_names() -> None:
    for number in range(30):
        scene = generate_scene(2, number)
        drawn = "\n".join(text(sketch(scene, 60, 30)))
        for entity in scene.entities:
            assert all(word in drawn for word in short_name(entity).split())
    assert "or sq" in "\n".join(text(sketch(TWO, 60, 30)))


@pytest.mark.parametrize("there", [True, False])
def test_an_arrow_is_broad_at_its_tip(there: bool) -> None:
    """More dots on the half of the line that the head is on, whichever way it points."""
    relation = Relation(0, 1, "right_of", True) if there else Relation(1, 0, "left_of", True)
    with_arrow = dots(sketch(Scene(0, TWO.entities, (relation,)), 48, 24))
    arrow = with_arrow & ~dots(sketch(Scene(0, TWO.entities, ()), 48, 24))
    left, right = arrow[:, :49].sum(), arrow[:, 49:].sum()
    assert min(left, right) > 5 and (right > left + 5 if there else left > right + 5)


def test_objects_that_touch_still_have_an_arrow() -> None:
    near = (Entity(0, "square", "large", "red", (70, 110)), Entity(1, "square", "large", "blue", (152, 110)))
    with_arrow = dots(sketch(Scene(0, near, (Relation(0, 1, "right_of", True),)), 48, 24))
    assert (with_arrow & ~dots(sketch(Scene(0, near, ()), 48, 24))).sum() >= 10


def test_a_hidden_arrow_is_not_drawn() -> None:
    hidden = Scene(0, TWO.entities, (Relation(0, 1, "right_of", True, masked=True),))
    assert text(sketch(hidden, 40, 20)) == text(sketch(Scene(0, TWO.entities, ()), 40, 20))


def test_sixteen_colours_are_enough_and_none_too() -> None:
    for _, style in styles(sketch(TWO, 40, 20, heat=HEAT, tints="ansi")):
        for color in (style.color, style.bgcolor):
            assert color is None or (color.number is not None and color.number < 16)
    bare = sketch(TWO, 40, 20, heat=HEAT, tints="none", named=[0])
    assert all(style.color is None and style.bgcolor is None for _, style in styles(bare))
    shades = "".join(text(bare))
    assert set("░▒▓█") <= set(shades)
    assert shades.index("█") > shades.index("░"), "heat grows downwards here"


def test_heat_is_brighter_where_there_is_more() -> None:
    grounds = [style.bgcolor for _, style in styles(sketch(Scene(0, (), ()), 8, 8, heat=HEAT))]
    assert grounds[0] is not None and grounds[-1] is not None
    assert sum(grounds[-1].get_truecolor()) > 400 > 100 > sum(grounds[0].get_truecolor())


def test_what_is_asked_about_stands_out() -> None:
    lines = sketch(TWO, 60, 30, named=[1])
    assert "".join(letters for letters, style in styles(lines) if style.reverse) == "blci"


def test_a_difference_has_a_middle_that_says_nothing() -> None:
    """Less is blue and more is red, whatever the terminal; where nothing changes there is neither."""
    change = HeatGrid([-2.0, 0.0, 1.0, 2.0], 1, 4, -2.0, 2.0, diverging=True)
    bare = Scene(0, (), ())
    grounds = [style.bgcolor for _, style in styles(sketch(bare, 4, 1, heat=change))]
    less, none, _, more = (ground.get_truecolor() for ground in grounds if ground)
    assert less.blue > less.red and more.red > more.blue and max(none) - min(none) < 8
    coarse = [style.bgcolor for _, style in styles(sketch(bare, 4, 1, heat=change, tints="ansi"))]
    names = [ground.name for ground in coarse if ground]
    assert (names[0], names[1], names[-1]) == ("blue", "bright_white", "red")
    [line] = sketch(bare, 4, 1, heat=change, tints="none")
    assert "".join(segment.text for segment in line)[::3] == "=#"


@pytest.mark.parametrize("tints", ["true", "ansi", "none"])
@pytest.mark.parametrize("diverging", [True, False])
def test_the_colour_bar_is_that_of_the_maps(tints, diverging) -> None:
    ramp = HeatGrid([float(i) for i in range(8)], 1, 8, 0.0, 7.0, diverging=diverging)
    drawn = styles(sketch(Scene(0, (), ()), 8, 1, heat=ramp, tints=tints))
    bar = color_bar(8, tints, diverging=diverging)
    assert len(bar) == 8
    if tints != "none":
        ends = drawn[0][1].bgcolor, drawn[-1][1].bgcolor
        assert tuple(each.style and each.style.bgcolor for each in (bar[0], bar[-1])) == ends


@pytest.mark.parametrize("tints", ["true", "ansi"])
def test_more_and_less_have_no_color_in_common(tints: Tints):
    levels = np.linspace(0, 1, 40)
    grounds = {side: {level_style(level, tints, diverging=True).bgcolor for level in levels[at]}
               for side, at in (("less", levels < 0.35), ("more", levels > 0.65))}  # fmt: skip
    assert not grounds["less"] & grounds["more"]


@given(st.integers(1, 20), st.integers(1, 12), st.integers(0, 63))
def test_no_cell_is_left_out_however_small_the_place(columns, rows, cell):
    weights = [0.0] * 64
    weights[cell] = 1.0
    heat = HeatGrid(weights, 8, 8, 0.0, 1 / 64)
    for lines in (sketch(Scene(0, (), ()), columns, rows, heat=heat), heat_blocks(heat, columns, rows)):
        grounds = {(each.style.bgcolor, each.style.color) for line in lines for each in line if each.style}
        assert len(grounds) > 1 or columns * rows == 1
        assert len(lines) == rows and all(sum(each.cell_length for each in line) == columns for line in lines)
