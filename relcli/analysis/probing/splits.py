"""Which rows a probe learns from and which it is scored on."""

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

Split = Literal["scene", "row"]
Protocol = Literal["relcli", "seed"]

TEST_SHARE: Final = 0.2
"""The study's test part."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How probes are fitted and scored.

    - ``split``: ``scene`` keeps the questions of a picture on one side; ``row`` doesn't.
    - ``protocol``: ``relcli`` is cross-validation over ``folds`` folds with controls; ``seed`` is the study's
      single 80/20 split, stratified by label when the split is by row, without controls (its section 6).
    - ``seed``: of the folds, the shuffled labels or the single split.
    """

    split: Split = "scene"
    protocol: Protocol = "relcli"
    folds: int = 5
    seed: int = 0

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
        places = scenes if self.split == "scene" else np.arange(len(codes))
        known, place = np.unique(places, return_inverse=True)
        order = np.random.default_rng(self.seed).permutation(len(known))
        if self.protocol == "seed":
            return (order[place] < np.ceil(TEST_SHARE * len(known)))[None] & labelled
        return (order[place] % self.folds == np.arange(self.folds)[:, None]) & labelled
