"""Reads an array in numpy's format from bytes, believes nothing that its header says, and never unpickles."""

import ast
import math
import struct
from functools import lru_cache
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from relcli.inputs import read_start

_MAGIC: Final = b"\x93NUMPY"
_MOST_HEADER: Final = 10_000  # bytes, as in numpy


class NotAnArray(Exception):
    """Why bytes can't be read as an array, in a few words."""


def array_of(data: bytes) -> NDArray:
    """The array in the bytes of an .npy file, as a view of them. Raises NotAnArray if they are of another
    format, pickled, or of another size than their header says."""
    try:
        dtype, shape, fortran, start = _header(data[: _header_end(data)])
        count = math.prod(shape)
        if len(data) - start != count * dtype.itemsize:
            raise NotAnArray("of another size than it says")
        values = np.frombuffer(data, dtype=dtype, count=count, offset=start)
        return values.reshape(shape, order="F" if fortran else "C")
    except NotAnArray:
        raise
    # The header is text from outside: numpy and Python's parser fail on it in many ways.
    except Exception as error:
        raise NotAnArray("no array") from error


def header_of(file: Path) -> tuple[np.dtype, tuple[int, ...], int]:
    """Type, shape and start of the values of an .npy file in C order, which is as long as its header says.

    Raises OSError as `read_start`, NotAnArray as `array_of`, and for one in Fortran's order.
    """
    head, size = read_start(file, _MOST_HEADER)
    try:
        dtype, shape, fortran, start = _header(head[: _header_end(head)])
    except NotAnArray:
        raise
    except Exception as error:
        raise NotAnArray("no array") from error
    if fortran or size - start != math.prod(shape) * dtype.itemsize:
        raise NotAnArray("of another size or order than it should have")
    return dtype, shape, start


def _header_end(data: bytes) -> int:
    """Where an .npy header ends, by its version's length field."""
    if data[:6] != _MAGIC:
        raise ValueError("no .npy")
    if data[6] == 1:
        end = 10 + struct.unpack_from("<H", data, 8)[0]
    else:
        end = 12 + struct.unpack_from("<I", data, 8)[0]
    if end > min(_MOST_HEADER, len(data)):
        raise ValueError("no such header")
    return end


@lru_cache(maxsize=64)
def _header(head: bytes) -> tuple[np.dtype, tuple[int, ...], bool, int]:
    """Type, shape, order and start of the values. The same few headers come again and again."""
    fields = ast.literal_eval(head[10 if head[6] == 1 else 12 :].decode("latin-1").strip())
    if fields["descr"] is None:  # which numpy would take as its default type
        raise ValueError("no type")
    dtype = np.dtype(fields["descr"])
    if dtype.hasobject:
        raise NotAnArray("pickled, and not opened for safety")
    shape = tuple(fields["shape"])
    if not all(type(side) is int and side >= 0 for side in shape):
        raise ValueError("no shape")
    return dtype, shape, bool(fields["fortran_order"]), len(head)
