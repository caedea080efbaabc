"""What someone asks of `relcli cut`, and its lists of layers and heads."""

from collections.abc import Callable
from typing import NamedTuple

from relcli.errors import UsageError
from relcli.jobs.experiment_steps import (
    HalvedHeads,
    HeadRanking,
    check_experiment_name,
    chosen_heads,
    experiment_name,
    heads_in,
    layer_windows,
)
from relcli.models.edits import Heads
from relcli.options.cut import OF_A_QUESTION, CutOptions
from relcli.options.reading import Request, validated

_UNMATCHED = ("image", "text")

class Step(NamedTuple):
    """One cut of a sweep: what is added to the name (`/L05`; nothing where all is one cut), its layers (None:
    all) and its heads (None: all of these layers)."""

    suffix: str
    layers: tuple[int, ...] | None
    heads: Heads | HalvedHeads | None


@validated(frozen=True)
class CutRequest(Request, CutOptions):
    """The options of `relcli cut`, validated.

    variants: None takes the run's. control: None draws 5 where the region has a matched control.
    Raises UsageError for values that no run could have.
    """

    def __post_init__(self) -> None:
        matchable = (*OF_A_QUESTION, "sink")
        if self.region == "random" and self.match not in matchable:
            raise UsageError(
                "--region random needs --match with the region whose size and place it takes: "
                f"{', '.join(matchable)}."
            )
        if self.region != "random" and self.match is not None:
            raise UsageError("--match belongs to --region random only: leave it out.")
        check_experiment_name(self.name)
        if self.variants is not None and not self.variants:
            raise UsageError("No variant is named: give --variants some, or leave it out.")

    @property
    def cells_of(self) -> str:
        """The region whose cells are cut, or matched."""
        return self.match if self.region == "random" and self.match else self.region

    @property
    def experiment(self) -> str:
        """The name, made from the rest unless one was given."""
        if self.name:
            return self.name
        parts = [self.region, *([self.match] if self.match else []), self.source]
        parts += [f"layers-{self.layers}"] * (self.layers != "all")
        parts += [f"heads-{self.heads}"] * (self.heads != "all") + [f"seed-{self.seed}"] * (self.seed != 0)
        return experiment_name(parts)


def steps(
    request: CutRequest,
    n_layers: int,
    n_heads: int,
    ranking: Callable[[], HeadRanking] | None = None,
) -> list[Step]:
    """The cuts that --layers and --heads ask for in a model of so many layers and heads a layer.

    Raises UsageError for what can't be read or lies out of range.
    """
    windows = layer_windows(request.layers, n_layers)
    within = sorted({layer for _, layers in windows for layer in layers or range(n_layers)})
    heads = chosen_heads(request.heads, n_layers, n_heads, within, request.seed, ranking)
    found = []
    for suffix, layers in windows:
        mine = heads_in(heads, layers)
        if mine is None or any(mine):
            found.append(Step(suffix, layers, mine))
    return found


def control_draws(request: CutRequest, by_heads: bool) -> tuple[int, str | None]:
    """How many matched random sets are drawn, and a sentence where there is none.

    by_heads: chosen heads are cut, so that as many others can stand in where cells can't.
    Raises UsageError where some were asked for that can't be.
    """
    if request.region == "random":
        why = "a cut of random cells is a control itself"
    elif request.region in _UNMATCHED and not by_heads:
        why = f"nothing of the size of the region {request.region} is left to match it"
    else:
        return (5 if request.control is None else request.control), None
    if request.control:
        raise UsageError(f"There is no matched control: {why}; leave out --control.")
    return 0, f"Without control, for {why}."
