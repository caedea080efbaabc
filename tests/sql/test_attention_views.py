"""Entropy, shift, mean maps, sinks and their fills: rows in, rows out, with numpy as the judge."""

from collections import defaultdict
from pathlib import Path

import numpy as np
import pytest

from relcli.errors import WarehouseError
from relcli.jobs.materialize import fill_views
from relcli.progress import NullProgress
from relcli.warehouse import materialized
from relcli.warehouse.materialized import FILLS, fill_attention
from relcli.warehouse.opening import connect
from relcli.warehouse.runs import remove_run
from tests.sql.attention_kit import LAYERS, SINK, attention_rows, normal, put_scenes, samples, shift

MEASURES = ("l1", "l2", "kl", "cosine", "l1_unnormalised", "l2_unnormalised")


@pytest.fixture(scope="module")
def seen(tmp_path_factory, new_warehouse):
    """Five scenes, every question's attention, nothing filled."""
    warehouse = new_warehouse(tmp_path_factory.mktemp("seen") / "seen.duckdb")
    made = samples(5)
    put_scenes(warehouse, made)
    warehouse.put("run", {"attention": "summary"})
    warehouse.rows = attention_rows(made)
    warehouse.put("attention", *warehouse.rows)
    warehouse.put("inference", *({key: row[key] for key in ("scene_id", "question_index")} | {
        "variant": "raw", "correct": row["question_index"] % 2 == 0,
    } for row in warehouse.rows if row["variant"] == "raw" and row["layer"] == 0))  # fmt: skip
    return warehouse


def by_key(rows):
    return {(row["scene_id"], row["question_index"], row["variant"], row["layer"]): row for row in rows}


def vector(row):
    return np.array(row["mean_heads"], np.float32).astype(float)


@pytest.fixture(scope="module")
def shifts(seen):
    """The expected shift of every question and layer."""
    rows = by_key(seen.rows)
    return {
        (scene, question, layer): shift(vector(row), vector(rows[scene, question, "masked", layer]))
        for (scene, question, variant, layer), row in rows.items()
        if variant == "raw"
    }


def test_attention_shift_is_what_numpy_says(seen, shifts):
    rows = seen.ask("FROM attention_shift").as_dicts()

    assert list(rows[0]) == [
        "run", "dataset", "scene_id", "question_index", "category", "twin_changed", "layer", *MEASURES,
    ]  # fmt: skip
    assert {(row["scene_id"], row["question_index"], row["layer"]) for row in rows} == shifts.keys()
    for row in rows:
        expected = shifts[row["scene_id"], row["question_index"], row["layer"]]
        assert {name: row[name] for name in MEASURES} == pytest.approx(expected, rel=2e-6, abs=1e-7)
    assert any(row["kl"] is None for row in rows) and any(row["kl"] is not None for row in rows)


@pytest.mark.parametrize("view", ["layer", "category", "correctness"])
def test_roll_ups_of_the_shift(seen, shifts, view):
    key = {"layer": "layer", "category": "category", "correctness": "correct_raw"}[view]
    category = dict(seen.ask("SELECT (scene_id, question_index), category FROM question").rows)
    differs = dict(seen.ask("SELECT scene_id, twin_changed FROM scene").rows)
    groups, everything = defaultdict(list), defaultdict(list)
    for (scene, question, layer), expected in shifts.items():
        of = {"layer": layer, "category": category[scene, question], "correctness": question % 2 == 0}
        everything[of[view]].append(expected["l1_unnormalised"])
        if differs[scene]:
            groups[of[view]].append(expected)

    rows = {row[key]: row for row in seen.ask(f"FROM attention_shift_by_{view}").as_dicts()}

    assert rows.keys() == groups.keys() == everything.keys()
    assert sum(map(len, everything.values())) > sum(map(len, groups.values()))
    for name, members in groups.items():
        row = rows[name]
        assert (row["n_study"], row["study_l1"]) == pytest.approx(
            (len(everything[name]), np.mean(everything[name])), rel=1e-6
        )
        assert (row["run"], row["n"]) == ("r", len(members))
        for measure in MEASURES:
            values = [each[measure] for each in members if each[measure] is not None]
            assert row[measure] == pytest.approx(np.mean(values), rel=1e-6)
            if len(values) > 1:
                assert row[f"{measure}_sd"] == pytest.approx(np.std(values, ddof=1), rel=1e-5)
        assert row["n_kl"] == sum(each["kl"] is not None for each in members)


def test_shift_of_vectors_by_hand(warehouse):
    warehouse.put("run", {})
    vectors = {0: ([0.1, 0.3], [0.3, 0.3]), 1: ([0.2, 0.2], [0.5, 0.0]), 2: ([0.5, 0.0], [0.2, 0.2])}
    vectors[3] = ([0.0, 0.0], [0.5, 0.5])
    for layer, (raw, masked) in vectors.items():
        warehouse.put("attention", {"layer": layer, "mean_heads": raw})
        warehouse.put("attention", {"layer": layer, "mean_heads": masked, "variant": "masked"})
    warehouse.put("attention", {"layer": 4}, {"layer": 5, "variant": "masked"})  # without a partner

    rows = warehouse.ask(f"SELECT {', '.join(MEASURES)} FROM attention_shift ORDER BY layer").rows

    kl = 0.25 * np.log(0.25 / 0.5) + 0.75 * np.log(0.75 / 0.5)
    assert rows[0] == pytest.approx((0.25, 0.125**0.5, kl, 0.12 / 0.1**0.5 / 0.18**0.5, 0.1, 0.2), rel=1e-6)
    assert rows[1] == pytest.approx((0.5, 0.5**0.5, None, 0.5**0.5, 0.25, 0.13**0.5), rel=1e-6)
    assert rows[2][2] == pytest.approx(np.log(2), rel=1e-6)
    assert rows[3] == pytest.approx((None, None, None, None, 0.5, 0.5**0.5), rel=1e-6)
    assert len(rows) == 4


def test_attention_mean_and_sinks(seen):
    category = dict(seen.ask("SELECT (scene_id, question_index), category FROM question").rows)
    groups, layers = defaultdict(list), defaultdict(list)
    for row in seen.rows:
        key = (category[row["scene_id"], row["question_index"]], row["variant"], row["layer"])
        groups[key].append(normal(vector(row)))
        layers[row["layer"]].append(normal(vector(row)))

    rows = seen.ask("SELECT category, variant, layer, n, shares FROM attention_mean").rows
    sinks = seen.ask("SELECT layer, cell_row, cell_column, n, share, times_uniform FROM attention_sink").rows

    assert len(rows) == len(groups)
    for *key, n, shares in rows:
        assert n == len(groups[tuple(key)])
        assert shares == pytest.approx(np.mean(groups[tuple(key)], axis=0), rel=1e-6)
    [mean] = [np.mean(layers[1], axis=0)[SINK]]
    assert sinks == [(1, 7, 7, len(layers[1]), pytest.approx(mean), pytest.approx(mean * 64))]
    assert mean * 64 > 5


def test_sinks_are_strictly_over_five_times_uniform(warehouse):
    warehouse.put("run", {})
    at_five = [5 / 16] + [11 / 240] * 15
    over = [6 / 16] + [10 / 240] * 15
    for layer, cells in enumerate((at_five, over)):
        warehouse.put("attention", {"layer": layer, "grid_height": 4, "grid_width": 4, "mean_heads": cells})
    assert warehouse.ask("SELECT layer, cell_row, cell_column FROM attention_sink").rows == [(1, 0, 0)]
    [(mask, n)] = warehouse.ask("SELECT mask, n_sinks FROM attention_sink_mask").rows
    assert (mask, n) == ([1.0] + [0.0] * 15, 1)


def test_attention_entropy(warehouse):
    warehouse.put("run", {})
    warehouse.put("question", {"question_index": 0}, {"question_index": 1, "category": "implicit_spatial"})
    warehouse.put(
        "attention",
        {"mean_heads_entropy": 0.25, "step_entropy": [0.5, 0.125]},
        {"mean_heads_entropy": 0.5, "step_entropy": [0.25], "scene_id": 0, "question_index": 0, "layer": 1},
        {"mean_heads_entropy": 0.75, "step_entropy": None, "question_index": 1, "max_heads_entropy": None},
        {"mean_heads_entropy": 0.5, "step_entropy": [0.25], "variant": "masked"},
    )
    warehouse.put("question", {"scene_id": 1, "question_index": 0})
    warehouse.put("attention", {"scene_id": 1, "mean_heads_entropy": 0.75, "step_entropy": [0.75]})

    rows = warehouse.ask(
        "SELECT category, variant, layer, step, n, entropy, entropy_sd, entropy_of_uniform, "
        "entropy_max_heads FROM attention_entropy ORDER BY category, variant, layer, step NULLS FIRST"
    ).rows

    two = np.log(2)
    assert [row[:6] for row in rows] == [
        ("count", "masked", 0, None, 1, 0.5),
        ("count", "masked", 0, 1, 1, 0.25),
        ("count", "raw", 0, None, 2, 0.5),
        ("count", "raw", 0, 1, 2, 0.625),
        ("count", "raw", 0, 2, 1, 0.125),
        ("count", "raw", 1, None, 1, 0.5),
        ("count", "raw", 1, 1, 1, 0.25),
        ("implicit_spatial", "raw", 0, None, 1, 0.75),
    ]
    assert rows[2][6:] == pytest.approx((0.125**0.5, 0.5 / two, 0.6365))
    assert rows[7][6:] == (None, pytest.approx(0.75 / two), None)


@pytest.fixture
def copied(seen, tmp_path, new_warehouse):
    """A copy of the file, to be changed."""
    return new_warehouse(tmp_path / "copy.duckdb", seen.path)


READ = {
    "attention_shift": "attention_shift_of({})",
    "attention_grounding_by_question": "attention_grounding_of({})",
    "attention_mean": "attention_mean_of({})",
}
VECTORS = ("first_step", "mean_heads")


def contents(warehouse):
    """The rows of the views, of either vector, and what questions ask about."""
    found = {"attention_target": warehouse.ask("FROM attention_target ORDER BY ALL").rows}
    for view, macro in READ.items():
        each = (f"SELECT '{name}', * FROM {macro.format(repr(name))} ORDER BY ALL" for name in VECTORS)
        found[view] = [row for sql in each for row in warehouse.ask(sql).rows]
    return found


def filled(warehouse):
    return dict(warehouse.ask("SELECT part, is_filled FROM attention_fill_state").rows)


def n_by_row(warehouse):
    """How many rows of the means by query row are filled."""
    return [warehouse.ask(f"SELECT count(*) FROM {table}").rows[0][0] for table in FILLS[5:]]


NOTHING = {"mean": False, "rows": False, "query_rows": False}
EVERYTHING = dict.fromkeys(NOTHING, True)


def test_views_say_the_same_filled_or_not(copied):
    before = contents(copied)
    assert filled(copied) == NOTHING

    calls = []
    n = fill_attention(copied.path, "r", on_rows=lambda done, total: calls.append((done, total)))

    assert filled(copied) == EVERYTHING
    assert n == sum(len(rows) for rows in before.values()) + sum(n_by_row(copied))
    assert calls[-1] == (len(before["attention_grounding_by_question"]) // 2,) * 2
    after = contents(copied)
    assert after["attention_shift"] == before["attention_shift"]
    assert after["attention_grounding_by_question"] == before["attention_grounding_by_question"]
    for old, new in zip(before["attention_mean"], after["attention_mean"], strict=True):
        assert new[:-1] == old[:-1] and new[-1] == pytest.approx(old[-1], abs=1e-15)
    assert fill_attention(copied.path, "r") == 0
    assert fill_attention(copied.path, "no such run") == 0


def test_a_fill_that_memory_does_not_hold_ends_no_run(copied, monkeypatch):
    """DuckDB's own limit: it says so in its own words, and the views stay right."""
    before = contents(copied)
    monkeypatch.setattr(materialized, "_MEMORY", ("1MB",))
    with pytest.raises(WarehouseError, match="not enough memory"):
        fill_attention(copied.path, "r")
    fill_views(copied.path, "r", NullProgress())
    assert filled(copied) == NOTHING and contents(copied) == before
    assert not list(copied.path.parent.glob(".*fill*"))


def test_a_fill_takes_more_memory_where_it_must(copied, monkeypatch):
    before = contents(copied)
    monkeypatch.setattr(materialized, "_MEMORY", ("1MB", "2GB"))
    assert fill_attention(copied.path, "r") > 0
    assert filled(copied) == EVERYTHING
    assert contents(copied)["attention_shift"] == before["attention_shift"]


@pytest.mark.slow
def test_what_does_not_fit_into_memory_is_laid_aside(copied, monkeypatch):
    """Four hundred times the layers, so that a piece needs several times what it may take."""
    with connect(copied.path, read_only=False) as connection:
        connection.execute(
            "INSERT INTO answer_attention BY NAME "
            "SELECT a.* REPLACE ((layer + 2 * more.n)::SMALLINT AS layer) "
            "FROM answer_attention AS a CROSS JOIN range(1, 400) AS more (n)"
        )
    aside: list[bool] = []
    copy = materialized._copy

    def watched(connection, *given):
        copy(connection, *given)
        [(folder,)] = connection.execute("SELECT current_setting('temp_directory')").fetchall()
        aside.append(Path(folder).exists())  # made when the first block is laid there

    monkeypatch.setattr(materialized, "_copy", watched)
    monkeypatch.setattr(materialized, "_MEMORY", ("200MB",))
    assert fill_attention(copied.path, "r") > 0
    assert filled(copied) == EVERYTHING
    assert any(aside)
    assert not list(copied.path.parent.glob(".*fill*"))


CHANGES = {
    "a row more": "INSERT INTO answer_attention BY NAME "
    "SELECT * REPLACE (99::SMALLINT AS layer) FROM attention LIMIT 1",
    "a row less": "DELETE FROM answer_attention WHERE layer = 1 AND variant = 'raw' AND question_index = 0",
    "a row replaced": "UPDATE answer_attention "
    "SET mean_heads = list_reverse(mean_heads), mean_heads_entropy = 1 "
    "WHERE layer = 1 AND question_index = 0",
    "geometry gone": "DELETE FROM region WHERE item_id = 0",
}


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.slow
def test_a_fill_of_something_else_is_not_read(copied, change):
    fill_attention(copied.path, "r")
    with connect(copied.path, read_only=False) as connection:
        connection.execute(CHANGES[change])
    assert filled(copied) == NOTHING
    now = contents(copied)
    with connect(copied.path, read_only=False) as connection:
        for table in FILLS:
            connection.execute(f"DELETE FROM {table}")
    assert contents(copied)["attention_shift"] == now["attention_shift"]
    assert contents(copied)["attention_grounding_by_question"] == now["attention_grounding_by_question"]
    fill_attention(copied.path, "r")
    assert filled(copied) == EVERYTHING
    assert contents(copied)["attention_shift"] == now["attention_shift"]


def test_a_run_that_changes_meanwhile_is_not_filled(copied):
    before = contents(copied)
    n_mean = len(before["attention_mean"]) + len(before["attention_target"])

    def change(done, total):
        copied.put("attention", {"scene_id": 0, "question_index": 0, "layer": 99})
        copied.write()

    made = fill_attention(copied.path, "r", on_rows=change)

    # The means by query row came after the change, of what is there now.
    assert filled(copied) == {"mean": False, "rows": False, "query_rows": True}
    assert made == n_mean + sum(n_by_row(copied))
    assert [copied.ask(f"SELECT count(*) FROM {table}").rows for table in FILLS[3:5]] == [[(0,)], [(0,)]]


def test_regions_of_another_grid_unsettle_no_fill(copied):
    fill_attention(copied.path, "r")
    copied.put("region", {"scene_id": 0, "grid_height": 16, "grid_width": 16, "coverage": [0.0] * 256})
    assert filled(copied) == EVERYTHING


def test_a_removed_run_takes_its_fills_along(copied):
    fill_attention(copied.path, "r")
    remove_run(copied.path, "r")
    assert [copied.ask(f"SELECT count(*) FROM {table}").rows for table in FILLS] == [[(0,)]] * len(FILLS)


def test_attention_layer_category_lays_the_roll_ups_side_by_side(seen):
    rows = seen.ask("FROM attention_layer_category").as_dicts()
    assert len(rows) == len({(row["category"], row["variant"], row["layer"]) for row in rows})
    assert {row["layer"] for row in rows} == set(LAYERS)
    grounding = {
        (row["category"], row["variant"], row["layer"]): row
        for row in seen.ask("FROM attention_grounding").as_dicts()
    }
    shifts = defaultdict(list)
    for row in seen.ask("FROM attention_shift").as_dicts():
        if row["twin_changed"]:
            shifts[row["category"], row["layer"]].append(row["l1"])
    entropy = dict(
        seen.ask("SELECT (category, variant, layer), entropy FROM attention_entropy WHERE step IS NULL").rows
    )
    assert len(grounding) == len(rows)
    for row in rows:
        key = (row["category"], row["variant"], row["layer"])
        for name in ("n", "entity_share", "entity_area_ratio", "looks_p", "sink_share", "pointing_game"):
            assert row[name] == pytest.approx(grounding[key][name])
        expected = None if key[1] == "blank" else np.mean(shifts[key[0], key[2]])
        assert row["shift_l1"] == pytest.approx(expected)
        assert row["entropy"] == pytest.approx(entropy[key])


def test_a_damaged_entropy_spoils_no_mean(warehouse):
    warehouse.put("run", {"attention": "summary"})
    warehouse.put("question", {"question_index": 0}, {"question_index": 1})
    warehouse.put(
        "attention", {"mean_heads_entropy": 0.5}, {"question_index": 1, "mean_heads_entropy": float("nan")}
    )
    for view in ("attention_entropy WHERE step IS NULL", "attention_layer_category"):
        assert warehouse.ask(f"SELECT n, entropy FROM {view}").rows == [(2, 0.5)]
