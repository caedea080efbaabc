"""Random controls of a cut: as many cells as a region has, alike in distance from the middle."""

import random
from collections.abc import Collection, Sequence

_ALIKE = 1.0
"""How far the mean distance from the middle may differ, in cells."""


def matched_cells(
    cells: Collection[int], avoided: Collection[int], height: int, width: int, rng: random.Random
) -> tuple[int, ...] | None:
    """Random cells of a grid in place of `cells`: as many, none of `cells` or `avoided`, alike in distance
    from the middle of the grid.

    Each cell is replaced, in random order, by a free one within half a cell of its distance, or else by the
    nearest in distance. Returns them in order; None where too few are free, or where the mean distance from
    the middle would differ by more than one cell. Cells are numbered row by row.
    """
    free = [cell for cell in range(height * width) if cell not in cells and cell not in avoided]
    if not cells or len(free) < len(cells):
        return None

    def distance(cell: int) -> float:
        row, column = divmod(cell, width)
        return ((row - (height - 1) / 2) ** 2 + (column - (width - 1) / 2) ** 2) ** 0.5

    chosen: list[int] = []
    for cell in rng.sample(sorted(cells), len(cells)):
        off = {other: abs(distance(other) - distance(cell)) for other in free}
        least = max(0.5, min(off.values()))
        chosen.append(rng.choice([other for other in free if off[other] <= least + 1e-9]))
        free.remove(chosen[-1])
    apart = sum(map(distance, chosen)) - sum(map(distance, cells))
    return tuple(sorted(chosen)) if abs(apart) <= _ALIKE * len(chosen) else None


def matched_heads(
    heads: Sequence[tuple[int, int]], n_heads: int, rng: random.Random, n_layers: int | None = None
) -> tuple[tuple[int, int], ...] | None:
    """As many other (layer, head) of the same layers; None where a layer has too few others.

    n_layers: with it, what a layer lacks comes from the nearest layers that have others left; None is left
    only where more than half of all heads are given.
    """
    avoided = set(heads)
    chosen: list[tuple[int, int]] = []
    for layer in sorted({layer for layer, _ in heads}):
        taken = sum(of_layer == layer for of_layer, _ in heads)
        others = [(layer, head) for head in range(n_heads) if (layer, head) not in avoided]
        if len(others) < taken and n_layers is None:
            return None
        chosen += rng.sample(others, min(taken, len(others)))
    free = [
        (layer, head)
        for layer in range(n_layers or 0)
        for head in range(n_heads)
        if (layer, head) not in avoided and (layer, head) not in chosen
    ]
    rng.shuffle(free)
    for layer, _ in list(heads)[len(chosen) :]:
        if not free:
            return None
        nearest = min(free, key=lambda each: abs(each[0] - layer))
        free.remove(nearest)
        chosen.append(nearest)
    return tuple(sorted(chosen))
