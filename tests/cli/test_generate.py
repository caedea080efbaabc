"""relcli generate."""

import json
import os
from pathlib import Path

import pytest

from tests.cli.cli_helpers import Relcli, load_json, rows_of, sentence, tree

DB = "study.duckdb"


def make(relcli: Relcli, out: str, *words: object) -> dict[str, object]:
    result = relcli("generate", "--out", out, "--db", DB, "--format", "json", *words)
    assert result.exit_code == 0, result.stderr
    return load_json(result)


def test_a_folder_is_written_and_registered(relcli: Relcli) -> None:
    made = make(relcli, "mine", "--scenes", 4, "--seed", 3, "--questions", "balanced")
    assert (made["dataset"], made["scenes"]) == ("mine", 4)
    assert {"images/image_00000.png", "annotations/annotation_00003.json", "queries.json"} <= set(
        tree(Path("mine"))
    )
    assert rows_of(Path(DB), "select count(*), count(image) from scene where dataset = 'mine'") == [(4, 4)]
    sets = rows_of(Path(DB), "select distinct question_set from question")
    assert sets == [("balanced",)]


def test_batches_grow_a_folder_and_scenes_do_not_depend_on_them(relcli: Relcli) -> None:
    make(relcli, "whole", "--scenes", 5, "--seed", 3)
    make(relcli, "grown", "--scenes", 2, "--seed", 3)
    make(relcli, "grown", "--scenes", 3, "--seed", 3, "--start-index", 2)
    pictures = [name for name in tree(Path("whole")) if not name.startswith("metadata")]
    assert pictures == [name for name in tree(Path("grown")) if not name.startswith("metadata")]
    for name in pictures:
        assert (Path("whole") / name).read_bytes() == (Path("grown") / name).read_bytes(), name


def test_other_content_of_the_same_name_gets_a_suffix(relcli: Relcli) -> None:
    assert make(relcli, "a/mine", "--scenes", 2)["dataset"] == "mine"
    assert make(relcli, "b/mine", "--scenes", 2, "--seed", 1)["dataset"] == "mine-2"
    assert make(relcli, "c/mine", "--scenes", 2)["dataset"] == "mine"  # the first one's content


@pytest.mark.parametrize(
    ("words", "says", "code"),
    [
        (["--scenes", "0"], "at least one", 2),
        (["--start-index", "-1"], "first number is 0", 2),
        (["--questions", "seeds"], "seed", 2),
        (["--scenes", "2", "--name", "no/name"], "can't name a data set", 2),
        (["--scenes", "2", "--start-index", 2**31 - 1], "highest number is 2147483647", 2),
        (["--scenes", "2000000000"], "10,000,000 is the most", 2),
        (["--seed", 2**63], "seed", 2),
    ],
)
def test_bad_numbers_write_nothing(relcli: Relcli, words: list[object], says: str, code: int) -> None:
    result = relcli("generate", "--out", "mine", "--db", DB, *words)
    assert result.exit_code == code and says in sentence(result)
    assert not Path("mine").exists()


def test_a_scene_that_is_there_is_not_overwritten(relcli: Relcli) -> None:
    make(relcli, "mine", "--scenes", 3)
    before = {name: (Path("mine") / name).read_bytes() for name in tree(Path("mine"))}
    result = relcli("generate", "--out", "mine", "--db", DB, "--scenes", 3, "--start-index", 2, "--seed", 9)
    assert result.exit_code == 1 and "--start-index 3" in sentence(result)
    assert before == {name: (Path("mine") / name).read_bytes() for name in tree(Path("mine"))}


def test_a_folder_that_cant_be_written(relcli: Relcli) -> None:
    Path("file").write_text("in the way")
    result = relcli("generate", "--out", "file/mine", "--db", DB, "--scenes", 1)
    assert result.exit_code == 1 and "file" in sentence(result)


def test_no_scene_is_made_for_a_warehouse_that_cant_be_used(relcli: Relcli) -> None:
    Path(DB).write_text("no database " * 500)
    result = relcli("generate", "--out", "mine", "--db", DB, "--scenes", 1)
    assert result.exit_code == 3 and not Path("mine").exists()


@pytest.mark.parametrize(
    "name",
    [
        *("../../outside/victim_1.txt", "/tmp/1.png", None, "\ud800_1.png"),
        *(
            pytest.param(name, marks=pytest.mark.slow)
            for name in ("..", ".", "", "a/../1.png", "..\\1.png", "1\0.png", 1, ["1.png"], "image_00009.png")
        ),
    ],
)
def test_a_list_of_an_unfinished_batch_leads_nowhere_else(relcli: Relcli, name: object) -> None:
    outside, images = Path("outside"), Path("mine/images")
    for folder in (outside, images):
        folder.mkdir(parents=True)
    for victim in (outside / "victim_1.txt", images / "image_00001.png", images / "image_00009.png"):
        victim.write_text("precious")
    lines = [{"image_filename": "image_00001.png"}, {"image_filename": name}]
    hidden = Path("mine/.unfinished_00000_00001.jsonl")
    hidden.write_text("".join(json.dumps(line) + "\n" for line in lines))
    before = tree(Path())
    result = relcli("generate", "--out", "mine", "--db", DB, "--scenes", 1, "--start-index", 5)
    assert result.exit_code == 1 and hidden.name in sentence(result)
    assert [each for each in tree(Path()) if not each.startswith(DB)] == before


def test_what_a_killed_batch_left_is_still_cleared(relcli: Relcli) -> None:
    Path("mine/images").mkdir(parents=True)
    Path("mine/images/image_00001.png").write_text("half")
    entry = json.dumps({"image_id": 1, "image_filename": "image_00001.png", "questions": []})
    Path("mine/.unfinished_00000_00001.jsonl").write_text(entry + "\n" + entry[:20])
    make(relcli, "mine", "--scenes", 2)
    assert Path("mine/images/image_00001.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize("kind", ["pipe", "link", "folder", "other name"])
def test_an_unfinished_list_that_is_none(relcli: Relcli, kind: str) -> None:
    Path("mine").mkdir()
    hidden = Path("mine/.unfinished_00000_00001.jsonl")
    if kind == "pipe":
        os.mkfifo(hidden)
    elif kind == "link":
        Path("elsewhere.jsonl").write_text("")
        hidden.symlink_to(Path("elsewhere.jsonl").absolute())
    elif kind == "folder":
        hidden.mkdir()
    else:
        Path("mine/.unfinished_a_b_c.jsonl").write_text("")
    result = relcli("generate", "--out", "mine", "--db", DB, "--scenes", 1)
    assert result.exit_code == 1 and "not a list of an unfinished batch" in sentence(result)


def test_nothing_is_written_through_a_link(relcli: Relcli) -> None:
    Path("outside").mkdir()
    Path("outside/victim.txt").write_text("precious")
    for folder in ("images", "masked"):
        Path("mine").mkdir(exist_ok=True)
        Path("mine", folder).symlink_to(Path("outside").absolute())
        result = relcli("generate", "--out", "mine", "--db", DB, "--scenes", 1)
        assert result.exit_code == 1 and "is a link to another folder" in sentence(result)
        Path("mine", folder).unlink()
    for name in ("annotations/annotation_00000.json", "masked/images/image_00000_masked.png", "queries.json"):
        Path("mine", name).parent.mkdir(parents=True, exist_ok=True)
        Path("mine", name).symlink_to(Path("outside/victim.txt").absolute())
    Path("mine/queries.json").unlink()
    make(relcli, "mine", "--scenes", 1)
    assert Path("outside/victim.txt").read_text() == "precious" and tree(Path("outside")) == ["victim.txt"]
    assert not Path("mine/annotations/annotation_00000.json").is_symlink()
