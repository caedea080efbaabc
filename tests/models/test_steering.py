"""Steering against attention made by numpy, and against eager attention with a mask made by hand."""

from typing import Any

import numpy as np
import pytest
import torch

from relcli.models.edits import Edit, Knockout, Steering
from relcli.models.instrument.capture import Recorder, attention, recording
from relcli.models.instrument.mask_edits import MaskEdits
from relcli.models.items import AskItem, PromptItem
from relcli.models.local.engine import Engine
from tests.models.engine_helpers import ask_items, flat
from tests.models.test_knockout import (
    CELLS,
    FAMILIES,
    TOKENS,
    by_hand,
    cut,
    family_of,
    in_one_way,
    path_scores,
    same,
)

__all__ = ["family_of"]

EDITS = {
    "question": Steering(CELLS, 2.5),
    "answer, layers": Steering(CELLS, -1.5, layers=(0, 2), rows="answer"),
    "question, heads": Steering(CELLS, 4.0, heads=((0, 1), (2, 0), (2, 3))),
    "all": Steering(CELLS, 1.0, layers=(1,), rows="all"),
}


class Layer:
    layer_idx, is_causal, num_key_value_groups, training = 1, True, 2, False


@pytest.mark.parametrize("bias", [None, 1.25, -30.0])
def test_edited_attention_equals_numpys(bias: float | None):
    """Rows 3 and later of six tokens; columns 1 and 2 of the picture (tokens 1 to 3) in head 2 of four."""
    rng = np.random.default_rng(5)
    query, key, value = (rng.normal(size=(1, n, 6, 8)).astype(np.float32) for n in (4, 2, 2))
    heads = ((1, 2),)
    edit: Edit = (
        Knockout((1, 2), rows="question", heads=heads)
        if bias is None
        else Steering((1, 2), bias, heads=heads)
    )
    recorder = Recorder(slice(1, 4), False, MaskEdits.of([edit], torch.arange(1, 4)[None], 6))
    with recording(recorder):
        tensors = [torch.from_numpy(each) for each in (query, key, value)]
        found, _ = attention(Layer(), tensors[0], tensors[1], tensors[2], None, scaling=8**-0.5)
    for head in range(4):
        scores = query[0, head] @ key[0, head // 2].T * 8**-0.5
        if head == 2:
            scores[4:, 2:4] += -np.inf if bias is None else bias
        scores = np.where(np.tri(6, dtype=bool), scores, -np.inf)
        weights = np.exp(scores - scores.max(-1, keepdims=True))
        weights /= weights.sum(-1, keepdims=True)
        np.testing.assert_allclose(found[0, :, head].numpy(), weights @ value[0, head // 2], atol=1e-5)


@pytest.mark.parametrize(
    ("family", "name"),
    [
        pytest.param(family, name, marks=() if family in ("qwen3_vl", "llava") else pytest.mark.slow)
        for family in FAMILIES
        for name in (EDITS if family in ("qwen3_vl", "llava") else ("question, heads",))
    ],
)
def test_steering_equals_eager_attention_with_a_mask_made_by_hand(family: str, name: str, family_of: Any):
    engine = Engine(family_of(family), attention="none", max_new_tokens=TOKENS)
    items = ask_items(3)
    items = [
        AskItem(i.key, i.image, [PromptItem(p.key, p.text, ("x", "y")) for p in i.prompts]) for i in items[:1]
    ]
    answers = engine.answer(cut(items, EDITS[name]))
    for (item, prompt), answer in list(zip(flat(items), answers, strict=True))[:2]:
        tokens, logprobs = by_hand(engine, item.image, prompt.text, EDITS[name])
        assert answer.token_ids[: len(tokens)] == tokens[: answer.n_steps]
        np.testing.assert_allclose(answer.option_logprobs, path_scores(engine, logprobs), atol=1e-4)


@pytest.mark.parametrize("family", ["qwen3_vl", "llava"])
def test_a_bias_of_nothing_leaves_the_bits_and_a_large_negative_one_is_a_cut(family: str, family_of: Any):
    settings = {"attention": "none", "max_new_tokens": TOKENS, "shared_prefix": in_one_way(family)}
    engine = Engine(family_of(family), **settings)
    items = ask_items(6)
    nothing = Steering(CELLS, 0.0, rows="answer")
    for one, other in zip(engine.answer(items), engine.answer(cut(items, nothing)), strict=True):
        assert (one.token_ids, one.option_logprobs) == (other.token_ids, other.option_logprobs)
    cuts = engine.answer(cut(items, Knockout(CELLS, rows="question")))
    for one, other in zip(cuts, engine.answer(cut(items, Steering(CELLS, -1e4))), strict=True):
        same(one, other)


@pytest.mark.slow
@pytest.mark.parametrize("family", ["qwen3_vl", "llava"])
def test_steered_answers_do_not_depend_on_the_batch_or_on_their_neighbours(family: str, family_of: Any):
    edits = [None, *EDITS.values(), Knockout(CELLS)]
    items = [
        AskItem(
            item.key,
            item.image,
            [PromptItem((p.key, i), p.text, p.options, e) for p in item.prompts for i, e in enumerate(edits)],
        )
        for item in ask_items(2)
    ]
    together, alone = (
        Engine(family_of(family), attention="none", max_new_tokens=TOKENS, batch_size=size).answer(items)
        for size in (64, 1)
    )
    for one, other in zip(together, alone, strict=True):
        same(one, other)
