"""Folders with other variants than masked ones: written, read, grown, cleared, and refused in a sentence."""

import json
import shutil
from pathlib import Path

import pytest

from relcli.errors import RelcliError, UsageError
from relcli.scenes.generation import generate_folder, make_sample
from relcli.scenes.items import Dataset
from relcli.scenes.reading import read_folder
from relcli.scenes.rendering import png_bytes, render
from relcli.scenes.vocabulary import in_order
from relcli.scenes.writing import FolderWriter, write_folder

MADE = ("mask", "change", "placebo")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("variants") / "made"
    generate_folder(folder, n_scenes=6, seed=8, question_sets=("seed", "balanced"), twins=MADE)
    return folder


def edit(folder: Path, file: str, change) -> None:
    path = folder / file
    data = json.loads(path.read_text())
    change(data)
    path.write_text(json.dumps(data))


def asked(entry) -> list:
    return entry["questions"]


def copy(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made, tmp_path / "copy"))


def same(one: Dataset, other: Dataset) -> bool:
    return one.content_hash == other.content_hash and all(
        (mine.questions, [(v.name, v.twin) for v in mine.variants])
        == (theirs.questions, [(v.name, v.twin) for v in theirs.variants])
        for mine, theirs in zip(one.items, other.items, strict=True)
    )


def test_a_folder_holds_what_was_made(made: Path, tmp_path: Path) -> None:
    read = read_folder(made)
    assert read.variants == ("raw", "masked", "changed", "placebo", "blank")
    assert [read.kind_of(name) for name in read.variants] == ["raw", "mask", "change", "placebo", "blank"]
    for item in read.items:
        sample = make_sample(8, item.scene_id, ("seed", "balanced"), twins=MADE)
        assert item.questions == sample.questions
        assert {variant.name: variant.twin for variant in item.variants} == sample.twins
        for variant in item.variants:
            assert variant.image.png() == png_bytes(render(sample.twins[variant.name].scene))
    write_folder(read, tmp_path / "again")
    assert same(read_folder(tmp_path / "again"), read)


def test_masked_alone_is_the_study_s_layout_to_the_letter(tmp_path: Path) -> None:
    """As folders always were, and read the same with other variants beside it."""
    generate_folder(tmp_path / "old", n_scenes=3, seed=8)
    [metadata] = (tmp_path / "old").glob("metadata_*.json")
    assert not {"format", "variants"} & set(json.loads(metadata.read_text()))
    assert not (tmp_path / "old" / "variants").exists()
    generate_folder(tmp_path / "new", n_scenes=3, seed=8, twins=MADE)
    for file in (tmp_path / "old").rglob("*.*"):
        other = tmp_path / "new" / file.relative_to(tmp_path / "old")
        if file.name != "queries.json" and not file.name.startswith("metadata"):
            assert file.read_bytes() == other.read_bytes()
    edit(tmp_path / "new", "queries.json", lambda data: [q.pop("variants") for e in data for q in asked(e)])
    shutil.rmtree(tmp_path / "new" / "variants")
    assert same(read_folder(tmp_path / "new"), read_folder(tmp_path / "old"))


def test_batches_with_other_twins_grow_one_folder(tmp_path: Path) -> None:
    generate_folder(tmp_path, n_scenes=2, seed=8)
    generate_folder(tmp_path, n_scenes=2, seed=8, start_index=2, twins=("change",))
    first, *_, last = read_folder(tmp_path).items
    assert [v.name for v in first.variants] == ["masked"] and [v.name for v in last.variants] == ["changed"]
    assert last.questions[0].ground_truth_masked == "" and last.questions[0].truth_on("changed")


def test_what_a_stopped_batch_wrote_is_gone(tmp_path: Path) -> None:
    generate_folder(tmp_path, n_scenes=1, seed=8, twins=MADE)
    before = sorted(tmp_path.rglob("*"))

    def stop(done: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        generate_folder(tmp_path, n_scenes=2, seed=8, start_index=1, twins=MADE, on_scene=stop)
    assert sorted(tmp_path.rglob("*")) == before
    with pytest.raises(KeyboardInterrupt):
        generate_folder(tmp_path / "new", n_scenes=2, seed=8, twins=MADE, on_scene=stop)
    assert list((tmp_path / "new").rglob("*")) == []


@pytest.mark.parametrize("place", ["variants", "variants/changed", "variants/changed/images"])
def test_nothing_is_written_through_a_link(tmp_path: Path, place: str) -> None:
    outside = tmp_path / "outside"
    (outside / "images").mkdir(parents=True)
    victim = outside / "images" / "image_00000_changed.png"
    victim.write_bytes(b"mine")
    link = tmp_path / "data" / place
    link.parent.mkdir(parents=True)
    link.symlink_to(outside / "images" if place.endswith("images") else outside)
    with pytest.raises(RelcliError, match="is a link to another folder"):
        generate_folder(tmp_path / "data", n_scenes=1, seed=8, twins=("change",))
    assert victim.read_bytes() == b"mine" and list(outside.rglob("*.png")) == [victim]


def test_variants_of_one_s_own_need_no_annotation(made: Path, tmp_path: Path) -> None:
    folder = copy(made, tmp_path)
    own = folder / "variants" / "dusk" / "images"
    own.mkdir(parents=True)
    shutil.copy(folder / "images" / "image_00002.png", own / "image_00002_dusk.png")
    edit(folder, "queries.json", lambda data: data[2]["questions"][0].update(
        variants={**data[2]["questions"][0]["variants"], "dusk": {"ground_truth": "None"}}))  # fmt: skip
    read = read_folder(folder)
    assert read.variants[-2:] == ("dusk", "blank") and read.kind_of("dusk") == "own"
    item = read.items[2]
    found = item.variant("dusk")
    assert found is not None and found.twin is None and item.differs("dusk") is False
    truth = next(t for t in item.questions[0].truths if t.variant == "dusk")
    assert (truth.answer, truth.touched) == ("None", item.questions[0].ground_truth != "None" or None)
    assert read.items[3].variant("dusk") is None
    (own / "image_00002_dusk.png").unlink()
    with pytest.raises(RelcliError, match="has dusk answers, but there is no picture"):
        read_folder(folder)


@pytest.mark.parametrize(
    ("file", "change", "parts"),
    [
        ("metadata_00000_00005.json", lambda data: data.update(format=3), ("format 3", "upgrade")),
        ("metadata_00000_00005.json", lambda data: data["variants"].update(changed="x"), ("changed", "'x'")),
        ("metadata_00000_00005.json", lambda data: data["variants"].update({"../x": "own"}), ("../x",)),
        ("queries.json", lambda data: data[1]["questions"][0]["variants"].update({"../x": {}}), ("../x",)),
        ("queries.json", lambda data: data[1]["questions"][0]["variants"].update(raw={}), ("raw",)),
        (
            "queries.json",
            lambda data: data[1]["questions"][0]["variants"]["changed"].update(ground_truth="x)"),
            ("question 0", "variants", "changed", "'x)'"),
        ),
        ("queries.json", lambda data: asked(data[1])[0].update(variants=[1]), ("variants", "an object")),
        (
            "variants/changed/annotations/annotation_00001_changed.json",
            lambda data: data["edit_info"].update(edit="painted"),
            ("annotation_00001_changed.json", "edit", "'painted'"),
        ),
        (
            "variants/changed/annotations/annotation_00001_changed.json",
            lambda data: data["edit_info"].update(entity_id=77),
            ("entity_id", "77"),
        ),
    ],
)
def test_what_breaks_the_schema_gets_one_sentence(made, tmp_path, file, change, parts) -> None:
    folder = copy(made, tmp_path)
    edit(folder, file, change)
    with pytest.raises(RelcliError) as caught:
        read_folder(folder)
    assert all(part in str(caught.value) for part in parts) and str(caught.value).count("\n") == 0


def test_unknown_twins_and_odd_names_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"no kind of twin 'swap'.*mask, change, placebo"):
        generate_folder(tmp_path, n_scenes=1, seed=0, twins=("swap",))
    for name in ("raw", "blank", "../up", "", "a b"):
        with pytest.raises(RelcliError, match="can't be called"):
            FolderWriter(tmp_path, [0], kinds={name: "own"})


def test_names_come_in_one_order() -> None:
    assert in_order(["blank", "z", "placebo", "raw", "b", "masked", "z"]) == (
        "raw", "masked", "placebo", "b", "z", "blank",
    )  # fmt: skip
