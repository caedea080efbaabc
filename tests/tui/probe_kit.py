"""A frozen warehouse's probes, as a person would have left them."""

from pathlib import Path
from typing import Any

from relcli.warehouse.probes import begin_probe, end_probe, save_results

RUN = "study-4b"
WAY = {"variant": "raw", "split": "scene", "protocol": "relcli", "folds": 5, "seed": 0, "min_subset": 50}


def result(label: str, layer: int | None, accuracy: float, **columns: Any) -> dict[str, Any]:
    return {
        "category": "recognition_color", "label": label, "layer": layer, "subset": "all", "n_classes": 4,
        "n_samples": 90, "n": 90, "accuracy": accuracy, "se": 0.02, "majority": 0.4, "shuffled": 0.3,
        "prompt_only": 0.5, "fold_n": [90], "fold_accuracy": [accuracy], **columns,
    }  # fmt: skip


def test_of(label: str, layer: int, accuracy: float, p: float) -> dict[str, Any]:
    """A row of probe_test: the layer chosen in inner folds, and p over layers."""
    return {
        "category": "recognition_color", "label": label, "n": 90, "n_scenes": 45, "layers": [0, 1, 2],
        "layer": layer, "fold_layers": [layer] * 5, "accuracy": accuracy, "se": 0.02, "majority": 0.4,
        "shuffled": 0.3, "prompt_only": 0.5, "n_right": 70, "accuracy_right": 0.9, "n_wrong": 20,
        "shuffles": 5, "permutations": 999, "statistic": accuracy, "p_layers": p, "p_majority": 0.001,
        "p_prompt": 0.001, "n_family": 34,
    }  # fmt: skip


test_of.__test__ = False


def keep_probes(warehouse: Path) -> Path:
    """Two labels on three layers and all side by side; one of them in a second way, later."""
    rows = [
        result(label, layer, accuracy + shift)
        for label, shift in (("answer", 0.0), ("concept", -0.3))
        for layer, accuracy in ((0, 0.5), (1, 0.8), (2, 0.6), (None, 0.85))
    ]
    rows.append(result("answer", 1, 0.9, subset="right", n=70))
    rows.append(result("answer", 1, 0.0, subset="wrong", n=20) | {"accuracy": None, "se": None})
    tests = [test_of("answer", 1, 0.8, 0.001), test_of("concept", 0, 0.49, 0.01)]
    later = [result("answer", None, 0.75, se=None, shuffled=None, prompt_only=None)]
    for probe, settings, kept, tested in (
        ("mean", {"features": "mean_heads"}, rows, tests),
        ("first", {"features": "first_step", "protocol": "seed", "split": "row", "folds": None}, later, []),
    ):
        begin_probe(warehouse, {"run": RUN, "probe": probe, **WAY, **settings})
        save_results(warehouse, RUN, probe, kept, tested)
        end_probe(warehouse, RUN, probe, "done")
    return warehouse
