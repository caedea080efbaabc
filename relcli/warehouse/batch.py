"""The attention of one batch of answers on its way into DuckDB columns, without a copy into Python lists."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from relcli.captures import OF_EVERY_ANSWER, ROW_VECTOR, VECTORS, entropy_of
from relcli.token_layout import TokenLayout

_DECIMALS = 6  # 5e-7 off at most, far under float16's; rounded values compress by a quarter


class Key(NamedTuple):
    """What tells the answers of a run apart. `presentation` is how the question was put (`plain`: as its set
    words it), `intervention` what was done to the model meanwhile (`none`: nothing)."""

    scene_id: int
    question_index: int
    variant: str
    presentation: str = "plain"
    intervention: str = "none"


class SummaryArrays(Protocol):
    """What one answer's attention must bring; `relcli.models.items.AttentionSummary` does.

    Vectors are float32 [layers, cells], cells row by row on `grid` = (height, width), or the image tokens in
    order where a `layout` says so; entropies and `image_mass` are [layers]; `step_entropy` is [layers,
    steps].
    """

    @property
    def grid(self) -> tuple[int, int] | None: ...
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


def layout_of(summary: SummaryArrays) -> TokenLayout:
    """Where the cells of its vectors stand."""
    layout = getattr(summary, "layout", None)
    if layout is not None:
        return layout
    if summary.grid is None:
        return TokenLayout.unplaced(summary.mean_heads.shape[1])
    return TokenLayout.of_grid(*map(int, summary.grid))


class RowArrays(Protocol):
    """What a token of the question brings: float32 [layers, cells], and [layers] twice."""

    @property
    def mean_heads(self) -> NDArray[np.float32]: ...
    @property
    def entropy(self) -> NDArray[np.float32]: ...
    @property
    def image_mass(self) -> NDArray[np.float32]: ...


class SharesArrays(Protocol):
    """What `relcli.models.items.RegionShares` brings: float32 [layers, n], by region in `shares`."""

    @property
    def shares(self) -> Mapping[str, NDArray[np.float32]]: ...
    @property
    def image_mass(self) -> NDArray[np.float32]: ...
    @property
    def entropy(self) -> NDArray[np.float32]: ...


class TokenShares(NamedTuple):
    """The tokens of one prompt: the place of the first, and where each of them looks."""

    first: int
    shares: SharesArrays


@dataclass(frozen=True, slots=True)
class AttentionBatch:
    """Attention of several answers, key by key. Layouts and layer counts may differ between answers.

    rows: of each answer, what tokens of its question looked at, by `query_row`; none without.
    heads: of each answer, where the single heads of its rows looked, by `query_row`; none without.
    tokens: of each answer, where the tokens of its prompt looked; none without.
    """

    keys: Sequence[Key]
    summaries: Sequence[SummaryArrays]
    rows: Sequence[Mapping[str, RowArrays]] = ()
    heads: Sequence[Mapping[str, SharesArrays]] = ()
    tokens: Sequence[TokenShares | None] = ()

    def __post_init__(self) -> None:
        if len(self.keys) != len(self.summaries):
            raise ValueError(f"{len(self.keys)} keys but {len(self.summaries)} summaries")
        for name in ("rows", "heads", "tokens"):
            if len(getattr(self, name)) not in (0, len(self.keys)):
                raise ValueError(f"{len(self.keys)} keys but {name} of {len(getattr(self, name))}")

    def groups(self) -> Iterator["AttentionBatch"]:
        """Split into batches in which every answer has the same layout and the same number of layers."""
        shapes: dict[tuple[str, int], list[int]] = {}
        for i, summary in enumerate(self.summaries):
            shapes.setdefault((layout_of(summary).name, summary.mean_heads.shape[0]), []).append(i)
        for members in shapes.values():
            yield AttentionBatch(
                [self.keys[i] for i in members],
                [self.summaries[i] for i in members],
                [self.rows[i] for i in members] if self.rows else (),
                [self.heads[i] for i in members] if self.heads else (),
                [self.tokens[i] for i in members] if self.tokens else (),
            )


def attention_columns(batch: AttentionBatch) -> tuple[dict[str, NDArray], str]:
    """Flat numpy columns for one group, and the SELECT that builds the rows of table `attention` from them.

    Every cell of a vector is a column of its own (`mean_heads_17`), which the SELECT puts together into
    FLOAT[]: DuckDB reads such columns in place. Measured for 256 answers of 36 layers and 64 cells: 15 ms a
    vector, where array objects take 42 ms and list parameters 370. The relation is to be registered as
    `batch`; `$run` is the statement's parameter.
    """
    first = batch.summaries[0]
    n_layers, n_cells = first.mean_heads.shape
    n_rows = len(batch.keys) * n_layers
    columns, selected = _keys(batch.keys, ["answer"] * len(batch.keys), layout_of(first), (n_layers, n_cells))
    columns["n_steps"] = _per_layer(
        [summary.step_entropy.shape[1] for summary in batch.summaries], n_layers
    )
    for name in OF_EVERY_ANSWER:
        put_vector(columns, selected, name, [getattr(summary, name) for summary in batch.summaries])
    for name in map(entropy_of, OF_EVERY_ANSWER):
        columns[name] = _flat(batch, name)
        selected[name] = name
    for name in VECTORS.keys() - OF_EVERY_ANSWER:
        _put_some(columns, selected, name, batch.summaries)
    steps = np.empty(n_rows, dtype=object)
    steps[:] = [rounded_to_six(layer) for summary in batch.summaries for layer in summary.step_entropy]
    columns["step_entropy"] = steps
    selected["step_entropy"] = "step_entropy::FLOAT[]"
    columns["image_mass"] = _flat(batch, "image_mass")
    selected["image_mass"] = "image_mass"
    _leave_empty(columns, selected, [summary.mean_heads for summary in batch.summaries])
    selected["n_steps"] = "n_steps"
    return columns, select_of(selected)


def row_columns(batch: AttentionBatch) -> tuple[dict[str, NDArray], str] | None:
    """As attention_columns, for the tokens of the questions; None where none was read. What only answers have
    is left out."""
    found = [
        (key, name, row)
        for key, rows in zip(batch.keys, batch.rows, strict=False)
        for name, row in rows.items()
    ]
    if not found:
        return None
    first = found[0][2].mean_heads
    columns, selected = _keys(
        [key for key, _, _ in found],
        [name for _, name, _ in found],
        layout_of(batch.summaries[0]),
        first.shape,
    )
    put_vector(columns, selected, ROW_VECTOR, [row.mean_heads for _, _, row in found])
    for name, values in (
        (entropy_of(ROW_VECTOR), [row.entropy for _, _, row in found]),
        ("image_mass", [row.image_mass for _, _, row in found]),
    ):
        columns[name] = rounded_to_six(np.concatenate(values))
        selected[name] = name
    _leave_empty(columns, selected, [row.mean_heads for _, _, row in found])
    selected["n_steps"] = "1::INTEGER"
    return columns, select_of(selected)


def _keys(
    keys: Sequence[Key], query_rows: Sequence[str], layout: TokenLayout, shape: tuple[int, ...]
) -> tuple[dict[str, NDArray], dict[str, str]]:
    """Key columns of [layers] rows for each key, and how they are selected. shape: (layers, cells)."""
    n_layers, n_cells = shape
    if n_cells != layout.n_tokens:
        raise ValueError(f"{n_cells} cells do not fill the layout {layout.name}")
    columns, selected = keys_by_layer(keys, n_layers, {"query_row": query_rows})
    height, width = map(int, layout.grid) if layout.grid else ("NULL", "NULL")
    selected |= {
        "grid_height": f"{height}::SMALLINT",
        "grid_width": f"{width}::SMALLINT",
        "layout": "NULL::VARCHAR" if layout.grid else f"'{layout.name}'",
    }
    return columns, selected


def keys_by_layer(
    keys: Sequence[Key], n_layers: int, names: Mapping[str, Sequence[str]]
) -> tuple[dict[str, NDArray], dict[str, str]]:
    """Key columns of [layers] rows for each key, and how they are selected. names: other columns of text."""
    columns: dict[str, NDArray] = {
        "scene_id": _per_layer([key.scene_id for key in keys], n_layers),
        "question_index": _per_layer([key.question_index for key in keys], n_layers),
        "layer": np.tile(np.arange(n_layers, dtype=np.int16), len(keys)),
    }
    selected = {"run": "$run", **{name: name for name in columns}}
    of_keys = {
        name: [getattr(key, name) for key in keys] for name in ("variant", "presentation", "intervention")
    }
    for column, values in (of_keys | dict(names)).items():
        known = sorted(set(values))
        number = {name: place for place, name in enumerate(known, 1)}
        columns[column] = _per_layer([number[value] for value in values], n_layers)
        selected[column] = _one_of(known, column)
    return columns, selected


def put_vector(
    columns: dict[str, NDArray], selected: dict[str, str], name: str, vectors: Sequence[NDArray[np.float32]]
) -> None:
    """A column for each cell of vectors [layers, cells], put together again in SQL."""
    n_cells = vectors[0].shape[1]
    by_cell = np.ascontiguousarray(rounded_to_six(np.concatenate(vectors)).T)
    columns |= {f"{name}_{cell}": by_cell[cell] for cell in range(n_cells)}
    selected[name] = f"[{', '.join(f'{name}_{cell}' for cell in range(n_cells))}]"


def _put_some(
    columns: dict[str, NDArray], selected: dict[str, str], name: str, summaries: Sequence[SummaryArrays]
) -> None:
    """A vector that only some answers have, and its entropy; NULL in the others."""
    n_layers, n_cells = summaries[0].mean_heads.shape
    found = [getattr(summary, name, None) for summary in summaries]
    if all(vector is None for vector in found):
        return
    put_vector(
        columns,
        selected,
        name,
        [np.zeros((n_layers, n_cells), np.float32) if vector is None else vector for vector in found],
    )
    entropies = [
        np.zeros(n_layers, np.float32) if vector is None else np.asarray(getattr(summary, entropy_of(name)))
        for vector, summary in zip(found, summaries, strict=True)
    ]
    columns[entropy_of(name)] = rounded_to_six(np.concatenate(entropies))
    columns[f"has_{name}"] = _per_layer([vector is not None for vector in found], n_layers)
    for each, sql in ((name, selected[name]), (entropy_of(name), entropy_of(name))):
        selected[each] = f"CASE WHEN has_{name} = 1 THEN {sql} END"


def _leave_empty(
    columns: dict[str, NDArray], selected: dict[str, str], vectors: Sequence[NDArray[np.float32]]
) -> None:
    """NULL for all that is told of layers without attention, whose vectors [layers, cells] are NaN."""
    there = ~np.isnan(np.concatenate([vector[:, 0] for vector in vectors]))
    if there.all():
        return
    columns["is_there"] = there.astype(np.int32)
    for name in selected.keys() - _KEYS:
        selected[name] = f"CASE WHEN is_there = 1 THEN {selected[name]} END"


_KEYS = {*Key._fields, "run", "query_row", "layer", "grid_height", "grid_width", "layout"}


def select_of(selected: Mapping[str, str]) -> str:
    return "SELECT " + ", ".join(f"{sql} AS {name}" for name, sql in selected.items()) + " FROM batch"


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
