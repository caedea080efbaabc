"""The plain path: models without prefix sharing give the same answers and the same attention, batched."""

import numpy as np
import pytest
import torch

from relcli.errors import RelcliError
from relcli.models.instrument.capture import set_attention
from relcli.models.local.engine import Engine
from relcli.models.local.loading import LoadedModel, load
from relcli.models.local.reference import ReferenceAnswer
from relcli.models.local.shared_prefix_path import SharedPrefixPath
from tests.models.engine_helpers import ask_items, assert_same_attention, flat, looked
from tests.models.small_models import write_llava

TOKENS = 5


def test_qwen_on_the_plain_path_equals_the_shared_path(loaded):
    items = ask_items(24)
    shared = Engine(loaded, max_new_tokens=TOKENS).answer(items)
    plain = Engine(loaded, max_new_tokens=TOKENS, batch_size=10, shared_prefix=False).answer(items)
    for one, other in zip(shared, plain, strict=True):
        assert (one.key, one.token_ids, one.truncated) == (other.key, other.token_ids, other.truncated)
        np.testing.assert_allclose(one.option_logprobs, other.option_logprobs, atol=1e-4)
        assert looked(one).grid == looked(other).grid == (8, 8)
        np.testing.assert_allclose(looked(one).mean_heads, looked(other).mean_heads, atol=1e-5)
        np.testing.assert_allclose(looked(one).last_step, looked(other).last_step, atol=1e-5)


def test_replies_that_end_early_count_their_own_steps(loaded, monkeypatch):
    items = ask_items(12)
    first = Engine(loaded, max_new_tokens=TOKENS, shared_prefix=False).answer(items)
    ends = sorted({answer.token_ids[2] for answer in first} - {answer.token_ids[0] for answer in first})[:2]
    monkeypatch.setattr(loaded.model.generation_config, "eos_token_id", ends)
    shared = Engine(loaded, max_new_tokens=TOKENS).answer(items)
    plain = Engine(loaded, max_new_tokens=TOKENS, shared_prefix=False).answer(items)
    assert len({answer.n_steps for answer in plain}) > 1
    for one, other in zip(shared, plain, strict=True):
        assert one.token_ids == other.token_ids
        np.testing.assert_allclose(looked(one).step_entropy, looked(other).step_entropy, atol=1e-4)


@pytest.fixture(scope="module")
def llava(tmp_path_factory: pytest.TempPathFactory) -> LoadedModel:
    return load(str(write_llava(tmp_path_factory.mktemp("llava"))))


def eager_llava(llava: LoadedModel, image, text: str) -> ReferenceAnswer:
    """One prompt at a time through the model's own processor, with full eager maps."""
    processor = llava.processor
    assert processor is not None
    prompt = f"<image>\nUSER: {text} ASSISTANT:"
    inputs = processor(text=prompt, images=image.convert("RGB"), return_tensors="pt")
    with torch.inference_mode():
        output = llava.model.generate(
            **inputs,
            max_new_tokens=TOKENS,
            do_sample=False,
            output_attentions=True,
            return_dict_in_generate=True,
        )
    columns = (inputs["input_ids"][0] == llava.config.image_token_id).nonzero()[:, 0]
    weights = [torch.stack([layer[0, :, -1, columns] for layer in step]) for step in output.attentions]
    tokens = output.sequences[0, inputs["input_ids"].shape[1] :].tolist()
    return ReferenceAnswer(tokens, torch.stack(weights).numpy(), (4, 4), [])


def test_another_family_equals_plain_eager_generation(llava):
    items = ask_items(16)
    engine = Engine(llava, max_new_tokens=TOKENS, batch_size=6)
    assert not isinstance(engine.path, SharedPrefixPath)
    answers = engine.answer(items)
    assert len({tuple(answer.token_ids) for answer in answers}) > 8
    set_attention(llava.model, "eager", "eager")
    for (item, prompt), answer in zip(flat(items), answers, strict=True):
        slowly = eager_llava(llava, item.image, prompt.text)
        assert answer.token_ids == slowly.token_ids
        assert_same_attention(looked(answer), slowly)


def test_its_grid_is_the_square_of_its_image_tokens(llava):
    grid = Engine(llava).image_grid(ask_items(1)[0].image)
    assert (grid.height, grid.width, grid.image_height, grid.image_width) == (4, 4, 56, 56)


def test_a_model_without_image_tokens_in_its_text_says_so(llava, monkeypatch):
    engine = Engine(llava, max_new_tokens=2)
    monkeypatch.setattr(engine.path, "_image_token_id", None)
    with pytest.raises(RelcliError, match="attention none"):
        engine.answer(ask_items(1))
