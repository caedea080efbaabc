"""Data sets go in whole and come back as they were."""

from dataclasses import replace

import numpy as np
import pytest

from relcli.errors import RelcliError, UsageError
from relcli.scenes.generation import generate_folder, make_sample
from relcli.scenes.items import Dataset, DatasetItem, Picture, Variant
from relcli.scenes.reading import read_folder
from relcli.scenes.rendering import png_bytes, render_blank
from relcli.warehouse.datasets import dataset_names, ensure_regions, load_dataset, register_dataset
from relcli.warehouse.rows import query


@pytest.fixture(scope="module")
def scenes(tmp_path_factory) -> Dataset:
    folder = tmp_path_factory.mktemp("data") / "my scenes"
    generate_folder(folder, n_scenes=8, seed=11, question_sets=("seed", "balanced"))
    return read_folder(folder)


@pytest.fixture
def database(place):
    return place.path


def counts(database) -> dict[str, int]:
    tables = ("dataset", "scene", "entity", "relation", "region", "question")
    return {table: query(database, f"SELECT count(*) FROM {table}").rows[0][0] for table in tables}


def test_round_trip(database, scenes):
    name = register_dataset(database, scenes)
    back = load_dataset(database, name)

    assert name == "my-scenes" and dataset_names(database) == [name]
    assert back.content_hash == scenes.content_hash
    assert (back.seed, back.question_sets, back.has_annotations) == (11, ("seed", "balanced"), True)
    for was, item in zip(scenes.items, back.items, strict=True):
        assert replace(item, image=was.image, variants=_with_pictures(item, was)) == was
        assert (item.png, item.masked_png) == (was.png, was.masked_png)


def _with_pictures(item: DatasetItem, was: DatasetItem) -> tuple[Variant, ...]:
    """The variants of one with the pictures of the other, which lie elsewhere."""
    both = zip(item.variants, was.variants, strict=True)
    return tuple(replace(mine, image=theirs.image) for mine, theirs in both)


def test_what_is_in_the_twin(database, scenes):
    register_dataset(database, scenes)
    kinds = set()
    for item in scenes.items:
        assert item.scene is not None
        if item.twin is None:
            continue
        kinds.add(item.twin.kind)
        entities, relations = (
            query(
                database,
                f"SELECT {column} FROM {table} WHERE scene_id = $s AND in_twin ORDER BY {column}",
                {"s": item.scene_id},
            ).rows
            for table, column in (("entity", "entity_id"), ("relation", "subject_id, object_id"))
        )
        assert [entity_id for (entity_id,) in entities] == [entity.id for entity in item.twin.scene.entities]
        visible = [(r.subject_id, r.object_id) for r in item.twin.scene.relations if not r.masked]
        assert relations == visible
    assert kinds == {"object", "relation"}


def test_regions_cover_entities_and_arrows(database, scenes):
    name = register_dataset(database, scenes)
    n_items = counts(database)["region"]
    assert ensure_regions(database, name, 8, 8) == 0
    assert ensure_regions(database, name, 4, 6) == n_items
    assert ensure_regions(database, name, 4, 6) == 0

    scene = scenes.items[0].scene
    assert scene is not None
    rows = query(
        database,
        "SELECT item_id, coverage FROM region "
        "WHERE scene_id = 0 AND kind = 'entity' AND grid_height = 4 ORDER BY item_id",
    ).rows
    for (item_id, coverage), entity in zip(rows, scene.entities, strict=True):
        cells = np.array(coverage).reshape(4, 6)
        row, column = entity.center[1] * 4 // 224, entity.center[0] * 6 // 224
        assert item_id == entity.id and cells[row, column] > 0.1
    n_arrows = sum(len(item.scene.arrows) for item in scenes.items if item.scene)
    assert query(database, "SELECT count(*) FROM region WHERE kind = 'arrow' AND grid_height = 8").rows == [
        (n_arrows,)
    ]


def test_same_content_keeps_its_name(database, scenes):
    first = register_dataset(database, scenes)
    before = counts(database)
    assert register_dataset(database, scenes) == first
    assert register_dataset(database, replace(scenes, name="elsewhere"), name="other") == first
    assert counts(database) == before


def test_other_content_of_the_same_name_gets_a_suffix(database, scenes):
    fewer = [replace(scenes, items=scenes.items[:n]) for n in (8, 3, 2)]
    names = ["my-scenes", "my-scenes-2", "my-scenes-3"]
    assert [register_dataset(database, each) for each in fewer] == names
    assert [register_dataset(database, each) for each in fewer] == names
    assert [len(load_dataset(database, name)) for name in names] == [8, 3, 2]


def test_pictures_without_annotations(database):
    picture = Picture(png_bytes(render_blank()))
    question = make_sample(1, 0).questions[0]
    items = [
        DatasetItem(5, "a_5.png", picture),
        DatasetItem(
            7,
            "a_7.png",
            picture,
            variants=(Variant("masked", picture),),
            questions=(replace(question, scene_id=7),),
        ),
    ]
    name = register_dataset(database, Dataset("plain", None, items))
    back = load_dataset(database, name)

    assert not back.has_annotations
    assert [(item.scene, item.twin, item.has_twin) for item in back.items] == [
        (None, None, False),
        (None, None, True),
    ]
    assert back.items[1].questions == items[1].questions
    assert query(database, "SELECT twin_changed FROM scene ORDER BY scene_id").rows == [(None,), (False,)]
    assert ensure_regions(database, name, 8, 8) == 0


def test_an_unreadable_picture_leaves_nothing(database, scenes, tmp_path):
    gone = replace(scenes.items[3], variants=(Variant("masked", Picture(tmp_path / "gone.png")),))
    items = [*scenes.items[:3], gone]
    with pytest.raises(RelcliError, match=r"gone\.png is missing"):
        register_dataset(database, replace(scenes, items=items))
    assert set(counts(database).values()) == {0}


def test_names(database, scenes):
    with pytest.raises(UsageError, match="can't name a data set"):
        register_dataset(database, scenes, name="a/b")
    register_dataset(database, scenes, name="mine")
    with pytest.raises(RelcliError, match=r"no data set yours .* choose one of mine"):
        load_dataset(database, "yours")
    with pytest.raises(RelcliError, match="no data set yours"):
        ensure_regions(database, "yours", 2, 2)
