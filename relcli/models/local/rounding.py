"""How far two ways to compute the same attention may differ by rounding alone."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Difference:
    """Of weights or shares that should be equal: the largest difference, and the largest one in units of what
    rounding may do to it; above 1 it is no rounding."""

    largest: float
    of_allowed: float

    @staticmethod
    def most(parts: Iterable["Difference"]) -> "Difference":
        """The largest of each; none at all without parts."""
        found = [*parts, Difference(0.0, 0.0)]
        return Difference(max(each.largest for each in found), max(each.of_allowed for each in found))


@dataclass(frozen=True, slots=True)
class Rounding:
    """What rounding may do to a weight: `absolute`, and `relative` of the larger one.

    A score that parts by d changes a weight w by about d w (1 - w): a fixed bound alone would let wrong small
    weights pass, most weights of an image being small, and refuse right large ones. In float32 right
    weights differed by up to 1.5e-5 on a GPU.
    """

    absolute: float
    relative: float

    @staticmethod
    def of(dtype: torch.dtype) -> "Rounding":
        return Rounding(1e-5, 1e-3) if dtype is torch.float32 else Rounding(1e-3, 0.25)

    def difference(self, ours: NDArray[Any], theirs: NDArray[Any]) -> Difference:
        """Of arrays of equal shape; NaN in either is no agreement."""
        apart = np.abs(ours - theirs)
        if np.isnan(apart).any():
            return Difference(float("inf"), float("inf"))
        allowed = self.absolute + self.relative * np.maximum(np.abs(ours), np.abs(theirs))
        return Difference(float(apart.max(initial=0.0)), float((apart / allowed).max(initial=0.0)))

    def __str__(self) -> str:
        return f"{self.absolute:.0e} and {100 * self.relative:g}% of a weight"
