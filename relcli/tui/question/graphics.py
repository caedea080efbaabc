"""Pictures with the terminal's own graphics (kitty, sixel) through textual-image, where it is installed.

textual-image asks the terminal what it can when it is imported, so that has to happen before the application
takes the terminal over: `prepare` does it, and nothing here does anything unless it was called.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from PIL import Image
    from textual.widget import Widget

_image_widget: Any = None


def prepare() -> bool:
    """Find out whether this terminal draws pictures; True if it does."""
    global _image_widget
    try:
        from textual_image.renderable import Image as Best  # type: ignore[import-not-found]
        from textual_image.widget import Image as AutoImage  # type: ignore[import-not-found]
    except Exception:  # not installed, or it failed to ask this terminal
        return False
    # Without graphics it falls back on half blocks or less, and ours do that with the frames in place.
    if not any(word in Best.__module__ for word in ("sixel", "tgp")):
        return False
    _image_widget = AutoImage
    return True


def is_on() -> bool:
    """Whether this terminal draws pictures."""
    return _image_widget is not None


def make() -> "Widget | None":
    """A widget for one picture, or None where half blocks have to do."""
    return None if _image_widget is None else _image_widget(classes="graphics")


def update(widget: "Widget", picture: "Image.Image | None") -> None:
    """Put a picture into a widget of `make`."""
    widget.image = picture  # type: ignore[attr-defined]
