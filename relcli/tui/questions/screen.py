"""A run's questions, filtered and paged in SQL."""

from functools import partial
from typing import Any, ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.widgets import DataTable, Input

from relcli.errors import RelcliError
from relcli.results.questions import CHANGES, FLAWED, MARKED, SORTS, STATUSES
from relcli.scenes.vocabulary import CATEGORIES, STUDY_VARIANTS, in_order
from relcli.tui.frame.keys import bind
from relcli.tui.frame.marking import Mark, MarkingScreen
from relcli.tui.frame.taking import Exportable
from relcli.tui.questions.filter_bar import FilterBar
from relcli.tui.questions.list import QuestionList
from relcli.tui.questions.pages import key_in
from relcli.tui.questions.rows import key_text, preview
from relcli.tui.widgets.safe_static import SafeStatic
from relcli.tui.widgets.safe_text import Text

_CYCLES = {
    "status": tuple(STATUSES),
    "change": tuple(CHANGES),
    "flawed": tuple(FLAWED),
    "marked": tuple(MARKED),
    "sort": tuple(SORTS),
}
_ALL_ROWS = 2**62


class QuestionsScreen(MarkingScreen):
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
and answers, and **25.108** there goes to question 108 of scene 25.

`x` marks a question (★) and `i` writes a note about it; `u` lists only these, also in SQL as `question_mark`.
`s` sorts by scene, by the probability of the option chosen on the variant (least sure or most sure first), or
by category. Most sure first and **wrong** together list confident errors.
"""
    BINDINGS: ClassVar[list[BindingType]] = [
        bind("category", "category"),
        bind("variant", "cycle('variant')"),
        bind("right_wrong", "cycle('status')", show=True),
        bind("flipped", "cycle('change')"),
        bind("flawed", "cycle('flawed')"),
        bind("marked", "cycle('marked')"),
        bind("sort", "cycle('sort')", show=True),
        bind("mark", "mark", show=True),
        bind("clear", "clear", show=True),
        bind("find", "filter", show=True),
    ]
    DEFAULT_CSS = """
    QuestionsScreen #bar { height: auto; background: $surface; }
    QuestionsScreen #text { width: 26; height: 1; border: none; background: $panel; padding: 0 1; }
    QuestionsScreen.-narrow #text { width: 20; }
    QuestionsScreen #preview { height: 7; padding: 0 1; border-top: solid $panel; }
    QuestionsScreen.-short #preview { height: 5; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._shown: tuple[Any, ...] = ()

    def compose_body(self) -> ComposeResult:
        with Horizontal(id="bar"):
            yield FilterBar()
            yield Input(placeholder="/ words, or 25.108", id="text", compact=True)
        yield QuestionList(id="questions")
        yield SafeStatic(id="preview")

    @property
    def _list(self) -> QuestionList:
        return self.query_one(QuestionList)

    def _asked(self) -> tuple[Any, ...]:
        return tuple(self._list.pages.asked().values())

    def reading(self) -> str:
        return f"the questions of {self.selection.run or 'the newest run'}"

    async def load(self) -> None:
        chosen, key, listed = self.selection.filter, self.selection.key, self._list
        self.query_one(FilterBar).show(chosen)
        text = self.query_one("#text", Input)
        if text.value.strip() != chosen.text and not key_in(text.value):
            with self.prevent(Input.Changed):
                text.value = chosen.text
        now = self._asked()
        same = now == self._shown
        if same and key and await listed.go_to(key):
            await listed.read_marks()
            return
        if self._shown and now[0] != self._shown[0]:  # else another run's rows stay until then
            listed.empty()
        await listed.pages.to_start()
        if now != self._asked():
            return  # changed meanwhile; another load is on its way
        self._shown = now
        listed.show(top=not same)
        if not listed.rows_in_hand and not chosen.narrowed:
            raise RelcliError(
                f"The run {self.selection.run} has no answers on {chosen.variant} in the warehouse."
            )
        if self.focused is None:
            listed.focus()

    def on_question_list_moved(self) -> None:
        """Say which of how many is under the cursor, and what it is."""
        row, narrowed = self._list.row, self.selection.filter.narrowed
        if row is not None:
            words = preview(row, self.tone)
        else:
            words = Text("No question matches; 0 clears the filter." if narrowed else "", style="dim")
        self.query_one("#preview", SafeStatic).update(words)
        place = self._list.place
        self.subtitle = f"{self.selection.run}" + (
            f" · {place} questions{' match' if narrowed else ''}" if place else ""
        )

    def on_resize(self, _: events.Resize) -> None:
        if self._list.rows_in_hand:
            self._list.show()

    def on_data_table_row_selected(self, event: DataTable.RowSelected) -> None:
        scene_id, question_index = str(event.row_key.value).split(".")
        self.selection.key = int(scene_id), int(question_index)
        self.context.go("question")

    def marked_question(self) -> Mark | None:
        if (row := self._list.row) is None or self.selection.run is None:
            return None
        return Mark(self.selection.run, (row["scene_id"], row["question_index"]), row["marked"], row["note"])

    def show_mark(self, mark: Mark) -> None:
        if mark.run == self.selection.run:
            self._list.show_mark(mark)

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
        others = {each["variant"] for row in self._list.rows_in_hand for each in row["others"] or ()}
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
        self._list.focus()

    def on_input_changed(self, event: Input.Changed) -> None:
        self.run_worker(partial(self._find, event.value.strip()), group="find", exclusive=True)

    async def _find(self, text: str) -> None:
        import asyncio

        await asyncio.sleep(0.2)  # until the typing pauses
        if (key := key_in(text)) is not None:
            self.run_worker(partial(self._go_to, key), group="load", exclusive=True)
        elif text != self.selection.filter.text:
            self.selection.filter.text = text
            self.reload()

    async def _go_to(self, key: tuple[int, int]) -> None:
        listed, words = self._list, self.selection.filter.text
        self.selection.filter.text = ""
        if words:  # the rows in hand are those with these words
            listed.empty()
        try:
            found = await listed.go_to(key)
        except RelcliError as problem:
            self.show_problem(problem.message)
            return
        if found:
            self._shown = self._asked()
            self.query_one(FilterBar).show(self.selection.filter)
        else:
            clear = "; 0 clears the filter" if self.selection.filter.narrowed else ""
            self.notify(f"Question {key_text(*key)} is not in this list{clear}.", severity="warning")
            if words:
                self.reload()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        if key_in(event.value):
            with self.prevent(Input.Changed):
                event.input.value = ""
        self._list.focus()

    def go_back(self) -> bool:
        """Out of the field first: letters and digits are keys again."""
        if isinstance(self.focused, Input):
            self._list.focus()
            return True
        return False

    def exportable(self) -> Exportable | None:
        if not self._list.rows_in_hand:
            return None
        params = {**self._list.pages.asked(), "back": False, "count": False, "n": _ALL_ROWS}
        return Exportable(f"{self.selection.run}-questions", read="question_page", params=params)

    def copy_text(self) -> str | None:
        return None if (row := self._list.row) is None else row["text"]
