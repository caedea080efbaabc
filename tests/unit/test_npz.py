"""The quick npz reader against numpy's own, and against damage."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from relcli.jobs.importing.npz import Npz, UnreadableNpz

DTYPES = st.sampled_from([np.float16, np.float32, np.float64, np.int64, np.uint8, np.bool_])
ARRAYS = arrays.arrays(DTYPES, arrays.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=5))


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("npz") / "some.npz"


@settings(max_examples=40, deadline=None)
@given(st.dictionaries(st.sampled_from("abcdef"), ARRAYS, min_size=1), st.booleans())
def test_every_array_is_what_numpy_reads(file: Path, held: dict[str, np.ndarray], packed: bool) -> None:
    save: Any = np.savez_compressed if packed else np.savez
    save(file, **held)
    archive = Npz(file)
    assert len(archive) == len(held) and "missing" not in archive
    for name, values in held.items():
        assert archive[name].dtype == values.dtype and archive[name].shape == values.shape
        np.testing.assert_array_equal(archive[name], values)


def test_columns_first_arrays_are_read_in_their_order(file: Path) -> None:
    turned = np.asfortranarray(np.arange(6).reshape(2, 3))
    np.savez(file, turned=turned)
    np.testing.assert_array_equal(Npz(file)["turned"], turned)


@settings(max_examples=40, deadline=None)
@given(st.floats(0, 1, exclude_max=True))
def test_a_truncated_file_is_refused(file: Path, share: float) -> None:
    np.savez(file, a=np.arange(20), b=np.ones(3))
    data = file.read_bytes()
    file.write_bytes(data[: int(share * len(data))])
    with pytest.raises(UnreadableNpz):
        Npz(file)["a"]


def test_damage_pickles_and_other_files_are_refused(file: Path) -> None:
    np.savez(file, a=np.arange(50))
    data = bytearray(file.read_bytes())
    data[data.index(np.arange(50).tobytes()) + 9] ^= 1
    file.write_bytes(data)
    with pytest.raises(UnreadableNpz, match="damaged"):
        Npz(file)["a"]
    np.savez(file, a=np.array([{"code": "here"}], dtype=object))
    with pytest.raises(UnreadableNpz, match="pickled"):
        Npz(file)["a"]
    with pytest.raises(UnreadableNpz, match="has no b"):
        Npz(file)["b"]
    with pytest.raises(UnreadableNpz):
        Npz(file.with_name("nowhere.npz"))
