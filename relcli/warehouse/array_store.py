"""Large arrays beside the warehouse, read by layer and never whole: hidden states, full attention maps.

They lie under `<database file>.spool/<run>/<kind>/` as parts of two files, NAME.npy and NAME.json, which
Python reads without relcli: `numpy.load(NAME.npy, mmap_mode="r")[layer]`. The array is [layers, entries,
...], so that a layer is one piece of the file. The index says whose each entry is. As in the spool a part is
written under a temporary name, synced and renamed, the index last: a part without an index doesn't count.
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


class Entry(NamedTuple):
    """Whose an entry of an array is: an answer's, of a query row, at a step of the reply (0: the prompt)."""

    key: Key
    query_row: str = "answer"
    step: int = 0


@dataclass(frozen=True, slots=True)
class ArrayPart:
    """A finished part. entries: in the order of the array's second axis. shape: [layers, entries, ...]."""

    file: Path
    entries: Sequence[Entry]
    shape: tuple[int, ...]
    dtype: np.dtype
    start: int

    def layer(self, layer: int, places: Sequence[int] | None = None) -> NDArray:
        """Entries of one layer, [n, ...], all or those at `places`, in that order. Raises RelcliError where
        the file is gone or too short, IndexError for a layer that isn't there."""
        if not 0 <= layer < self.shape[0]:
            raise IndexError(f"the array has no layer {layer}, only {self.shape[0]}")
        values = self._mapped()[layer]
        return np.array(values if places is None else values[list(places)])

    def _mapped(self) -> NDArray:
        try:
            return np.memmap(self.file, dtype=self.dtype, mode="r", offset=self.start, shape=self.shape)
        except (OSError, ValueError) as error:
            raise RelcliError(f"{self.file} can't be read ({error}): take it from a copy again.") from error


class ArrayWriter:
    """Writes the arrays of one worker, a part a call. Raises RelcliError when the disk is full."""

    def __init__(self, database: Path | str, run: str, kind: str, rank: int = 0) -> None:
        self.folder = array_folder(database, run, kind)
        self._stem = f"{rank:04d}-{make_name(socket.gethostname())}-{os.getpid()}-{secrets.token_hex(4)}"
        self._written = 0
        make_folder(self.folder)
        for left in self.folder.glob(f".{rank:04d}-*{_TEMPORARY}"):  # of this rank's writer before
            left.unlink(missing_ok=True)

    def write(self, entries: Sequence[Entry], array: NDArray, about: Mapping[str, Any] | None = None) -> Path:
        """Keep an array [layers, entries, ...], whole or not at all; returns the .npy file.

        about: what else the index should say, such as {"grid": [8, 8]}.
        """
        if array.ndim < 2 or array.shape[1] != len(entries):
            raise ValueError(f"{len(entries)} entries for an array of {array.shape}")
        target = self.folder / f"{self._stem}-{self._written:06d}.npy"
        index = target.with_suffix(".json")
        said = {
            "axes": ["layer", "entry", *(f"axis_{axis}" for axis in range(2, array.ndim))],
            **(about or {}),
            "entries": [{**key._asdict(), "query_row": row, "step": step} for key, row, step in entries],
        }
        temporary = [file.with_name(f".{file.name}{_TEMPORARY}") for file in (target, index)]
        try:
            with temporary[0].open("wb") as file:
                np.save(file, np.ascontiguousarray(array), allow_pickle=False)
            temporary[1].write_text(json.dumps(said, separators=(",", ":")), encoding="utf-8")
            for file in temporary:
                sync(file)
            os.replace(temporary[0], target)
            os.replace(temporary[1], index)
            sync(self.folder)
        except BaseException as error:
            for file in temporary:
                file.unlink(missing_ok=True)
            if not index.exists():
                target.unlink(missing_ok=True)
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
    except (LookupError, TypeError, ValueError) as error:
        raise RelcliError(f"{file.with_suffix('.json')} is no index of arrays.") from error
    if len(shape) < 2 or shape[1] != len(entries) or dtype.kind != "f":
        raise RelcliError(f"{file} and its index .json do not belong together.")
    return ArrayPart(file, entries, shape, dtype, start)


def read_layer(
    database: Path | str, run: str, kind: str, layer: int, *, query_row: str = "answer", step: int | None = 0
) -> Iterator[tuple[list[Entry], NDArray]]:
    """One layer of all answers, part by part: entries, and their values [n, ...] in the same order.

    step: None takes every step. An answer comes once, from the newest part that has it. Raises RelcliError as
    `array_parts`, IndexError for a layer that isn't there.
    """
    parts = array_parts(database, run, kind)
    newest = {entry: number for number, part in enumerate(parts) for entry in part.entries}
    for number, part in enumerate(parts):
        places = [
            place
            for place, entry in enumerate(part.entries)
            if entry.query_row == query_row and step in (None, entry.step) and newest[entry] == number
        ]
        if places:
            yield [part.entries[place] for place in places], part.layer(layer, places)


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
