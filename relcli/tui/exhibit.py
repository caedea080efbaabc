"""One question as screen 4 shows it: pictures, answers, attention, and what lies under the attention."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from relcli.drawing.boxes import Box
from relcli.inputs import MIB, read_bytes
from relcli.scenes.vocabulary import LETTERS, VARIANTS
from relcli.tui.widgets.picture import Heat

VECTORS = {"mean_heads": "mean", "max_heads": "maximum", "first_step": "first step", "last_step": "last step"}
"""Columns of table `attention` and what they are called here; mean and maximum are over heads and steps."""
_MOST_FULL = 512 * MIB


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


@dataclass(frozen=True, slots=True)
class Places:
    """What lies where in one picture, as the view `question_region` has it: the share each thing covers of
    each cell (None where there is none of it), the frames of the objects asked about, and their mean centre
    in pixels of the 224-pixel picture."""

    entity: Sequence[float] | None = None
    distractor: Sequence[float] | None = None
    arrow: Sequence[float] | None = None
    masked_place: Sequence[float] | None = None
    box: Sequence[float] | None = None
    centre: tuple[float, float] | None = None


@dataclass(slots=True)
class Maps:
    """Attention of one answer. layers: one mapping a layer with the vectors of `VECTORS`, their entropies and
    `image_mass`; steps: where every step was kept, [step][layer] vectors, means over heads."""

    height: int
    width: int
    layers: list[Mapping[str, Any]]
    steps: list[list[list[float]]] = field(default_factory=list)

    @property
    def choices(self) -> list[tuple[str, int | None, str]]:
        """(vector, step, words) of all that can be looked at."""
        kept = [name for name in VECTORS if any(layer.get(name) is not None for layer in self.layers)]
        n = len(self.steps)
        steps = (("mean_heads", step, f"step {step + 1} of {n}") for step in range(n))
        return [*((name, None, VECTORS[name]) for name in kept), *steps]

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
    """A question with everything about it. `run` is None for a question somebody typed.

    twin: what differs in the masked picture. frames: the objects asked about, in pixels, by variant.
    sinks: by variant and layer, the share of the attention on cells that soak it up whatever is asked.
    """

    run: str | None
    scene_id: int
    question_index: int
    category: str
    stem: str
    text: str
    options: list[str]
    flaws: list[str] = field(default_factory=list)
    answers: dict[str, Answered] = field(default_factory=dict)
    pictures: dict[str, bytes | None] = field(default_factory=dict)
    twin: str = ""
    maps: dict[str, Maps] = field(default_factory=dict)
    frames: dict[str, list[Box]] = field(default_factory=dict)
    places: dict[str, Places] = field(default_factory=dict)
    sinks: dict[tuple[str, int], float] = field(default_factory=dict)

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


def grounding(places: Places | None, weights: Sequence[float]) -> list[Ground]:
    """The attention on what is asked about, on other objects, on the arrow, on the place of what the masked
    picture lacks, and on no object at all: sum(attention * coverage) / sum(attention), as in the view
    `attention_grounding`, for whatever map is looked at. Empty without geometry.
    """
    total, n = sum(weights), len(weights)
    if places is None or total <= 0:
        return []
    named = {
        "asked about": places.entity,
        "other objects": places.distractor,
        "arrow": places.arrow,
        "masked place": places.masked_place,
    }
    known = {name: cells for name, cells in named.items() if cells is not None and len(cells) == n}
    if not known:
        return []
    objects = [known[name] for name in ("asked about", "other objects") if name in known]
    known["background"] = (
        [max(0.0, 1 - sum(cell)) for cell in zip(*objects, strict=True)] if objects else [1.0] * n
    )
    return [
        Ground(name, sum(w * c for w, c in zip(weights, cells, strict=True)) / total, sum(cells) / n)
        for name, cells in known.items()
    ]


def asked_share(places: Places | None, weights: Sequence[float]) -> float | None:
    """Share of the attention on what is asked about; None where nothing is, or its place isn't known."""
    total = sum(weights)
    if places is None or places.entity is None or len(places.entity) != len(weights) or total <= 0:
        return None
    return sum(w * c for w, c in zip(weights, places.entity, strict=True)) / total


def pointing_hit(places: Places | None, weights: Sequence[float]) -> bool | None:
    """Whether the cell with the most attention touches an object asked about."""
    if places is None or places.entity is None or len(places.entity) != len(weights) or sum(weights) <= 0:
        return None
    return places.entity[max(range(len(weights)), key=weights.__getitem__)] > 0


def overlap(places: Places | None, weights: Sequence[float]) -> float | None:
    """Intersection over union of the top cells and the boxes asked about; as many top cells as the boxes
    fill."""
    if places is None or places.box is None or len(places.box) != len(weights) or sum(weights) <= 0:
        return None
    n_top = max(1, round(sum(places.box)))
    least = sorted(weights, reverse=True)[n_top - 1]
    top = [float(weight >= least and weight > 0) for weight in weights]
    both = sum(a * b for a, b in zip(top, places.box, strict=True))
    return both / (sum(top) + sum(places.box) - both)


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

    from relcli.npy import NotAnArray, array_of

    # The path comes from the warehouse, which may come from somebody else: it leads nowhere but down.
    if Path(path).is_absolute() or ".." in Path(path).parts or not path.endswith(".npy"):
        return []
    try:
        full = array_of(read_bytes(database.resolve().parent / path, _MOST_FULL))
    except (OSError, NotAnArray):
        return []
    if full.ndim != 4 or full.dtype.kind != "f" or full.shape[-1] != grid or not full.size:
        return []
    return full.astype(np.float32).mean(axis=2).tolist()
