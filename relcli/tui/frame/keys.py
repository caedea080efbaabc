"""The keys of the application, written down once: each has one meaning on every screen.

Screens and widgets bind by meaning, `bind("compare", "compare")`, and never by letter. Windows over a screen
(dialogs) and the SQL editor have a few keys of their own; those are in the table as well.
"""

from typing import NamedTuple

from textual.binding import Binding


class Key(NamedTuple):
    """A meaning's keys.

    keys: as Textual names them, separated by commas; text: the meaning, as the help says it; shown: how the
    footer writes the key, where that isn't Textual's way.
    """

    keys: str
    text: str
    shown: str | None = None


KEYS: dict[str, Key] = {
    # Everywhere
    "help": Key("question_mark", "Help", "?"),
    "help_now": Key("f1", "Help"),  # also where text is typed
    "back": Key("escape", "Back"),
    "find": Key("slash", "Find"),
    "export": Key("e", "Export rows"),
    "save_figure": Key("S", "Save figure"),
    "sql": Key("Q", "SQL behind this"),
    "copy": Key("y", "Copy"),
    "refresh": Key("r", "Refresh"),
    "jobs": Key("J", "Jobs"),
    "cancel": Key("ctrl+x", "Cancel job"),
    "quit": Key("q", "Quit"),
    "quit_now": Key("ctrl+q", "Quit"),
    "copy_or_quit": Key("ctrl+c", "Copy what is selected, else quit"),
    "suspend": Key("ctrl+z", "To the shell (fg comes back)"),
    # Moving
    "down": Key("j", "Down"),
    "up": Key("k", "Up"),
    "first": Key("home,g", "First"),
    "last": Key("end,G", "Last"),
    "open": Key("enter", "Open"),
    "left": Key("left", "Left"),
    "right": Key("right", "Right"),
    "home": Key("home", "To the beginning"),
    "tick": Key("space,enter", "Choose"),
    "line_up": Key("up", "Up"),
    "line_down": Key("down", "Down"),
    "page_down": Key("down,j,pagedown", "Scroll down"),
    "page_up": Key("up,k,pageup", "Scroll up"),
    # Questions
    "next_failure": Key("n", "Next failure"),
    "previous_failure": Key("N", "Previous failure"),
    "next_question": Key("full_stop", "Next question", "."),
    "previous_question": Key("comma", "Previous question", ","),
    "category": Key("t", "Category"),
    "right_wrong": Key("w", "Right/wrong"),
    "flipped": Key("f", "Flipped"),
    "flawed": Key("l", "Flawed"),
    "marked": Key("u", "Marked"),
    "differ": Key("C", "What differs"),
    "clear": Key("0", "Clear filter"),
    "mark": Key("x", "Mark"),
    "note": Key("i", "Note"),
    "sort": Key("s", "Sort"),
    "ask": Key("a", "Ask"),
    "cut": Key("X", "Cut or steer"),
    "by_layer": Key("f6", "Cuts by layer"),
    # What is shown, and how
    "compare": Key("c", "Compare"),
    "published": Key("p", "Published"),
    "variant": Key("v", "Picture"),
    "measure": Key("m", "Measure"),
    "measure_before": Key("M", "Measure before"),
    "choose": Key("o", "Choose"),
    "heat": Key("h", "Heat"),
    "frames": Key("b", "Frames"),
    "zoom": Key("z", "Zoom"),
    "form": Key("d", "Drawn differently"),
    "scale": Key("equals_sign", "Scale", "="),
    "token_after": Key("right_square_bracket", "Next token", "]"),
    "token_before": Key("left_square_bracket", "Token before", "["),
    "token_map": Key("T", "Map of the token"),
    "region": Key("P", "Region"),
    "heads": Key("H", "Strongest heads"),
    "row": Key("W", "Row that looks"),
    # Runs and jobs
    "resume": Key("R", "Resume"),
    "delete": Key("D", "Delete"),
    "rename": Key("E", "Rename"),
    "start": Key("f5,ctrl+s", "Start", "f5"),
    # The SQL editor
    "run": Key("f5,ctrl+j", "Run", "f5"),
    "examples": Key("f2", "Examples"),
    "tables": Key("f3", "Tables"),
    "edit": Key("f4", "Editor"),
    "complete": Key("tab", "Complete"),
    "from": Key("F", "FROM it"),
    "offer": Key("ctrl+@,ctrl+space", "List words"),
    "earlier": Key("ctrl+up", "Earlier"),
    "later": Key("ctrl+down", "Later"),
    # Windows
    "yes": Key("y", "Yes"),
    "no": Key("n", "No"),
}


def bind(meaning: str, action: str, text: str = "", *, show: bool = False, priority: bool = False) -> Binding:
    """The binding of a meaning to an action.

    `text` says more exactly what it does here; `show` puts it in the footer.
    """
    key = KEYS[meaning]
    return Binding(
        key.keys, action, text or key.text, show=show, priority=priority, key_display=key.shown
    )


def shown(meaning: str) -> str:
    """The key as a person reads it, for sentences."""
    key = KEYS[meaning]
    return key.shown or key.keys.split(",")[0]
