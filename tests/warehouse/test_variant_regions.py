"""Where things are on every variant of a scene: SQL's regions against those worked out before a run."""

from pathlib import Path

import pytest

from relcli.scenes.generation import generate_folder
from relcli.scenes.question_places import places_of
from relcli.scenes.reading import read_folder
from relcli.token_layout import TokenLayout
from relcli.warehouse.datasets import ensure_layout_regions, register_dataset
from relcli.warehouse.migrations import ensure
from relcli.warehouse.opening import connect
from relcli.warehouse.rows import query

REGIONS = """SELECT scene_id, question_index, variant, entity, distractor, arrow, masked_place
FROM question_region"""
COUNTS = "SELECT variant, count(*) FROM question_region GROUP BY ALL ORDER BY ALL"


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("variants")
    generate_folder(folder / "scenes", n_scenes=8, seed=11, twins=("mask", "change", "placebo"))
    database = folder / "w.duckdb"
    ensure(database)
    register_dataset(database, read_folder(folder / "scenes"), "scenes")
    return database, folder / "scenes"


def test_every_variant_has_its_own_regions(generated: tuple[Path, Path]) -> None:
    database, folder = generated
    items = {item.scene_id: item for item in read_folder(folder).items}
    layout = TokenLayout.of_grid(8, 8)
    seen: dict[str, int] = {}
    for scene_id, index, variant, *covers in query(database, REGIONS).rows:
        item = items[scene_id]
        [question] = [each for each in item.questions if each.question_index == index]
        places = places_of(item, variant, layout)
        assert places is not None
        expected = places.of_question(question)
        for name, found in zip(("target", "distractor", "arrow", "removed"), covers, strict=True):
            wanted = expected.get(name)
            assert (found is None) == (wanted is None), (scene_id, index, variant, name)
            if found is not None and wanted is not None:
                assert found == pytest.approx(wanted.tolist(), abs=1e-5), (scene_id, index, variant, name)
        seen[variant] = seen.get(variant, 0) + 1
    assert set(seen) == {"raw", "blank", "masked", "changed", "placebo"}
    moved = "SELECT count(*) FROM region WHERE variant IN ('changed', 'placebo')"
    assert query(database, moved).rows[0][0] > 0


def test_a_warehouse_without_them_leaves_variants_out(generated: tuple[Path, Path]) -> None:
    """As before regions had a variant: no half of what a picture shows."""
    database, _ = generated
    kept = query(database, COUNTS).rows
    with connect(database, read_only=False) as connection:
        connection.execute("DELETE FROM region WHERE variant IS NOT NULL")
    left = dict(query(database, COUNTS).rows)
    assert left["raw"] == dict(kept)["raw"] and left.get("placebo", 0) < dict(kept)["placebo"]
    assert ensure_layout_regions(database, "scenes", TokenLayout.of_grid(8, 8)) > 0
    assert ensure_layout_regions(database, "scenes", TokenLayout.of_grid(8, 8)) == 0
    assert query(database, COUNTS).rows == kept
