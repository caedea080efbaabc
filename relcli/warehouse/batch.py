"""The attention of one batch of answers on its way into DuckDB columns, without a copy into Python lists."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

VECTORS = ("mean_heads", "max_heads", "first_step", "last_step")
_DECIMALS = 6  # 5e-7 off at most, far under float16's; rounded values compress by a quarter


class Key(NamedTuple):
    """What tells the answers of a run apart. `presentation` is how the question was put (`plain`: as its set
    words it), `intervention` what was done to the model meanwhile (`none`: nothing)."""

    scene_id: int
    question_index: int
    variant: str
    presentation: str = "plain"
    intervention: str = "none"


class AttentionSummary(Protocol):
    """What one answer's attention must bring; `relcli.models.engine.AttentionSummary` does.

    Vectors are float32 [layers, cells], cells row by row on `grid` = (height, width); entropies and
    `image_mass` are [layers]; `step_entropy` is [layers, steps].
    """

    @property
    def grid(self) -> tuple[int, int]: ...
    @property
    def mean_heads(self) -> NDArray[np.float32]: ...
    @property
    def max_heads(self) -> NDArray[np.float32]: ...
    @property
    def first_step(self) -> NDArray[np.float32]: ...
    @property
    def last_step(self) -> NDArray[np.float32]: ...
    @property
    def mean_heads_entropy(self) -> NDArray[np.float32]: ...
    @property
    def max_heads_entropy(self) -> NDArray[np.float32]: ...
    @property
    def first_step_entropy(self) -> NDArray[np.float32]: ...
    @property
    def last_step_entropy(self) -> NDArray[np.float32]: ...
    @property
    def step_entropy(self) -> NDArray[np.float32]: ...
    @property
    def image_mass(self) -> NDArray[np.float32]: ...


@dataclass(frozen=True, slots=True)
class AttentionBatch:
    """Attention of several answers, key by key. Grids and layer counts may differ between answers."""

    keys: Sequence[Key]
    summaries: Sequence[AttentionSummary]

    def __post_init__(self) -> None:
        if len(self.keys) != len(self.summaries):
            raise ValueError(f"{len(self.keys)} keys but {len(self.summaries)} summaries")

    def groups(self) -> Iterator["AttentionBatch"]:
        """Split into batches in which every answer has the same grid and the same number of layers."""
        shapes: dict[tuple[tuple[int, int], int], list[int]] = {}
        for i, summary in enumerate(self.summaries):
            height, width = summary.grid
            shapes.setdefault(((height, width), summary.mean_heads.shape[0]), []).append(i)
        for members in shapes.values():
            yield AttentionBatch([self.keys[i] for i in members], [self.summaries[i] for i in members])


def attention_columns(batch: AttentionBatch) -> tuple[dict[str, NDArray], str]:
    """Flat numpy columns for one group, and the SELECT that builds the rows of table `attention` from them.

    Every cell of a vector is a column of its own (`mean_heads_17`), which the SELECT puts together into
    FLOAT[]: DuckDB reads such columns in place. Measured for 256 answers of 36 layers and 64 cells: 15 ms a
    vector, where array objects take 42 ms and list parameters 370. The relation is to be registered as
    `batch`; `$run` is the statement's parameter.
    """
    first = batch.summaries[0]
    height, width = first.grid
    n_layers, n_cells = first.mean_heads.shape
    n_rows = len(batch.keys) * n_layers
    if n_cells != height * width:
        raise ValueError(f"{n_cells} cells do not fill a grid of {height} x {width}")
    variants = sorted({key.variant for key in batch.keys})
    presentations = sorted({key.presentation for key in batch.keys})
    interventions = sorted({key.intervention for key in batch.keys})
    columns: dict[str, NDArray] = {
        "scene_id": _per_layer([key.scene_id for key in batch.keys], n_layers),
        "question_index": _per_layer([key.question_index for key in batch.keys], n_layers),
        "variant": _per_layer([variants.index(key.variant) + 1 for key in batch.keys], n_layers),
        "presentation": _per_layer(
            [presentations.index(key.presentation) + 1 for key in batch.keys], n_layers
        ),
        "intervention": _per_layer(
            [interventions.index(key.intervention) + 1 for key in batch.keys], n_layers
        ),
        "layer": np.tile(np.arange(n_layers, dtype=np.int16), len(batch.keys)),
        "n_steps": _per_layer([summary.step_entropy.shape[1] for summary in batch.summaries], n_layers),
    }
    selected: dict[str, str] = {
        "run": "$run",
        "scene_id": "scene_id",
        "question_index": "question_index",
        "variant": _one_of(variants, "variant"),
        "presentation": _one_of(presentations, "presentation"),
        "intervention": _one_of(interventions, "intervention"),
        "query_row": "'answer'",
        "layer": "layer",
        "grid_height": f"{int(height)}::SMALLINT",
        "grid_width": f"{int(width)}::SMALLINT",
    }
    for name in VECTORS:
        stacked = np.stack([getattr(summary, name) for summary in batch.summaries]).reshape(n_rows, n_cells)
        by_cell = np.ascontiguousarray(rounded_to_six(stacked).T)
        columns |= {f"{name}_{cell}": by_cell[cell] for cell in range(n_cells)}
        selected[name] = f"[{', '.join(f'{name}_{cell}' for cell in range(n_cells))}]"
    for name in (f"{vector}_entropy" for vector in VECTORS):
        columns[name] = _flat(batch, name)
        selected[name] = name
    steps = np.empty(n_rows, dtype=object)
    steps[:] = [rounded_to_six(layer) for summary in batch.summaries for layer in summary.step_entropy]
    columns["step_entropy"] = steps
    selected["step_entropy"] = "step_entropy::FLOAT[]"
    columns["image_mass"] = _flat(batch, "image_mass")
    selected |= {"image_mass": "image_mass", "n_steps": "n_steps"}
    return columns, "SELECT " + ", ".join(
        f"{sql} AS {name}" for name, sql in selected.items()
    ) + " FROM batch"


def _one_of(names: Sequence[str], column: str) -> str:
    """SQL for the name whose number, from 1, a column holds."""
    quoted = ", ".join("'" + name.replace("'", "''") + "'" for name in names)
    return f"[{quoted}][{column}]"


def _flat(batch: AttentionBatch, name: str) -> NDArray[np.float32]:
    return rounded_to_six(np.concatenate([np.asarray(getattr(summary, name)) for summary in batch.summaries]))


def _per_layer(values: Sequence[int], n_layers: int) -> NDArray[np.int32]:
    return np.repeat(np.asarray(values, dtype=np.int32), n_layers)


def rounded_to_six(values: NDArray) -> NDArray[np.float32]:
    """The float32 nearest to the six-decimal value; rounding in float32 would miss it and compress worse."""
    return np.round(np.asarray(values, dtype=np.float64), _DECIMALS).astype(np.float32)
