"""The options of a run as a form."""

from collections.abc import Iterable, Mapping
from typing import Any

from textual import events
from textual.widget import Widget
from textual.widgets import Input

from relcli.models.names import BUNDLED
from relcli.options.declaration import Option
from relcli.options.run import RunOptions
from relcli.results.runs import Inventory
from relcli.tui.launch.pick_input import PickInput
from relcli.tui.widgets.option_form import OptionForm


class LaunchForm(OptionForm):
    """Model and data set can be chosen from what is known, too."""

    DEFAULT_CSS = """
    LaunchForm { padding: 0 1; scrollbar-gutter: stable; }
    LaunchForm .row > Label { width: 17; padding: 0 1; }
    LaunchForm .row.-here > Label { text-style: bold reverse; }
    """

    def __init__(self, start: Mapping[str, Any]) -> None:
        super().__init__(RunOptions, start)

    def field(self, option: Option, value: Any) -> Widget:
        if option.name in ("model", "dataset"):
            return PickInput(option.label.capitalize(), option.text(value), id=option.name)
        return super().field(option, value)

    def typed(self, field: Widget) -> str | None:
        """An emptied model or data set is not the default: a person must name one."""
        said = super().typed(field)
        return "" if said is None and isinstance(field.parent, PickInput) else said

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

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.screen.focus_next()

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        self.mark(event.widget)

    def on_descendant_blur(self, event: events.DescendantBlur) -> None:
        for row in self.query(f"#row-{event.widget.id}"):
            row.remove_class("-here")


def _sets(names: Iterable[str] | None) -> str:
    return ", ".join(names or ()) or "no questions"
