"""Attention of the question's tokens on its way into the warehouse, beside the answers'."""

from types import SimpleNamespace
from typing import Any

import duckdb
import numpy as np
import pytest

from relcli.warehouse.batch import AttentionBatch, Key
from relcli.warehouse.ingest import ingest
from relcli.warehouse.rows import query
from relcli.warehouse.runs import remove_run
from relcli.warehouse.spool import SpoolWriter

TOKENS = [
    {"token_index": 70, "text": " don't \u201cred\u201d", "role": "target"},
    {"token_index": 71, "text": "?", "role": "target_next"},
    {"token_index": 71, "text": "?", "role": "stem_end"},
]


def looking(seed: int, cells: int = 8, layers: int = 3) -> Any:
    rng = np.random.default_rng(seed)
    return SimpleNamespace(
        mean_heads=rng.random((layers, cells), np.float32) / cells,
        entropy=rng.random(layers, np.float32),
        image_mass=rng.random(layers, np.float32),
    )


def test_rows_and_tokens_come_back_as_they_were(place, batch):
    rows, looked = batch([3, 4, 5])
    by_row = [{"target": looking(1), "stem_end": looking(2)}, {}, {"target": looking(3)}]
    tokens = [{"prompt_tokens": TOKENS}, {}, {"prompt_tokens": TOKENS[:1]}]
    with SpoolWriter(place.path, "r") as writer:
        writer.write(
            [row | more for row, more in zip(rows, tokens, strict=True)],
            AttentionBatch(looked.keys, looked.summaries, by_row),
        )
        # The same question on another variant: its tokens are known already.
        twins = [row | more | {"variant": "masked"} for row, more in zip(rows, tokens, strict=True)]
        writer.write(twins)
    assert ingest(place.path) == 6
    counts = "SELECT query_row, count(*) FROM answer_attention GROUP BY query_row ORDER BY query_row"
    assert query(place.path, counts).rows == [("answer", 9), ("stem_end", 3), ("target", 6)]
    assert query(place.path, "SELECT count(*) FROM attention").rows == [(9,)]
    found = query(place.path, "FROM answer_attention WHERE query_row <> 'answer'").as_dicts()
    for row in found:
        expected = by_row[row["scene_id"] - 3][row["query_row"]]
        np.testing.assert_allclose(row["mean_heads"], expected.mean_heads[row["layer"]], atol=5.1e-7)
        np.testing.assert_allclose(row["mean_heads_entropy"], expected.entropy[row["layer"]], atol=5.1e-7)
        np.testing.assert_allclose(row["image_mass"], expected.image_mass[row["layer"]], atol=5.1e-7)
        assert row["max_heads"] is row["last_step"] is row["step_entropy"] is None
        assert (row["n_steps"], row["grid_height"], row["grid_width"]) == (1, 2, 4)
    tokens_in = query(place.path, "FROM prompt_token").as_dicts()
    key = {"run": "r", "question_index": 0, "presentation": "plain"}
    expected = [{"scene_id": 3, **key, **token} for token in TOKENS] + [{"scene_id": 5, **key, **TOKENS[0]}]
    assert len(tokens_in) == len(expected)
    assert all(token in tokens_in for token in expected)
    remove_run(place.path, "r")
    assert query(place.path, "FROM prompt_token").rows == []


def test_a_part_written_before_there_were_rows_comes_in(place, batch):
    with SpoolWriter(place.path, "r") as writer:
        part = writer.write(*batch([3]))
    assert part is not None
    assert part.attention is not None
    for file, column in ((part.inference, "prompt_tokens"), (part.attention, "query_row")):
        name = str(file)
        duckdb.sql(f"COPY (SELECT * EXCLUDE ({column}) FROM '{name}') TO '{name}.new' (FORMAT parquet)")
        file.with_name(file.name + ".new").replace(file)
    assert ingest(place.path) == 1
    assert query(place.path, "SELECT DISTINCT query_row FROM answer_attention").rows == [("answer",)]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ("REPLACE (mean_heads[2:] AS mean_heads)", "does not fill its layout"),
        ("REPLACE ('nan'::FLOAT AS image_mass)", "not finite"),
        ("REPLACE (NULL AS mean_heads_entropy)", "not finite"),
        ("REPLACE ('answer' AS query_row)", "one layer twice|does not fill its layout"),
        ("REPLACE (NULL AS n_steps)", "number of steps"),
    ],
)
def test_a_damaged_row_is_set_aside(place, batch, change: str, reason: str):
    rows, looked = batch([3])
    with SpoolWriter(place.path, "r") as writer:
        part = writer.write(rows, AttentionBatch(looked.keys, looked.summaries, [{"target": looking(1)}]))
    assert part is not None
    assert part.attention is not None
    name = str(part.attention)
    duckdb.sql(
        f"COPY (FROM '{name}' WHERE query_row = 'answer' UNION ALL BY NAME "
        f"SELECT * {change} FROM '{name}' WHERE query_row <> 'answer') TO '{name}.new' (FORMAT parquet)"
    )
    part.attention.with_name(part.attention.name + ".new").replace(part.attention)
    said: list[str] = []
    assert ingest(place.path, note=said.append) == 0
    assert len(said) == 1
    assert any(each in said[0] for each in reason.split("|"))


def test_rows_must_belong_to_answers():
    with pytest.raises(ValueError, match="1 keys but rows of 2"):
        AttentionBatch([Key(1, 0, "raw")], [SimpleNamespace()], [{}, {}])  # pyright: ignore[reportArgumentType]
