"""Multinomial logistic regression of many probes at once, as scikit-learn's LogisticRegression poses it.

A probe is a labelling of a design's rows, a mask of its training rows and a strength C. Its loss is
`sum of -log p(label) over training rows + |W|^2 / (2 C)` with W the weights on features standardised over the
training rows and the intercept free. Probes with the same number of classes form a batch, so that scores and
gradients are one wide matrix product for each design.
"""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from relcli.analysis.probing.design import Design

Floats = NDArray[np.float32]

_NEVER = np.float32(-1e30)


class Problems:
    """A batch of B probes with K classes on designs of n rows and d features each.

    Weights are `[B, K, d + 1]`, the intercept last, along the design's eigenvectors in units of the training
    rows' standardised features. Scores are `[B, K, n]`, on all rows: test rows are read off them.
    """

    def __init__(
        self,
        designs: Sequence[Design],
        place: NDArray[np.integer],
        labels: NDArray[np.integer],
        train: NDArray[np.bool_],
        n_classes: int,
        c: float,
    ) -> None:
        """`place` [B] is each problem's design, ascending; `labels` [B, n] are 0 to K - 1 (anything where
        `train` is false); `train` [B, n] is boolean."""
        self.designs, self.place, self.n_classes = designs, place, n_classes
        self.n_rows, self.n_features = designs[0].n_rows, designs[0].n_features
        self.train = train.astype(np.float32)
        self.size = self.train.sum(axis=1)
        self.mean = np.empty((len(place), self.n_features), dtype=np.float32)
        self.scale = np.empty_like(self.mean)
        self.spectrum = np.empty_like(self.mean)
        for design, part in self._parts():
            size = self.size[part, None]
            mean = self.train[part] @ design.rows[:, :-1] / size
            variance = self.train[part] @ np.square(design.rows[:, :-1]) / size - mean**2
            # Constant in training: standardised to 0 everywhere, as scikit-learn's scaler does with scale 1.
            constant = variance <= 1e-6
            self.mean[part] = mean
            self.scale[part] = np.sqrt(np.where(constant, 1, variance))
            self.spectrum[part] = design.spectrum * (size / self.n_rows)
        # With two classes scikit-learn fits one weight vector w; two of +-w/2 carry half of its penalty.
        self.penalty = np.float32((2.0 if n_classes == 2 else 1.0) / c)
        target = (labels[:, None, :] == np.arange(n_classes)[:, None]) & train[:, None, :]
        counts = target.sum(axis=2)
        self.absent = np.where(counts > 0, np.float32(0), _NEVER)
        self.share = counts / self.size[:, None]
        self.aim = self._to_weights(target.astype(np.float32))

    def _parts(self) -> Iterator[tuple[Design, slice]]:
        """Each design with the run of problems it has."""
        numbers, starts = np.unique(self.place, return_index=True)
        for number, start, end in zip(numbers, starts, [*starts[1:], len(self.place)], strict=True):
            yield self.designs[number], slice(int(start), int(end))

    @property
    def n_problems(self) -> int:
        return len(self.size)

    def keep(self, which: NDArray[np.bool_]) -> None:
        """Go on with these problems alone."""
        for name in ("place", "train", "size", "mean", "scale", "spectrum", "absent", "share", "aim"):
            setattr(self, name, getattr(self, name)[which])

    def standardised(self, weights: Floats) -> tuple[Floats, Floats]:
        """Weights `[B, K, d]` on standardised features and intercepts `[B, K]`."""
        plain = np.empty_like(weights[..., :-1])
        for design, part in self._parts():
            plain[part] = design.turned(weights[part, :, :-1])
        return plain, weights[..., -1]

    def scores(self, weights: Floats, out: Floats) -> None:
        """`[B, K, n]` into `out`; a class that training lacks is out of reach from `start` on."""
        plain = np.empty_like(weights)
        plain[..., :-1], _ = self.standardised(weights)
        plain[..., :-1] /= self.scale[:, None, :]
        shift = np.matmul(plain[..., :-1], self.mean[:, :, None])[..., 0]
        plain[..., -1] = weights[..., -1] - shift
        for design, part in self._parts():
            flat = plain[part].reshape(-1, plain.shape[-1])
            np.matmul(flat, design.columns, out=out[part].reshape(-1, self.n_rows))

    def start(self) -> Floats:
        """The scores of weights of zero."""
        shape = (self.n_problems, self.n_classes, self.n_rows)
        return np.broadcast_to(self.absent[..., None], shape).copy()

    def shares(self, scores: Floats, which: NDArray[np.integer] | slice, out: Floats) -> NDArray[np.float64]:
        """Class probabilities of the training rows (0 on others) into `out`; returns the `sum of
        log(sum of exp(score))` over them, per problem."""
        train = self.train[which]
        top = scores.max(axis=1)
        np.subtract(scores, top[:, None, :], out=out)
        np.exp(out, out=out)
        total = out.sum(axis=1)
        out *= (train / total)[:, None, :]
        return np.einsum("bn,bn->b", np.log(total) + top, train, dtype=np.float64)

    def loss(self, log_sums: NDArray, weights: Floats, which: NDArray[np.integer] | slice) -> NDArray:
        kept = weights[..., :-1]
        return (
            log_sums
            - np.einsum("bkd,bkd->b", weights, self.aim[which], dtype=np.float64)
            + 0.5 * self.penalty * np.einsum("bkd,bkd->b", kept, kept, dtype=np.float64)
        )

    def gradient(self, shares: Floats, weights: Floats) -> Floats:
        gradient = self._to_weights(shares) - self.aim
        gradient[..., :-1] += self.penalty * weights[..., :-1]
        return gradient

    def step_sizes(self, shares: Floats | None = None) -> Floats:
        """The inverse of the curvature's diagonal, were all rows as sure as they are on average."""
        if shares is None:
            spread = self.share * (1 - self.share)
        else:
            square = np.einsum("bkn,bkn->bk", shares, shares)
            spread = (shares.sum(axis=2) - square) / self.size[:, None]
        spread = np.maximum(spread, 1e-6).astype(np.float32)[..., None]
        sizes = np.empty_like(self.aim)
        sizes[..., :-1] = 1 / (spread * self.spectrum[:, None, :] + self.penalty)
        sizes[..., -1:] = 1 / (spread * self.size[:, None, None])
        return sizes

    def _to_weights(self, per_row: Floats) -> Floats:
        """`[B, K, n]` numbers times the standardised, turned features: `[B, K, d + 1]`."""
        out = np.empty((*per_row.shape[:2], self.n_features + 1), dtype=np.float32)
        for design, part in self._parts():
            np.matmul(
                per_row[part].reshape(-1, self.n_rows), design.rows, out=out[part].reshape(-1, out.shape[-1])
            )
        kept = (out[..., :-1] - out[..., -1:] * self.mean[:, None, :]) / self.scale[:, None, :]
        for design, part in self._parts():
            out[part, :, :-1] = design.turned_back(kept[part].astype(np.float32, copy=False))
        return out
