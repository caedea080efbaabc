"""The options of `relcli patch`."""

from dataclasses import dataclass
from typing import Literal

from relcli.options.data import BatchSizeOptions, CategoryOptions
from relcli.options.declaration import HOW, option
from relcli.options.experiment import InterventionOptions, RepeatedRunOptions
from relcli.options.model import DeviceOptions
from relcli.scenes.vocabulary import VARIANTS

PATCH = "What is patched"


@dataclass(frozen=True, kw_only=True)
class _What:
    source: str | None = option(
        None,
        "The variant whose states are copied.",
        flags=("--from",),
        panel=PATCH,
        empty="changed, where the run asks on it, else masked",
        choices=VARIANTS,
        others=True,
        noun="variant",
    )
    to: str = option(
        "raw",
        "The variant on which the questions are asked.",
        panel=PATCH,
        choices=VARIANTS,
        others=True,
        noun="variant",
    )
    site: Literal["residual", "attention", "mlp", "head"] = option(
        "residual",
        "Which states: the residual stream behind a layer, what its attention or its MLP adds, or single "
        "heads.",
        panel=PATCH,
    )
    at: str = option(
        "answer",
        "At which tokens, separated by commas: answer, row:target (or another row), cells:target, "
        "cells:arrow, cells:image, all.",
        panel=PATCH,
    )
    layers: str = option(
        "each", "A sweep (each, window:4), all, or numbers and ranges (0-5,12).", panel=PATCH
    )
    heads: str = option(
        "all", "With --site head: each, all, LAYER.HEAD (3.0,3.5), or random:20.", panel=PATCH
    )
    deepstack: Literal["source", "destination"] = option(
        "destination",
        "Whose features of the picture are added to patched image tokens in later layers (DeepStack).",
        panel=PATCH,
    )
    one_way: bool = option(False, "Leave out the other direction, from --to to --from.", panel=PATCH)


@dataclass(frozen=True, kw_only=True)
class _How:
    control: int = option(
        1,
        "How many times the same is copied from another scene's question of the same category and length.",
        panel=HOW,
        least=0,
    )


@dataclass(frozen=True, kw_only=True)
class PatchOptions(
    RepeatedRunOptions,
    _What,
    CategoryOptions,
    _How,
    InterventionOptions,
    BatchSizeOptions,
    DeviceOptions,
):
    """`source` is --from."""
