"""Fits a batch of probes: L-BFGS in the design's eigenvectors, every problem with its own step.

Scores are linear in the weights, so a direction's scores are computed once and a shorter step costs no
matrix product. A problem is done when the drop in loss it can still hope for, half of `gradient * step *
gradient`, is below `TOLERANCE` nats over all its training rows. Measured on probes of 2 to 32 classes, 0.01
leaves the predictions as near to the exact optimum's as scikit-learn's default tolerance does: 99.8% to 100%
of test rows the same there, 99.1% to 100% with scikit-learn's.
"""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from relcli.analysis.probing.design import Design
from relcli.analysis.probing.softmax import Floats, Problems

TOLERANCE = 1e-2
MAX_STEPS = 400
_MEMORY = 10
_RENEW_AT = (4, 10, 20, 40, 80, 160)
_BATCH_SCORES = 1_500_000
"""Scores of one batch: more no longer makes the products faster and falls out of the cache."""


@dataclass(frozen=True, slots=True)
class Fitted:
    """`weights` [designs, probes, classes, features] on features standardised over the training rows,
    `intercepts` [designs, probes, classes], `predicted` [designs, probes, rows] for all rows, `n_steps`
    [designs, probes]."""

    weights: Floats
    intercepts: Floats
    predicted: NDArray[np.int64]
    n_steps: NDArray[np.int64]


def fit(
    designs: Sequence[Design],
    labels: NDArray[np.integer],
    train: NDArray[np.bool_],
    n_classes: int,
    c: float,
    tolerance: float = TOLERANCE,
) -> Fitted:
    """Fit, on every design, one probe per row of `labels` and `train` ([probes, rows]).

    Designs have equally many rows and features. A class that a probe's training rows lack is never predicted.
    """
    shape = (len(designs), len(labels))
    rows, features = designs[0].n_rows, designs[0].n_features
    fitted = Fitted(
        np.empty((*shape, n_classes, features), dtype=np.float32),
        np.empty((*shape, n_classes), dtype=np.float32),
        np.empty((*shape, rows), dtype=np.int64),
        np.zeros(shape, dtype=np.int64),
    )
    place, which = np.divmod(np.arange(shape[0] * shape[1]), shape[1])
    at_once = max(1, _BATCH_SCORES // (n_classes * rows))
    for first in range(0, len(place), at_once):
        part = slice(first, first + at_once)
        problems = Problems(designs, place[part], labels[which[part]], train[which[part]], n_classes, c)
        _Minimiser(problems, which[part], tolerance).run(fitted)
    return fitted


class _Minimiser:
    def __init__(self, problems: Problems, which: NDArray[np.integer], tolerance: float) -> None:
        self.problems, self.which, self.tolerance = problems, which, tolerance
        self.scores = problems.start()
        self.weights = np.zeros_like(problems.aim)
        self.shares = np.empty_like(self.scores)
        self.trial = np.empty_like(self.scores)
        self.loss = problems.loss(
            problems.shares(self.scores, slice(None), self.shares), self.weights, slice(None)
        )
        self.gradient = problems.gradient(self.shares, self.weights)
        self.sizes = problems.step_sizes()
        self.stuck = np.zeros(problems.n_problems, dtype=bool)
        self.past: deque[tuple[Floats, Floats, NDArray]] = deque(maxlen=_MEMORY)

    def run(self, fitted: Fitted) -> None:
        for step in range(MAX_STEPS):
            if step in _RENEW_AT:
                self.sizes = self.problems.step_sizes(self.shares)
            hope = 0.5 * _dot(self.gradient, self.sizes * self.gradient)
            done = (hope <= self.tolerance) | self.stuck
            if done.all():
                break
            # Dropping problems copies what is left, which pays only when many go.
            if done.sum() * 4 >= len(done):
                self._put(fitted, step, done)
                self._keep(~done)
            self._step()
        self._put(fitted, step, np.ones(len(done), dtype=bool))

    def _step(self) -> None:
        problems = self.problems
        direction = self._direction()
        slope = _dot(self.gradient, direction)
        problems.scores(direction, out=self.trial)
        self.trial += self.scores
        weights = self.weights + direction
        everyone = slice(None)
        loss = problems.loss(problems.shares(self.trial, everyone, self.shares), weights, everyone)
        length = np.ones(len(loss), dtype=np.float32)
        # Rounding of float32 must not look like a rise.
        slack = 1e-6 * np.abs(self.loss)
        for _ in range(20):
            high = np.flatnonzero(loss > self.loss + 1e-4 * length * slope + slack)
            if not len(high):
                break
            length[high] *= 0.5
            weights[high] = self.weights[high] + length[high, None, None] * direction[high]
            halfway = 0.5 * (self.trial[high] + self.scores[high])
            self.trial[high] = halfway
            log_sums = problems.shares(halfway, high, halfway)
            self.shares[high] = halfway
            loss[high] = problems.loss(log_sums, weights[high], high)
        # As low as float32 can tell.
        self.stuck = length < 1e-4
        gradient = problems.gradient(self.shares, weights)
        moved, bent = weights - self.weights, gradient - self.gradient
        curvature = _dot(moved, bent)
        inverse = np.where(curvature > 1e-12, 1 / np.maximum(curvature, 1e-12), 0)
        self.past.append((moved, bent, inverse))
        self.weights, self.gradient, self.loss = weights, gradient, loss
        self.scores, self.trial = self.trial, self.scores

    def _direction(self) -> Floats:
        """The two loops of L-BFGS (Nocedal and Wright, algorithm 7.4), all problems side by side."""
        direction = -self.gradient
        taken = []
        for moved, bent, inverse in reversed(self.past):
            amount = inverse * _dot(moved, direction)
            taken.append(amount)
            direction -= amount[:, None, None] * bent
        direction *= self.sizes
        if self.past:
            _, bent, inverse = self.past[-1]
            stretch = 1 / np.maximum(inverse * _dot(bent, self.sizes * bent), 1e-12)
            direction *= np.where(inverse > 0, stretch, 1)[:, None, None]
        for (moved, bent, inverse), amount in zip(self.past, reversed(taken), strict=True):
            direction += (amount - inverse * _dot(bent, direction))[:, None, None] * moved
        return direction

    def _keep(self, which: NDArray[np.bool_]) -> None:
        self.problems.keep(which)
        for name in ("which", "scores", "weights", "shares", "loss", "gradient", "sizes", "stuck"):
            setattr(self, name, getattr(self, name)[which])
        self.trial = np.empty_like(self.scores)
        self.past = deque(
            ((moved[which], bent[which], inverse[which]) for moved, bent, inverse in self.past),
            maxlen=_MEMORY,
        )

    def _put(self, fitted: Fitted, step: int, which: NDArray[np.bool_]) -> None:
        to = self.problems.place[which], self.which[which]
        weights, intercepts = self.problems.standardised(self.weights)
        fitted.weights[to], fitted.intercepts[to] = weights[which], intercepts[which]
        fitted.predicted[to] = self.scores[which].argmax(axis=1)
        fitted.n_steps[to] = step


def _dot(first: Floats, second: Floats) -> Floats:
    """The product of two `[B, ...]` per problem."""
    size = len(first)
    return np.vecdot(first.reshape(size, -1), second.reshape(size, -1))
