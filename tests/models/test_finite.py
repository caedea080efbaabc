"""A model whose numbers are NaN or infinite stops at the first batch, and the sentence says what to try."""

import shutil
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from relcli.errors import RelcliError
from relcli.models.instrument.scores import Scoring, last_query_weights
from relcli.models.local.engine import Engine
from relcli.models.local.loading import load
from relcli.models.local.reference import Reference
from relcli.models.local.verify import verify
from tests.models.engine_helpers import ask_items
from tests.models.small_models import write_llava


def changed(folder: Path, to: Path, name: str, factor: float) -> str:
    """A copy of a model with the weights whose names end in `name` multiplied."""
    copy = Path(shutil.copytree(folder, to))
    tensors = load_file(copy / "model.safetensors")
    hit = [key for key in tensors if key.endswith(name)]
    assert hit
    for key in hit:
        tensors[key] *= factor
    save_file(tensors, copy / "model.safetensors", {"format": "pt"})
    return str(copy)


def stopped(engine: Engine) -> str:
    with pytest.raises(RelcliError, match="NaN or infinity") as caught:
        engine.answer(ask_items(4))
    assert "\n" not in caught.value.message and engine.loaded.name in caught.value.message
    return caught.value.message


@pytest.fixture(scope="module")
def llava_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_llava(tmp_path_factory.mktemp("llava"))


@pytest.mark.parametrize("attention", ["summary", "none"])
@pytest.mark.parametrize("name", ["lm_head.weight", "layers.1.mlp.down_proj.weight", "q_proj.weight"])
def test_damaged_weights_stop_every_path(tiny_model, llava_folder, tmp_path, name, attention):
    qwen = load(changed(tiny_model, tmp_path / "qwen", name, float("nan")))
    llava = load(changed(llava_folder, tmp_path / "llava", name, float("nan")))
    for loaded, shared in ((qwen, True), (qwen, False), (llava, False)):
        engine = Engine(loaded, attention=attention, max_new_tokens=2, shared_prefix=shared)
        assert "float32" in stopped(engine) and "weights are damaged" in stopped(engine)


def test_float16_that_overflows_names_the_types_that_do_not(tiny_model, tmp_path):
    folder = changed(tiny_model, tmp_path / "copy", "down_proj.weight", 1e6)
    whole = Engine(load(folder), max_new_tokens=2)
    assert all(answer.token_ids for answer in whole.answer(ask_items(4)))
    half = load(folder, dtype="float16")
    for shared in (True, False):
        message = stopped(Engine(half, max_new_tokens=2, shared_prefix=shared))
        assert "float16" in message and "--dtype bfloat16 or --dtype float32" in message
    with pytest.raises(RelcliError, match="float16"):
        verify(Engine(half, max_new_tokens=2), ask_items(4), 4)
    item = ask_items(1)[0]
    with (
        Reference(half, end_ids=[0], max_new_tokens=2) as study,
        pytest.raises(RelcliError, match="float16"),
    ):
        study.ask(item.image, item.prompts[0].text)


def test_a_later_step_counts_as_well(tiny_model, tmp_path):
    """The first token is sound; what is read back for the second is not."""
    first = Engine(load(str(tiny_model)), max_new_tokens=1).answer(ask_items(4))
    copy = Path(shutil.copytree(tiny_model, tmp_path / "copy"))
    tensors = load_file(copy / "model.safetensors")
    spoilt = [key for key in tensors if key.endswith("embed_tokens.weight")]
    assert len(spoilt) == 1
    for answer in first:
        tensors[spoilt[0]][answer.token_ids[0]] = float("inf")
    save_file(tensors, copy / "model.safetensors", {"format": "pt"})
    loaded = load(str(copy))
    for shared in (True, False):
        Engine(loaded, max_new_tokens=1, shared_prefix=shared).answer(ask_items(1))
        for attention in ("summary", "none"):
            stopped(Engine(loaded, max_new_tokens=3, shared_prefix=shared, attention=attention))


def test_the_recorded_row_overflows_no_sooner_than_the_answer():
    """In float16 the bare product of a query and a key is infinite where the scaled one is not."""
    query = torch.full((1, 2, 1, 64), 40.0, dtype=torch.float16)
    key = torch.full((1, 1, 3, 64), 40.0, dtype=torch.float16)
    key[:, :, 1] *= 0.99
    weights = last_query_weights(query, key, None, Scoring())
    expected = (query.float() @ key.float().transpose(2, 3) / 8).softmax(-1)[:, :, 0]
    torch.testing.assert_close(weights, expected, atol=2e-2, rtol=0)
