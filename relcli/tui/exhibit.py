"""One question as screen 4 shows it: pictures, answers, attention, and what lies under the attention."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from relcli.scenes.vocabulary import LETTERS, VARIANTS
from relcli.tui.widgets.picture import Heat

VECTORS = {"mean_heads": "mean", "max_heads": "maximum", "first_step": "first step", "last_step": "last step"}
"""Columns of table `attention` and what they are called here; mean and maximum are over heads and steps."""


@dataclass(slots=True)
class Answered:
    """What was answered on one picture. probabilities: of each option's letter, then of None."""

    answer: str | None
    choice: str | None
    correct: bool | None
    truth: str
    probabilities: list[float]
    n_steps: int | None = None
    full_path: str | None = None


@dataclass(slots=True)
class Region:
    """An object or arrow: the share it covers of each cell, and its frame in pixels (objects only)."""

    name: str
    kind: str
    item_id: int
    coverage: Sequence[float]
    box: tuple[float, float, float, float] | None
    in_twin: bool


@dataclass(slots=True)
class Maps:
    """Attention of one answer. layers: one mapping a layer with the vectors of `VECTORS`, their entropies and
    `image_mass`; steps: where every step was kept, [step][layer] vectors, means over heads."""

    height: int
    width: int
    layers: list[Mapping[str, Any]]
    steps: list[list[list[float]]] = field(default_factory=list)

    def weights(self, layer: int | None, vector: str = "mean_heads", step: int | None = None) -> list[float]:
        """One value a cell: of a layer, or (None) the mean of all; of one step where steps were kept."""
        if step is not None and step < len(self.steps):
            stack = self.steps[step]
        else:
            stack = [each[vector] for each in self.layers if each.get(vector) is not None]
        if layer is not None:
            return list(stack[layer]) if layer < len(stack) else []
        return [sum(values) / len(stack) for values in zip(*stack, strict=True)] if stack else []

    def heat(self, layer: int | None, vector: str, step: int | None = None) -> Heat | None:
        weights = self.weights(layer, vector, step)
        return Heat(weights, self.height, self.width) if weights else None


@dataclass(slots=True)
class Exhibit:
    """A question with everything about it. `run` is None for a question somebody typed."""

    run: str | None
    scene_id: int
    question_index: int
    category: str
    stem: str
    text: str
    options: list[str]
    flaws: list[str] = field(default_factory=list)
    asked: list[int] = field(default_factory=list)
    answers: dict[str, Answered] = field(default_factory=dict)
    pictures: dict[str, bytes | None] = field(default_factory=dict)
    twin: str = ""
    maps: dict[str, Maps] = field(default_factory=dict)
    regions: list[Region] = field(default_factory=list)

    @property
    def key(self) -> tuple[int, int]:
        return self.scene_id, self.question_index

    @property
    def variants(self) -> list[str]:
        return [variant for variant in VARIANTS if variant in self.answers]

    @property
    def lettered(self) -> list[tuple[str, str]]:
        """(letter, text) of each option, and of None."""
        return [*zip(LETTERS, self.options, strict=False), ("none", "None")]

    def asked_boxes(self, variant: str) -> list[tuple[float, float, float, float]]:
        """Frames of the objects asked about, as far as they are in that picture."""
        return [
            region.box
            for region in self.regions
            if region.box and region.item_id in self.asked and (variant == "raw" or region.in_twin)
        ]


@dataclass(frozen=True, slots=True)
class Ground:
    """Where attention lies. share: of the attention; area: of the picture; both 0 to 1."""

    name: str
    share: float
    area: float

    @property
    def times(self) -> float | None:
        """How much more than an even spread would give."""
        return self.share / self.area if self.area > 0 else None


def grounding(exhibit: Exhibit, weights: Sequence[float]) -> list[Ground]:
    """The attention on the objects asked about, on other objects, on arrows, and on the rest of the picture.

    A cell's weight counts for an item by the share of the cell it covers. Empty without regions.
    """
    total = sum(weights)
    if total <= 0 or not exhibit.regions or len(exhibit.regions[0].coverage) != len(weights):
        return []
    groups: dict[str, list[Sequence[float]]] = {"asked about": [], "other objects": [], "arrows": []}
    for region in exhibit.regions:
        if region.kind == "arrow":
            groups["arrows"].append(region.coverage)
        else:
            groups["asked about" if region.item_id in exhibit.asked else "other objects"].append(
                region.coverage
            )
    found, n = [], len(weights)
    covered = [0.0] * n
    for name, coverages in groups.items():
        if not coverages:
            continue
        joint = [min(1.0, sum(values)) for values in zip(*coverages, strict=True)]
        if name != "arrows":  # arrows lie over objects; the ground is what no object covers
            covered = [min(1.0, a + b) for a, b in zip(covered, joint, strict=True)]
        share = sum(w * c for w, c in zip(weights, joint, strict=True)) / total
        found.append(Ground(name, share, sum(joint) / n))
    rest = sum(w * (1 - c) for w, c in zip(weights, covered, strict=True)) / total
    return [*found, Ground("background", rest, 1 - sum(covered) / n)]


def asked_share(exhibit: Exhibit, weights: Sequence[float]) -> float | None:
    """Share of the attention on what is asked about; None where nothing is, or its place isn't known."""
    return next((each.share for each in grounding(exhibit, weights) if each.name == "asked about"), None)


def entropy(weights: Sequence[float]) -> float | None:
    """Shannon entropy (natural log) of weights normalised to sum 1: 0 for one cell, ln(cells) for an even
    spread."""
    total = sum(weights)
    if total <= 0:
        return None
    return -sum(w / total * math.log(w / total) for w in weights if w > 0)


def load_steps(database: Path, path: str, grid: int) -> list[list[list[float]]]:
    """Every step's attention, mean over heads, from the file a run with `--attention full` left: float16
    [steps, layers, heads, cells]. Empty if the file is gone or is something else: the summary is still there.
    """
    import numpy as np

    try:
        full = np.load(database.resolve().parent / path, allow_pickle=False)
    except (OSError, ValueError, EOFError):
        return []
    if full.ndim != 4 or full.shape[-1] != grid:
        return []
    return full.astype(np.float32).mean(axis=2).tolist()
