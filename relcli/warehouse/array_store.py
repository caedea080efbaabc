"""Large arrays beside the warehouse, read by layer and never whole: hidden states, full attention maps.

They lie under `<database file>.spool/<run>/<kind>/` as parts of two files, NAME.npy and NAME.json, which
Python reads without relcli: `numpy.load(NAME.npy, mmap_mode="r")[layer]`. The array is [layers, entries,
...], so that a layer is one piece of the file. The index says whose each entry is. A part may have a third
file, NAME.scale.npy, float32 [layers, entries]: the number that an entry's values are to be multiplied by.
As in the spool a part is written under a temporary name, synced and renamed, the index last: a part without
an index doesn't count.
Where a killed run was asked again an answer may be there twice; the newest counts.
"""

import json
import os
import secrets
import socket
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from relcli.atomic import sync
from relcli.errors import RelcliError
from relcli.inputs import read_json
from relcli.npy import NotAnArray, header_of
from relcli.warehouse.batch import Key
from relcli.warehouse.failures import explain
from relcli.warehouse.names import make_name
from relcli.warehouse.opening import make_folder
from relcli.warehouse.parts import run_folder, spooled_runs

KINDS = ("full", "hidden")
_TEMPORARY = ".tmp"
_TOP = 14
"""The exponent that a vector's largest number gets in float16, which ends at 15."""


class Entry(NamedTuple):
    """Whose an entry of an array is: an answer's, of a query row, at a step of the reply (0: the prompt)."""

    key: Key
    query_row: str = "answer"
    step: int = 0


@dataclass(frozen=True, slots=True)
class ArrayPart:
    """A finished part. entries: in the order of the array's second axis. shape: [layers, entries, ...].
    scale: where the scales begin in their file, None for an array without."""

    file: Path
    entries: Sequence[Entry]
    shape: tuple[int, ...]
    dtype: np.dtype
    start: int
    scale: int | None = None

    def layer(self, layer: int, places: Sequence[int] | None = None) -> NDArray:
        """Entries of one layer, [n, ...], all or those at `places`, in that order; with scales, multiplied by
        them, float32. Raises RelcliError where a file is gone or too short, IndexError for a layer that isn't
        there."""
        if not 0 <= layer < self.shape[0]:
            raise IndexError(f"the array has no layer {layer}, only {self.shape[0]}")
        chosen = slice(None) if places is None else list(places)
        values = np.array(_mapped(self.file, self.dtype, self.start, self.shape)[layer][chosen])
        if self.scale is None:
            return values
        file = scale_file(self.file)
        scales = _mapped(file, np.dtype(np.float32), self.scale, self.shape[:2])[layer][chosen]
        return values.astype(np.float32) * scales.reshape(-1, *[1] * (values.ndim - 1))


def scale_file(file: Path) -> Path:
    """Where the scales of an array lie."""
    return file.with_suffix(".scale.npy")


def scaled(values: NDArray[np.float32]) -> tuple[NDArray[np.float16], NDArray[np.float32]]:
    """Values [layers, entries, n] as float16 and a power of two an entry, [layers, entries], so that nothing
    is rounded but to float16's eleven bits. Raises ValueError for values that are not finite."""
    largest = np.abs(values).max(axis=-1)
    if not np.isfinite(largest).all():
        raise ValueError("there are values that are not finite")
    # Not below float32's own least exponent, where a scale would be nothing.
    exponent = np.maximum(np.where(largest > 0, np.frexp(largest)[1] - 1 - _TOP, 0), -126)
    rest = np.ldexp(values, -exponent[..., None]).astype(np.float16)
    return rest, np.ldexp(np.float32(1), exponent).astype(np.float32)


def _mapped(file: Path, dtype: np.dtype, start: int, shape: tuple[int, ...]) -> NDArray:
    try:
        return np.memmap(file, dtype=dtype, mode="r", offset=start, shape=shape)
    except (OSError, ValueError) as error:
        raise RelcliError(f"{file} can't be read ({error}): take it from a copy again.") from error


class ArrayWriter:
    """Writes the arrays of one worker, a part a call. Raises RelcliError when the disk is full."""

    def __init__(self, database: Path | str, run: str, kind: str, rank: int = 0) -> None:
        self.folder = array_folder(database, run, kind)
        self._stem = f"{rank:04d}-{make_name(socket.gethostname())}-{os.getpid()}-{secrets.token_hex(4)}"
        self._written = 0
        make_folder(self.folder)
        for left in self.folder.glob(f".{rank:04d}-*{_TEMPORARY}"):  # of this rank's writer before
            left.unlink(missing_ok=True)

    def write(
        self,
        entries: Sequence[Entry],
        array: NDArray,
        about: Mapping[str, Any] | None = None,
        scale: NDArray[np.float32] | None = None,
    ) -> Path:
        """Keep an array [layers, entries, ...], whole or not at all; returns the .npy file.

        about: what else the index should say, such as {"grid": [8, 8]}. scale: [layers, entries], of what
        `scaled` gives.
        """
        if array.ndim < 2 or array.shape[1] != len(entries):
            raise ValueError(f"{len(entries)} entries for an array of {array.shape}")
        if scale is not None and scale.shape != array.shape[:2]:
            raise ValueError(f"scales of {scale.shape} for an array of {array.shape}")
        target = self.folder / f"{self._stem}-{self._written:06d}.npy"
        index = target.with_suffix(".json")
        said = {
            "axes": ["layer", "entry", *(f"axis_{axis}" for axis in range(2, array.ndim))],
            **(about or {}),
            **({} if scale is None else {"scaled": True}),
            "entries": [{**key._asdict(), "query_row": row, "step": step} for key, row, step in entries],
        }
        arrays = [(target, array), *([] if scale is None else [(scale_file(target), scale)])]
        files = [*(file for file, _ in arrays), index]
        temporary = [file.with_name(f".{file.name}{_TEMPORARY}") for file in files]
        try:
            for place, (_, values) in zip(temporary, arrays, strict=False):
                with place.open("wb") as file:
                    np.save(file, np.ascontiguousarray(values), allow_pickle=False)
            temporary[-1].write_text(json.dumps(said, separators=(",", ":")), encoding="utf-8")
            for file in temporary:
                sync(file)
            for source, file in zip(temporary, files, strict=True):
                os.replace(source, file)
            sync(self.folder)
        except BaseException as error:
            for file in temporary:
                file.unlink(missing_ok=True)
            if not index.exists():
                for file in files:
                    file.unlink(missing_ok=True)
            if isinstance(error, OSError):
                raise explain(self.folder, error) from error
            raise
        self._written += 1
        return target


def array_folder(database: Path | str, run: str, kind: str) -> Path:
    """`<database file>.spool/<run>/<kind>`; it goes with the run."""
    if kind not in KINDS:
        raise ValueError(f"no such kind of array: {kind}")
    return run_folder(database, run) / kind


def array_parts(database: Path | str, run: str, kind: str) -> list[ArrayPart]:
    """Finished parts, oldest first. Raises RelcliError for one whose files don't fit each other."""
    indices = array_folder(database, run, kind).glob("[0-9]*.json")
    return [read_part(file.with_suffix(".npy")) for file in sorted(indices, key=_age)]


def read_part(file: Path) -> ArrayPart:
    """The part whose array is `file`. Nothing is believed of either file: raises RelcliError if the index is
    gone or says something else than the array."""
    try:
        said = read_json(file.with_suffix(".json"))
        dtype, shape, start = header_of(file)
        scale = None
        if said.get("scaled"):
            scale_dtype, scale_shape, scale = header_of(scale_file(file))
            if scale_dtype != np.float32 or scale_shape != shape[:2]:
                raise NotAnArray(f"{scale_file(file).name} has not one float32 number an entry")
        entries = [
            Entry(
                Key(**{name: each[name] for name in Key._fields if name in each}),
                str(each["query_row"]),
                int(each["step"]),
            )
            for each in said["entries"]
        ]
    except OSError as error:
        raise RelcliError(f"{file} can't be read ({error.strerror or error}).") from error
    except NotAnArray as problem:
        raise RelcliError(f"{file} can't be read ({problem}).") from problem
    except (AttributeError, LookupError, TypeError, ValueError) as error:
        raise RelcliError(f"{file.with_suffix('.json')} is no index of arrays.") from error
    if len(shape) < 2 or shape[1] != len(entries) or dtype.kind != "f":
        raise RelcliError(f"{file} and its index .json do not belong together.")
    return ArrayPart(file, entries, shape, dtype, start, scale)


def read_layer(
    database: Path | str, run: str, kind: str, layer: int, *, query_row: str = "answer", step: int | None = 0
) -> Iterator[tuple[list[Entry], NDArray]]:
    """One layer of all answers, part by part: entries, and their values [n, ...] in the same order.

    step: None takes every step. An answer comes once, from the newest part that has it. Raises RelcliError as
    `array_parts`, IndexError for a layer that isn't there.
    """
    parts = array_parts(database, run, kind)
    newest = newest_parts(parts)
    for number, part in enumerate(parts):
        places = [
            place
            for place, entry in enumerate(part.entries)
            if entry.query_row == query_row and step in (None, entry.step) and newest[entry] == number
        ]
        if places:
            yield [part.entries[place] for place in places], part.layer(layer, places)


def newest_parts(parts: Sequence[ArrayPart]) -> dict[Entry, int]:
    """Of each entry, the number of the newest part that has it."""
    return {entry: number for number, part in enumerate(parts) for entry in part.entries}


def stored_bytes(database: Path | str, run: str, kind: str) -> int:
    """Bytes of all its files."""
    folder = array_folder(database, run, kind)
    return sum(file.stat().st_size for file in folder.glob("[0-9]*.*")) if folder.is_dir() else 0


def arrays_beside(database: Path | str) -> list[tuple[str, str, int]]:
    """Run, kind and bytes of all arrays that lie beside a warehouse; copies of the file don't have them."""
    found = [
        (run, kind, stored_bytes(database, run, kind)) for run in spooled_runs(database) for kind in KINDS
    ]
    return [each for each in found if each[2]]


def _age(file: Path) -> tuple[int, str]:
    return file.stat().st_mtime_ns, file.name
