"""Where each of a model's image tokens stands on the picture: a plain grid, tiles, a thumbnail, or nowhere.

Rectangles are shares of the picture's width and height, so a layout holds for the picture in any size.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

Part = Literal["grid", "tile", "thumbnail", "none"]
PARTS: tuple[Part, ...] = ("grid", "tile", "thumbnail", "none")
_DECIMALS = 9  # a thousandth of a pixel in any picture; closer than that, two layouts are one
_FINEST = 64


class Rectangle(NamedTuple):
    """Edges as shares of the picture: 0 is its left or top edge, 1 its right or bottom one."""

    left: float
    top: float
    right: float
    bottom: float


@dataclass(frozen=True, slots=True)
class TokenLayout:
    """The place of every image token, in the order in which they stand in the prompt.

    name: equal for equal layouts: `8x8` for a grid of 8 rows and 8 columns.
    parts: what each token is of (PARTS): the grid of the whole picture, a tile of it, a thumbnail, or none of
        these (a mark at the end of a row, padding, a token that sees more than one place).
    rectangles: where it stands; None for a part of none.
    grid: (height, width) where the tokens are a grid over the whole picture, row by row; else None.
    """

    name: str
    parts: tuple[str, ...]
    rectangles: tuple[Rectangle | None, ...]
    grid: tuple[int, int] | None

    @staticmethod
    @lru_cache(maxsize=64)
    def of_grid(height: int, width: int) -> "TokenLayout":
        """A grid over the whole picture, row by row."""
        cells = tuple(
            Rectangle(x / width, y / height, (x + 1) / width, (y + 1) / height)
            for y in range(height)
            for x in range(width)
        )
        return TokenLayout(f"{height}x{width}", ("grid",) * len(cells), cells, (height, width))

    @staticmethod
    @lru_cache(maxsize=64)
    def unplaced(n_tokens: int) -> "TokenLayout":
        """Tokens of which nobody knows where they stand."""
        return TokenLayout(f"unplaced-{n_tokens}", ("none",) * n_tokens, (None,) * n_tokens, None)

    @staticmethod
    def of(parts: Sequence[str], rectangles: Sequence[Rectangle | None]) -> "TokenLayout":
        """A layout from its tokens. What of a rectangle lies beyond the picture is cut off; a token that has
        nothing on it is of no part. Recognises plain grids."""
        placed = [None if each is None else _on_picture(each) for each in rectangles]
        named = tuple("none" if place is None else part for part, place in zip(parts, placed, strict=True))
        n = len(placed)
        if not any(placed):
            return TokenLayout.unplaced(n)
        if grid := _plain_grid(placed):
            return TokenLayout.of_grid(*grid)
        text = repr([(part, place and tuple(place)) for part, place in zip(named, placed, strict=True)])
        digest = hashlib.sha256(text.encode()).hexdigest()[:12]
        return TokenLayout(f"{n}-{digest}", named, tuple(placed), None)

    @property
    def n_tokens(self) -> int:
        return len(self.parts)

    @property
    def is_placed(self) -> bool:
        """Whether any token's place is known."""
        return any(place is not None for place in self.rectangles)

    def edges(self) -> NDArray[np.float64]:
        """float64 [tokens, 4]: left, top, right, bottom; NaN for tokens without a place."""
        nowhere = (np.nan,) * 4
        return np.array([nowhere if place is None else place for place in self.rectangles], dtype=np.float64)

    def raster(self) -> tuple[int, int]:
        """Rows and columns that show all there is: the grid, else cells as small as the smallest tokens."""
        if self.grid is not None:
            return self.grid
        left, top, right, bottom = self.edges().T
        if not self.is_placed:
            return 1, 1
        sides = np.nanmin(bottom - top), np.nanmin(right - left)
        rows, columns = (min(_FINEST, max(1, round(1 / side))) for side in sides)
        return rows, columns

    def spread(
        self, weights: NDArray[np.floating], raster: tuple[int, int] | None = None
    ) -> NDArray[np.float64]:
        """Weights [..., tokens] laid out over the picture: [..., rows, columns] of `raster`, or of another.

        Each token's weight is spread evenly over its rectangle, and what lies on the same place adds up;
        weights of tokens without a place are left out. A grid's weights stay as they are.
        """
        weights = np.asarray(weights, dtype=np.float64)
        rows, columns = raster or self.raster()
        if self.grid == (rows, columns):
            return weights.reshape(*weights.shape[:-1], rows, columns)
        left, top, right, bottom = np.nan_to_num(self.edges()).T
        down, across = _overlap(top, bottom, rows), _overlap(left, right, columns)
        return np.einsum("...t,tr,tc->...rc", weights, down, across, optimize=True)


def tokens_in(name: str) -> int:
    """How many image tokens a layout has, from its name."""
    height, cross, width = name.partition("x")
    if cross and height.isdigit() and width.isdigit():
        return int(height) * int(width)
    return int(name.removeprefix("unplaced-").partition("-")[0])


def _on_picture(place: Rectangle) -> Rectangle | None:
    left, top, right, bottom = (round(min(max(edge, 0.0), 1.0), _DECIMALS) for edge in place)
    return Rectangle(left, top, right, bottom) if right > left and bottom > top else None


def _plain_grid(places: Sequence[Rectangle | None]) -> tuple[int, int] | None:
    """(height, width) if the places are a grid over the whole picture, row by row."""
    known = [place for place in places if place is not None]
    if len(known) < len(places):
        return None
    width = next((at for at, place in enumerate(known) if place.top != known[0].top), len(known))
    height = len(known) // width
    if height * width != len(known):
        return None
    wanted = np.array(TokenLayout.of_grid(height, width).rectangles)
    return (height, width) if np.allclose(np.array(known), wanted, rtol=0, atol=10**-_DECIMALS) else None


def _overlap(start: NDArray, end: NDArray, cells: int) -> NDArray[np.float64]:
    """What share of each span [start, end] lies in each of so many equal cells: [spans, cells]."""
    edges = np.arange(cells + 1) / cells
    shared = np.minimum(end[:, None], edges[1:]) - np.maximum(start[:, None], edges[:-1])
    return np.clip(shared, 0, None) / np.where(end > start, end - start, 1)[:, None]
