"""What rows and layers of a run looked at, and where what was asked about stood, as arrays."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from relcli.errors import RelcliError
from relcli.warehouse.opening import connect
from relcli.warehouse.reads import read_text
from relcli.warehouse.rows import arrays

Place = tuple[str, int]
"""A query row and a layer."""


@dataclass(frozen=True, slots=True)
class Looked:
    """Questions of one category whose asked-about entities are in the picture, n of them.

    scenes: int64 [n]. kinds: str [n], questions that may stand in for each other. correct: float [n], 0, 1 or
    NaN. target, others: float64 [n, cells], how much of each cell the entities asked about cover, and all
    others. maps: float64 [n, cells] by query row and layer, attention on the picture; NaN where a question
    has no such row.
    """

    scenes: NDArray[np.int64]
    kinds: NDArray[np.str_]
    correct: NDArray[np.float64]
    target: NDArray[np.float64]
    others: NDArray[np.float64]
    maps: Mapping[Place, NDArray[np.float64]]


def read_looked(database: Path, run: str, variant: str, category: str) -> Looked | None:
    """None where the category has no such question. Raises RelcliError where pictures of different grids
    stand side by side."""
    of = {"run": run, "variant": variant, "category": category}
    vectors = read_text("looks_vectors")
    with connect(database, read_only=True) as connection:
        asked = connection.execute(read_text("looks_questions"), of).fetchall()
        if not asked:
            return None
        kept = connection.execute(f"SELECT * EXCLUDE (vector), len(vector) AS cells FROM ({vectors})", of)
        kept = arrays(kept)
        # Flat numbers come out faster than arrays one by one.
        flat = arrays(connection.execute(f"SELECT unnest(vector) AS cell FROM ({vectors})", of))
    sizes = {len(row[4]) for row in asked} | set(kept["cells"].tolist())
    if len(sizes) > 1:
        raise RelcliError(
            f"The pictures of the run {run} have grids of different sizes in {category} "
            f"({', '.join(map(str, sorted(sizes)))} cells): they can't be laid over each other."
        )
    n, cells = len(asked), sizes.pop()
    number = {(row[0], row[1]): place for place, row in enumerate(asked)}
    keys = zip(kept["scene_id"].tolist(), kept["question_index"].tolist(), strict=True)
    place_of = np.array([number.get(key, -1) for key in keys])
    values = np.ma.getdata(flat["cell"]).reshape(-1, cells).astype(np.float64)
    maps: dict[Place, NDArray[np.float64]] = {}
    for row in dict.fromkeys(kept["query_row"].tolist()):
        for layer in range(int(kept["layer"].max()) + 1):
            here = (kept["query_row"] == row) & (kept["layer"] == layer) & (place_of >= 0)
            found = np.full((n, cells), np.nan)
            found[place_of[here]] = values[here]
            maps[row, layer] = found
    nothing = [0.0] * cells
    return Looked(
        scenes=np.array([row[0] for row in asked], dtype=np.int64),
        kinds=np.array([row[3] for row in asked]),
        correct=np.array([np.nan if row[2] is None else float(row[2]) for row in asked]),
        target=np.array([row[4] for row in asked], dtype=np.float64),
        others=np.array([nothing if row[5] is None else row[5] for row in asked], dtype=np.float64),
        maps=maps,
    )
