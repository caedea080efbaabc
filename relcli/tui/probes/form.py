"""The options of a probe as a form."""

from collections.abc import Mapping, Sequence
from typing import Any

from textual import on
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Select

from relcli.options.declaration import Option
from relcli.options.probe import ProbeOptions
from relcli.scenes.vocabulary import CATEGORIES, categories_in_order
from relcli.tui.probes.request import labels_of
from relcli.tui.widgets.option_form import OptionForm

_ALL = ""


class ProbeForm(OptionForm):
    """One category and one of its labels, or all, and how they are probed."""

    DEFAULT_CSS = """
    ProbeForm { height: auto; padding: 0 1; }
    ProbeForm .row { height: auto; }
    ProbeForm .row > Label { width: 11; }
    ProbeForm Select { width: 1fr; }
    """

    def __init__(self, start: Mapping[str, Any] | None = None) -> None:
        super().__init__(ProbeOptions, start)
        self._categories: tuple[str, ...] = CATEGORIES

    def field(self, option: Option, value: Any) -> Widget:
        if option.name in ("categories", "labels"):
            names = CATEGORIES if option.name == "categories" else labels_of("")
            options = _options(option.name, names)
            return Select(options, value=_ALL, allow_blank=False, compact=True, id=option.name)
        return super().field(option, value)

    def typed(self, field: Widget) -> Any:
        if isinstance(field, Select):
            return (str(field.value),) if field.value != _ALL else None
        return super().typed(field)

    @property
    def category(self) -> str:
        """The one that is chosen; empty for all."""
        return str(self.query_one("#categories", Select).value)

    @property
    def label(self) -> str:
        """The one that is chosen; empty for all."""
        return str(self.query_one("#labels", Select).value)

    def offer(self, categories: Sequence[str]) -> None:
        """The categories of a run, beside the seven where it has others. What is chosen stays."""
        chosen = self.category
        self._categories = categories_in_order([*CATEGORIES, *categories, *([chosen] if chosen else [])])
        select = self.query_one("#categories", Select)
        with self.prevent(Select.Changed):
            select.set_options(_options("categories", self._categories))
            select.value = chosen

    def choose(self, category: str, label: str) -> None:
        """Set what is probed; the other fields stay."""
        if category and category not in self._categories:
            self.offer((*self._categories, category))
        with self.prevent(Select.Changed):
            self.query_one("#categories", Select).value = category
            self._offer_labels(label)
        self.post_message(self.Changed())

    def _offer_labels(self, wanted: str) -> None:
        labels = labels_of(self.category)
        select = self.query_one("#labels", Select)
        select.set_options(_options("labels", labels))
        select.value = wanted if wanted in labels else _ALL

    @on(Select.Changed, "#categories")
    def _category_chosen(self) -> None:
        self._offer_labels(self.label)

    @on(Select.Changed)
    def _selected(self, event: Message) -> None:
        self.post_message(self.Changed())


def _options(name: str, values: Sequence[str]) -> list[tuple[str, str]]:
    everything = "all categories" if name == "categories" else "all labels"
    return [(everything, _ALL), *((value, value) for value in values)]
