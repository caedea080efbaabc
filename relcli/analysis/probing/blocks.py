"""Permutations of labels between scenes: what the labels would be if they told nothing of the pictures."""

import numpy as np
from numpy.typing import NDArray


class SceneBlocks:
    """The labelled rows of a label as blocks, one for each scene.

    Questions on a picture share it, so their labels are not independent and rows can't be dealt out one by
    one. A scene's labels move together to a scene with as many labelled rows, and there fall on its rows in
    any order: labels that agree in a scene still agree, and one yes and one no stay so. Scenes, and the
    questions of a scene, are exchangeable where labels tell nothing of the features (Winkler et al.,
    NeuroImage 123 (2015), exchangeability of whole blocks and within them). Without the second, a label that
    is yes for the first and no for the second question of every scene would never change.
    """

    def __init__(self, codes: NDArray[np.int64], scenes: NDArray[np.int64]) -> None:
        """`codes` [rows] is -1 for a row without the label; `scenes` [rows]."""
        self.codes = codes
        rows = np.flatnonzero(codes >= 0)
        rows = rows[np.argsort(scenes[rows], kind="stable")]
        _, starts, sizes = np.unique(scenes[rows], return_index=True, return_counts=True)
        self.groups = [
            rows[starts[sizes == size][:, None] + np.arange(size)] for size in np.unique(sizes).tolist()
        ]
        """Rows `[scenes, size]` of the scenes of each size."""

    def permuted(self, n: int, rng: np.random.Generator) -> NDArray[np.int16]:
        """`n` permutations of the codes, `[n, rows]`."""
        found = np.tile(self.codes.astype(np.int16), (n, 1))
        for rows in self.groups:
            labels = self.codes[rows]
            for one in found:
                one[rows] = rng.permuted(labels[rng.permutation(len(rows))], axis=1)
        return found
