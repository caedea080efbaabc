"""Which rows a probe learns from and which it is scored on."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from relcli.analysis.probing.names import Protocol, Split

TEST_SHARE: Final = 0.2
"""The study's test part."""
INNER_FOLDS: Final = 5
"""Parts of the inner cross-validation that chooses a layer."""


@dataclass(frozen=True, slots=True)
class SplitPlan:
    """How probes are fitted and scored.

    - ``split``: ``scene`` keeps the questions of a picture on one side; ``row`` doesn't.
    - ``protocol``: ``relcli`` is cross-validation over ``folds`` folds with controls; ``seed`` is the study's
      single 80/20 split, stratified by label when the split is by row, without controls (its section 6).
    - ``seed``: of the folds, the shuffled labels, the permutations or the single split.
    - ``shuffles``: labellings a probe's selectivity is told from; ``permutations``: of the test over layers,
      none for 0. Neither is of the study's protocol.
    """

    split: Split = "scene"
    protocol: Protocol = "relcli"
    folds: int = 5
    seed: int = 0
    shuffles: int = 5
    permutations: int = 999

    @property
    def min_class(self) -> int:
        """A class of fewer rows can't stand on both sides; its rows are left out."""
        return self.folds if self.protocol == "relcli" else 2

    @property
    def min_subset(self) -> int:
        """The accuracy on right or wrong answers alone is told from this many rows up. The study tells it
        from one row up, and repeating the study does so too."""
        return 50 if self.protocol == "relcli" else 1

    def tests(self, codes: NDArray[np.int64], scenes: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Test parts `[folds, rows]` of one label; `codes` is -1 where a row has no label.

        Folds deal out scenes, or rows, in a random order that depends on `seed` alone, so the labels of a
        category share them.
        """
        labelled = codes >= 0
        if self.protocol == "seed" and self.split == "row":
            from sklearn.model_selection import train_test_split

            rows = np.flatnonzero(labelled)
            _, chosen = train_test_split(
                rows, test_size=TEST_SHARE, random_state=self.seed, stratify=codes[rows]
            )
            return (np.isin(np.arange(len(codes)), chosen))[None]
        order, n = self._dealt(scenes, np.random.default_rng(self.seed))
        if self.protocol == "seed":
            return (order < np.ceil(TEST_SHARE * n))[None] & labelled
        return (order % self.folds == np.arange(self.folds)[:, None]) & labelled

    def inner(self, scenes: NDArray[np.int64]) -> NDArray[np.int64]:
        """The part `[rows]` each row belongs to, 0 up, of the cross-validation within training rows that
        chooses a layer. It deals out scenes, or rows, anew."""
        order, _ = self._dealt(scenes, np.random.default_rng([self.seed, 2]))
        return order % INNER_FOLDS

    def _dealt(
        self, scenes: NDArray[np.int64], rng: np.random.Generator
    ) -> tuple[NDArray[np.int64], int]:
        """Each row's scene, or by split the row itself, as a number in a random order; how many there are."""
        places = scenes if self.split == "scene" else np.arange(len(scenes))
        known, place = np.unique(places, return_inverse=True)
        return rng.permutation(len(known))[place], len(known)
