"""Every way a data set can be broken is answered with one sentence naming file, item and field."""

import json
import os
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from relcli.errors import RelcliError
from relcli.scenes.generation import generate_folder
from relcli.scenes.reading import read_folder

ANNOTATION, TWIN = "annotations/annotation_00003.json", "masked/annotations/annotation_{:05d}_masked.json"
QUERIES, IMAGE = "queries.json", "images/image_00003.png"


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("good")
    generate_folder(root, n_scenes=12, seed=8)
    return root


@pytest.fixture
def folder(good: Path, tmp_path: Path) -> Path:
    """A copy to break."""
    return Path(shutil.copytree(good, tmp_path / "data"))


def edit(file: Path, change: Callable[[Any], Any]) -> None:
    data = json.loads(file.read_text())
    replaced = change(data)
    file.write_text(json.dumps(data if replaced is None else replaced))


def put(*keys: Any, value: Any) -> Callable[[Any], None]:
    def change(data: Any) -> None:
        for key in keys[:-1]:
            data = data[key]
        data[keys[-1]] = value

    return change


def drop(*keys: Any) -> Callable[[Any], None]:
    def change(data: Any) -> None:
        for key in keys[:-1]:
            data = data[key]
        del data[keys[-1]]

    return change


def refused(folder: Path, *parts: str) -> str:
    """The one sentence of the refusal, which holds every part."""
    with pytest.raises(RelcliError) as caught:
        read_folder(folder)
    sentence = str(caught.value)
    assert "\n" not in sentence and sentence.endswith(".") and not re.search(r"\.\s+[A-Z]", sentence)
    for part in parts:
        assert part in sentence
    return sentence


@pytest.mark.parametrize(
    "change, parts",
    [
        (put("entities", 0, "shape", value="hexagon"), ("entity 0", "field shape", "'hexagon'", "triangle")),
        (put("entities", 1, "color", value="pink"), ("entity 1", "field color", "'pink'", "orange")),
        (put("entities", 0, "size", value="huge"), ("entity 0", "field size", "'huge'", "medium")),
        (put("entities", 0, "size", value=25), ("entity 0", "field size", "25")),
        (put("entities", 0, "size", value=[20]), ("entity 0", "field size", "[20]")),
        (put("entities", 0, "id", value="0"), ("entity 0", "field id", "whole number", '"0"')),
        (put("entities", 0, "id", value=True), ("entity 0", "field id", "true")),
        (put("entities", 1, "id", value=0), ("entity 1", "field id", "0 stands twice")),
        (put("entities", 0, "center", value=[1]), ("entity 0", "field center", "[1]")),
        (put("entities", 0, "center", value=[1, 400]), ("entity 0", "field center", "400")),
        (put("entities", 0, "center", value="5,5"), ("entity 0", "field center", "a list")),
        (put("entities", 0, value=7), ("entity 0", "an object", "7")),
        (put("entities", value={}), ("field entities", "a list")),
        (drop("entities"), ("field entities", "missing")),
        (drop("relations"), ("field relations", "missing")),
        (drop("entities", 0, "color"), ("entity 0", "field color", "missing")),
        (
            put("relations", 0, "relation", value="beside"),
            ("relation 0", "field relation", "'beside'", "left_of"),
        ),
        (put("relations", 0, "explicit", value="yes"), ("relation 0", "field explicit", "true or false")),
        (put("relations", 0, "explicit", value=1), ("relation 0", "field explicit", "true or false")),
        (put("relations", 0, "object_id", value=77), ("relation 0", "field object_id", "no entity 77")),
        (put("image_filename", value="image_00004.png"), ("field image_filename", "image_00004.png")),
        (lambda data: [data], ("expected an object",)),
    ],
)
def test_annotations(folder: Path, change: Callable[[Any], Any], parts: tuple[str, ...]) -> None:
    edit(folder / ANNOTATION, change)
    refused(folder, ANNOTATION, *parts)


def twin_of_kind(folder: Path, kind: str) -> tuple[Path, str]:
    for item in read_folder(folder).items:
        if item.twin and item.twin.kind == kind:
            name = TWIN.format(item.scene_id)
            return folder / name, name
    raise AssertionError(kind)


@pytest.mark.parametrize(
    "kind, change, parts",
    [
        ("object", drop("masking_info"), ("field masking_info", "missing")),
        ("object", put("masking_info", "type", value="pixel"), ("field type", "'pixel'")),
        (
            "object",
            put("masking_info", "masked_item", "entity_id", value=50),
            ("field entity_id", "no entity 50"),
        ),
        (
            "object",
            lambda data: data["masking_info"]["masked_item"].update(entity_id=data["entities"][0]["id"]),
            ("field entity_id", "still among"),
        ),
        ("relation", put("masking_info", "masked_item", "relation_index", value=99), ("no relation 99",)),
        (
            "relation",
            put("masking_info", "masked_item", "relation_index", value=None),
            ("relation_index", "null"),
        ),
        (
            "relation",
            lambda data: data["masking_info"]["masked_item"].update(
                was_explicit=not data["masking_info"]["masked_item"]["was_explicit"]
            ),
            ("field was_explicit",),
        ),
    ],
)
def test_twins(folder: Path, kind: str, change: Callable[[Any], Any], parts: tuple[str, ...]) -> None:
    file, name = twin_of_kind(folder, kind)
    edit(file, change)
    refused(folder, name, *parts)


FIRST = (3, "questions", 0)


@pytest.mark.parametrize(
    "change, parts",
    [
        (
            put(*FIRST, "query_type", value="recognition_colour"),
            ("question 0", "query_type", "recognition_color"),
        ),
        (put(*FIRST, "query", value=5), ("question 0", "field query", "a text", "5")),
        (drop(*FIRST, "query"), ("question 0", "field query", "missing")),
        (drop(*FIRST, "ground_truth"), ("question 0", "field ground_truth", "missing")),
        (put(*FIRST, "ground_truth", value="e)"), ("question 0", "field ground_truth", "'e)'", "None")),
        (put(*FIRST, "ground_truth", value=""), ("question 0", "field ground_truth")),
        (put(3, "questions", 1, "ground_truth", value="c)"), ("question 1", "field ground_truth", "a), b)")),
        (put(*FIRST, "ground_truth_masked", value="x"), ("question 0", "field ground_truth_masked", "'x'")),
        (put(*FIRST, "ground_truth_masked", value=3), ("question 0", "field ground_truth_masked", "3")),
        (put(*FIRST, "options", value=["1"]), ("question 0", "field options", "differ")),
        (put(*FIRST, "options", value=[1]), ("question 0", "field options", "a text")),
        (put(*FIRST, "entities", value=[44]), ("question 0", "field entities", "no entity 44")),
        (put(*FIRST, "entities", value="0"), ("question 0", "field entities", "a list")),
        (put(*FIRST, "relation_index", value=44), ("question 0", "field relation_index", "no relation 44")),
        (put(*FIRST, "question_index", value=1), ("question 1", "field question_index", "1 stands twice")),
        (put(*FIRST, "question_index", value="1"), ("question 0", "field question_index", "whole number")),
        (put(*FIRST, "question_index", value=2**31), ("question 0", "field question_index", "2147483647")),
        (put(*FIRST, "entities", value=[2**40]), ("question 0", "field entities", "2147483647")),
        (put(*FIRST, "query", value="Is \ud83d there?"), ("half of a surrogate pair",)),
        (put(*FIRST, "question_set", value=10**2000), ("2,001 digits",)),
        (put(*FIRST, "question_set", value=1), ("question 0", "field question_set")),
        (
            lambda data: data[3]["questions"].append({**data[3]["questions"][0], "question_index": 50}),
            ("field query", "the same question stands twice"),
        ),
        (put(3, "questions", value={}), ("field questions", "a list")),
        (drop(3, "questions"), ("field questions", "missing")),
    ],
)
def test_questions(folder: Path, change: Callable[[Any], Any], parts: tuple[str, ...]) -> None:
    edit(folder / QUERIES, change)
    refused(folder, QUERIES, *parts)


@pytest.mark.parametrize(
    "change, parts",
    [
        (put(3, "image_filename", value="image_00004.png"), ("picture 4 stands twice",)),
        (
            put(3, "image_filename", value="../image_00003.png"),
            ("field image_filename", "not a plain file name"),
        ),
        (put(3, "image_filename", value="1705312345678.png"), ("field image_filename", "2147483647")),
        (put(3, "image_filename", value="9" * 5000 + ".png"), ("image_filename", "not a plain file name")),
        (put(3, "image_filename", value="/etc/image_3.png"), ("image_filename", "not a plain file name")),
        (put(3, "image_filename", value="image\n_3.png"), ("field image_filename", "not a plain file name")),
        (drop(3, "image_filename"), ("item 3", "field image_filename", "missing")),
        (put(3, value="image"), ("item 3", "an object")),
        (put(3, value={"image_filename": "shot.png"}), ("shot.png", "field image_id", "missing")),
        (put(3, "image_filename", value="image_00099.png"), ("image_00099.png", "no such picture")),
        (lambda data: {"images": data}, ("expected a list",)),
        (lambda data: [], ("holds no pictures",)),
    ],
)
def test_query_files(folder: Path, change: Callable[[Any], Any], parts: tuple[str, ...]) -> None:
    edit(folder / QUERIES, change)
    refused(folder, QUERIES, *parts)


@pytest.mark.parametrize("name", [ANNOTATION, QUERIES, "metadata_00000_00011.json"])
@pytest.mark.parametrize(
    "content, part",
    [
        (b'{"a": 1,\n "b"', "no valid JSON (line 2"),
        (b"", "no valid JSON"),
        (b'{"a": "\xff"}', "not in UTF-8"),
        (b'{"a": 1, "b": 2, "a": 3}', 'key "a" stands twice'),
        (b"[" * 100_000, "nests deeper"),
        (b"[" + b"9" * 5000 + b"]", "digits"),
        (b"[NaN]", "NaN"),
    ],
)
def test_broken_json(folder: Path, name: str, content: bytes, part: str) -> None:
    (folder / name).write_bytes(content)
    refused(folder, name, part)


def test_unknown_split_content(folder: Path) -> None:
    edit(folder / "metadata_00000_00011.json", put("train", value=["image_00000.png"]))
    refused(folder, "metadata_00000_00011.json", "field train", "whole number")


def test_missing_and_damaged_pictures(folder: Path) -> None:
    data = (folder / IMAGE).read_bytes()
    for content, part in (
        (b"text", "unknown format"),
        (data[: len(data) // 2], "can't be decoded"),
        (b"", "unknown"),
    ):
        (folder / IMAGE).write_bytes(content)
        refused(folder, IMAGE, part)
    (folder / IMAGE).unlink()
    refused(folder, QUERIES, "image_00003.png", "no such picture")


def test_pictures_of_another_size(folder: Path) -> None:
    Image.new("RGB", (300, 224)).save(folder / IMAGE)
    refused(folder, IMAGE, "300 x 224", "224 x 224")
    shutil.rmtree(folder / "annotations")
    refused(folder, "image_00003_masked.png", "size")


def test_missing_masked_picture_and_annotation(folder: Path) -> None:
    item = next(item for item in read_folder(folder).items if item.has_twin)
    (folder / ANNOTATION).unlink()
    refused(folder, ANNOTATION, "is missing")
    shutil.rmtree(folder / "annotations")
    assert item.masked_filename is not None
    (folder / "masked/images" / item.masked_filename).unlink()
    refused(folder, QUERIES, item.image_filename, "masked answers", item.masked_filename)
    shutil.rmtree(folder / "masked")
    assert not any(item.has_twin for item in read_folder(folder).items)


def test_places_that_are_not_there(folder: Path, tmp_path: Path) -> None:
    refused(tmp_path / "nowhere", "no folder", "nowhere")
    parts: list[dict[str, Any]] = [{key: "elsewhere"} for key in ("queries", "images", "masked_images")]
    for part in parts:
        with pytest.raises(RelcliError, match=r"There is no .*elsewhere"):
            read_folder(folder, **part)
    with pytest.raises(RelcliError, match="No data set is named"):
        read_folder()
    shutil.rmtree(folder / "images")
    refused(folder, "has no images/")


def test_pictures_that_share_or_lack_a_number(tmp_path: Path) -> None:
    (tmp_path / "images").mkdir()
    refused(tmp_path, "holds no pictures")
    Image.new("RGB", (4, 4)).save(tmp_path / "images/cat.png")
    refused(tmp_path, "cat.png", "no number")
    (tmp_path / "images/cat.png").rename(tmp_path / "images/cat_1.png")
    shutil.copy(tmp_path / "images/cat_1.png", tmp_path / "images/cat_01.png")
    refused(tmp_path, "cat_01.png", "cat_1.png", "share a number")


def test_unfinished_first_batch(folder: Path) -> None:
    (folder / QUERIES).rename(folder / ".unfinished_00000_00011.jsonl")
    refused(folder, "not finished", "generate it again")


@pytest.mark.parametrize("name", [ANNOTATION, QUERIES, "metadata_00000_00011.json"])
def test_a_pipe_in_the_place_of_a_file(folder: Path, name: str) -> None:
    (folder / name).unlink()
    os.mkfifo(folder / name)
    refused(folder, name, "a pipe, not a file")


def test_seeds_of_64_bits(folder: Path) -> None:
    edit(folder / "metadata_00000_00011.json", put("seed", value=2**63 - 1))
    assert read_folder(folder).seed == 2**63 - 1
    edit(folder / "metadata_00000_00011.json", put("seed", value=2**63))
    refused(folder, "field seed")


def test_picture_names_that_cant_be_kept(tmp_path: Path) -> None:
    (tmp_path / "images").mkdir()
    for name, says in (
        (b"p\xff_1.png", "not named in UTF-8"),
        (b"p\n_1.png", "control characters"),
        (b"p_4294967296.png", "2147483647"),
        (b"p_" + b"7" * 190 + b".png", "2147483647"),
        (b"p_" + b"a" * 220 + b"_1.png", "200 bytes"),
    ):
        file = tmp_path / "images" / os.fsdecode(name)
        Image.new("RGB", (4, 4)).save(file, format="PNG")
        assert says in refused(tmp_path)
        file.unlink()


def test_long_lists_of_questions_are_read_whole(folder: Path) -> None:
    def many(data: Any) -> None:
        first = data[3]["questions"][0]
        data[3]["questions"] = [
            {**first, "question_index": at, "query": first["query"].replace("?", f" {at}?", 1)}
            for at in range(20_000)
        ]

    edit(folder / QUERIES, many)
    assert len(read_folder(folder).items[3].questions) == 20_000
