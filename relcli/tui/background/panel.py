"""Jobs of this session and runs that stopped, as a table; the one under the cursor in full below it."""

from functools import partial
from typing import Any

from textual.app import ComposeResult
from textual.containers import Vertical, VerticalScroll
from textual.message import Message
from textual.widgets import DataTable

from relcli.errors import RelcliError
from relcli.results.runs import Inventory
from relcli.tui.background.commands import run_of
from relcli.tui.background.processes import Job
from relcli.tui.background.text import job_detail, percent, stopped_detail
from relcli.tui.context import context_of
from relcli.tui.widgets.cells import Tones, cut, state_mark, tones
from relcli.tui.widgets.safe_static import SafeStatic
from relcli.tui.widgets.safe_text import Text
from relcli.tui.widgets.table import Column, Table

_EMPTY = "Nothing was started yet. F5 starts what the form says; it runs while you look at other screens."
_STATE, _DONE = 10, 6


class JobPanel(Vertical):
    """`job` and `run` are those under the cursor. Posts `Moved` when they change, `Opened` on enter. Has the
    class `-none` while there is nothing to list."""

    DEFAULT_CSS = """
    JobPanel #jobs { max-height: 40%; }
    JobPanel #detail { height: 1fr; padding: 1 1 0 1; }
    JobPanel.-none #jobs { display: none; }
    """

    class Moved(Message):
        pass

    class Opened(Message):
        pass

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id)
        self._known = Inventory()
        self._by_category: dict[str, list[dict[str, Any]]] = {}
        self._asked: set[str] = set()

    def compose(self) -> ComposeResult:
        yield Table(id="jobs")
        with VerticalScroll(id="detail", can_focus=False):
            yield SafeStatic(id="lines")

    def on_mount(self) -> None:
        self.query_one(Table).styles.height = "auto"
        context_of(self).jobs_changed.subscribe(self, self._job_changed)

    @property
    def _jobs(self) -> list[Job]:
        return context_of(self).jobs.jobs

    @property
    def _tone(self) -> Tones:
        return tones(self.app.theme_variables)

    @property
    def job(self) -> Job | None:
        """The job under the cursor."""
        key = self.query_one(Table).current_key or ""
        return self._jobs[int(key[4:])] if key.startswith("job ") else None

    @property
    def run(self) -> str | None:
        """The run under the cursor, where one is known."""
        key = self.query_one(Table).current_key or ""
        job = self.job
        return run_of(job) if job else key.removeprefix("run ") or None

    def show(self, known: Inventory) -> None:
        """What the warehouse has now."""
        self._known = known
        self._asked.clear()
        self.fill()

    def select(self, job: Job) -> None:
        """Put the cursor on a job and go there."""
        self.fill()
        table = self.query_one(Table)
        table.select_key(self._key(job))
        table.focus()

    def _key(self, job: Job) -> str:
        return f"job {self._jobs.index(job)}"

    def fill(self) -> None:
        """Jobs, newest first, then runs that stopped and are not on their way again."""
        under_way = {run_of(job) for job in self._jobs if job.active}
        room = self.content_size.width or 46
        width = max(12, room - _STATE - _DONE - 7)
        columns: list[Column] = [("state", _STATE), ("job or stopped run", width), (">done", _DONE)]
        rows: list[tuple[str, list[Text | str]]] = []
        for job in reversed(self._jobs):
            done = percent(job.done, job.total if job.active else None)
            rows.append((self._key(job), [state_mark(job.state, self._tone), cut(job.title, width), done]))
        for row in self._known.stopped:
            if row["run"] not in under_way:
                done = percent(row["n_answers"], row["n_planned"])
                cells = [state_mark(row["state"], self._tone), cut(row["run"], width), done]
                rows.append((f"run {row['run']}", cells))
        self.set_class(not rows, "-none")
        self.query_one(Table).fill(columns, rows)
        self._show_detail()

    def on_resize(self) -> None:
        self.call_after_refresh(self.fill)

    def _job_changed(self, _: Job) -> None:
        if self.screen.is_current:
            self.fill()

    def on_data_table_row_highlighted(self, _: DataTable.RowHighlighted) -> None:
        self._show_detail()

    def on_data_table_row_selected(self, _: DataTable.RowSelected) -> None:
        self.post_message(self.Opened())

    def _show_detail(self) -> None:
        job, run = self.job, self.run
        if run and run not in self._asked and run in self._known.runs:
            self._asked.add(run)
            self.run_worker(partial(self._load_categories, run), group="prefetch")
        if job is not None:
            width = self.query_one("#detail").content_size.width or 40
            text = job_detail(job, self._by_category.get(run or "", []), self._tone, width)
        else:
            row = next((row for row in self._known.stopped if row["run"] == run), None)
            text = stopped_detail(row) if row else Text(_EMPTY, style="dim")
        self.query_one("#lines", SafeStatic).update(text)
        self.post_message(self.Moved())

    async def _load_categories(self, run: str) -> None:
        try:
            rows = await context_of(self).store.read("category_table", run=run)
        except RelcliError:
            return  # the next look at the file tries again
        self._by_category[run] = rows.as_dicts()
        self._show_detail()
