"""Fits probes: scikit-learn's multinomial logistic regression, several at a time in threads.

Threads and not processes: the fits spend their time in numpy and SciPy, which let other threads run, and
there is nothing to start, to send features to, or to stop when a sweep is interrupted.
"""

import warnings
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler
from sklearn.utils.parallel import Parallel, delayed
from threadpoolctl import threadpool_limits

MAX_STEPS = 1000

Fitted = tuple[NDArray[np.int64], NDArray[np.float64] | None]
"""Predictions `[labellings, rows predicted]`, and of a first labelling with two classes the log-odds of the
larger one `[rows predicted]`."""

Fit = tuple[Sequence[NDArray[np.integer]], NDArray[np.bool_], NDArray[np.bool_]]
"""Labellings `[rows]` of the same rows, the rows learnt from `[rows]`, and the rows predicted `[rows]`."""


def fit_all(
    features: NDArray[np.floating], fits: Sequence[Fit], c: float, n_jobs: int = -1
) -> list[Fitted]:
    """Fit and predict, each of `fits`.

    `features` [rows, features] are standardised over the rows learnt from, `c` is scikit-learn's inverse
    strength of the L2 penalty. A class that the rows learnt from lack is never predicted. `n_jobs` threads
    (-1: one for each core there is), each of one BLAS thread.
    """
    # The filter is set here once: filters are of the process, and the fits run in threads of it.
    with threadpool_limits(limits=1), warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        workers = Parallel(n_jobs=n_jobs, prefer="threads")
        found = workers(delayed(_fit)(features, *one, c) for one in fits)
    return [each for each in found if each is not None]


def _fit(
    features: NDArray[np.floating],
    labellings: Sequence[NDArray[np.integer]],
    train: NDArray[np.bool_],
    test: NDArray[np.bool_],
    c: float,
) -> Fitted:
    scaler = StandardScaler().fit(features[train])
    learnt, unseen = scaler.transform(features[train]), scaler.transform(features[test])
    predicted = np.empty((len(labellings), len(unseen)), dtype=np.int64)
    odds: NDArray[np.float64] | None = None
    for place, codes in enumerate(labellings):
        known = codes[train]
        if not len(unseen) or (known == known[0]).all():
            predicted[place] = known[0]
            continue
        model = LogisticRegression(C=c, max_iter=MAX_STEPS).fit(learnt, known)
        predicted[place] = model.predict(unseen)
        if place == 0 and len(model.classes_) == 2:
            odds = np.asarray(model.decision_function(unseen), dtype=np.float64)
    return predicted, odds
