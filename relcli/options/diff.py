"""The options of `relcli diff`."""

from dataclasses import dataclass

from relcli.options.data import CategoryOptions, answered_variant
from relcli.options.declaration import option
from relcli.scenes.vocabulary import VARIANTS


@dataclass(frozen=True, kw_only=True)
class _Sides:
    run_a: str = option(help="The run compared with.", argument=True)
    run_b: str | None = option(None, "The run compared.", argument=True, empty="RUN_A, raw and masked")
    variant: str = answered_variant()
    variant_b: str | None = option(
        None,
        "Another kind of picture for RUN_B.",
        empty="the same",
        choices=VARIANTS,
        others=True,
        noun="variant",
    )
    flips: bool = option(False, "List the questions that only one of them has right.")


@dataclass(frozen=True, kw_only=True)
class _Interval:
    samples: int | None = option(
        None,
        "Intervals by bootstrap over scenes, with so many samples.",
        empty="no bootstrap",
        least=100,
        most=10_000_000,
    )
    seed: int = option(0, "The bootstrap's seed.", least=0)


@dataclass(frozen=True, kw_only=True)
class DiffOptions(_Sides, CategoryOptions, _Interval):
    """The corrections are over all categories both runs have, whichever are shown."""
