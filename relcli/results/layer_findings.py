"""Which cells of a map of layers by categories stand out, tested all at once."""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from relcli.analysis.layer_tests import FLIPS, max_statistic_p

Cell = tuple[str, str | None, str | None, int]
"""Measure, variant (None for a shift), category (None: all of them), layer."""

TWO_SIDED = ("layer_entropy", "layer_shift")
"""The reads whose tests ask for any difference; the others ask whether a cell lies above chance."""


def corrected_p(read: str, rows: Iterable[Mapping[str, Any]], *, flips: int = FLIPS) -> dict[Cell, float]:
    """The p of each cell after correction for all categories, layers and measures of one variant.

    read: the read whose figures are tested; rows: of it, read with its scenes (`with_scenes`). All categories
    together are cells of their own. Cells that nothing is known of, and measures without a test, are left
    out.
    """
    given = [row for row in rows if row["scenes"]]
    found: dict[Cell, float] = {}
    for variant in dict.fromkeys(row["variant"] for row in given):
        mine = [row for row in given if row["variant"] == variant]
        scenes = sorted({scene for row in mine for scene in row["scenes"]})
        number = {scene: place for place, scene in enumerate(scenes)}
        cells = dict.fromkeys((row["measure"], variant, row["category"], row["layer"]) for row in mine)
        cells |= dict.fromkeys((row["measure"], variant, None, row["layer"]) for row in mine)
        column = {cell: place for place, cell in enumerate(cells)}
        sums = np.zeros((len(number), len(column)))
        for row in mine:
            places = np.fromiter((number[scene] for scene in row["scenes"]), dtype=np.intp)
            totals = np.asarray(row["totals"], dtype=np.float64)
            for category in (row["category"], None):
                sums[places, column[row["measure"], variant, category, row["layer"]]] += totals
        p = max_statistic_p(sums, two_sided=read in TWO_SIDED, flips=flips)
        found |= {cell: float(p[place]) for cell, place in column.items() if np.isfinite(p[place])}
    return found
