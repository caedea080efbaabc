"""The options of a probe as a form."""

from collections.abc import Sequence
from typing import Any, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Input, Label, Select

from relcli.scenes.vocabulary import CATEGORIES
from relcli.tui.probes.request import (
    FEATURES,
    PICTURES,
    PROTOCOLS,
    SPLITS,
    Probing,
    labels_of,
)
from relcli.tui.widgets.choices import Choices

HINTS = {
    "category": "Questions of one category, or of all.",
    "label": "What is to be read off the attention.",
    "layers": "each alone, all side by side, or a list such as 0,4,8-11.",
    "features": "Mean over heads: of all steps, of the first token's, of the last's.",
    "variant": "The pictures the answers are about.",
    "split": "scene keeps the questions on a picture on one side.",
    "protocol": "Cross-validation with controls, or the study's one split without.",
    "folds": "Of the cross-validation, 2 to 50.",
    "seed": "Of the folds and the shuffled labels.",
}
_LABELS = {"variant": "picture"}
_CHOICES: dict[str, list[tuple[str, str]]] = {
    "features": [(name, name.removesuffix("_heads").replace("_", " ")) for name in FEATURES],
    "variant": [(name, name) for name in PICTURES],
    "split": [("", "by protocol"), *((name, name) for name in SPLITS)],
    "protocol": [(name, name) for name in PROTOCOLS],
}
_ALL = ""


class ProbeForm(VerticalScroll, can_focus=False):
    """`value` is what the fields say; `Changed` follows every change."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "app.focus_previous", show=False),
        Binding("down", "app.focus_next", show=False),
    ]
    DEFAULT_CSS = """
    ProbeForm { height: auto; padding: 0 1; }
    ProbeForm .row { height: 1; width: 1fr; }
    ProbeForm .row > Label { width: 9; color: $text-muted; }
    ProbeForm .row.-here > Label { color: $primary; text-style: bold; }
    ProbeForm .row Input { background: $panel; }
    ProbeForm Select { width: 1fr; }
    """

    class Changed(Message):
        pass

    def compose(self) -> ComposeResult:
        defaults = Probing()
        for name in HINTS:
            with Horizontal(classes="row"):
                yield Label(_LABELS.get(name, name))
                yield self._field(name, getattr(defaults, name))

    def _field(self, name: str, value: Any) -> Widget:
        if name in _CHOICES:
            return Choices(_CHOICES[name], (value,), id=name)
        if name in ("category", "label"):
            names = CATEGORIES if name == "category" else labels_of("")
            return Select(_options(name, names), value=_ALL, allow_blank=False, compact=True, id=name)
        return Input(value, compact=True, id=name, select_on_focus=False)

    @property
    def value(self) -> Probing:
        return Probing(**{name: self._said(name) for name in HINTS})

    def _said(self, name: str) -> str:
        field = self.query_one(f"#{name}")
        if isinstance(field, Choices):
            return field.value[0]
        if isinstance(field, Select):
            return str(field.value)
        assert isinstance(field, Input)
        return field.value.strip()

    def mark(self, focused: Widget) -> None:
        """Show which field has the focus."""
        for row in self.query(".row"):
            row.set_class(focused in row.walk_children(), "-here")

    def choose(self, category: str, label: str) -> None:
        """Set what is probed; the other fields stay."""
        with self.prevent(Select.Changed):
            self.query_one("#category", Select).value = category
            self._offer_labels(label)
        self.post_message(self.Changed())

    def _offer_labels(self, wanted: str) -> None:
        labels = labels_of(str(self.query_one("#category", Select).value))
        select = self.query_one("#label", Select)
        select.set_options(_options("label", labels))
        select.value = wanted if wanted in labels else _ALL

    @on(Select.Changed, "#category")
    def _category_chosen(self) -> None:
        self._offer_labels(str(self.query_one("#label", Select).value))

    @on(Select.Changed)
    @on(Input.Changed)
    @on(Choices.Changed)
    def _changed(self) -> None:
        self.post_message(self.Changed())


def _options(name: str, values: Sequence[str]) -> list[tuple[str, str]]:
    everything = "all categories" if name == "category" else "all labels"
    return [(everything, _ALL), *((value, value) for value in values)]
