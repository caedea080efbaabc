"""Windows over a screen: help, quitting, the list of jobs, a value in full, a choice from a list."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar, cast

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.markup import escape
from textual.screen import ModalScreen
from textual.widgets import Button, Input, Markdown, OptionList
from textual.widgets.option_list import Option

from relcli.tui.cells import tones
from relcli.tui.jobs import Job
from relcli.tui.text import Text, seen
from relcli.tui.widgets.job_bar import job_line
from relcli.tui.widgets.words import Words
from relcli.visible import visible

if TYPE_CHECKING:
    from relcli.tui.app import RelcliApp


_MOST_SHOWN = 20_000  # letters of one value; y copies all of it


class Dialog(ModalScreen):
    """A window in the middle; esc closes it."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss_none", "Close")]
    DEFAULT_CSS = """
    Dialog { align: center middle; background: $background 60%; }
    Dialog > .window { width: 76; max-width: 96%; height: auto; max-height: 90%; background: $surface;
                       border: round $primary; padding: 0 1; border-title-color: $primary; }
    Dialog .buttons { height: auto; align-horizontal: right; padding-top: 1; }
    Dialog .buttons Button { margin-left: 2; }
    Dialog .hint { color: $text-muted; }
    Dialog OptionList, Dialog OptionList:focus { height: auto; background: $surface; border: none;
                                                 padding: 0; }
    """

    def action_dismiss_none(self) -> None:
        self.dismiss(None)


class HelpDialog(Dialog):
    """What the screen is for, and every key that works on it now."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("f1,q", "dismiss_none", "Close", show=False)]
    DEFAULT_CSS = """
    HelpDialog > .window { width: 84; }
    HelpDialog Markdown { padding: 0; margin: 0; background: $surface; }
    HelpDialog VerticalScroll { height: auto; max-height: 100%; }
    """

    def __init__(self, title: str, help_text: str, keys: Sequence[tuple[str, str]]) -> None:
        super().__init__()
        self._title, self._help, self._keys = title, help_text, keys

    def compose(self) -> ComposeResult:
        with VerticalScroll(classes="window") as window:
            window.border_title = escape(visible(self._title))
            window.border_subtitle = "esc closes"
            yield Markdown(self._help)
            yield Words(self._table(), id="keys")

    def _table(self) -> Text:
        accent = tones(self.app.theme_variables)["accent"]
        text = Text("\n")
        for key, what in self._keys:
            text.append(f"{key:>14}  ", style=f"bold {accent}").append(f"{what}\n")
        return text


class QuitDialog(Dialog):
    """Asked when a job runs. True: stop the jobs and quit; also when the last one ends meanwhile, since
    quitting was what somebody wanted."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "answer(True)", show=False),
        Binding("n", "answer(False)", show=False),
    ]

    def __init__(self, jobs: Sequence[Job]) -> None:
        super().__init__()
        self._jobs = jobs

    def compose(self) -> ComposeResult:
        running = "A job runs" if len(self._jobs) == 1 else f"{len(self._jobs)} jobs run"
        with Vertical(classes="window") as window:
            window.border_title = "Quit?"
            yield Words(f"{running}: {', '.join(job.title for job in self._jobs)}.", markup=False)
            yield Words("Quitting stops it. What is finished is kept, and a run goes on with --resume.")
            with Horizontal(classes="buttons"):
                yield Button("Stop it and quit (y)", id="yes", variant="error", compact=True)
                yield Button("Stay (n)", id="no", variant="primary", compact=True)

    def on_mount(self) -> None:
        self.query_one("#no").focus()
        cast("RelcliApp", self.app).jobs_changed.subscribe(self, lambda _: self._leave_if_over())

    def on_screen_resume(self) -> None:
        self._leave_if_over()  # the job may have ended before anybody listened

    def _leave_if_over(self) -> None:
        if self.is_current and not cast("RelcliApp", self.app).jobs.active:
            self.dismiss(True)

    def on_button_pressed(self, event: Button.Pressed) -> None:
        self.dismiss(event.button.id == "yes")

    def action_answer(self, yes: bool) -> None:
        self.dismiss(yes)


class ValueDialog(Dialog):
    """One value in full; y copies it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,q", "dismiss_none", show=False),
        Binding("y", "copy", "Copy"),
    ]
    DEFAULT_CSS = """
    ValueDialog > .window { width: 90; }
    ValueDialog VerticalScroll { max-height: 30; }
    """

    def __init__(self, title: str, value: str) -> None:
        super().__init__()
        self._title, self._value = title, value

    def compose(self) -> ComposeResult:
        with VerticalScroll(classes="window") as window:
            window.border_title, window.border_subtitle = escape(visible(self._title)), "y copies, esc closes"
            more = "…" if len(self._value) > _MOST_SHOWN else ""
            yield Words(self._value[:_MOST_SHOWN] + more, id="value", markup=False)

    def action_copy(self) -> None:
        self.app.copy_to_clipboard(self._value)
        self.dismiss(None)


class ChooseDialog(Dialog):
    """A list to choose one of; typing narrows it. Dismisses with the name chosen."""

    DEFAULT_CSS = """
    ChooseDialog OptionList { max-height: 18; }
    """

    def __init__(self, title: str, choices: Sequence[tuple[str, Text | str]]) -> None:
        super().__init__()
        self._title = title
        self._choices = [(name, seen(shown)) for name, shown in choices]

    def compose(self) -> ComposeResult:
        with Vertical(classes="window") as window:
            window.border_title = escape(visible(self._title))
            yield Input(placeholder="type to narrow", id="narrow")
            yield OptionList(*(Option(shown, id=name) for name, shown in self._choices))

    def on_mount(self) -> None:
        options = self.query_one(OptionList)
        if options.option_count:
            options.highlighted = 0

    def on_input_changed(self, event: Input.Changed) -> None:
        wanted = event.value.lower()
        options = self.query_one(OptionList)
        options.set_options(
            Option(shown, id=name) for name, shown in self._choices if wanted in shown.plain.lower()
        )
        options.highlighted = 0 if options.option_count else None

    def on_input_submitted(self) -> None:
        options = self.query_one(OptionList)
        if options.highlighted is not None:
            self.dismiss(options.get_option_at_index(options.highlighted).id)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(event.option_id)

    def on_key(self, event) -> None:
        if event.key in ("down", "up") and isinstance(self.focused, Input):
            options = self.query_one(OptionList)
            (options.action_cursor_down if event.key == "down" else options.action_cursor_up)()
            event.stop()


class JobsDialog(Dialog):
    """All jobs of this sitting; the chosen one's notes and last lines; cancels it. Dismisses with a job whose
    answer is to be looked at."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+x,c", "cancel", "Cancel job"),
        Binding("j", "dismiss_none", show=False),
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
                yield Words(id="lines")
            with Horizontal(classes="buttons"):
                yield Button("Cancel job (c)", id="cancel", variant="warning", compact=True)
                yield Button("Close (esc)", id="close", compact=True)

    @property
    def _jobs(self) -> list[Job]:
        return list(reversed(cast("RelcliApp", self.app).jobs.jobs))

    def on_mount(self) -> None:
        cast("RelcliApp", self.app).jobs_changed.subscribe(self, lambda _: self._show())
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
        text.append(f"relcli {' '.join(job.arguments)}\n", style="dim")
        for name, value in job.metrics.items():
            text.append(f"{name} {value:.4g}\n" if isinstance(value, float) else f"{name} {value}\n")
        for note in job.notes:
            text.append(f"{note}\n")
        if job.error and job.error not in job.notes:
            text.append(f"{job.error}\n", style=tones(self.app.theme_variables)["bad"])
        if job.state == "failed":
            text.append("\n".join(line for line in job.tail if line != f"relcli: {job.error}"), style="dim")
        self.query_one("#lines", Words).update(text)
        self.query_one("#cancel").disabled = not job.active

    def action_cancel(self) -> None:
        at = self.query_one(OptionList).highlighted
        if at is not None and at < len(self._jobs):
            cast("RelcliApp", self.app).jobs.cancel(self._jobs[at])

    def on_button_pressed(self, event: Button.Pressed) -> None:
        if event.button.id == "cancel":
            self.action_cancel()
        else:
            self.dismiss(None)
