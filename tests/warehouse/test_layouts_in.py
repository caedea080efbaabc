"""Layouts of image tokens on their way into the warehouse, and what its views make of them."""

import time
from types import SimpleNamespace
from typing import Any

import duckdb
import numpy as np
import pytest

from relcli.captures import OF_EVERY_ANSWER
from relcli.results.attention_maps import AttentionMaps
from relcli.scenes.geometry import entity_coverage, layout_regions
from relcli.scenes.scene import generate_scene
from relcli.token_layout import Rectangle, TokenLayout
from relcli.warehouse import objects
from relcli.warehouse.batch import AttentionBatch
from relcli.warehouse.ingest import ingest
from relcli.warehouse.layouts import load_layout
from relcli.warehouse.migrations import ensure
from relcli.warehouse.rows import query
from relcli.warehouse.spool import SpoolWriter

HALVES = [Rectangle(0, 0, 0.5, 1), Rectangle(0.5, 0, 1, 1)]
TILED = TokenLayout.of(
    ["thumbnail", "tile", "tile", "none"], [Rectangle(0, 0, 1, 1), HALVES[0], HALVES[1], None]
)


def looked(layout: TokenLayout, layers: int = 3, seed: int = 1, empty: tuple[int, ...] = ()) -> Any:
    rng = np.random.default_rng(seed)
    vectors = {
        name: rng.dirichlet(np.ones(layout.n_tokens), layers).astype(np.float32) for name in OF_EVERY_ANSWER
    }
    found = {
        **vectors,
        **{f"{name}_entropy": rng.random(layers, np.float32) for name in vectors},
        "step_entropy": rng.random((layers, 2), np.float32),
        "image_mass": rng.random(layers, np.float32),
    }
    for values in found.values():
        values[list(empty)] = np.nan
    return SimpleNamespace(grid=layout.grid, layout=layout, **found)


def write(place: Any, batch: Any, layouts: list[TokenLayout], **kind: Any) -> list[Any]:
    rows, plain = batch(range(len(layouts)))
    summaries = [looked(layout, seed=i, **kind) for i, layout in enumerate(layouts)]
    with SpoolWriter(place.path, "r") as writer:
        writer.write(rows, AttentionBatch(plain.keys, summaries))
    assert ingest(place.path) == len(layouts)
    return summaries


def test_a_layout_comes_in_with_its_attention_and_comes_back(place, batch):
    grid = TokenLayout.of_grid(2, 4)
    summaries = write(place, batch, [TILED, grid, TILED, TokenLayout.unplaced(5)])
    assert load_layout(place.path, TILED.name) == TILED
    assert load_layout(place.path, "2x4") == grid
    assert load_layout(place.path, "unplaced-5") == TokenLayout.unplaced(5)
    assert load_layout(place.path, "3-abc") is None
    of_layer = "SELECT scene_id, layout, grid_height, mean_heads FROM attention WHERE layer = 1 ORDER BY 1"
    rows = query(place.path, of_layer).rows
    assert [row[1:3] for row in rows] == [
        (TILED.name, None), (None, 2), (TILED.name, None), ("unplaced-5", None),
    ]  # fmt: skip
    for row, summary in zip(rows, summaries, strict=True):
        assert row[3] == pytest.approx(summary.mean_heads[1], abs=1e-6)
    counts = "SELECT layout, count(*), count(x_min) FROM image_token GROUP BY 1 ORDER BY 1"
    tokens = query(place.path, counts).rows
    assert tokens == sorted([("2x4", 8, 8), (TILED.name, 4, 3), ("unplaced-5", 5, 0)])


def test_layers_without_attention_keep_their_number_and_are_empty(place, batch):
    [summary] = write(place, batch, [TokenLayout.of_grid(2, 4)], empty=(0, 2))
    told = "SELECT layer, mean_heads, image_mass, step_entropy FROM attention ORDER BY 1"
    rows = query(place.path, told).rows
    assert [row[0] for row in rows] == [0, 1, 2]
    assert rows[0][1:] == rows[2][1:] == (None, None, None)
    assert rows[1][1] == pytest.approx(summary.mean_heads[1], abs=1e-6)
    maps = query(place.path, "SELECT layer, len(shares) FROM attention_mean").rows
    assert maps == [(1, 8)]
    shares = query(place.path, "SELECT layer, sink_area FROM attention_grounding_by_question ORDER BY 1").rows
    assert [layer for layer, _ in shares] == [0, 1, 2]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("UPDATE part_attention SET layout = '4-elsewhere'", "does not fill its layout"),
        ("UPDATE part_attention SET grid_height = 2, grid_width = 2", "does not fill its layout"),
        ("UPDATE part_attention SET mean_heads = NULL", "no attention in any layer"),
        ("UPDATE part_attention SET max_heads = NULL WHERE layer = 1", "does not fill its layout"),
        (
            "UPDATE part_attention SET mean_heads = NULL, max_heads = NULL, first_step = NULL, "
            "last_step = NULL WHERE layer = 1",
            "layer without attention has numbers",
        ),
        (
            "UPDATE part_inference SET token_layout = "
            "list_filter(token_layout, lambda t: t.token_index <> 1)",
            "or one is missing",
        ),
        (
            "UPDATE part_inference SET token_layout = list_transform(token_layout, lambda t: "
            "struct_update(t, x_max := -1.0::DOUBLE))",
            "or one is missing",
        ),
    ],
)
def test_a_part_whose_layout_does_not_fit_is_not_taken(place, batch, change, told):
    from relcli.warehouse.part_reading import read_part
    from relcli.warehouse.parts import finished_parts
    from relcli.warehouse.writes import write_text

    rows, plain = batch(range(1))
    with SpoolWriter(place.path, "r") as writer:
        writer.write(rows, AttentionBatch(plain.keys, [looked(TILED)]))
    [part] = finished_parts(place.path, "r")
    with read_part("r", part) as memory:
        memory.execute(change)
        faults = memory.execute(write_text("part_faults"), {"run": "r"}).fetchall()
    assert any(told in fault for (fault,) in faults)


def test_coverage_of_tiles_is_that_of_the_grid_they_make():
    """A thumbnail and its tiles see the same things; what a row's mark covers is nothing."""
    scene = generate_scene(3, 1)
    tiles = [
        Rectangle(x / 8, y / 8, (x + 1) / 8, (y + 1) / 8) for y in range(8) for x in range(8)
    ]  # fmt: skip
    whole = [Rectangle(x / 4, y / 4, (x + 1) / 4, (y + 1) / 4) for y in range(4) for x in range(4)]
    layout = TokenLayout.of(["thumbnail"] * 16 + ["tile"] * 64 + ["none"], [*whole, *tiles, None])
    for region, entity in zip(layout_regions(scene, layout), scene.entities, strict=False):
        assert region.coverage[:16] == pytest.approx(entity_coverage(entity, 4, 4), abs=1e-6)
        assert region.coverage[16:80] == pytest.approx(entity_coverage(entity, 8, 8), abs=1e-6)
        assert region.coverage[80] == 0


def test_a_map_spreads_each_weight_over_its_rectangle():
    weights = np.array([0.4, 0.2, 0.1, 0.3])
    assert TILED.raster() == (1, 2)
    assert TILED.spread(weights) == pytest.approx(np.array([[0.2 + 0.2, 0.2 + 0.1]]))
    grid = TokenLayout.of_grid(2, 2)
    assert grid.spread(weights).tolist() == weights.reshape(2, 2).tolist()
    maps = AttentionMaps(*TILED.raster(), [{"mean_heads": weights.tolist()}, {}], layout=TILED)
    assert maps.drawn(0) == pytest.approx([0.4, 0.3]) and maps.drawn(1) == [0, 0]
    assert maps.weights(None) == pytest.approx(weights)
    unplaced = AttentionMaps(1, 1, [{"mean_heads": weights.tolist()}], layout=TokenLayout.unplaced(4))
    assert unplaced.heat(0, "mean_heads") is None


def test_a_grid_is_known_as_one_and_a_square_number_is_not():
    cells = list(TokenLayout.of_grid(3, 5).rectangles)
    assert TokenLayout.of(["tile"] * 15, cells) == TokenLayout.of_grid(3, 5)
    four = [Rectangle(x / 2 + a / 4, y / 2 + b / 4, x / 2 + (a + 1) / 4, y / 2 + (b + 1) / 4)
            for y in range(2) for x in range(2) for b in range(2) for a in range(2)]  # fmt: skip
    tiles = TokenLayout.of(["tile"] * 16, four)
    assert tiles.grid is None and tiles.name.startswith("16-")
    beyond = TokenLayout.of(["tile", "tile"], [Rectangle(-0.5, 0, 0.5, 1), Rectangle(-1, 0, -0.5, 1)])
    assert beyond.rectangles == (Rectangle(0, 0, 0.5, 1), None) and beyond.parts == ("tile", "none")


def test_a_warehouse_of_the_version_before_reads_the_same(tmp_path):
    """Rows of grids stay as they are: the views that place image tokens give what they gave."""
    path = tmp_path / "old.duckdb"
    with duckdb.connect(str(path)) as connection:
        for file in objects.migration_files():
            number, name = file.stem.split("_", 1)
            if int(number) < 12:
                connection.execute(file.read_text())
                connection.execute(
                    "INSERT INTO schema_migration VALUES (?, ?, now(), 'x')", [int(number), name]
                )
        connection.execute("""INSERT INTO run (run, dataset, kind, state, started_at, grid_height, grid_width)
            VALUES ('r', 'd', 'run', 'done', now(), 2, 2)""")
        connection.execute("""INSERT INTO answer_attention BY NAME SELECT 'r' AS run, i AS scene_id,
            0 AS question_index, 'raw' AS variant, l AS layer, 2 AS grid_height, 2 AS grid_width,
            [0.25, 0.125, 0, 0.125] AS mean_heads, 1.0 AS mean_heads_entropy, 1 AS n_steps
            FROM range(9) AS r(i), range(3) AS s(l)""")
        connection.execute("""INSERT INTO region VALUES ('d', 0, 'entity', 0, 2, 2, [0.5, 0, 0, 0])""")
    ensure(path)
    assert query(path, "SELECT layout FROM run").rows == [("2x2",)]
    rows = query(path, "SELECT DISTINCT layout, grid_height, grid_width FROM attention").rows
    assert rows == [(None, 2, 2)]
    places = query(path, "SELECT token_index, x_min, y_min, x_max, y_max FROM image_token ORDER BY 1").rows
    assert places == [(0, 0, 0, 0.5, 0.5), (1, 0.5, 0, 1, 0.5), (2, 0, 0.5, 0.5, 1), (3, 0.5, 0.5, 1, 1)]
    [(n, shares, name)] = query(path, "SELECT n, shares, layout FROM attention_mean WHERE layer = 0").rows
    assert (n, shares, name) == (9, [0.5, 0.25, 0, 0.25], "2x2")


@pytest.mark.slow
def test_thousands_of_image_tokens_are_written_in_time(place, batch):
    """A picture in tiles has some 3,000 image tokens."""
    n = 2900
    layout = TokenLayout.of(["tile"] * n, [Rectangle(i / n, 0, (i + 1) / n, 0.5) for i in range(n)])
    started = time.monotonic()
    rows, plain = batch(range(4))
    summaries = [looked(layout, layers=12, seed=i) for i in range(4)]
    with SpoolWriter(place.path, "r") as writer:
        writer.write(rows, AttentionBatch(plain.keys, summaries))
    assert time.monotonic() - started < 30
    assert ingest(place.path) == 4
    kept = query(place.path, "SELECT count(*) FROM token_layout WHERE layout = $name", {"name": layout.name})
    assert kept.rows == [(n,)]

