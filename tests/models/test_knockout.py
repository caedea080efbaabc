"""Attention knock-out: against eager attention with a hand-made mask, in every family that runs."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from relcli.errors import RelcliError
from relcli.models.edits import Edit, Knockout, Steering
from relcli.models.instrument.capture import install, set_attention
from relcli.models.items import Answer, AskItem, PromptItem
from relcli.models.local.engine import Engine
from relcli.models.local.loading import LoadedModel, load
from tests.models.engine_helpers import ask_items, flat, looked, noise
from tests.models.family_models import gemma4
from tests.models.qwen_models import SHAPES, write_qwen
from tests.models.small_models import write_glm, write_llava
from tests.tiers import quick_where

TOKENS = 3
CELLS = (0, 5, 6, 9, 10, 15)
FAMILIES = (*sorted(SHAPES), "glm4v", "llava")
EDITS = {
    "answer": Knockout(CELLS),
    "answer, layers": Knockout(CELLS, layers=(0, 2)),
    "question": Knockout(CELLS, rows="question"),
    "question, heads": Knockout(CELLS, rows="question", heads=((0, 1), (2, 0), (2, 3))),
    "image": Knockout(CELLS, rows="image"),
    "all": Knockout(CELLS, rows="all", layers=(1, 2)),
    "text from the answer": Knockout((), text=True),
    "text from the question": Knockout((), rows="question", text=True, layers=(1,)),
    "text from all": Knockout((), rows="all", text=True, heads=((1, 2), (1, 3))),
}

BOTH_PATHS = ("qwen3_vl", "llava")  # one that shares prefixes and one that doesn't
SOME = ("question, heads", "all", "text from the answer")


@pytest.fixture(scope="module")
def family_of(
    tmp_path_factory: pytest.TempPathFactory, tiny_model: Path
) -> Callable[[str], LoadedModel]:
    made: dict[str, LoadedModel] = {}

    def get(name: str) -> LoadedModel:
        if name not in made:
            folder = tmp_path_factory.mktemp(name)
            if name == "llava":
                write_llava(folder)
            elif name == "gemma4":
                gemma4(folder)
            elif name == "glm4v":
                write_glm(folder, tiny_model)
            else:
                write_qwen(folder, name)
            made[name] = load(str(folder))
        return made[name]

    return get


def cut(items: list[AskItem], edit: Edit | None) -> list[AskItem]:
    return [
        AskItem(item.key, item.image, [PromptItem(p.key, p.text, p.options, edit) for p in item.prompts])
        for item in items
    ]


def bias_by_hand(edit: Steering, layer: int, image: list[int], prompt: int, length: int, heads: int):
    """float [heads, length, length]: what is added to which score."""
    cells = Knockout(edit.cells, edit.layers, edit.rows, edit.heads)
    closed = closed_by_hand(cells, layer, image, prompt, length, heads, itself=True)
    return closed * np.float32(edit.strength)


def closed_by_hand(
    edit: Knockout, layer: int, image: list[int], prompt: int, length: int, heads: int, itself: bool = False
):
    """bool [heads, length, length]: which query may not look at which key, written out token by token."""
    closed = np.zeros((heads, length, length), dtype=bool)
    if edit.layers is not None and layer not in edit.layers:
        return closed
    for query in range(length):
        answers, behind = query >= prompt - 1, query > image[-1]
        looks = {
            "answer": answers, "question": behind, "image": query in image, "all": behind or query in image,
        }[edit.rows]  # fmt: skip
        for key in range(length):
            lost = key not in image if edit.text else key in [image[cell] for cell in edit.cells]
            if looks and lost and (itself or key != query):
                closed[:, query, key] = True
    if edit.heads is not None:
        for head in range(heads):
            closed[head] &= (layer, head) in edit.heads
    return closed


def by_hand(
    engine: Engine, picture: Any, text: str, edit: Knockout | Steering
) -> tuple[list[int], torch.Tensor]:
    """Greedy tokens of one unpadded prompt and the first step's logits, eager, the mask filled in by hand."""
    loaded = engine.loaded
    path: Any = engine.path
    if engine.shared_prefix:
        inputs = dict(loaded.image_processor([picture], return_tensors="pt"))
        cells = engine.image_grid(picture).cells
        ids = torch.tensor([path._builder.whole_ids(text, cells)])
    else:
        inputs = path._inputs([(picture, text)])
        ids = inputs.pop("input_ids")
    ours = ("attention_mask", "mm_token_type_ids")
    inputs = {name: value for name, value in inputs.items() if name not in ours}
    image = (ids[0] == loaded.config.image_token_id).nonzero()[:, 0].tolist()
    heads = loaded.config.get_text_config().num_attention_heads
    prompt = ids.shape[1]

    def hook(layer: Any, args: Any, kwargs: Any) -> Any:
        length = ids.shape[1]
        places = (layer.self_attn.layer_idx, image, prompt, length, heads)
        mask = torch.zeros(1, heads, length, length)
        later = torch.ones(length, length).triu(1).bool()
        if isinstance(edit, Steering):
            mask += torch.tensor(bias_by_hand(edit, *places))
        else:
            later = later | torch.tensor(closed_by_hand(edit, *places))
        mask = mask.masked_fill(later, torch.finfo(torch.float32).min)
        return args, {**kwargs, "attention_mask": mask}

    tokens, first = [], None
    hooks = [
        layer.register_forward_pre_hook(hook, with_kwargs=True)
        for layer in loaded.model.model.language_model.layers
    ]
    set_attention(loaded.model, "eager", "eager")
    try:
        for _ in range(TOKENS):
            kinds = {"mm_token_type_ids": (ids == loaded.config.image_token_id).int()}
            kinds = {} if loaded.config.model_type == "llava" else kinds
            with torch.inference_mode():
                output = loaded.model(input_ids=ids, **inputs, **kinds, use_cache=False)
            logits = output.logits[0, -1].float()
            first = logits if first is None else first
            tokens.append(int(logits.argmax()))
            if tokens[-1] == loaded.config.image_token_id:
                break  # which a whole prompt would take for a part of the picture
            ids = torch.cat([ids, torch.tensor([[tokens[-1]]])], 1)
    finally:
        for handle in hooks:
            handle.remove()
        install(loaded.model)
    assert first is not None
    return tokens, first.log_softmax(-1)


@pytest.mark.parametrize(
    ("family", "name"),
    quick_where(
        [(family, name) for family in FAMILIES for name in (EDITS if family in BOTH_PATHS else SOME)],
        lambda case: case[0] in BOTH_PATHS and case[1] in SOME,
    ),
)
def test_a_cut_equals_eager_attention_with_a_mask_made_by_hand(family: str, name: str, family_of):
    loaded = family_of(family)
    engine = Engine(loaded, attention="none", max_new_tokens=TOKENS)
    items = ask_items(5)
    prompts = [PromptItem(p.key, p.text, ("x", "y")) for p in items[0].prompts]
    items = [AskItem(item.key, item.image, prompts) for item in items[:2]]
    answers = engine.answer(cut(items, EDITS[name]))
    for (item, prompt), answer in list(zip(flat(items), answers, strict=True))[::4]:
        tokens, logprobs = by_hand(engine, item.image, prompt.text, EDITS[name])
        assert answer.token_ids[: len(tokens)] == tokens[: answer.n_steps]
        scored = path_scores(engine, logprobs)
        np.testing.assert_allclose(answer.option_logprobs, scored, atol=1e-4)


def path_scores(engine: Engine, logprobs: torch.Tensor) -> list[float]:
    path: Any = engine.path
    return path._settings.options.score(logprobs[None], [2])[0]


@pytest.mark.parametrize("family", ["qwen3_vl", "llava"])
def test_every_cut_changes_what_the_model_says(family: str, family_of):
    engine = Engine(family_of(family), attention="none", max_new_tokens=1)
    items = ask_items(6)
    plain = engine.answer(items)
    for name, edit in EDITS.items():
        moved = [
            np.abs(np.subtract(a.option_logprobs, b.option_logprobs)).max()
            for a, b in zip(plain, engine.answer(cut(items, edit)), strict=True)
        ]
        assert min(moved) > 1e-4, name


def in_one_way(family: str) -> bool | None:
    """LLaVA reads a picture once for its questions but where there are edits: whole prompts, to compare
    bits."""
    return False if family == "llava" else None


@pytest.mark.parametrize("family", ["qwen3_vl", "llava"])
def test_without_an_edit_the_bits_are_those_of_the_plain_run(family: str, family_of):
    engine = Engine(family_of(family), max_new_tokens=TOKENS, shared_prefix=in_one_way(family))
    items = ask_items(12)
    for edit in (None, Knockout(CELLS, layers=(99,)), Knockout((), heads=((99, 0),), text=True)):
        for one, other in zip(engine.answer(items), engine.answer(cut(items, edit)), strict=True):
            assert (one.token_ids, one.option_logprobs) == (other.token_ids, other.option_logprobs)
            assert np.array_equal(looked(one).mean_heads, looked(other).mean_heads)


@pytest.mark.parametrize("rows", ["question", "all"])
@pytest.mark.parametrize("family", [*sorted(SHAPES), "gemma4", "glm4v", "llava"])
def test_a_blind_question_has_the_same_logits_on_every_picture(family: str, rows: Any, family_of):
    """No later row sees an image column in any layer, so pictures of one layout can't be told apart."""
    engine = Engine(family_of(family), attention="none", max_new_tokens=TOKENS)
    pictures = [ask_items(1)[0].image, noise(224, 224, 3), noise(224, 224, 4)]
    cells = engine.image_grid(pictures[0]).cells
    everything = Knockout(tuple(range(cells)), rows=rows)
    texts = ("Is it red?", "Is the circle left of it?")
    prompts = [PromptItem(i, text, ("yes", "no"), everything) for i, text in enumerate(texts)]
    plain = [PromptItem(0, texts[0], ("yes", "no"))]
    seen = [AskItem(i, picture, plain) for i, picture in enumerate(pictures)]
    answers = engine.answer([AskItem(i, picture, prompts) for i, picture in enumerate(pictures)])
    for number in (0, 1):
        of_question = answers[number::2]
        assert len({tuple(answer.token_ids) for answer in of_question}) == 1
        for answer in of_question[1:]:
            np.testing.assert_allclose(answer.option_logprobs, of_question[0].option_logprobs, atol=1e-5)
    told_apart = np.ptp([answer.option_logprobs for answer in engine.answer(seen)], axis=0)
    assert told_apart.max() > 1e-3


@pytest.mark.parametrize("family", ["qwen3_vl", "llava"])
def test_cut_answers_do_not_depend_on_the_batch_or_on_their_neighbours(family: str, family_of):
    loaded = family_of(family)
    edits = [None, *EDITS.values()]
    items = [
        AskItem(
            item.key,
            item.image,
            [
                PromptItem((p.key, i), p.text, p.options, edit)
                for p in item.prompts
                for i, edit in enumerate(edits)
            ],
        )
        for item in ask_items(3)
    ]
    together, alone = (
        Engine(loaded, attention="none", max_new_tokens=TOKENS, batch_size=size).answer(items)
        for size in (64, 1)
    )
    for one, other in zip(together, alone, strict=True):
        same(one, other)


def same(one: Answer, other: Answer) -> None:
    assert (one.key, one.token_ids) == (other.key, other.token_ids)
    np.testing.assert_allclose(one.option_logprobs, other.option_logprobs, atol=1e-4)


def test_a_model_whose_attention_is_its_own_says_that_it_cannot_be_cut(family_of, monkeypatch):
    loaded = family_of("llava")
    engine = Engine(loaded, attention="none", max_new_tokens=1)
    set_attention(loaded.model, "sdpa")
    with pytest.raises(RelcliError, match=r"can't be cut in a 'llava'.*attention interface"):
        engine.answer(cut(ask_items(1), EDITS["answer"]))
    install(loaded.model)
    monkeypatch.setattr(engine.path, "_image_token_id", None)
    with pytest.raises(RelcliError, match=r"can't be cut in a 'llava'.*image tokens"):
        engine.answer(cut(ask_items(1), EDITS["answer"]))


@pytest.mark.parametrize("family", ["qwen3_vl", "qwen2_vl"])
def test_a_blind_question_equals_a_prompt_without_image_tokens_at_the_same_positions(family: str, family_of):
    """With every image column cut from every later row, what is left is text with a gap in its positions."""
    engine = Engine(family_of(family), attention="none", max_new_tokens=1)
    loaded, path = engine.loaded, engine.path
    picture, text = noise(224, 224, 3), "Is the circle left of it?"
    grid = engine.describe(picture).grid
    assert grid is not None
    cells = grid.height * grid.width
    everything = Knockout(tuple(range(cells)), rows="question")
    [answer] = engine.answer([AskItem(0, picture, [PromptItem(0, text, ("x", "y"), everything)])])
    builder: Any = path._builder  # type: ignore[union-attr]
    ids = torch.tensor(builder.whole_ids(text, cells))
    is_image = ids == loaded.config.image_token_id
    first = int(is_image.nonzero()[0, 0])
    behind = int((~is_image).sum()) - first
    later = torch.arange(behind) + first + max(grid.height, grid.width)
    positions = torch.cat([torch.arange(first), later]).expand(3, 1, -1)
    with torch.inference_mode():
        output = loaded.model(input_ids=ids[~is_image][None], position_ids=positions)
    logprobs = output.logits[0, -1].float().log_softmax(-1)
    np.testing.assert_allclose(answer.option_logprobs, path_scores(engine, logprobs), atol=1e-4)
