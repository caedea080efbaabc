"""From predictions to accuracies, over all answers and over right and wrong ones."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

SUBSETS = ("all", "right", "wrong")


@dataclass(frozen=True, slots=True)
class Score:
    """Over the test rows of all folds together. `se` is the standard error of the mean over folds, None for a
    single split. Accuracies are None where no row, or too few, were scored."""

    n: int
    accuracy: float | None
    se: float | None
    fold_n: tuple[int, ...]
    fold_accuracy: tuple[float | None, ...]


def score(
    predicted: NDArray[np.int64], codes: NDArray[np.int64], test: NDArray[np.bool_], min_n: int = 1
) -> Score:
    """Score predictions `[folds, rows]` on the test rows `[folds, rows]`."""
    hits = ((predicted == codes) & test).sum(axis=1)
    sizes = test.sum(axis=1)
    n = int(sizes.sum())
    if n < max(min_n, 1):
        return Score(n, None, None, tuple(map(int, sizes)), (None,) * len(sizes))
    folds = tuple(float(h / s) if s else None for h, s in zip(hits, sizes, strict=True))
    known = [share for share in folds if share is not None]
    se = float(np.std(known, ddof=1) / np.sqrt(len(known))) if len(known) > 1 else None
    return Score(n, float(hits.sum() / n), se, tuple(map(int, sizes)), folds)


def subset_rows(correct: NDArray[np.float64], subset: str) -> NDArray[np.bool_]:
    """The rows of a subset; `correct` is 1, 0, or NaN for an answer that was not graded."""
    if subset == "all":
        return np.ones(len(correct), dtype=bool)
    return correct == (1.0 if subset == "right" else 0.0)
