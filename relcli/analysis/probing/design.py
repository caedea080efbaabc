"""The features that many probes share, laid out for wide matrix products."""

import numpy as np
from numpy.typing import NDArray

_ROTATE_UP_TO = 1024
"""Up to so many features their eigenvectors cost less than they save; measured on 64, 384 and 2,304."""
_AT_ONCE = 256  # columns, so that the copy in double precision stays small


class Design:
    """Features `[rows, features]` of any number type, standardised over all rows and kept as float32.

    Each probe standardises anew over its own training rows (`softmax.Problems`); doing it once over all rows
    before keeps float32 exact enough. `rotation` and `spectrum` are eigenvectors and eigenvalues of the
    features' Gram matrix: in those directions a probe's curvature is nearly diagonal.
    """

    def __init__(self, features: NDArray) -> None:
        self.n_rows, self.n_features = features.shape
        self.columns = np.ones((self.n_features + 1, self.n_rows), dtype=np.float32)
        """[features + 1, rows]; the last is the intercept's column of ones."""
        for first in range(0, self.n_features, _AT_ONCE):
            part = slice(first, min(first + _AT_ONCE, self.n_features))
            self.columns[part] = _standardised(features[:, part]).T
        self.rows = np.ascontiguousarray(self.columns.T)
        self.rotation: NDArray[np.float32] | None = None
        self.spectrum = np.full(self.n_features, self.n_rows, dtype=np.float32)
        if self.n_features <= _ROTATE_UP_TO:
            plain = self.columns[:-1]
            values, vectors = np.linalg.eigh((plain @ plain.T).astype(np.float64))
            self.rotation = np.ascontiguousarray(vectors, dtype=np.float32)
            self.spectrum = np.maximum(values, 0).astype(np.float32)

    def turned(self, weights: NDArray[np.float32]) -> NDArray[np.float32]:
        """Weights `[..., features]` given along the eigenvectors, along the features instead."""
        return weights if self.rotation is None else _times(weights, self.rotation.T)

    def turned_back(self, weights: NDArray[np.float32]) -> NDArray[np.float32]:
        return weights if self.rotation is None else _times(weights, self.rotation)


def _standardised(features: NDArray) -> NDArray[np.float64]:
    mean = features.mean(axis=0, dtype=np.float64)
    scale = features.std(axis=0, dtype=np.float64)
    # A column all rows have alike is left at 0, rounding aside.
    scale[scale <= 1e-7 * np.abs(mean)] = np.inf
    scale[scale == 0] = np.inf
    return (features - mean) / scale


def _times(weights: NDArray[np.float32], matrix: NDArray[np.float32]) -> NDArray[np.float32]:
    """One wide product; numpy would run a three-dimensional one slice by slice."""
    return (weights.reshape(-1, weights.shape[-1]) @ matrix).reshape(weights.shape)
