"""One set of keys for all screens: the table in relcli.tui.frame.keys."""

import importlib
import pkgutil
import re
from collections import defaultdict
from pathlib import Path

import pytest
from textual.binding import Binding
from textual.dom import DOMNode

import relcli.tui
from relcli.tui.app import RelcliApp
from relcli.tui.frame.keys import KEYS
from relcli.tui.frame.registry import ENTRIES

_IN_WINDOWS = {"yes", "no"}
_NOT_PRESSED = {"start", "resume", "suspend", "quit", "quit_now", "copy_or_quit"}
_SCREENS = [
    pytest.param(entry, marks=() if entry.screen == "questions" else pytest.mark.slow, id=entry.name)
    for entry in ENTRIES
]


def _bindings() -> dict[type, list[Binding]]:
    """The bindings that classes of the application declare themselves."""
    found = {}
    for module in pkgutil.walk_packages(relcli.tui.__path__, "relcli.tui."):
        if module.name.endswith(".graphics"):  # needs a package that is not always there; it binds nothing
            continue
        for each in vars(importlib.import_module(module.name)).values():
            if isinstance(each, type) and issubclass(each, DOMNode) and each.__module__ == module.name:
                found[each] = list(each.__dict__.get("BINDINGS", ()))
    return found


def test_every_binding_comes_from_the_table() -> None:
    known = {key.keys for key in KEYS.values()} | {entry.key for entry in ENTRIES}
    declared = _bindings()
    assert sum(map(len, declared.values())) > 60
    for where, bindings in declared.items():
        assert {each.key for each in bindings} <= known, where


def test_every_meaning_is_bound_somewhere() -> None:
    """By name: two meanings may share a key where one of them belongs to windows."""
    sources = Path(relcli.tui.__path__[0]).rglob("*.py")
    bound = {name for each in sources for name in re.findall(r'\bbind\(\s*"(\w+)"', each.read_text("utf-8"))}
    assert bound == KEYS.keys()


def test_a_letter_has_one_meaning() -> None:
    meanings = defaultdict(set)
    for name, key in KEYS.items():
        if name not in _IN_WINDOWS:
            for each in key.keys.split(","):
                meanings[each].add(name)
    digits = {entry.key for entry in ENTRIES}
    assert not digits & meanings.keys()
    assert {key: names for key, names in meanings.items() if len(key) == 1 and len(names) > 1} == {
        "j": {"down", "page_down"},  # the same: a list moves its cursor, a text scrolls
        "k": {"up", "page_up"},
    }


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.name)
@pytest.mark.slow
async def test_help_lists_the_keys_of_the_screen_and_those_of_every_screen(drive, warehouse, entry) -> None:
    async with drive(warehouse, entry.key) as driver:
        app: RelcliApp = driver.app
        keys = app._keys()
        here = {what for _, what in keys["this screen"]}
        for declared in _bindings()[type(driver.screen)]:
            active = app.screen.active_bindings.get(declared.key.split(",")[0])
            if active is not None and active.enabled and active.binding.action == declared.action:
                assert declared.description in here or declared.action.startswith(("app.focus", "scroll_"))
        assert {"Help", "Back", "Quit", "Screens"} <= {what for _, what in keys["everywhere"]}
        await driver.press("f1" if entry.name == "sql" else "question_mark")
        text = str(driver.app.screen.query_one("#keys").render())
        assert "this screen" in text and "everywhere" in text


@pytest.mark.parametrize("entry", _SCREENS)
@pytest.mark.slow
async def test_every_key_of_every_screen_can_be_pressed(drive, probed, entry) -> None:
    """One after the other, windows closed again, and the screen come back to: nothing breaks."""
    left_out = {key for name in _NOT_PRESSED for key in KEYS[name].keys.split(",")}
    async with drive(probed, entry.key) as driver:
        app: RelcliApp = driver.app
        pressed = [key for key in app.screen.active_bindings if key not in left_out and not key.isdigit()]
        assert len(pressed) > 12
        for key in pressed:
            await driver.pilot.press(key)
            await driver.pilot.pause()
            while app.screen is not app.work_screen:
                await driver.pilot.press("escape")
                await driver.pilot.pause()
            app.go(entry.name)
        await driver.settle()
        assert app.is_running and driver.problem == ""
