"""The statistics over scenes once more, in Python and by other ways than the macros': oracles for tests."""

from collections.abc import Sequence
from math import sqrt

import numpy as np
from numpy.typing import NDArray
from scipy import stats

Z = stats.norm.ppf(0.975)


def by_scene(rows):
    """(scene, first right, second right) rows as questions and second less first, per scene: two arrays."""
    scenes = sorted({row[0] for row in rows})
    n = np.array([sum(row[0] == scene for row in rows) for scene in scenes])
    change = np.array([sum(int(b) - int(a) for s, a, b in rows if s == scene) for scene in scenes])
    return n, change


def sign_flip(change: Sequence[int] | NDArray[np.int64]) -> float:
    """Mid-p by convolving the distribution of the sum scene by scene."""
    sums = np.array([1.0])
    for size in np.abs(change):
        wider = np.zeros(len(sums) + 2 * size)
        wider[: len(sums)] += sums / 2
        wider[2 * size :] += sums / 2
        sums = wider
    middle, total = len(sums) // 2, abs(int(np.sum(change)))
    if total == 0:
        return 1.0
    values = np.abs(np.arange(len(sums)) - middle)
    return float(sums[values > total].sum() + sums[values == total].sum() / 2)


def difference_interval(n, change) -> tuple[float, float]:
    """Bonett and Price over scenes: two scenes added, then the sandwich error of a ratio of sums."""
    shares = change / n
    if np.all(shares == shares[0]):
        unlike = 1 - 0.025 ** (1 / len(n))
        return shares[0] - unlike * (1 + shares[0]), shares[0] + unlike * (1 - shares[0])
    size = sqrt(np.mean(n**2))
    n, change = np.append(n, [size, size]), np.append(change, [size, -size])
    middle = change.sum() / n.sum()
    error = sqrt(len(n) / (len(n) - 1) * np.sum((change - middle * n) ** 2)) / n.sum()
    return max(-1, middle - Z * error), min(1, middle + Z * error)


def accuracy_interval(n, right) -> tuple[float, float]:
    """Agresti and Coull at the effective number of questions."""
    shares, total = right / n, n.sum()
    if np.all(shares == shares[0]):
        unlike = 1 - 0.025 ** (1 / len(n))
        return shares[0] * (1 - unlike), shares[0] + unlike * (1 - shares[0])
    p = right.sum() / total
    variance = len(n) / (len(n) - 1) * np.sum((right - p * n) ** 2) / total**2
    effect = max(1, variance / (p * (1 - p) / total))
    few = min(right.sum(), total - right.sum()) / (np.sum(n**2) / total)
    effective = total / ((few * effect + 2 * np.sum(n**2) / total) / (few + 2))
    wider = effective + Z**2
    middle = (p * effective + Z**2 / 2) / wider
    half = Z * sqrt(middle * (1 - middle) / wider)
    return max(0, middle - half), min(1, middle + half)


def clustered_error(n, change) -> float | None:
    if len(n) < 2:
        return None
    residual = change - change.sum() / n.sum() * n
    return float(np.sqrt(len(n) / (len(n) - 1) * np.sum(residual**2)) / n.sum())


def smallest_detectable(n, change, level: float) -> float | None:
    size = np.sum(n**2) / n.sum()
    if np.any(change):
        size = (np.sum(change**2) + size**2) / (np.sum(np.abs(change)) + size)
        rarer = min(change[change > 0].sum(), -change[change < 0].sum())
        background = (rarer / size + 1) / len(n)
    else:
        background = (1 - 0.05 ** (1 / len(n))) / 2
    part = (stats.norm.ppf(1 - level / 2) + stats.norm.ppf(0.8)) ** 2 / len(n)
    found = (part + sqrt(part**2 + 8 * background * part)) / 2
    return min(1, found * size / n.mean()) if found + 2 * background <= 1 else None


def mcnemar(lost: int, gained: int) -> float:
    return float(stats.binomtest(lost, lost + gained).pvalue) if lost + gained else 1.0
