"""Where attention lies: what share of one map falls on things, given how much of each cell they cover.

The same figures as the views `attention_grounding` and `attention_grounding_by_question` give, for any map:
of a layer, of the mean over layers, or of one step.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Coverage:
    """What lies where in one picture, as the view `question_region` has it: the share each thing covers of
    each cell (None where there is none of it), the frames of the objects asked about, and their mean centre
    in pixels of the picture. placed: which image tokens stand somewhere on it; None: all."""

    entity: Sequence[float] | None = None
    distractor: Sequence[float] | None = None
    arrow: Sequence[float] | None = None
    masked_place: Sequence[float] | None = None
    box: Sequence[float] | None = None
    centre: tuple[float, float] | None = None
    placed: Sequence[bool] | None = None


@dataclass(frozen=True, slots=True)
class GroundShare:
    """Where attention lies. share: of the attention; area: of the picture; both 0 to 1."""

    name: str
    share: float
    area: float

    @property
    def times(self) -> float | None:
        """How much more than an even spread would give."""
        return self.share / self.area if self.area > 0 else None


def grounding(coverage: Coverage | None, weights: Sequence[float]) -> list[GroundShare]:
    """The attention on what is asked about, on other objects, on the arrow, on the place of what the masked
    picture lacks, and on no object at all: sum(attention * coverage) / sum(attention), as in the view
    `attention_grounding`, for whatever map is looked at. Empty without geometry.
    """
    weights = _on_places(coverage, weights)
    total, n = sum(weights), len(weights)
    if coverage is None or total <= 0:
        return []
    n_placed = n if coverage.placed is None else sum(coverage.placed)
    named = {
        "asked about": coverage.entity,
        "other objects": coverage.distractor,
        "arrow": coverage.arrow,
        "masked place": coverage.masked_place,
    }
    known = {name: cells for name, cells in named.items() if cells is not None and len(cells) == n}
    if not known:
        return []
    objects = [known[name] for name in ("asked about", "other objects") if name in known]
    known["background"] = (
        [max(0.0, 1 - sum(cell)) for cell in zip(*objects, strict=True)] if objects else [1.0] * n
    )
    if coverage.placed is not None:
        known["background"] = [c * p for c, p in zip(known["background"], coverage.placed, strict=True)]
    return [
        GroundShare(
            name, sum(w * c for w, c in zip(weights, cells, strict=True)) / total, sum(cells) / n_placed
        )
        for name, cells in known.items()
    ]


def entity_share(coverage: Coverage | None, weights: Sequence[float]) -> float | None:
    """Share of the attention on what is asked about; None where nothing is, or its place isn't known."""
    weights = _on_places(coverage, weights)
    total = sum(weights)
    if coverage is None or coverage.entity is None or len(coverage.entity) != len(weights):
        return None
    if total <= 0:
        return None
    return sum(w * c for w, c in zip(weights, coverage.entity, strict=True)) / total


def pointing_hit(coverage: Coverage | None, weights: Sequence[float]) -> bool | None:
    """Whether the cell with the most attention touches an object asked about."""
    weights = _on_places(coverage, weights)
    if coverage is None or coverage.entity is None or len(coverage.entity) != len(weights):
        return None
    if sum(weights) <= 0:
        return None
    return coverage.entity[max(range(len(weights)), key=weights.__getitem__)] > 0


def iou(coverage: Coverage | None, weights: Sequence[float]) -> float | None:
    """Intersection over union of the top cells and the boxes asked about; as many top cells as the boxes
    fill."""
    weights = _on_places(coverage, weights)
    if coverage is None or coverage.box is None or len(coverage.box) != len(weights):
        return None
    if sum(weights) <= 0:
        return None
    n_top = max(1, round(sum(coverage.box)))
    least = sorted(weights, reverse=True)[n_top - 1]
    top = [float(weight >= least and weight > 0) for weight in weights]
    both = sum(a * b for a, b in zip(top, coverage.box, strict=True))
    return both / (sum(top) + sum(coverage.box) - both)


def _on_places(coverage: Coverage | None, weights: Sequence[float]) -> Sequence[float]:
    """The weights without those of image tokens that stand nowhere on the picture."""
    if coverage is None or coverage.placed is None or len(coverage.placed) != len(weights):
        return weights
    return [weight if placed else 0.0 for weight, placed in zip(weights, coverage.placed, strict=True)]


def entropy(weights: Sequence[float]) -> float | None:
    """Shannon entropy (natural log) of weights normalised to sum 1: 0 for one cell, ln(cells) for an even
    spread."""
    total = sum(weights)
    if total <= 0:
        return None
    return -sum(w / total * math.log(w / total) for w in weights if w > 0)
