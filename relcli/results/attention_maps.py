"""Attention maps of one answer, ready to be drawn: layers, steps, and means over them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from relcli import captures
from relcli.drawing.heat_grid import HeatGrid
from relcli.inputs import MIB, read_bytes

if TYPE_CHECKING:
    from relcli.token_layout import TokenLayout

VECTORS = {name: vector.words for name, vector in captures.VECTORS.items()}
"""Columns of table `attention` and what they are called; mean and maximum are over heads and steps."""
_MOST_FULL = 512 * MIB


@dataclass(slots=True)
class AttentionMaps:
    """Attention of one answer. layers: one mapping a layer with the vectors of `VECTORS`, their entropies and
    `image_mass`; steps: where every step was kept, [step][layer] vectors, means over heads.

    height, width: of the grid over the picture on which a map is drawn. layout: where the values of a vector
    stand, if not on that grid row by row. whose: which token or head looks, in words, where that isn't the
    answer."""

    height: int
    width: int
    layers: list[Mapping[str, Any]]
    steps: list[list[list[float]]] = field(default_factory=list)
    layout: "TokenLayout | None" = None
    whose: str = ""

    @property
    def n_cells(self) -> int:
        """Values of a vector."""
        return self.height * self.width if self.layout is None else self.layout.n_tokens

    @property
    def choices(self) -> list[tuple[str, int | None, str]]:
        """(vector, step, words) of all that can be looked at."""
        kept = [name for name in VECTORS if any(layer.get(name) is not None for layer in self.layers)]
        n = len(self.steps)
        steps = (("mean_heads", step, f"step {step + 1} of {n}") for step in range(n))
        return [*((name, None, self.whose or VECTORS[name]) for name in kept), *steps]

    def weights(self, layer: int | None, vector: str = "mean_heads", step: int | None = None) -> list[float]:
        """One value a cell: of a layer, or (None) the mean of all; of one step where steps were kept. Empty
        for a layer without attention."""
        if step is not None and step < len(self.steps):
            stack: Sequence[Sequence[float] | None] = self.steps[step]
        else:
            stack = [each.get(vector) for each in self.layers]
        if layer is not None:
            return list(stack[layer] or ()) if layer < len(stack) else []
        there = [each for each in stack if each is not None]
        return [sum(values) / len(there) for values in zip(*there, strict=True)] if there else []

    def drawn(self, layer: int | None, vector: str = "mean_heads", step: int | None = None) -> list[float]:
        """The weights over the picture, one value a cell of height x width; all 0 for a layer without any."""
        return self.on_picture(self.weights(layer, vector, step) or [0.0] * self.n_cells)

    def on_picture(self, weights: Sequence[float]) -> list[float]:
        """Weights of a vector, laid out over height x width."""
        if self.layout is None or self.layout.grid is not None:
            return list(weights)
        import numpy as np

        return self.layout.spread(np.asarray(weights)).ravel().tolist()

    def heat(self, layer: int | None, vector: str, step: int | None = None) -> HeatGrid | None:
        weights = self.weights(layer, vector, step)
        placed = self.layout is None or self.layout.is_placed
        return HeatGrid(self.on_picture(weights), self.height, self.width) if weights and placed else None


def load_steps(
    database: Path, path: str, grid: int, answered: tuple[int, int, str] | None = None
) -> list[list[list[float]]]:
    """Every step's attention, mean over heads, from the file a run with `--attention full` left. Empty if the
    file is gone or is something else: the summary is still there.

    Files with an index beside them (relcli.warehouse.array_store) hold several answers; answered: whose to
    take: scene, question and variant. Those of old hold one: float16 [steps, layers, heads, cells].
    """
    import numpy as np

    from relcli.npy import NotAnArray, array_of

    # The path comes from the warehouse, which may come from somebody else: it leads nowhere but down.
    if Path(path).is_absolute() or ".." in Path(path).parts or not path.endswith(".npy"):
        return []
    file = database.resolve().parent / path
    if answered is not None and file.with_suffix(".json").is_file():
        return _steps_in_part(file, grid, answered)
    try:
        full = array_of(read_bytes(file, _MOST_FULL))
    except (OSError, NotAnArray):
        return []
    if full.ndim != 4 or full.dtype.kind != "f" or full.shape[-1] != grid or not full.size:
        return []
    return full.astype(np.float32).mean(axis=2).tolist()


def _steps_in_part(file: Path, grid: int, answered: tuple[int, int, str]) -> list[list[list[float]]]:
    """One plain answer's steps, [step][layer] vectors; only its own pieces of the file are read."""
    import numpy as np

    from relcli.errors import RelcliError
    from relcli.warehouse.array_store import read_part
    from relcli.warehouse.batch import Key

    try:
        part = read_part(file)
        if len(part.shape) != 4 or part.shape[-1] != grid:
            return []
        key = Key(*answered)
        steps = {
            entry.step: place
            for place, entry in enumerate(part.entries)
            if entry.key == key and entry.query_row == "answer"
        }
        places = [steps[step] for step in sorted(steps)]
        layers = [
            part.layer(layer, places).astype(np.float32).mean(axis=1) for layer in range(part.shape[0])
        ]
    except RelcliError:
        return []
    return np.stack(layers, axis=1).tolist() if places else []
