"""Whether what a widget shows takes another height than it has. Only then need the screen be laid out anew,
which is most of the time that a key takes."""

from textual.widget import Widget


def changes_height(widget: Widget) -> bool:
    """The content takes another number of lines than the widget has; true as well before it was laid out."""
    width = widget.content_size.width
    if not width:
        return True
    lines = widget.get_content_height(widget.container_size, widget.app.size, width)
    return lines != widget.content_size.height
