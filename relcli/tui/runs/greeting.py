"""What stands in the place of runs while there are none: how to begin."""

from pathlib import Path

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.markup import escape
from textual.widgets import Button

from relcli.tui.widgets.safe_static import SafeStatic
from relcli.visible import visible

_GREETING = """\
[b]Does a vision-language model look at the right things?[/b]

There is no run in [b]{database}[/b] yet. Begin with one of these (tab and enter, or the mouse):
"""

_BEGINNINGS = (
    (
        "colours",
        "Ask about colours",
        "The bundled model on the bundled scenes: a few minutes on a laptop, no download.",
    ),
    ("everything", "Ask everything", "The same with all seven kinds of questions."),
    ("launch", "Choose what to ask", "Model, data set, categories and pictures of your own choice (key 7)."),
)
_AFTERWARDS = """\
Answers, and where the model's attention went, are kept in that one file. In a shell the first is
[b]relcli run --category recognition_color[/b]; the study's results come in with [b]relcli import seed[/b].
"""


class Greeting(VerticalScroll):
    """Buttons that begin; the screen hears of them."""

    DEFAULT_CSS = """
    Greeting { padding: 1 3; height: 1fr; }
    Greeting Button { width: 26; }
    Greeting .about { color: $text-muted; margin: 0 0 1 2; }
    """

    def compose(self) -> ComposeResult:
        yield SafeStatic(id="words", markup=True)
        for name, label, about in _BEGINNINGS:
            yield Button(label, id=name, variant="primary" if name == "colours" else "default", compact=True)
            yield SafeStatic(about, classes="about")
        yield SafeStatic(_AFTERWARDS, classes="about", markup=True)

    def welcome(self, database: Path, *, focus: bool) -> None:
        """Name the file that will hold the runs; `focus` puts the cursor on the first button."""
        self.query_one("#words", SafeStatic).update(_GREETING.format(database=escape(visible(str(database)))))
        if focus:
            self.query_one("#colours").focus()
