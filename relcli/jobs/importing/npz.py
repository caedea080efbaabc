"""Reads an .npz of hundreds of small arrays quickly, and never unpickles.

`numpy.load` opens every array through a zip reader of its own: 12 ms for the 327 arrays of one of the study's
files, where the bytes themselves are there in one read. Here the archive is read once and the arrays are
views into it.

A file may lie about itself, so nothing is inflated or allocated before what it declares is within bounds, and
inflating stops where the declared size is reached.
"""

import struct
import zipfile
import zlib
from io import BytesIO
from pathlib import Path

from numpy.typing import NDArray

from relcli.inputs import MIB, read_bytes
from relcli.npy import NotAnArray, array_of

MOST_BYTES = 64 * MIB  # of a file, and of what it inflates to; one of the study's has 0.2
_MOST_ARRAYS = 20_000
_ENTRY = b"PK\x01\x02"  # before every member in a zip's directory
_LOCAL_HEADER = 30  # bytes before the file name in a zip's local header


class UnreadableNpz(Exception):
    """Why a file can't be read, in a few words."""


class Npz:
    """The arrays of one file by name. Raises UnreadableNpz if the file is not a whole zip archive."""

    def __init__(self, path: Path) -> None:
        try:
            self._data = read_bytes(path, MOST_BYTES)
            if self._data.count(_ENTRY) > _MOST_ARRAYS:
                raise UnreadableNpz(f"holds more than {_MOST_ARRAYS:,} arrays")
            with zipfile.ZipFile(BytesIO(self._data)) as archive:
                held = archive.infolist()
        except OSError as error:
            raise UnreadableNpz(error.strerror or "can't be read") from error
        except (zipfile.BadZipFile, ValueError, NotImplementedError, struct.error, OverflowError) as error:
            raise UnreadableNpz("truncated, or no npz file") from error
        self._members = {info.filename.removesuffix(".npy"): info for info in held}
        if len(self._members) < len(held):
            raise UnreadableNpz("holds an array twice")
        declared = sum(info.file_size for info in self._members.values())
        if declared > MOST_BYTES:
            raise UnreadableNpz(f"would unpack to {declared / MIB:,.0f} MiB, beyond {MOST_BYTES // MIB}")

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
            return array_of(data)
        except NotAnArray as error:
            raise UnreadableNpz(f"{name}: {error}") from error

    def _bytes(self, info: zipfile.ZipInfo) -> bytes:
        at = info.header_offset
        try:
            name, extra = struct.unpack_from("<HH", self._data, at + _LOCAL_HEADER - 4)
            start = at + _LOCAL_HEADER + name + extra
            data = self._data[start : start + info.compress_size]
            if info.compress_type == zipfile.ZIP_DEFLATED:
                # At most what is declared, and one byte to see that there is more.
                data = zlib.decompressobj(-zlib.MAX_WBITS).decompress(data, info.file_size + 1)
            elif info.compress_type != zipfile.ZIP_STORED:
                raise UnreadableNpz(f"holds {info.filename} in an unknown compression")
        except (struct.error, zlib.error) as error:
            raise UnreadableNpz("damaged") from error
        if len(data) != info.file_size or zlib.crc32(data) != info.CRC:
            raise UnreadableNpz("damaged")
        return data
