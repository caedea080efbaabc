"""Probes: what can be read off the attention, layer by layer; earlier ones, and new ones."""

from collections.abc import Iterable, Sequence
from functools import partial
from typing import Any, ClassVar

from rich.text import Text
from textual import events, on
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.widget import Widget
from textual.widgets import Button, DataTable, Input, Select, Static

from relcli.errors import RelcliError
from relcli.tui.base import Exportable, WorkScreen
from relcli.tui.jobs import Job
from relcli.tui.launching import command
from relcli.tui.probing import way_words
from relcli.tui.screens.probes_words import (
    BESIDE,
    LAYERS,
    PROBES,
    Row,
    beside_cells,
    curve_title,
    in_order,
    key_of,
    layer_cells,
    probe_cells,
)
from relcli.tui.widgets.job_panel import job_detail
from relcli.tui.widgets.probe_curve import ProbeCurve
from relcli.tui.widgets.probe_form import HINTS, ProbeForm
from relcli.tui.widgets.table import Table


class ProbesTable(Table):
    """Earlier probes."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter", "select_cursor", "Probe again")]


class ProbesScreen(WorkScreen):
    """Key 6."""

    NAME = "probes"
    NEEDS_RUN = True
    LIVE = True
    HELP = """\
A probe learns to read a label, such as the colour asked for, off where the model looks. Its accuracy by layer
is the curve, with one standard error over folds as a band. It says something about looking only where it is
above all of its controls: the **commonest class**, **shuffled labels**, and a probe that sees the **prompt
alone**; ✓ marks those whose best layer is so by more than its standard error. The best of many layers is a
little high by itself.

`n` goes to the form. F5 starts `relcli probe` with what it says; the command stands below it, and `y` copies
it. `c` cancels; what is fitted by then is kept. Enter on an earlier probe puts its label into the form. `w`
goes through the ways the run was probed, `p` lays published figures beside (they are on all layers side by
side), `t` changes between curve and table on a small screen.

Right and wrong answers alone have an accuracy from 50 rows up; the number of rows stands in brackets.
"""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("n", "form", "New probe"),
        Binding("f5,ctrl+s", "start", "Start", key_display="f5"),
        Binding("c", "cancel", "Cancel probe"),
        Binding("w", "way", "Way"),
        Binding("p", "published", "Published"),
        Binding("t", "table", "Curve/table", show=False),
    ]
    DEFAULT_CSS = """
    ProbesScreen #sides { height: 1fr; }
    ProbesScreen #left { width: 45; height: 1fr; border-right: solid $panel; }
    ProbesScreen #right { width: 1fr; height: 1fr; }
    ProbesScreen #hint { height: 2; padding: 0 1; color: $text-muted; }
    ProbesScreen #command { height: auto; max-height: 5; padding: 0 1; }
    ProbesScreen #starts { height: auto; padding: 1 1 0 1; }
    ProbesScreen #starts Static { width: auto; padding: 0 2; color: $text-muted; }
    ProbesScreen #job { height: 1fr; padding: 1 1 0 1; }
    ProbesScreen #way, ProbesScreen #title { height: 1; padding: 0 1; }
    ProbesScreen.-none #title { height: auto; }
    ProbesScreen #way { color: $text-muted; }
    ProbesScreen #probes { max-height: 10; }
    ProbesScreen #by-layer { max-height: 9; }
    ProbesScreen DataTable { scrollbar-size-horizontal: 1; }
    ProbesScreen.-none #way, ProbesScreen.-none #probes, ProbesScreen.-none #by-layer,
    ProbesScreen.-none ProbeCurve { display: none; }
    ProbesScreen.-narrow #left { width: 100%; display: none; border: none; }
    ProbesScreen.-narrow.-form #left { display: block; }
    ProbesScreen.-narrow.-form #right { display: none; }
    ProbesScreen.-narrow #probes { max-height: 7; }
    ProbesScreen.-narrow #by-layer { display: none; max-height: 100%; }
    ProbesScreen.-narrow.-table #by-layer { display: block; }
    ProbesScreen.-narrow.-table ProbeCurve { display: none; }
    ProbesScreen.-short #command, ProbesScreen.-short #starts, ProbesScreen.-short #job { padding: 0 1; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._run: str | None = None
        self._rows: list[Row] = []
        self._published: Sequence[Row] = []
        self._curve: Sequence[Row] = []
        self._way = ""
        self._source = ""
        self._job: Job | None = None
        self._wanted: str | None = None

    def compose_body(self) -> Iterable[Widget]:
        with Horizontal(id="sides"):
            with Vertical(id="left"):
                yield ProbeForm()
                yield Static(id="hint", markup=False)
                yield Static(id="command")
                with Horizontal(id="starts"):
                    yield Button("Start the probe", id="start", variant="primary", compact=True)
                    yield Static("F5 starts, y copies")
                with VerticalScroll(id="job", can_focus=False):
                    yield Static(id="progress")
            with Vertical(id="right"):
                yield Static(id="way")
                yield ProbesTable(id="probes")
                yield Static(id="title")
                yield ProbeCurve()
                yield Table(id="by-layer")

    def on_mount(self) -> None:
        self.relcli.jobs_changed.subscribe(self, self._job_changed)

    @property
    def _list(self) -> Table:
        return self.query_one("#probes", Table)

    async def load(self) -> None:
        run = self.looking.run
        of_run = {"run": run}
        record, rows, published = await self.store.read_many(
            ("run", of_run), ("probe_list", of_run), ("probe_published", of_run)
        )
        if run != self._run:
            self._run, self._way = run, ""
        self._rows, self._published = in_order(rows.as_dicts()), published.as_dicts()
        ways = self._ways
        if self._way not in ways:
            self._way = next(iter(ways), "")
        self._show_command()
        self._fill()
        if not record.rows:
            raise RelcliError(f"The run {run} is no longer in the warehouse: choose another on Runs (key 1).")
        if not self._rows:
            attention = record.as_dicts()[0]["attention"]
            if attention in (None, "none"):
                raise RelcliError(
                    f"The run {run} kept no attention, so there is nothing to probe: run it again without "
                    "--attention none, or choose another on Runs (key 1)."
                )

    # Earlier probes

    @property
    def _ways(self) -> dict[str, Row]:
        """The ways this run was probed, the latest first, each with one of its rows."""
        latest = sorted(self._rows, key=lambda row: row["started_at"], reverse=True)
        return {row["probe"]: row for row in latest}

    @property
    def _listed(self) -> dict[str, Row]:
        return {key_of(row): row for row in self._rows if row["probe"] == self._way}

    @property
    def _chosen(self) -> Row | None:
        """The probe under the cursor."""
        return self._listed.get(self._list.current_key or "")

    def _beside(self, row: Row) -> Row | None:
        """The published figure to lay beside a probe."""
        same = ("probe", "category", "label")
        return next(
            (
                each
                for each in self._published
                if each["source"] == self._source and all(each[name] == row[name] for name in same)
            ),
            None,
        )

    def _fill(self) -> None:
        listed = self._listed
        was_none, none = self.has_class("-none"), not listed
        self.set_class(none, "-none")
        if self._source:
            columns = BESIDE
            lines = [(key, beside_cells(row, self._beside(row), self.tone)) for key, row in listed.items()]
        else:
            columns = PROBES
            lines = [(key, probe_cells(row, self.tone)) for key, row in listed.items()]
        self._list.fill(columns, lines)
        if self._wanted and self._list.select_key(self._wanted):
            self._wanted = None
        self.query_one("#way", Static).update(self._way_text())
        beside = f" · beside {self._source}" if self._source else ""
        count = f"{len(listed)} probes" if len(listed) != 1 else "one probe"
        self.subtitle = f"{self._run} · {count if listed else 'not probed yet'}{beside}"
        if none and not was_none:
            self.add_class("-form")
        if self.focused is None:
            (self.query_one("#start") if none else self._list).focus()
        self._show_curve()

    def _way_text(self) -> Text:
        ways = self._ways
        if self._way not in ways:
            return Text()
        text, row = Text(no_wrap=True, overflow="ellipsis"), ways[self._way]
        if len(ways) > 1:
            text.append("w ", style=f"bold {self.tone['accent']}")
            text.append(f"{list(ways).index(self._way) + 1} of {len(ways)}  ")
        if row["state"] != "done":
            text.append(f"{row['state']} · ", style=self.tone["warn"])
        return text.append(way_words(row))

    @on(DataTable.RowHighlighted, "#probes")
    def _moved(self) -> None:
        self._show_curve()

    def _show_curve(self) -> None:
        self.run_worker(partial(self._load_curve, self._chosen), group="page", exclusive=True)

    async def _load_curve(self, row: Row | None) -> None:
        title, curve = self.query_one("#title", Static), self.query_one(ProbeCurve)
        self._curve = []
        if row is None:
            words = "Nothing was probed in this run yet: F5 starts what the form says (n goes there)."
            title.update(Text(words, style="dim"))
        else:
            names = {name: row[name] for name in ("probe", "category", "label")}
            try:
                self._curve = (await self.store.read("probe_curve", run=self._run, **names)).as_dicts()
            except RelcliError as problem:
                self.show_problem(problem.message)
            title.update(Text(curve_title(row), style="bold", no_wrap=True, overflow="ellipsis"))
        curve.show(self._curve, row and self._beside(row), self.tone)
        layers = [("all" if each["layer"] is None else str(each["layer"]), each) for each in self._curve]
        self.query_one("#by-layer", Table).fill(LAYERS, [(key, layer_cells(each)) for key, each in layers])

    @on(DataTable.RowSelected, "#probes")
    def _again(self) -> None:
        """Put the label of this probe into the form."""
        if (row := self._chosen) is not None:
            self.query_one(ProbeForm).choose(row["category"], row["label"])
            self.action_form()
            self.query_one("#start").focus()

    def action_way(self) -> None:
        """The next way this run was probed."""
        ways = list(self._ways)
        if len(ways) < 2:
            self.notify("This run was probed in one way only." if ways else "This run was not probed yet.")
            return
        self._way = ways[(ways.index(self._way) + 1) % len(ways)]
        self._fill()

    def action_published(self) -> None:
        """The next published source beside the probes, and after the last none."""
        sources = list(dict.fromkeys(row["source"] for row in self._published if row["probe"] == self._way))
        if not sources:
            self._source = ""
            self.notify(
                "Published figures are on all layers side by side, and none of these probes is (layers all).",
                severity="warning",
            )
        else:
            at = sources.index(self._source) + 1 if self._source in sources else 0
            self._source = sources[at] if at < len(sources) else ""
        self._fill()

    def action_table(self) -> None:
        self.toggle_class("-table")

    # A new probe

    @property
    def _arguments(self) -> list[str]:
        return self.query_one(ProbeForm).value.arguments(self.looking.run or "")

    def _show_command(self) -> None:
        told = command(self._arguments, self.relcli.database)
        self.query_one("#command", Static).update(Text.assemble(("$ ", "dim"), (told, "bold")))

    def on_probe_form_changed(self, _: ProbeForm.Changed) -> None:
        self._show_command()
        self.show_problem(None)

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        self.query_one("#hint", Static).update(HINTS.get(event.widget.id or "", ""))
        self.query_one(ProbeForm).mark(event.widget)

    def action_form(self) -> None:
        self.add_class("-form")
        self.query_one("#category").focus()

    def go_back(self) -> bool:
        """Out of the form first: digits and letters are keys again."""
        if self.has_class("-form") and "-narrow" in self.classes and self._rows:
            self.remove_class("-form")
            self._list.focus()
            return True
        if isinstance(self.focused, Input | Select):
            (self._list if self._rows else self.query_one("#start")).focus()
            return True
        return False

    def on_button_pressed(self, event: Button.Pressed) -> None:
        if event.button.id == "start":
            self.action_start()

    def action_start(self) -> None:
        probing = self.query_one(ProbeForm).value
        try:
            probing.check()
        except RelcliError as problem:
            self.show_problem(problem.message)
            return
        if self._job is not None and self._job.active:
            self.notify("A probe runs already; c cancels it.", severity="warning")
            return
        self.show_problem(None)
        self._job = self.relcli.start_job(probing.title, self._arguments, self._ended)
        self._show_progress()

    def _job_changed(self, job: Job) -> None:
        if job is self._job:
            self._show_progress()

    def _show_progress(self) -> None:
        self.refresh_bindings()
        if self._job is not None and self.is_mounted:
            width = self.query_one("#job").content_size.width or 38
            self.query_one("#progress", Static).update(job_detail(self._job, (), self.tone, width))

    def _ended(self, job: Job) -> None:
        """Show what it found."""
        if job.state == "done" and job.result.get("run") == self.looking.run:
            self._way = str(job.result.get("probe") or "")
            probing = self.query_one(ProbeForm).value
            if probing.category and probing.label:
                self._wanted = f"{probing.category}.{probing.label}"
            self.remove_class("-form")
        if self.is_current:
            self.reload()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action == "cancel":
            return self._job is not None and self._job.active
        return super().check_action(action, parameters)

    def action_cancel(self) -> None:
        if self._job is not None:
            self.relcli.jobs.cancel(self._job)

    # Taking it away

    def exportable(self) -> Exportable | None:
        if (row := self._chosen) is None:
            return None
        names: dict[str, Any] = {name: row[name] for name in ("probe", "category", "label")}
        stem = f"{self._run}-{row['category']}-{row['label']}-probe"
        return Exportable(stem, read="probe_curve", params={"run": self._run, **names})

    def copy_text(self) -> str | None:
        return command(self._arguments, self.relcli.database)
