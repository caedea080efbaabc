"""A label of a category's questions as numbers, or the sentence that says why it can't be probed."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from relcli.analysis.probing.blocks import SceneBlocks
from relcli.analysis.probing.labels import CORRECT, LEAST_OF_A_KIND
from relcli.analysis.probing.splits import TEST_SHARE, SplitPlan
from relcli.errors import RelcliError

MIN_ROWS = 20


class CannotProbe(RelcliError):
    """A label with one class, or with too few rows or scenes to split."""


@dataclass(frozen=True, slots=True)
class Target:
    """A label to be predicted.

    - ``codes`` [rows]: the class, 0 up, or -1 for a row without the label.
    - ``shuffled`` [shuffles, rows]: the same codes permuted between scenes; what a probe reaches on them it
      reaches without the label (Hewitt and Liang 2019, selectivity).
    - ``blocks``: how labels are permuted.
    - ``test`` [folds, rows]: scored in that fold; every other labelled row is learnt from.
    """

    label: str
    classes: tuple[str, ...]
    codes: NDArray[np.int64]
    shuffled: NDArray[np.int16]
    test: NDArray[np.bool_]
    blocks: SceneBlocks

    @property
    def n_classes(self) -> int:
        return len(self.classes)

    @property
    def n_samples(self) -> int:
        return int((self.codes >= 0).sum())

    @property
    def train(self) -> NDArray[np.bool_]:
        return (self.codes >= 0) & ~self.test

    def majority(self) -> NDArray[np.int64]:
        """The commonest training class of each fold, as predictions `[folds, rows]`."""
        counts = np.stack([np.bincount(self.codes[part], minlength=self.n_classes) for part in self.train])
        return np.broadcast_to(counts.argmax(axis=1)[:, None], self.test.shape)


def make_target(
    label: str, values: Sequence[str | None], scenes: NDArray[np.int64], plan: SplitPlan
) -> Target:
    """Number a label's values (None: the row has none). Raises CannotProbe."""
    counts = Counter(value for value in values if value is not None)
    classes = tuple(sorted(value for value, n in counts.items() if n >= plan.min_class))
    number = {value: i for i, value in enumerate(classes)}
    codes = np.array([number.get(value, -1) if value is not None else -1 for value in values], dtype=np.int64)
    labelled = codes >= 0
    n = int(labelled.sum())
    if len(classes) < 2 <= n:
        raise CannotProbe(f"{label} has one class only ({classes[0]}) in {n} rows")
    if n < max(MIN_ROWS, len(classes) / TEST_SHARE):
        raise CannotProbe(f"{label} has too few rows ({sum(counts.values())} in {len(counts)} classes)")
    if plan.split == "scene" and len(np.unique(scenes[labelled])) < max(plan.folds, 5):
        raise CannotProbe(f"{label} has too few scenes ({len(np.unique(scenes[labelled]))})")
    blocks = SceneBlocks(codes, scenes)
    n_shuffles = plan.shuffles if plan.protocol == "relcli" else 0
    shuffled = blocks.permuted(n_shuffles, np.random.default_rng([plan.seed, 1]))
    return Target(label, classes, codes, shuffled, plan.tests(codes, scenes), blocks)


def correctness(correct: NDArray[np.float64]) -> list[str | None]:
    """The label `correct` of answers whose grade is 1, 0 or NaN. Raises CannotProbe where too few are right,
    or wrong."""
    for name, n in (("right", int((correct == 1).sum())), ("wrong", int((correct == 0).sum()))):
        if n < LEAST_OF_A_KIND:
            raise CannotProbe(
                f"{CORRECT} has too few {name} answers ({n} of {len(correct)}; {LEAST_OF_A_KIND} are the "
                "least)"
            )
    return ["right" if grade == 1 else "wrong" if grade == 0 else None for grade in correct.tolist()]
