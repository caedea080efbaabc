"""Start a run: its options as a form, the command they make, and what became of it."""

from collections.abc import Iterable
from functools import partial
from typing import Any, ClassVar

from textual import events
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.widget import Widget
from textual.widgets import Button, Input

from relcli.errors import RelcliError
from relcli.results.runs import Inventory, inventory
from relcli.tui.background.commands import command_line, resume_arguments
from relcli.tui.background.panel import JobPanel
from relcli.tui.background.processes import Job
from relcli.tui.frame.keys import bind
from relcli.tui.frame.screen import WorkScreen
from relcli.tui.launch.form import LaunchForm
from relcli.tui.launch.request import arguments, check, defaults, remembered, title, to_remember
from relcli.tui.widgets.option_form import OptionForm
from relcli.tui.widgets.safe_static import SafeStatic
from relcli.tui.widgets.safe_text import Text


class LaunchScreen(WorkScreen):
    """Key 7."""

    NAME = "launch"
    LIVE = True
    HELP = """\
Starts `relcli run` with what the form says. The line at the top is the command, without options that have
their default; `y` copies it. `tab` and `shift+tab` go through the fields, `space` chooses, `down` in the
fields of model and data set lists what there is. F5 starts from anywhere.

A run is a process of its own: it runs on while you look at other screens, and stops, to be resumed, when you
quit. To the right, or below, is what was started here, and the runs of this warehouse that stopped on their
way: enter opens one's Overview, `R` resumes it, `ctrl+x` cancels it.
"""
    BINDINGS: ClassVar[list[BindingType]] = [
        bind("start", "start", show=True),
        bind("resume", "resume", "Resume run", show=True),
        bind("cancel", "cancel"),
        bind("line_up", "app.focus_previous", "Field before"),
        bind("line_down", "app.focus_next", "Next field"),
    ]
    DEFAULT_CSS = """
    LaunchScreen #sides { height: 1fr; }
    LaunchScreen #left { width: 3fr; height: 1fr; }
    LaunchScreen #right { width: 2fr; height: 1fr; border-left: solid $panel; }
    LaunchScreen #command { height: auto; max-height: 4; padding: 0 2; color: $foreground; }
    LaunchScreen #starts { height: auto; padding: 0 2; margin-bottom: 1; }
    LaunchScreen #starts Static { width: auto; padding: 0 2; color: $text-muted; }
    LaunchScreen #hint { height: 2; padding: 0 2; color: $text-muted; }
    LaunchScreen.-narrow #sides { layout: vertical; }
    LaunchScreen.-narrow #left { width: 100%; }
    LaunchScreen.-narrow #right { width: 100%; height: 7; border-left: none; border-top: solid $panel; }
    LaunchScreen.-narrow #right:focus-within { height: 2fr; }
    LaunchScreen.-narrow #right.-none { display: none; }
    LaunchScreen.-narrow #hint { height: 1; }
    LaunchScreen.-short #starts { margin-bottom: 0; }
    LaunchScreen.-short #detail { padding: 0 1; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._defaults: dict[str, Any] = {}
        self._known = Inventory()

    def compose_body(self) -> Iterable[Widget]:
        self._problem = None
        try:
            self._defaults = defaults()
        except RelcliError as problem:
            self._problem = problem
        with Horizontal(id="sides"):
            with Vertical(id="left"):
                yield SafeStatic(id="command", markup=False)
                with Horizontal(id="starts"):
                    yield Button("Start the run", id="start", variant="primary", compact=True)
                    yield SafeStatic("F5 starts   y copies the command")
                yield LaunchForm(self._defaults | remembered(self.context.settings.launch))
                yield SafeStatic(id="hint", markup=False)
            yield JobPanel(id="right")

    def on_mount(self) -> None:
        self.query_one("#start").focus()
        self._show_command()

    async def load(self) -> None:
        self.subtitle = f"{self.context.database}"
        self._known, problem = Inventory(), self._problem
        try:
            if self.context.database.exists():
                runs, sets = await self.store.read_many(("run_list", {}), ("datasets", {}))
                self._known = inventory(runs.as_dicts(), sets.as_dicts())
        except RelcliError as caught:
            problem = caught
        self.query_one(LaunchForm).offer(self._known)
        self._show_command()
        self._panel.show(self._known)
        if problem:
            raise problem

    # The form

    @property
    def _launch(self) -> dict[str, Any]:
        return self.query_one(LaunchForm).value

    @property
    def _typed(self) -> str:
        return command_line(arguments(self._launch, self._defaults), self.context.database)

    def _show_command(self) -> None:
        self.query_one("#command", SafeStatic).update(Text.assemble(("$ ", "dim"), (self._typed, "bold")))

    def on_option_form_changed(self, _: OptionForm.Changed) -> None:
        self._show_command()
        self.show_problem(None)

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        self.query_one("#hint", SafeStatic).update(self.query_one(LaunchForm).hint(event.widget))

    def go_back(self) -> bool:
        """Out of a field first: digits and letters are keys again."""
        if isinstance(self.focused, Input):
            self.query_one("#start").focus()
            return True
        return False

    def copy_text(self) -> str | None:
        return self._typed

    def on_button_pressed(self, event: Button.Pressed) -> None:
        if event.button.id == "start":
            self.action_start()

    def action_start(self) -> None:
        self.run_worker(partial(self._start, self._launch), group="page", exclusive=True)

    async def _start(self, launch: dict[str, Any]) -> None:
        try:
            await self.store.call(check, launch, self._defaults, self._known)
        except RelcliError as problem:
            self.show_problem(problem.message, stays=True)
            return
        self.show_problem(None)
        settings = self.context.settings
        if (chosen := to_remember(launch, self._defaults)) != settings.launch:
            settings.launch = chosen
            self.context.keep_settings()
        self._begin(title(launch), arguments(launch, self._defaults))

    def _begin(self, name: str, words: list[str]) -> None:
        self._panel.select(self.context.start_job(name, words, self._ended))

    def _ended(self, _: Job) -> None:
        if self.is_current:
            self.reload()

    # What was started

    @property
    def _panel(self) -> JobPanel:
        return self.query_one(JobPanel)

    def on_job_panel_moved(self, _: JobPanel.Moved) -> None:
        self.refresh_bindings()

    def on_job_panel_opened(self, _: JobPanel.Opened) -> None:
        job = self._panel.job
        if job is not None and job.answer is not None:
            self.context.open_answer(job)
        elif (run := self._panel.run) and run in self._known.runs:
            self.selection.open_run(run)
            self.context.go("overview")
        elif job is not None and job.active:
            self.notify("There are no answers to look at yet.")

    def offers(self, action: str) -> bool:
        if action == "cancel":
            job = self._panel.job
            return job is not None and job.active
        if action == "resume":
            return bool(self._known.stopped)
        return super().offers(action)

    def action_cancel(self) -> None:
        if job := self._panel.job:
            self.context.cancel(job)

    def action_resume(self) -> None:
        """Resume the stopped run under the cursor; else ask which."""
        stopped = {row["run"]: row for row in self._known.stopped}
        if (run := self._panel.run) in stopped:
            self._resume(run)
            return
        from relcli.tui.widgets.dialog import ChooseDialog

        choices = [
            (name, f"{name}   {row['n_answers']:,}/{row['n_planned']:,}") for name, row in stopped.items()
        ]
        self.app.push_screen(ChooseDialog("Resume the run", choices), self._resume)

    def _resume(self, run: str | None) -> None:
        if run:
            self._begin(f"resume {run}", resume_arguments(run))
