"""Patching against hooks set by hand on whole eager prompts; with itself; of everything; in batches."""

from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch

from relcli.errors import UsageError
from relcli.models.edits import SITES, Patch, PatchSource, Places
from relcli.models.instrument.capture import install, set_attention
from relcli.models.items import AskItem, PromptItem
from relcli.models.local.engine import Engine
from relcli.models.local.loading import LoadedModel, load
from relcli.scenes.rendering import render
from relcli.scenes.scene import generate_scene
from relcli.scenes.spans import Span
from tests.models.family_models import gemma4
from tests.models.qwen_models import SHAPES, write_qwen
from tests.models.small_models import write_llava
from tests.models.test_knockout import path_scores, same

QUESTION = "Is the red circle left of it?"
SPANS = (Span("target", 7, 17),)
OTHER = "Is the red circle near to it?"
CELLS = (1, 2, 9, 14)
PLACES = {
    "answer": Places(answer=True),
    "target": Places(role="target"),
    "cells": Places(CELLS),
    "cells and answer": Places(CELLS, answer=True),
}


@pytest.fixture(scope="module")
def model_of(
    tmp_path_factory: pytest.TempPathFactory
) -> Callable[[str], LoadedModel]:
    """A Qwen3-VL that adds features of the picture behind two of its four layers, a LLaVA, and a Gemma 4
    whose last layer shares the keys of another."""
    made: dict[str, LoadedModel] = {}

    def get(name: str) -> LoadedModel:
        if name not in made:
            folder = tmp_path_factory.mktemp(name)
            if name == "llava":
                write_llava(folder)
            elif name == "gemma4":
                gemma4(folder)
            else:
                text = SHAPES[name]["text_config"] | {"num_hidden_layers": 4}
                vision = SHAPES[name]["vision_config"] | {"depth": 3, "deepstack_visual_indexes": [0, 1]}
                write_qwen(folder, name, seed=3, text_config=text, vision_config=vision)
            made[name] = load(str(folder))
        return made[name]

    return get


def picture(number: int) -> Any:
    return render(generate_scene(17, number))


def asked(image: Any, edits: list[Patch | None], text: str = QUESTION) -> AskItem:
    return AskItem(0, image, [PromptItem(i, text, ("x", "y"), e, SPANS) for i, e in enumerate(edits)])


def scores(engine: Engine, item: AskItem) -> np.ndarray:
    return np.array([answer.option_logprobs for answer in engine.answer([item])])


def whole(engine: Engine, image: Any, text: str) -> tuple[dict[str, Any], list[int], list[int]]:
    """One unpadded prompt, its image tokens, and the token that ends the target's span."""
    path: Any = engine.path
    loaded = engine.loaded
    if engine.shared_prefix:
        inputs = dict(loaded.image_processor([image], return_tensors="pt"))
        cells = engine.describe(image).grid
        assert cells is not None
        inputs["input_ids"] = torch.tensor([path._builder.whole_ids(text, cells.height * cells.width)])
        inputs["mm_token_type_ids"] = (inputs["input_ids"] == loaded.config.image_token_id).int()
    else:
        inputs = path._inputs([(image, text)])
        inputs.pop("attention_mask")
    ids = inputs["input_ids"][0]
    cells = (ids == loaded.config.image_token_id).nonzero()[:, 0].tolist()
    texts = [loaded.tokenizer.decode(ids[: i + 1][cells[-1] + 1 :]) for i in range(len(ids))]
    target = next(i for i, text in enumerate(texts) if i > cells[-1] and text.rstrip().endswith("circle"))
    return inputs, cells, [target]


@contextmanager
def by_hand(engine: Engine, write: dict[Any, torch.Tensor] | None, at: list[int], heads: Any = None):
    """Collects every state of a pass, or replaces some at the tokens `at`."""
    decoder = engine.loaded.model.model.language_model
    layers, norm = decoder.layers, decoder.norm
    n_heads = engine.loaded.config.get_text_config().num_attention_heads
    seen: dict[Any, torch.Tensor] = {}
    handles = []

    def touch(name: Any, value: torch.Tensor) -> torch.Tensor:
        if write is not None and name in write:
            value = value.clone()
            new = write[name][:, at]
            if heads is not None:
                old = value[:, at].unflatten(-1, (n_heads, -1))
                old[:, :, heads] = new.unflatten(-1, (n_heads, -1))[:, :, heads]
                new = old.flatten(-2)
            value[:, at] = new
        seen[name] = value
        return value

    def pre(name: Any) -> Any:
        return lambda module, args: (touch(name, args[0]), *args[1:])

    def post(name: Any) -> Any:
        def hook(module: Any, args: Any, output: Any) -> Any:
            if isinstance(output, tuple):
                return (touch(name, output[0]), *output[1:])
            return touch(name, output)

        return hook

    for number, layer in enumerate(layers):
        behind = norm if number == len(layers) - 1 else layers[number + 1]
        handles += [
            behind.register_forward_pre_hook(pre(("residual", number))),
            layer.self_attn.o_proj.register_forward_pre_hook(pre(("head", number))),
            layer.self_attn.register_forward_hook(post(("attention", number))),
            layer.mlp.register_forward_hook(post(("mlp", number))),
        ]
    try:
        yield seen
    finally:
        for handle in handles:
            handle.remove()


def run(engine: Engine, inputs: dict[str, Any]) -> torch.Tensor:
    set_attention(engine.loaded.model, "eager", "eager")
    try:
        with torch.inference_mode():
            return engine.loaded.model(**inputs, use_cache=False).logits[0, -1].float().log_softmax(-1)
    finally:
        install(engine.loaded.model)


@pytest.mark.parametrize(
    "family", ["qwen3_vl", "llava", pytest.param("qwen3_vl_moe", marks=pytest.mark.slow)]
)
def test_a_patch_equals_hooks_set_by_hand(family: str, model_of: Any):
    engine = Engine(model_of(family), attention="none", max_new_tokens=1)
    source, destination = picture(0), picture(1)
    with by_hand(engine, None, []) as states:
        run(engine, whole(engine, source, QUESTION)[0])
    states = dict(states)
    inputs, cells, target = whole(engine, destination, QUESTION)
    tokens = {
        "answer": [inputs["input_ids"].shape[1] - 1],
        "target": target,
        "cells": [cells[i] for i in CELLS],
    }
    tokens["cells and answer"] = tokens["cells"] + tokens["answer"]
    patches, expected = [], []
    from_source = PatchSource(source, QUESTION, SPANS)
    for site in SITES:
        for name, places in PLACES.items():
            for layers, heads in ((0,), None), ((1, 2), None), ((2,), (1, 3)):
                if (heads is not None) != (site == "head"):
                    continue
                of = None if heads is None else tuple((layer, head) for layer in layers for head in heads)
                patches.append(Patch(from_source, site, places, layers, of))
                write = {(site, layer): states[site, layer] for layer in layers}
                with by_hand(engine, write, tokens[name], list(heads) if heads else None):
                    expected.append(path_scores(engine, run(engine, inputs)))
    found = scores(engine, asked(destination, list(patches)))
    np.testing.assert_allclose(found, expected, atol=1e-4)
    plain = scores(engine, asked(destination, [None]))
    moved = np.abs(found - plain).max(1)
    assert (moved > 1e-3).mean() > 0.7  # most of them do something


@pytest.mark.parametrize("family", ["qwen3_vl", "llava", "gemma4"])
def test_a_prompt_patched_with_itself_says_the_same(family: str, model_of: Any):
    engine = Engine(model_of(family), attention="none", max_new_tokens=2)
    image = picture(2)
    own = PatchSource(image, QUESTION, SPANS)
    everywhere = {**PLACES, "everything": Places(everything=True)}
    patches = [Patch(own, site, places) for site in SITES for places in everywhere.values()]
    patches += [replace(patches[2], deepstack="source"), replace(patches[4], deepstack="source")]
    [plain] = scores(engine, asked(image, [None]))
    found = scores(engine, asked(image, list(patches)))
    np.testing.assert_allclose(found, np.tile(plain, (len(patches), 1)), atol=1e-5)


@pytest.mark.parametrize("family", ["qwen3_vl", "llava"])
@pytest.mark.parametrize("layer", [0, 1, 3])
def test_everything_patched_says_what_the_other_prompt_says(family: str, layer: int, model_of: Any):
    """The residual of all tokens behind one layer is all that the later ones know, but for DeepStack's
    features, which follow the source only where that is asked for."""
    engine = Engine(model_of(family), attention="none", max_new_tokens=1)
    layer = min(layer, engine.loaded.config.get_text_config().num_hidden_layers - 1)
    source, destination = picture(0), picture(1)
    everything = Places(everything=True)
    patch = Patch(PatchSource(source, OTHER), "residual", everything, (layer,), deepstack="source")
    own = replace(patch, deepstack="destination")
    [theirs] = scores(engine, asked(source, [None], OTHER))
    found, without = scores(engine, asked(destination, [patch, own]))
    np.testing.assert_allclose(found, theirs, atol=1e-5)
    added_later = family == "qwen3_vl" and layer == 0  # behind layer 1 features of the picture are added
    assert (np.abs(without - theirs).max() > 1e-3) == added_later


@pytest.mark.slow
@pytest.mark.parametrize("family", ["qwen3_vl", "llava"])
def test_patched_answers_do_not_depend_on_the_batch_or_on_their_neighbours(family: str, model_of: Any):
    sources = [PatchSource(picture(n), text, SPANS) for n, text in ((0, QUESTION), (3, OTHER))]
    edits: list[Patch | None] = [None]
    edits += [Patch(s, site, at, (1,)) for s in sources for site in SITES for at in PLACES.values()]
    item = asked(picture(1), edits)
    short = AskItem(1, picture(1), [PromptItem(0, "Is it red?", ("x", "y"))])
    together, alone = (
        Engine(model_of(family), attention="none", max_new_tokens=3, batch_size=size).answer([item, short])
        for size in (64, 1)
    )
    for one, other in zip(together, alone, strict=True):
        same(one, other)


def test_a_source_picture_is_encoded_once_for_all_its_questions(model_of: Any):
    loaded = model_of("qwen3_vl")
    passes: list[int] = []
    hook = loaded.model.model.visual.register_forward_pre_hook(
        lambda module, args, kwargs: passes.append(len(kwargs["grid_thw"])), with_kwargs=True
    )
    texts = [QUESTION, OTHER, QUESTION.replace("red", "blue"), OTHER.replace("red", "blue")]
    places = [*PLACES.values()]
    source = picture(1)

    def prompt(text: str, at: Places) -> PromptItem:
        return PromptItem(0, text, ("x", "y"), Patch(PatchSource(source, text, SPANS), "mlp", at), SPANS)

    try:
        for at, n_encoded in ((places[:1], 2), (places[:2], 2), (places, 2 + 2 * len(texts) + 1)):
            passes.clear()
            prompts = [prompt(text, each) for text in texts for each in at]
            engine = Engine(loaded, attention="none", max_new_tokens=1, batch_size=5)
            engine.answer([AskItem(0, picture(0), prompts)])
            # Where cells are patched each question has a prefix of its own, but none has a source of its own.
            assert sum(passes) == n_encoded
    finally:
        hook.remove()


@pytest.mark.parametrize("family", ["qwen3_vl", "llava"])
def test_a_patch_of_no_token_changes_nothing(family: str, model_of: Any):
    engine = Engine(model_of(family), attention="none", max_new_tokens=1)
    source = PatchSource(picture(0), QUESTION, SPANS)
    nothing, some = (Patch(source, "mlp", at) for at in (Places(role="nobody"), PLACES["cells and answer"]))
    plain, alone, beside, other = scores(engine, asked(picture(1), [None, nothing, nothing, some]))
    np.testing.assert_allclose([alone, beside], [plain, plain], atol=1e-6)
    assert np.abs(other - plain).max() > 1e-4


@pytest.mark.parametrize("family", ["qwen3_vl", "llava"])
def test_prompts_that_do_not_answer_to_each_other_are_refused(family: str, model_of: Any):
    engine = Engine(model_of(family), attention="none", max_new_tokens=1)
    for source, says in (
        (PatchSource(picture(0), "Is the red circle far to the left of it?", SPANS), "of equal length"),
        (PatchSource(picture(0), QUESTION), "name as many in both"),
    ):
        with pytest.raises(UsageError, match=says):
            engine.answer([asked(picture(1), [Patch(source, "mlp", Places(role="target"))])])
    with pytest.raises(UsageError, match="no cell 999"):
        own = PatchSource(picture(0), QUESTION, SPANS)
        engine.answer([asked(picture(1), [Patch(own, "mlp", Places((999,)))])])
