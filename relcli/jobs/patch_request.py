"""What someone asks of `relcli patch`."""

from collections.abc import Sequence
from typing import NamedTuple

from relcli.captures import QUERY_ROWS
from relcli.errors import UsageError
from relcli.jobs.experiment_steps import (
    check_experiment_name,
    chosen_heads,
    experiment_name,
    heads_in,
    layer_windows,
)
from relcli.models.edits import Heads
from relcli.options.patch import PatchOptions
from relcli.options.reading import Request, validated

CELLS = ("target", "arrow", "distractor", "removed", "image")


class At(NamedTuple):
    """Tokens: the answer's, those of a row, the cells of regions, or all."""

    answer: bool
    row: str | None
    regions: tuple[str, ...]
    everything: bool


class PatchStep(NamedTuple):
    """One patch of a sweep: what is added to the name, its layers (None: all) and heads (None: all)."""

    suffix: str
    layers: tuple[int, ...] | None
    heads: Heads | None


@validated(frozen=True)
class PatchRequest(Request, PatchOptions):
    """The options of `relcli patch`, validated.

    source: None takes the changed twin, where the run asks on it, else the masked one.
    Raises UsageError for values that no run could have.
    """

    def __post_init__(self) -> None:
        check_experiment_name(self.name)
        if self.source == self.to:
            raise UsageError(f"--from and --to are both {self.to}: states are copied between two variants.")
        if self.heads != "all" and self.site != "head":
            raise UsageError("--heads belongs to --site head: leave it out.")
        self.places  # noqa: B018

    @property
    def variants(self) -> tuple[str, ...] | None:
        return None if self.source is None else (self.source, self.to)

    @property
    def places(self) -> At:
        """What --at says. Raises UsageError for what can't be read."""
        parts = [part.strip() for part in self.at.split(",")]
        rows = [part.removeprefix("row:") for part in parts if part.startswith("row:")]
        regions = [part.removeprefix("cells:") for part in parts if part.startswith("cells:")]
        known = {"answer", "all", *(f"row:{row}" for row in QUERY_ROWS[1:]), *(f"cells:{r}" for r in CELLS)}
        if unknown := [part for part in parts if part not in known]:
            takes = ", ".join(sorted(known))
            raise UsageError(f"--at takes {takes}, separated by commas; not {unknown[0]!r}.")
        if len(rows) > 1:
            raise UsageError("--at takes one row: patch the other one under another --name.")
        return At("answer" in parts, rows[0] if rows else None, tuple(regions), "all" in parts)

    @property
    def experiment(self) -> str:
        """The name, made from the rest unless one was given."""
        if self.name:
            return self.name
        parts = ["patch", self.source or "", self.to, self.site, self.at.replace(":", "-")]
        parts += [f"layers-{self.layers}"] * (self.layers != "each")
        parts += [f"heads-{self.heads}"] * (self.heads != "all") + [f"seed-{self.seed}"] * (self.seed != 0)
        parts += ["deepstack-source"] * (self.deepstack == "source")
        return experiment_name(parts)


def patch_steps(request: PatchRequest, n_layers: int, n_heads: int) -> list[PatchStep]:
    """The patches that --layers and --heads ask for. Raises UsageError for what lies out of range."""
    windows = layer_windows(request.layers, n_layers)
    if request.heads == "each":
        return [
            PatchStep(f"/L{layer:02d}.H{head:02d}", (layer,), ((layer, head),))
            for layer in _within(windows, n_layers)
            for head in range(n_heads)
        ]
    within = _within(windows, n_layers)
    heads = chosen_heads(request.heads, n_layers, n_heads, within, request.seed)
    found = []
    for suffix, layers in windows:
        mine = heads_in(heads, layers)
        if mine is None or mine:
            found.append(PatchStep(suffix, layers, None if mine is None else tuple(mine)))  # type: ignore[arg-type]
    return found


def _within(windows: Sequence[tuple[str, tuple[int, ...] | None]], n_layers: int) -> list[int]:
    return sorted({layer for _, layers in windows for layer in layers or range(n_layers)})
