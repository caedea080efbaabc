"""Shares of heads and tokens on their way into the warehouse, and back in views."""

from types import SimpleNamespace
from typing import Any

import duckdb
import numpy as np
import pytest

from relcli.captures import REGIONS
from relcli.warehouse.batch import AttentionBatch, TokenShares
from relcli.warehouse.ingest import ingest
from relcli.warehouse.parts import leftovers
from relcli.warehouse.rows import query
from relcli.warehouse.runs import remove_run
from relcli.warehouse.spool import SpoolWriter


def shares(seed: int, n: int, layers: int = 3, lacking: tuple[str, ...] = ()) -> Any:
    rng = np.random.default_rng(seed)
    return SimpleNamespace(
        shares={name: rng.random((layers, n), np.float32) for name in REGIONS if name not in lacking},
        image_mass=rng.random((layers, n), np.float32),
        entropy=rng.random((layers, n), np.float32),
    )


HEADS = [
    {"answer": shares(1, 4), "target": shares(2, 4, lacking=("removed", "target"))},
    {},
    {"answer": shares(3, 4, lacking=("removed",))},
]
TOKENS = [TokenShares(70, shares(4, 5)), None, TokenShares(71, shares(5, 3, lacking=tuple(REGIONS)))]


def written(place: Any, batch: Any, heads: Any = HEADS, tokens: Any = TOKENS) -> Any:
    rows, looked = batch([3, 4, 5])
    with SpoolWriter(place.path, "r") as writer:
        return writer.write(rows, AttentionBatch(looked.keys, looked.summaries, (), heads, tokens))


def test_shares_come_back_as_they_were(place, batch):
    part = written(place, batch)
    assert part.name.endswith("-aht")
    assert list(leftovers(place.path, "r")) == []
    assert ingest(place.path) == 3
    found = query(place.path, "FROM head_attention").as_dicts()
    assert len(found) == 9
    for row in found:
        expected = HEADS[row["scene_id"] - 3][row["query_row"]]
        assert_row(row, expected, row["layer"])
        np.testing.assert_allclose(row["entropy"], expected.entropy[row["layer"]], atol=5.1e-7)
    found = query(place.path, "FROM token_attention").as_dicts()
    assert len(found) == 6
    for row in found:
        expected = TOKENS[row["scene_id"] - 3]
        assert expected is not None
        assert row["first_token"] == expected.first
        assert_row(row, expected.shares, row["layer"])
    remove_run(place.path, "r")
    for table in ("head_attention", "token_attention"):
        assert query(place.path, f"FROM {table}").rows == []


def assert_row(row: dict[str, Any], expected: Any, layer: int) -> None:
    np.testing.assert_allclose(row["image_mass"], expected.image_mass[layer], atol=5.1e-7)
    for name in REGIONS:
        if name in expected.shares:
            np.testing.assert_allclose(row[name], expected.shares[name][layer], atol=5.1e-7)
        else:
            assert row[name] is None


def test_heads_alone_and_tokens_alone(place, batch):
    assert written(place, batch, tokens=()).name.endswith("-ah")
    assert ingest(place.path) == 3
    assert query(place.path, "SELECT count(*) FROM head_attention").rows == [(9,)]
    assert written(place, batch, heads=()).name.endswith("-at")
    assert ingest(place.path) == 0  # known answers: their shares come in with them or not at all
    assert query(place.path, "SELECT count(*) FROM token_attention").rows == [(0,)]


@pytest.mark.parametrize(
    ("table", "change", "reason"),
    [
        ("heads", "run = 'other'", "of another run"),
        ("heads", "scene_id = 99", "no answer to"),
        ("heads", "layer = 0", "one layer twice"),
        ("heads", "query_row = NULL", "no query row"),
        ("heads", "target = target[1:2]", "different numbers"),
        ("heads", "entropy = NULL", "different numbers"),
        ("heads", "rest = list_transform(rest, lambda x: 'nan'::FLOAT)", "not finite"),
        ("tokens", "first_token = -1", "no first token"),
        ("tokens", "image_mass = list_transform(image_mass, lambda x: NULL::FLOAT)", "not finite"),
    ],
)
def test_a_damaged_file_is_set_aside(place, batch, table: str, change: str, reason: str):
    part = written(place, batch)
    name = str(part.stored[table])
    with duckdb.connect() as memory:
        memory.execute(f"CREATE TABLE t AS FROM '{name}'")
        memory.execute(f"UPDATE t SET {change}")
        memory.execute(f"COPY t TO '{name}' (FORMAT parquet)")
    said: list[str] = []
    assert ingest(place.path, note=said.append) == 0
    assert len(said) == 1
    assert reason in said[0]


def test_a_layer_without_attention_has_no_shares(place, batch):
    some = shares(1, 4)
    for values in (*some.shares.values(), some.image_mass, some.entropy):
        values[1] = np.nan
    written(place, batch, [{"answer": some}, {}, {}], [TokenShares(70, some), None, None])
    assert ingest(place.path) == 3
    for table in ("head_attention", "token_attention"):
        found = query(place.path, f"FROM {table} ORDER BY layer").as_dicts()
        assert [row["target"] is None for row in found] == [False, True, False]
        assert [row["image_mass"] is None for row in found] == [False, True, False]
    assert query(place.path, "SELECT count(*) FROM head_share").rows == [(8,)]


@pytest.mark.parametrize("lacking", [("removed",), ("removed", "arrow"), tuple(REGIONS)])
def test_a_batch_without_a_region_comes_in(place, batch, lacking):
    heads = [{"answer": shares(seed, 4, lacking=lacking)} for seed in (1, 2, 3)]
    tokens = [TokenShares(70, shares(seed, 5, lacking=lacking)) for seed in (1, 2, 3)]
    written(place, batch, heads=heads, tokens=tokens)
    assert ingest(place.path) == 3
    for table in ("head_attention", "token_attention"):
        rows = query(place.path, f"FROM {table}").as_dicts()
        assert len(rows) == 9
        assert all((row[name] is None) == (name in lacking) for row in rows for name in REGIONS)
