"""The keys at the foot of a screen."""

from collections.abc import Iterator
from typing import NamedTuple

from textual.app import ComposeResult
from textual.binding import Binding
from textual.screen import Screen
from textual.widgets import Footer
from textual.widgets._footer import FooterKey


class _Shown(NamedTuple):
    """One key as it stands there. docked: at the right."""

    binding: Binding
    display: str
    enabled: bool
    tooltip: str
    docked: bool = False


class _Key(FooterKey):
    def __init__(self, shown: _Shown) -> None:
        binding = shown.binding
        super().__init__(
            binding.key,
            shown.display,
            binding.description,
            binding.action,
            disabled=not shown.enabled,
            tooltip=shown.tooltip,
            classes="-command-palette" if shown.docked else "",
        )

    def become(self, shown: _Shown) -> None:
        """Stand for another key."""
        binding = shown.binding
        self.key, self.key_display = binding.key, shown.display
        self.description, self.action = binding.description, binding.action
        self.tooltip = shown.tooltip or None
        self._disabled = not shown.enabled
        self.set_class(self._disabled, "-disabled")
        self.refresh(layout=True)


class KeyLine(Footer):
    """Textual's footer, which keeps its widgets. Textual makes all of them anew whenever the focus moves or a
    window opens, even where the keys stay as they are; that takes longer than the rest of the screen."""

    def __init__(self) -> None:
        super().__init__(compact=True)
        self._now: list[_Shown] = []

    def compose(self) -> ComposeResult:
        self._now = [*self._wanted()] if self._bindings_ready else []
        for shown in self._now:
            yield _Key(shown).data_bind(compact=Footer.compact)

    def bindings_changed(self, screen: Screen) -> None:
        self._bindings_ready = True
        if screen.app.app_focus and self.is_attached and screen is self.screen:
            self.call_next(self._follow)  # to be drawn with what changed them

    def _wanted(self) -> Iterator[_Shown]:
        """Each action once, under its first key; the palette's at the right."""
        active, palette = self.screen.active_bindings, self.app.COMMAND_PALETTE_BINDING
        seen: set[str] = set()
        for _, binding, enabled, tooltip in active.values():
            if binding.show and binding.action not in seen:
                seen.add(binding.action)
                yield _Shown(binding, self.app.get_key_display(binding), enabled, tooltip)
        if self.app.ENABLE_COMMAND_PALETTE and (of := active.get(palette)) is not None:
            tooltip = of.binding.tooltip or of.binding.description
            yield _Shown(of.binding, self.app.get_key_display(of.binding), of.enabled, tooltip, docked=True)

    async def _follow(self) -> None:
        """Show the keys of now, in the widgets that are there."""
        if not self.is_attached:
            return
        wanted = [*self._wanted()]
        if wanted == self._now:
            return
        self._now = wanted
        there = [each for each in self.query_children(_Key) if not each.has_class("-command-palette")]
        docked = [each for each in self.query_children(_Key) if each.has_class("-command-palette")]
        left = [each for each in wanted if not each.docked]
        for key, shown in zip(there, left, strict=False):
            key.become(shown)
        for key, shown in zip(docked, (each for each in wanted if each.docked), strict=False):
            key.become(shown)
        gone = [*there[len(left) :], *docked[len(wanted) - len(left) :]]
        more = [each for each in left[len(there) :]]
        more += [each for each in wanted if each.docked][len(docked) :]
        if gone:
            await self.remove_children(gone)
        if more:
            await self.mount_all(_Key(each).data_bind(compact=Footer.compact) for each in more)
