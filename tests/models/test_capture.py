"""The attention function: its one row, and cuts that really keep the answer from seeing."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from relcli.models.edits import Knockout
from relcli.models.instrument.scores import Scoring, last_query_weights
from relcli.models.instrument.summary import entropy
from relcli.models.items import AskItem, PromptItem
from relcli.models.local.engine import Engine
from relcli.models.local.prompt import builder_for
from relcli.models.local.reference import Reference
from tests.examples import examples
from tests.models.engine_helpers import ask_items, looked

TOKENS = 4
CELLS = (0, 9, 10, 17, 63)


@settings(max_examples=examples(30), deadline=None)
@given(st.integers(1, 3), st.sampled_from([1, 2, 4]), st.integers(1, 5), st.booleans(), st.integers(0, 99))
def test_last_row_is_the_last_row_of_the_full_map(rows, key_heads, queries, masked, seed):
    rng = torch.Generator().manual_seed(seed)
    query = torch.randn(rows, 4, queries, 8, generator=rng)
    key = torch.randn(rows, key_heads, 7, 8, generator=rng)
    mask = torch.rand(rows, 1, queries, 7, generator=rng) > 0.4
    mask[..., 0] = True
    scores = query @ key.repeat_interleave(4 // key_heads, 1).transpose(2, 3) * 0.25
    expected = scores.masked_fill(~mask, float("-inf")) if masked else scores
    found = last_query_weights(query, key, mask if masked else None, Scoring(0.25))
    torch.testing.assert_close(found, expected.softmax(-1)[:, :, -1])


@given(st.integers(2, 80))
def test_entropy_is_ln_n_when_even_and_0_when_on_one_cell(cells):
    even, single = torch.full((cells,), 0.001), torch.zeros(cells)
    single[0] = 0.2
    assert entropy(even).item() == pytest.approx(np.log(cells), abs=1e-5)
    assert entropy(single).item() == pytest.approx(0, abs=1e-6)
    assert entropy(torch.zeros(cells)).item() == 0


def edited(items: list[AskItem], edit: Knockout | None) -> list[AskItem]:
    return [
        AskItem(item.key, item.image, [PromptItem(p.key, p.text, p.options, edit) for p in item.prompts])
        for item in items
    ]


def cut_eagerly(loaded, picture, text: str, edit: Knockout, columns: slice) -> list[int]:
    """Greedy reply of a single prompt with eager attention and the cut written into every layer's mask."""
    prefix, suffix = builder_for(loaded).prefix_ids(64), builder_for(loaded).suffix_ids([text])[0]
    tokens: list[int] = []
    inputs = loaded.image_processor([picture], return_tensors="pt")

    def hook(layer, args, kwargs):
        if edit.layers is not None and layer.self_attn.layer_idx not in edit.layers:
            return None
        length = kwargs["attention_mask"].shape[-1]
        mask = kwargs["attention_mask"].clone()
        start = len(prefix) if edit.rows == "question" else len(prefix) + len(suffix) - 1
        for row in range(start, length):
            mask[0, 0, row, [columns.start + cell for cell in edit.cells]] = torch.finfo(mask.dtype).min
        return args, {**kwargs, "attention_mask": mask}

    layers = loaded.model.model.language_model.layers
    hooks = [layer.register_forward_pre_hook(hook, with_kwargs=True) for layer in layers]
    try:
        for _ in range(TOKENS):
            ids = torch.tensor([prefix + suffix + tokens])
            kinds = (ids == 151655).int()
            with torch.inference_mode():
                output = loaded.model(input_ids=ids, mm_token_type_ids=kinds, **inputs, use_cache=False)
            tokens.append(int(output.logits[0, -1].argmax()))
    finally:
        for handle in hooks:
            handle.remove()
    return tokens


@pytest.mark.parametrize(
    "edit",
    [
        Knockout(CELLS),
        pytest.param(Knockout(CELLS, rows="question"), marks=pytest.mark.slow),
        pytest.param(Knockout(tuple(range(64)), layers=(1, 3)), marks=pytest.mark.slow),
        Knockout(tuple(range(0, 64, 2)), layers=(0,), rows="question"),
    ],
)
def test_a_cut_equals_eager_generation_with_the_cells_masked(loaded, edit):
    items = ask_items(14)
    answers = Engine(loaded, max_new_tokens=TOKENS).answer(edited(items, edit))
    asked = [(item, prompt) for item in items for prompt in item.prompts]
    start = 4
    with Reference(loaded, end_ids=[151645], max_new_tokens=TOKENS):
        for (item, prompt), answer in list(zip(asked, answers, strict=True))[::3]:
            expected = cut_eagerly(loaded, item.image, prompt.text, edit, slice(start, start + 64))
            assert answer.token_ids == expected


def test_cut_cells_get_no_weight_in_the_cut_layers_only(loaded):
    items = ask_items(9)
    edit = Knockout(CELLS, layers=(2,))
    answers = Engine(loaded, max_new_tokens=TOKENS).answer(edited(items, edit))
    for answer in answers:
        high = looked(answer).max_heads
        assert (high[2, list(CELLS)] == 0).all()
        assert (high[[0, 1, 3]][:, list(CELLS)] > 0).all()


def test_cuts_change_only_the_questions_that_carry_them(loaded):
    items = ask_items(20)
    plain = Engine(loaded, max_new_tokens=TOKENS).answer(items)
    everything = Knockout(tuple(range(64)), rows="question")
    mixed = [
        AskItem(
            item.key,
            item.image,
            [
                PromptItem(p.key, p.text, p.options, everything if i % 2 else None)
                for i, p in enumerate(item.prompts)
            ],
        )
        for item in items
    ]
    answers = Engine(loaded, max_new_tokens=TOKENS, batch_size=20).answer(mixed)
    carries = [bool(prompt.edit) for item in mixed for prompt in item.prompts]
    for cut, one, other in zip(carries, plain, answers, strict=True):
        if not cut:
            assert one.token_ids == other.token_ids
    pairs = zip(carries, plain, answers, strict=True)
    assert any(one.token_ids != other.token_ids for cut, one, other in pairs if cut)


def test_blind_questions_answer_alike_on_every_picture(loaded):
    """With every cell cut for all rows behind the image, pictures of one size can't be told apart."""
    everything = Knockout(tuple(range(64)), rows="question")
    items = ask_items(40)
    prompts = items[0].prompts
    same = [AskItem(item.key, item.image, prompts) for item in items[:3]]
    answers = Engine(loaded, attention="none", max_new_tokens=TOKENS).answer(edited(same, everything))
    thirds = [answers[i :: len(prompts)] for i in range(len(prompts))]
    assert all(len({tuple(answer.token_ids) for answer in third}) == 1 for third in thirds)
