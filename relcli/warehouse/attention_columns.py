"""The attention of a batch of answers as columns for DuckDB, without a copy into Python lists."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from relcli.captures import OF_EVERY_ANSWER, ROW_VECTOR, VECTORS, entropy_of
from relcli.token_layout import TokenLayout
from relcli.warehouse.batch import AttentionBatch, Key, SummaryArrays, layout_of

_DECIMALS = 6  # 5e-7 off at most, far under float16's; rounded values compress by a quarter


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
