"""The options of a run as a form."""

from collections.abc import Iterable
from typing import Any, ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Input, Label

from relcli.results.runs import Inventory
from relcli.scenes.vocabulary import CATEGORIES, QUESTION_SETS, VARIANTS
from relcli.tui.launch.pick_input import PickInput
from relcli.tui.launch.request import ATTENTION, BUNDLED, DTYPES, Launch
from relcli.tui.widgets.choices import Choices

HINTS = {
    "model": "bundled, a folder, or a hub id as Qwen/Qwen3-VL-4B-Instruct; down lists.",
    "dataset": "bundled, a folder, or one the warehouse has; down lists.",
    "questions": "seed: word for word the study's. balanced: without their flaws.",
    "categories": "Space takes one in or out.",
    "variants": "masked: one thing is gone. blank: white, for what the wording gives away.",
    "max_samples": "Only so many scenes, from the first; empty: all.",
    "sample_index": "Only the scene of this number; empty: all.",
    "attention": "Kept per answer: a summary per layer, every map as well, or nothing.",
    "name": "The run's name; empty: model and time.",
    "revision": "A commit, tag or branch at the hub; empty: the newest.",
    "dtype": "As it comes: float32 on a CPU, else the checkpoint's own.",
    "device": "cpu, cuda, cuda:1, mps; empty: what there is.",
    "batch_size": "Questions in one pass; empty: by memory, halved when it runs out.",
    "max_new_tokens": "The longest reply, in tokens; empty: 128.",
    "trust_remote_code": "Whether code that the model brings along may run. Read it first.",
}
_LABELS = {
    "dataset": "data set",
    "max_samples": "scenes",
    "sample_index": "one scene",
    "batch_size": "batch size",
    "max_new_tokens": "longest reply",
    "trust_remote_code": "its own code",
}
_PLACEHOLDERS = {
    "max_samples": "all",
    "sample_index": "number of a scene",
    "name": "model and time",
    "revision": "newest",
    "device": "what there is",
    "batch_size": "auto",
    "max_new_tokens": "128",
}
_CHOICES: dict[str, list[tuple[str, str]]] = {
    "questions": [("", "by the data"), *((name, name) for name in QUESTION_SETS)],
    "categories": [(name, name) for name in CATEGORIES],
    "variants": [(name, name) for name in VARIANTS],
    "attention": list(ATTENTION.items()),
    "dtype": list(DTYPES.items()),
    "trust_remote_code": [("", "refused"), ("yes", "allowed")],
}
_SEVERAL = ("categories", "variants")


class LaunchForm(VerticalScroll, can_focus=False):
    """`value` is what the fields say; `Changed` follows every change."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "app.focus_previous", show=False),
        Binding("down", "app.focus_next", show=False),
    ]
    DEFAULT_CSS = """
    LaunchForm { padding: 0 1; scrollbar-gutter: stable; }
    LaunchForm .row { height: auto; width: 1fr; }
    LaunchForm .row > Label { width: 16; padding: 0 1; color: $text-muted; }
    LaunchForm .row.-here > Label { color: $primary; text-style: bold reverse; }
    LaunchForm .row Input { background: $panel; }
    LaunchForm .more { color: $text-muted; padding: 1 0 0 1; }
    """

    class Changed(Message):
        pass

    def __init__(self, launch: Launch) -> None:
        super().__init__()
        self._start = launch

    def compose(self) -> ComposeResult:
        for name in HINTS:
            if name == "revision":
                yield Label("Further options", classes="more")
            with Horizontal(classes="row", id=f"row-{name}"):
                yield Label(_LABELS.get(name, name))
                yield self._field(name)

    def _field(self, name: str) -> Widget:
        value: Any = getattr(self._start, name)
        if name in ("model", "dataset"):
            return PickInput(_LABELS.get(name, name).capitalize(), value, id=name)
        if name in _CHOICES:
            chosen = value if name in _SEVERAL else ("yes" if value is True else value or "",)
            several = name in _SEVERAL
            return Choices(
                _CHOICES[name], chosen, several=several, columns=2 * (name == "categories"), id=name
            )
        return Input(value, placeholder=_PLACEHOLDERS[name], compact=True, id=name, select_on_focus=False)

    @property
    def value(self) -> Launch:
        found: dict[str, Any] = {}
        for name in HINTS:
            field = self.query_one(f"#{name}")
            if isinstance(field, Input):
                found[name] = field.value.strip()
            elif isinstance(field, Choices):
                found[name] = field.value if name in _SEVERAL else field.value[0]
        found["trust_remote_code"] = found["trust_remote_code"] == "yes"
        return Launch(**found)

    def offer(self, known: Inventory) -> None:
        """Fill the lists of models and data sets."""
        models = [(BUNDLED, "bundled   comes with relcli, needs no download")]
        models += [(name, name) for name in known.models if name != BUNDLED]
        sets = [(BUNDLED, "bundled   comes with relcli")]
        sets += [
            (row["dataset"], f"{row['dataset']}   {row['n_scenes']:,} scenes, {_sets(row['question_sets'])}")
            for row in known.datasets
            if row["dataset"] != BUNDLED
        ]
        for name, choices in (("model", models), ("dataset", sets)):
            self.query_one(f"#row-{name} PickInput", PickInput).offer(choices)

    @on(Input.Changed)
    @on(Choices.Changed)
    def _changed(self, event: Message) -> None:
        event.stop()
        self.post_message(self.Changed())

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.screen.focus_next()

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        self._mark(event.widget, True)

    def on_descendant_blur(self, event: events.DescendantBlur) -> None:
        self._mark(event.widget, False)

    def _mark(self, field: Widget, here: bool) -> None:
        for row in self.query(f"#row-{field.id}"):
            row.set_class(here, "-here")


def _sets(names: Iterable[str] | None) -> str:
    return ", ".join(names or ()) or "no questions"
