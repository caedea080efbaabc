"""The keys at the foot of a screen follow what can be done, in widgets that stay."""

import pytest
from textual.app import App
from textual.binding import Binding, BindingType
from textual.screen import Screen
from textual.widgets import Footer
from textual.widgets._footer import FooterKey

from relcli.tui.frame.key_line import KeyLine

_KEYS: list[BindingType] = [
    Binding("a", "one", "One"), Binding("b", "two", "Two"), Binding("c,d", "three", "Three"),
]  # fmt: skip


class Keys(App):
    """Some of three actions are offered; `foot` is the class of the line."""

    BINDINGS = _KEYS

    def __init__(self, foot):
        super().__init__()
        self.foot, self.offered = foot, {"one", "two", "three"}

    def on_mount(self):
        self.push_screen(Foot(self.foot))

    def check_action(self, action, parameters):
        return action in self.offered or action not in {"one", "two", "three"}

    def action_one(self):
        self.offered ^= {"two"}
        self.screen.refresh_bindings()


class Foot(Screen):
    def __init__(self, foot):
        super().__init__()
        self.foot = foot

    def compose(self):
        yield self.foot()


def told(app):
    """(key, words, column) of each, from the left."""
    keys = [(each.region.x, each.key_display, each.description) for each in app.screen.query(FooterKey)]
    return sorted(key for key in keys)


async def after(foot, presses):
    async with Keys(foot).run_test(size=(60, 5)) as pilot:
        await pilot.pause()
        for key in presses:
            await pilot.press(key)
            await pilot.pause()
        return told(pilot.app)


@pytest.mark.parametrize("presses", ["", "a", "aa"])
async def test_it_shows_what_textual_shows(presses):
    ours, textual = await after(KeyLine, presses), await after(lambda: Footer(compact=True), presses)
    assert ours == textual and len(ours) == (3 if presses == "a" else 4)


async def test_keys_that_stay_keep_their_widgets():
    async with Keys(KeyLine).run_test(size=(60, 5)) as pilot:
        await pilot.pause()
        before = [*pilot.app.screen.query(FooterKey)]
        pilot.app.screen.refresh_bindings()
        await pilot.pause()
        assert [*pilot.app.screen.query(FooterKey)] == before
        await pilot.press("a")
        await pilot.pause()
        assert {*pilot.app.screen.query(FooterKey)} < {*before}


async def test_a_click_presses_the_key_that_stands_there_now():
    app = Keys(KeyLine)
    async with app.run_test(size=(60, 5)) as pilot:
        await pilot.press("a")
        await pilot.pause()
        before = {*app.offered}
        [first, *_] = sorted(pilot.app.screen.query(FooterKey), key=lambda each: each.region.x)
        await pilot.click(first)
        await pilot.pause()
        assert app.offered != before
