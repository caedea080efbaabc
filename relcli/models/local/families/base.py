"""What a family of models has to tell: where its image tokens stand, and what else is particular to it."""

from dataclasses import dataclass
from math import prod
from typing import Any

from relcli.token_layout import Part, Rectangle, TokenLayout

Token = tuple[Part, Rectangle | None]
"""An image token: what it is of, and where it stands."""
NOWHERE: Token = ("none", None)
WHOLE = Rectangle(0.0, 0.0, 1.0, 1.0)


@dataclass(frozen=True, slots=True)
class Seen:
    """One picture as a model's processor prepared it.

    width, height: of the picture in pixels. n_tokens: image tokens in its prompt. inputs: what the processor
    gives for a prompt with this picture alone.
    """

    width: int
    height: int
    n_tokens: int
    inputs: dict[str, Any]
    config: Any
    image_processor: Any
    processor: Any


class Family:
    """Models of some types, of which nothing is known but that their processor lays out the prompt.

    model_types: as config.json names them. label: as people call them; None where they were not measured.
    shared_prefix: whether the prefix of a picture can be shared between its questions (shared_prefix.py).
    continues: whether its own `generate` goes on behind a prefix that was read once (continued.py).
    """

    model_types: tuple[str, ...] = ()
    label: str | None = None
    shared_prefix = False
    continues = False

    def is_measured(self, config: Any) -> bool:
        """Whether a model of this configuration was measured against plain eager generation."""
        return self.label is not None

    def shares_prefix(self, config: Any) -> bool:
        """Whether the prefix of a picture can be shared between its questions by a model of this
        configuration."""
        return self.shared_prefix

    def describe(self, config: Any) -> str:
        """The model's type, with the types of its parts where they decide."""
        return config.model_type

    def prompt(self, question: str) -> str | None:
        """The whole prompt as text where a checkpoint brings no chat template; None: it has to."""
        return None

    def tokens(self, seen: Seen) -> list[Token] | None:
        """Every image token of a picture, in order; None where it is not known where they stand."""
        return None

    def image_size(self, seen: Seen) -> tuple[int, int] | None:
        """Width and height in pixels at which the model sees a picture; None if it is cut into tiles, or the
        processor gives no pixels but patches."""
        *pictures, height, width = getattr(seen.inputs.get("pixel_values"), "shape", (0, 0))
        return (width, height) if len(pictures) in (2, 3) and prod(pictures[:-1]) == 1 else None

    def layout(self, seen: Seen) -> TokenLayout:
        """Where the image tokens stand. One without places where that isn't known, or does not come to the
        number of tokens that there are; settings that others of the family have may be missing."""
        try:
            found = self.tokens(seen)
        except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError):
            found = None
        if found is None or len(found) != seen.n_tokens:
            return TokenLayout.unplaced(seen.n_tokens)
        return TokenLayout.of([part for part, _ in found], [place for _, place in found])


def cells(part: Part, height: int, width: int, window: Rectangle = WHOLE) -> list[Token]:
    """A grid over a window of the picture, row by row. The window may reach beyond the picture, as padding
    does. Of a picture that is very long nothing may be left."""
    if not height or not width:
        return []
    left, top, right, bottom = window
    wide, high = (right - left) / width, (bottom - top) / height
    return [
        (
            part,
            Rectangle(left + x * wide, top + y * high, left + (x + 1) * wide, top + (y + 1) * high),
        )
        for y in range(height)
        for x in range(width)
    ]


def square(n: int) -> int | None:
    """The side of a square of n cells; None if n is no square."""
    side = round(n**0.5)
    return side if side and side * side == n else None


def size_of(value: Any) -> tuple[int, int] | None:
    """(height, width) of a processor's size setting that gives both."""
    found = dict(value) if value else {}
    height, width = found.get("height"), found.get("width")
    return (int(height), int(width)) if height and width else None


def window_of(processor: Any, height: int, width: int) -> tuple[Rectangle, tuple[int, int]] | None:
    """What of a picture a processor shows that makes one picture of it: the window, and its (height, width)
    in pixels. It may pad to a square, resize (whole or to a shortest edge) and crop the centre.
    """
    wide, high = float(width), float(height)  # of the canvas on which the picture stands
    left = top = 0.0
    if getattr(processor, "do_pad", False):
        side = max(width, height)
        left, top = float((side - width) // 2), float((side - height) // 2)
        wide = high = float(side)
    out_h, out_w = int(high), int(wide)
    if getattr(processor, "do_resize", False):
        size = dict(processor.size)
        if exact := size_of(size):
            out_h, out_w = exact
        elif edge := size.get("shortest_edge"):
            short, long = sorted((out_h, out_w))
            longer = int(edge * long / short)
            out_h, out_w = (edge, longer) if out_h <= out_w else (longer, edge)
        else:
            return None
    x_scale, y_scale = wide / out_w, high / out_h
    crop_left = crop_top = 0
    if getattr(processor, "do_center_crop", False):
        crop = size_of(processor.crop_size)
        if crop is None:
            return None
        crop_top, crop_left = (out_h - crop[0]) // 2, (out_w - crop[1]) // 2
        out_h, out_w = crop
    x, y = crop_left * x_scale - left, crop_top * y_scale - top
    window = Rectangle(x / width, y / height, (x + out_w * x_scale) / width, (y + out_h * y_scale) / height)
    return window, (out_h, out_w)
