"""question_region, attention_grounding_by_question and attention_grounding: rows in, rows out."""

from collections import defaultdict

import numpy as np
import pytest

from relcli.warehouse.opening import connect
from tests.sql.attention_kit import (
    AIM,
    CHANCES,
    SINK,
    attention_rows,
    chances,
    grounding,
    normal,
    put_scenes,
    samples,
)

SHARES = ("entity", "distractor", "arrow", "masked_place")


@pytest.fixture(scope="module")
def made():
    return samples(8)


@pytest.fixture(scope="module")
def seen(tmp_path_factory, new_warehouse, made):
    warehouse = new_warehouse(tmp_path_factory.mktemp("seen") / "seen.duckdb")
    put_scenes(warehouse, made)
    warehouse.put("run", {"attention": "summary"})
    warehouse.rows = attention_rows(made)
    warehouse.put("attention", *warehouse.rows)
    return warehouse


@pytest.mark.parametrize("vector", ["first_step", "mean_heads"])
def test_grounding_is_what_numpy_says(seen, made, vector):
    of = {
        (sample.scene.scene_id, question.question_index): (sample, question)
        for sample in made
        for question in sample.questions
    }
    rows = {
        (row["scene_id"], row["question_index"], row["variant"], row["layer"]): row
        for row in seen.ask(f"FROM attention_grounding_of('{vector}')").as_dicts()
    }
    names = [f"{name}_{what}" for name in SHARES for what in ("share", "area")]
    names += ["entity_per_area", "others_per_area", *AIM]
    expected_chances = chances(made, seen.rows, vector)

    assert len(rows) == len(seen.rows)
    assert (
        seen.ask("FROM attention_grounding_by_question ORDER BY ALL").rows
        == seen.ask("FROM attention_grounding_of('first_step') ORDER BY ALL").rows
    )
    absent = dict.fromkeys(names, 0)
    for given in seen.rows:
        key = (given["scene_id"], given["question_index"])
        weights = np.array(given[vector], np.float32).astype(float)
        expected = grounding(*of[key], given["variant"], weights)
        row = rows[*key, given["variant"], given["layer"]]
        chance = expected_chances[*key, given["variant"], given["layer"]]
        assert {name: row[name] for name in CHANCES} == pytest.approx(chance, rel=2e-5, abs=1e-6)
        assert {name: row[name] for name in names} == pytest.approx(expected, rel=2e-5, abs=1e-6)
        sink = normal(weights)[SINK] if given["layer"] == 1 else 0
        assert row["sink_share"] == pytest.approx(sink, rel=1e-5)
        assert row["sink_area"] == (1 / 64 if given["layer"] == 1 else 0)
        for name in names:
            absent[name] += row[name] is None
    assert all(0 < absent[name] < len(rows) for name in names), "each measure is there and missing"


def test_roll_up_of_the_grounding(seen):
    groups = defaultdict(list)
    for row in seen.ask("FROM attention_grounding_by_question").as_dicts():
        groups[row["category"], row["variant"], row["layer"]].append(row)

    rows = seen.ask("FROM attention_grounding").as_dicts()

    assert len(rows) == len(groups)
    for row in rows:
        members = groups[row["category"], row["variant"], row["layer"]]
        assert row["n"] == len(members)
        for name in (*SHARES, "sink"):
            there = [each for each in members if each[f"{name}_share"] is not None]
            assert row[f"n_{name}"] == len(there)
            if not there:
                assert [row[f"{name}_{what}"] for what in ("share", "area", "area_ratio")] == [None] * 3
                continue
            share = np.mean([each[f"{name}_share"] for each in there])
            area = np.mean([each[f"{name}_area"] for each in there])
            assert row[f"{name}_share"] == pytest.approx(share)
            assert row[f"{name}_area"] == pytest.approx(area)
            assert row[f"{name}_area_ratio"] == (pytest.approx(share / area) if area else None)
        hits = [each["pointing_hit"] for each in members if each["pointing_hit"] is not None]
        assert row["pointing_game"] == (pytest.approx(np.mean(hits)) if hits else None)


ITEMS = {
    "scene": {"scene_id": 0, "masked_kind": "object", "masked_entity_id": 1},
    "entity": [
        {"entity_id": 0, "center_x": 27, "center_y": 27, "x_min": -1, "y_min": -1, "x_max": 55, "y_max": 55},
        {"entity_id": 1, "center_x": 195, "center_y": 27, "in_twin": False,
         "x_min": 139, "y_min": -1, "x_max": 250, "y_max": 55},
    ],
    "relation": {"relation_index": 0, "subject_id": 0, "object_id": 1, "in_twin": False},
    "region": [
        {"grid_height": 2, "coverage": [0.25, 0, 0, 0]},
        {"grid_height": 2, "item_id": 1, "coverage": [0, 0.5, 0, 0]},
        {"grid_height": 2, "kind": "arrow", "coverage": [0.125, 0.0625, 0, 0]},
    ],
}  # fmt: skip


def put_all(warehouse, rows):
    for table, row in rows.items():
        warehouse.put(table, *(row if isinstance(row, list) else [row]))


def test_grounding_by_hand(warehouse):
    """Two objects and an arrow on a 2 x 2 grid; object 1 is taken away."""
    put_all(warehouse, ITEMS)
    warehouse.put("run", {})
    warehouse.put("question", {"question_index": 0, "entities": [0]}, {"question_index": 1, "entities": [1]})
    cells = {"grid_height": 2, "mean_heads": [0.1, 0.2, 0.0, 0.1]}
    for question, variant in ((0, "raw"), (0, "masked"), (1, "masked")):
        warehouse.put("attention", {**cells, "question_index": question, "variant": variant})

    rows = warehouse.ask(
        "SELECT entity_share, entity_area, distractor_share, arrow_share, masked_place_share, pointing_hit, "
        "pointing_area, centre_distance, iou FROM attention_grounding_of('mean_heads') "
        "ORDER BY question_index, variant DESC"
    ).rows

    # Centre of mass: x = (0.1 * 56 + 0.3 * 168) / 0.4 = 140, y = (0.3 * 56 + 0.1 * 168) / 0.4 = 84.
    distance = ((140 - 27.5) ** 2 + (84 - 27.5) ** 2) ** 0.5
    # The box covers a quarter of cell 0; the one top cell is cell 1.
    aim = (False, 0.25, distance, 0.0)
    assert rows[0] == pytest.approx((0.0625, 0.0625, 0.25, 0.0625, 0.25, *aim), rel=1e-6)
    assert rows[1] == pytest.approx((0.0625, 0.0625, None, None, 0.25, *aim), rel=1e-6)
    assert rows[2] == (None, None, pytest.approx(0.0625), None, pytest.approx(0.25), None, None, None, None)


def test_iou_and_pointing_by_hand(warehouse):
    put_all(warehouse, ITEMS)
    warehouse.put("run", {})
    warehouse.put("question", {"question_index": 0, "entities": [0, 1]})
    warehouse.put("attention", {"grid_height": 2, "mean_heads": [0.3, 0.2, 0.0, 0.1]})

    [row] = warehouse.ask(
        "SELECT pointing_hit, pointing_area, iou FROM attention_grounding_of('mean_heads')"
    ).rows

    # In the picture the boxes are 55.5 high and 55.5 and (from x = 139.5 on) 84.5 wide: one top cell, cell 0.
    first, second = (55.5 / 112) ** 2, 84.5 / 112 * 55.5 / 112
    assert row == pytest.approx((True, 0.5, first / (1 + second)), rel=1e-6)


def test_grounding_without_geometry_keeps_the_sinks(warehouse):
    warehouse.put("run", {})
    warehouse.put("question", {"question_index": 0, "entities": [0]})
    warehouse.put("attention", {"grid_height": 4, "grid_width": 4, "mean_heads": [0.6] + [0.01] * 15})
    [row] = warehouse.ask("FROM attention_grounding_of('mean_heads')").as_dicts()
    assert (row["sink_share"], row["sink_area"]) == pytest.approx((0.8, 1 / 16))
    assert {row[f"{name}_share"] for name in SHARES} | {row[name] for name in AIM} == {None}


def test_attention_of_nothing_has_no_shares(warehouse):
    put_all(warehouse, ITEMS)
    warehouse.put("run", {})
    warehouse.put("question", {"question_index": 0, "entities": [0]})
    warehouse.put("attention", {"grid_height": 2, "mean_heads": [0, 0, 0, 0], "mean_heads_entropy": None})
    [row] = warehouse.ask("FROM attention_grounding_of('mean_heads')").as_dicts()
    measured = ("entity_share", "sink_share", "pointing_hit", "centre_distance", "iou")
    assert {row[name] for name in measured} == {None}
    assert row["entity_area"] == 0.0625


def test_question_region(warehouse):
    put_all(warehouse, ITEMS)
    warehouse.put(
        "question",
        {"question_index": 0, "entities": [1, 0]},
        {"question_index": 1, "entities": []},
        {"question_index": 2, "entities": [0], "relation_index": 0},
    )
    warehouse.put("entity", {"entity_id": 2})
    warehouse.put("relation", {"relation_index": 1, "subject_id": 0, "object_id": 2})
    warehouse.put("region", {"grid_height": 2, "kind": "arrow", "item_id": 1, "coverage": [0, 0, 0.25, 0]})

    rows = warehouse.ask(
        "SELECT question_index, variant, entity, distractor, arrow, masked_place, centre_x, centre_y "
        "FROM question_region WHERE variant <> 'blank' ORDER BY question_index, variant DESC"
    ).rows

    first, second, taken = [0.25, 0, 0, 0], [0, 0.5, 0, 0], [0, 0.5, 0, 0]
    both_arrows, left_arrow = [0.125, 0.0625, 0.25, 0], [0, 0, 0.25, 0]
    assert rows == [
        (0, "raw", [0.25, 0.5, 0, 0], None, both_arrows, taken, 111.5, 27.5),
        (0, "masked", first, None, left_arrow, taken, 27.5, 27.5),
        (1, "raw", None, [0.25, 0.5, 0, 0], both_arrows, taken, None, None),
        (1, "masked", None, first, left_arrow, taken, None, None),
        (2, "raw", first, second, [0.125, 0.0625, 0, 0], taken, 27.5, 27.5),
        (2, "masked", first, None, None, taken, 27.5, 27.5),
    ]
    [blank] = warehouse.ask(
        "SELECT entity FROM question_region WHERE variant = 'blank' AND question_index = 0"
    ).rows
    assert blank == ([0.25, 0.5, 0, 0],)


def test_box_coverage(warehouse):
    """A box over the left half of the picture and a bit more, on a 2 x 4 grid."""
    warehouse.put("region", {"grid_height": 2, "grid_width": 4, "coverage": [0] * 8})
    [(cells,)] = warehouse.ask(
        "SELECT box_coverage(0, 56 / 224, 140 / 224, 300.5 / 224, lefts, tops, rights, bottoms) "
        "FROM image_layout"
    ).rows
    assert cells == pytest.approx([0.5, 0.5, 0.25, 0, 1, 1, 0.5, 0])


def test_grounding_of_tiles_by_hand(warehouse):
    """An object on the left half; a thumbnail, two halves, and a mark that weighs most and stands nowhere."""
    entity = {"entity_id": 0, "center_x": 55, "center_y": 111}
    put_all(warehouse, {"scene": {"scene_id": 0}, "entity": entity})
    warehouse.put("run", {})
    warehouse.put("question", {"question_index": 0, "entities": [0]})
    cover, weights = [0.125, 0.25, 0.0, 0.0], [0.1, 0.2, 0.1, 0.6]
    tiled = {"grid_height": None, "grid_width": None, "layout": "tiled"}
    warehouse.put("region", {**tiled, "coverage": cover})
    warehouse.put("attention", {**tiled, "mean_heads": weights})
    places = [(0, 0, 1, 1), (0, 0, 0.5, 1), (0.5, 0, 1, 1), (None,) * 4]
    with connect(warehouse.path, read_only=False) as connection:
        for index, place in enumerate(places):
            row = ["tiled", index, "none" if None in place else "tile", *place]
            connection.execute("INSERT INTO token_layout VALUES (?, ?, ?, ?, ?, ?, ?)", row)

    [row] = warehouse.ask("FROM attention_grounding_of('mean_heads')").as_dicts()

    assert row["entity_share"] == pytest.approx((0.0125 + 0.05) / 0.4)
    assert row["entity_area"] == pytest.approx(0.125)
    assert row["pointing_hit"] is True and row["pointing_area"] == pytest.approx(2 / 3)
    # The centre of mass: (0.1 * 112 + 0.2 * 56 + 0.1 * 168) / 0.4 = 98 from the left, 112 from the top.
    assert row["centre_distance"] == pytest.approx(((98 - 55.5) ** 2 + 0.5**2) ** 0.5, rel=1e-5)
    [place] = warehouse.ask("SELECT layout, entity FROM question_region WHERE variant = 'raw'").rows
    assert place == ("tiled", cover)
