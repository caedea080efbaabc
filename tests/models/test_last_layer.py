"""The last layer's work on rows that nobody reads is left out, and is done where one is read."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from relcli.models.local.engine import Engine
from relcli.models.local.loading import LoadedModel, load
from tests.models.engine_helpers import ask_items, looked
from tests.models.qwen_models import SHAPES, write_qwen


@contextmanager
def rows_made(loaded: LoadedModel) -> Iterator[list[int]]:
    """The most tokens of a prompt that each layer's MLP made an output of, over the passes in the block."""
    layers: Any = loaded.model.get_decoder().layers
    made = [0] * len(layers)

    def note(number: int) -> Any:
        def hook(_: Any, args: Any, output: torch.Tensor) -> None:
            made[number] = max(made[number], output.shape[1])

        return hook

    handles = [layer.mlp.register_forward_hook(note(i)) for i, layer in enumerate(layers)]
    try:
        yield made
    finally:
        for handle in handles:
            handle.remove()


@pytest.mark.parametrize(
    ("family", "attention"), [*((family, "summary") for family in sorted(SHAPES)), ("qwen3_vl", "none")]
)
def test_a_prompts_last_row_is_all_that_is_made(family: str, attention: str, tmp_path: Path):
    loaded = load(str(write_qwen(tmp_path, family)))
    with rows_made(loaded) as made:
        Engine(loaded, max_new_tokens=2, attention=attention).answer(ask_items(6))
    assert min(made[:-1]) > 1
    assert made[-1] == 1


def test_answers_stay_what_they_were(tmp_path: Path):
    """With every row asked for, whose states are read, and with the last row alone."""
    loaded = load(str(write_qwen(tmp_path, "qwen3_vl")))
    items = ask_items(12)
    with rows_made(loaded) as made:
        whole = Engine(loaded, max_new_tokens=3, hidden=["answer"]).answer(items)
    assert made[-1] > 1
    alone = Engine(loaded, max_new_tokens=3).answer(items)
    for one, other in zip(whole, alone, strict=True):
        assert one.token_ids == other.token_ids
        np.testing.assert_allclose(one.option_logprobs, other.option_logprobs, atol=1e-4)
        for name in ("mean_heads", "max_heads", "first_step", "last_step", "image_mass"):
            np.testing.assert_allclose(
                getattr(looked(one), name), getattr(looked(other), name), atol=1e-6, err_msg=name
            )
