"""The hidden states of a run's answers, read a layer at a time from the arrays beside the warehouse."""

from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from relcli.errors import RelcliError
from relcli.warehouse.array_store import ArrayPart, array_parts, newest_parts
from relcli.warehouse.batch import Key


class HiddenStates:
    """Where the states of one query row lie. Raises RelcliError for files that can't be read.

    keys: the answers that have them. n_layers: 0 where there are none.
    """

    def __init__(self, database: Path | str, run: str, query_row: str) -> None:
        self._run, self._row = run, query_row
        self._parts = array_parts(database, run, "hidden")
        newest = newest_parts(self._parts)
        self._places: dict[Key, tuple[int, int]] = {
            entry.key: (number, place)
            for number, part in enumerate(self._parts)
            for place, entry in enumerate(part.entries)
            if entry.query_row == query_row and newest[entry] == number
        }
        shapes = {(part.shape[0], part.shape[2:]) for part in self._parts}
        if len(shapes) > 1:
            raise RelcliError(
                f"The hidden states of {run} have {len(shapes)} shapes: they are of several models; make the "
                "run again."
            )
        self.n_layers = self._parts[0].shape[0] if self._places else 0

    @property
    def keys(self) -> Iterable[Key]:
        return self._places.keys()

    def layer(self, keys: Sequence[Key], layer: int) -> NDArray[np.float32]:
        """The states after one layer of answers that have them, [answers, width]; nothing else is read.
        Raises RelcliError for values that are not finite, IndexError for a layer that isn't there."""
        by_part: dict[int, list[int]] = {}
        for at, key in enumerate(keys):
            by_part.setdefault(self._places[key][0], []).append(at)
        found: NDArray[np.float32] | None = None
        for number, rows in by_part.items():
            part: ArrayPart = self._parts[number]
            values = part.layer(layer, [self._places[keys[at]][1] for at in rows])
            if found is None:
                found = np.empty((len(keys), values.shape[1]), dtype=np.float32)
            found[rows] = values
        assert found is not None
        if not np.isfinite(found).all():
            raise RelcliError(
                f"The hidden states of {self._run} ({self._row}, layer {layer}) have values that are not "
                "finite: run the model again."
            )
        return found
