"""Windows about jobs: the list of them, and the question before they are stopped."""

import shlex
from collections.abc import Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.widgets import Button, OptionList
from textual.widgets.option_list import Option

from relcli.tui.background.processes import Job
from relcli.tui.background.status_bar import job_line
from relcli.tui.context import context_of
from relcli.tui.frame.keys import bind
from relcli.tui.widgets.cells import tones
from relcli.tui.widgets.dialog import Dialog
from relcli.tui.widgets.safe_static import SafeStatic
from relcli.tui.widgets.safe_text import Text


class QuitDialog(Dialog):
    """Asked when a job runs. True: stop the jobs and quit; also when the last one ends meanwhile, since
    quitting was what somebody wanted."""

    BINDINGS: ClassVar[list[BindingType]] = [
        bind("yes", "answer(True)"),
        bind("no", "answer(False)"),
    ]

    def __init__(self, jobs: Sequence[Job]) -> None:
        super().__init__()
        self._jobs = jobs

    def compose(self) -> ComposeResult:
        running = "A job runs" if len(self._jobs) == 1 else f"{len(self._jobs)} jobs run"
        with Vertical(classes="window") as window:
            window.border_title = "Quit?"
            yield SafeStatic(f"{running}: {', '.join(job.title for job in self._jobs)}.", markup=False)
            yield SafeStatic("Quitting stops it. What is finished is kept, and --resume resumes a run.")
            with Horizontal(classes="buttons"):
                yield Button("Stop it and quit (y)", id="yes", variant="error", compact=True)
                yield Button("Stay (n)", id="no", variant="primary", compact=True)

    def on_mount(self) -> None:
        self.query_one("#no").focus()
        context_of(self).jobs_changed.subscribe(self, lambda _: self._leave_if_over())

    def on_screen_resume(self) -> None:
        self._leave_if_over()  # the job may have ended before anybody listened

    def _leave_if_over(self) -> None:
        if self.is_current and not context_of(self).jobs.active:
            self.dismiss(True)

    def on_button_pressed(self, event: Button.Pressed) -> None:
        self.dismiss(event.button.id == "yes")

    def action_answer(self, yes: bool) -> None:
        self.dismiss(yes)


class JobsDialog(Dialog):
    """All jobs of this session; the chosen one's notes and last lines; cancels it. Dismisses with a job whose
    answer is to be looked at."""

    BINDINGS: ClassVar[list[BindingType]] = [
        bind("cancel", "cancel", show=True),
        bind("jobs", "dismiss_none", "Close"),
    ]
    DEFAULT_CSS = """
    JobsDialog > .window { width: 110; height: 80%; }
    JobsDialog OptionList { max-height: 40%; }
    JobsDialog #detail { height: 1fr; border-top: solid $panel; }
    """

    def compose(self) -> ComposeResult:
        with Vertical(classes="window") as window:
            window.border_title = "Jobs"
            yield OptionList()
            with VerticalScroll(id="detail"):
                yield SafeStatic(id="lines")
            with Horizontal(classes="buttons"):
                yield Button("Cancel job (ctrl+x)", id="cancel", variant="warning", compact=True)
                yield Button("Close (esc)", id="close", compact=True)

    @property
    def _jobs(self) -> list[Job]:
        return list(reversed(context_of(self).jobs.jobs))

    def on_mount(self) -> None:
        context_of(self).jobs_changed.subscribe(self, lambda _: self._show())
        self._show()
        self.query_one(OptionList).focus()

    def _show(self) -> None:
        tone, options, jobs = tones(self.app.theme_variables), self.query_one(OptionList), self._jobs
        at = options.highlighted or 0
        width = max(30, self.size.width - 20)
        self.query_one("#cancel", Button).disabled = not any(job.active for job in jobs)
        if not jobs:
            options.set_options([Option("Nothing was started here yet.", disabled=True)])
            return
        options.set_options(Option(job_line(job, tone, min(100, width))) for job in jobs)
        options.highlighted = min(at, len(jobs) - 1)
        self._detail(jobs[options.highlighted])

    @on(OptionList.OptionHighlighted)
    def _chosen(self, event: OptionList.OptionHighlighted) -> None:
        if event.option_index < len(self._jobs):
            self._detail(self._jobs[event.option_index])

    @on(OptionList.OptionSelected)
    def _open(self, event: OptionList.OptionSelected) -> None:
        if event.option_index < len(self._jobs) and self._jobs[event.option_index].answer is not None:
            self.dismiss(self._jobs[event.option_index])

    def _detail(self, job: Job) -> None:
        job.seen = job.seen or not job.active
        text = Text()
        if job.answer is not None:
            text.append("enter shows the answer\n", style="bold")
        if job.arguments[:1] == ["ask"]:
            text.append("asked from here; as a command, with the picture saved as a file:\n", style="dim")
        text.append(f"{shlex.join(('relcli', *job.arguments))}\n", style="dim")
        for name, value in job.metrics.items():
            text.append(f"{name} {value:.4g}\n" if isinstance(value, float) else f"{name} {value}\n")
        for note in job.notes:
            text.append(f"{note}\n")
        if job.error and job.error not in job.notes:
            text.append(f"{job.error}\n", style=tones(self.app.theme_variables)["bad"])
        if job.state == "failed":
            text.append("\n".join(line for line in job.tail if line != f"relcli: {job.error}"), style="dim")
        self.query_one("#lines", SafeStatic).update(text)
        self.query_one("#cancel").disabled = not job.active

    def action_cancel(self) -> None:
        at = self.query_one(OptionList).highlighted
        if at is not None and at < len(self._jobs):
            context_of(self).cancel(self._jobs[at])

    def on_button_pressed(self, event: Button.Pressed) -> None:
        if event.button.id == "cancel":
            self.action_cancel()
        else:
            self.dismiss(None)
