"""Pictures as the model takes them: the checkpoint's image processor on Pillow, and the tokens' grid."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from PIL import Image

from relcli.models.prompt import Grid, grid_of


@dataclass(slots=True)
class Picture:
    """An image as the model takes it: patches [patches, values], patch grid int64 [3], token grid."""

    pixel_values: torch.Tensor
    grid_thw: torch.Tensor
    grid: Grid


class ImageReader:
    """The checkpoint's image processor, on Pillow."""

    def __init__(self, image_processor: Any):
        self._processor = image_processor

    def read(self, images: Sequence[Image.Image]) -> list[Picture]:
        if not images:
            return []
        found = self._processor([image.convert("RGB") for image in images], return_tensors="pt")
        grids = found["image_grid_thw"]
        parts = found["pixel_values"].split(grids.prod(-1).tolist())
        return [
            Picture(part, grid, grid_of(self._processor, grid.tolist()))
            for part, grid in zip(parts, grids, strict=True)
        ]


def distinct(images: Sequence[Image.Image]) -> tuple[list[Image.Image], list[int]]:
    """The different pictures, and for each image the number of its own. Blank twins are all one picture."""
    numbers: dict[tuple[str, tuple[int, int], bytes], int] = {}
    pictures: list[Image.Image] = []
    which = []
    for image in images:
        number = numbers.setdefault((image.mode, image.size, image.tobytes()), len(pictures))
        if number == len(pictures):
            pictures.append(image)
        which.append(number)
    return pictures, which
