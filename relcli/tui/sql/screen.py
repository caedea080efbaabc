"""Ask the warehouse in SQL."""

import time
from collections.abc import Iterable
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.widget import Widget
from textual.widgets import DataTable

from relcli.errors import RelcliError
from relcli.progress import duration
from relcli.tui.frame.keys import bind
from relcli.tui.frame.screen import WorkScreen
from relcli.tui.frame.taking import Exportable
from relcli.tui.sql.editor import CompletionList, SqlEditor
from relcli.tui.sql.language import Catalogue, History
from relcli.tui.sql.names import SqlNames
from relcli.tui.sql.result_table import ResultTable, in_full
from relcli.tui.sql.sorting import Order, next_order, ordered_sql, sorted_rows
from relcli.tui.sql.value_dialog import ValueDialog
from relcli.tui.widgets.safe_static import SafeStatic

if TYPE_CHECKING:
    from relcli.warehouse.console import Statement, StatementResult

LIMIT = 1000
_FIRST = "FROM raw_vs_masked"
_SAY_AFTER_S = 0.3


class SqlScreen(WorkScreen):
    """Key 8."""

    NAME = "sql"
    HELP = """\
Any DuckDB question about the warehouse; a question may start with `FROM`. F5, or ctrl+j (in many terminals
also ctrl+enter), runs what is written, or only what is selected. The warehouse is opened for reading, only
while the question runs. `esc` stops one that takes too long, and otherwise leaves the editor, so that letters
and digits are keys again.

While you type, a list offers tables, columns and words; `tab` takes one. `up` on the first line, or ctrl+up,
brings earlier statements back. F2 goes to the example questions, F3 to tables and views: enter on an example
runs it, on a column types its name, `F` on a table asks for all of it.

In the rows, enter shows a value in full, `y` copies it, `s` or a click on a heading sorts by that column:
least first, most first, and as it came. `e` writes all rows to a file as they are sorted, also those beyond
the first 1,000. Rows that are dim are those of the question before.
"""
    BINDINGS: ClassVar[list[BindingType]] = [
        bind("run", "run", show=True),
        bind("examples", "names('#examples')", show=True),
        bind("tables", "names('#names')", show=True),
        bind("edit", "edit"),
        bind("find", "edit", "Editor"),
    ]
    DEFAULT_CSS = """
    SqlScreen #names-side { width: 42; }
    SqlScreen #main { width: 1fr; }
    SqlScreen #editor { height: 10; }
    SqlScreen.-short #editor { height: 6; }
    SqlScreen #state { height: auto; max-height: 4; padding: 0 1; background: $panel; }
    SqlScreen #state.-bad { background: $error 25%; }
    SqlScreen.-narrow #names-side { display: none; width: 100%; }
    SqlScreen.-narrow #names-side:focus-within { display: block; }
    SqlScreen.-narrow.-naming #names-side { display: block; }
    SqlScreen.-narrow.-naming #main { display: none; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._statement: Statement | None = None
        self._asking: tuple[str, float] | None = None
        self._result: StatementResult | None = None
        self._order: Order | None = None
        self._shown_sql = ""
        self._stamp: tuple[int, ...] = ()
        self._taken = ""

    def compose_body(self) -> Iterable[Widget]:
        earlier = History(self.context.settings.statements)
        popup = CompletionList()
        with Horizontal():
            yield SqlNames(id="names-side")
            with Vertical(id="main"):
                yield SqlEditor(
                    earlier.entries[-1] if earlier.entries else _FIRST, earlier, popup, id="editor"
                )
                yield SafeStatic(
                    "F5 runs what is written above, esc leaves the editor.", id="state", markup=False
                )
                yield ResultTable(id="rows")
        yield popup

    def on_mount(self) -> None:
        self._editor.focus()
        self.set_interval(0.1, self._tick)

    @property
    def _editor(self) -> SqlEditor:
        return self.query_one(SqlEditor)

    def take(self, sql: str) -> None:
        """A statement from another screen, for the editor."""
        self._taken = sql
        if self.is_ready:
            self._put_taken()

    def _put_taken(self) -> None:
        if self._taken:
            self._editor.put(self._taken.rstrip())
            self._editor.go_to(1, 1)
            self._taken = ""

    def reading(self) -> str:
        return "the names of tables and views"

    async def load(self) -> None:
        self._put_taken()
        self.subtitle = f"{self.context.database}"
        names = self.query_one(SqlNames)
        if not self._stamp:
            names.show_examples(await self.store.call(_examples))
        if not self.context.database.exists():
            self._stamp = ()
            raise RelcliError(
                f"There is no warehouse at {self.context.database}: start a run on the screen Launch (key 7)."
            )
        if (stamp := self.store.stamp()) != self._stamp:
            catalogue = Catalogue.of((await self.store.read("catalogue")).as_dicts())
            if catalogue != self._editor.catalogue:
                self._editor.catalogue = catalogue
                names.show_catalogue(catalogue)
            self._stamp = stamp

    # Running

    def action_run(self) -> None:
        self.query_one(CompletionList).hide()
        sql = (self._editor.selected_text or self._editor.text).strip()
        if self._asking is not None:
            self.notify("A question is being answered; esc stops it.", severity="warning")
            return
        self._asking = sql, time.monotonic()
        self.run_worker(partial(self._run, sql), group="page")

    async def _run(self, sql: str, order: Order | None = None) -> None:
        """Ask and show; `order`: in that order."""
        asked = sql if order is None else ordered_sql(sql, order)

        def ask() -> "StatementResult":
            from relcli.warehouse.console import Statement

            self._statement = Statement(self.context.database, asked, limit=LIMIT, timeout_s=3)
            return self._statement.run()

        try:
            result = await self.store.call(ask)
        except RelcliError as problem:
            self._say_problem(problem)
            return
        finally:
            self._asking = self._statement = None
        if order is None:
            self._remember(sql)
        self._result, self._shown_sql, self._order = result, sql, order
        self.query_one(ResultTable).show(result.rows, order)
        self._say(self._summary(result))

    def action_sort(self) -> None:
        """By the column under the cursor."""
        self._sort(self.query_one(ResultTable).cursor_column)

    def on_data_table_header_selected(self, event: DataTable.HeaderSelected) -> None:
        self._sort(event.column_index)

    def _sort(self, column: int) -> None:
        """What is in hand at once; of a longer result the database knows what comes first."""
        if self._result is None or not self._result.rows.rows or self._asking is not None:
            return
        order = next_order(self._order, column)
        if self._result.rows.truncated:
            self._asking = self._shown_sql, time.monotonic()
            self.run_worker(partial(self._run, self._shown_sql, order), group="page")
            return
        rows = self._result.rows
        self._order = order
        shown = rows if order is None else replace(rows, rows=sorted_rows(rows.rows, order))
        self.query_one(ResultTable).show(shown, order)
        self._say(self._summary(self._result))

    def _remember(self, sql: str) -> None:
        earlier = self._editor.earlier
        earlier.add(sql)
        if self.context.settings.statements != earlier.entries:
            self.context.settings.statements = list(earlier.entries)
            self.context.keep_settings()

    def _summary(self, result: "StatementResult") -> str:
        n, seconds = len(result.rows.rows), result.seconds
        took = duration(seconds) if seconds >= 1 else f"{seconds * 1000:.0f} ms"
        if result.rows.truncated:
            return f"The first {n:,} rows, in {took}; e writes all of them to a file."
        return f"{n:,} row{'s' * (n != 1)} in {took}" + (", e exports, s sorts" if n else "")

    def _say(self, words: str, bad: bool = False) -> None:
        state = self.query_one("#state", SafeStatic)
        state.update(words)
        state.set_class(bad, "-bad")

    def _say_problem(self, problem: RelcliError) -> None:
        line, column = getattr(problem, "line", None), getattr(problem, "column", None)
        place = f" (line {line}, column {column})" if line else ""
        self._say(f"{problem.message}{place}", bad=True)
        self.query_one(ResultTable).add_class("-old")
        if line and column and not self._editor.selected_text:
            self._editor.go_to(line, column)

    def _tick(self) -> None:
        if self._asking is not None:
            seconds = time.monotonic() - self._asking[1]
            if seconds > _SAY_AFTER_S:
                self._say(f"Asking, {seconds:.1f} s; esc stops it.")

    # Going about

    def go_back(self) -> bool:
        popup = self.query_one(CompletionList)
        if popup.open:
            popup.hide()
        elif self._statement is not None:
            self._statement.stop()
        elif self.has_class("-naming") and self.has_class("-narrow"):
            self.action_edit()
        elif self._editor.has_focus:
            self.remove_class("-naming")
            self.query_one(ResultTable).focus()
        else:
            return False
        return True

    def action_edit(self) -> None:
        self.remove_class("-naming")
        self._editor.focus()

    def action_names(self, where: str) -> None:
        self.add_class("-naming")
        self.query_one(where).focus()

    def on_sql_names_picked(self, event: SqlNames.Picked) -> None:
        self.action_edit()
        self._editor.put(event.sql)
        self.action_run()

    def on_sql_names_inserted(self, event: SqlNames.Inserted) -> None:
        self.action_edit()
        self._editor.insert(event.name)

    def on_data_table_cell_selected(self, event: DataTable.CellSelected) -> None:
        if self._result:
            name = self._result.rows.columns[event.coordinate.column]
            self.app.push_screen(ValueDialog(name, in_full(self.query_one(ResultTable).value)))

    def exportable(self) -> Exportable | None:
        if self._result is None or not self._result.rows.columns:
            return None
        sql = self._shown_sql if self._order is None else ordered_sql(self._shown_sql, self._order)
        return Exportable("rows", sql=sql)

    def copy_text(self) -> str | None:
        table = self.query_one(ResultTable)
        if table.has_focus and self._result and self._result.rows.rows:
            return in_full(table.value)
        return self._editor.text


def _examples():
    from relcli.warehouse.examples import examples

    return examples()
