"""What the sign-flip test over scenes can find: its exact power, and the scenes it needs.

A scene either changes one way, the other way or not at all; scenes are independent. Under no difference both
ways are equally likely, so given how many scenes changed the number that changed one way is binomial with
one half, and its mid-p is what the macro `sign_flip` gives for changes of one size.
"""

from functools import lru_cache
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray
from scipy.special import bdtr

MOST_SCENES = 200_000
_NEGLIGIBLE = 1e-12


def sign_flip_mid_p(fewer: int, changed: int) -> float:
    """Two-sided mid-p of `fewer` of `changed` scenes going the rarer way; 1 for an even split or none."""
    return float(_mid_p(np.array([fewer]), np.array([changed]))[0])


def _mid_p(fewer: NDArray[np.int64], changed: NDArray[np.int64]) -> NDArray[np.float64]:
    beyond = np.where(fewer > 0, bdtr(np.maximum(fewer - 1, 0), changed, 0.5), 0.0)
    return np.where(2 * fewer >= changed, 1.0, bdtr(np.maximum(fewer, 0), changed, 0.5) + beyond)


@lru_cache(maxsize=64)
def most_against(changed: int, level: float) -> NDArray[np.int64]:
    """For 0 to `changed` changed scenes, how many may go the other way with p at or below `level`; -1 where
    even none may. [changed + 1]."""
    n = np.arange(changed + 1)
    # From the normal approximation, which is off by a few, to where p crosses the level.
    most = np.floor(n / 2 - NormalDist().inv_cdf(1 - level / 2) * np.sqrt(n) / 2).astype(np.int64) - 1
    most = np.maximum(most, -1)
    while np.any(more := _mid_p(most + 1, n) <= level):
        most[more] += 1
    while np.any(less := (most >= 0) & (_mid_p(most, n) > level)):
        most[less] -= 1
    return most


def power(scenes: int, drop: float, background: float, level: float) -> float:
    """The chance that the test finds a drop, p at or below `level` and in its direction.

    `drop`: share of scenes by which those that change for the worse outnumber the others; `background`: share
    that changes each way besides. So `background + drop` of the scenes lose and `background` gain; both at
    least 0, `drop + 2 * background` at most 1, else ValueError.
    """
    share = drop + 2 * background
    if min(drop, background) < 0 or share > 1 + 1e-9:
        raise ValueError(f"a drop of {drop} and a background of {background} are more scenes than there are")
    if share == 0:
        return 0.0
    share = min(share, 1.0)
    spread = 8 * np.sqrt(scenes * share * (1 - share)) + 40
    low, high = max(0, int(scenes * share - spread)), min(scenes, int(scenes * share + spread) + 1)
    changed = np.arange(low, high + 1)
    chance = bdtr(changed, scenes, share)
    chance = np.diff(chance, prepend=bdtr(low - 1, scenes, share) if low else 0.0)
    allowed = most_against(high, level)[changed]
    likely = (allowed >= 0) & (chance > _NEGLIGIBLE)
    found = bdtr(allowed[likely], changed[likely], background / share)
    return float(chance[likely] @ found)


def scenes_needed(drop: float, background: float, level: float, power_wanted: float) -> int | None:
    """The smallest number of scenes from which on the test has the power wanted, to within the steps of a
    discrete test (found by bisection); None if MOST_SCENES don't reach it. Arguments as for `power`."""
    low, high = 0, 8
    while power(high, drop, background, level) < power_wanted:
        if high == MOST_SCENES:
            return None
        low, high = high, min(2 * high, MOST_SCENES)
    while high - low > 1:
        middle = (low + high) // 2
        if power(middle, drop, background, level) < power_wanted:
            low = middle
        else:
            high = middle
    return high
