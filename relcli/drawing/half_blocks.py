"""Pictures as characters: two pixels each, the upper one as foreground and the lower as background."""

from itertools import groupby
from typing import TYPE_CHECKING

from rich.segment import Segment
from rich.style import Style

if TYPE_CHECKING:
    from PIL import Image
    from rich.text import Text


def fitting(picture_width: int, picture_height: int, width: int, height: int) -> tuple[int, int]:
    """Columns and rows of characters for a picture (pixels) in a place of `width` x `height` characters, its
    proportions kept; (0, 0) where there is no room."""
    if min(picture_width, picture_height, width, height) < 1:
        return 0, 0
    columns = min(width, height * 2 * picture_width // picture_height)
    return columns, max(1, round(columns * picture_height / picture_width / 2)) if columns else 0


def half_blocks(picture: "Image.Image") -> list[list[Segment]]:
    """An RGB picture of an even height, drawn pixel by pixel: one list of segments for each line."""
    pixels, stride = picture.tobytes(), picture.width * 3
    lines = []
    for start in range(0, picture.height * stride, 2 * stride):
        pairs = (
            (pixels[at : at + 3], pixels[at + stride : at + stride + 3])
            for at in range(start, start + stride, 3)
        )
        # Neighbours of one colour in one piece: scenes are mostly white.
        lines.append([Segment("▀" * len(list(same)), _style(*pair)) for pair, same in groupby(pairs)])
    return lines


def half_block_text(picture: "Image.Image", columns: int) -> "Text":
    """The picture `columns` characters wide, its proportions kept, as text to be printed."""
    from PIL import Image
    from rich.text import Text

    rows = max(1, round(picture.height * columns / picture.width / 2))
    small = picture.convert("RGB").resize((columns, 2 * rows), Image.Resampling.BOX)
    text = Text()
    for line in half_blocks(small):
        for segment in line:
            text.append(segment.text, style=segment.style)
        text.append("\n")
    return text


_styles: dict[tuple[bytes, bytes], Style] = {}


def _style(above: bytes, below: bytes) -> Style:
    """Styles are costly to make, and a drawn scene has few colours."""
    found = _styles.get((above, below))
    if found is None:
        if len(_styles) > 20_000:
            _styles.clear()
        found = Style.parse(f"#{above.hex()} on #{below.hex()}")
        _styles[above, below] = found
    return found
