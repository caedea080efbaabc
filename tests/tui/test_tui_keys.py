"""One set of keys for all screens: the table in relcli.tui.frame.keys."""

import importlib
import pkgutil
import re
from collections import defaultdict
from pathlib import Path

from textual.binding import Binding
from textual.dom import DOMNode

import relcli.tui
from relcli.tui.frame.keys import KEYS
from relcli.tui.frame.registry import ENTRIES

_IN_WINDOWS = {"yes", "no"}


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
