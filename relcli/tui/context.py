"""What screens and widgets may ask of the application, without knowing it."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Protocol, cast

from textual.message_pump import MessagePump
from textual.signal import Signal

from relcli.tui.background.model_worker import ModelWorker
from relcli.tui.background.processes import Job, JobRunner
from relcli.tui.frame.selection import Selection
from relcli.tui.frame.settings import TuiSettings
from relcli.tui.frame.store import Store


class Context(Protocol):
    """store: the warehouse; selection: what is open; settings: what is remembered; jobs: child processes,
    whose every change `jobs_changed` publishes; model: the resident model, likewise with `model_changed`, in
    words."""

    store: Store
    selection: Selection
    settings: TuiSettings
    jobs: JobRunner
    jobs_changed: Signal[Job]
    model: ModelWorker
    model_changed: Signal[str]

    @property
    def database(self) -> Path:
        """The warehouse's file, which need not exist yet."""
        ...

    def go(self, name: str) -> None:
        """Change to a screen; `esc` comes back from it."""
        ...

    def start_job(
        self, title: str, arguments: list[str], on_end: Callable[[Job], None] | None = None
    ) -> Job:
        """Start `relcli ARGUMENTS` on this warehouse; `on_end` hears when it is over."""
        ...

    def start_work(
        self,
        title: str,
        arguments: list[str],
        work: Callable[[Job], Awaitable[None]],
        on_end: Callable[[Job], None] | None = None,
    ) -> Job:
        """Start a job that `work` does in this process, such as waiting for the resident model; `arguments`
        are what a person would type for it."""
        ...

    def cancel(self, job: Job) -> None:
        """Cancel a job, once somebody has said that it is meant."""
        ...

    def open_answer(self, job: Job) -> None:
        """Show what a job's own question was answered."""
        ...

    def open_sql(self, sql: str) -> None:
        """Put a statement into the editor of the SQL screen, and go there."""
        ...

    def keep_settings(self) -> None:
        """Write the settings now."""
        ...


def context_of(part: MessagePump) -> Context:
    """The application around a screen or widget that is mounted."""
    return cast("Context", part.app)
