"""A heat map as it is handed over: numbers and their grid."""

from collections.abc import Sequence
from typing import NamedTuple


class HeatGrid(NamedTuple):
    """Weights of a grid over a picture, row by row from the top left; height and width in cells.

    low, high: the scale's ends; None: this map's own 2nd and 98th percentile. diverging: differences, in the
    colours of a scale with a middle.
    """

    weights: Sequence[float]
    height: int
    width: int
    low: float | None = None
    high: float | None = None
    diverging: bool = False
