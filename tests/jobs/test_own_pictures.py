"""Own pictures come in whole, with boxes on the picture as it is seen, or not at all."""

import io
import json
import os
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from relcli.errors import RelcliError, UsageError
from relcli.jobs.importing.pictures import ImportedPictures, import_pictures
from relcli.progress import NullProgress
from relcli.scenes.boxes import BoxedEntity, box_of, boxed
from relcli.scenes.geometry import scene_regions
from relcli.scenes.question_places import places_of
from relcli.scenes.reading import read_folder
from relcli.scenes.scene import BBox, Scene
from relcli.scenes.writing import write_folder
from relcli.token_layout import TokenLayout
from relcli.warehouse.datasets import dataset_names, load_dataset
from relcli.warehouse.rows import query
from tests.cli.own_kit import make_pictures

LINE = {"image": "p.png", "question": "Where is it?", "options": ["left", "right"], "answer": "left"}


def take(folder: Path, *lines: object, boxes: object = None, name: str = "mine") -> ImportedPictures:
    """Import lines, given as objects or as text, about the pictures in the folder `photos`."""
    text = "\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines)
    (folder / "q.jsonl").write_text(text)
    coco = None
    if boxes is not None:
        coco = folder / "coco.json"
        coco.write_text(json.dumps(boxes))
    return import_pictures(
        folder / "w.duckdb", folder / "photos", folder / "q.jsonl", coco, name, NullProgress()
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "photos").mkdir()
    Image.new("RGB", (100, 60), "white").save(tmp_path / "photos" / "p.png")
    return tmp_path


def entities(folder: Path, variant: str | None = None) -> dict[int, BoxedEntity]:
    [item] = load_dataset(folder / "w.duckdb", "mine").items
    found = item.variant(variant) if variant else None
    scene = item.scene if found is None else found.twin and found.twin.scene
    assert scene is not None
    return {each.id: each for each in scene.entities if isinstance(each, BoxedEntity)}


def test_a_set_comes_in_and_out_as_it_is(tmp_path: Path) -> None:
    images, questions, boxes = make_pictures(tmp_path, 4)
    database = tmp_path / "w.duckdb"
    done = import_pictures(database, images, questions, boxes, "mine", NullProgress())
    assert (done.n_pictures, done.n_variants, done.n_questions, done.n_boxes) == (4, 8, 8, 8)
    assert done.is_new and done.categories == "pictures, side"
    again = import_pictures(database, images, questions, boxes, "other", NullProgress())
    assert again.dataset == "mine" and not again.is_new
    dataset = load_dataset(database, "mine")
    assert [item.image_filename for item in dataset.items][:2] == ["a_0_00000.png", "b_0_00001.png"]
    assert dataset.kind_of("swapped") == "own" and dataset.kind_of("masked") == "mask"
    first = dataset.items[0]
    assert first.scene is not None and first.scene.size == (320, 224)
    assert [(each.name, each.shape) for each in first.scene.entities] == [("mug", "box"), ("plate", "box")]
    side, there = first.questions
    assert (side.own_id, side.entities, side.truth_on("swapped"), side.truth_on("masked")) == (
        "side-0",
        (0,),
        "a)",
        "None",
    )
    assert there.text.startswith("There is a plate in this picture. Here are your options: a) true")
    assert there.truth_on("swapped") is None and [truth.touched for truth in there.truths] == [False]
    masked = first.twin
    assert masked is not None and (masked.kind, masked.entity_id) == ("object", 0)
    write_folder(dataset, tmp_path / "out")
    assert read_folder(tmp_path / "out").content_hash == dataset.content_hash
    audits = [file.read_text() for file in (Path(__file__).parents[2] / "sql" / "audits").glob("*.sql")]
    assert [rows for text in audits if (rows := query(database, text).rows)] == []


def test_boxes_follow_the_picture_as_it_is_seen(folder: Path) -> None:
    """Stored lying on its side: 100 x 60 in the file, 60 x 100 upright, with the mark at its lower left."""
    stored = Image.new("RGB", (100, 60), "white")
    stored.paste("red", (80, 40, 100, 60))
    exif = Image.Exif()
    exif[0x0112] = 6
    stored.save(folder / "photos" / "turned.jpg", exif=exif, quality=95)
    take(folder, LINE | {"image": "turned.jpg", "targets": [[0, 80, 20, 20]]})
    [item] = load_dataset(folder / "w.duckdb", "mine").items
    assert (item.width, item.height) == (60, 100)
    [entity] = entities(folder).values()
    assert entity.box == BBox(0, 80, 19, 99)
    seen = np.asarray(Image.open(io.BytesIO(item.png)))[82:98, 2:18].reshape(-1, 3).mean(0)
    assert seen[0] > 200 and seen[1] < 60
    coco = {"images": [{"id": 1, "file_name": "turned.jpg", "width": 100, "height": 60}], "annotations": []}
    with pytest.raises(
        RelcliError, match=r"100 x 60 pixels there, and the picture turned.jpg is 60 x 100 as it is seen"
    ):
        take(folder, LINE | {"image": "turned.jpg", "question": "Which?"}, boxes=coco)


@given(
    st.tuples(*[st.floats(-50, 150)] * 2, *[st.floats(0.01, 200)] * 2),
    st.integers(1, 90),
    st.integers(1, 90),
)
def test_a_box_keeps_to_the_picture(
    given_box: tuple[float, float, float, float], width: int, height: int
) -> None:
    x, y, across, down = given_box
    box = box_of(*given_box, (width, height))
    if box is None:
        assert x + across <= 0 or y + down <= 0 or x >= width or y >= height
        return
    assert 0 <= box.x_min <= box.x_max < width and 0 <= box.y_min <= box.y_max < height
    inside = max(x, 0), min(x + across, width)
    assert abs(box.x_min - inside[0]) <= 1 and abs(box.x_max + 1 - inside[1]) <= 1
    scene = Scene(0, (boxed(0, "", box),), (), width, height)
    for grid in ((1, 1), (3, 5)):
        [region] = scene_regions(scene, *grid)
        pixels = (box.x_max - box.x_min + 1) * (box.y_max - box.y_min + 1)
        assert region.coverage.mean() == pytest.approx(pixels / (width * height), abs=1e-4)


def test_regions_of_every_variant_are_those_worked_out_before_a_run(folder: Path) -> None:
    """Targets, distractors by name, boxes that overlap, and what a variant moves, takes away or adds."""
    for name in ("moved", "gone"):
        Image.new("RGB", (100, 60), (name == "moved" and "red") or "blue").save(
            folder / "photos" / f"{name}.png"
        )
    take(
        folder,
        LINE
        | {
            "targets": [[10, 10, 30, 30], {"box": [25, 20, 30, 30], "name": "lid"}],
            "distractors": [[60, 0, 30, 60]],
            "boxes": [[0, 50, 100, 10]],
            "variants": {
                "moved": {
                    "image": "moved.png",
                    "answer": "right",
                    "targets": [[70, 10, 20, 20], [25, 20, 30, 30]],
                },
                "masked": {"image": "gone.png", "answer": "None", "targets": [None, [25, 20, 30, 30]]},
            },
        },
        LINE | {"question": "What is there?", "targets": [[0, 50, 100, 10]]},
    )
    [item] = load_dataset(folder / "w.duckdb", "mine").items
    layout = TokenLayout.of_grid(8, 8)
    rows = query(
        folder / "w.duckdb",
        "SELECT question_index, variant, entity, distractor, masked_place, width FROM question_region "
        "WHERE dataset = 'mine' ORDER BY ALL",
    ).rows
    seen = set()
    for index, variant, entity, distractor, removed, width in rows:
        places = places_of(item, variant, layout)
        assert places is not None and width == 100
        covers = places.of_question(item.questions[index])
        for name, shown in (("target", entity), ("distractor", distractor), ("removed", removed)):
            expected = covers.get(name)
            assert (shown is None) == (expected is None), (index, variant, name)
            if expected is not None:
                assert shown == pytest.approx(expected.tolist(), abs=1e-5)
                assert max(shown) <= 1
        seen.add((index, variant))
    assert {(0, "raw"), (0, "blank"), (0, "moved"), (0, "masked"), (1, "moved")} <= seen
    assert entities(folder, "moved")[0].box == BBox(70, 10, 89, 29)
    assert 0 not in entities(folder, "masked")


def test_coco_says_what_else_stands_there_and_crowds_count_when_named(folder: Path) -> None:
    boxes = {
        "images": [{"id": 7, "file_name": "p.png", "width": 100, "height": 60}],
        "categories": [{"id": 3, "name": "mug"}],
        "annotations": [
            {"id": 11, "image_id": 7, "category_id": 3, "bbox": [1.4, 2.6, 10, 10]},
            {"id": 12, "image_id": 7, "category_id": 3, "bbox": [90, 50, 30, 30]},
            {"id": 13, "image_id": 7, "category_id": 3, "bbox": [0, 0, 100, 60], "iscrowd": 1},
            {"id": 14, "image_id": 7, "category_id": 3, "bbox": [200, 0, 10, 10]},
        ],
    }
    done = take(folder, LINE | {"targets": [11], "distractors": [13]}, boxes=boxes)
    assert (done.n_boxes, done.n_clipped) == (3, 1)
    assert [each.box for each in entities(folder).values()] == [
        BBox(1, 3, 10, 12),
        BBox(90, 50, 99, 59),
        BBox(0, 0, 99, 59),
    ]
    [item] = load_dataset(folder / "w.duckdb", "mine").items
    assert item.questions[0].distractors == (2,)


BOX_FILE = {
    "images": [{"id": 1, "file_name": "p.png"}],
    "annotations": [{"id": 5, "image_id": 1, "bbox": [200, 0, 5, 5]}],
}


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        ([""], "holds no question"),
        ([LINE, "{"], r"q.jsonl, line 2 is no valid JSON"),
        ([LINE, "[1]"], r"line 2: expected an object"),
        ([LINE | {"anwser": "a"}], r'line 1: there is no field "anwser", only image'),
        ([{k: v for k, v in LINE.items() if k != "options"}], r"line 1, field options: it is missing"),
        ([LINE | {"options": ["left"]}], r"field options: there are 1, and a question has 2 to 26"),
        ([LINE | {"options": ["left", "left"]}], r"'left' stands twice"),
        ([LINE | {"options": ["none", "left"]}], r"None can't be an option"),
        ([LINE | {"answer": "c"}], r"'c' is no answer to this question"),
        ([LINE | {"options": ["b", "a"], "answer": "a"}], r"write the letter as a\)"),
        ([LINE | {"category": "count"}], r"count is relcli's own"),
        ([LINE | {"category": "two words"}], r"'two words' can't name a category"),
        (
            [LINE | {"id": "x"}, "", LINE | {"id": "x", "question": "y"}],
            r"line 3, field id: 'x' is the id of line 1 too",
        ),
        ([LINE, LINE], r"line 2: line 1 has the same question about p.png"),
        ([LINE, LINE | {"image": "q.png"}], r"line 2: there is no picture q.png in"),
        ([LINE | {"image": "../p.png"}], r'the picture "../p.png" is not below the folder'),
        ([LINE | {"image": "/etc/passwd"}], r"is not below the folder"),
        ([LINE | {"image": "out.png"}], r"the picture out.png is a link that leads out of"),
        ([LINE | {"image": "loop.png"}], r'the picture "?loop.png"? can.t be (found|read)'),
        ([LINE | {"image": "text.png"}], r"line 1: the picture text.png can't be decoded \(unknown format\)"),
        (
            [LINE | {"image": "bomb.png"}],
            r"the picture bomb.png can't be decoded \(9000 x 9000 pixels, more than 64,000,000\)",
        ),
        ([LINE | {"image": "half.png"}], r"line 1: the picture half.png can't be decoded"),
        (
            [LINE | {"variants": {"x": {"image": "half.png", "answer": "a"}}}],
            r"line 1: the picture half.png can't be decoded",
        ),
        ([LINE | {"image": "."}], r"the picture . can't be decoded \(a folder, not a file\)"),
        ([LINE | {"targets": [[1, 2, 3]]}], r"field targets: \[1, 2, 3\] is no box"),
        ([LINE | {"targets": [[1, 2, 0, 3]]}], r"is no box"),
        ([LINE | {"targets": [[100, 0, 5, 5]]}], r"has nothing on p.png, which is 100 x 60 pixels upright"),
        ([LINE | {"targets": [[1, 1, 5, 5], [1, 1, 5, 5]]}], r"field targets: one box stands twice"),
        ([LINE | {"targets": [5]}], r"line 1: the box annotation 5 has nothing on p.png"),
        ([LINE | {"targets": [6]}], r"has no annotation 6 of p.png \(it has none\)"),
        ([LINE | {"variants": {"raw": {}}}], r"a variant's name has letters"),
        ([LINE | {"variants": {"x": {"image": "p.png"}}}], r"variants, x, field answer: it is missing"),
        (
            [LINE | {"variants": {"x": {"image": "p.png", "answer": "a", "targets": [[1, 1, 2, 2]]}}}],
            r"expected a list of 0",
        ),
        (
            [LINE | {"targets": [[1, 1, 5, 5]], "variants": {"x": {"image": "small.png", "answer": "a"}}}],
            r"small.png is of another size than p.png",
        ),
        (
            [
                LINE | {"variants": {"x": {"image": "p.png", "answer": "a"}}},
                LINE | {"question": "y", "variants": {"x": {"image": "small.png", "answer": "a"}}},
            ],
            r"line 2: the variant x of p.png is small.png, and p.png in an earlier line",
        ),
    ],
    ids=lambda value: value[:40] if isinstance(value, str) else "",
)
def test_what_is_wrong_is_a_sentence_and_nothing_is_kept(
    folder: Path, lines: list[object], says: str
) -> None:
    photos = folder / "photos"
    (photos / "text.png").write_text("no picture")
    (photos / "loop.png").symlink_to("loop.png")
    Image.new("1", (9000, 9000)).save(photos / "bomb.png")
    whole = (photos / "p.png").read_bytes()  # plain RGB, which is stored as it is
    (photos / "half.png").write_bytes(whole[: len(whole) // 2])
    Image.new("RGB", (10, 10)).save(photos / "small.png")
    Image.new("RGB", (10, 10)).save(folder / "outside.png")
    os.symlink(folder / "outside.png", photos / "out.png")
    with pytest.raises(RelcliError, match=says):
        take(folder, *lines, boxes=BOX_FILE)
    assert not (folder / "w.duckdb").exists()


@pytest.mark.parametrize("bbox", [[1, 2, 3], {"x": 1}, "1 2 3 4", [1, 2, "3", 4], [], [1, 2, 3, 1e300]])
def test_a_box_that_is_none_of_cocos_is_not_passed_over(folder: Path, bbox: object) -> None:
    one = {"id": 6, "image_id": 1, "bbox": bbox}
    with pytest.raises(RelcliError, match=r"annotation 1, field bbox: .* is not x, y, width and height"):
        take(folder, LINE, boxes=BOX_FILE | {"annotations": [*BOX_FILE["annotations"], one]})


def test_a_name_belongs_to_one_content(folder: Path) -> None:
    take(folder, LINE)
    with pytest.raises(UsageError, match=r"There is a data set mine .* with other content"):
        take(folder, LINE | {"answer": "b"})
    with pytest.raises(UsageError, match="can't name a data set"):
        take(folder, LINE, name="../mine")
    assert dataset_names(folder / "w.duckdb") == ["mine"]


def test_a_pair_of_another_size_has_regions_of_its_own(folder: Path) -> None:
    Image.new("RGB", (60, 120), "blue").save(folder / "photos" / "tall.png")
    variants = {"tall": {"image": "tall.png", "answer": "b", "targets": [[0, 0, 60, 60]]}}
    take(folder, LINE | {"targets": [[0, 0, 50, 60]], "variants": variants})
    [item] = load_dataset(folder / "w.duckdb", "mine").items
    assert item.size_of("tall") == (60, 120) and item.size_of("raw") == item.size_of("blank") == (100, 60)
    rows = query(
        folder / "w.duckdb",
        "SELECT variant, list_sum(entity) / 64, centre_x, centre_y, height FROM question_region "
        "ORDER BY variant DESC",
    ).rows
    assert rows == [
        ("tall", 0.5, 29.5, 29.5, 120),
        ("raw", 0.5, 24.5, 29.5, 60),
        ("blank", 0.5, 24.5, 29.5, 60),
    ]
