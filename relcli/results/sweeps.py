"""Sweeps over a run's layers: what cutting or patching each layer alone does, beside its control."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Step:
    """One layer of a sweep, or the first of a window of n_layers.

    value: what it does, with its 95% interval over scenes; control: what the matched random sets, or another
    scene's states, do; None where there are none. n: questions. holm_p: against the control, corrected for
    the steps of the sweep.
    """

    layer: int
    n_layers: int
    value: float
    low: float | None
    high: float | None
    control: float | None
    holm_p: float | None
    n: int


@dataclass(frozen=True, slots=True)
class Sweep:
    """kind: cut or patch. name: of the experiment. what: is cut from whose sight, or copied where. variant:
    the picture the questions were asked on. measure: what the values are."""

    kind: str
    name: str
    what: str
    variant: str
    measure: str
    steps: Sequence[Step]

    @property
    def key(self) -> str:
        return f"{self.kind}/{self.name}/{self.variant}"

    @property
    def strongest(self) -> Step:
        """The step that does most beyond its control."""
        return max(self.steps, key=lambda step: abs(step.value - (step.control or 0.0)))


def sweeps(cuts: Sequence[Row], patches: Sequence[Row]) -> list[Sweep]:
    """Of a run, in the order of the rows. cuts: of the read `figure_cut_layers`, patches: of
    `figure_patch_layers`. What has one layer only, or several rows a layer (a sweep over heads), is no curve
    and left out."""
    found = []
    for (name, variant), group in groupby(cuts, lambda row: (row["experiment"], row["variant"])):
        rows = list(group)
        what = f"{rows[0]['region']} from {rows[0]['from_rows']}"
        steps = _steps(rows, "mean_change", "change_low", "change_high", "control_change")
        found.append(Sweep("cut", name, what, variant, "change of the right option's log-odds", steps))
    for (name, variant), group in groupby(patches, lambda row: (row["experiment"], row["variant"])):
        rows = list(group)
        what = f"{rows[0]['site']} at {rows[0]['places']} from {rows[0]['source_variant']}"
        steps = _steps(rows, "effect", "effect_low", "effect_high", "control_effect")
        found.append(Sweep("patch", name, what, variant, "how far the answer follows (1: whole)", steps))
    return [
        each
        for each in found
        if len(each.steps) > 1 and len({step.layer for step in each.steps}) == len(each.steps)
    ]


def _steps(rows: Sequence[Row], value: str, low: str, high: str, control: str) -> list[Step]:
    return [
        Step(
            row["layer"], row["n_layers"], row[value], row[low], row[high], row[control], row["holm_p"],
            row["n"],
        )
        for row in rows
        if row[value] is not None
    ]  # fmt: skip
