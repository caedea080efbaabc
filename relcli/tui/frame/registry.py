"""The screens, in the order of their keys. Their modules are imported when somebody goes there."""

from dataclasses import dataclass
from importlib import import_module

from textual.screen import Screen


@dataclass(frozen=True, slots=True)
class Entry:
    """A screen: the key that goes there, its name in code, its title in the tabs, and `module:class`."""

    key: str
    name: str
    title: str
    target: str
    about: str

    def make(self) -> Screen[None]:
        module, _, cls = self.target.partition(":")
        return getattr(import_module(module), cls)()


ENTRIES = tuple(
    Entry(str(key), name, title, f"relcli.tui.{name}.screen:{name.title()}Screen", about)
    for key, (name, title, about) in enumerate(
        (
            ("runs", "Runs", "all runs"),
            ("overview", "Overview", "a run by category"),
            ("questions", "Questions", "a run's questions"),
            ("question", "Question", "one question, with pictures"),
            ("layers", "Layers", "attention by layer and category"),
            ("probes", "Probes", "what attention tells by itself"),
            ("launch", "Launch", "start a run"),
            ("sql", "SQL", "ask the warehouse"),
            ("heads", "Heads", "single heads, by category and row"),
        ),
        start=1,
    )
)
BY_NAME = {entry.name: entry for entry in ENTRIES}
