"""What every screen has: tabs above, a line that says what is looked at, the job bar and the keys below."""

import asyncio
import time
from collections.abc import Iterable
from contextlib import suppress
from functools import partial
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Container
from textual.geometry import Size
from textual.reactive import reactive
from textual.timer import Timer
from textual.widget import Widget

from relcli.errors import RelcliError, WarehouseError
from relcli.hints import with_database
from relcli.tui.background.status_bar import StatusBar
from relcli.tui.frame import memory
from relcli.tui.frame.key_line import KeyLine
from relcli.tui.frame.keys import bind
from relcli.tui.frame.tabs import TabBar
from relcli.tui.frame.taking import TakingAway
from relcli.tui.widgets.cells import Tones, tones
from relcli.tui.widgets.safe_static import SafeStatic

_TRY_AGAIN_S = 4.0  # a file that somebody holds or is about to make
_SAY_AFTER_S = 0.2  # what is read quicker needs no word about it
_HINT_AFTER_S = 2
COMPUTED_ANEW = "computed anew, relcli db fill makes it quick"
SHOWN = ("load", "detail", "case", "ends", "prefetch", "ahead", "copy")
"""Groups of workers that read what the screen shows, and that `load` begins again."""
Breakpoints = list[tuple[int, str]] | None


class WorkScreen(TakingAway):
    """A screen of the application. See `relcli.tui` for what a new one brings."""

    NAME: ClassVar[str] = ""
    HELP: ClassVar[str] = ""
    LIVE: ClassVar[bool] = False
    FILTER: ClassVar[str] = ""
    NEEDS_RUN: ClassVar[bool] = False
    AUTO_FOCUS = ""
    HORIZONTAL_BREAKPOINTS: ClassVar[Breakpoints] = [(0, "-tiny"), (58, "-narrow"), (100, "-wide")]
    VERTICAL_BREAKPOINTS: ClassVar[Breakpoints] = [(0, "-flat"), (15, "-short"), (32, "-tall")]
    BINDINGS: ClassVar[list[BindingType]] = [bind("find", "filter")]
    DEFAULT_CSS = """
    WorkScreen {
        layers: base;
        #body { height: 1fr; }
        #problem { display: none; background: $error 25%; color: $text; padding: 0 1; height: auto;
                   max-height: 4; }
        #problem.-shown { display: block; }
        #too-small { display: none; width: 100%; height: 1fr; content-align: center middle; }
        &.-tiny, &.-flat { #body { display: none; } #too-small { display: block; } }
    }
    """

    subtitle: reactive[str] = reactive("", repaint=False)
    _was_read = False
    _problem_stays = False
    _patience: Timer | None = None
    _lacks_fill: bool | None = None  # None: nobody has looked
    _was_too_small = False
    _had_focus: Widget | None = None

    def fit(self, size: Size) -> None:
        """It is about to be shown in a terminal of that size. Without the classes that go with the size, all
        would be styled once more when it is known."""
        of_each = (size.width, self.HORIZONTAL_BREAKPOINTS), (size.height, self.VERTICAL_BREAKPOINTS)
        for length, breakpoints in of_each:
            self.add_class(*[name for least, name in breakpoints or () if length >= least][-1:])

    @property
    def tone(self) -> Tones:
        """Styles by meaning in the present theme."""
        return tones(self.app.theme_variables)

    def compose(self) -> ComposeResult:
        yield TabBar(self.tab)
        yield SafeStatic(id="problem", markup=False)
        with Container(id="body"):
            yield from self.compose_body()
        yield SafeStatic("Terminal too small:\nmake it 80 x 24.", id="too-small")
        yield StatusBar()
        yield KeyLine()

    def compose_body(self) -> Iterable[Widget]:
        """The screen's own widgets."""
        return ()

    async def load(self) -> None:
        """Read what the screen shows and show it. RelcliError becomes the sentence on screen."""

    def reading(self) -> str:
        """What `load` reads, said while it takes long."""
        return "the warehouse"

    def reading_hint(self) -> str:
        """Why it may take long, said after some seconds."""
        return ""

    def fill(self) -> str:
        """The part of the run's fills that `load` reads from; "" for none. Where it is missing, that is said
        with what takes long."""
        return ""

    @property
    def tab(self) -> str:
        """Under which tab the screen stands now; one that has two says which."""
        return self.NAME

    def turn_to(self, name: str) -> None:
        """Somebody comes by one of the screen's tabs."""

    def go_back(self) -> bool:
        """What `esc` does before it leaves the screen; True if it had something to do."""
        return False

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        self._had_focus = event.widget

    def on_resize(self, _: events.Resize) -> None:
        self.call_after_refresh(self._focus_again)

    def _focus_again(self) -> None:
        """What was hidden while the terminal was too small has the keys again."""
        was, self._was_too_small = self._was_too_small, self.has_class("-tiny") or self.has_class("-flat")
        if was and not self._was_too_small and self.focused is None and self._had_focus in self.focus_chain:
            self.set_focus(self._had_focus)

    def on_screen_resume(self) -> None:
        self._problem_stays = False
        self.refresh_bindings()
        self.reload()

    def on_screen_suspend(self) -> None:
        """What is read for a screen that was left is not waited for; under a window it is."""
        if self not in self.app.screen_stack:
            for group in SHOWN:
                self.workers.cancel_group(self, group)

    def reload(self, *, quiet: bool = False) -> None:
        """Read again. A read that is still under way is given up. `quiet`: say nothing while it lasts."""
        if self.is_ready:
            read = partial(self._load, quiet)
            self.run_worker(read, group="load", exclusive=True, exit_on_error=True)

    async def _load(self, quiet: bool) -> None:
        began, self._lacks_fill = time.monotonic(), None
        patience = None if quiet else self.set_interval(_SAY_AFTER_S, lambda: self.say_reading(began))
        self._patience = patience
        try:
            if self.NEEDS_RUN and self.selection.run is None:
                await self._open_newest()
            await self.load()
        except RelcliError as problem:
            self.show_problem(problem.message)
            if isinstance(problem, WarehouseError):
                self.set_timer(_TRY_AGAIN_S, self._try_again)
        else:
            if not self._problem_stays:
                self.show_problem(None)
        finally:
            if patience is not None:
                patience.stop()
            if self._patience is patience and self.is_ready:  # else another read has begun
                self.query_one(TabBar).reading = ""
            if not self._was_read:  # what the screen is made of is there now, and stays
                self._was_read = True
                self.call_after_refresh(memory.settle)

    async def drawn(self) -> None:
        """On the first visit, wait until what is known is drawn: what is read meanwhile would delay it."""
        if not self._was_read:
            is_drawn = asyncio.Event()
            self.call_after_refresh(is_drawn.set)
            await is_drawn.wait()

    def say_reading(self, began: float) -> None:
        """Say what is being read, and for how long already."""
        seconds = round(time.monotonic() - began)
        if self._lacks_fill is None and self.fill():
            self._lacks_fill = False
            self.run_worker(self._look_for_fill, group="load hint", exclusive=True)
        hint = self.reading_hint() if seconds > _HINT_AFTER_S else ""
        hint = with_database(COMPUTED_ANEW) if self._lacks_fill else hint
        words = f"reading {self.reading()} …" + (f" {seconds} s" if seconds else "")
        self.query_one(TabBar).reading = f"{words}: {hint}" if hint else words

    async def _look_for_fill(self) -> None:
        with suppress(RelcliError):  # said by what is read itself
            parts = (await self.store.read("filled_parts", run=self.selection.run)).rows
            self._lacks_fill = self.fill() not in [part for part, _ in parts]

    def _try_again(self) -> None:
        if self.is_current and self._has_problem:
            self.reload()

    async def _open_newest(self) -> None:
        """Whoever comes here before a run was chosen sees the newest."""
        rows = (
            (await self.store.read("run_list", limit=1)).as_dicts() if self.context.database.exists() else []
        )
        if not rows:
            raise RelcliError("There is no run yet: start one on the screen Launch (key 7).")
        self.selection.open_run(rows[0]["run"])

    def show_problem(self, sentence: str | None, *, stays: bool = False) -> None:
        """A sentence at the top of the screen; None takes it away. One that `stays` is about what somebody
        wants to do: reading the warehouse again doesn't settle it."""
        self._problem_stays = stays
        if not self.is_ready:
            return
        line = self.query_one("#problem", SafeStatic)
        line.update(with_database(sentence or ""))
        line.set_class(bool(sentence), "-shown")

    @property
    def _has_problem(self) -> bool:
        return self.is_ready and self.query_one("#problem").has_class("-shown")

    def watch_subtitle(self, subtitle: str) -> None:
        for bar in self.query(TabBar):
            bar.subtitle = subtitle

    def warehouse_changed(self) -> None:
        """The file was written to."""
        if self.LIVE or self._has_problem:
            self.reload(quiet=True)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        return self.offers(action) if self.is_ready else False

    def offers(self, action: str) -> bool:
        """Whether an action makes sense now; asked only while the screen's widgets are there."""
        return action != "filter" or bool(self.FILTER)

    def action_filter(self) -> None:
        if self.FILTER:
            self.query_one(self.FILTER).focus()
