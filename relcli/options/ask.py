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
