"""From a rendered scene to the vision tower's patches, exactly as the checkpoint's image processor makes
them."""

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from relcli.training.architecture import MERGE_SIZE, PATCH_SIZE

#: Side of a picture of the study as the model sees it (seed facts 5), pixels.
SIDE = 256
PATCHES = (SIDE // PATCH_SIZE) ** 2


def to_patches(image: Image.Image) -> np.ndarray:
    """Cut a picture into patches: uint8 [256, 3 * 16 * 16], merge blocks together, before normalisation."""
    scaled = image.resize((SIDE, SIDE), Image.Resampling.BICUBIC)
    blocks = SIDE // PATCH_SIZE // MERGE_SIZE
    array = np.asarray(scaled).reshape(blocks, MERGE_SIZE, PATCH_SIZE, blocks, MERGE_SIZE, PATCH_SIZE, 3)
    return np.ascontiguousarray(array.transpose(0, 3, 1, 4, 6, 2, 5)).reshape(PATCHES, -1)


def normalise(patches: Tensor) -> Tensor:
    """Scale uint8 patches to floats in -1..1 (mean and standard deviation 0.5, the real checkpoint's)."""
    return patches.to(torch.float32).div_(127.5).sub_(1.0)
