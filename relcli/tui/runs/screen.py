"""All runs, newest first: where everybody begins. Without any, a greeting that can start the first."""

import asyncio
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from functools import partial
from typing import Any, ClassVar

from textual.binding import BindingType
from textual.widget import Widget
from textual.widgets import Button, DataTable

from relcli.errors import RelcliError
from relcli.results.runs import can_resume
from relcli.tui.background.commands import resume_arguments
from relcli.tui.background.processes import Job
from relcli.tui.frame.comparing import ComparingScreen
from relcli.tui.frame.keys import bind
from relcli.tui.frame.taking import Exportable
from relcli.tui.runs.detail import run_detail
from relcli.tui.runs.greeting import Greeting
from relcli.tui.runs.rows import cells_of, columns
from relcli.tui.widgets.safe_static import SafeStatic
from relcli.tui.widgets.table import Table

_RESTS_S = 0.5  # the cursor stands on a run


class RunsScreen(ComparingScreen):
    """Key 1."""

    NAME = "runs"
    LIVE = True
    HELP = """\
Every run in this warehouse: its state, how many of the planned answers it has, and how many of them are
right on the raw and on the masked pictures. Runs of another terminal appear and grow by themselves.

A running run that has not been heard of for 30 seconds reads as **stopped**; `R` resumes it. Below the list
stands what shaped the run under the cursor, and your note about it (`i`). `E` gives it another name, `D`
deletes it, and asks first.
"""
    BINDINGS: ClassVar[list[BindingType]] = [
        bind("resume", "resume", "Resume run", show=True),
        bind("note", "note", show=True),
        bind("rename", "rename"),
        bind("delete", "delete"),
    ]
    DEFAULT_CSS = """
    RunsScreen #detail { height: auto; max-height: 40%; padding: 0 1; border-top: solid $panel; }
    RunsScreen.-empty #detail { display: none; }
    RunsScreen Greeting { display: none; }
    RunsScreen.-short Greeting { padding: 0 3; }
    RunsScreen.-empty Greeting { display: block; }
    RunsScreen.-empty Table { display: none; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._runs: dict[str, dict[str, Any]] = {}
        self._loaded = False
        self._show_next: str | None = None
        self._note = ""

    def compose_body(self) -> Iterable[Widget]:
        yield Table(id="runs")
        yield SafeStatic(id="detail", markup=False)
        yield Greeting()

    def reading(self) -> str:
        return "the runs"

    async def load(self) -> None:
        rows = (await self.store.read("run_list")).as_dicts() if self.context.database.exists() else []
        self._runs = {row["run"]: row for row in rows}
        self.subtitle = f"{self.context.database}" + (
            f" · {len(rows)} run{'s' * (len(rows) > 1)}" if rows else ""
        )
        was_empty, empty = self.has_class("-empty"), not rows
        self.set_class(empty, "-empty")
        if empty:
            self.query_one(Greeting).welcome(self.context.database, focus=not was_empty)
            return
        table = self.query_one(Table)
        shape = columns(self.size.width, max((len(row["run"]) for row in rows), default=0))
        now = datetime.now(UTC).replace(tzinfo=None)
        table.fill(shape, [(row["run"], cells_of(row, dict(shape), now, self.tone)) for row in rows])
        wanted = self._show_next or (None if self._loaded else self.selection.run)
        if wanted and table.select_key(wanted):
            self._show_next = None
        if was_empty or not self._loaded:
            table.focus()
        if not self._loaded:
            self.run_worker(partial(self.store.call, warm_up), group="warm")
        self._loaded = True
        self.refresh_bindings()
        self._read_detail()

    def on_resize(self) -> None:
        if self._runs:
            self.reload()

    def on_data_table_row_selected(self, event: DataTable.RowSelected) -> None:
        if event.row_key.value:
            self.selection.open_run(event.row_key.value)
            self.context.go("overview")

    def on_data_table_row_highlighted(self, event: DataTable.RowHighlighted) -> None:
        if event.row_key.value and self.is_current:
            self.selection.open_run(event.row_key.value)
            self.refresh_bindings()
            self._read_detail()

    def _read_detail(self) -> None:
        self.run_worker(self._show_detail, group="prefetch", exclusive=True)

    async def _show_detail(self) -> None:
        run = self.query_one(Table).current_key
        if run is None or run not in self._runs:
            return
        try:
            rows, notes = await self.store.read_many(("run", {"run": run}), ("run_note", {"run": run}))
        except RelcliError:
            return  # the list says what is wrong with the file
        if rows.rows and self.query_one(Table).current_key == run:
            self._note = notes.rows[0][0] if notes.rows else ""
            detail = self.query_one("#detail", SafeStatic)
            detail.update(run_detail(rows.as_dicts()[0], self._note, self.tone, self.size.width - 2))
        self.run_worker(partial(self._look_ahead, run), group="ahead", exclusive=True)

    async def _look_ahead(self, run: str) -> None:
        """Read what the next screens show of the run the cursor rests on. What is said of an unfinished one
        changes with time."""
        await asyncio.sleep(_RESTS_S)
        if self.is_current and self._runs.get(run, {}).get("state") == "done":
            await self.store.look_ahead(("run", {"run": run}), ("overview", {"run": run}))
            await self.store.copy_questions(run, self.selection.other)

    def action_note(self) -> None:
        """Write what is to be remembered about the run under the cursor."""
        if (run := self.query_one(Table).current_key) is None:
            return
        from relcli.tui.widgets.question_dialog import LineDialog
        from relcli.warehouse.marks import set_run_note

        def write(note: str | None) -> None:
            if note is not None:
                self._change(partial(set_run_note, self.context.database, run, note))

        self.app.push_screen(LineDialog(f"Note about {run}", self._note, "empty takes it away"), write)

    def action_rename(self) -> None:
        """Give the run under the cursor another name."""
        if (run := self.query_one(Table).current_key) is None:
            return
        from relcli.tui.widgets.question_dialog import LineDialog
        from relcli.warehouse.renaming import rename_run

        def rename(name: str | None) -> None:
            if name and name != run:
                self._change(partial(rename_run, self.context.database, run, name), partial(renamed, name))

        def renamed(name: str) -> None:
            if self.selection.other == run:
                self.selection.other = name
            if self.selection.run == run:
                self.selection.run = name
            self._show_next = name

        self.app.push_screen(LineDialog(f"Rename {run}", run, "letters, digits and ._+@=-"), rename)

    def action_delete(self) -> None:
        """Delete the run under the cursor with all it holds, once somebody has said yes."""
        if (row := self._runs.get(self.query_one(Table).current_key or "")) is None:
            return
        from relcli.tui.widgets.question_dialog import ConfirmDialog
        from relcli.warehouse.runs import remove_run

        run = row["run"]
        sentence = f"{run} with its {row['n_answers']:,} answers and attention. This can't be undone."
        dialog = ConfirmDialog("Delete the run?", sentence, "Delete it", "Keep it")

        def settle(yes: bool | None) -> None:
            if yes:
                self._change(partial(remove_run, self.context.database, run))

        self.app.push_screen(dialog, settle)

    def _change(self, how: Callable[[], object], after: Callable[[], object] | None = None) -> None:
        self.run_worker(partial(self._changed, how, after), group="page")

    async def _changed(self, how: Callable[[], object], after: Callable[[], object] | None) -> None:
        try:
            await self.store.write(how)
        except RelcliError as problem:
            self.notify(problem.message, severity="error", timeout=10)
        else:
            if after is not None:
                after()
        self.reload()

    def on_button_pressed(self, event: Button.Pressed) -> None:
        if event.button.id == "launch":
            self.context.go("launch")
        elif event.button.id == "colours":
            self._first_run("run, colours", ["run", "--category", "recognition_color"])
        else:
            self._first_run("run, everything", ["run"])

    def _first_run(self, title: str, arguments: list[str]) -> None:
        if not self.context.jobs.active:
            self.context.start_job(title, arguments, self._ended)

    def _ended(self, job: Job) -> None:
        self._show_next = job.result.get("run")
        if self.is_current:
            self.reload()

    def offers(self, action: str) -> bool:
        row = self._runs.get(self.selection.run or "")
        if action == "resume":
            return row is not None and can_resume(row)
        if action == "compare":
            return len(self._runs) > 1
        if action in ("note", "rename", "delete"):
            return row is not None
        return super().offers(action)

    def action_resume(self) -> None:
        row = self._runs.get(self.query_one(Table).current_key or "")
        if row is not None:
            self.context.start_job(f"resume {row['run']}", resume_arguments(row["run"]), self._ended)

    async def action_compare(self) -> None:
        """Lay another run beside the one under the cursor."""
        key = self.query_one(Table).current_key
        if key is None:
            return

        def chosen(other: str) -> None:
            self.selection.open_run(key)
            self.selection.other = other
            self.context.go("overview")

        await self.choose_other(key, chosen)

    def exportable(self) -> Exportable | None:
        return Exportable("runs", read="run_list") if self._runs else None

    def copy_text(self) -> str | None:
        return self.query_one(Table).current_key


def warm_up() -> None:
    """Import what draws pictures while somebody reads the list, so that the first picture comes at once."""
    import numpy  # noqa: F401
    import PIL.Image
    import PIL.PngImagePlugin  # noqa: F401

    import relcli.tui.overview.screen
    import relcli.tui.questions.screen  # noqa: F401
