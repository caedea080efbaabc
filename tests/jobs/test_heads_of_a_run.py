"""A run that keeps heads, tokens and full maps: what it keeps is what SQL makes of the maps."""

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import duckdb
import numpy as np
import pytest

from relcli.captures import REGIONS
from relcli.errors import RelcliError, UsageError
from relcli.jobs.calibration import say_cost
from relcli.jobs.request import RunRequest
from relcli.jobs.run import run
from relcli.progress.displays import make_progress
from relcli.results.attention_maps import load_steps
from relcli.results.heads import head_choices, read_head_map, strongest_heads
from relcli.results.token_strip import read_token_strip
from relcli.token_layout import TokenLayout
from relcli.warehouse.array_store import array_parts
from relcli.warehouse.rows import query

RUN, LAYERS = "looking", 6
# Shares of the maps on regions, in SQL: sums over cells of the map times what a region covers of each cell.
SHARES = """
    SELECT m.*, list_sum(m.weights) AS total,
        list_dot_product(m.weights, p.entity) / total AS target,
        list_dot_product(m.weights, p.distractor) / total AS distractor,
        list_dot_product(m.weights, p.arrow) / total AS arrow,
        list_dot_product(m.weights, p.masked_place) / total AS removed,
        list_dot_product(m.weights, s.mask) / total AS sink,
        list_dot_product(m.weights, list_transform(range(1, 65), lambda i:
            greatest(0, 1 - coalesce(p.entity[i], 0) - coalesce(p.distractor[i], 0) - coalesce(p.arrow[i], 0)
                - if(m.variant = 'masked', coalesce(p.masked_place[i], 0), 0)
            ) * (1 - s.mask[i]))) / total AS rest
    FROM map AS m
    JOIN place AS p USING (scene_id, question_index, variant)
    JOIN sink AS s USING (layer)
    ORDER BY ALL
"""


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("heads") / "w.duckdb"
    request = RunRequest(
        name=RUN,
        max_samples=3,
        attention=("heads", "tokens", "full"),
        categories=("recognition_color",),
    )
    run(path, request, make_progress("none"))
    return path


def rows(database: Path, sql: str) -> list[dict[str, Any]]:
    return query(database, sql, {"run": RUN}).as_dicts()


@pytest.fixture(scope="module")
def memory(database: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """The run's regions, sinks and full maps as tables."""
    connection = duckdb.connect()
    places = rows(
        database,
        "SELECT question_region.* FROM question_region JOIN run USING (dataset, layout) WHERE run = $run",
    )
    kept = ("scene_id", "question_index", "variant", "entity", "distractor", "arrow", "masked_place")
    insert(connection, "place", "INTEGER INTEGER VARCHAR FLOAT[] FLOAT[] FLOAT[] FLOAT[]", kept, places)
    sinks = rows(database, "SELECT layer, cells FROM calibrated_sink WHERE run = $run")
    masks = [{"layer": s["layer"], "mask": [float(cell in s["cells"]) for cell in range(64)]} for s in sinks]
    assert len(masks) == LAYERS
    insert(connection, "sink", "INTEGER FLOAT[]", ("layer", "mask"), masks)
    maps = [
        {
            **{name: getattr(entry.key, name) for name in kept[:3]},
            **{"query_row": entry.query_row, "layer": layer, "head": head, "weights": weights.tolist()},
        }
        for part in array_parts(database, RUN, "full")
        for layer in range(part.shape[0])
        for entry, by_head in zip(part.entries, part.layer(layer).astype(np.float32), strict=True)
        if entry.step == 0
        for head, weights in enumerate(by_head)
    ]
    names = (*kept[:3], "query_row", "layer", "head", "weights")
    insert(connection, "map", "INTEGER INTEGER VARCHAR VARCHAR INTEGER INTEGER FLOAT[]", names, maps)
    yield connection
    connection.close()


def insert(
    connection: duckdb.DuckDBPyConnection,
    table: str,
    kinds: str,
    names: tuple[str, ...],
    found: list[dict[str, Any]],
) -> None:
    columns = ", ".join(
        f'unnest(${at}::{kind}[]) AS "{name}"'
        for at, (name, kind) in enumerate(zip(names, kinds.split(), strict=True), 1)
    )
    values = [[row[name] for row in found] for name in names]
    connection.execute(f"CREATE TABLE {table} AS SELECT {columns}", values)


def test_shares_of_heads_are_those_of_the_full_maps_in_sql(database, memory):
    names = ("scene_id", "question_index", "variant", "query_row", "layer", "head", *REGIONS)
    stored = rows(database, f"SELECT {', '.join(names)} FROM head_share WHERE run = $run")
    by_key = {tuple(row[name] for name in names[:6]): row for row in stored}
    made = memory.execute(SHARES)
    columns = [column[0] for column in made.description]
    found = [dict(zip(columns, row, strict=True)) for row in made.fetchall()]
    assert len(found) == len(by_key) > 500
    assert {row["query_row"] for row in found} == {"answer", "target", "target_next", "stem_end"}
    for row in found:
        kept = by_key[tuple(row[name] for name in names[:6])]
        for name in REGIONS:
            if name == "chance":
                continue
            expected = row[name]
            if expected is None:
                assert kept[name] is None, name
            else:
                assert kept[name] == pytest.approx(expected, abs=1e-3), name


def test_chance_is_the_share_on_what_other_scenes_ask_about(database, memory):
    """For one category and variant, in numpy: the maps on the other scenes' targets."""
    asked = rows(
        database,
        "SELECT i.scene_id, i.question_index, i.ground_truth = 'None' AS none FROM inference AS i "
        "JOIN question AS q USING (dataset, scene_id, question_index) "
        "WHERE i.run = $run AND q.category = 'recognition_color' AND i.variant = 'raw'",
    )
    places = memory.execute("SELECT scene_id, question_index, entity FROM place WHERE variant = 'raw'")
    places = places.fetchall()
    target = {(scene, index): np.array(cells) for scene, index, cells in places if cells is not None}
    kinds = {(row["scene_id"], row["question_index"]): row["none"] for row in asked}
    kept = rows(
        database, "SELECT * FROM head_share WHERE run = $run AND variant = 'raw' AND chance IS NOT NULL"
    )
    checked = 0
    maps = {
        (scene, index, row, layer, head): np.array(weights)
        for scene, index, row, layer, head, weights in memory.execute(
            "SELECT scene_id, question_index, query_row, layer, head, weights FROM map WHERE variant = 'raw'"
        ).fetchall()
    }
    for row in kept:
        place = (row["scene_id"], row["question_index"])
        if place not in kinds:
            continue
        others = [
            target[other]
            for other, none in kinds.items()
            if other[0] != place[0] and none == kinds[place] and other in target
        ]
        weights = maps[(*place, row["query_row"], row["layer"], row["head"])]
        expected = float(weights @ np.mean(others, axis=0) / weights.sum())
        assert row["chance"] == pytest.approx(expected, abs=1e-3)
        checked += 1
    assert checked > 100


def test_tokens_stand_with_their_text(database):
    found = rows(
        database,
        "SELECT * FROM attention_by_token WHERE run = $run AND layer = 2 AND variant = 'raw' "
        "ORDER BY scene_id, question_index, token_index",
    )
    assert all(row["text"] for row in found)
    of = (0, found[0]["question_index"])
    first = [row for row in found if (row["scene_id"], row["question_index"]) == of]
    indices = [row["token_index"] for row in first]
    assert indices == list(range(indices[0], indices[0] + len(first)))
    [(text,)] = query(
        database,
        "SELECT text FROM question WHERE scene_id = 0 AND question_index = $q LIMIT 1",
        {"q": first[0]["question_index"]},
    ).rows
    assert text in "".join(row["text"] for row in first)
    # The row target is one of the tokens: its mean map has the token's share.
    marked = rows(
        database,
        "SELECT t.target AS of_token, "
        "list_dot_product(a.mean_heads, p.entity) / list_sum(a.mean_heads) AS of_row "
        "FROM attention_by_token AS t "
        "JOIN prompt_token AS k USING (run, scene_id, question_index, token_index) "
        "JOIN run AS r USING (run) "
        "JOIN answer_attention AS a ON a.run = t.run AND a.scene_id = t.scene_id "
        "AND a.question_index = t.question_index AND a.variant = t.variant AND a.layer = t.layer "
        "AND a.query_row = k.role "
        "JOIN question_region AS p ON p.dataset = r.dataset AND p.scene_id = t.scene_id AND "
        "p.question_index = t.question_index AND p.variant = t.variant AND p.layout = r.layout "
        "WHERE t.run = $run AND k.role = 'stem_end' AND t.target IS NOT NULL",
    )
    assert len(marked) > 20
    for row in marked:
        assert row["of_token"] == pytest.approx(row["of_row"], abs=1e-4)


def test_full_maps_are_read_back_step_by_step(database):
    [first, *_] = rows(
        database,
        "SELECT i.scene_id, i.question_index, i.variant, i.n_steps, full_attention_path, a.mean_heads FROM "
        "inference AS i JOIN attention AS a USING (run, scene_id, question_index, variant) "
        "WHERE i.run = $run AND layer = 3 AND variant = 'masked'",
    )
    whose = (first["scene_id"], first["question_index"], first["variant"])
    steps = np.array(load_steps(database, first["full_attention_path"], 64, whose))
    assert steps.shape == (first["n_steps"], LAYERS, 64)
    np.testing.assert_allclose(steps[:, 3].mean(axis=0), first["mean_heads"], atol=1e-3)
    assert load_steps(database, first["full_attention_path"], 64, (99, 0, "raw")) == []
    assert load_steps(database, first["full_attention_path"], 49, whose) == []


def test_full_maps_are_refused_beforehand_where_they_would_be_too_large(tmp_path: Path):
    described = SimpleNamespace(layout=TokenLayout.of_grid(8, 8), n_layers=6, n_heads=4, width=128)
    request = RunRequest(attention=("full",), max_full_bytes=10_000)
    with pytest.raises(UsageError, match=r"would take about .* and --max-full-bytes allows 10 KB"):
        say_cost(tmp_path / "w", request, cast("Any", described), 100, make_progress("none"))
    say_cost(tmp_path / "w", request, cast("Any", described), 0, make_progress("none"))


def test_full_maps_stop_where_they_turn_out_too_large(database):
    from relcli.jobs.full_maps import FullMaps
    from relcli.models.items import AttentionSummary
    from relcli.warehouse.batch import Key

    nothing = np.zeros((8, 64), np.float32)
    per_layer = np.zeros(8, np.float32)
    summary = AttentionSummary(
        (8, 8),
        *[nothing] * 4,
        *[per_layer] * 4,
        step_entropy=np.zeros((8, 1), np.float32),
        image_mass=per_layer,
        full=np.zeros((1, 8, 4, 64), np.float16),
    )
    with pytest.raises(RelcliError, match="would take more than 1 KB"):
        FullMaps(database, RUN, 0, 1000).write([(Key(0, 0, "raw"), summary)])


def test_read_models_of_heads_and_tokens(database):
    choices = head_choices(database, RUN)
    assert {choice[0] for choice in choices} == {"recognition_color"}
    assert {choice[1] for choice in choices} == {"raw", "masked"}
    assert choices[-1][1] == "raw"
    found = read_head_map(database, RUN, "recognition_color", "raw", "target")
    assert found is not None
    assert len(found.layers) == LAYERS
    assert {len(layer) for layer in found.layers} == {len(found.layers[0])}
    assert found.best.layer == 2
    assert found.best.above == found.largest > 0.2
    assert found.best.share > found.best.chance
    assert read_head_map(database, RUN, "count", "raw", "target") is None

    [asked, *_] = rows(
        database,
        "SELECT scene_id, question_index FROM head_share WHERE run = $run AND variant = 'raw' AND layer = 2 "
        "AND target IS NOT NULL",
    )
    key = (asked["scene_id"], asked["question_index"])
    strongest = strongest_heads(database, RUN, key, "raw")
    assert len(strongest) == 5
    above = [(head.shares["target"] or 0) - (head.chance or 0) for head in strongest]
    assert above == sorted(above, reverse=True)

    strip = read_token_strip(database, RUN, key, "raw")
    assert strip is not None
    assert strip.n_layers == LAYERS
    assert {"target", "rest", "sink"} <= set(strip.regions)
    in_layer = strip.shares("target", 2)
    assert len(in_layer) == len(strip.tokens)
    assert max(share or 0 for share in in_layer) > 0.1
    by_layer = [strip.shares("target", layer)[0] or 0.0 for layer in range(LAYERS)]
    assert strip.shares("target", None)[0] == pytest.approx(sum(by_layer) / LAYERS)
    assert read_token_strip(database, RUN, (99, 0), "raw") is None
