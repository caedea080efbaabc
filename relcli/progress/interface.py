"""What a job may say about its progress."""

from collections.abc import Mapping
from typing import Any, Protocol


class Progress(Protocol):
    """`start` may be called again for the next phase; `finish` is a job's last call, `close` the caller's.

    watch_stdin: a program follows the job and holds its standard input; when that closes, the job stops.
    """

    watch_stdin: bool

    def start(self, total: int | None, unit: str, description: str) -> None:
        """Begin a phase of `total` units (None: unknown)."""
        ...

    def advance(self, n: int = 1) -> None:
        """`n` more units of the phase are done."""
        ...

    def run_started(self, run: str) -> None:
        """The run has a row in the warehouse: it may be looked at while it grows."""
        ...

    def note(self, message: str) -> None:
        """A sentence for whoever watches."""
        ...

    def metric(self, **values: float | str) -> None:
        """The latest value of each figure."""
        ...

    def finish(self, summary: Mapping[str, Any] | None = None) -> None:
        """The job is done."""
        ...

    def failed(self, message: str, exit_code: int) -> None:
        """The job ends with an error, which standard error says too."""
        ...

    def close(self) -> None:
        """Give the terminal back, however the job ended."""
        ...


class NullProgress:
    """Says nothing. Displays derive from it and say what they have a place for."""

    watch_stdin = False

    def start(self, total: int | None, unit: str, description: str) -> None: ...

    def advance(self, n: int = 1) -> None: ...

    def run_started(self, run: str) -> None: ...

    def note(self, message: str) -> None: ...

    def metric(self, **values: float | str) -> None: ...

    def finish(self, summary: Mapping[str, Any] | None = None) -> None: ...

    def failed(self, message: str, exit_code: int) -> None: ...

    def close(self) -> None: ...
