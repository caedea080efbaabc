"""What the screens that show one question have in common: reading it, and the way to the next failure."""

from dataclasses import replace
from functools import partial
from typing import ClassVar

from textual.binding import Binding, BindingType

from relcli.errors import RelcliError
from relcli.tui.base import WorkScreen
from relcli.tui.exhibit import Exhibit
from relcli.tui.exhibits import Exhibits
from relcli.tui.looking import Filter
from relcli.tui.walk import Walk


class SteppingScreen(WorkScreen):
    """`load_question` shows the question looked at; keys step from it. Derived screens fill in
    `show_exhibit` and `show_nothing`."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("n", "step(False, True)", "Next failure"),
        Binding("p", "step(True, True)", "Previous"),
        Binding("full_stop", "step(False, False)", "Next question", show=False),
        Binding("comma", "step(True, False)", "Previous question", show=False),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._variant = "raw"
        self._stamp: tuple[int, ...] = ()
        self._exhibits: Exhibits | None = None
        self._walk: Walk | None = None

    @property
    def exhibits(self) -> Exhibits:
        if self._exhibits is None:
            self._exhibits = Exhibits(self.store)
        return self._exhibits

    @property
    def walk(self) -> Walk:
        if self._walk is None:
            self._walk = Walk(self.exhibits)
        return self._walk

    def show_exhibit(self, exhibit: Exhibit) -> None:
        """Show a question."""
        raise NotImplementedError

    def show_nothing(self) -> None:
        """There is no question to show."""
        raise NotImplementedError

    async def load_question(self) -> None:
        """Show the question looked at; if there is none yet, the first failure, or else the first question.
        Raises RelcliError."""
        run, chosen = self.looking.run or "", self.looking.filter
        if (stamp := self.store.stamp()) != self._stamp:
            self.exhibits.forget()
            self._stamp = stamp
        if self.looking.key is None:
            first = await self.exhibits.beside(run, None, chosen, back=False, failures=True)
            first = first or await self.exhibits.beside(run, None, chosen, back=False, failures=False)
            if first is None:
                self.show_nothing()
                raise RelcliError(
                    f"The run {run} has no question that the filter lets through (keys 3, then 0)."
                )
            self.looking.key = first
        await self._go(self.looking.key)

    async def _go(self, key: tuple[int, int]) -> None:
        exhibit = await self.exhibits.get(self.looking.run or "", key)
        self.looking.key = key
        self.show_exhibit(exhibit)
        self.look_ahead()

    def look_ahead(self) -> None:
        """Read the failures beside the question that is shown; to be called again when the picture looked at
        changes, since they are those on that picture."""
        if self.looking.run is not None and self.looking.key is not None:
            self.walk.stand(self.looking.run, self.looking.key, self._walk_filter)

    def on_unmount(self) -> None:
        self.walk.stop()

    @property
    def _walk_filter(self) -> Filter:
        """The filter of the list, but failures are those on the picture that is looked at."""
        return replace(self.looking.filter, variant=self._variant)

    def action_step(self, back: bool, failures: bool) -> None:
        self.run_worker(partial(self._step, back, failures), group="load", exclusive=True)

    async def _step(self, back: bool, failures: bool) -> None:
        run, key, chosen = self.looking.run, self.looking.key, self._walk_filter
        if run is None:
            return
        try:
            near = await self.walk.step(run, key, chosen, back=back, failures=failures)
            if near is None:
                what = f"wrong answer on {self._variant}" if failures else "question"
                self.notify(f"There is no {'earlier' if back else 'later'} {what}.", timeout=3)
                return
            await self._go(near)
        except RelcliError as problem:
            self.show_problem(problem.message)
        else:
            self.show_problem(None)
