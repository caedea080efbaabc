"""A heat map alone as characters, with the cells of its grid and nothing over them, at any size."""

from functools import cache
from itertools import groupby

import numpy as np
from rich.segment import Segment
from rich.style import Style

from relcli.drawing.heat_grid import HeatGrid
from relcli.drawing.heatmap import levels, spread
from relcli.drawing.tints import STEPS, Tints, color_bar


def heat_blocks(heat: HeatGrid, columns: int, rows: int, tints: Tints = "true") -> list[list[Segment]]:
    """`columns` x `rows` characters, one list of segments a line, in the colours of `sketch`.

    A character holds two values, one above the other, or one where there are no colours. Where there is less
    room than cells, the cells that share a place are averaged.
    """
    if columns < 1 or rows < 1:
        return []
    down = rows if tints == "none" else 2 * rows
    drawn = spread(levels(heat), columns, down)
    steps = np.clip((drawn * STEPS).astype(int), 0, STEPS - 1).tolist()
    if tints == "none":
        bar = _bar(tints, heat.diverging)
        return [[Segment("".join(bar[step].text for step in line))] for line in steps]
    lines = []
    for above, below in zip(steps[::2], steps[1::2], strict=True):
        pairs = groupby(zip(above, below, strict=True))
        styles = ((len([*same]), _style(up, low, tints, heat.diverging)) for (up, low), same in pairs)
        lines.append([Segment("▀" * n, style) for n, style in styles])
    return lines


@cache
def _bar(tints: Tints, diverging: bool) -> list[Segment]:
    return color_bar(STEPS, tints, diverging=diverging)


@cache
def _style(above: int, below: int, tints: Tints, diverging: bool) -> Style:
    """Of two levels in one character. There are `STEPS` squared at most, and maps have the same again and
    again."""
    grounds = [segment.style.bgcolor if segment.style else None for segment in _bar(tints, diverging)]
    return Style(color=grounds[above], bgcolor=grounds[below])
