"""A run's questions, filtered and paged in SQL."""

from functools import partial
from typing import Any, ClassVar, Literal

from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.widgets import DataTable, Input

from relcli.errors import RelcliError
from relcli.results.questions import CHANGES, FLAWED, STATUSES
from relcli.scenes.vocabulary import CATEGORIES, LETTERS, STUDY_VARIANTS, in_order
from relcli.tui.frame.keys import bind
from relcli.tui.frame.screen import Exportable, WorkScreen
from relcli.tui.questions.filter_bar import FilterBar
from relcli.tui.questions.paging import PAGE, Window
from relcli.tui.widgets.cells import Tones, cut, verdict
from relcli.tui.widgets.safe_static import SafeStatic
from relcli.tui.widgets.safe_text import Text
from relcli.tui.widgets.table import Column, Table

_CYCLES = {"status": tuple(STATUSES), "change": tuple(CHANGES), "flawed": tuple(FLAWED)}
_ALL_ROWS = 2**62


class QuestionsTable(Table):
    """The first and the last row of the whole list, not of what is in hand."""

    def action_first_row(self) -> None:
        self.screen.jump("start")  # type: ignore[attr-defined]

    def action_last_row(self) -> None:
        self.screen.jump("end")  # type: ignore[attr-defined]


class QuestionsScreen(WorkScreen):
    """Key 3."""

    NAME = "questions"
    NEEDS_RUN = True
    FILTER = "#text"
    HELP = """\
The questions of the run with what was answered on each picture: ✓ right, ✗ wrong, · not asked. Enter shows
one with its pictures and the attention.

The keys in the line above narrow the list; **right** and **wrong** speak of the variant chosen with `v`.
**Flipped** questions are right on one of raw and masked and wrong on the other. **Flawed** ones have
something wrong with themselves, **ambiguous** ones a second right answer. `/` looks for words in questions
and answers.
"""
    BINDINGS: ClassVar[list[BindingType]] = [
        bind("category", "category"),
        bind("variant", "cycle('variant')"),
        bind("right_wrong", "cycle('status')", show=True),
        bind("flipped", "cycle('change')", show=True),
        bind("flawed", "cycle('flawed')"),
        bind("clear", "clear", show=True),
        bind("find", "filter", show=True),
    ]
    DEFAULT_CSS = """
    QuestionsScreen #bar { height: 1; background: $surface; }
    QuestionsScreen #text { width: 30; height: 1; border: none; background: $panel; padding: 0 1; }
    QuestionsScreen.-narrow #bar { height: 2; layout: vertical; }
    QuestionsScreen.-narrow #text { width: 100%; }
    QuestionsScreen #preview { height: 6; padding: 0 1; border-top: solid $panel; }
    QuestionsScreen.-short #preview { height: 5; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._window = Window()
        self._shown: tuple[Any, ...] = ()
        self._matching: int | None = None
        self._reading = False

    def compose_body(self) -> ComposeResult:
        with Horizontal(id="bar"):
            yield FilterBar()
            yield Input(placeholder="/ find words", id="text", compact=True)
        yield QuestionsTable(id="questions")
        yield SafeStatic(id="preview")

    # What is asked of the warehouse

    def _asked(self) -> dict[str, Any]:
        return {"run": self.selection.run, **self.selection.filter.params()}

    async def _page(
        self, place: Literal["start", "end", "before", "after"], count: bool = False
    ) -> list[dict]:
        back = place in ("end", "before")
        edge = {}
        if place in ("before", "after") and self._window.rows:
            row = self._window.rows[0 if place == "before" else -1]
            edge = {"scene_id": row["scene_id"], "question_index": row["question_index"]}
        rows = await self.store.read("question_page", **self._asked(), **edge, back=back, count=count, n=PAGE)
        found = rows.as_dicts()
        if count:
            self._matching = found[0]["n_matching"] if found else 0
        return found[::-1] if back else found

    async def load(self) -> None:
        chosen = self.selection.filter
        self.query_one(FilterBar).show(chosen)
        text = self.query_one("#text", Input)
        if text.value.strip() != chosen.text:
            with self.prevent(Input.Changed):
                text.value = chosen.text
        now = tuple(self._asked().values())
        same = now == self._shown
        if same and self.selection.key and self._table.select_key(_key(*self.selection.key)):
            return
        if self._shown and now[0] != self._shown[0]:  # else another run's rows stay until then
            self._window.reset(())
            self._fill(top=True)
        self._window.reset(await self._page("start", count=True))
        if now != tuple(self._asked().values()):
            return  # changed meanwhile; another load is on its way
        self._shown = now
        if not self._window.rows and not chosen.narrowed:
            self._fill(top=True)
            raise RelcliError(
                f"The run {self.selection.run} has no answers on {chosen.variant} in the warehouse."
            )
        self._fill(top=not same)
        if self.focused is None:
            self._table.focus()

    # The table

    @property
    def _table(self) -> Table:
        return self.query_one(QuestionsTable)

    def _fill(self, top: bool = False) -> None:
        wide = self.size.width >= 110
        room = self.size.width - (9 + 2) - 2
        columns: list[Column] = [("scene.q", 9)]
        if wide:
            columns.append(("category", 27))
            room -= 29
        room -= 3 * 8 + (18 if wide else 0) + 1
        columns += [("question", max(16, room - 2)), ("raw", 6), ("masked", 6), ("blank", 6)]
        if wide:
            columns.append(("flaws", 16))
        if top:
            self._table.move_cursor(row=0)
        self._table.fill(columns, [(_key_of(row), self._cells(row, columns)) for row in self._window.rows])
        matching = "" if self._matching is None else f" · {self._matching:,} questions"
        self.subtitle = f"{self.selection.run}{matching}{' match' if self.selection.filter.narrowed else ''}"
        self._preview()

    def _cells(self, row: dict[str, Any], columns: list[Column]) -> list[Text | str]:
        widths = dict(columns)
        cells: list[Text | str] = [f"{row['scene_id']}.{row['question_index']}"]
        if "category" in widths:
            cells.append(row["category"])
        cells.append(cut(row["stem"] or row["text"], widths["question"] or 40))
        for variant in STUDY_VARIANTS:
            answer = cut(row[variant], 4) if row[variant] is not None else ""
            cells.append(Text.assemble(verdict(row[f"{variant}_correct"], self.tone), " ", answer))
        if "flaws" in widths:
            cells.append(Text(cut(", ".join(row["flaws"] or ()), 16), style="dim"))
        return cells

    def on_data_table_row_highlighted(self, event: DataTable.RowHighlighted) -> None:
        self._preview()
        if event.cursor_row != self._table.cursor_row:
            return  # filling the table moves the cursor through its first row
        if (side := self._window.wants(event.cursor_row)) and not self._reading:
            self._reading = True
            self.run_worker(partial(self._extend, side), group="page")

    async def _extend(self, side: Literal["before", "after"]) -> None:
        asked = self._shown
        try:
            page = await self._page(side)
        except RelcliError as problem:
            self.show_problem(problem.message)
            return
        finally:
            self._reading = False
        if asked != self._shown:
            return
        (self._window.append if side == "after" else self._window.prepend)(page)
        self._fill()

    def jump(self, place: Literal["start", "end"]) -> None:
        """To the first or the last question of the whole list."""
        self.run_worker(partial(self._jump, place), group="load", exclusive=True)

    async def _jump(self, place: Literal["start", "end"]) -> None:
        try:
            self._window.reset(await self._page(place), place)
        except RelcliError as problem:
            self.show_problem(problem.message)
            return
        self._fill(top=True)
        self._table.move_cursor(row=0 if place == "start" else max(0, len(self._window.rows) - 1))

    def _preview(self) -> None:
        at = self._table.cursor_row
        rows = self._window.rows
        row = rows[at] if 0 <= at < len(rows) else None
        self.query_one("#preview", SafeStatic).update(preview(row, self.tone) if row else self._nothing())

    def _nothing(self) -> Text:
        words = "No question matches; 0 clears the filter." if self.selection.filter.narrowed else ""
        return Text(words, style="dim")

    def on_resize(self, _: events.Resize) -> None:
        if self._window.rows:
            self._fill()

    def on_data_table_row_selected(self, event: DataTable.RowSelected) -> None:
        scene_id, question_index = str(event.row_key.value).split(".")
        self.selection.key = int(scene_id), int(question_index)
        self.context.go("question")

    # The filter

    def on_filter_bar_chip(self, event: FilterBar.Chip) -> None:
        if event.name == "category":
            self.action_category()
        else:
            self.action_cycle(event.name)

    def action_cycle(self, name: str) -> None:
        now = getattr(self.selection.filter, name)
        values = self._variants(now) if name == "variant" else _CYCLES[name]
        setattr(self.selection.filter, name, values[(values.index(now) + 1) % len(values)])
        self.reload()

    def _variants(self, now: str) -> tuple[str, ...]:
        """The variants to choose from: the study's, and what the questions in hand were asked on."""
        others = {each["variant"] for row in self._window.rows for each in row["others"] or ()}
        return in_order({*STUDY_VARIANTS, *others, now})

    def action_category(self) -> None:
        from relcli.tui.widgets.dialog import ChooseDialog

        def chosen(category: str | None) -> None:
            if category is not None:
                self.selection.filter.category = "" if category == "all" else category
                self.reload()

        choices = [("all", "all categories"), *((name, name) for name in CATEGORIES)]
        self.app.push_screen(ChooseDialog("Category", choices), chosen)

    def action_clear(self) -> None:
        self.selection.filter.clear()
        self.reload()
        self._table.focus()

    def on_input_changed(self, event: Input.Changed) -> None:
        self.run_worker(partial(self._find, event.value.strip()), group="find", exclusive=True)

    async def _find(self, text: str) -> None:
        import asyncio

        await asyncio.sleep(0.2)  # until the typing pauses
        if text != self.selection.filter.text:
            self.selection.filter.text = text
            self.reload()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        self._table.focus()

    def go_back(self) -> bool:
        """Out of the field first: letters and digits are keys again."""
        if isinstance(self.focused, Input):
            self._table.focus()
            return True
        return False

    def exportable(self) -> Exportable | None:
        if not self._window.rows:
            return None
        params = {**self._asked(), "back": False, "count": False, "n": _ALL_ROWS}
        return Exportable(f"{self.selection.run}-questions", read="question_page", params=params)

    def copy_text(self) -> str | None:
        at, rows = self._table.cursor_row, self._window.rows
        return rows[at]["text"] if 0 <= at < len(rows) else None


def _key(scene_id: int, question_index: int) -> str:
    return f"{scene_id}.{question_index}"


def _key_of(row: dict[str, Any]) -> str:
    return _key(row["scene_id"], row["question_index"])


def preview(row: dict[str, Any], tone: Tones) -> Text:
    """One question in a few lines: its words, its options with the right one marked, what was answered."""
    text = Text()
    text.append(f"{row['stem'] or row['text']}?\n", style="bold")
    right = (row["ground_truth"] or "").strip(")").lower()
    for letter, option in zip(LETTERS, row["options"] or (), strict=False):
        style = tone["good"] if letter == right else ""
        text.append(f"{'✓' if letter == right else ' '}{letter}) {option}   ", style=style)
    if right == "none":
        text.append("✓None", style=tone["good"])
    text.append("\n")
    answered = {name: (row[name], row[f"{name}_correct"]) for name in STUDY_VARIANTS if row[name] is not None}
    answered |= {each["variant"]: (each["answer"], each["correct"]) for each in row["others"] or ()}
    for variant in in_order(answered):
        answer, correct = answered[variant]
        text.append(f"{variant} ", style="dim").append_text(verdict(correct, tone))
        text.append(f" {cut(answer or '', 40)}   ")
    if row["ground_truth_masked"] and row["ground_truth_masked"] != row["ground_truth"]:
        text.append(f"right when masked: {row['ground_truth_masked']}   ", style="dim")
    if row["flaws"]:
        text.append(f"flaws: {', '.join(row['flaws'])}", style=tone["warn"])
    return text
