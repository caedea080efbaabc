"""The scenes of a question's pictures, as they were registered."""

import pytest

from relcli.errors import WarehouseError
from relcli.scenes.generation import generate_folder
from relcli.scenes.reading import read_folder
from relcli.warehouse.datasets import register_dataset
from relcli.warehouse.migrations import ensure
from relcli.warehouse.scenes import load_scenes


def test_every_variant_is_as_it_was_drawn(tmp_path) -> None:
    generate_folder(tmp_path / "scenes", n_scenes=12, seed=5)
    dataset = read_folder(tmp_path / "scenes")
    database = tmp_path / "w.duckdb"
    ensure(database)
    name = register_dataset(database, dataset)
    for item in dataset.items:
        found = load_scenes(database, name, item.scene_id)
        assert found["raw"] == item.scene
        assert found.get("masked") == (item.twin.scene if item.twin else None)
    assert any(item.twin for item in dataset.items)
    assert load_scenes(database, name, 10_000) == {}
    with pytest.raises(WarehouseError):
        load_scenes(tmp_path / "none.duckdb", name, 0)
