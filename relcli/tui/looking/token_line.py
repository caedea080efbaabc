"""The tokens of a question as a line, coloured by where each looks; one can look in the answer's place."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import replace
from functools import partial

from textual import events
from textual.app import RenderResult
from textual.geometry import Size
from textual.message import Message
from textual.widget import Widget

from relcli.errors import RelcliError
from relcli.results.attention_maps import AttentionMaps
from relcli.results.question import QuestionKey, QuestionView
from relcli.results.token_strip import TokenStrip, read_token_strip
from relcli.tui.context import context_of
from relcli.tui.frame.keys import shown
from relcli.tui.looking.compute import head_maps, token_maps
from relcli.tui.looking.text import scale, share_words, token_lines
from relcli.tui.question.reader import DRAWN_S
from relcli.tui.widgets.cells import tones
from relcli.tui.widgets.grey import tints_of
from relcli.tui.widgets.height import changes_height
from relcli.tui.widgets.safe_text import Text

_MOST_LINES, _MOST_ON_SMALL = 4, 2
_BESIDE = ("raw", "masked")
_Place = tuple[str, QuestionKey, str]


class TokenLine(Widget):
    """`show` tells it what is looked at; it reads the tokens itself, and hides where the run kept none.
    `Looked` brings another map than the answer's."""

    DEFAULT_CSS = """
    TokenLine { height: auto; width: 1fr; padding: 0 1; display: none; }
    TokenLine.-known { display: block; }
    """

    class Looked(Message):
        """question: as it is to be shown, with the map of a token or head, or the answer's again."""

        def __init__(self, question: QuestionView) -> None:
            super().__init__()
            self.question = question

    def __init__(self) -> None:
        super().__init__()
        self._plain: QuestionView | None = None
        self._place: _Place | None = None
        self._layer: int | None = None
        self._strip: TokenStrip | None = None
        self._on = "target"
        self._at = 0
        self._note = ""
        self._whose = ""

    @property
    def strip(self) -> TokenStrip | None:
        """The tokens shown; None while they are read, and where the run kept none."""
        return self._strip

    @property
    def looked_on(self) -> str:
        """The name of the region, of relcli.captures.REGIONS."""
        return self._on

    @property
    def at(self) -> int:
        """The number of the token at the cursor."""
        return self._at

    @property
    def looks(self) -> bool:
        """A token's or a head's map is shown in place of the answer's."""
        return self._whose != ""

    def show(self, question: QuestionView | None, variant: str, layer: int | None) -> None:
        """What is looked at now."""
        self._layer = layer
        maps = question.maps.get(variant) if question else None
        self._whose = maps.whose if maps else ""
        plain, before = self._plain, self._place
        same = question is not None and before is not None and before[:2] == (question.run, question.key)
        replaced = question is not None and any(each.whose for each in question.maps.values())
        if same and replaced and not self._whose and plain is not None and variant in plain.maps:
            self.post_message(self.Looked(plain))  # nobody but the answer looks at this picture
            return
        if question is None or question.run is None or maps is None:
            self._forget()
            return
        place = question.run, question.key, variant
        if place != before:
            if same:
                self.workers.cancel_node(self)
            else:
                self._forget()
            self._place = place
            self.run_worker(partial(self._read, place, new=not same), group="page", exclusive=True)
        if not replaced:
            self._plain = question
        self._draw_again()

    def _draw_again(self) -> None:
        """Draw anew; the screen is laid out again only where that takes another height."""
        self.refresh(layout=self.display and changes_height(self))

    def _forget(self) -> None:
        self.workers.cancel_node(self)
        self._place = self._plain = self._strip = None
        self._note = ""
        self.remove_class("-known")

    async def _read(self, place: _Place, *, new: bool) -> None:
        await asyncio.sleep(DRAWN_S)
        context = context_of(self)
        try:
            strip = await context.store.call(read_token_strip, context.database, *place)
        except RelcliError:  # the screen says what is wrong with the file
            return
        if place != self._place:
            return
        self._strip = strip
        self.set_class(strip is not None, "-known")
        if strip is not None:
            if self._on not in strip.regions:
                self._on = strip.regions[0] if strip.regions else "rest"
            if new:
                self._at = _first(strip)
            self._at = min(self._at, len(strip.tokens) - 1)
        self._draw_again()

    # What a person does

    def move(self, by: int) -> None:
        if self._strip is None:
            self._say_none()
            return
        self._at = (self._at + by) % len(self._strip.tokens)
        self.refresh(layout=True)

    def go_to(self, number: int) -> None:
        """Move to a token, and look from it."""
        if self._strip is not None and 0 <= number < len(self._strip.tokens):
            self._at = number
            self.look()

    def next_region(self) -> None:
        if self._strip is None or not self._strip.regions:
            self._say_none()
            return
        regions = self._strip.regions
        at = regions.index(self._on) if self._on in regions else -1
        self._on = regions[(at + 1) % len(regions)]
        self.refresh(layout=True)

    def look(self) -> None:
        """Show the map of the token at the cursor."""
        if self._strip is None or self._plain is None or self._place is None:
            self._say_none()
            return
        context, plain, strip, at = context_of(self), self._plain, self._strip, self._at
        self._look(lambda variant: token_maps(context, plain, variant, strip, at))

    def look_with_head(self, row: str, layer: int, head: int) -> None:
        """Show the map of a head."""
        if self._plain is not None and self._place is not None:
            context, plain = context_of(self), self._plain
            self._look(lambda variant: head_maps(context, plain, variant, row, layer, head))

    def back(self) -> bool:
        """Show the answer's map again; False if it is shown already."""
        if not self.looks or self._plain is None:
            return False
        self.post_message(self.Looked(self._plain))
        return True

    def _look(self, work: Callable[[str], Awaitable[AttentionMaps]]) -> None:
        self._note = "asking …"
        self.refresh()
        self.run_worker(partial(self._compute, work), group="look", exclusive=True)

    async def _compute(self, work: Callable[[str], Awaitable[AttentionMaps]]) -> None:
        """On the picture looked at, and on its twin, which it is compared with."""
        plain, place = self._plain, self._place
        assert plain is not None and place is not None
        others = [name for name in _BESIDE if name in plain.maps and name != place[2]]
        try:
            maps = {place[2]: await work(place[2])}
            for name in others:
                with suppress(RelcliError):  # then nothing is compared
                    maps[name] = await work(name)
        except RelcliError as problem:
            self.notify(problem.message, severity="warning", timeout=10, markup=False)
            return
        finally:
            self._note = ""
            self.refresh()
        if place == self._place:
            rest = {name: each for name, each in plain.maps.items() if name not in others}
            self.post_message(self.Looked(replace(plain, maps=rest | maps)))

    def _say_none(self) -> None:
        self.notify(
            "This run kept no tokens of the question: relcli run --attention tokens does.",
            severity="warning",
            markup=False,
        )

    def on_click(self, event: events.Click) -> None:
        meta = event.style.meta
        if (number := meta.get("token")) is not None:
            self.go_to(number)
        elif (key := meta.get("key")) is not None:
            self._keys[key]()

    @property
    def _keys(self) -> dict[str, Callable[[], object]]:
        return {
            "token": partial(self.move, 1),
            "region": self.next_region,
            "its map": self.look,
            "answer's map": self.back,
        }

    # Drawing

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        return 0 if self._strip is None else 1 + len(self._lines(width))

    def _lines(self, width: int) -> list[Text]:
        """The lines of tokens that there is room for, the one with the cursor among them."""
        if self._strip is None:
            return []
        tone, tints = tones(self.app.theme_variables), tints_of(self.app)
        found = token_lines(self._strip, self._on, self._layer, self._at, max(10, width), tone, tints)
        lines, here = found
        small = bool({"-short", "-flat"} & set(self.screen.classes))
        most = _MOST_ON_SMALL if small else _MOST_LINES
        first = max(0, min(here - most // 2, len(lines) - most))
        return lines[first : first + most]

    def render(self) -> RenderResult:
        if self._strip is None or self._plain is None or self._place is None:
            return Text("")
        text = self._words(self.size.width)
        for line in self._lines(self.size.width):
            text.append("\n").append_text(line)
        return text

    def _words(self, width: int) -> Text:
        strip, plain, place = self._strip, self._plain, self._place
        assert strip is not None and plain is not None and place is not None
        tone = tones(self.app.theme_variables)
        coverage = plain.coverage.get(place[2])
        name, *rest = share_words(strip, self._on, self._layer, self._at, coverage)
        keys = [
            (f"{shown('token_before')} {shown('token_after')}", "token"),
            (shown("region"), "region"),
            (shown("token_map"), "its map"),
        ]
        if self.looks:
            keys.insert(0, ("esc", "answer's map"))
        text = Text(no_wrap=True, overflow="ellipsis")
        text.append(name, style=f"bold {tone['accent']}").append(" " + " · ".join(rest))
        text.append(f" · {self._note}" if self._note else "", style=tone["warn"])
        for extra in (scale(strip, self._on, tints_of(self.app)), *(_key(*each, tone) for each in keys)):
            if len(text) + 2 + len(extra) <= width:
                text.append("  ").append_text(extra)
        return text


def _key(key: str, words: str, tone: dict[str, str]) -> Text:
    text = Text()
    text.append(f"{key} ", style=f"bold {tone['accent']}").append(words, style="dim")
    text.apply_meta({"key": words}, 0, len(text))
    return text


def _first(strip: TokenStrip) -> int:
    """Where the cursor begins: at the last mention of what is asked about, else at the first token."""
    places = strip.roles.get("target") or [strip.tokens[0].index]
    return next((at for at, token in enumerate(strip.tokens) if token.index == places[-1]), 0)
