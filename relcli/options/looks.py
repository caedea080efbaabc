"""The options of `relcli looks`."""

from dataclasses import dataclass

from relcli.options.data import CategoryOptions, answered_variant
from relcli.options.declaration import option


@dataclass(frozen=True, kw_only=True)
class _What:
    run: str = option(help="The run whose attention is read.")
    variant: str = answered_variant()


@dataclass(frozen=True, kw_only=True)
class _How:
    seed: int = option(0, "Which scenes make up the halves.", least=0)


@dataclass(frozen=True, kw_only=True)
class LooksOptions(_What, CategoryOptions, _How):
    """The corrections are over all categories, whichever are shown."""
