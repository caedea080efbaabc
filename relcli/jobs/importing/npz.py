"""Reads an .npz of hundreds of small arrays quickly, and never unpickles.

`numpy.load` opens every array through a zip reader of its own: 12 ms for the 327 arrays of one of the study's
files, where the bytes themselves are there in one read. Here the archive is read once and the arrays are
views into it.
"""

import ast
import struct
import zipfile
import zlib
from functools import lru_cache
from io import BytesIO
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

_MAGIC = b"\x93NUMPY"
_LOCAL_HEADER = 30  # bytes before the file name in a zip's local header


class UnreadableNpz(Exception):
    """Why a file can't be read, in a few words."""


class Npz:
    """The arrays of one file by name. Raises UnreadableNpz if the file is no whole zip archive."""

    def __init__(self, path: Path) -> None:
        try:
            self._data = path.read_bytes()
            with zipfile.ZipFile(BytesIO(self._data)) as archive:
                self._members = {info.filename.removesuffix(".npy"): info for info in archive.infolist()}
        except OSError as error:
            raise UnreadableNpz(error.strerror or "can't be read") from error
        except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
            raise UnreadableNpz("truncated, or no npz file") from error

    def __contains__(self, name: str) -> bool:
        return name in self._members

    def __len__(self) -> int:
        return len(self._members)

    def __getitem__(self, name: str) -> NDArray:
        """The array of that name. Raises UnreadableNpz if it is missing, damaged or pickled."""
        info = self._members.get(name)
        if info is None:
            raise UnreadableNpz(f"has no {name}")
        data = self._bytes(info)
        try:
            dtype, shape, fortran, start = _header(data[: _header_end(data)])
            values = np.frombuffer(data, dtype=dtype, count=int(np.prod(shape)), offset=start)
        except (ValueError, SyntaxError, KeyError, TypeError, struct.error) as error:
            raise UnreadableNpz(f"holds no array under {name}") from error
        return values.reshape(shape, order="F" if fortran else "C")

    def _bytes(self, info: zipfile.ZipInfo) -> bytes:
        at = info.header_offset
        try:
            name, extra = struct.unpack_from("<HH", self._data, at + _LOCAL_HEADER - 4)
            start = at + _LOCAL_HEADER + name + extra
            data = self._data[start : start + info.compress_size]
            if info.compress_type == zipfile.ZIP_DEFLATED:
                data = zlib.decompress(data, -zlib.MAX_WBITS)
            elif info.compress_type != zipfile.ZIP_STORED:
                raise UnreadableNpz(f"holds {info.filename} in an unknown compression")
        except (struct.error, zlib.error) as error:
            raise UnreadableNpz("damaged") from error
        if len(data) != info.file_size or zlib.crc32(data) != info.CRC:
            raise UnreadableNpz("damaged")
        return data


def _header_end(data: bytes) -> int:
    """Where an .npy header ends, by its version's length field."""
    if data[:6] != _MAGIC:
        raise ValueError("no .npy")
    if data[6] == 1:
        return 10 + struct.unpack_from("<H", data, 8)[0]
    return 12 + struct.unpack_from("<I", data, 8)[0]


@lru_cache(maxsize=64)
def _header(head: bytes) -> tuple[np.dtype, tuple[int, ...], bool, int]:
    """Type, shape, order and start of the values. The same few headers come again and again."""
    fields = ast.literal_eval(head[10 if head[6] == 1 else 12 :].decode("latin-1").strip())
    dtype = np.dtype(fields["descr"])
    if dtype.hasobject:
        raise UnreadableNpz("pickled, and is not opened for safety")
    return dtype, tuple(fields["shape"]), bool(fields["fortran_order"]), len(head)
