"""The study's own result files: names of files, columns and arrays, said once for import and export.

    evaluation_results.csv
    attention_per_layer/image_00000[_masked]/q0_attention_per_layer.npz

The number after `q` is the question's place in its picture's list, from 0.
"""

import re
from typing import Final

from relcli import captures

RESULTS: Final = "evaluation_results.csv"
ATTENTION: Final = "attention_per_layer"

RAW_COLUMNS: Final = (
    "image_filename",
    "query_type",
    "question",
    "ground_truth",
    "prediction",
    "evaluation",
)
MASKED_COLUMNS: Final = ("ground_truth_masked", "prediction_masked", "evaluation_masked")
COLUMNS: Final = RAW_COLUMNS + MASKED_COLUMNS
EVALUATIONS: Final = {"correct": True, "incorrect": False}

# Array of a layer: what it is called in the file, and in table `attention`. The file also holds the mean over
# steps and heads in the other order, which is the same number.
VECTORS: Final = {array: name for name, each in captures.VECTORS.items() for array in each.arrays}
ENTROPIES: Final = {
    array: captures.entropy_of(name) for name, each in captures.VECTORS.items() for array in each.entropies
}
VISION_START: Final = 4
"""Position of the first image token in a prompt of the Qwen chat templates: <|im_start|>, user, a line break
and <|vision_start|> stand before it. Written for runs that did not bring a `vision_token_range`."""

_FILE = re.compile(r"q(\d+)_attention_per_layer\.npz")
_MASKED = "_masked"


def attention_file(place: int) -> str:
    """File name of one question's attention, by the question's place in its picture's list."""
    return f"q{place}_attention_per_layer.npz"


def attention_place(filename: str) -> int | None:
    """The place an attention file's name holds; None for other files."""
    found = _FILE.fullmatch(filename)
    return int(found[1]) if found else None


def attention_folder(stem: str, variant: str) -> str:
    """Folder of one picture's attention, by the picture's file name without its ending."""
    return stem + _MASKED if variant == "masked" else stem


def folder_variant(folder: str) -> tuple[str, str]:
    """(stem, variant) of a folder's name."""
    stem = folder.removesuffix(_MASKED)
    return (stem, "raw") if stem == folder else (stem, "masked")


def vector_key(layer: int, name: str) -> str:
    return f"layer_{layer}_{name}"


def entropy_key(layer: int, name: str) -> str:
    return f"layer_{layer}_entropy_{name}"


def steps_key(layer: int) -> str:
    return f"layer_{layer}_num_steps"
