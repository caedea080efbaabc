"""A run's questions, and one of them beside the list or in its place."""

import asyncio
from contextlib import suppress
from functools import partial
from typing import Any, ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.widgets import DataTable, Input

from relcli.errors import RelcliError
from relcli.results.question import QuestionKey, QuestionView
from relcli.results.question_pages import BY_ATTENTION
from relcli.tui.frame.keys import bind
from relcli.tui.frame.marking import Mark
from relcli.tui.frame.tabs import TabBar
from relcli.tui.frame.taking import Exportable, FigureAsked
from relcli.tui.question.case import Case
from relcli.tui.question.screen import CaseScreen
from relcli.tui.questions.filtering import FILTERING, FilteringScreen
from relcli.tui.questions.help import HELP
from relcli.tui.questions.list import QuestionList
from relcli.tui.questions.rows import preview
from relcli.tui.questions.where import where
from relcli.tui.widgets.safe_static import SafeStatic
from relcli.tui.widgets.safe_text import Text

_ALL_ROWS = 2**62
_RESTS_S = 0.06  # the cursor stands on a question; until then it may be on its way
_AFTER_NEIGHBOURS_S = 0.3  # what lies beside the question shown is read before the ends of the list
_OF_CASE = (
    "layer", "all_layers", "vector", "strength", "frames", "zoom", "ask", "cut", "scroll_words",
    "token", "token_map", "region", "heads",
)  # fmt: skip


class QuestionsScreen(FilteringScreen, CaseScreen):
    """Keys 3 and 4: the list with the case beside it; the case alone. On a narrow terminal one of them."""

    NAME = "questions"
    NEEDS_RUN = True
    HELP = HELP
    BINDINGS: ClassVar[list[BindingType]] = [
        bind("find", "filter", show=True),
        bind("next_failure", "step(False, True)", show=True),
    ]
    DEFAULT_CSS = """
    QuestionsScreen #bar { height: auto; background: $surface; }
    QuestionsScreen #text { width: 34; height: 1; border: none; background: $panel; padding: 0 1; }
    QuestionsScreen.-narrow #text { width: 20; }
    QuestionsScreen #list-side { width: 100%; }
    QuestionsScreen #preview { height: 7; padding: 0 1; border-top: solid $panel; }
    QuestionsScreen.-short #preview { height: 6; }
    QuestionsScreen Case { display: none; }
    QuestionsScreen.-wide #list-side { width: 38%; min-width: 36; max-width: 90; }
    QuestionsScreen.-wide #preview { display: none; }
    QuestionsScreen.-wide Case { display: block; border-left: solid $panel; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._alone = False  # the case has the whole screen
        self._from_list = False
        self._stays = True  # the list is to stand at the question that is open
        self._resized = False  # since the list was drawn
        self._at: tuple[str | None, QuestionKey | None] = (None, None)

    def compose_body(self) -> ComposeResult:
        yield from self.compose_filter()
        with Horizontal(id="sides"):
            with Vertical(id="list-side"):
                yield QuestionList(id="questions")
                yield SafeStatic(id="preview")
            yield Case()

    # The list, the case, or both

    @property
    def tab(self) -> str:
        return "question" if self._alone else "questions"

    @property
    def case_is_shown(self) -> bool:
        return self._alone or self.has_class("-wide")

    def turn_to(self, name: str) -> None:
        alone, self._stays = name == "question", True
        if alone != self._alone:
            self._turn(alone, from_list=self.is_ready and self.is_current)

    def _turn(self, alone: bool, *, from_list: bool) -> None:
        """The case alone, or the list with it."""
        self._alone, self._from_list, self._stays = alone, from_list and alone, True
        if not self.is_ready:
            return
        self.case.turn(self.query_one("#body").size, alone=alone)
        self._share_room()
        self.query_one(TabBar).current = self.tab
        self.set_focus(None if alone else self.question_list)  # before it is drawn: that changes every row
        self.refresh_bindings()
        if self.is_current:
            self.reload()

    def _share_room(self) -> None:
        """Show list and case, or one of them; a class of the screen would have all on it styled anew."""
        for name in ("#list-side", "#bar"):
            self.query_one(name).display = not self._alone
        styles = self.case.styles
        styles.display = "block" if self._alone else None  # None: as the width of the terminal says
        styles.border_left = ("none", "transparent") if self._alone else None

    def on_mount(self) -> None:
        self.query_one(TabBar).current = self.tab
        self._share_room()

    def reading(self) -> str:
        if self._alone:
            return super().reading()
        return f"the questions of {self.selection.run or 'the newest run'}"

    def fill(self) -> str:
        return "rows" if self.selection.filter.sort in BY_ATTENTION and not self._alone else ""

    async def load(self) -> None:
        self.navigator.stop()  # nobody is to wait for what is only read ahead
        self.workers.cancel_group(self, "ends")
        if not self._alone:
            stays, self._stays = self._stays, False
            await self.load_list(stays=stays)
            if self._resized:
                self._resized = False
                self.call_after_refresh(self.question_list.show)
            if (row := self.question_list.row) is None:
                self.show_nothing()
                return
            self._at = self.selection.run, _key(row)
            self.selection.key = _key(row)
            self.say_where()  # drawn with the rows, not when they have said that they moved
            await self.drawn()
        if self.case_is_shown:
            await self.load_case()
        if not self._alone:
            self.copy_questions()
            self.run_worker(self._look_further, group="ends", exclusive=True)

    async def _look_further(self) -> None:
        """Read what one key goes to: the lists of the next filters, the first and the last question."""
        await asyncio.sleep(_AFTER_NEIGHBOURS_S)
        run, other, pages = self.selection.run or "", self.selection.other, self.question_list.pages
        with suppress(RelcliError):  # said when somebody goes there
            await pages.read_ahead(self.next_filters())
            ends = [pages.window.rows[0]] if pages.window.rows and not pages.window.first else []
            ends += [row for row in [await pages.last()] if row is not None]
            for row in ends if self.case_is_shown else ():
                await self.question_reader.read_ahead(run, _key(row), other)

    def on_question_list_moved(self) -> None:
        """Say which of how many is under the cursor; the case follows it."""
        if self._alone:
            return
        row = self.question_list.row
        words = Text() if row is None else preview(row, self.selection.other, self.tone)
        self.query_one("#preview", SafeStatic).update(words)
        none = row is None and self.selection.filter.narrowed and self.question_list.pages.matching == 0
        self.question_list.say_empty("No question matches; 0 clears the filter." if none else "")
        self.say_where()
        if row is None or (self.selection.run, _key(row)) == self._at:
            return
        self._at = self.selection.run, _key(row)
        self.selection.key = _key(row)
        if self.case_is_shown:
            self.run_worker(partial(self._follow, _key(row)), group="case", exclusive=True)

    async def _follow(self, key: QuestionKey) -> None:
        """Show the question under the cursor, once it rests."""
        run, other = self.selection.run or "", self.selection.other
        if not self.question_reader.holds(run, key, other):
            await asyncio.sleep(_RESTS_S)
        try:
            question = await self.question_reader.get(run, key, other)
        except RelcliError as problem:
            self.show_problem(problem.message)
            return
        if self.selection.key == key and self.selection.run == run:
            self._own = None
            self.show_question(question)
            self._look_ahead()

    async def _go(self, key: QuestionKey) -> None:
        await super()._go(key)
        if not self._alone and await self.question_list.go_to(key):
            self._at = self.selection.run, key

    def say_where(self) -> None:
        shown, place = self.question_list, None
        if not self._alone:
            place = f"{shown.place} {shown.questions_match}" if shown.place else ""
        self.subtitle = where(self.selection, self._question if self.case_is_shown else None, place)

    def on_resize(self, event: events.Resize) -> None:
        if not self.is_ready:
            return
        self._resized = self._alone
        if self.question_list.rows_in_hand and not self._alone:
            self.call_after_refresh(self.question_list.show)
        question = self._question
        if self.case_is_shown and self.selection.key and (
            question is None or (question.run is not None and question.key != self.selection.key)
        ):
            self.reload(quiet=True)

    # Keys

    def show_question(self, question: QuestionView) -> None:
        if question.run is not None:
            self._variant = self.selection.filter.variant
        super().show_question(question)

    def action_variant(self) -> None:
        """The next picture: of the case, and what right, wrong and failures speak of."""
        if self._alone:
            super(FilteringScreen, self).action_variant()
            self.selection.filter.variant = self._variant
        else:
            super().action_variant()

    def action_filter(self) -> None:
        if self._alone:
            super().action_filter()
        else:
            self.query_one("#text").focus()

    def action_cut(self) -> None:
        """Cutting takes the whole screen."""
        if not self._alone:
            self._turn(True, from_list=True)
        super().action_cut()

    def offers(self, action: str) -> bool:
        if self._alone and action in FILTERING:
            return False
        if action in _OF_CASE and not self.case_is_shown:
            return False
        return super().offers(action)

    def on_data_table_row_selected(self, event: DataTable.RowSelected) -> None:
        scene_id, question_index = str(event.row_key.value).split(".")
        self.selection.key = int(scene_id), int(question_index)
        self._turn(True, from_list=True)

    def go_back(self) -> bool:
        """Out of the field first: letters and digits are keys again."""
        if isinstance(self.focused, Input) and self.focused.id == "text":
            self.question_list.focus()
            return True
        if self.case_is_shown and self.leave_case():
            return True
        if self._from_list:
            self._turn(False, from_list=False)
            return True
        return False

    def marked_question(self) -> Mark | None:
        if self.case_is_shown:
            return super().marked_question()
        if (row := self.question_list.row) is None or self.selection.run is None:
            return None
        return Mark(self.selection.run, _key(row), row["marked"], row["note"])

    def show_mark(self, mark: Mark) -> None:
        super().show_mark(mark)
        if mark.run == self.selection.run:
            self.question_list.show_mark(mark)

    # Taking it away

    def exportable(self) -> Exportable | None:
        if self._alone:
            return self._attention()
        if not self.question_list.rows_in_hand:
            return None
        params = {**self.question_list.pages.asked(), "back": False, "count": False, "n": _ALL_ROWS}
        return Exportable(f"{self.selection.run}-questions", read="question_page", params=params)

    def figure(self) -> FigureAsked | None:
        return self._layers_figure() if self.case_is_shown else None

    def copy_text(self) -> str | None:
        if self._alone:
            return self.case_text()
        return None if (row := self.question_list.row) is None else row["text"]


def _key(row: dict[str, Any]) -> QuestionKey:
    return row["scene_id"], row["question_index"]
