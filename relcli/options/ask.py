"""The options of `relcli ask`."""

from dataclasses import dataclass
from pathlib import Path

from relcli.options.declaration import option
from relcli.options.model import ModelOptions


@dataclass(frozen=True, kw_only=True)
class _What:
    question: str = option(
        help="What to ask, in your own words or with lettered options.", argument=True
    )
    image: Path = option(help="The picture, a PNG or JPEG file.")
    options: tuple[str, ...] = option(
        (), "An answer to offer; give it at least twice.", key="option", several="each", empty="none"
    )
    as_typed: bool = option(False, "Send the bare words, without the study's form.")


@dataclass(frozen=True, kw_only=True)
class AskOptions(_What, ModelOptions):
    """An option is taken as it is: it may have a comma."""


@dataclass(frozen=True, kw_only=True)
class ShownOptions:
    """What the terminal shows of an answer."""

    layer: int | None = option(None, "The heat map of this layer.", empty="the mean of all")
    width: int = option(48, "Columns of the picture in the terminal.", least=8, most=200)
