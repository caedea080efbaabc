"""A heat map as it is handed over: numbers and their grid."""

from collections.abc import Sequence
from typing import NamedTuple


class HeatGrid(NamedTuple):
    """Weights of a grid over a picture, row by row from the top left; height and width in cells."""

    weights: Sequence[float]
    height: int
    width: int
