"""Every attention map of a run's answers, in parts beside the warehouse (relcli/warehouse/array_store.py).

float16 [layers, entries, heads, image tokens]; an entry is a step of a reply, or a row of its question.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from relcli.errors import RelcliError
from relcli.jobs.capture_cost import size
from relcli.models.items import AttentionSummary
from relcli.warehouse.array_store import ArrayWriter, Entry, stored_bytes
from relcli.warehouse.batch import Key


class FullMaps:
    """Writes them. most_bytes: of all processes' files together; the disk is asked once in a while only."""

    def __init__(self, database: Path, run: str, rank: int, most_bytes: int) -> None:
        self._database, self._run, self._rank, self._most = database, run, rank, most_bytes
        self._writer: ArrayWriter | None = None

    def write(self, kept: Sequence[tuple[Key, AttentionSummary]]) -> dict[Key, str]:
        """Keep the maps of some answers; returns the file of each that has some, as seen from the warehouse's
        folder, so that both can move together. Raises RelcliError where they would be too large."""
        groups: dict[tuple[str, tuple[int, ...]], list[tuple[Key, AttentionSummary]]] = {}
        for key, summary in kept:
            if summary.full is not None:
                shape = (summary.layout.name, summary.full.shape[1:])
                groups.setdefault(shape, []).append((key, summary))
        if not groups:
            return {}
        self._writer = self._writer or ArrayWriter(self._database, self._run, "full", self._rank)
        paths: dict[Key, str] = {}
        for (layout, _), members in groups.items():
            entries, maps = _entries(members)
            array = np.stack(maps, axis=1)
            self._refuse_too_large(array.nbytes)
            file = self._writer.write(entries, array, {"layout": layout})
            # <folder of the warehouse>/<file>.spool/<run>/full/<name>
            path = str(file.relative_to(file.parents[3]))
            paths |= {key: path for key, _ in members}
        return paths

    def _refuse_too_large(self, more: int) -> None:
        there = stored_bytes(self._database, self._run, "full")
        if there + more > self._most:
            raise RelcliError(
                f"The full maps of {self._run} would take more than {size(self._most)} (--max-full-bytes): "
                f"there are {size(there)} already. Resume it with a larger limit."
            )


def _entries(
    members: Sequence[tuple[Key, AttentionSummary]],
) -> tuple[list[Entry], list[NDArray[np.float16]]]:
    """All steps and rows of some answers, and the map [layers, heads, tokens] of each."""
    entries: list[Entry] = []
    maps: list[NDArray[np.float16]] = []
    for key, summary in members:
        assert summary.full is not None
        for step, of_step in enumerate(summary.full):
            entries.append(Entry(key, "answer", step))
            maps.append(of_step)
        for name, row in summary.rows.items():
            if row.full is not None:
                entries.append(Entry(key, name))
                maps.append(row.full)
    return entries, maps
