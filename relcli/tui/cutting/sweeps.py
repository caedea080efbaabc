"""The window with a run's sweeps over layers: cuts and patches as curves, and a new sweep as a job."""

import shlex
from collections.abc import Mapping, Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.widgets import Button, DataTable

from relcli.errors import RelcliError
from relcli.results.sweeps import Sweep, sweeps
from relcli.tui.background.commands import command_line
from relcli.tui.background.processes import Job
from relcli.tui.background.status_bar import job_line
from relcli.tui.context import context_of
from relcli.tui.cutting.sweep_curve import SweepCurve
from relcli.tui.frame.keys import bind
from relcli.tui.widgets.cells import cut, p_value, tones
from relcli.tui.widgets.choices import Choices
from relcli.tui.widgets.dialog import Dialog
from relcli.tui.widgets.safe_static import SafeStatic
from relcli.tui.widgets.safe_text import Text
from relcli.tui.widgets.table import Column, Table

_COLUMNS: tuple[Column, ...] = (
    ("sweep", 34), ("picture", 8), (">strongest", 9), (">effect", 7), (">control", 7), (">p (Holm)", 9),
    (">layers", 6), (">n", 6),
)  # fmt: skip
_FEW: tuple[Column, ...] = (
    ("sweep", 26), ("picture", 7), (">strongest", 9), (">effect", 7), (">control", 7),
)  # fmt: skip
_WIDE, _TALL = 112, 32  # columns and lines from which all of the list is shown
_NOTHING = "No sweep over layers yet: relcli cut --layers each and relcli patch make some."


class SweepsDialog(Dialog):
    """Curves of a run's sweeps. offered: the words of a command that makes a new one, by what it is called.
    The job goes on when the window is closed."""

    BINDINGS: ClassVar[list[BindingType]] = [
        bind("start", "begin", "Start the sweep", show=True),
        bind("cancel", "cancel", show=True),
        bind("copy", "copy"),
    ]
    DEFAULT_CSS = """
    SweepsDialog > .window { width: 110; height: 90%; }
    SweepsDialog #command, SweepsDialog #progress { height: auto; max-height: 3; }
    SweepsDialog #sweep { height: 1; text-style: bold; text-wrap: nowrap; text-overflow: ellipsis; }
    SweepsDialog .buttons { padding-top: 0; }
    """

    def __init__(self, run: str, offered: Mapping[str, Sequence[str]] | None = None) -> None:
        super().__init__()
        self._run = run
        self._offered = {name: list(words) for name, words in (offered or {}).items()}
        self._found: dict[str, Sweep] = {}
        self._job: Job | None = None

    def compose(self) -> ComposeResult:
        with Vertical(classes="window") as window:
            window.border_title = "Cuts and patches by layer"
            if self._offered:
                yield Choices([(name, name) for name in self._offered], [next(iter(self._offered))])
            yield SafeStatic(id="command")
            yield SafeStatic(id="progress")
            yield Table(id="sweeps")
            yield SafeStatic(id="sweep", markup=False)
            yield SweepCurve()
            with Horizontal(classes="buttons"):
                if self._offered:
                    yield Button("Start the sweep (f5)", id="begin", variant="primary", compact=True)
                yield Button("Close (esc)", id="close", compact=True)

    def on_mount(self) -> None:
        context = context_of(self)
        self._show_command()
        kinds = [(kind, "--run", self._run) for kind in ("cut", "patch")]
        mine = [job for job in context.jobs.jobs if tuple(job.arguments[:3]) in kinds]
        self._job = next(iter(reversed(mine)), None)
        context.jobs_changed.subscribe(self, self._job_changed)
        self._show_job()
        self.query_one(Table).focus()
        self._reload()

    # The sweeps there are

    def _reload(self) -> None:
        self.run_worker(self._load(), group="load", exclusive=True)

    async def _load(self) -> None:
        of_run = {"run": self._run}
        try:
            cuts, patches = await context_of(self).store.read_many(
                ("figure_cut_layers", of_run), ("figure_patch_layers", of_run)
            )
        except RelcliError as problem:
            self.query_one("#sweep", SafeStatic).update(problem.message)
            return
        found = {each.key: each for each in sweeps(cuts.as_dicts(), patches.as_dicts())}
        new = [key for key in found if key not in self._found]
        was_empty, self._found = not self._found, found
        table = self.query_one("#sweeps", Table)
        table.display = bool(found)
        columns = _COLUMNS if self.size.width >= _WIDE else _FEW
        table.fill(columns, [(key, _cells(each, columns)) for key, each in found.items()])
        table.styles.height = 1 + min(len(found), 6 if self.size.height >= _TALL else 3)
        if new and not was_empty:
            table.select_key(new[0])
        self._show_curve()

    @on(DataTable.RowHighlighted, "#sweeps")
    def _show_curve(self) -> None:
        sweep = self._found.get(self.query_one("#sweeps", Table).current_key or "")
        title = _NOTHING if sweep is None else f"{sweep.name} · {sweep.what} · on {sweep.variant}"
        self.query_one("#sweep", SafeStatic).update(title)
        self.query_one(SweepCurve).show(sweep, tones(self.app.theme_variables))

    # A new one

    @property
    def _command(self) -> list[str]:
        """The one that is chosen; empty where none is offered."""
        return self._offered[self.query_one(Choices).value[0]] if self._offered else []

    @on(Choices.Changed)
    def _show_command(self) -> None:
        line = self.query_one("#command", SafeStatic)
        line.display = bool(self._offered)
        if self._offered:
            shown = command_line(self._command, context_of(self).database)
            line.update(Text.assemble(("$ ", "dim"), (shown, "bold")))

    def action_begin(self) -> None:
        if not self._offered:
            self.notify("A sweep is started from a cut of a question: X there, then f6.", severity="warning")
        elif self._job is not None and self._job.active:
            self.notify("A sweep of this run is on its way already: ctrl+x cancels it.", severity="warning")
        else:
            command = self._command
            name = command[command.index("--name") + 1]
            self._job = context_of(self).start_job(f"sweep {name}", command)
            self._show_job()

    def action_cancel(self) -> None:
        if self._job is not None and self._job.active:
            context_of(self).cancel(self._job)

    def action_copy(self) -> None:
        if self._offered:
            self.app.copy_to_clipboard(shlex.join(("relcli", *self._command)))

    def on_button_pressed(self, event: Button.Pressed) -> None:
        event.stop()
        if event.button.id == "begin":
            self.action_begin()
        else:
            self.dismiss(None)

    def _job_changed(self, job: Job) -> None:
        if job is self._job and self.is_mounted:
            self._show_job()
            if not job.active:
                self.call_after_refresh(self._reload)

    def _show_job(self) -> None:
        progress = self.query_one("#progress", SafeStatic)
        progress.display = self._job is not None
        if self._job is not None:
            width = max(30, min(104, self.size.width - 10))
            progress.update(job_line(self._job, tones(self.app.theme_variables), width))


def _cells(sweep: Sweep, columns: Sequence[Column]) -> list[Text | str]:
    """A line of the list: the step that does most beyond its control."""
    strongest = sweep.strongest
    last = strongest.layer + strongest.n_layers - 1
    layer = str(strongest.layer) if strongest.n_layers == 1 else f"{strongest.layer}\u2013{last}"
    cells = [
        cut(sweep.name, columns[0][1] or 0),
        sweep.variant,
        Text(f"layer {layer}", justify="right"),
        _signed(strongest.value),
        _signed(strongest.control),
        p_value(strongest.holm_p),
        Text(str(len(sweep.steps)), justify="right"),
        Text(f"{max(step.n for step in sweep.steps):,}", justify="right"),
    ]
    return cells[: len(columns)]


def _signed(value: float | None) -> Text:
    return Text("" if value is None else f"{value:+.2f}".replace("-", "\u2212"), justify="right")
