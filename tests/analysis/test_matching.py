"""Matched random sets: as many, elsewhere, alike in distance from the middle; by rule."""

import random

from hypothesis import given
from hypothesis import strategies as st

from relcli.analysis.matching import matched_cells, matched_heads

cells_of_a_grid = st.sets(st.integers(0, 63), min_size=1, max_size=14)


def distance(cell: int) -> float:
    row, column = divmod(cell, 8)
    return ((row - 3.5) ** 2 + (column - 3.5) ** 2) ** 0.5


@given(cells_of_a_grid, cells_of_a_grid, st.integers(0, 9))
def test_a_matched_set_keeps_size_and_distance_and_touches_nothing_avoided(cells, avoided, seed):
    found = matched_cells(cells, avoided, 8, 8, random.Random(seed))
    assert found == matched_cells(cells, avoided, 8, 8, random.Random(seed))
    if found is not None:
        assert len(set(found)) == len(cells)
        assert not set(found) & (cells | avoided)
        means = [sum(map(distance, each)) / len(cells) for each in (found, cells)]
        assert abs(means[0] - means[1]) <= 1.0 + 1e-9


def test_sets_differ_from_draw_to_draw_and_there_is_none_without_room():
    cells = {9, 10, 17, 18}
    drawn = {matched_cells(cells, (), 8, 8, random.Random(seed)) for seed in range(20)}
    assert len(drawn) > 10 and None not in drawn
    assert matched_cells(set(range(33)), (), 8, 8, random.Random(0)) is None
    # Only the corners are left, and they are far from the middle.
    corners = {0, 7, 56, 63}
    middle = {27, 28, 35, 36}
    assert matched_cells(middle, set(range(64)) - corners - middle, 8, 8, random.Random(0)) is None


@given(st.sets(st.tuples(st.integers(0, 2), st.integers(0, 7)), min_size=1), st.integers(0, 9))
def test_other_heads_of_the_same_layers(heads, seed):
    found = matched_heads(sorted(heads), 8, random.Random(seed))
    counts = [sum(layer == each for layer, _ in heads) for each in range(3)]
    if max(counts) > 4:
        assert found is None
    else:
        assert found is not None and not set(found) & heads
        assert [sum(layer == each for layer, _ in found) for each in range(3)] == counts


@given(st.sets(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=1, max_size=8), st.integers(0, 5))
def test_heads_that_fill_their_layers_are_matched_in_the_nearest(heads: set[tuple[int, int]], seed: int):
    found = matched_heads(sorted(heads), 4, random.Random(seed), 4)
    assert found is not None and len(set(found)) == len(heads) and not heads & set(found)
    alone = matched_heads(sorted(heads), 4, random.Random(seed))
    if alone is not None:
        assert sorted(layer for layer, _ in found) == sorted(layer for layer, _ in heads)
