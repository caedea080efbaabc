"""The screens, in the order of their keys. Their modules are imported when somebody goes there."""

from dataclasses import dataclass
from importlib import import_module

from textual.screen import Screen


@dataclass(frozen=True, slots=True)
class Entry:
    """A tab: the key that goes there, its name in code, its title, the name of its screen (the list of
    questions and one question are one screen), and that screen's `module:class`."""

    key: str
    name: str
    title: str
    screen: str
    target: str
    about: str

    def make(self) -> Screen[None]:
        module, _, cls = self.target.partition(":")
        return getattr(import_module(module), cls)()


ENTRIES = tuple(
    Entry(str(key), name, title, screen, f"relcli.tui.{screen}.screen:{screen.title()}Screen", about)
    for key, (name, title, screen, about) in enumerate(
        (
            ("runs", "Runs", "runs", "all runs"),
            ("overview", "Overview", "overview", "a run by category"),
            ("questions", "Questions", "questions", "a run's questions"),
            ("question", "Question", "questions", "one question, with pictures"),
            ("layers", "Layers", "layers", "attention by layer and category"),
            ("probes", "Probes", "probes", "what attention tells by itself"),
            ("launch", "Launch", "launch", "start a run"),
            ("sql", "SQL", "sql", "ask the warehouse"),
            ("heads", "Heads", "heads", "single heads, by category and row"),
        ),
        start=1,
    )
)
BY_NAME = {entry.name: entry for entry in ENTRIES}
