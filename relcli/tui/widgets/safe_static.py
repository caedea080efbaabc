"""Words on the screen."""

from rich.text import Text
from textual.visual import VisualType
from textual.widgets import Static

from relcli.tui.widgets.safe_text import seen


class SafeStatic(Static):
    """A Static that shows what it is given as it is: square brackets are no markup unless asked for, and
    unseen characters are shown."""

    def __init__(
        self,
        content: VisualType = "",
        *,
        markup: bool = False,
        id: str | None = None,
        classes: str | None = None,
    ) -> None:
        super().__init__(_shown(content, markup), markup=markup, id=id, classes=classes)
        self._marked_up = markup

    def update(self, content: VisualType = "", *, layout: bool = True) -> None:
        super().update(_shown(content, self._marked_up), layout=layout)


def _shown(content: VisualType, markup: bool) -> VisualType:
    if isinstance(content, Text) or (isinstance(content, str) and not markup):
        return seen(content)
    return content
