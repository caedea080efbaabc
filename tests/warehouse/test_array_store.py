"""Arrays beside the warehouse: written in parts, read a layer at a time."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from relcli.errors import RelcliError
from relcli.warehouse.array_store import (
    ArrayWriter,
    Entry,
    array_folder,
    array_parts,
    read_layer,
    scale_file,
    scaled,
)
from relcli.warehouse.batch import Key
from relcli.warehouse.hidden_states import HiddenStates
from relcli.warehouse.runs import remove_run


def states(seed: int, n: int, layers: int = 4, width: int = 8) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal((layers, n, width)).astype(np.float16)


def entries(scenes: range, row: str = "answer") -> list[Entry]:
    return [Entry(Key(scene, 0, "raw"), row) for scene in scenes]


def test_a_layer_comes_back_with_whose_it_is(place):
    writer = ArrayWriter(place.path, "r", "hidden")
    first, second, other = states(1, 3), states(2, 2), states(3, 3)
    writer.write(entries(range(3)), first)
    writer.write(entries(range(3, 5)), second)
    writer.write(entries(range(3), "stem_end"), other)
    for layer in range(4):
        found = list(read_layer(place.path, "r", "hidden", layer))
        assert [entry.key.scene_id for part, _ in found for entry in part] == [0, 1, 2, 3, 4]
        np.testing.assert_array_equal(
            np.concatenate([values for _, values in found]), np.concatenate([first[layer], second[layer]])
        )
        [(_, values)] = read_layer(place.path, "r", "hidden", layer, query_row="stem_end")
        np.testing.assert_array_equal(values, other[layer])
    with pytest.raises(IndexError, match="no layer 4"):
        list(read_layer(place.path, "r", "hidden", 4))
    remove_run(place.path, "r")
    assert not array_folder(place.path, "r", "hidden").exists()


def test_python_reads_a_part_without_relcli(place):
    array = states(1, 2)
    file = ArrayWriter(place.path, "r", "full").write(entries(range(2)), array, {"grid": [2, 4]})
    code = (
        "import json, sys, numpy; p = sys.argv[1]; a = numpy.load(p, mmap_mode='r');"
        "i = json.load(open(p[:-3] + 'json'));"
        "print(json.dumps([float(a[3, 1].sum()), i['entries'][1]['scene_id'], i['grid']]))"
    )
    told = subprocess.run([sys.executable, "-c", code, str(file)], capture_output=True, text=True, check=True)
    assert json.loads(told.stdout) == [pytest.approx(float(array[3, 1].sum())), 1, [2, 4]]


def test_reading_a_layer_does_not_read_the_others(place, tmp_path: Path):
    """The other layers' bytes may even be gone from the disk's point of view: only the piece is touched."""
    file = ArrayWriter(place.path, "r", "hidden").write(entries(range(2)), states(1, 2))
    [part] = array_parts(place.path, "r", "hidden")
    piece = part.shape[1] * part.shape[2] * 2
    with file.open("r+b") as handle:
        handle.seek(part.start)
        handle.write(b"\xff" * piece)  # layer 0 is NaN now
    assert np.isnan(part.layer(0)).all()
    np.testing.assert_array_equal(part.layer(1), states(1, 2)[1])


def test_an_answer_given_twice_comes_once_from_the_newest_part(place):
    for at, seed in enumerate((1, 2)):
        file = ArrayWriter(place.path, "r", "hidden").write(entries(range(2)), states(seed, 2))
        os.utime(file.with_suffix(".json"), ns=(at, at))
    [(_, values)] = read_layer(place.path, "r", "hidden", 0)
    np.testing.assert_array_equal(values, states(2, 2)[0])


def test_a_half_written_part_does_not_count(place):
    writer = ArrayWriter(place.path, "r", "hidden")
    file = writer.write(entries(range(2)), states(1, 2))
    file.with_suffix(".json").unlink()
    assert list(read_layer(place.path, "r", "hidden", 0)) == []
    (writer.folder / ".0000-x-1-00000000-000000.npy.tmp").touch()
    ArrayWriter(place.path, "r", "hidden")
    assert [f.name for f in writer.folder.iterdir()] == [file.name]


@pytest.mark.parametrize("damage", ["short", "pickled", "no index", "other index", "no numbers"])
def test_a_damaged_part_is_refused_in_a_sentence(place, damage: str):
    file = ArrayWriter(place.path, "r", "hidden").write(entries(range(2)), states(1, 2))
    index = file.with_suffix(".json")
    if damage == "short":
        file.write_bytes(file.read_bytes()[:-2])
    elif damage == "pickled":
        np.save(file, np.array([{}], dtype=object), allow_pickle=True)
    elif damage == "no numbers":
        np.save(file, np.zeros((4, 2, 8), dtype=np.int8))
    elif damage == "no index":
        index.write_text("[1]")
    else:
        index.write_text(json.dumps({"entries": []}))
    with pytest.raises(RelcliError, match=r"can't be read|no index of arrays|belong together"):
        list(read_layer(place.path, "r", "hidden", 0))


def test_entries_must_fit_the_array(place):
    with pytest.raises(ValueError, match="2 entries"):
        ArrayWriter(place.path, "r", "hidden").write(entries(range(2)), states(1, 3))
    with pytest.raises(ValueError, match="no such kind"):
        ArrayWriter(place.path, "r", "sums")


@given(
    arrays.arrays(
        np.float32,
        (2, 3, 5),
        elements=st.floats(-(2.0**99), 2.0**99, width=32).filter(lambda x: not 0 < abs(x) < 2.0**-99),
    )
)
def test_a_scale_keeps_eleven_bits_of_every_vector(values: np.ndarray):
    """However large or small its numbers are, beside the largest of the vector."""
    rest, scale = scaled(values)
    found = rest.astype(np.float32) * scale[..., None]
    largest = np.abs(values).max(axis=-1, keepdims=True)
    assert (np.abs(found - values) <= np.maximum(2.0**-11 * np.abs(values), 2.0**-38 * largest)).all()
    assert np.isfinite(rest).all()


def test_scales_come_back_layer_by_layer(place):
    array = np.random.default_rng(1).standard_normal((4, 3, 8)).astype(np.float32) * 1e6
    array[0, 0] = 0
    values, scale = scaled(array)
    file = ArrayWriter(place.path, "r", "hidden").write(entries(range(3)), values, scale=scale)
    [part] = array_parts(place.path, "r", "hidden")
    np.testing.assert_allclose(part.layer(2), array[2], rtol=1e-3)
    np.testing.assert_allclose(part.layer(0, [2, 0]), array[0][[2, 0]], rtol=1e-3)
    plain = np.load(file).astype(np.float32) * np.load(scale_file(file))[..., None]
    np.testing.assert_allclose(plain, array, rtol=1e-3)  # as the guide says, without relcli
    np.save(scale_file(file), scale[:2])
    with pytest.raises(RelcliError, match="one float32 number an entry"):
        array_parts(place.path, "r", "hidden")
    scale_file(file).unlink()
    with pytest.raises(RelcliError, match=r"can't be read"):
        array_parts(place.path, "r", "hidden")
    with pytest.raises(ValueError, match="not finite"):
        scaled(np.full((1, 1, 2), np.nan, np.float32))
    with pytest.raises(ValueError, match="scales of"):
        ArrayWriter(place.path, "r", "hidden").write(entries(range(3)), values, scale=scale[:2])


def test_states_of_chosen_answers_come_in_the_order_asked_for(place):
    for at, (seed, scenes) in enumerate(((1, range(3)), (2, range(2, 5)))):
        file = ArrayWriter(place.path, "r", "hidden").write(entries(scenes), states(seed, 3))
        os.utime(file.with_suffix(".json"), ns=(at, at))
    found = HiddenStates(place.path, "r", "answer")
    keys = [Key(scene, 0, "raw") for scene in (4, 0, 2)]
    assert set(found.keys) == {Key(scene, 0, "raw") for scene in range(5)}
    assert found.n_layers == 4
    expected = np.stack([states(2, 3)[3, 2], states(1, 3)[3, 0], states(2, 3)[3, 0]])
    np.testing.assert_array_equal(found.layer(keys, 3), expected)
    assert HiddenStates(place.path, "r", "target").n_layers == 0
    ArrayWriter(place.path, "r", "hidden").write(entries(range(9, 10)), states(1, 1, layers=2))
    with pytest.raises(RelcliError, match="2 shapes"):
        HiddenStates(place.path, "r", "answer")


def test_states_that_are_not_finite_are_refused(place):
    array = states(1, 2)
    array[2, 1, 0] = np.inf
    ArrayWriter(place.path, "r", "hidden").write(entries(range(2)), array)
    found = HiddenStates(place.path, "r", "answer")
    assert np.isfinite(found.layer([Key(1, 0, "raw")], 1)).all()
    with pytest.raises(RelcliError, match="layer 2\\) have values that are not finite"):
        found.layer([Key(1, 0, "raw")], 2)
