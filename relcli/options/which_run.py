"""How a command is told which run it is about."""

from dataclasses import dataclass

from relcli.options.declaration import option


@dataclass(frozen=True, kw_only=True)
class NamedRunOptions:
    run: str = option(help="The run's name, as relcli runs list shows it.", argument=True)


@dataclass(frozen=True, kw_only=True)
class NewestRunOptions:
    run: str | None = option(None, "The run.", empty="the newest")


@dataclass(frozen=True, kw_only=True)
class OneRunOptions:
    run: str | None = option(None, "Only what belongs to this run.")
