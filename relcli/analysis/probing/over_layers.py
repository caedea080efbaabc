"""A label's accuracy with the layer chosen without the rows it is scored on, and the tests of it.

Picking the best of many layers by their accuracy makes that accuracy too high, and on noise something is
always best. Here the layer is chosen in inner folds (nested cross-validation; Cawley & Talbot, JMLR 11
(2010)), and the largest accuracy over all layers is compared with the largest over all layers under labels
permuted between scenes (the maximum statistic; Westfall & Young 1993, Nichols & Holmes 2002). Choice and
permutations use the ridge classifier of `ridge.py`, on observed and permuted labels alike; the accuracies are
those of the logistic probes.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import t as student

from relcli.analysis.probing.ridge import Ridge
from relcli.analysis.probing.scoring import subset_rows
from relcli.analysis.probing.splits import SplitPlan
from relcli.analysis.probing.targets import Target

ALPHA = 0.05


@dataclass(frozen=True, slots=True)
class Choice:
    """``by_fold`` [folds] and ``overall`` are places in the list of layers. ``statistic`` is the largest
    accuracy over layers of the ridge classifier, ``null`` [permutations] the same under permuted labels."""

    by_fold: NDArray[np.int64]
    overall: int
    statistic: float
    null: NDArray[np.float64]

    @property
    def p(self) -> float | None:
        """One-sided p of the maximum over layers, the observed labels counted among the permutations (Phipson
        & Smyth 2010); None without permutations."""
        if not len(self.null):
            return None
        # Accuracies are shares of whole numbers; the small amount makes equal ones equal.
        return float((1 + (self.null >= self.statistic - 1e-9).sum()) / (1 + len(self.null)))


class Chooser:
    """Chooses among layers that come one after the other, none of which it keeps."""

    def __init__(self, target: Target, scenes: NDArray[np.int64], plan: SplitPlan) -> None:
        self._rows = np.flatnonzero(target.codes >= 0)
        self._fold, self._inner = (
            target.test[:, self._rows].argmax(axis=0),
            plan.inner(scenes)[self._rows],
        )
        self._codes, self._n_classes = target.codes[self._rows], target.n_classes
        rng = np.random.default_rng([plan.seed, 3])
        permuted = target.blocks.permuted(plan.permutations, rng)[:, self._rows]
        self._labellings = np.vstack([self._codes, permuted])
        self._within: list[NDArray[np.float64]] = []
        self._observed: list[float] = []
        self._highest = np.zeros(len(self._labellings))

    def add(self, features: NDArray[np.float32]) -> None:
        """The next layer's `reduced` features `[rows, features]`."""
        ridge = Ridge(features[self._rows], self._fold)
        reached = ridge.accuracies(self._labellings, self._n_classes)
        np.maximum(self._highest, reached, out=self._highest)
        self._observed.append(reached[0])
        self._within.append(ridge.inner_accuracies(self._codes, self._n_classes, self._inner))

    def choice(self) -> Choice:
        """Among the layers so far, in their order."""
        by_fold = np.stack(self._within).argmax(axis=0)
        return Choice(by_fold, int(np.argmax(self._observed)), float(self._highest[0]), self._highest[1:])


def choose(
    layers: Iterable[NDArray[np.float32]], target: Target, scenes: NDArray[np.int64], plan: SplitPlan
) -> Choice:
    """Choose among the layers' `reduced` features `[rows, features]` and test the largest accuracy."""
    chooser = Chooser(target, scenes, plan)
    for features in layers:
        chooser.add(features)
    return chooser.choice()


def tested(
    choice: Choice,
    target: Target,
    predicted: NDArray[np.integer],
    prompt: NDArray[np.integer],
    scenes: NDArray[np.int64],
    correct: NDArray[np.float64],
    plan: SplitPlan,
) -> dict[str, Any]:
    """Columns of table `probe_test` but for names, layers, family and permutations' number.

    `predicted` [layers, 1 + shuffles, rows] are out-of-fold predictions on the labels and on each of the
    shuffles; `prompt` [rows] those of the prompt-only control; `correct` [rows] is 1, 0 or NaN.
    """
    rows = np.flatnonzero(target.codes >= 0)
    fold = target.test[:, rows].argmax(axis=0)
    chosen = predicted[choice.by_fold[fold], :, rows].T
    codes, where = target.codes[rows], scenes[rows]
    right = chosen[0] == codes
    majority = target.majority()[fold, rows] == codes
    words = prompt[rows] == codes
    shuffled = (chosen[1:] == target.shuffled[:, rows]).mean(axis=1)
    folds = [right[fold == number].mean() for number in np.unique(fold)]
    low, high = clustered_interval(right, where)
    found: dict[str, Any] = {
        "n": len(rows),
        "n_scenes": len(np.unique(where)),
        "accuracy": float(right.mean()),
        "se": float(np.std(folds, ddof=1) / np.sqrt(len(folds))) if len(folds) > 1 else None,
        "ci_low": low,
        "ci_high": high,
        "majority": float(majority.mean()),
        "prompt_only": float(words.mean()),
        **spread(shuffled),
        "statistic": choice.statistic,
        "statistic_null": float(choice.null.mean()) if len(choice.null) else None,
        "statistic_null_95": float(np.quantile(choice.null, 1 - ALPHA)) if len(choice.null) else None,
        "p_layers": choice.p,
        "p_majority": sign_flip(right, majority, where),
        "p_prompt": sign_flip(right, words, where),
    }
    for name in ("right", "wrong"):
        part = subset_rows(correct[rows], name)
        n = int(part.sum())
        found[f"n_{name}"] = n
        found[f"accuracy_{name}"] = float(right[part].mean()) if n >= max(1, plan.min_subset) else None
    return found


def spread(shuffled: NDArray[np.float64]) -> Mapping[str, float | None]:
    """Mean accuracy over the shuffles, and their standard deviation."""
    return {
        "shuffled": float(shuffled.mean()) if len(shuffled) else None,
        "shuffled_sd": float(shuffled.std(ddof=1)) if len(shuffled) > 1 else None,
    }


def sign_flip(right: NDArray[np.bool_], control: NDArray[np.bool_], scenes: NDArray[np.int64]) -> float:
    """One-sided p that the probe is no more often right than a control on the same rows.

    The sign of each scene's difference in right answers is flipped: under no difference either sign is as
    likely. All flips are counted, by the distribution of their sum. 1 where no scene differs.
    """
    _, place = np.unique(scenes, return_inverse=True)
    change = np.rint(np.bincount(place, weights=right.astype(float) - control)).astype(int)
    sizes, counts = np.unique(np.abs(change[change != 0]), return_counts=True)
    chances = np.ones(1)  # of the sum of scenes with a positive sign
    for size, count in zip(sizes.tolist(), counts.tolist(), strict=True):
        for _ in range(count):
            longer = np.zeros(len(chances) + size)
            longer[: len(chances)] += chances / 2
            longer[size:] += chances / 2
            chances = longer
    positive = int(change[change > 0].sum())
    return float(min(1.0, chances[positive:].sum()))


def clustered_interval(
    right: NDArray[np.bool_], scenes: NDArray[np.int64], level: float = 1 - ALPHA
) -> tuple[float | None, float | None]:
    """Interval of an accuracy over rows, rows of a scene allowed to agree.

    Linearised error of a ratio of sums with Student's t on scenes - 1 degrees of freedom (Cameron & Miller
    2015). Where all rows are right, or all wrong, the exact bound over scenes; None where all scenes have the
    same other share, or there is one scene.
    """
    _, place, n = np.unique(scenes, return_inverse=True, return_counts=True)
    hits = np.bincount(place, weights=right.astype(float))
    share, total = float(right.mean()), len(n)
    edge = ((1 - level) / 2) ** (1 / total)
    if share in (0.0, 1.0):
        return (0.0, 1 - edge) if share == 0 else (edge, 1.0)
    residual = hits - share * n
    if total < 2 or not np.abs(residual).max() > 1e-9:
        return None, None
    error = np.sqrt(total / (total - 1) * (residual**2).sum()) / n.sum()
    reach = float(student.ppf(0.5 + level / 2, total - 1) * error)
    return max(0.0, share - reach), min(1.0, share + reach)
