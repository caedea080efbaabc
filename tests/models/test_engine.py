"""The shared-prefix path against plain eager generation, on a random Qwen3-VL with the real vocabulary."""

import numpy as np
import pytest
import torch

from relcli.errors import UsageError
from relcli.models.items import AskItem, PromptItem
from relcli.models.local.engine import Engine
from relcli.models.local.prompt import builder_for
from relcli.models.local.reference import Reference
from tests.models.engine_helpers import ask_items, assert_same_attention, flat, looked, noise

TOKENS = 6
LETTER_IDS = {"a": 64, "b": 65, "c": 66, "d": 67, "None": 4064}


@pytest.fixture(scope="module")
def items() -> list[AskItem]:
    return ask_items(100)


@pytest.fixture(scope="module")
def slow(loaded, items):
    """Plain eager generation, one prompt at a time."""
    with Reference(loaded, end_ids=[151645], max_new_tokens=TOKENS) as study:
        return [study.ask(item.image, prompt.text) for item, prompt in flat(items)]


@pytest.fixture(scope="module")
def answers(loaded, items):
    """All 100 questions in one batch."""
    return Engine(loaded, max_new_tokens=TOKENS, batch_size=100).answer(items)


def test_the_random_model_tells_questions_and_pictures_apart(slow):
    replies = {tuple(answer.token_ids) for answer in slow}
    assert len(replies) > 50
    assert len({token for reply in replies for token in reply}) > 100


def test_tokens_equal_plain_eager_generation(answers, slow):
    assert [answer.token_ids for answer in answers] == [answer.token_ids for answer in slow]


def test_attention_equals_full_eager_maps(answers, slow):
    for answer, slowly in zip(answers, slow, strict=True):
        assert_same_attention(looked(answer), slowly)


def test_keys_come_back_in_the_order_asked(answers, items):
    assert [answer.key for answer in answers] == [(item.key, prompt.key) for item, prompt in flat(items)]


@pytest.mark.parametrize("size", [1, 7])
def test_answers_do_not_change_with_the_batch_size(loaded, items, answers, size):
    others = Engine(loaded, max_new_tokens=TOKENS, batch_size=size).answer(items)
    for one, other in zip(answers, others, strict=True):
        assert one.token_ids == other.token_ids
        np.testing.assert_allclose(one.option_logprobs, other.option_logprobs, atol=1e-4)
        np.testing.assert_allclose(looked(one).mean_heads, looked(other).mean_heads, atol=1e-5)


def test_pictures_of_different_sizes_keep_their_grids(loaded):
    pictures = {"small": noise(224, 224, 1), "wide": noise(640, 320, 2), "tall": noise(288, 416, 3)}
    prompts = [
        PromptItem(i, text) for i, text in enumerate(["Red?", "How many blue squares are to the left?"])
    ]
    items = [AskItem(name, picture, prompts) for name, picture in pictures.items()]
    items.append(AskItem("again", pictures["small"], prompts[:1]))
    answers = Engine(loaded, max_new_tokens=TOKENS).answer(items)
    assert [looked(answer).grid for answer in answers[::2]] == [(8, 8), (10, 20), (13, 9), (8, 8)]
    with Reference(loaded, end_ids=[151645], max_new_tokens=TOKENS) as study:
        for (item, prompt), answer in zip(flat(items), answers, strict=True):
            slowly = study.ask(item.image, prompt.text)
            assert answer.token_ids == slowly.token_ids
            assert_same_attention(looked(answer), slowly)
    assert answers[6].token_ids == answers[0].token_ids


def test_replies_that_end_at_different_steps(loaded, items, slow, monkeypatch):
    """Rows drop out of the batch at their end token; the rest must not notice."""
    few = items[:4]
    first = {reply.token_ids[0] for reply in slow}
    later = {token for reply in slow[:30] for token in reply.token_ids[1:5]}
    ends = sorted(later - first)[::3]
    monkeypatch.setattr(loaded.model.generation_config, "eos_token_id", ends)
    engine = Engine(loaded, max_new_tokens=TOKENS)
    answers = engine.answer(few)
    assert len({answer.n_steps for answer in answers}) > 3
    with Reference(loaded, end_ids=engine.end_ids, max_new_tokens=TOKENS) as study:
        for (item, prompt), answer in zip(flat(few), answers, strict=True):
            slowly = study.ask(item.image, prompt.text)
            assert answer.token_ids == slowly.token_ids
            assert answer.n_steps == len(slowly.token_ids)
            assert answer.truncated == (slowly.token_ids[-1] not in engine.end_ids)
            assert_same_attention(looked(answer), slowly)


def test_the_reply_is_decoded_without_special_tokens(loaded, items):
    answer = Engine(loaded, max_new_tokens=TOKENS).answer(items[:1])[0]
    assert answer.text == loaded.tokenizer.decode(answer.token_ids, skip_special_tokens=True).strip()


def test_option_log_probabilities_are_the_first_step_s(loaded, items, answers):
    item, prompt = flat(items)[0]
    ids = builder_for(loaded).whole_ids(prompt.text, 64)
    picture = loaded.image_processor([item.image], return_tensors="pt")
    with torch.inference_mode():
        logits = loaded.model(
            input_ids=torch.tensor([ids]),
            mm_token_type_ids=(torch.tensor([ids]) == 151655).int(),
            **picture,
        ).logits[0, -1]
    expected = logits.log_softmax(-1)[[LETTER_IDS[name] for name in ("a", "b", "c", "d", "None")]]
    assert len(prompt.options) == 4
    np.testing.assert_allclose(answers[0].option_logprobs, expected.numpy(), atol=1e-4)


def test_full_attention_is_kept_in_half_precision(loaded, items, slow):
    answers = Engine(loaded, attention="full", max_new_tokens=TOKENS).answer(items[:2])
    for answer, slowly in zip(answers, slow, strict=False):
        full = looked(answer).full
        assert full is not None
        assert full.shape == (TOKENS, 4, 4, 64)
        assert full.dtype == np.float16
        np.testing.assert_allclose(full, slowly.weights, atol=1e-3)


def test_without_attention_the_answers_are_the_same(loaded, items, answers):
    bare = Engine(loaded, attention="none", max_new_tokens=TOKENS).answer(items[:6])
    assert [answer.token_ids for answer in bare] == [answer.token_ids for answer in answers[: len(bare)]]
    assert all(answer.attention is None for answer in bare)


def test_stale_positions_in_the_model_do_not_leak(loaded, items, answers):
    loaded.model.model.rope_deltas = torch.tensor([[-777]])
    again = Engine(loaded, max_new_tokens=TOKENS).answer(items[:3])
    assert [answer.token_ids for answer in again] == [answer.token_ids for answer in answers[: len(again)]]


def test_one_free_question(loaded, items, answers):
    item, prompt = flat(items)[3]
    answer = Engine(loaded, max_new_tokens=TOKENS).ask(item.image, prompt.text, prompt.options)
    assert answer.token_ids == answers[3].token_ids
    with pytest.raises(UsageError, match="empty"):
        Engine(loaded).ask(item.image, "  ")


def test_no_questions_no_answers(loaded, items):
    assert Engine(loaded).answer([]) == []
    assert Engine(loaded).answer([AskItem("x", items[0].image, [])]) == []


@pytest.mark.parametrize("wrong", [{"attention": "some"}, {"batch_size": 0}, {"max_new_tokens": 0}])
def test_bad_settings_are_refused(loaded, wrong):
    with pytest.raises(UsageError):
        Engine(loaded, **wrong)
