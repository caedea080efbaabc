"""The options of `relcli cut`."""

from dataclasses import dataclass

from relcli.models.names import EditedRows
from relcli.options.data import BatchSizeOptions, CategoryOptions
from relcli.options.declaration import CUT, HOW, option
from relcli.options.experiment import InterventionOptions, RepeatedRunOptions, RepeatedVariantsOptions
from relcli.options.model import DeviceOptions

OF_A_QUESTION = ("target", "distractor", "arrow", "removed")
"""Regions that depend on what is asked."""
REGIONS = (*OF_A_QUESTION, "sink", "random", "image", "text")


@dataclass(frozen=True, kw_only=True)
class _What:
    region: str = option(
        help="What is no longer seen: the cells of the objects asked about, of all others, of the arrow, of "
        "the object that the masked twin lacks; sinks; random cells; the whole picture; the text.",
        panel=CUT,
        choices=REGIONS,
        noun="region",
    )
    source: EditedRows = option(
        "answer",
        "Who no longer sees it: the answer's tokens, all tokens behind the picture, the picture's own, or "
        "all. A token never loses itself.",
        flags=("--from",),
        panel=CUT,
    )
    layers: str = option("all", "all, numbers and ranges (0-5,12), or a sweep: each, window:4.", panel=CUT)
    heads: str = option(
        "all",
        "all, LAYER.HEAD (3.0,3.5), random:20, or top:20@head_grounding (top:10% too), chosen on the other "
        "half of the scenes.",
        panel=CUT,
    )
    match: str | None = option(
        None, "With --region random: the region whose size and place it takes.", panel=CUT
    )


@dataclass(frozen=True, kw_only=True)
class _How:
    control: int | None = option(
        None,
        "How many matched random sets are cut beside it: as many cells, alike in distance from the middle, "
        "touching no object asked about.",
        panel=HOW,
        empty="5 where the region can be matched",
        least=0,
    )


@dataclass(frozen=True, kw_only=True)
class CutOptions(
    RepeatedRunOptions,
    _What,
    CategoryOptions,
    RepeatedVariantsOptions,
    _How,
    InterventionOptions,
    BatchSizeOptions,
    DeviceOptions,
):
    """`match` is the region that `--region random` stands for; `source` is --from."""
