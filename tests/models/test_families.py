"""Every family that the shared-prefix path claims: small random models against plain eager generation."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from huggingface_hub import constants
from safetensors.torch import save

from relcli.errors import RelcliError, UsageError
from relcli.models.edits import Edit, Knockout, Patch, PatchSource, Places, Steering
from relcli.models.items import AskItem, PromptItem
from relcli.models.local.engine import Engine
from relcli.models.local.families import FAMILIES
from relcli.models.local.loading import load
from relcli.models.local.processors import load_processor
from relcli.models.local.prompt import builder_for
from relcli.models.local.verify import verify
from tests.models.engine_helpers import ask_items, noise
from tests.models.family_models import GLM
from tests.models.hub_server import hub
from tests.models.painting import SHAPES as PAINTED
from tests.models.painting import check_layout
from tests.models.qwen_models import SHAPES, write_qwen, write_qwen35
from tests.models.small_models import write_glm, write_llava


def test_every_claimed_family_is_tried():
    sharing = {kind for family in FAMILIES if family.shared_prefix for kind in family.model_types}
    assert sharing == {*SHAPES, "qwen3_5", "qwen3_5_moe", "glm4v", "glm4v_moe", "glm46v"}


@pytest.mark.parametrize("family", sorted(SHAPES))
def test_a_family_equals_plain_eager_generation(family: str, tmp_path: Path):
    engine = Engine(load(str(write_qwen(tmp_path, family))), max_new_tokens=4)
    assert engine.shared_prefix
    items = [AskItem("wide", noise(448, 256, 1), [PromptItem(0, "Is it red?")]), *ask_items(12)]
    found = verify(engine, items, 13)
    assert found.passed, found.detail


@pytest.mark.parametrize(
    ("kind", "shared"), [("qwen3_5", True), ("qwen3_5", False), ("qwen3_5_moe", True)]
)
def test_layers_without_attention_keep_their_numbers(tmp_path: Path, kind: str, shared: bool):
    engine = Engine(load(str(write_qwen35(tmp_path, kind))), max_new_tokens=4, shared_prefix=shared)
    items = [AskItem("wide", noise(448, 256, 1), [PromptItem(0, "Is it red?")]), *ask_items(3)]
    found = verify(engine, items, 4)
    assert found.passed and found.max_attention_error < 1e-5, found.detail
    attention = engine.answer(items)[0].attention
    assert attention is not None and attention.grid == (8, 14)
    there = ~np.isnan(attention.mean_heads).any(axis=1)
    assert there.tolist() == [False, True, False, True]
    assert np.isnan(attention.image_mass).tolist() == [True, False, True, False]


def test_recurrent_layers_go_on_from_copies_of_a_prefix(tmp_path: Path):
    """Questions of many lengths, whose rows would read padding, and replies that have begun."""
    loaded = load(str(write_qwen35(tmp_path)))
    items = ask_items(24)
    begun = [
        AskItem(item.key, item.image, [replace(each, said=(300, 301)) for each in item.prompts])
        for item in items
    ]
    passes: list[int] = []
    model: Any = loaded.model
    hook = model.model.visual.register_forward_hook(lambda *_: passes.append(1))
    options: dict[str, Any] = {"max_new_tokens": 3, "batch_size": 5, "hidden": ["answer"]}
    for asked in (items, begun):
        passes.clear()
        together = Engine(loaded, **options).answer(asked)
        assert len(passes) < len(asked)  # each picture once, several in a pass
        apart = Engine(loaded, **options, shared_prefix=False).answer(asked)
        for one, other in zip(together, apart, strict=True):
            assert one.token_ids == other.token_ids
            np.testing.assert_allclose(one.option_logprobs, other.option_logprobs, atol=1e-4)
            np.testing.assert_allclose(one.hidden["answer"], other.hidden["answer"], atol=1e-3)  # of up to 10
    hook.remove()


def test_edits_of_a_recurrent_model_run_on_whole_prompts(tmp_path: Path):
    """What its layers have read of a prefix can't be taken back."""
    loaded = load(str(write_qwen35(tmp_path)))
    picture, text = ask_items(1)[0].image, "Is the circle left of the square?"
    edits: list[Edit | None] = [None, Knockout((0, 1, 2)), Knockout((3, 4), rows="question")]
    source = PatchSource(noise(224, 224, 3), text)
    edits += [Steering((5,), 2.0), Patch(source, "residual", Places(answer=True), (1,))]
    edits += [Patch(source, "mlp", Places((1, 2)))]
    item = AskItem(0, picture, [PromptItem(i, text, ("x", "y"), edit) for i, edit in enumerate(edits)])
    scores = [
        np.array([answer.option_logprobs for answer in Engine(loaded, shared_prefix=shared).answer([item])])
        for shared in (True, False)
    ]
    np.testing.assert_allclose(scores[0], scores[1], atol=1e-5)
    assert (np.abs(scores[0][1:] - scores[0][0]).max(axis=1) > 1e-4).all()


@pytest.mark.parametrize("shared", [True, False])
def test_glm_equals_plain_eager_generation(tmp_path: Path, tiny_model: Path, shared: bool):
    engine = Engine(load(str(write_glm(tmp_path, tiny_model))), max_new_tokens=4, shared_prefix=shared)
    items = [AskItem("wide", noise(448, 256, 1), [PromptItem(0, "Is it red?")]), *ask_items(8)]
    found = verify(engine, items, 9)
    assert found.passed, found.detail


@pytest.mark.parametrize("name", GLM)
def test_later_glms_equal_plain_eager_generation_and_their_template(tmp_path: Path, name: str):
    loaded = load(str(GLM[name](tmp_path)))
    engine, picture = Engine(loaded, max_new_tokens=4), noise(448, 256, 1)
    assert engine.shared_prefix
    found = verify(engine, [AskItem("wide", picture, [PromptItem(0, "Is it red?")]), *ask_items(3)], 4)
    assert found.passed and found.max_attention_error < 1e-5, found.detail
    for width, height in PAINTED.values():
        check_layout(engine, width, height)
    own = load_processor(tmp_path, loaded.config, loaded.image_processor, loaded.tokenizer, {})
    content = [{"type": "image", "image": picture}, {"type": "text", "text": "Is it red?"}]
    expected = own.apply_chat_template(
        [{"role": "user", "content": content}], chat_template=loaded.chat_template,
        add_generation_prompt=True, tokenize=True, return_dict=True, return_tensors="pt",
    )["input_ids"]  # fmt: skip
    cells = engine.image_grid(picture).cells
    assert builder_for(loaded).whole_ids("Is it red?", cells) == expected[0].tolist()


@pytest.mark.parametrize("known", ["bundled", "llava", "glm"])
def test_a_measured_family_is_taken(tmp_path: Path, tiny_model: Path, known: str):
    made = {"llava": lambda: write_llava(tmp_path), "glm": lambda: write_glm(tmp_path, tiny_model)}
    assert load(str(made[known]()) if known in made else known).untested_family is None


def test_another_family_is_refused_before_its_weights_are_read(tmp_path: Path):
    folder = write_llava(tmp_path, tower="siglip")
    weights = folder / "model.safetensors"
    whole = weights.read_bytes()
    weights.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(RelcliError, match="are broken"):
        load(str(folder), untested_family=True)
    weights.write_bytes(whole)
    with pytest.raises(UsageError, match=r"'llava of siglip_vision_model and qwen2'.*--untested-family"):
        load(str(folder))
    engine = Engine(load(str(folder), untested_family=True), max_new_tokens=1, attention="none")
    assert engine.decoding["untested_family"] == "llava of siglip_vision_model and qwen2"
    assert engine.answer(ask_items(1))


def test_a_family_is_refused_before_its_weights_are_fetched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "hub"))
    with hub({"odd": write_llava(tmp_path / "odd", tower="siglip")}) as endpoint:
        monkeypatch.setenv("HF_ENDPOINT", endpoint)
        with pytest.raises(UsageError, match="--untested-family"):
            load("lab/odd")
        assert list((tmp_path / "hub").rglob("config.json"))
        assert not list((tmp_path / "hub").rglob("*.safetensors"))
        assert load("lab/odd", untested_family=True).name == "lab/odd"


@pytest.mark.parametrize("family", ["idefics2", "gemma3n", "llama4", "mllama", "fuyu"])
def test_a_family_by_its_configuration_alone(tmp_path: Path, family: str):
    (tmp_path / "config.json").write_text(json.dumps({"model_type": family}))
    (tmp_path / "model.safetensors").write_bytes(save({"a": torch.zeros(1)}))
    with pytest.raises(UsageError, match=f"{family}.*--untested-family"):
        load(str(tmp_path))
