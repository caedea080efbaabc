"""The options of `relcli config`."""

from dataclasses import dataclass

from relcli.options.declaration import option


@dataclass(frozen=True, kw_only=True)
class ConfigOptions:
    command: tuple[str, ...] = option(
        (),
        "Only this command's, such as run or db status.",
        argument=True,
        several="each",
        metavar="COMMAND",
        empty="all",
    )
    changed: bool = option(False, "Only those that the environment or the settings file sets.")
