"""Chance of the mean map of all layers, beside the share of that map."""

from typing import Any

import pytest

from relcli.results.attention_maps import AttentionMaps
from relcli.results.question import Chance, QuestionView


def question(layers: list[dict[str, Any]], shares: list[float | None]) -> QuestionView:
    chances = {("raw", "mean_heads", layer): Chance(share, None) for layer, share in enumerate(shares)}
    maps = {"raw": AttentionMaps(1, 2, [*layers])}
    return QuestionView("r", 0, 0, "count", "How many", "How many?", ["1", "2"], maps=maps, chances=chances)


def test_layers_count_by_their_attention_and_those_without_not_at_all() -> None:
    """A layer that is recurrent has no attention, and the mean map leaves it out too."""
    vectors = ([0.1, 0.1], None, [0.3, 0.5])
    found = question([{"mean_heads": vector} for vector in vectors], [0.5, None, 0.25])
    chance = found.chance("raw", "mean_heads", None)
    assert chance is not None and chance.share == pytest.approx((0.2 * 0.5 + 0.8 * 0.25) / 1.0)


def test_a_chance_that_is_not_known_of_a_layer_is_not_known_of_the_mean() -> None:
    maps = [{"mean_heads": [0.1, 0.1]}, {"mean_heads": [0.3, 0.5]}]
    assert question(maps, [0.5, None]).chance("raw", "mean_heads", None) is None
    assert question([{"mean_heads": None}], [None]).chance("raw", "mean_heads", None) is None
