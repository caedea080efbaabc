"""The options that cut, patch and steer share: a run's questions are asked again with something changed."""

from dataclasses import dataclass

from relcli.options.declaration import HOW, option


@dataclass(frozen=True, kw_only=True)
class RepeatedRunOptions:
    run: str = option(help="The run whose questions are repeated.")


@dataclass(frozen=True, kw_only=True)
class RepeatedVariantsOptions:
    variants: tuple[str, ...] | None = option(None, "Pictures to ask on.", panel=HOW, empty="the run's")


@dataclass(frozen=True, kw_only=True)
class InterventionOptions:
    """The intervention's seed and name."""

    seed: int = option(0, "Of what is drawn at random.", panel=HOW, least=0)
    name: str | None = option(None, "The intervention's name.", panel=HOW, empty="made from the rest")
