"""The options of a command as a form, made from their declaration."""

from collections.abc import Mapping
from typing import Any, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Input, Label

from relcli.options.declaration import Option, options_of
from relcli.tui.frame.keys import bind
from relcli.tui.widgets.choices import Choices

_SWITCH = [("", "no"), ("yes", "yes")]


class OptionForm(VerticalScroll, can_focus=False):
    """`value` is what the fields say; `Changed` follows every change.

    A field's id is the name of its option. Options whose `form` is `main` come first, `more` behind a title.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        bind("line_up", "app.focus_previous", "Field before"),
        bind("line_down", "app.focus_next", "Next field"),
    ]
    DEFAULT_CSS = """
    OptionForm .row { height: auto; width: 1fr; }
    OptionForm .row > Label { color: $text-muted; }
    OptionForm .row.-here > Label { color: $primary; text-style: bold; }
    OptionForm .row Input { background: $panel; }
    OptionForm .more { color: $text-muted; padding: 1 0 0 1; }
    """

    class Changed(Message):
        pass

    def __init__(self, declaration: type, start: Mapping[str, Any] | None = None) -> None:
        """start: by field name, what the form begins with where that isn't the declared default."""
        super().__init__()
        shown = [each for each in options_of(declaration) if each.form]
        self.options = sorted(shown, key=lambda each: each.form == "more")
        self._start = dict(start or {})

    def compose(self) -> ComposeResult:
        more = False
        for each in self.options:
            if each.form == "more" and not more:
                more = True
                yield Label("Further options", classes="more")
            with Horizontal(classes="row", id=f"row-{each.name}"):
                yield Label(each.label)
                yield self.field(each, self._start.get(each.name, each.default))

    def field(self, option: Option, value: Any) -> Widget:
        """The widget of an option; `value` is what it begins with."""
        if option.base is bool:
            return Choices(_SWITCH, ("yes" if value else "",), id=option.name)
        said = (value or ()) if option.several else (value or "",)
        others = [name for name in said if name and name not in option.choices]  # a data set's own
        if option.choices and option.several:
            columns = 2 * (len(option.choices) > 5)
            named = [(name, name) for name in (*option.choices, *others)]
            return Choices(named, value or (), several=True, columns=columns, id=option.name)
        if option.choices:
            named = [(name, name.replace("_", " ")) for name in (*option.choices, *others)]
            none = [("", option.empty or "none")] if option.optional else []
            return Choices([*none, *named], (value or "",), id=option.name)
        usual = option.empty or option.text(option.default)
        text = "" if value == option.default else option.text(value)
        return Input(text, placeholder=usual, compact=True, id=option.name, select_on_focus=False)

    @property
    def value(self) -> dict[str, Any]:
        """By field name, as typed; an empty field is left out: it has its default."""
        found = {each.name: self._said(each) for each in self.options}
        return {name: value for name, value in found.items() if value is not None}

    def _said(self, option: Option) -> Any:
        field = self.query_one(f"#{option.name}")
        if isinstance(field, Choices):
            if option.several:
                return field.value
            return field.value[0] == "yes" if option.base is bool else field.value[0] or None
        return self.typed(field)

    def typed(self, field: Widget) -> str | None:
        """What a field of another kind says; None where it is empty."""
        assert isinstance(field, Input)
        return field.value.strip() or None

    def hint(self, widget: Widget) -> str:
        """How the option of a field is typed, and what it is about."""
        found = next((each for each in self.options if each.name == widget.id), None)
        if found is None:
            return ""
        return f"{found.flag}: {found.help.replace('`', '')}" if found.help else found.flag

    def mark(self, focused: Widget) -> None:
        """Show which field has the focus."""
        for row in self.query(".row"):
            row.set_class(focused in row.walk_children(), "-here")

    @on(Input.Changed)
    @on(Choices.Changed)
    def _changed(self, event: Message) -> None:
        event.stop()
        self.post_message(self.Changed())
