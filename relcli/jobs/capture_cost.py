"""What a run keeps of a model's attention, and how many bytes that takes: known before the first question."""

import json
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from relcli import paths
from relcli.captures import MODES, REGIONS
from relcli.models.names import BUNDLED

# Measured (benchmarks/warehouse.py): 25 KB an answer with 36 layers of 64 cells, four vectors each.
_BYTES_A_CELL = 10.8
_VECTORS_MEASURED = 4
AN_ANSWER = 500
# Bytes in the warehouse of one number of a head or of a token: a FLOAT and its share of the list.
_BYTES_A_SHARE = 4.5
_BYTES_OF_FULL = 2  # float16
_BYTES_OF_SCALE = 4  # float32
_STEPS = 3  # of a reply with an option and its end


@dataclass(frozen=True, slots=True)
class ModelShape:
    """What the size of attention and states follows from: text layers, image tokens (cells), heads a layer,
    tokens of a prompt behind the picture, steps of a reply, and numbers of a state."""

    layers: int = 36
    cells: int = 64
    heads: int = 32
    tokens: int = 60
    steps: int = _STEPS
    width: int = 2560

    @staticmethod
    def of_folder(model: str) -> "ModelShape":
        """Layers, heads and width as far as the folder's config.json says; the rest, and all of a model on
        the hub, is a guess."""
        folder = paths.assets_dir() / "model" if model == BUNDLED else Path(model)
        try:
            config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
            text = config.get("text_config", config)
            return ModelShape(
                int(text["num_hidden_layers"]),
                heads=int(text["num_attention_heads"]),
                width=int(text.get("hidden_size", ModelShape.width)),
            )
        except (OSError, ValueError, LookupError, TypeError, AttributeError):
            return ModelShape()  # a name on the hub, or a folder that the run itself will refuse


def bytes_an_answer(
    modes: Collection[str], rows: Collection[str], shape: ModelShape, hidden: Collection[str] = ()
) -> dict[str, float]:
    """Bytes an answer takes, by mode; without attention under `none`, the states of the rows `hidden` under
    `hidden`. A role that a question lacks takes nothing, so that rows are a ceiling."""
    numbers = len(REGIONS) + 1  # and the weight on the picture
    by_mode = {
        # The answer's row has all vectors, the others one.
        "summary": _BYTES_A_CELL
        * shape.layers
        * shape.cells
        * (_VECTORS_MEASURED - 1 + len(rows))
        / _VECTORS_MEASURED,
        "tokens": _BYTES_A_SHARE * numbers * shape.layers * shape.tokens,
        "heads": _BYTES_A_SHARE * (numbers + 1) * shape.layers * shape.heads * len(rows),
        "full": float(full_bytes(rows, shape)),
    }
    found = {"none": float(AN_ANSWER)} | {mode: by_mode[mode] for mode in MODES[1:] if mode in modes}
    return found | ({"hidden": float(hidden_bytes(hidden, shape))} if hidden else {})


def full_bytes(rows: Collection[str], shape: ModelShape) -> int:
    """Bytes of the full maps of one answer: every step, and the other rows once."""
    entries = shape.steps + len(rows) - 1
    return _BYTES_OF_FULL * entries * shape.layers * shape.heads * shape.cells


def hidden_bytes(rows: Collection[str], shape: ModelShape) -> int:
    """Bytes of the states of one answer: float16 and a scale, one vector a row and layer."""
    return len(rows) * shape.layers * (_BYTES_OF_FULL * shape.width + _BYTES_OF_SCALE)


def in_words(
    modes: Collection[str],
    rows: Collection[str],
    shape: ModelShape,
    n_answers: int,
    hidden: Collection[str] = (),
) -> str:
    """One sentence: what is kept, for how many bytes an answer and in all."""
    each = bytes_an_answer(modes, rows, shape, hidden)
    total = sum(each.values())
    parts = ", ".join(f"{mode} {size(each[mode])}" for mode in MODES[1:] if mode in each)
    kept = f"attention of {', '.join(rows)} ({parts})" if parts else "no attention"
    if hidden:
        kept += f" and hidden states of {', '.join(hidden)} ({size(each['hidden'])})"
    return f"Keeps {kept}: about {size(total)} an answer, {size(total * n_answers)} in all."


def size(n_bytes: float) -> str:
    """Bytes as people read them."""
    for unit in ("bytes", "KB", "MB", "GB"):
        if n_bytes < 1000 or unit == "GB":
            return f"{n_bytes:.3g} {unit}" if n_bytes < 1000 else f"{n_bytes:,.0f} {unit}"
        n_bytes /= 1000
    raise AssertionError


