"""All probes of one category: every label on every layer, its controls, and the tests over layers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from relcli.analysis.probing.fitting import Fit, fit_all
from relcli.analysis.probing.over_layers import choose, spread, tested
from relcli.analysis.probing.prompt_only import bag_of_words
from relcli.analysis.probing.ridge import reduced
from relcli.analysis.probing.scoring import SUBSETS, score, subset_rows
from relcli.analysis.probing.splits import SplitPlan
from relcli.analysis.probing.targets import Target

C_LAYER = 1.0
C_ALL = 0.001
"""Strength of the penalty, as in the study: one layer, and all layers side by side."""


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

    def of_layer(self, layer: int | None) -> NDArray[np.float32]:
        """Features `[rows, cells]` of a layer; None is all layers side by side."""
        if layer is None:
            return self.features.reshape(len(self.features), -1)
        return self.features[:, self.layers.index(layer)]


class Sweep:
    """Fits a category's probes layer by layer, and tests each label over the layers fitted so far.

    A protocol with controls fits each label's shuffles beside it, and once the prompt-only control.
    """

    def __init__(self, block: Block, targets: Sequence[Target], plan: SplitPlan) -> None:
        self.block, self.targets, self.plan = block, targets, plan
        self.controls = plan.protocol == "relcli"
        self._prompt: Mapping[str, NDArray[np.int64]] = {}
        if self.controls:
            bag = bag_of_words(block.texts)
            self._prompt = {label: found[:, 0] for label, found in self._predict(bag, C_LAYER, False).items()}
        self._kept: dict[int | None, dict[str, NDArray[np.int16]]] = {}
        self._reduced: dict[int | None, NDArray[np.float32]] = {}

    def layer(self, layer: int | None) -> list[dict[str, Any]]:
        """Fit every label on a layer (None: all side by side). Rows of table `probe_result` without run and
        probe, one for each target and subset."""
        predicted = self._predict(
            self.block.of_layer(layer), C_ALL if layer is None else C_LAYER, self.controls
        )
        rows: list[dict[str, Any]] = []
        for target in self.targets:
            common = {
                "category": self.block.category,
                "label": target.label,
                "layer": layer,
                "n_classes": target.n_classes,
                "n_samples": target.n_samples,
            }
            for subset in SUBSETS:
                rows.append(
                    {**common, "subset": subset, **self._scores(target, subset, predicted[target.label])}
                )
        if self.controls:
            self._kept[layer] = {label: _out_of_fold(found) for label, found in predicted.items()}
        return rows

    def tests(self, target: Target) -> dict[str, Any] | None:
        """The row of table `probe_test` of a label, without run, probe and family: over the single layers
        fitted, or all side by side if there was nothing else. None for a protocol without controls."""
        if not self.controls or not self._kept:
            return None
        layers = [layer for layer in self._kept if layer is not None] or [None]
        for layer in layers:
            if layer not in self._reduced:
                self._reduced[layer] = reduced(self.block.of_layer(layer))
        choice = choose([self._reduced[layer] for layer in layers], target, self.block.scenes, self.plan)
        return {
            "category": self.block.category,
            "label": target.label,
            "layers": [layer for layer in layers if layer is not None],
            "layer": layers[choice.overall],
            "fold_layers": [layers[place] for place in choice.by_fold],
            "shuffles": len(target.shuffled),
            "permutations": len(choice.null),
            **tested(
                choice,
                target,
                np.stack([self._kept[layer][target.label] for layer in layers]),
                _out_of_fold(self._prompt[target.label][:, None])[0],
                self.block.scenes,
                self.block.correct,
                self.plan,
            ),
        }

    def _scores(self, target: Target, subset: str, predicted: NDArray[np.int64]) -> dict[str, Any]:
        test = target.test & subset_rows(self.block.correct, subset)
        least = 1 if subset == "all" else self.plan.min_subset
        own = score(predicted[:, 0], target.codes, test, least)
        result: dict[str, Any] = {
            "n": own.n,
            "accuracy": own.accuracy,
            "se": own.se,
            "majority": score(target.majority(), target.codes, test, least).accuracy,
            "fold_n": list(own.fold_n),
            "fold_accuracy": list(own.fold_accuracy),
        }
        if self.controls:
            reached = [
                score(predicted[:, 1 + place], codes, test, least).accuracy
                for place, codes in enumerate(target.shuffled)
            ]
            result |= spread(np.array([share for share in reached if share is not None]))
            prompt = self._prompt[target.label]
            result["prompt_only"] = score(prompt, target.codes, test, least).accuracy
        return result

    def _predict(
        self, features: NDArray[np.float32], c: float, shuffled: bool
    ) -> dict[str, NDArray[np.int64]]:
        """Predictions `[folds, 1 + shuffles, rows]` by label, -1 outside of the fold's test rows."""
        fits: list[Fit] = [
            ([target.codes, *(target.shuffled if shuffled else ())], train, test)
            for target in self.targets
            for train, test in zip(target.train, target.test, strict=True)
        ]
        predicted = iter(fit_all(features, fits, c))
        found: dict[str, NDArray[np.int64]] = {}
        for target in self.targets:
            n = 1 + (len(target.shuffled) if shuffled else 0)
            found[target.label] = np.full((len(target.test), n, len(target.codes)), -1, dtype=np.int64)
            for place, test in enumerate(target.test):
                found[target.label][place][:, test] = next(predicted)
        return found


def _out_of_fold(predicted: NDArray[np.int64]) -> NDArray[np.int16]:
    """`[folds, labellings, rows]` as `[labellings, rows]`: each row as its own fold predicts it."""
    return predicted.max(axis=0).astype(np.int16)
