"""Does a row of attention look at what is asked about, by more than chance? Scenes are the units.

Objects stand in the middle of a picture, so that a map which knows nothing of the question can lie on them
more than their area says. Two chances stand beside a share: the same map on what other scenes' questions ask
about, and, within the picture, as much as the other objects get for their area.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from scipy.stats import t as student

Floats = NDArray[np.float64]
K = TypeVar("K")

FLIPS = 9_999
FEWEST = 10
"""Right and wrong answers are compared from so many scenes of each on."""


@dataclass(frozen=True, slots=True)
class Shares:
    """Shares of the attention on the picture, [n] each; NaN where a question has none.

    target: on what is asked about. chance: of the same map on what the questions of other scenes ask about,
    mean over those of its kind. others: what the target would get if it got as much for its area as the other
    objects; NaN where there are none.
    """

    target: Floats
    chance: Floats
    others: Floats


def elsewhere(target: Floats, scenes: NDArray[np.int64], kinds: NDArray[np.str_]) -> Floats:
    """[n, cells]: the mean coverage of what other scenes' questions of the same kind ask about; NaN without
    any."""
    found = np.full_like(target, np.nan)
    for kind in np.unique(kinds):
        here = np.flatnonzero(kinds == kind)
        _, scene, n = np.unique(scenes[here], return_inverse=True, return_counts=True)
        sums = np.zeros((len(n), target.shape[1]))
        np.add.at(sums, scene, target[here])
        left = len(here) - n
        with np.errstate(invalid="ignore", divide="ignore"):
            found[here] = ((sums.sum(0) - sums) / left[:, None])[scene]
    return found


def shares_of(maps: Floats, target: Floats, others: Floats, other_scenes: Floats) -> Shares:
    """The shares of maps [n, cells], given coverages [n, cells] and `elsewhere`'s."""
    with np.errstate(invalid="ignore", divide="ignore"):
        weights = maps / maps.sum(1, keepdims=True)
        per_area = (weights * others).sum(1) / others.sum(1)
        return Shares(
            (weights * target).sum(1), (weights * other_scenes).sum(1), per_area * target.sum(1)
        )


def excess(shares: Shares, rows: NDArray[np.bool_]) -> float:
    """By how much the mean share lies above the higher of its chances, over some questions; -inf without."""
    above = [shares.target - chance for chance in (shares.chance, shares.others)]
    known = [each[rows & np.isfinite(each)] for each in above]
    if not len(known[0]):
        return float("-inf")
    return min(float(each.mean()) for each in known if len(each))


def best_place(shares: Mapping[K, Shares], rows: NDArray[np.bool_]) -> K:
    """The place (row, layer, head) whose excess is largest; of equals the first."""
    return max(shares, key=lambda place: excess(shares[place], rows))


def halves(scenes: NDArray[np.int64], seed: int) -> NDArray[np.bool_]:
    """bool [n]: the questions of a random half of the scenes."""
    names = np.unique(scenes)
    chosen = np.random.default_rng(seed).permutation(names)[: len(names) // 2]
    return np.isin(scenes, chosen)


def sign_flip_above(values: Floats, scenes: NDArray[np.int64], seed: int) -> float | None:
    """One-sided p that the mean of `values` [n] is not above zero; NaNs don't count. None without a scene.

    Under no difference a scene's sum may as well have the other sign. The squares keep under flips, so that
    the sum puts them in the order of the studentised statistic, which does not mind skewness once scenes are
    many (Janssen, Statistics & Probability Letters 36, 1997). Random flips, the found one counted.
    """
    known = np.isfinite(values)
    if not known.any():
        return None
    _, scene = np.unique(scenes[known], return_inverse=True)
    sums = np.bincount(scene, weights=values[known])
    signs = np.random.default_rng(seed).choice([-1.0, 1.0], size=(FLIPS, len(sums)))
    return float((1 + (signs @ sums >= sums.sum() - 1e-12).sum()) / (1 + FLIPS))


def right_against_wrong(
    values: Floats, correct: Floats, scenes: NDArray[np.int64]
) -> tuple[float | None, float | None, float | None]:
    """Mean of `values` over right answers, over wrong ones, and the two-sided p of their difference.

    Student's t on a linearised error that lets answers of a scene agree (Cameron & Miller, Journal of Human
    Resources 50, 2015). p is None below `FEWEST` scenes with right or with wrong answers; means of none are.
    """
    known = np.isfinite(values) & np.isfinite(correct)
    values, right, scenes = values[known], correct[known] > 0, scenes[known]
    parts = [values[right], values[~right]]
    means = [float(part.mean()) if len(part) else None for part in parts]
    if min(len(np.unique(scenes[right])), len(np.unique(scenes[~right]))) < FEWEST:
        return means[0], means[1], None
    assert means[0] is not None
    assert means[1] is not None
    pull = np.where(right, (values - means[0]) / len(parts[0]), -(values - means[1]) / len(parts[1]))
    _, scene = np.unique(scenes, return_inverse=True)
    by_scene = np.bincount(scene, weights=pull)
    total = len(by_scene)
    error = float(np.sqrt(total / (total - 1) * (by_scene**2).sum()))
    if not error > 0:
        return means[0], means[1], None
    return means[0], means[1], float(2 * student.sf(abs(means[0] - means[1]) / error, total - 1))
