"""What rows and layers of a run looked at, and where what was asked about stood, as arrays."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from relcli.warehouse.opening import connect
from relcli.warehouse.reads import read_text
from relcli.warehouse.rows import arrays

Place = tuple[str, int, int | None]
"""A query row, a layer, and a head; None is the mean over heads."""


class HeadShares(NamedTuple):
    """Shares of one head's attention on the picture, float64 [n]; NaN where a question has no such row.

    target: on what is asked about; chance: on what other scenes' questions of its kind ask about; distractor:
    on the other entities.
    """

    target: NDArray[np.float64]
    chance: NDArray[np.float64]
    distractor: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Looked:
    """Questions of one category whose asked-about entities are in the picture, n of them.

    cells: those of the largest grid; pictures of other sizes have fewer, n_cells int64 [n], and zeros behind
    them. scenes: int64 [n]. kinds: str [n], questions that may stand in for each other, on grids of one
    size. correct: float [n], 0, 1 or
    NaN. target, others: float64 [n, cells], how much of each cell the entities asked about cover, and all
    others. maps: float64 [n, cells] by place, attention on the picture, mean over heads; NaN where a question
    has no such row. heads: the single heads, where the run keeps them.
    """

    scenes: NDArray[np.int64]
    kinds: NDArray[np.str_]
    correct: NDArray[np.float64]
    n_cells: NDArray[np.int64]
    target: NDArray[np.float64]
    others: NDArray[np.float64]
    maps: Mapping[Place, NDArray[np.float64]]
    heads: Mapping[Place, HeadShares]


def read_looked(database: Path, run: str, variant: str, category: str) -> Looked | None:
    """None where the category has no such question."""
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
        heads = arrays(connection.execute(read_text("looks_heads"), of))
    n_cells = np.array([len(row[4]) for row in asked])
    n, cells = len(asked), int(max(n_cells.max(), kept["cells"].max(initial=0)))
    number = {(row[0], row[1]): place for place, row in enumerate(asked)}
    keys = zip(kept["scene_id"].tolist(), kept["question_index"].tolist(), strict=True)
    place_of = np.array([number.get(key, -1) for key in keys])
    values = _padded(np.ma.getdata(flat["cell"]), kept["cells"].astype(np.int64), cells)
    maps: dict[Place, NDArray[np.float64]] = {}
    for row in dict.fromkeys(kept["query_row"].tolist()):
        for layer in range(int(kept["layer"].max()) + 1):
            here = (kept["query_row"] == row) & (kept["layer"] == layer) & (place_of >= 0)
            found = np.full((n, cells), np.nan)
            found[place_of[here]] = values[here]
            maps[row, layer, None] = found
    return Looked(
        scenes=np.array([row[0] for row in asked], dtype=np.int64),
        kinds=np.array([row[3] for row in asked]),
        correct=np.array([np.nan if row[2] is None else float(row[2]) for row in asked]),
        n_cells=n_cells,
        target=np.array([_wide(row[4], cells) for row in asked], dtype=np.float64),
        others=np.array([_wide(row[5] or (), cells) for row in asked], dtype=np.float64),
        maps=maps,
        heads=_heads(heads, number),
    )


def _wide(cover: Sequence[float], cells: int) -> list[float]:
    """With cells that are not there, at the end, without anything on them."""
    return [*cover, *[0.0] * (cells - len(cover))]


def _padded(flat: NDArray, lengths: NDArray[np.int64], cells: int) -> NDArray[np.float64]:
    """Vectors that lie one behind another as rows of an array, with zeros behind the shorter ones."""
    found = np.zeros((len(lengths), cells))
    found[np.arange(cells)[None, :] < lengths[:, None]] = flat
    return found


def _heads(found: Mapping[str, NDArray], number: Mapping[tuple[int, int], int]) -> dict[Place, HeadShares]:
    """The rows of looks_heads, in order of place. number: of each question, by scene and index."""
    if not len(found["head"]):
        return {}
    questions = zip(found["scene_id"].tolist(), found["question_index"].tolist(), strict=True)
    question = np.array([number.get(key, -1) for key in questions])
    places = list(zip(*(found[name].tolist() for name in ("query_row", "layer", "head")), strict=True))
    starts = [at for at in range(len(places)) if at == 0 or places[at] != places[at - 1]]
    heads: dict[Place, HeadShares] = {}
    for start, end in zip(starts, [*starts[1:], len(places)], strict=True):
        at = np.arange(start, end)[question[start:end] >= 0]
        shares = []
        for name in HeadShares._fields:
            values = np.full(len(number), np.nan)
            values[question[at]] = np.ma.filled(found[name][at].astype(np.float64), np.nan)
            shares.append(values)
        heads[places[start]] = HeadShares(*shares)
    return heads
