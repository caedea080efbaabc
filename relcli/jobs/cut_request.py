"""What someone asks of `relcli cut`, and its lists of layers and heads."""

import random
import re
from collections.abc import Sequence
from typing import NamedTuple

from relcli.errors import UsageError
from relcli.options.cut import OF_A_QUESTION, CutOptions
from relcli.options.reading import Request, validated
from relcli.warehouse.names import check_name, make_name

_UNMATCHED = ("image", "text")
Heads = tuple[tuple[int, int], ...]


class Step(NamedTuple):
    """One cut of a sweep: what is added to the name (`/L05`; nothing where all is one cut), its layers (None:
    all) and its heads (None: all of these layers)."""

    suffix: str
    layers: tuple[int, ...] | None
    heads: Heads | None


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
        if self.name is not None:
            check_name(self.name, "intervention")
            if len(self.name) > 80:
                raise UsageError("--name of an intervention has at most 80 characters: shorten it.")
            if self.name == "none":
                raise UsageError("Plain answers are called none already: choose another --name.")
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
        return make_name("-".join(parts))[:80]


def steps(request: CutRequest, n_layers: int, n_heads: int) -> list[Step]:
    """The cuts that --layers and --heads ask for in a model of so many layers and heads a layer.

    Raises UsageError for what can't be read or lies out of range.
    """
    windows = _windows(request.layers, n_layers)
    within = sorted({layer for _, layers in windows for layer in layers or range(n_layers)})
    heads = _heads(request.heads, n_layers, n_heads, within, request.seed)
    found = []
    for suffix, layers in windows:
        mine = heads
        if heads is not None and layers is not None:
            mine = tuple(pair for pair in heads if pair[0] in layers)
        if mine is None or mine:
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


def _windows(text: str, n_layers: int) -> list[tuple[str, tuple[int, ...] | None]]:
    digits = len(str(n_layers - 1)) if n_layers > 10 else 2
    if text == "all":
        return [("", None)]
    if text == "each":
        return [(f"/L{layer:0{digits}d}", (layer,)) for layer in range(n_layers)]
    if window := re.fullmatch(r"window:(\d{1,6})", text):
        size = int(window[1])
        if not 1 <= size <= n_layers:
            raise UsageError(f"--layers window:{size} does not fit the model's {n_layers} layers.")
        return [
            (f"/L{first:0{digits}d}-{first + size - 1:0{digits}d}", tuple(range(first, first + size)))
            for first in range(n_layers - size + 1)
        ]
    layers: set[int] = set()
    for part in text.split(","):
        found = re.fullmatch(r"\s*(\d{1,6})(?:-(\d{1,6}))?\s*", part)
        if not found or int(found[2] or found[1]) < int(found[1]):
            raise UsageError(
                f"--layers takes numbers and ranges such as 0-5,12, or all, each, window:4; not {text!r}."
            )
        first, last = int(found[1]), int(found[2] or found[1])
        if last >= n_layers:
            raise UsageError(
                f"There is no layer {last}: the model's {n_layers} are numbered from 0 to {n_layers - 1}."
            )
        layers |= set(range(first, last + 1))
    return [("", tuple(sorted(layers)))]


def _heads(text: str, n_layers: int, n_heads: int, within: Sequence[int], seed: int) -> Heads | None:
    if text == "all":
        return None
    if text.startswith("top:"):
        raise UsageError("--heads top:K needs a ranking of heads, which this relcli does not have yet.")
    every = [(layer, head) for layer in within for head in range(n_heads)]
    if drawn := re.fullmatch(r"random:(\d{1,6})", text):
        number = int(drawn[1])
        if not 1 <= number <= len(every):
            raise UsageError(
                f"--heads random:{number} can't be drawn: the chosen layers have {len(every)} heads."
            )
        return tuple(sorted(random.Random(f"heads|{seed}").sample(every, number)))
    heads: set[tuple[int, int]] = set()
    for part in text.split(","):
        found = re.fullmatch(r"\s*(\d{1,6})\.(\d{1,6})\s*", part)
        if not found:
            raise UsageError(f"--heads takes LAYER.HEAD such as 3.0,3.5, or all, random:20; not {text!r}.")
        layer, head = int(found[1]), int(found[2])
        if layer >= n_layers or head >= n_heads:
            raise UsageError(
                f"There is no head {layer}.{head}: the model's {n_layers} layers have {n_heads} heads each, "
                "both numbered from 0."
            )
        if layer not in within:
            raise UsageError(f"The head {layer}.{head} lies in a layer that --layers leaves out.")
        heads.add((layer, head))
    return tuple(sorted(heads))
