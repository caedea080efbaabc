"""Data sets on disk: round trips, growth, batches that were cut off, and parts kept elsewhere."""

import json
import multiprocessing
import os
import signal
import time
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from relcli.errors import RelcliError, UsageError
from relcli.scenes.generation import generate_folder, make_sample
from relcli.scenes.items import Dataset, DatasetItem, Picture
from relcli.scenes.layout import scene_id_of
from relcli.scenes.reading import read_folder
from relcli.scenes.rendering import png_bytes, render
from relcli.scenes.vocabulary import CLOSING, QUESTION_SET_VERSIONS
from relcli.scenes.writing import FolderWriter, split_lists, write_folder

STUDY = Path(__file__).parent / "study_queries.json"
BOTH = ("seed", "balanced")


def files(root: Path) -> dict[str, bytes]:
    return {str(file.relative_to(root)): file.read_bytes() for file in root.rglob("*") if file.is_file()}


def study_pictures(folder: Path, suffix: str = "") -> Path:
    folder.mkdir(parents=True)
    for index in range(4):
        Image.new("RGB", (224, 224), (index, 0, 0)).save(folder / f"image_{index:05d}{suffix}.png")
    return folder


def test_generated_folder_reads_back_as_made(tmp_path: Path) -> None:
    seen: list[int] = []
    batch = generate_folder(tmp_path, n_scenes=12, seed=3, question_sets=BOTH, on_scene=seen.append)
    assert seen == list(range(1, 13))
    dataset = read_folder(tmp_path)
    assert (dataset.name, dataset.root, dataset.seed) == (tmp_path.name, tmp_path, 3)
    assert dataset.question_sets == BOTH and dataset.has_annotations and len(dataset) == 12
    for index, item in enumerate(dataset.items):
        sample = make_sample(3, index, BOTH)
        assert (item.scene_id, item.image_filename) == (index, f"image_{index:05d}.png")
        assert (item.scene, item.twin, item.questions) == (sample.scene, sample.twin, sample.questions)
        assert item.png == png_bytes(render(sample.scene))
        assert item.masked_png == (png_bytes(render(sample.twin.scene)) if sample.twin else None)
        assert item.twin_changed == (sample.twin.changed if sample.twin else None)
        assert item.masked_filename == (f"image_{index:05d}_masked.png" if sample.twin else None)
    assert batch.n_scenes == 12
    assert batch.n_twins == sum(item.has_twin for item in dataset.items)
    assert batch.n_questions == sum(len(item.questions) for item in dataset.items)
    assert not list(tmp_path.rglob("*.tmp")) and not list(tmp_path.glob(".*"))


def test_folder_has_the_study_s_layout(tmp_path: Path) -> None:
    generate_folder(tmp_path, n_scenes=10, seed=1, start_index=20)
    names = files(tmp_path)
    for index in range(20, 30):
        assert {f"images/image_{index:05d}.png", f"annotations/annotation_{index:05d}.json"} <= set(names)
        twin = make_sample(1, index).twin is not None
        assert (f"masked/images/image_{index:05d}_masked.png" in names) == twin
        assert (f"masked/annotations/annotation_{index:05d}_masked.json" in names) == twin
    metadata = json.loads(names["metadata_00020_00029.json"])
    assert metadata["train"] == list(range(20, 28))
    assert metadata["question_sets"] == {"seed": QUESTION_SET_VERSIONS["seed"]}
    assert (metadata["val"], metadata["test"]) == ([28], [29])
    annotation = json.loads(names["annotations/annotation_00020.json"])
    scene = make_sample(1, 20).scene
    assert set(annotation) == {"image_id", "image_filename", "num_entities", "entities", "relations"}
    entity = annotation["entities"][0]
    assert set(entity) == {"id", "shape", "size", "color", "center", "bbox"}
    assert entity["bbox"] == scene.entities[0].bbox._asdict()
    if annotation["relations"]:
        assert set(annotation["relations"][0]) == {"subject_id", "object_id", "relation", "explicit"}
    question = json.loads(names["queries.json"])[0]["questions"][0]
    assert set(question) >= {"query_type", "query", "ground_truth", "ground_truth_masked"}


def test_masked_annotations_say_what_was_masked(tmp_path: Path) -> None:
    generate_folder(tmp_path, n_scenes=20, seed=1)
    kinds = set()
    for file in (tmp_path / "masked/annotations").iterdir():
        data = json.loads(file.read_text())
        info, flags = data["masking_info"], [r.get("masked", False) for r in data["relations"]]
        kinds.add(info["type"])
        if info["type"] == "object":
            assert info["masked_item"]["entity_id"] not in {e["id"] for e in data["entities"]}
            assert not any(flags)
        else:
            index = info["masked_item"]["relation_index"]
            assert [i for i, flag in enumerate(flags) if flag] == [index]
            assert info["masked_item"]["relation"] == data["relations"][index]["relation"]
            assert info["masked_item"]["was_explicit"] == data["relations"][index]["explicit"]
    assert kinds == {"object", "relation"}


def test_growing_in_batches_equals_making_all_at_once(tmp_path: Path) -> None:
    whole, grown = tmp_path / "whole", tmp_path / "grown"
    generate_folder(whole, n_scenes=9, seed=4)
    generate_folder(grown, n_scenes=4, seed=4, start_index=5)
    before = files(grown)
    generate_folder(grown, n_scenes=5, seed=4)
    after = files(grown)
    assert {name for name in before if after[name] != before[name]} == {"queries.json"}
    assert after["queries.json"] == files(whole)["queries.json"]
    assert read_folder(whole).content_hash == read_folder(grown).content_hash


def test_a_scene_that_is_there_is_never_overwritten(tmp_path: Path) -> None:
    generate_folder(tmp_path, n_scenes=5, seed=4)
    before = files(tmp_path)
    with pytest.raises(RelcliError, match=r"Scene 4 is already in .*--start-index 5"):
        generate_folder(tmp_path, n_scenes=5, seed=5, start_index=4)
    (tmp_path / "queries.json").unlink()  # the pictures alone keep their place too
    with pytest.raises(RelcliError, match="Scene 0 is already"):
        generate_folder(tmp_path, n_scenes=1, seed=5)
    del before["queries.json"]
    assert files(tmp_path) == before


@pytest.mark.parametrize("error", [KeyboardInterrupt, RuntimeError])
def test_an_error_midway_leaves_nothing(tmp_path: Path, error: type[BaseException]) -> None:
    generate_folder(tmp_path, n_scenes=3, seed=4)
    before = files(tmp_path)

    def stop(done: int) -> None:
        if done == 3:
            raise error

    with pytest.raises(error):
        generate_folder(tmp_path, n_scenes=6, seed=4, start_index=3, on_scene=stop)
    assert files(tmp_path) == before
    with pytest.raises(error):
        generate_folder(tmp_path / "new", n_scenes=6, seed=4, on_scene=stop)
    assert list((tmp_path / "new").iterdir()) == []


def _write_slowly(root: Path) -> None:
    generate_folder(root, n_scenes=100, seed=4, start_index=3, on_scene=lambda done: time.sleep(0.05))


def test_a_killed_batch_is_cleared_by_the_next_one(tmp_path: Path) -> None:
    generate_folder(tmp_path, n_scenes=3, seed=4)
    process = multiprocessing.get_context("fork").Process(target=_write_slowly, args=(tmp_path,))
    process.start()
    deadline = time.monotonic() + 20
    while not (tmp_path / "images/image_00006.png").exists() and time.monotonic() < deadline:
        time.sleep(0.01)
    with pytest.raises(RelcliError, match="Another process is writing these scenes"):
        generate_folder(tmp_path, n_scenes=100, seed=4, start_index=3)
    assert process.pid is not None
    os.kill(process.pid, signal.SIGKILL)
    process.join()
    assert len(read_folder(tmp_path)) == 3  # what is not in queries.json is not part of the data set
    generate_folder(tmp_path, n_scenes=2, seed=4, start_index=3)
    clean = tmp_path / "clean"
    generate_folder(clean, n_scenes=3, seed=4)
    generate_folder(clean, n_scenes=2, seed=4, start_index=3)
    expected = files(clean)
    assert {name: data for name, data in files(tmp_path).items() if not name.startswith("clean")} == expected


def test_a_batch_killed_after_its_merge_is_kept(tmp_path: Path) -> None:
    """Its hidden file still lies there, but queries.json has its scenes: they stay, the file goes."""
    generate_folder(tmp_path, n_scenes=3, seed=4)
    before = files(tmp_path)
    lines = [json.dumps(entry) for entry in json.loads(before["queries.json"])]
    (tmp_path / ".unfinished_00000_00002.jsonl").write_text("\n".join([*lines, '{"image_id": 3, "ima']))
    generate_folder(tmp_path, n_scenes=1, seed=4, start_index=3)
    after = files(tmp_path)
    del before["queries.json"]
    assert before.items() <= after.items() and not list(tmp_path.glob(".*"))
    assert len(read_folder(tmp_path)) == 4


def test_copy_of_a_data_set_is_equal(tmp_path: Path) -> None:
    generate_folder(tmp_path / "a", n_scenes=8, seed=2, question_sets=BOTH)
    original = read_folder(tmp_path / "a")
    write_folder(original, tmp_path / "b")
    made, copied = files(tmp_path / "a"), files(tmp_path / "b")
    metadata = json.loads(made.pop("metadata_00000_00007.json"))
    del metadata["question_sets"]  # who copies doesn't know by which rules the questions were made
    assert json.loads(copied.pop("metadata_00000_00007.json")) == metadata
    assert made == copied
    copy = read_folder(tmp_path / "b")
    assert copy.content_hash == original.content_hash
    assert [item.split for item in copy.items] == [item.split for item in original.items]


def test_content_hash_sees_pictures_annotations_and_questions(tmp_path: Path) -> None:
    generate_folder(tmp_path, n_scenes=4, seed=2)
    dataset = read_folder(tmp_path)
    first, other = [item for item in dataset.items if item.has_twin][:2]
    rest = [item for item in dataset.items if item is not first]
    in_memory = [replace(item, image=Picture(item.png), split=None) for item in dataset.items][::-1]
    assert Dataset("other name", None, in_memory).content_hash == dataset.content_hash
    assert first.scene is not None
    for changed in (
        replace(first, image=other.image),
        replace(first, variants=()),
        replace(first, scene=None),
        replace(first, questions=first.questions[1:]),
        replace(first, questions=(replace(first.questions[0], ground_truth="None"), *first.questions[1:])),
    ):
        assert Dataset("x", None, [changed, *rest]).content_hash != dataset.content_hash
    assert Dataset("x", None, [first, *rest]).content_hash == dataset.content_hash


def test_the_study_s_file_with_pictures_elsewhere(tmp_path: Path) -> None:
    images = study_pictures(tmp_path / "pictures")
    masked = study_pictures(tmp_path / "hidden", "_masked")
    dataset = read_folder(queries=STUDY, images=images, masked_images=masked, name="study")
    assert (dataset.name, dataset.root, dataset.has_annotations) == ("study", None, False)
    assert dataset.question_sets == ("seed",)
    assert sum(len(item.questions) for item in dataset.items) == 37
    for item in dataset.items:
        assert item.scene is None and item.twin is None and item.has_twin
        assert [question.question_index for question in item.questions] == list(range(len(item.questions)))
        assert all(question.options and question.stem for question in item.questions)
    assert dataset.items[0].questions[0].options == ("0", "3", "1", "2")
    assert dataset.items[0].twin_changed is False  # the pictures are compared
    without = read_folder(queries=STUDY, images=images)
    assert not any(item.has_twin for item in without.items)


def test_parts_are_also_looked_for_under_the_folder(tmp_path: Path) -> None:
    study_pictures(tmp_path / "raw")
    (tmp_path / "asked.json").write_bytes(STUDY.read_bytes())
    dataset = read_folder(tmp_path, queries="asked.json", images="raw")
    assert len(dataset) == 4 and not dataset.has_annotations


def test_pictures_without_questions(tmp_path: Path) -> None:
    study_pictures(tmp_path / "images")
    (tmp_path / "images/notes.txt").write_text("no picture")
    dataset = read_folder(tmp_path)
    assert [item.scene_id for item in dataset.items] == [0, 1, 2, 3]
    assert dataset.question_sets == () and dataset.items[0].questions == ()


def test_annotated_folder_without_our_fields_finds_the_referents(tmp_path: Path) -> None:
    generate_folder(tmp_path, n_scenes=30, seed=6)
    original = read_folder(tmp_path)
    queries = tmp_path / "queries.json"
    data = json.loads(queries.read_text())
    ours = ("question_set", "question_index", "options", "entities", "relation_index")
    for item in data:
        for question in item["questions"]:
            for field in ours:
                del question[field]
    queries.write_text(json.dumps(data))
    bare = read_folder(tmp_path)
    for theirs, item in zip(bare.items, original.items, strict=True):
        assert item.scene is not None
        names = [entity.name for entity in item.scene.entities]
        if len(set(names)) == len(names):
            assert theirs.questions == item.questions


def test_twins_with_one_entity_and_empty_masked_answers_are_accepted(tmp_path: Path) -> None:
    generate_folder(tmp_path, n_scenes=40, seed=6)
    item = next(i for i in read_folder(tmp_path).items if i.twin and i.twin.kind == "object")
    file = tmp_path / f"masked/annotations/annotation_{item.scene_id:05d}_masked.json"
    data = json.loads(file.read_text())
    data["entities"], data["relations"] = data["entities"][:1], []
    file.write_text(json.dumps(data))
    queries = tmp_path / "queries.json"
    asked = json.loads(queries.read_text())
    emptied = next(i for i in read_folder(tmp_path).items if i.has_twin and i.scene_id != item.scene_id)
    for question in asked[emptied.scene_id]["questions"]:
        question["ground_truth_masked"] = ""
    queries.write_text(json.dumps(asked))
    dataset = read_folder(tmp_path)
    twin = dataset.items[item.scene_id].twin
    assert twin is not None and len(twin.scene.entities) == 1
    assert not dataset.items[emptied.scene_id].has_twin


def test_other_formats_become_png(tmp_path: Path) -> None:
    (tmp_path / "images").mkdir()
    Image.new("L", (30, 20), 7).save(tmp_path / "images/photo_12.bmp")
    (item,) = read_folder(tmp_path).items
    assert (item.scene_id, item.width, item.height) == (12, 30, 20)
    assert item.png.startswith(b"\x89PNG") and item.image.image().mode == "RGB"


@pytest.mark.parametrize(
    "name, scene_id",
    [("image_00012.png", 12), ("run2_image_00007.png", 7), ("120000.jpg", 120000), ("cat.png", None)],
)
def test_number_in_a_file_name(name: str, scene_id: int | None) -> None:
    assert scene_id_of(name) == scene_id


def test_pictures_come_from_bytes_files_or_functions(tmp_path: Path) -> None:
    data = png_bytes(Image.new("RGB", (5, 5)))
    (tmp_path / "x.png").write_bytes(data)
    for source in (data, tmp_path / "x.png", lambda: data):
        assert Picture(source).png() == data and Picture(source).check() == (5, 5)


def test_metadata_of_many_batches_and_its_other_spelling(tmp_path: Path) -> None:
    generate_folder(tmp_path, n_scenes=10, seed=6)
    generate_folder(tmp_path, n_scenes=10, seed=7, start_index=10)
    dataset = read_folder(tmp_path)
    assert [item.split for item in dataset.items] == (["train"] * 8 + ["val", "test"]) * 2
    assert dataset.seed is None
    (tmp_path / "metadata_00000_00009.json").write_text('{"splits": {"test": [0, 1]}}')
    assert [item.split for item in read_folder(tmp_path).items][:3] == ["test", "test", None]


@pytest.mark.parametrize(
    "n, sizes", [(10, (8, 1, 1)), (200, (160, 20, 20)), (1, (0, 0, 1)), (15, (12, 1, 2))]
)
def test_split_lists(n: int, sizes: tuple[int, int, int]) -> None:
    lists = split_lists(range(5, 5 + n))
    assert tuple(len(lists[split]) for split in ("train", "val", "test")) == sizes
    assert lists["train"] + lists["val"] + lists["test"] == list(range(5, 5 + n))


@pytest.mark.parametrize(
    "options",
    [
        {"n_scenes": 0},
        {"n_scenes": -3},
        {"n_scenes": 2, "start_index": -1},
        {"n_scenes": 2, "question_sets": ("sead",)},
        {"n_scenes": 2, "question_sets": ()},
    ],
)
def test_bad_numbers_and_sets(tmp_path: Path, options: dict) -> None:
    with pytest.raises(UsageError):
        generate_folder(tmp_path / "new", seed=1, **options)
    assert not (tmp_path / "new").exists()


def test_a_place_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("here")
    with pytest.raises(RelcliError, match=r"Can't write to .*file.*choose another folder"):
        generate_folder(tmp_path / "file", n_scenes=1, seed=1)
    with pytest.raises(RelcliError, match="nothing to write"):
        FolderWriter(tmp_path, [])
    write_folder(
        Dataset("x", None, [DatasetItem(7, "shot_7.png", Picture(png_bytes(Image.new("RGB", (4, 4)))))]),
        tmp_path,
    )
    assert (tmp_path / "images/shot_7.png").exists()


def test_disk_full(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The third picture meets a full disk; nothing of the batch is left."""
    write = Path.write_bytes
    calls = []

    def full(self: Path, data: bytes) -> int:
        calls.append(self)
        if len(calls) > 4:
            raise OSError(28, "No space left on device", str(self))
        return write(self, data)

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(RelcliError, match=r"No space left on device.*free some space"):
        generate_folder(tmp_path, n_scenes=9, seed=1)
    assert files(tmp_path) == {}


def test_a_data_set_keeps_the_questions_it_was_made_with(tmp_path: Path) -> None:
    """Questions of earlier rules stay as they are; the folder isn't asked anew, nor is its copy."""
    generate_folder(tmp_path / "old", n_scenes=2, seed=1)
    file = tmp_path / "old" / "queries.json"
    entries = json.loads(file.read_text())
    entries[0]["questions"] = [
        {
            "query_type": "count",
            "query": f"How many shapes are in this image? Here are your options: a) 1 b) 2 c) 4 {CLOSING}",
            "ground_truth": "None",
            "ground_truth_masked": "",
            "question_set": "balanced",
            "question_index": 100,
        }
    ]
    file.write_text(json.dumps(entries))
    read = read_folder(tmp_path / "old")
    assert [q.options for q in read.items[0].questions] == [("1", "2", "4")]
    write_folder(read, tmp_path / "copy")
    assert read_folder(tmp_path / "copy").items[0].questions == read.items[0].questions
    assert "question_sets" not in json.loads((tmp_path / "copy" / "metadata_00000_00001.json").read_text())
