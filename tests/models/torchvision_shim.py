"""Makes torchvision importable for tests where its compiled part doesn't load: the registry's wheel is built
for CUDA, and torch here may not be. What processors use of it is Python.

As a pytest plugin (-p tests.models.torchvision_shim) it takes torchvision from the folder RELCLI_TORCHVISION,
made by pip install --no-deps --target FOLDER torchvision.
"""

import os
import sys

import torch

_OPERATORS = "(Tensor dets, Tensor scores, float iou_threshold) -> Tensor"
FOLDER = os.environ.get("RELCLI_TORCHVISION")


def install(folder: str) -> torch.library.Library:
    """Let `folder` be searched for torchvision, and give it the operators that its compiled part would bring.
    They exist as long as what is returned."""
    sys.path.insert(0, folder)
    library = torch.library.Library("torchvision", "DEF")
    for name in ("nms", "qnms"):
        library.define(name + _OPERATORS)
    return library


KEPT = install(FOLDER) if FOLDER else None
