"""Shares of heads and tokens on regions, on their way into DuckDB columns."""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from relcli.captures import REGIONS
from relcli.warehouse.attention_columns import keys_by_layer, put_vector, select_of
from relcli.warehouse.batch import AttentionBatch, SharesArrays

Columns = tuple[dict[str, NDArray], str]
"""Flat numpy columns, and the SELECT that builds a table's rows from them; as `attention_columns`."""


def head_columns(batch: AttentionBatch) -> Iterator[Columns]:
    """Rows of table `head_attention`: one an answer, row and layer. Groups differ in layers or heads."""
    found = [
        (key, row, each)
        for key, rows in zip(batch.keys, batch.heads, strict=False)
        for row, each in rows.items()
    ]
    groups: dict[tuple[int, ...], list[int]] = {}
    for place, (_, _, each) in enumerate(found):
        groups.setdefault(each.image_mass.shape, []).append(place)
    for (n_layers, _), members in groups.items():
        some = [found[place] for place in members]
        shares = [each for _, _, each in some]
        columns, selected = keys_by_layer(
            [key for key, _, _ in some], n_layers, {"query_row": [row for _, row, _ in some]}
        )
        put_vector(columns, selected, "entropy", [each.entropy for each in shares])
        _put_shares(columns, selected, shares)
        yield columns, select_of(selected)


def token_columns(batch: AttentionBatch) -> Iterator[Columns]:
    """Rows of table `token_attention`: one an answer and layer. Prompts differ in length: the shorter ones
    are filled up, and cut to their length in SQL. Groups differ in layers."""
    found = [(key, each) for key, each in zip(batch.keys, batch.tokens, strict=False) if each is not None]
    groups: dict[int, list[int]] = {}
    for place, (_, each) in enumerate(found):
        groups.setdefault(len(each.shares.image_mass), []).append(place)
    for n_layers, members in groups.items():
        some = [found[place] for place in members]
        lengths = [each.shares.image_mass.shape[1] for _, each in some]
        columns, selected = keys_by_layer([key for key, _ in some], n_layers, {})
        for name, values in (("first_token", [each.first for _, each in some]), ("n_tokens", lengths)):
            columns[name] = np.repeat(np.array(values, np.int32), n_layers)
        names = set(selected)
        _put_shares(columns, selected, [_filled(each.shares, max(lengths)) for _, each in some])
        for name in selected.keys() - names:
            selected[name] = f"({selected[name]})[1:n_tokens]"
        yield columns, select_of(selected | {"first_token": "first_token"})


def _filled(shares: SharesArrays, n: int) -> SharesArrays:
    def fill(values: NDArray[np.float32]) -> NDArray[np.float32]:
        return np.pad(values, ((0, 0), (0, n - values.shape[1])))

    by_name = {name: fill(values) for name, values in shares.shares.items()}
    return _Filled(by_name, fill(shares.image_mass), shares.entropy)


class _Filled(NamedTuple):
    shares: Mapping[str, NDArray[np.float32]]
    image_mass: NDArray[np.float32]
    entropy: NDArray[np.float32]


def _put_shares(
    columns: dict[str, NDArray], selected: dict[str, str], shares: Sequence[SharesArrays]
) -> None:
    """image_mass and each region; NULL where an answer's picture lacks the region, and in layers without
    attention, which have NaN."""
    put_vector(columns, selected, "image_mass", [each.image_mass for each in shares])
    nothing = np.zeros_like(shares[0].image_mass)
    for name in REGIONS:
        there = [name in each.shares for each in shares]
        if not any(there):
            continue
        put_vector(columns, selected, name, [each.shares.get(name, nothing) for each in shares])
        if not all(there):
            columns[f"has_{name}"] = np.repeat(np.array(there, np.int32), len(nothing))
            selected[name] = f"CASE WHEN has_{name} = 1 THEN {selected[name]} END"
    if any(np.isnan(each.image_mass).any() for each in shares):
        for name in {"image_mass", "entropy", *REGIONS} & selected.keys():
            selected[name] = f"CASE WHEN NOT isnan(image_mass_0) THEN {selected[name]} END"


