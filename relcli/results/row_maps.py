"""Maps of a question's tokens and of single heads, as far as a run keeps them."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from relcli.results.attention_maps import AttentionMaps
from relcli.results.question import QuestionKey


def maps_of_layers(like: AttentionMaps, layers: Sequence[Mapping[str, Any]], whose: str) -> AttentionMaps:
    """Somebody else's attention on the same picture. layers: `mean_heads` and `image_mass` of each."""
    return replace(like, layers=list(layers), steps=[], whose=whose)


def stored_row(
    database: Path, run: str, key: QuestionKey, variant: str, row: str, like: AttentionMaps, whose: str
) -> AttentionMaps | None:
    """The map of a query row of the question, which every run with that row keeps; None without it."""
    from relcli.warehouse.reads import read

    place = {"run": run, "scene_id": key[0], "question_index": key[1], "variant": variant}
    found = read(database, "row_vectors", **place, query_row=row).as_dicts()
    if len(found) != len(like.layers):
        return None
    return maps_of_layers(like, found, whose)


def stored_head(
    database: Path,
    path: str | None,
    key: QuestionKey,
    variant: str,
    row: str,
    head: int,
    like: AttentionMaps,
    whose: str,
    step: int = 0,
) -> AttentionMaps | None:
    """The maps of one head of a row in every layer, from the file a run with `--attention full` left.

    path: as table `answer` has it. step: of the answer's row. None where there is no such file any more, or
    it is of another kind.
    """
    import numpy as np

    from relcli.errors import RelcliError
    from relcli.warehouse.array_store import Entry, read_part
    from relcli.warehouse.batch import Key

    # The path comes from the warehouse, which may come from somebody else: it leads nowhere but down.
    if not path or Path(path).is_absolute() or ".." in Path(path).parts or not path.endswith(".npy"):
        return None
    wanted = Entry(Key(*key, variant), row, step if row == "answer" else 0)
    try:
        part = read_part(database.resolve().parent / path)
        if len(part.shape) != 4 or part.shape[-1] != like.n_cells or not 0 <= head < part.shape[2]:
            return None
        place = part.entries.index(wanted)
        maps = [part.layer(layer, [place])[0, head].astype(np.float32) for layer in range(part.shape[0])]
    except (RelcliError, ValueError):
        return None
    layers = [{"mean_heads": each.tolist(), "image_mass": float(each.sum())} for each in maps]
    return maps_of_layers(like, layers, whose)
