"""One run by category: which relation does the model fail on?"""

from collections.abc import Iterable
from functools import partial
from typing import Any, ClassVar

from textual import events
from textual.binding import BindingType
from textual.widget import Widget
from textual.widgets import DataTable

from relcli.errors import RelcliError
from relcli.results.overview import (
    CategoryResult,
    Comparison,
    category_results,
    compared_with_published,
    compared_with_run,
)
from relcli.tui.frame.comparing import ComparingScreen
from relcli.tui.frame.keys import bind
from relcli.tui.frame.problems import run_is_gone
from relcli.tui.frame.taking import Exportable, FigureAsked
from relcli.tui.overview.table import OverviewTable, breakdown
from relcli.tui.widgets.safe_static import SafeStatic
from relcli.tui.widgets.safe_text import Text
from relcli.tui.widgets.table import Table


class OverviewScreen(ComparingScreen):
    """Key 2."""

    NAME = "overview"
    LIVE = True
    NEEDS_RUN = True
    HELP = """\
The share of right answers by category: on the **raw** picture, on its **masked** twin, and on a **blank**
one, which shows what the model says when there is nothing to see. Ranges are 95% intervals over scenes.
**clean** is the raw accuracy over questions with one right answer, **unread** the share of answers that
choose no option and don't say None; these count as wrong.

**drop** is raw minus masked in percentage points, on questions that have both. Its p is from a sign-flip test
over scenes, corrected for the categories (Holm): \\* below .05, \\*\\* below .01, \\*\\*\\* below .001.
**retain** are right raw answers that stay right masked. **fix** are wrong ones that become right.

`c` lays another run beside this one: its accuracies on the questions both answered, and how far they lie
apart. In the plot ● is raw, ○ masked and □ blank; beside another run ◆ and ◇ are the other's.

Below, the category under the cursor by its right answer: the relation, the direction, the number. Enter lists
its failures.
"""
    BINDINGS: ClassVar[list[BindingType]] = [
        bind("published", "published", show=True),
    ]
    DEFAULT_CSS = """
    OverviewScreen #about { height: 1; padding: 0 1; color: $text-muted; text-wrap: nowrap;
                            text-overflow: ellipsis; }
    OverviewScreen #categories { max-height: 75%; }
    OverviewScreen #detail { height: 1fr; padding: 1 1 0 1; }
    OverviewScreen.-short #detail { padding: 0 1; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._results: list[CategoryResult] = []
        self._beside: Comparison | None = None
        self._run: dict[str, Any] = {}
        self._published = ""
        self._shape: OverviewTable | None = None

    def compose_body(self) -> Iterable[Widget]:
        yield SafeStatic(id="about", markup=False)
        yield Table(id="categories")
        yield SafeStatic(id="detail")

    def reading(self) -> str:
        return f"the results of {self.selection.run or 'the newest run'}"

    async def load(self) -> None:
        run = self.selection.run
        found, rows = await self.store.read_many(("run", {"run": run}), ("overview", {"run": run}))
        if not found.rows:
            self._show_nothing()
            raise run_is_gone(run)
        self._run = found.as_dicts()[0]
        self._results = category_results(rows.as_dicts())
        self._beside = await self._load_beside()
        self._subtitle()
        self._show()
        copy = partial(self.store.copy_questions, str(run), self.selection.other)
        self.run_worker(copy, group="copy", exclusive=True)
        if not self._results:
            raise RelcliError(f"The run {run} has no graded answers yet.")

    async def _load_beside(self) -> Comparison | None:
        if self._published:
            rows = await self.store.read("published")
            return compared_with_published(self._published, rows.as_dicts())
        if other := self.selection.other:
            rows = await self.store.read("beside_run", run=self.selection.run, other=other)
            if not rows.rows:
                self.selection.other = None
                self.notify(f"{other} answered none of the same questions.", severity="warning")
                return None
            return compared_with_run(other, rows.as_dicts())
        return None

    def _subtitle(self) -> None:
        run = self._run
        state = "" if run["state"] == "done" else f" · {run['state']}"
        beside = f" · beside {self._beside.name}" if self._beside else ""
        self.subtitle = f"{run['run']}{state} · {run['n_answers']:,} answers{beside}"
        facts = [
            run["model"],
            f"rev {run['revision'][:8]}" if run["revision"] else None,
            run["dtype"],
            run["device"],
            f"data {run['dataset']}",
            f"{run['question_set']} questions" if run["question_set"] else None,
            ", ".join(
                f"{run[column]} {unit}"
                for column, unit in (("image_width", "px"), ("image_tokens", "image tokens"))
                if run[column]
            ),
            "no attention kept" if run["attention"] in (None, "none") else None,
            {True: "verified", False: "NOT VERIFIED: fast path differs"}.get(run["verified"]),
        ]
        self.query_one("#about", SafeStatic).update(" · ".join(str(fact) for fact in facts if fact))

    def _show_nothing(self) -> None:
        self._results = []
        self.subtitle = ""
        self.query_one("#about", SafeStatic).update("")
        self.query_one(Table).fill((), ())
        self.query_one("#detail", SafeStatic).update("")

    def _show(self) -> None:
        table = self.query_one(Table)
        tall = self.has_class("-tall")
        self._shape = shape = OverviewTable(self._results, self._beside, self.tone, self.size.width, tall)
        table.fill(shape.columns, shape.lines, height=shape.height)
        table.styles.height = 1 + len(shape.lines) * shape.height  # as the rows, not half of the screen
        if self.focused is None:
            table.focus()
        self._show_detail()

    def on_resize(self, _: events.Resize) -> None:
        if self._results:
            self.call_after_refresh(self._show)

    @property
    def _category(self) -> str | None:
        return self.query_one(Table).current_key or None

    def on_data_table_row_highlighted(self, _: DataTable.RowHighlighted) -> None:
        self._show_detail()

    def _show_detail(self) -> None:
        self.run_worker(partial(self._load_detail, self._category), group="detail", exclusive=True)

    async def _load_detail(self, category: str | None) -> None:
        if category is None or not self._results:
            text = Text("Choose a category to see it by relation, direction or number.", style="dim")
        else:
            try:
                rows = await self.store.read("category_breakdown", run=self.selection.run, category=category)
            except RelcliError as problem:
                self.show_problem(problem.message)
                return
            text = breakdown(category, rows.as_dicts(), self.tone, self.size.width)
            if self._shape and (hidden := self._shape.hidden(category)):
                text = Text.assemble((f"{hidden}\n", "dim"), text)
        self.query_one("#detail", SafeStatic).update(text)

    def on_data_table_row_selected(self, _: DataTable.RowSelected) -> None:
        """List the failures of this category."""
        asked = self.selection.filter
        asked.clear()
        asked.category, asked.status = self._category or "", "wrong"
        self.context.go("questions")

    async def action_published(self) -> None:
        """The next published source beside the run, and after the last none."""
        try:
            rows = (await self.store.read("published")).as_dicts()
        except RelcliError as problem:
            self.show_problem(problem.message)
            return
        sources = list(dict.fromkeys(row["source"] for row in rows))
        if not sources:
            self.notify("This warehouse holds no published figures.", severity="warning")
            return
        at = sources.index(self._published) + 1 if self._published in sources else 0
        self._published = sources[at] if at < len(sources) else ""
        self.reload()

    def comparing(self) -> None:
        """A run takes the place of published figures."""
        self._published = ""
        self.reload()

    def exportable(self) -> Exportable | None:
        if not self._results:
            return None
        run = self.selection.run
        return Exportable(f"{run}-overview", read="overview", params={"run": run})

    def figure(self) -> FigureAsked | None:
        """Beside another run, or a published one, the figure of the difference."""
        if not self._results or not (run := self.selection.run):
            return None
        if self._beside and self._published:
            return FigureAsked("published", run)
        if self._beside and (other := self.selection.other):
            return FigureAsked("versus", run, ("--versus", other))
        return FigureAsked("accuracy", run)

    def copy_text(self) -> str | None:
        """The table as Markdown."""
        if not self._results:
            return None
        lines = ["| category | n | raw | masked | drop | p |", "|---|---:|---:|---:|---:|---:|"]
        for each in self._results:
            shares = (each.accuracies.get(variant) for variant in ("raw", "masked"))
            values = [*(found and found.value for found in shares), each.drop, each.p]
            shown = " | ".join("" if value is None else f"{value:.3f}" for value in values)
            lines.append(f"| {each.category or 'all'} | {each.n('raw')} | {shown} |")
        return "\n".join(lines)
