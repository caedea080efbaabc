"""The options of `relcli steer`."""

from dataclasses import dataclass

from relcli.models.names import EditedRows
from relcli.options.data import BatchSizeOptions, CategoryOptions
from relcli.options.declaration import HOW, option
from relcli.options.experiment import InterventionOptions, RepeatedRunOptions, RepeatedVariantsOptions
from relcli.options.model import DeviceOptions

STEER = "What is steered"
MOST_STRENGTH = 1000.0
TOWARDS = ("target", "distractor", "arrow", "removed")


@dataclass(frozen=True, kw_only=True)
class _What:
    heads: str = option(
        help="Heads that are steered: LAYER.HEAD (3.0,3.5), all, random:20, or top:20@head_grounding "
        "(top:10% too), chosen on the other half of the scenes.",
        panel=STEER,
    )
    to: str = option(
        "target",
        "Where their attention is drawn: to the objects asked about, to all others, to the arrow, to the "
        "place of the object that the masked twin lacks.",
        panel=STEER,
        choices=TOWARDS,
        noun="region",
    )
    strength: float = option(
        3.0,
        "What is added to the scores of these cells before the softmax; it multiplies weights by its "
        "exponential.",
        panel=STEER,
        least=-MOST_STRENGTH,
        most=MOST_STRENGTH,
    )
    source: EditedRows = option(
        "question",
        "Whose attention is drawn: the answer's tokens, all tokens behind the picture, the picture's own, or "
        "all.",
        flags=("--from",),
        panel=STEER,
    )


@dataclass(frozen=True, kw_only=True)
class _How:
    control: int | None = option(
        None,
        "How many random sets of heads are steered beside it, as many in the same layers; of all heads, "
        "towards as many random cells.",
        panel=HOW,
        empty="3",
        least=0,
    )


@dataclass(frozen=True, kw_only=True)
class SteerOptions(
    RepeatedRunOptions,
    _What,
    CategoryOptions,
    RepeatedVariantsOptions,
    _How,
    InterventionOptions,
    BatchSizeOptions,
    DeviceOptions,
):
    """`source` is --from."""
