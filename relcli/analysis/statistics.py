"""Statistics of paired comparisons: two gradings of the same questions, questions grouped in scenes.

Wilson intervals and the exact McNemar test of whole tables are SQL macros (`sql/macros`); what needs
resampling or several p-values at once is here.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import comb
from statistics import NormalDist

import numpy as np
from numpy.typing import ArrayLike, NDArray

ALPHA = 0.05
POWER = 0.8
SAMPLES = 10_000


@dataclass(frozen=True, slots=True)
class SceneDifferences:
    """A paired comparison, scene by scene.

    `n`: questions per scene; `change`: right answers of B less right answers of A on them. Both [scenes],
    whole numbers, `abs(change) <= n`.
    """

    n: NDArray[np.int64]
    change: NDArray[np.int64]

    @classmethod
    def of(cls, scene_ids: ArrayLike, right_a: ArrayLike, right_b: ArrayLike) -> "SceneDifferences":
        """From one value a question: its scene, and whether A and B got it right. Raises ValueError if the
        lengths differ."""
        scenes, before, after = (np.asarray(values) for values in (scene_ids, right_a, right_b))
        if not scenes.shape == before.shape == after.shape or scenes.ndim != 1:
            raise ValueError("need three lists of one length")
        _, place, n = np.unique(scenes, return_inverse=True, return_counts=True)
        change = np.bincount(place, weights=after.astype(float) - before.astype(float), minlength=len(n))
        return cls(n.astype(np.int64), np.rint(change).astype(np.int64))

    @property
    def difference(self) -> float:
        """Accuracy of B less accuracy of A, over questions; NaN without any."""
        total = int(self.n.sum())
        return float(self.change.sum() / total) if total else float("nan")


def mcnemar_exact(lost: int, gained: int) -> float:
    """Exact two-sided McNemar test: p of a split of the changed pairs at least as uneven as this one.

    `lost`: pairs that only A has right; `gained`: only B. Under no difference each changed pair falls either
    way with probability one half; pairs are taken as independent. 1 if nothing changed. McNemar,
    Psychometrika 12 (1947), with binomial tails; the macro `mcnemar_p` gives the same in SQL.
    """
    if min(lost, gained) < 0:
        raise ValueError(f"counts can't be negative: {lost}, {gained}")
    changed = lost + gained
    tail = sum(comb(changed, k) for k in range(min(lost, gained) + 1))
    return min(1.0, 2 * tail / 2**changed)  # whole numbers up to the division: no rounding


def bootstrap_interval(
    scenes: SceneDifferences, *, level: float = 1 - ALPHA, samples: int = SAMPLES, seed: int = 0
) -> tuple[float, float] | None:
    """Percentile bootstrap interval of the difference in accuracy, resampling whole scenes.

    Questions on one picture stand or fall together, so scenes are drawn with replacement, each with all its
    questions. Scenes with the same (n, change) are interchangeable: drawing how often each such pattern
    occurs gives the same distribution at a hundredth of the cost. Efron & Tibshirani, An Introduction to the
    Bootstrap (1993), ch. 13. Assumes scenes to be independent; with fewer than about 20 the interval is too
    narrow. None where every scene changed by the same share: resampling then knows no spread, and an
    interval of width zero would claim certainty.
    """
    total = len(scenes.n)
    patterns, counts = np.unique(np.stack([scenes.n, scenes.change], axis=1), axis=0, return_counts=True)
    if total < 2 or len(set(patterns[:, 1] / patterns[:, 0])) < 2:
        return None
    draws = np.random.default_rng(seed).multinomial(total, counts / total, size=samples)
    differences = (draws @ patterns[:, 1]) / (draws @ patterns[:, 0])
    low, high = np.quantile(differences, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)


def clustered_error(scenes: SceneDifferences) -> float | None:
    """Standard error of the difference, questions of a scene allowed to agree; None below two scenes.

    The linearised (sandwich) error of a ratio of sums, with the S/(S-1) correction; with one question a scene
    it is the ordinary standard error of a paired mean. Cameron & Miller, Journal of Human Resources 50
    (2015); for evaluations, Miller, arXiv:2411.00640 (2024).
    """
    total = len(scenes.n)
    if total < 2:
        return None
    residual = scenes.change - scenes.difference * scenes.n
    return float(np.sqrt(total / (total - 1) * np.sum(residual**2)) / scenes.n.sum())


def smallest_detectable(error: float | None, *, alpha: float = ALPHA, power: float = POWER) -> float | None:
    """The true difference that a comparison with this standard error would find significant with `power`.

    (z[1 - alpha/2] + z[power]) * error: 2.80 standard errors at 5% and 80%. A normal approximation,
    two-sided, for one comparison without correction for several (Miller, arXiv:2411.00640, section 5). Above
    1 no difference of accuracies is large enough. None where the error is unknown or 0: without a single
    change there is nothing to estimate it from.
    """
    if not error:
        return None
    quantile = NormalDist().inv_cdf
    return (quantile(1 - alpha / 2) + quantile(power)) * error


def holm(p_values: Sequence[float]) -> list[float]:
    """Holm's adjusted p-values, in the order given: reject those at or below alpha, and the chance of any
    false rejection among all of them stays at or below alpha, whatever their dependence.

    Holm, Scandinavian Journal of Statistics 6 (1979).
    """
    adjusted = [0.0] * len(p_values)
    highest = 0.0
    for rank, place in enumerate(sorted(range(len(p_values)), key=p_values.__getitem__)):
        highest = max(highest, min(1.0, p_values[place] * (len(p_values) - rank)))
        adjusted[place] = highest
    return adjusted


def mean_and_error(values: Sequence[float]) -> tuple[float, float | None]:
    """Mean over folds and its standard error (sample deviation over root k); None from a single value.

    Folds share training data, so the error is somewhat too small (Bengio & Grandvalet, JMLR 5, 2004).
    """
    array = np.asarray(values, dtype=float)
    if len(array) < 2:
        return float(array.mean()), None
    return float(array.mean()), float(array.std(ddof=1) / np.sqrt(len(array)))
