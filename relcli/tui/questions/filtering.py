"""The filter of the list of questions: its keys, the field to find things, and the second run."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from typing import Any, ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.widgets import Input

from relcli.errors import RelcliError
from relcli.results.finding import HINT, HINT_SHORT, unknown_sentence, wanted
from relcli.results.questions import (
    CHANGES,
    DIFFER,
    FLAWED,
    MARKED,
    SORT_WORDS,
    STATUSES,
    QuestionFilter,
)
from relcli.scenes.vocabulary import CATEGORIES, STUDY_VARIANTS, categories_in_order, in_order
from relcli.tui.frame.comparing import ComparingScreen
from relcli.tui.frame.keys import bind
from relcli.tui.questions.filter_bar import FilterBar
from relcli.tui.questions.list import QuestionList
from relcli.tui.questions.pages import key_in
from relcli.tui.questions.rows import key_text

_CYCLES = {
    "status": tuple(STATUSES),
    "change": tuple(CHANGES),
    "flawed": tuple(FLAWED),
    "marked": tuple(MARKED),
    "differ": tuple(DIFFER),
}
FILTERING = ("category", "cycle", "sort", "clear")
"""The actions that change what is listed."""
_TYPED_S = 0.2
_WIDE = 100  # columns from which the field has all its room


class FilteringScreen(ComparingScreen):
    """Derived screens compose `compose_filter` and a `QuestionList`."""

    FILTER = "#text"
    BINDINGS: ClassVar[list[BindingType]] = [
        bind("category", "category"),
        bind("right_wrong", "cycle('status')"),
        bind("flipped", "cycle('change')"),
        bind("flawed", "cycle('flawed')"),
        bind("marked", "cycle('marked')"),
        bind("differ", "cycle('differ')"),
        bind("sort", "sort"),
        bind("clear", "clear"),
    ]

    @property
    def question_list(self) -> QuestionList:
        return self.query_one(QuestionList)

    def __init__(self) -> None:
        super().__init__()
        self._listed: tuple[Any, ...] = ()  # what the rows in hand were asked with

    def compose_filter(self) -> ComposeResult:
        with Horizontal(id="bar"):
            yield FilterBar()
            yield Input(id="text", compact=True)

    def on_resize(self, event: events.Resize) -> None:
        hint = HINT_SHORT if event.size.width < _WIDE else HINT
        self.query_one("#text", Input).placeholder = f"/ {hint}"

    # Reading the list

    async def load_list(self, *, stays: bool) -> None:
        """Read what the filter lets through; with `stays`, the list is to stand at the question that is open.
        Raises RelcliError."""
        chosen, listed, bar = self.selection.filter, self.question_list, self.query_one(FilterBar)
        moves = not bar.fits(chosen)
        if not moves:
            bar.show(chosen)
        text = self.query_one("#text", Input)
        if text.value.strip() != chosen.text and not key_in(text.value):
            with self.prevent(Input.Changed):
                text.value = chosen.text
        now = self._asked()
        same = now == self._listed
        if self.store.copies(self.selection.run or "", self.selection.other):  # begun on the screen before
            self.copy_questions()
        try:
            if same and self.selection.key and await listed.go_to(self.selection.key):
                await listed.read_marks()
            else:
                await self._read_list(now, same=same, stays=stays)
        finally:
            if moves:  # another height moves the list as well: both are laid out and drawn at once
                bar.show(chosen)
        if self.focused is None:
            listed.focus()

    async def _read_list(self, now: tuple[Any, ...], *, same: bool, stays: bool) -> None:
        chosen, listed = self.selection.filter, self.question_list
        if not self._listed:
            await asyncio.gather(self._read_variants(), self._read_page(stays=stays))
        else:
            if now[0] != self._listed[0]:  # another run: the rows of the one before stay until then
                await self._read_variants()
                listed.empty()
            await self._read_page(stays=stays)
        if now != self._asked():
            return  # changed meanwhile; another load is on its way
        self._listed = now
        listed.show(cursor=None if same else 0)
        if not listed.rows_in_hand and not chosen.narrowed:
            raise RelcliError(
                f"The run {self.selection.run} has no answers on {chosen.variant} in the warehouse."
            )

    async def _read_page(self, *, stays: bool) -> None:
        key, pages = self.selection.key if stays else None, self.question_list.pages
        if key is None or not await pages.to_question(key):
            await pages.to_start()

    def copy_questions(self) -> None:
        """Have the next pages come from memory."""
        if run := self.selection.run:
            copy = partial(self.store.copy_questions, run, self.selection.other)
            self.run_worker(copy, group="copy", exclusive=True)

    def warehouse_changed(self) -> None:
        """The rows in hand stay; the next ones are to come as quickly as before."""
        super().warehouse_changed()
        self.copy_questions()

    def _asked(self) -> tuple[Any, ...]:
        return tuple(map(str, self.question_list.pages.asked().values()))

    async def _read_variants(self) -> None:
        """The variants that the run was asked on."""
        rows = (await self.store.read("run", run=self.selection.run)).as_dicts()
        known = rows[0]["variants"] if rows else None
        self.question_list.variants = in_order(known or STUDY_VARIANTS)

    # The keys

    async def on_filter_bar_chip(self, event: FilterBar.Chip) -> None:
        if event.name == "category":
            await self.action_category()
        elif event.name == "sort":
            self.action_sort()
        elif event.name == "variant":
            self.action_variant()
        else:
            self.action_cycle(event.name)

    def next_filters(self) -> Iterator[QuestionFilter]:
        """What one key makes of the filter: that a person who narrows the list down presses next."""
        chosen = self.selection.filter
        for name in (*_CYCLES, "variant"):
            if name != "differ" or self.selection.other:
                yield replace(chosen, **{name: self._after(name)})
        cleared = replace(chosen)
        cleared.clear()
        yield cleared

    def _after(self, name: str) -> str:
        """The value of a field of the filter that its key goes to."""
        now = getattr(self.selection.filter, name)
        values = in_order({*self.question_list.variants, now}) if name == "variant" else _CYCLES[name]
        return values[(values.index(now) + 1) % len(values)]

    def action_variant(self) -> None:
        """List the answers on the next picture."""
        self.selection.filter.variant = self._after("variant")
        self.reload()

    def action_cycle(self, name: str) -> None:
        if name == "differ" and not self.selection.other:
            self.notify("There is no run to differ from: c chooses one.", severity="warning")
            return
        setattr(self.selection.filter, name, self._after(name))
        self.reload()

    async def action_category(self) -> None:
        """Choose one of the seven categories, or of those that the run has beside them."""
        from relcli.tui.widgets.dialog import ChooseDialog

        try:
            rows = (await self.store.read("run", run=self.selection.run)).as_dicts()
        except RelcliError as problem:
            self.show_problem(problem.message)
            return
        asked = (rows[0]["categories"] if rows else None) or ()
        known = categories_in_order([*CATEGORIES, *asked])
        if asked and set(asked).isdisjoint(CATEGORIES):
            known = categories_in_order(asked)

        def chosen(category: str | None) -> None:
            if category is not None:
                self.selection.filter.category = "" if category == "all" else category
                self.reload()

        choices = [("all", "all categories"), *((name, name) for name in known)]
        self.app.push_screen(ChooseDialog("Category", choices), chosen)

    def action_sort(self) -> None:
        """Choose the order from a list."""
        from relcli.tui.widgets.dialog import ChooseDialog

        def chosen(name: str | None) -> None:
            if name is not None:
                self.selection.filter.sort = "" if name == "scene" else name
                self.reload()

        choices = [(name or "scene", words) for name, words in SORT_WORDS.items()]
        self.app.push_screen(ChooseDialog("Sort by", choices), chosen)

    def action_clear(self) -> None:
        self.selection.filter.clear()
        self.reload()
        self.question_list.focus()

    # Finding

    def on_input_changed(self, event: Input.Changed) -> None:
        if event.input.id == "text":
            self.run_worker(partial(self._find, event.value.strip()), group="find", exclusive=True)

    async def _find(self, text: str) -> None:
        await asyncio.sleep(_TYPED_S)  # until the typing pauses
        if (key := key_in(text)) is not None:
            self.run_worker(partial(self._go_to, key), group="load", exclusive=True)
        elif text != self.selection.filter.text:
            self.selection.filter.text = text
            self.reload()

    async def _go_to(self, key: tuple[int, int]) -> None:
        listed, words = self.question_list, self.selection.filter.text
        self.selection.filter.text = ""
        if words:  # the rows in hand are those with these words
            listed.empty()
        try:
            found = await listed.go_to(key)
        except RelcliError as problem:
            self.show_problem(problem.message)
            return
        if found:
            self._listed = self._asked()
            self.query_one(FilterBar).show(self.selection.filter)
        else:
            clear = "; 0 clears the filter" if self.selection.filter.narrowed else ""
            self.notify(f"Question {key_text(*key)} is not in this list{clear}.", severity="warning")
            if words:
                self.reload()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        if event.input.id != "text":
            return
        if key_in(event.value):
            with self.prevent(Input.Changed):
                event.input.value = ""
        elif sentence := unknown_sentence(wanted(event.value)):
            self.notify(sentence, severity="warning")
            return
        self.question_list.focus()
