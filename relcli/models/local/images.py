"""Pictures as the model takes them: the checkpoint's image processor on Pillow, and the tokens' grid."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from PIL import Image
from transformers.models.qwen2_vl.image_processing_pil_qwen2_vl import Qwen2VLImageProcessorPil, smart_resize

from relcli.errors import RelcliError
from relcli.models.local.prompt import Grid, grid_of
from relcli.scenes.decoding import as_rgb


@dataclass(slots=True)
class ProcessedImage:
    """An image as the model takes it.

    patches: float32 [patches, channels * frames * height * width]; or, as the frames of a still picture are
    alike, without `frames`, the number of them. grid_thw: patch grid, int64 [3]. grid: token grid. channels:
    of a patch. frames: 1 where none was left out.
    """

    patches: torch.Tensor
    grid_thw: torch.Tensor
    grid: Grid
    channels: int = 1
    frames: int = 1

    @property
    def pixel_values(self) -> torch.Tensor:
        """The patches with every frame, as the image processor gives them."""
        if self.frames == 1:
            return self.patches
        channels = self.patches.view(len(self.patches), self.channels, 1, -1)
        return channels.expand(-1, -1, self.frames, -1).flatten(1)


class ImageReader:
    """The checkpoint's image processor, on Pillow.

    For Qwen-VL's processor the same numbers are made here, bit for bit and quicker: a resized picture
    holds at most 256 values a channel, so scaling and normalising is a table, applied as patches are cut.
    Raises RelcliError for a picture over 200 times as long as wide, which Qwen-VL's processor refuses.
    """

    def __init__(self, image_processor: Any):
        self._processor = image_processor
        self._tables = _tables(image_processor) if _is_plain_qwen(image_processor) else None

    def read(self, images: Sequence[Image.Image]) -> list[ProcessedImage]:
        if not images:
            return []
        colored = [as_rgb(image) for image in images]
        if self._tables is not None:
            return [self._cut(image, self._tables) for image in colored]
        try:
            found = self._processor(colored, return_tensors="pt")
        except ValueError as error:
            raise too_odd(colored[0], error) from error
        grids = found["image_grid_thw"]
        parts = found["pixel_values"].split(grids.prod(-1).tolist())
        return [
            ProcessedImage(part, grid, grid_of(self._processor, grid.tolist()))
            for part, grid in zip(parts, grids, strict=True)
        ]

    def _cut(self, image: Image.Image, tables: np.ndarray) -> ProcessedImage:
        processor = self._processor
        patch, merge, frames = processor.patch_size, processor.merge_size, processor.temporal_patch_size
        try:
            height, width = smart_resize(
                image.height,
                image.width,
                patch * merge,
                min_pixels=processor.size["shortest_edge"],
                max_pixels=processor.size["longest_edge"],
            )
        except ValueError as error:
            raise too_odd(image, error) from error
        rows, columns = height // patch, width // patch
        pixels = np.asarray(image.resize((width, height), processor.resample))
        pixels = pixels.reshape(rows // merge, merge, patch, columns // merge, merge, patch, 3)
        # Patches of one merged token stand together: [token rows, token columns, merge, merge, patch, patch].
        patches = np.empty((rows * columns, 3, patch, patch), dtype=np.float32)
        for channel in range(3):
            cut = pixels[..., channel].transpose(0, 3, 1, 4, 2, 5).reshape(rows * columns, patch, patch)
            patches[:, channel] = tables[channel][cut]
        grid = torch.tensor([1, rows, columns])
        values = torch.from_numpy(patches.reshape(rows * columns, -1))
        return ProcessedImage(values, grid, grid_of(processor, grid.tolist()), channels=3, frames=frames)


def too_odd(image: Image.Image, error: Exception) -> RelcliError:
    """What is told of a picture that a processor refuses. Most take none 200 times as long as wide."""
    return RelcliError(
        f"A picture of {image.width} x {image.height} pixels is too long or too small for this model "
        f"({' '.join(str(error).split())[:120]}): crop it or leave it out."
    )


def _is_plain_qwen(processor: Any) -> bool:
    steps = ("do_resize", "do_rescale", "do_normalize")
    return type(processor) is Qwen2VLImageProcessorPil and all(getattr(processor, step) for step in steps)


def _tables(processor: Any) -> np.ndarray:
    """float32 [channel, 256]: what the processor makes of each value, rounded as it rounds."""
    scaled = (np.arange(256) * processor.rescale_factor).astype(np.float32)
    mean = np.array(processor.image_mean, dtype=np.float32)[:, None]
    std = np.array(processor.image_std, dtype=np.float32)[:, None]
    return (scaled - mean) / std


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
