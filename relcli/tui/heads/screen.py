"""Where single heads look: layers by heads, for a category of questions and a query row."""

from functools import cached_property
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.widgets import DataTable

from relcli.errors import RelcliError
from relcli.results.head_table import MEASURES, TIMES, HeadMeasure, HeadTable, Of
from relcli.tui.frame.figures import Figures
from relcli.tui.frame.keys import bind
from relcli.tui.frame.problems import check_attention, run_is_gone
from relcli.tui.frame.screen import WorkScreen
from relcli.tui.frame.taking import Exportable, FigureAsked
from relcli.tui.heads.map import NOTHING, HeadMap
from relcli.tui.heads.reader import read_heads
from relcli.tui.widgets.heat_table import HeatTable


class HeadsScreen(WorkScreen):
    """Key 9."""

    NAME = "heads"
    NEEDS_RUN = True
    HELP = """\
Where each **head** looks, of runs with `--attention heads`. A cell is the mean share of its attention on what
is asked about, over chance: the share that the same attention has on what *other scenes'* questions of the
same category ask about. **1x** is a head that knows nothing of the question. `t` chooses the category of
questions, `W` the **row**: the token that looks (the answer's, or of the question: `relcli run --rows`), `v`
the picture. `m` goes through what it looks at (`o` lists that): other objects, the arrow, sinks and so on.

**Coloured cells with a star** are above chance with a p up to .05, tested over scenes and corrected for all
heads of the map; dim ones were not found to be. The colours have one scale for all maps of the run, from
chance to the largest value. Whoever picks the largest of many heads praises noise: `relcli looks` chooses on
one half of the scenes and measures on the other.

Enter lists the questions of the category, with the head's layer chosen; there `H` shows a question's heads.
"""
    BINDINGS: ClassVar[list[BindingType]] = [
        bind("category", "category", show=True),
        bind("row", "row", show=True),
        bind("variant", "variant", show=True),
        bind("measure", "next_measure(1)", show=True),
        bind("measure_before", "next_measure(-1)"),
        bind("choose", "measures", "List of measures"),
    ]
    DEFAULT_CSS = """
    HeadsScreen.-narrow HeadMap { layout: vertical; }
    HeadsScreen.-narrow #over { display: block; }
    HeadsScreen.-narrow HeadMap #beside { width: 100%; height: auto; padding: 0 1; }
    HeadsScreen.-narrow #beside > Static { padding: 0; }
    HeadsScreen.-narrow #choices, HeadsScreen.-narrow #about { display: none; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._measure = MEASURES[0]
        self._of: Of = ("", "raw", "")
        self._keeps_heads = True

    def compose_body(self) -> ComposeResult:
        yield HeadMap()

    @property
    def _map(self) -> HeadMap:
        return self.query_one(HeadMap)

    def reading(self) -> str:
        return "where heads look"

    def reading_hint(self) -> str:
        return "computed over all heads of all answers"

    @cached_property
    def _read(self) -> Figures[HeadTable]:
        return Figures(self.store, read_heads)

    @property
    def _heads(self) -> HeadTable | None:
        """Of the measure chosen; None until they are read."""
        return self._read.of(*self._place)

    @property
    def _place(self) -> tuple[str, HeadMeasure]:
        return self.selection.run or "", self._measure

    async def load(self) -> None:
        self._keeps_heads = True
        try:
            await self._read.turn_to(*self._place)
        except RelcliError:
            self._paint()
            raise
        self._paint()
        if not self._heads:
            raise await self._why_nothing(self._place[0])
        if self.focused is None:
            self.query_one(HeatTable).focus()

    async def _why_nothing(self, run: str) -> RelcliError:
        rows = (await self.store.read("run", run=run)).as_dicts()
        if not rows:
            return run_is_gone(run)
        self._keeps_heads = "heads" in (rows[0]["attention"] or "").split(",")
        self._paint()
        check_attention(rows[0])
        if not self._keeps_heads:
            return RelcliError(
                f"The run {run} kept no single heads: relcli run --attention heads keeps them; or choose "
                "another on Runs (key 1)."
            )
        if self._measure.name != TIMES:
            return RelcliError(f"The heads of {run} have nothing on this region (m continues).")
        return RelcliError(
            f"The run {run} has no heads to tell from yet: it takes answers about objects in the picture in "
            "two scenes or more (r reads again)."
        )

    def _paint(self) -> None:
        heads = self._heads
        if heads:
            self._of = self._nearest(heads)
        there = self._of if heads or heads is None else NOTHING
        self._map.show(heads, self._measure if self._keeps_heads else None, there)
        self.refresh_bindings()
        self.subtitle = " · ".join([self.selection.run or "", "heads", *filter(None, there[:1])])

    def _nearest(self, heads: HeadTable) -> Of:
        """What is looked at, as far as there is a map of it; else the category filtered by, and its best
        row."""
        category, variant, row = self._of
        if category not in heads.categories:
            asked = self.selection.filter.category
            category = asked if asked in heads.categories else heads.categories[0]
        if variant not in heads.variants:
            variant = heads.variants[0]
        if row not in heads.rows:
            row = heads.best_row(category, variant) or heads.rows[0]
        return category, variant, row

    # Keys

    def offers(self, action: str) -> bool:
        """A run without heads leaves nothing to choose."""
        if action in ("next_measure", "measures"):
            return self._keeps_heads
        if action in ("category", "row", "variant"):
            return bool(self._heads)
        return super().offers(action)

    def _turn(self, part: int, choices: list[str]) -> None:
        of = list(self._of)
        at = choices.index(of[part]) if of[part] in choices else -1
        of[part] = choices[(at + 1) % len(choices)]
        self._of = of[0], of[1], of[2]
        self._paint()

    def action_category(self) -> None:
        if self._heads:
            self._turn(0, self._heads.categories)

    def action_variant(self) -> None:
        if self._heads:
            self._turn(1, self._heads.variants)

    def action_row(self) -> None:
        if self._heads:
            self._turn(2, self._heads.rows)

    def action_next_measure(self, by: int) -> None:
        at = MEASURES.index(self._measure)
        self.action_measure(MEASURES[(at + by) % len(MEASURES)].name)

    def action_measure(self, name: str) -> None:
        """Show that measure, reading its maps on first use."""
        self._measure = next(measure for measure in MEASURES if measure.name == name)
        self.reload()

    def action_measures(self) -> None:
        from relcli.tui.widgets.dialog import ChooseDialog

        def chosen(name: str | None) -> None:
            if name:
                self.action_measure(name)

        self.app.push_screen(ChooseDialog("Measure", [(each.name, each.words) for each in MEASURES]), chosen)

    @on(DataTable.CellSelected)
    def _selected(self) -> None:
        """List the questions of the category, the head's layer chosen."""
        if (place := self._map.place) is None:
            return
        asked = self.selection.filter
        asked.clear()
        asked.category, asked.variant = self._of[0], self._of[1]
        self.selection.layer = place[0]
        self.context.go("questions")

    # Taking it away

    def exportable(self) -> Exportable | None:
        if not self._heads:
            return None
        run = self._place[0]
        if self._measure.name == TIMES:
            category, variant, row = self._of
            params = {"run": run, "category": category, "variant": variant, "query_row": row}
            return Exportable(f"{run}-{category}-{row}-heads", read="head_map", params=params)
        params = {"run": run, "measure": self._measure.name}
        return Exportable(f"{run}-{self._measure.name}-heads", read="head_region_map", params=params)

    def figure(self) -> FigureAsked | None:
        return FigureAsked("heads", self._place[0]) if self._heads else None

    def copy_text(self) -> str | None:
        """The map as Markdown."""
        if not self._heads:
            return None
        n_layers, n_heads = self._heads.size
        found = self._heads.map(self._of)
        lines = [
            f"| layer | {' | '.join(str(head) for head in range(n_heads))} |",
            f"|---|{'---:|' * n_heads}",
        ]
        for layer in range(n_layers):
            figures = (found.get((layer, head)) for head in range(n_heads))
            cells = ("" if each is None else self._measure.written(each.value) for each in figures)
            lines.append(f"| {layer} | {' | '.join(cells)} |")
        return "\n".join(lines)
