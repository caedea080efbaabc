"""A linear classifier in closed form, cheap enough to fit a thousand times: the statistic that is permuted.

Ridge regression on indicator variables of the classes; the class of the largest score is predicted (Hastie,
Tibshirani & Friedman, The Elements of Statistical Learning, 2nd ed., section 4.2). Its folds' factorisations
depend on features alone, so that permuted labels cost two matrix products.
"""

import numpy as np
from numpy.typing import NDArray
from sklearn.utils.extmath import randomized_svd

MAX_FEATURES = 256
"""Of wider features so many principal components are kept."""
PENALTY = 0.01
"""On each training row, for standardised features."""
_AT_ONCE = 8_000_000
"""Scores computed in one go: about 32 MB."""


def reduced(features: NDArray[np.floating]) -> NDArray[np.float32]:
    """Features `[rows, features]` standardised over all rows, at most `MAX_FEATURES` wide: the first
    principal components of wider ones. Labels play no part, so permutations stay valid."""
    values = np.asarray(features, dtype=np.float64)
    mean, scale = values.mean(axis=0), values.std(axis=0)
    # A column that all rows have alike is left at 0, rounding aside.
    scale[scale <= 1e-7 * np.abs(mean)] = np.inf
    scale[scale == 0] = np.inf
    values = ((values - mean) / scale).astype(np.float32)
    if values.shape[1] <= MAX_FEATURES:
        return values
    left, size, _ = randomized_svd(values, min(MAX_FEATURES, len(values)), random_state=0)
    return np.asarray(left * size, dtype=np.float32)


class Ridge:
    """The classifier on one layer's `features` [rows, features] (as `reduced` gives them), in the folds
    `fold` [rows] (0 up)."""

    def __init__(self, features: NDArray[np.float32], fold: NDArray[np.integer]) -> None:
        self.x = np.hstack([features, np.ones((len(features), 1), dtype=np.float32)])
        self.fold, self.n_folds = fold, int(fold.max()) + 1
        self.parts = [np.flatnonzero(fold == number) for number in range(self.n_folds)]
        grams = self._grams(fold, self.n_folds)
        whole = grams.sum(axis=0)
        self.hats = [
            (self.x[rows] @ self._inverse(whole - gram)).astype(np.float32)
            for rows, gram in zip(self.parts, grams, strict=True)
        ]

    def accuracies(self, codes: NDArray[np.integer], n_classes: int) -> NDArray[np.float64]:
        """Cross-validated accuracy of each of the labellings `codes` [labellings, rows], `[labellings]`."""
        width = max(1, _AT_ONCE // (n_classes * len(self.x)))
        return np.concatenate(
            [self._hits(codes[i : i + width], n_classes) for i in range(0, len(codes), width)]
        ) / len(self.x)

    def inner_accuracies(
        self, codes: NDArray[np.integer], n_classes: int, inner: NDArray[np.integer]
    ) -> NDArray[np.float64]:
        """Accuracy of the labels `codes` [rows] within the training rows of each outer fold, `[folds]`,
        cross-validated over the parts `inner` [rows]. The outer fold's rows play no part in it."""
        n_inner = int(inner.max()) + 1
        cell = self.fold * n_inner + inner
        n_cells = self.n_folds * n_inner
        grams = self._grams(cell, n_cells).reshape(self.n_folds, n_inner, *(self.x.shape[1],) * 2)
        targets = _indicators(codes[None], n_classes)[:, :, 0]
        aims = np.stack([self.x[cell == c].T @ targets[cell == c] for c in range(n_cells)])
        aims = aims.reshape(self.n_folds, n_inner, self.x.shape[1], n_classes)
        found = np.zeros(self.n_folds)
        for outer in range(self.n_folds):
            others = np.arange(self.n_folds) != outer
            gram, aim = grams[others].sum(axis=0), aims[others].sum(axis=0)
            for part in range(n_inner):
                test = (self.fold != outer) & (inner == part)
                weights = self._inverse(gram.sum(axis=0) - gram[part]) @ (aim.sum(axis=0) - aim[part])
                found[outer] += ((self.x[test] @ weights).argmax(axis=1) == codes[test]).sum()
            found[outer] /= max(1, (self.fold != outer).sum())
        return found

    def _grams(self, group: NDArray[np.integer], n: int) -> NDArray[np.float64]:
        parts = (self.x[group == number] for number in range(n))
        return np.stack([(part.T @ part).astype(np.float64) for part in parts])

    @staticmethod
    def _inverse(gram: NDArray[np.float64]) -> NDArray[np.float64]:
        """The intercept, last, is not penalised; its diagonal counts the training rows."""
        n = max(gram[-1, -1], 1.0)
        penalty = np.full(len(gram), PENALTY * n)
        penalty[-1] = 1e-6 * n
        return np.asarray(np.linalg.inv(gram + np.diag(penalty)), dtype=np.float64)

    def _hits(self, codes: NDArray[np.integer], n_classes: int) -> NDArray[np.float64]:
        targets = [_indicators(codes[:, rows], n_classes) for rows in self.parts]
        n = len(codes)
        aims = [
            self.x[rows].T @ target.reshape(len(rows), n_classes * n)
            for rows, target in zip(self.parts, targets, strict=True)
        ]
        whole = np.sum(aims, axis=0)
        hits = np.zeros(n)
        for rows, hat, aim in zip(self.parts, self.hats, aims, strict=True):
            scores = (hat @ (whole - aim)).reshape(len(rows), n_classes, n)
            hits += (_largest(scores) == codes[:, rows].T).sum(axis=0)
        return hits


def _indicators(codes: NDArray[np.integer], n_classes: int) -> NDArray[np.float32]:
    """`[labellings, rows]` codes as 0 and 1, `[rows, classes, labellings]`."""
    return (codes.T[:, None, :] == np.arange(n_classes)[:, None]).astype(np.float32)


def _largest(scores: NDArray[np.floating]) -> NDArray[np.int16]:
    """The first of the largest along the middle axis; quicker there than argmax."""
    best, which = scores[:, 0].copy(), np.zeros((scores.shape[0], scores.shape[2]), dtype=np.int16)
    for number in range(1, scores.shape[1]):
        higher = scores[:, number] > best
        np.copyto(which, np.int16(number), where=higher)
        np.maximum(best, scores[:, number], out=best)
    return which
