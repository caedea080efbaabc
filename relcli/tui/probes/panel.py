"""A new probe: the form, the command it makes, and how far it is."""


from textual import events
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.message import Message
from textual.widgets import Button

from relcli.errors import UsageError
from relcli.tui.background.commands import command_line
from relcli.tui.background.processes import Job
from relcli.tui.background.text import job_detail
from relcli.tui.context import context_of
from relcli.tui.probes.form import ProbeForm
from relcli.tui.probes.request import arguments, check, title
from relcli.tui.widgets.cells import tones
from relcli.tui.widgets.option_form import OptionForm
from relcli.tui.widgets.safe_static import SafeStatic
from relcli.tui.widgets.safe_text import Text


class ProbePanel(Vertical):
    """`begin` starts `relcli probe` with what the form says. `Asked` is posted when the button is pressed,
    `Ended` when a probe is over."""

    DEFAULT_CSS = """
    ProbePanel #hint { height: 2; padding: 0 1; color: $text-muted; }
    ProbePanel #command { height: auto; max-height: 5; padding: 0 1; }
    ProbePanel #starts { height: auto; padding: 1 1 0 1; }
    ProbePanel #starts Static { width: auto; padding: 0 2; color: $text-muted; }
    ProbePanel #job { height: 1fr; padding: 1 1 0 1; }
    """

    class Asked(Message):
        pass

    class Ended(Message):
        def __init__(self, job: Job, category: str, label: str) -> None:
            """category, label: what was probed; empty for all."""
            super().__init__()
            self.job, self.category, self.label = job, category, label

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.run = ""
        self.job: Job | None = None

    def compose(self) -> ComposeResult:
        yield ProbeForm()
        yield SafeStatic(id="hint", markup=False)
        yield SafeStatic(id="command")
        with Horizontal(id="starts"):
            yield Button("Start the probe", id="start", variant="primary", compact=True)
            yield SafeStatic("F5 starts, y copies")
        with VerticalScroll(id="job", can_focus=False):
            yield SafeStatic(id="progress")

    def on_mount(self) -> None:
        context_of(self).jobs_changed.subscribe(self, self._job_changed)

    @property
    def form(self) -> ProbeForm:
        return self.query_one(ProbeForm)

    @property
    def active(self) -> bool:
        return self.job is not None and self.job.active

    @property
    def command(self) -> str:
        """What a person would type."""
        return command_line(arguments(self.run, self.form.value), context_of(self).database)

    def probe_run(self, run: str) -> None:
        """What is started from now on is about this run."""
        self.run = run
        self._show_command()

    def _show_command(self) -> None:
        self.query_one("#command", SafeStatic).update(Text.assemble(("$ ", "dim"), (self.command, "bold")))

    def on_option_form_changed(self, _: OptionForm.Changed) -> None:
        self._show_command()

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        self.query_one("#hint", SafeStatic).update(self.form.hint(event.widget))

    def on_button_pressed(self, event: Button.Pressed) -> None:
        event.stop()
        self.post_message(self.Asked())

    def begin(self) -> None:
        """Start it. Raises UsageError for what `relcli probe` would refuse, and while one runs."""
        values, category, label = self.form.value, self.form.category, self.form.label
        check(values)
        if self.active:
            raise UsageError("A probe runs already: c cancels it.")

        def ended(job: Job) -> None:
            self.post_message(self.Ended(job, category, label))

        words = arguments(self.run, values)
        self.job = context_of(self).start_job(title(category, label), words, ended)
        self._job_changed(self.job)

    def cancel(self) -> None:
        if self.job is not None:
            context_of(self).cancel(self.job)

    def _job_changed(self, job: Job) -> None:
        if job is self.job and self.is_mounted:
            width = self.query_one("#job").content_size.width or 38
            detail = job_detail(job, (), tones(self.app.theme_variables), width)
            self.query_one("#progress", SafeStatic).update(detail)
            self.screen.refresh_bindings()
