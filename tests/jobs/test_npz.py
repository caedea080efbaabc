"""The quick npz reader against numpy's own, and against damage."""

import struct
import tracemalloc
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from relcli.jobs.importing.npz import Npz, UnreadableNpz
from tests.examples import examples

DTYPES = st.sampled_from([np.float16, np.float32, np.float64, np.int64, np.uint8, np.bool_])
ARRAYS = arrays.arrays(DTYPES, arrays.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=5))


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("npz") / "some.npz"


@settings(max_examples=examples(40), deadline=None)
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


@settings(max_examples=examples(40), deadline=None)
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


def test_what_a_file_says_of_its_size_is_checked_before_it_is_believed(file: Path) -> None:
    np.savez_compressed(file, a=np.zeros(100 << 20, np.uint8))  # 100 kB on disk
    with pytest.raises(UnreadableNpz, match="would unpack to 100 MiB"):
        Npz(file)
    # The same bomb under a small size in the directory.
    np.savez_compressed(file, a=np.zeros(10 << 20, np.uint8))
    data = bytearray(file.read_bytes())
    struct.pack_into("<I", data, data.index(b"PK\x01\x02") + 24, 1000)
    file.write_bytes(data)
    tracemalloc.start()
    with pytest.raises(UnreadableNpz, match="damaged"):
        Npz(file)["a"]
    assert tracemalloc.get_traced_memory()[1] < 1 << 20
    tracemalloc.stop()


@pytest.mark.parametrize(
    "head",
    [
        *("'shape': (10**12,)", "'shape': (-1,)", "'shape': (1.5,)", "'shape': 8", "'shape': (2**62, 8)"),
        *("'descr': '|O'", "'descr': '<U99999999'", "'descr': None", "'shape': " + "(" * 9000),
    ],
)
def test_headers_that_lie(file: Path, head: str) -> None:
    fields = {"'descr'": "'descr': '<f8'", "'shape'": "'shape': (8,)"} | {head.split(":")[0]: head}
    text = ("{'fortran_order': False, " + ", ".join(fields.values()) + "}\n").encode()
    values = np.ones(8).tobytes()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("a.npy", b"\x93NUMPY\x01\0" + struct.pack("<H", len(text)) + text + values)
    with pytest.raises(UnreadableNpz, match=r"^a: "):
        Npz(file)["a"]


def test_an_array_that_stands_twice_and_a_crowded_archive(file: Path) -> None:
    with zipfile.ZipFile(file, "w") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr("a.npy", b"")
        archive.writestr("a.npy", b"")
    with pytest.raises(UnreadableNpz, match="twice"):
        Npz(file)
    file.write_bytes(b"PK\x01\x02" * 20_001)
    with pytest.raises(UnreadableNpz, match="more than 20,000"):
        Npz(file)
