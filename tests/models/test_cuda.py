"""What only a GPU shows: the answers that a CPU gives, and no waits that grow with the number of layers."""

import warnings
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from transformers import Qwen3VLConfig, Qwen3VLForConditionalGeneration

from relcli.captures import MODES, QUERY_ROWS
from relcli.models.edits import Knockout
from relcli.models.items import AskItem
from relcli.models.local.engine import Engine
from relcli.models.local.loading import load
from relcli.models.local.verify import COMPARED, verify
from tests.models.conftest import random_config, write_model, write_parts_beside_weights
from tests.models.engine_helpers import ask_items, looked

pytestmark = pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no GPU")


@pytest.fixture(autouse=True)
def silent_again() -> Iterator[None]:
    yield
    torch.cuda.set_sync_debug_mode("default")


@pytest.mark.parametrize("shared", [True, False])
def test_a_gpu_answers_as_a_cpu_does(shared: bool):
    items = ask_items(40)
    settings: dict[str, Any] = {"attention": MODES[1:], "rows": QUERY_ROWS, "shared_prefix": shared}
    there, here = (
        Engine(load("bundled", device=device), **settings).answer(items) for device in ("cuda", "cpu")
    )
    for one, other in zip(there, here, strict=True):
        assert one.token_ids == other.token_ids
        np.testing.assert_allclose(one.option_logprobs, other.option_logprobs, atol=1e-3)
        for name in COMPARED:
            np.testing.assert_allclose(
                getattr(looked(one), name), getattr(looked(other), name), atol=1e-4, err_msg=name
            )


def test_cut_attention_answers_as_on_a_cpu():
    edit = Knockout((0, 5, 6), rows="question", layers=(1, 2))
    items = [
        AskItem(item.key, item.image, [replace(prompt, edit=edit) for prompt in item.prompts])
        for item in ask_items(12)
    ]
    there, here = (Engine(load("bundled", device=device)).answer(items) for device in ("cuda", "cpu"))
    assert [each.token_ids for each in there] == [each.token_ids for each in here]


@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
def test_it_equals_eager_attention_on_a_gpu(dtype: str):
    loaded = load("bundled", device="cuda", dtype=dtype)
    found = verify(Engine(loaded), ask_items(20), 20)
    assert found.passed, found.detail


def test_float32_is_not_rounded_by_the_convolution_that_embeds_patches(tmp_path: Path):
    """The study's way runs that convolution, ours a product: random weights show what rounds."""
    loaded = load(str(write_model(tmp_path)), device="cuda", dtype="float32")
    found = verify(Engine(loaded, max_new_tokens=3), ask_items(8), 8)
    assert found.passed, found.detail


def test_waits_for_the_gpu_do_not_grow_with_the_layers(tmp_path: Path):
    counts = [waits(tmp_path / str(layers), layers) for layers in (2, 8)]
    assert counts[0] == counts[1] > 0


def waits(folder: Path, layers: int) -> int:
    """How often a model of so many layers makes the processor wait for the GPU in one batch of questions."""
    config = random_config()
    settings = config.to_dict()
    settings["text_config"]["num_hidden_layers"] = layers
    settings["text_config"].pop("layer_types", None)
    torch.manual_seed(0)
    model = Qwen3VLForConditionalGeneration(Qwen3VLConfig.from_dict(settings))
    model.generation_config.eos_token_id = [151645, 151643]
    model.save_pretrained(folder)
    write_parts_beside_weights(folder)
    loaded, items = load(str(folder), device="cuda"), ask_items(9)
    assert loaded.model.config.text_config.num_hidden_layers == layers

    def ask() -> None:
        Engine(loaded, rows=QUERY_ROWS, max_new_tokens=3).answer(items)

    ask()
    torch.cuda.set_sync_debug_mode("warn")
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        ask()
    torch.cuda.set_sync_debug_mode("default")
    return sum("synchronizing" in str(each.message) for each in caught)
