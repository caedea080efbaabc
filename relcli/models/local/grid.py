"""Image tokens as rows and columns."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Grid:
    """The image tokens of one image as rows and columns, and the picture the model sees, in pixels."""

    height: int
    width: int
    image_height: int
    image_width: int

    @property
    def cells(self) -> int:
        return self.height * self.width
