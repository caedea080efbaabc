"""The screens, in the order of their keys. Their modules are imported when somebody goes there."""

from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from relcli.tui.base import WorkScreen


@dataclass(frozen=True, slots=True)
class Entry:
    """A screen: the key that goes there, its name in code, its title in the tabs, and `module:class`."""

    key: str
    name: str
    title: str
    target: str
    about: str

    def make(self) -> "WorkScreen":
        module, _, cls = self.target.partition(":")
        return getattr(import_module(module), cls)()


_SCREENS = "relcli.tui.screens"
ENTRIES = (
    Entry("1", "runs", "Runs", f"{_SCREENS}.runs:RunsScreen", "all runs"),
    Entry("2", "overview", "Overview", f"{_SCREENS}.overview:OverviewScreen", "a run by category"),
    Entry("3", "questions", "Questions", f"{_SCREENS}.questions:QuestionsScreen", "a run's questions"),
    Entry("4", "question", "Question", f"{_SCREENS}.question:QuestionScreen", "one question, with pictures"),
    Entry("5", "layers", "Layers", f"{_SCREENS}.layers:LayersScreen", "attention by layer and category"),
    Entry("6", "probes", "Probes", f"{_SCREENS}.probes:ProbesScreen", "what attention tells by itself"),
    Entry("7", "launch", "Launch", f"{_SCREENS}.launch:LaunchScreen", "start a run"),
    Entry("8", "sql", "SQL", f"{_SCREENS}.sql:SqlScreen", "ask the warehouse"),
)
BY_NAME = {entry.name: entry for entry in ENTRIES}
