"""What relcli raises on purpose. The message is one sentence: what, where, and what to do."""


class RelcliError(Exception):
    """Something a person can act on. The command line prints the message and exits with `exit_code`."""

    exit_code = 1

    @property
    def message(self) -> str:
        return str(self)


class UsageError(RelcliError):
    """A bad option value, an unknown category, settings that contradict each other."""

    exit_code = 2


class WarehouseError(RelcliError):
    """The DuckDB file is locked, of a newer version, not a DuckDB file, or can't be written."""

    exit_code = 3


class InterruptedRun(RelcliError):
    """Ctrl-C or a closed pipe. What was finished is kept, and `--resume` continues from there."""

    exit_code = 130
