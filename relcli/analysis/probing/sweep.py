"""All probes of one category: every label on every layer, its controls, and the tests over layers."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from relcli.analysis.probing.fitting import Fit, fit_all
from relcli.analysis.probing.over_layers import Chooser, spread, tested
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
    """The answers of one category on one variant, and their attention or hidden states.

    ``features`` is float32 [rows, layers, cells], ``layers`` numbers its second axis; or a function that
    reads [rows, width] of one layer, where all of them are too large to hold. ``texts`` are whole prompts,
    ``truths`` right letters on this variant, ``correct`` 1, 0 or NaN (not graded).
    """

    category: str
    scenes: NDArray[np.int64]
    texts: Sequence[str]
    truths: Sequence[str | None]
    correct: NDArray[np.float64]
    layers: tuple[int, ...]
    features: NDArray[np.float32] | Callable[[int], NDArray[np.float32]]

    def of_layer(self, layer: int | None) -> NDArray[np.float32]:
        """Features `[rows, cells]` of a layer; None is all layers side by side, of what is held."""
        if not isinstance(self.features, np.ndarray):
            assert layer is not None
            return self.features(layer)
        if layer is None:
            return self.features.reshape(len(self.features), -1)
        return self.features[:, self.layers.index(layer)]


class Sweep:
    """Fits a category's probes layer by layer, and tests each label over the layers fitted so far. A layer's
    features are read once and not kept.

    A protocol with controls fits each label's shuffles beside it, and once the prompt-only control.
    """

    def __init__(self, block: Block, targets: Sequence[Target], plan: SplitPlan) -> None:
        self.block, self.targets, self.plan = block, targets, plan
        self.controls = plan.protocol == "relcli"
        self._prompt: Mapping[str, NDArray[np.int64]] = {}
        if self.controls:
            bag = bag_of_words(block.texts)
            fitted = self._predict(bag, C_LAYER, False)
            self._prompt = {label: found[:, 0] for label, (found, _) in fitted.items()}
            self._choosers = {target.label: Chooser(target, block.scenes, plan) for target in targets}
        self._chosen_from: list[int | None] = []
        self._kept: dict[int | None, dict[str, NDArray[np.int16]]] = {}
        self._odds: dict[int | None, dict[str, NDArray[np.float64]]] = {}

    def layer(self, layer: int | None) -> list[dict[str, Any]]:
        """Fit every label on a layer (None: all side by side). Rows of table `probe_result` without run and
        probe, one for each target and subset."""
        features = self.block.of_layer(layer)
        predicted = self._predict(features, C_ALL if layer is None else C_LAYER, self.controls)
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
                    {**common, "subset": subset, **self._scores(target, subset, predicted[target.label][0])}
                )
        if self.controls:
            self._kept[layer] = {label: _out_of_fold(found) for label, (found, _) in predicted.items()}
            self._odds[layer] = {label: odds for label, (_, odds) in predicted.items()}
            # All side by side are tested only where there is nothing else.
            if layer is not None or not self._chosen_from:
                self._chosen_from.append(layer)
                small = reduced(features)
                for chooser in self._choosers.values():
                    chooser.add(small)
        return rows

    def tests(self, target: Target) -> dict[str, Any] | None:
        """The row of table `probe_test` of a label, without run, probe and family: over the single layers
        fitted, or all side by side if there was nothing else. None for a protocol without controls."""
        if not self.controls or not self._kept:
            return None
        layers, choice = self._chosen_from, self._choosers[target.label].choice()
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

    def scores(self, target: Target) -> list[dict[str, Any]]:
        """Rows of table `probe_score` without run and probe: what the probes of a label say of each answer
        that they have not seen. None for a protocol without controls."""
        if not self.controls or not self._kept:
            return []
        choice, layers = self._choosers[target.label].choice(), self._chosen_from
        rows = np.flatnonzero(target.codes >= 0)
        folds = target.test[:, rows].argmax(axis=0)
        found = []
        for row, fold in zip(rows.tolist(), folds.tolist(), strict=True):
            layer = layers[choice.by_fold[fold]]
            odds = float(self._odds[layer][target.label][row])
            found.append(
                {
                    "category": self.block.category,
                    "label": target.label,
                    "row": row,
                    "value": target.classes[target.codes[row]],
                    "predicted": target.classes[self._kept[layer][target.label][0, row]],
                    "layer": layer,
                    "score": odds if np.isfinite(odds) else None,
                }
            )
        return found

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
    ) -> dict[str, tuple[NDArray[np.int64], NDArray[np.float64]]]:
        """By label, predictions `[folds, 1 + shuffles, rows]`, -1 outside of the fold's test rows, and of
        labels with two classes the log-odds of the second one `[rows]` in the fold that tests the row, NaN
        elsewhere."""
        fits: list[Fit] = [
            ([target.codes, *(target.shuffled if shuffled else ())], train, test)
            for target in self.targets
            for train, test in zip(target.train, target.test, strict=True)
        ]
        predicted = iter(fit_all(features, fits, c))
        found: dict[str, tuple[NDArray[np.int64], NDArray[np.float64]]] = {}
        for target in self.targets:
            n = 1 + (len(target.shuffled) if shuffled else 0)
            codes = np.full((len(target.test), n, len(target.codes)), -1, dtype=np.int64)
            odds = np.full(len(target.codes), np.nan)
            for place, test in enumerate(target.test):
                codes[place][:, test], told = next(predicted)
                if told is not None and target.n_classes == 2:
                    odds[test] = told
            found[target.label] = codes, odds
        return found


def _out_of_fold(predicted: NDArray[np.int64]) -> NDArray[np.int16]:
    """`[folds, labellings, rows]` as `[labellings, rows]`: each row as its own fold predicts it."""
    return predicted.max(axis=0).astype(np.int16)
