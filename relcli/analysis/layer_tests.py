"""Many layers, categories and measures tested at once: which cells of a map stand out by more than chance?

Each cell is a mean over scenes of something that is zero where there is nothing to find. Under no difference
a scene's sums may as well all have the other sign, in all cells together: one flip a scene, so that whatever
cells share is kept. A cell is compared with the largest statistic over the cells, stepping down from the most
striking one, which holds the chance of any false finding among all of them (Westfall & Young,
Resampling-Based Multiple Testing, 1993, algorithm 4.1; for maps: Nichols & Holmes, Human Brain Mapping 15,
2002).
"""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

FLIPS = 4_999
_AT_A_TIME = 250


def max_statistic_p(sums: Floats, *, two_sided: bool, flips: int = FLIPS, seed: int = 0) -> Floats:
    """[cells]: the p of each cell after correction for all of them; NaN for a cell with nothing but zeros.

    sums: [scenes, cells], a scene's sum in each cell, 0 where it has none. The statistic is the sum over the
    root of the sum of squares, which flips leave as it is. One-sided p say that a cell is not above zero.
    None is below 1 / (flips + 1). Raises ValueError for sums that aren't finite.
    """
    sums = np.asarray(sums, dtype=np.float64)
    if sums.ndim != 2 or not np.isfinite(sums).all():
        raise ValueError("need finite sums, [scenes, cells]")
    p = np.full(sums.shape[1], np.nan)
    spread = np.sqrt((sums**2).sum(axis=0))
    known = np.flatnonzero(spread > 0)
    if not len(known):
        return p
    scaled = sums[:, known] / spread[known]
    found = scaled.sum(axis=0)
    found = np.abs(found) if two_sided else found
    order = np.argsort(-found, kind="stable")
    scaled, found = scaled[:, order], found[order]
    reached = np.ones(len(known))
    rng = np.random.default_rng(seed)
    for start in range(0, flips, _AT_A_TIME):
        signs = rng.choice([-1.0, 1.0], size=(min(_AT_A_TIME, flips - start), len(scaled)))
        drawn = signs @ scaled
        drawn = np.abs(drawn) if two_sided else drawn
        largest = np.maximum.accumulate(drawn[:, ::-1], axis=1)[:, ::-1]
        reached += (largest >= found - 1e-9).sum(axis=0)
    p[known[order]] = np.maximum.accumulate(reached / (flips + 1))
    return p
