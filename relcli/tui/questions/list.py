"""The list of a run's questions: a few pages in hand, the others read as somebody comes near."""

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Literal, cast

from textual.coordinate import Coordinate
from textual.message import Message
from textual.widgets import DataTable

from relcli.errors import RelcliError
from relcli.scenes.vocabulary import STUDY_VARIANTS
from relcli.tui.context import context_of
from relcli.tui.frame.marking import Mark, mark_sign
from relcli.tui.questions.pages import Pages
from relcli.tui.questions.paging import Row
from relcli.tui.questions.rows import Shown, cells_for, columns_for, key_of, key_text
from relcli.tui.widgets.cells import tones
from relcli.tui.widgets.safe_text import Text
from relcli.tui.widgets.table import Table

if TYPE_CHECKING:
    from relcli.tui.frame.screen import WorkScreen

Key = tuple[int, int]


class QuestionList(Table):
    """variants: those whose answers are listed. Posts `Moved` when the cursor is on another question, or the
    rows are others. Its first and last row are those of the whole list, not of what is in hand."""

    class Moved(Message):
        pass

    def __init__(self, id: str) -> None:
        super().__init__(id=id)
        self._pages: Pages | None = None
        self._reading = False
        self.variants: Sequence[str] = STUDY_VARIANTS

    @property
    def pages(self) -> Pages:
        if self._pages is None:
            context = context_of(self)
            self._pages = Pages(context.store, context.selection)
        return self._pages

    @property
    def rows_in_hand(self) -> list[Row]:
        return self.pages.window.rows

    @property
    def row(self) -> Row | None:
        """The one under the cursor."""
        at, rows = self.cursor_row, self.rows_in_hand
        return rows[at] if 0 <= at < len(rows) else None

    @property
    def place(self) -> str:
        """`2 of 380`; empty until they were counted."""
        if (total := self.pages.matching) is None:
            return ""
        return f"{self.pages.window.first + self.cursor_row + 1:,} of {total:,}" if self.row else f"{total:,}"

    @property
    def questions_match(self) -> str:
        """What those are that `place` counts: `questions match`, without a filter `questions`."""
        one, narrowed = self.pages.matching == 1, context_of(self).selection.filter.narrowed
        match = (" matches" if one else " match") if narrowed else ""
        return f"question{'' if one else 's'}{match}"

    def show(self, *, cursor: int | None = None) -> None:
        """Draw the rows in hand. The cursor stays on its question, or goes to row `cursor`."""
        chosen, tone = context_of(self).selection.filter, tones(self.app.theme_variables)
        shown = Shown(self.variants, bool(chosen.other), chosen.sort in ("unsure", "sure"))
        columns = columns_for(self.size.width or self.screen.size.width, shown)
        rows = [(key_of(row), cells_for(row, columns, shown, tone)) for row in self.rows_in_hand]
        self.fill(columns, rows, cursor=cursor)
        self.post_message(self.Moved())

    def empty(self) -> None:
        self.pages.window.reset(())
        self.show(cursor=0)

    async def go_to(self, key: Key) -> bool:
        """Put the cursor on a question, which need not be in hand; False if it isn't in the list. Raises
        RelcliError."""
        if self.select_key(key_text(*key)):
            return True
        if not await self.pages.to_question(key):
            return False
        self.show(cursor=0)
        return True

    async def read_marks(self) -> None:
        """Marks may have been set on another screen while the rows stayed. Raises RelcliError."""
        context = context_of(self)
        if (stamp := context.store.stamp()) == self.pages.stamp:
            return
        said = {
            (row["scene_id"], row["question_index"]): row
            for row in (await context.store.read("question_marks", run=context.selection.run)).as_dicts()
        }
        for row in self.rows_in_hand:
            found = said.get((row["scene_id"], row["question_index"]))
            row["marked"], row["note"] = (found["marked"], found["note"]) if found else (False, None)
        self.pages.stamp = stamp
        self.show()

    def show_mark(self, mark: Mark) -> None:
        for place, row in enumerate(self.rows_in_hand):
            is_it = (row["scene_id"], row["question_index"]) == mark.key
            if is_it and (row["marked"], row["note"]) != (mark.marked, mark.note):
                row["marked"], row["note"] = mark.marked, mark.note
                sign, style = mark_sign(mark.marked, mark.note), tones(self.app.theme_variables)["accent"]
                self.update_cell_at(Coordinate(place, 0), Text(sign, style=style))
        self.post_message(self.Moved())

    def action_first_row(self) -> None:
        self.screen.run_worker(partial(self._jump, "start"), group="load", exclusive=True)

    def action_last_row(self) -> None:
        self.screen.run_worker(partial(self._jump, "end"), group="load", exclusive=True)

    async def _jump(self, place: Literal["start", "end"]) -> None:
        try:
            await (self.pages.to_start() if place == "start" else self.pages.to_end())
        except RelcliError as problem:
            self._failed(problem)
            return
        self.show(cursor=0 if place == "start" else len(self.rows_in_hand) - 1)

    def action_cursor_left(self) -> None:
        self._layer(-1)

    def action_cursor_right(self) -> None:
        self._layer(1)

    def _layer(self, by: int) -> None:
        """All columns are in sight: these keys go to the layers of the case beside the list."""
        if hasattr(self.screen, "action_layer"):
            self.screen.action_layer(by)  # type: ignore[attr-defined]

    def on_data_table_row_highlighted(self, event: DataTable.RowHighlighted) -> None:
        self.post_message(self.Moved())
        if event.cursor_row != self.cursor_row:
            return  # filling the table moves the cursor through its first row
        if (side := self.pages.window.wants(event.cursor_row)) and not self._reading:
            self._reading = True
            self.screen.run_worker(partial(self._extend, side), group="page")

    async def _extend(self, side: Literal["before", "after"]) -> None:
        asked, end = self.pages.asked(), 0 if side == "before" else -1
        if not self.rows_in_hand:  # emptied meanwhile, for another list
            self._reading = False
            return
        edge = self.rows_in_hand[end]
        try:
            page = await self.pages.further(side)
        except RelcliError as problem:
            self._failed(problem)
            return
        finally:
            self._reading = False
        if asked != self.pages.asked() or not self.rows_in_hand or self.rows_in_hand[end] is not edge:
            return  # another list was read meanwhile
        window = self.pages.window
        (window.append if side == "after" else window.prepend)(page)
        self.show()

    def _failed(self, problem: RelcliError) -> None:
        cast("WorkScreen", self.screen).show_problem(problem.message)
