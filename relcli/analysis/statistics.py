"""Statistics of paired comparisons that need resampling.

Tests and intervals over scenes are SQL macros (`sql/macros`: sign_flip_p, holm, difference_end,
accuracy_end), so that views, commands and people's own queries share them; what they can find is in
`relcli/analysis/power.py`. docs/statistics.md says what each number means.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

ALPHA = 0.05


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


def bootstrap_interval(
    scenes: SceneDifferences, *, samples: int, level: float = 1 - ALPHA, seed: int = 0
) -> tuple[float, float] | None:
    """Percentile bootstrap interval of the difference in accuracy, resampling whole scenes.

    Questions on one picture stand or fall together, so scenes are drawn with replacement, each with all its
    questions. Scenes with the same (n, change) are interchangeable: drawing how often each such pattern
    occurs gives the same distribution at a hundredth of the cost. Efron & Tibshirani, An Introduction to the
    Bootstrap (1993), ch. 13. Assumes scenes to be independent; with fewer than about 20 scenes, or few that
    changed, the interval is too narrow, which is why it isn't the default. None where every scene changed by
    the same share: resampling then knows no spread, and an interval of width zero would claim certainty.
    """
    total = len(scenes.n)
    patterns, counts = np.unique(np.stack([scenes.n, scenes.change], axis=1), axis=0, return_counts=True)
    if total < 2 or len(set(patterns[:, 1] / patterns[:, 0])) < 2:
        return None
    draws = np.random.default_rng(seed).multinomial(total, counts / total, size=samples)
    differences = (draws @ patterns[:, 1]) / (draws @ patterns[:, 0])
    low, high = np.quantile(differences, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)


def mean_and_error(values: Sequence[float]) -> tuple[float, float | None]:
    """Mean over folds and its standard error (sample deviation over root k); None from a single value.

    Folds share training data, so the error is somewhat too small (Bengio & Grandvalet, JMLR 5, 2004).
    """
    array = np.asarray(values, dtype=float)
    if len(array) < 2:
        return float(array.mean()), None
    return float(array.mean()), float(array.std(ddof=1) / np.sqrt(len(array)))
