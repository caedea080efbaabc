"""All probes of one category: every label on every layer, beside their controls."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from relcli.analysis.probing.design import Design
from relcli.analysis.probing.fitting import fit
from relcli.analysis.probing.scoring import SUBSETS, score, subset_rows
from relcli.analysis.probing.splits import Plan
from relcli.analysis.probing.targets import Target
from relcli.analysis.probing.wording import bag_of_words

C_LAYER = 1.0
C_ALL = 0.001
"""Strength of the penalty, as in the study: one layer, and all layers side by side."""
_LAYERS_AT_ONCE = 6
"""Layers fitted in one batch: enough to keep small probes from waiting on Python, and often enough a
result."""


@dataclass(frozen=True, slots=True)
class Block:
    """The answers of one category on one variant, and their attention.

    ``features`` is float32 [rows, layers, cells], ``layers`` numbers its second axis, ``texts`` are whole
    prompts, ``truths`` right letters on this variant, ``correct`` 1, 0 or NaN (not graded).
    """

    category: str
    scenes: NDArray[np.int64]
    texts: Sequence[str]
    truths: Sequence[str | None]
    correct: NDArray[np.float64]
    layers: tuple[int, ...]
    features: NDArray[np.float32]


def sweep(
    block: Block, targets: Sequence[Target], layers: Sequence[int | None], plan: Plan
) -> Iterator[tuple[int | None, list[dict[str, Any]]]]:
    """Yields, layer by layer, the rows of table `probe_result` without run and probe: one for each target and
    subset. Layer None is all layers of the block side by side."""
    controls = plan.protocol == "relcli"
    prompt = _predict([Design(bag_of_words(block.texts))], targets, C_LAYER, False) if controls else {}
    for group in _groups(layers):
        designs = [Design(_features(block, layer)) for layer in group]
        found = _predict(designs, targets, C_ALL if group[0] is None else C_LAYER, controls)
        for place, layer in enumerate(group):
            rows = []
            for target in targets:
                alone = prompt[target.label][0] if controls else None
                common = {
                    "category": block.category,
                    "label": target.label,
                    "layer": layer,
                    "n_classes": target.n_classes,
                    "n_samples": target.n_samples,
                }
                for subset in SUBSETS:
                    scores = _scores(block, target, subset, found[target.label][place], alone, plan)
                    rows.append({**common, "subset": subset, **scores})
            yield layer, rows


def _groups(layers: Sequence[int | None]) -> Iterator[Sequence[int | None]]:
    """Single layers a few at a time, then all side by side: those have other features."""
    alone = [layer for layer in layers if layer is not None]
    for first in range(0, len(alone), _LAYERS_AT_ONCE):
        yield alone[first : first + _LAYERS_AT_ONCE]
    if None in layers:
        yield [None]


def _features(block: Block, layer: int | None) -> NDArray[np.float32]:
    if layer is None:
        return block.features.reshape(len(block.features), -1)
    return block.features[:, block.layers.index(layer)]


def _scores(
    block: Block,
    target: Target,
    subset: str,
    predicted: NDArray[np.int64],
    prompt: NDArray[np.int64] | None,
    plan: Plan,
) -> dict[str, Any]:
    test = target.test & subset_rows(block.correct, subset)
    least = 1 if subset == "all" else plan.min_subset
    folds = len(test)
    own = score(predicted[:folds], target.codes, test, least)
    result: dict[str, Any] = {
        "n": own.n,
        "accuracy": own.accuracy,
        "se": own.se,
        "majority": score(target.majority(), target.codes, test, least).accuracy,
        "fold_n": list(own.fold_n),
        "fold_accuracy": list(own.fold_accuracy),
    }
    if plan.protocol == "relcli":
        result["shuffled"] = score(predicted[folds:], target.shuffled, test, least).accuracy
    if prompt is not None:
        result["prompt_only"] = score(prompt, target.codes, test, least).accuracy
    return result


def _predict(
    designs: Sequence[Design], targets: Sequence[Target], c: float, shuffled: bool
) -> dict[str, NDArray[np.int64]]:
    """Predictions `[designs, folds, rows]` by label; with `shuffled`, those on the shuffled labels follow the
    others.

    Labels with as many classes are fitted in one batch, layers, folds and shuffled labels included.
    """
    found: dict[str, NDArray[np.int64]] = {}
    for size in sorted({target.n_classes for target in targets}):
        alike = [target for target in targets if target.n_classes == size]
        labels, train = [], []
        for target in alike:
            for codes in (target.codes, target.shuffled) if shuffled else (target.codes,):
                labels += [codes] * len(target.test)
                train.append(target.train)
        predicted = fit(designs, np.stack(labels), np.concatenate(train), size, c).predicted
        parts = np.split(predicted, len(alike), axis=1)
        found |= {target.label: part for target, part in zip(alike, parts, strict=True)}
    return found
