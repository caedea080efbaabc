"""What the command palette offers beside going to screens: the commands of the screen under it."""

from collections.abc import Iterable
from functools import partial

from textual.app import App, SystemCommand
from textual.binding import Binding
from textual.screen import Screen

_SELF_EVIDENT = ("go(", "cursor_", "page_", "scroll_", "app.focus", "screen.copy", "copy_text")


def needs_saying(binding: Binding) -> bool:
    """Whether help and palette name it: not a way to move, which everybody knows, nor one without words."""
    return bool(binding.description) and not binding.action.startswith(_SELF_EVIDENT)


def screen_commands(app: App[None], screen: Screen[None], title: str) -> Iterable[SystemCommand]:
    """What the keys of a screen do now, each command once. `title`: of the screen."""
    done: set[str] = set()
    for active in screen.active_bindings.values():
        binding = active.binding
        if active.node is app or not active.enabled or not needs_saying(binding) or binding.action in done:
            continue
        done.add(binding.action)
        name = f"{binding.description} ({app.get_key_display(binding)})"
        yield SystemCommand(name, f"On {title}", partial(app.run_action, binding.action, active.node))
