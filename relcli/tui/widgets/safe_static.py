"""Words on the screen."""

from rich.text import Text
from textual.visual import VisualType
from textual.widgets import Static

from relcli.tui.widgets.height import changes_height
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
        """Show something else. What is shown already is not drawn again, and the screen is laid out anew only
        where the size changes: that is most of the time a key takes."""
        shown = _shown(content, self._marked_up)
        if _same(shown, self.content):
            return
        super().update(shown, layout=layout and not self.is_mounted)
        if layout and self.is_mounted and self._needs_room():
            self.refresh(layout=True)

    def _needs_room(self) -> bool:
        """The size follows from the content, and is another one now."""
        styles = self.styles
        if not styles.auto_dimensions:
            return False
        return styles.is_auto_width or changes_height(self)


def _same(one: VisualType, other: VisualType) -> bool:
    """Two contents look alike. One that is changed in place and shown again is not told from itself."""
    if isinstance(one, str) and isinstance(other, str):
        return one == other
    if one is other or not (isinstance(one, Text) and isinstance(other, Text)):
        return False
    looks = ("plain", "spans", "style", "justify", "overflow", "no_wrap")
    return all(getattr(one, name) == getattr(other, name) for name in looks)


def _shown(content: VisualType, markup: bool) -> VisualType:
    if isinstance(content, Text) or (isinstance(content, str) and not markup):
        return seen(content)
    return content
