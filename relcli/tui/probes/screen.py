"""Probes: what can be read off the attention, layer by layer; earlier ones, and new ones."""

from collections.abc import Iterable, Sequence
from functools import partial
from typing import Any, ClassVar

from textual import events, on
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.widget import Widget
from textual.widgets import DataTable, Input, Select

from relcli.errors import RelcliError
from relcli.results.probes import ProbeRecords, Row
from relcli.tui.frame.keys import bind
from relcli.tui.frame.problems import check_attention, run_is_gone
from relcli.tui.frame.screen import WorkScreen
from relcli.tui.frame.taking import Exportable, FigureAsked
from relcli.tui.probes.curve import ProbeCurve
from relcli.tui.probes.form import ProbeForm
from relcli.tui.probes.panel import ProbePanel
from relcli.tui.probes.text import (
    BESIDE,
    LAYERS,
    PROBES,
    beside_cells,
    curve_title,
    layer_cells,
    probe_cells,
    way_line,
)
from relcli.tui.widgets.safe_static import SafeStatic
from relcli.tui.widgets.safe_text import Text
from relcli.tui.widgets.table import Table


class ProbesTable(Table):
    """Earlier probes."""

    BINDINGS: ClassVar[list[BindingType]] = [bind("open", "select_cursor", "Probe again", show=True)]


class ProbesScreen(WorkScreen):
    """Key 6."""

    NAME = "probes"
    NEEDS_RUN = True
    LIVE = True
    HELP = """\
A probe learns to read a label, such as the colour asked for, off where the model looks. Its accuracy by layer
is the curve, with one standard error over folds as a band. It says something about looking only where it is
above all of its controls: the **commonest class**, **shuffled labels**, and a probe that sees the **prompt
alone**. The list shows the layer that was chosen without the rows it is scored on (inner folds). ✓ marks
those that beat their controls at 5% after correction for all layers and all labels (p by permutation of the
labels between scenes); the study's protocol and older probes have no such test.

`o` goes to the form. F5 starts `relcli probe` with what it says; the command stands below it, and `y` copies
it. `ctrl+x` cancels; what is fitted by then is kept. Enter on an earlier probe puts its label into the form.
`v` goes through the ways the run was probed, `p` lays published figures beside (they are on all layers side
by side), `d` changes between curve and table on a small screen.

What a layer tells is not what the answer depends on: F6 shows what cutting or patching each layer does.

Right and wrong answers alone have an accuracy from 50 rows up; the number of rows stands in brackets.
"""
    BINDINGS: ClassVar[list[BindingType]] = [
        bind("choose", "form", "New probe", show=True),
        bind("start", "start", show=True),
        bind("cancel", "cancel", "Cancel probe"),
        bind("variant", "way", "Way of probing", show=True),
        bind("published", "published", show=True),
        bind("form", "table", "Curve/table"),
        bind("by_layer", "by_layer"),
    ]
    DEFAULT_CSS = """
    ProbesScreen #sides { height: 1fr; }
    ProbesScreen #left { width: 45; height: 1fr; border-right: solid $panel; }
    ProbesScreen #right { width: 1fr; height: 1fr; }
    ProbesScreen #way, ProbesScreen #title { height: 1; padding: 0 1; text-wrap: nowrap;
                                           text-overflow: ellipsis; }
    ProbesScreen.-none #title { height: auto; text-wrap: wrap; }
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
    ProbesScreen.-short #starts, ProbesScreen.-short #job { padding: 0 1; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._run: str | None = None
        self._records = ProbeRecords()
        self._curve: Sequence[Row] = []
        self._wanted: str | None = None

    def compose_body(self) -> Iterable[Widget]:
        with Horizontal(id="sides"):
            yield ProbePanel(id="left")
            with Vertical(id="right"):
                yield SafeStatic(id="way")
                yield ProbesTable(id="probes")
                yield SafeStatic(id="title")
                yield ProbeCurve()
                yield Table(id="by-layer")

    @property
    def _panel(self) -> ProbePanel:
        return self.query_one(ProbePanel)

    @property
    def _list(self) -> Table:
        return self.query_one("#probes", Table)

    def reading(self) -> str:
        return f"the probes of {self.selection.run or 'the newest run'}"

    async def load(self) -> None:
        run = self.selection.run
        of_run = {"run": run}
        record, rows, published = await self.store.read_many(
            ("run", of_run), ("probe_list", of_run), ("probe_published", of_run)
        )
        if run != self._run:
            self._run, self._records.way = run, ""
        self._records.take(rows.as_dicts(), published.as_dicts())
        self._panel.probe_run(run or "")
        self._panel.form.offer(record.as_dicts()[0]["categories"] or () if record.rows else ())
        self._fill()
        if not record.rows:
            raise run_is_gone(run)
        if not self._records.rows:
            check_attention(record.as_dicts()[0])

    # Earlier probes

    @property
    def _chosen(self) -> Row | None:
        """The probe under the cursor."""
        return self._records.listed.get(self._list.current_key or "")

    def _fill(self) -> None:
        listed = self._records.listed
        was_none, none = self.has_class("-none"), not listed
        self.set_class(none, "-none")
        if self._records.source:
            columns = BESIDE
            lines = [
                (key, beside_cells(row, self._records.beside(row), self.tone)) for key, row in listed.items()
            ]
        else:
            columns = PROBES
            lines = [(key, probe_cells(row, self.tone)) for key, row in listed.items()]
        self._list.fill(columns, lines)
        if self._wanted and self._list.select_key(self._wanted):
            self._wanted = None
        self.query_one("#way", SafeStatic).update(way_line(self._records, self.tone))
        beside = f" · beside {self._records.source}" if self._records.source else ""
        count = f"{len(listed)} probes" if len(listed) != 1 else "one probe"
        self.subtitle = f"{self._run} · {count if listed else 'not probed yet'}{beside}"
        if none and not was_none:
            self.add_class("-form")
        if self.focused is None:
            (self.query_one("#start") if none else self._list).focus()
        self._show_curve()

    @on(DataTable.RowHighlighted, "#probes")
    def _moved(self) -> None:
        self._show_curve()

    def _show_curve(self) -> None:
        self.run_worker(partial(self._load_curve, self._chosen), group="detail", exclusive=True)

    async def _load_curve(self, row: Row | None) -> None:
        title, curve = self.query_one("#title", SafeStatic), self.query_one(ProbeCurve)
        self._curve = []
        if row is None:
            words = "Nothing was probed in this run yet: F5 starts what the form says (o goes there)."
            title.update(Text(words, style="dim"))
        else:
            names = {name: row[name] for name in ("probe", "category", "label")}
            try:
                self._curve = (await self.store.read("probe_curve", run=self._run, **names)).as_dicts()
            except RelcliError as problem:
                self.show_problem(problem.message)
            title.update(Text(curve_title(row), style="bold", no_wrap=True, overflow="ellipsis"))
        curve.show(self._curve, row and self._records.beside(row), self.tone)
        layers = [("all" if each["layer"] is None else str(each["layer"]), each) for each in self._curve]
        self.query_one("#by-layer", Table).fill(LAYERS, [(key, layer_cells(each)) for key, each in layers])

    @on(DataTable.RowSelected, "#probes")
    def _again(self) -> None:
        """Put the label of this probe into the form."""
        if (row := self._chosen) is not None:
            self._panel.form.choose(row["category"], row["label"])
            self.add_class("-form")
            self.query_one("#start").focus()

    def action_way(self) -> None:
        """The next way this run was probed."""
        if not self._records.next_way():
            known = self._records.ways
            self.notify("This run was probed in one way only." if known else "This run was not probed yet.")
        self._fill()

    def action_published(self) -> None:
        """The next published source beside the probes, and after the last none."""
        if not self._records.next_source():
            self.notify(
                "Published figures are on all layers side by side, and none of these probes is (layers all).",
                severity="warning",
            )
        self._fill()

    def action_table(self) -> None:
        self.toggle_class("-table")

    def action_by_layer(self) -> None:
        """What cutting and patching each layer does, beside what each tells."""
        from relcli.tui.cutting.sweeps import SweepsDialog

        if self.selection.run is not None:
            self.app.push_screen(SweepsDialog(self.selection.run))

    # A new probe

    @on(ProbeForm.Changed)
    def _form_changed(self) -> None:
        self.show_problem(None)

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        self._panel.form.mark(event.widget)

    def action_form(self) -> None:
        self.add_class("-form")
        self.query_one("#categories").focus()

    def go_back(self) -> bool:
        """Out of the form first: digits and letters are keys again."""
        if self.has_class("-form") and "-narrow" in self.classes and self._records.rows:
            self.remove_class("-form")
            self._list.focus()
            return True
        if isinstance(self.focused, Input | Select):
            (self._list if self._records.rows else self.query_one("#start")).focus()
            return True
        return False

    @on(ProbePanel.Asked)
    def action_start(self) -> None:
        try:
            self._panel.begin()
        except RelcliError as problem:
            self.show_problem(problem.message, stays=True)
        else:
            self.show_problem(None)

    def on_probe_panel_ended(self, event: ProbePanel.Ended) -> None:
        """Show what it found."""
        job = event.job
        if job.state == "done" and job.result.get("run") == self.selection.run:
            self._records.way = str(job.result.get("probe") or "")
            if event.category and event.label:
                self._wanted = f"{event.category}.{event.label}"
            self.remove_class("-form")
        if self.is_current:
            self.reload()

    def offers(self, action: str) -> bool:
        if action == "cancel":
            return self._panel.active
        return super().offers(action)

    def action_cancel(self) -> None:
        self._panel.cancel()

    # Taking it away

    def exportable(self) -> Exportable | None:
        if (row := self._chosen) is None:
            return None
        names: dict[str, Any] = {name: row[name] for name in ("probe", "category", "label")}
        stem = f"{self._run}-{row['category']}-{row['label']}-probe"
        return Exportable(stem, read="probe_curve", params={"run": self._run, **names})

    def figure(self) -> FigureAsked | None:
        return FigureAsked("probes", self._run) if self._run and self._records.rows else None

    def copy_text(self) -> str | None:
        return self._panel.command
