"""The options of a run as a form."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from textual import events, on
from textual.widget import Widget
from textual.widgets import Input

from relcli.models.names import BUNDLED
from relcli.options.declaration import Option
from relcli.options.run import RunOptions
from relcli.results.runs import Inventory
from relcli.scenes.vocabulary import CATEGORIES, QUESTION_SETS, RAW, VARIANTS, categories_in_order, in_order
from relcli.tui.launch.pick_input import PickInput
from relcli.tui.widgets.choices import Choices
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
        self._sets: dict[str, dict[str, Any]] = {}

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
        self._sets = {row["dataset"]: row for row in known.datasets if row["dataset"] != BUNDLED}
        self._offer_of_dataset()

    @property
    def value(self) -> dict[str, Any]:
        """All categories of a data set are those that a run is about by itself."""
        found = super().value
        if set(found["categories"]) == set(self._choices("categories").offered):
            found["categories"] = CATEGORIES
        return found

    @on(Input.Changed, "#dataset")
    def _other_dataset(self) -> None:
        self._offer_of_dataset()

    def _offer_of_dataset(self) -> None:
        """Variants, categories and question sets are those of the data set that is named, where it is known;
        what was chosen stays chosen as far as it has it."""
        row = self._sets.get(self.query_one("#dataset", Input).value, {})
        variants, categories = (row.get(name) for name in ("variants", "categories"))
        self._offer("variants", in_order(variants or VARIANTS), (RAW,))
        held = categories_in_order(categories or CATEGORIES)
        field = self._choices("categories")
        self._offer("categories", held, held, anew=field.value == field.offered)
        self._offer("questions", ("", *(row.get("question_sets") or QUESTION_SETS)), ("",))

    def _offer(
        self, name: str, offered: Sequence[str], otherwise: Sequence[str], *, anew: bool = False
    ) -> None:
        """otherwise: what is chosen where nothing that was chosen is left, or anew."""
        field = self._choices(name)
        if tuple(offered) == field.offered:
            return
        chosen = [] if anew else [each for each in offered if each in field.chosen]
        words = dict(field.options)
        named = [(each, words.get(each, each)) for each in offered]
        field.offer(named, chosen or otherwise)

    def _choices(self, name: str) -> Choices:
        return self.query_one(f"#{name}", Choices)

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
