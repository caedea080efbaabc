"""The names of what is kept: one spec that tables, options, exports and probes agree with."""

import dataclasses
from pathlib import Path

import pytest

from relcli.captures import (
    FEATURES,
    MODES,
    OF_EVERY_ANSWER,
    REGIONS,
    STORED,
    VECTORS,
    attention_modes,
    entropy_of,
)
from relcli.errors import UsageError
from relcli.models.items import AttentionSummary
from relcli.warehouse.insert import column_types
from relcli.warehouse.migrations import ensure
from relcli.warehouse.opening import connect


def test_tables_have_the_columns_of_the_spec(tmp_path: Path):
    path = tmp_path / "w.duckdb"
    ensure(path)
    with connect(path, read_only=True) as connection:
        for stored in STORED.values():
            assert column_types(connection, stored.table) == stored.columns, stored.table


def test_summaries_and_probes_have_the_vectors_of_the_spec():
    fields = {field.name for field in dataclasses.fields(AttentionSummary)}
    assert {*VECTORS, *map(entropy_of, VECTORS)} <= fields
    assert set(FEATURES) == {name for name, vector in VECTORS.items() if vector.probed}
    assert set(OF_EVERY_ANSWER) < set(VECTORS)
    assert set(REGIONS) <= STORED["heads"].columns.keys() & STORED["tokens"].columns.keys()


def test_modes_come_in_one_order_with_the_summary():
    assert attention_modes("heads, tokens") == ("summary", "tokens", "heads")
    assert attention_modes(["full"]) == ("summary", "full")
    assert attention_modes("none") == ("none",)
    for asked in ("", ",", "none,heads", "maps"):
        with pytest.raises(UsageError, match="--attention takes"):
            attention_modes(asked)
    assert all(attention_modes(mode)[-1] == mode for mode in MODES)
