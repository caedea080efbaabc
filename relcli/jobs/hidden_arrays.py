"""The hidden states of a run's answers, in parts beside the warehouse (relcli/warehouse/array_store.py).

float16 [layers, entries, width] with a scale each vector; an entry is a row of an answer's prompt.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from relcli.models.items import Answer
from relcli.warehouse.array_store import ArrayWriter, Entry, scaled
from relcli.warehouse.batch import Key


class HiddenArrays:
    """Writes them, a part a call. They lie there before their answers count, so that no answer lacks them."""

    def __init__(self, database: Path, run: str, rank: int) -> None:
        self._database, self._run, self._rank = database, run, rank
        self._writer: ArrayWriter | None = None

    def write(self, answers: Sequence[tuple[Key, Answer]]) -> None:
        """Keep the states of some answers, of those that have some. Raises RelcliError when the disk is
        full."""
        found = [
            (Entry(key, row), states) for key, answer in answers for row, states in answer.hidden.items()
        ]
        if not found:
            return
        self._writer = self._writer or ArrayWriter(self._database, self._run, "hidden", self._rank)
        values, scales = scaled(np.stack([states for _, states in found], axis=1))
        entries = [entry for entry, _ in found]
        self._writer.write(entries, values, {"axes": ["layer", "entry", "width"]}, scales)
