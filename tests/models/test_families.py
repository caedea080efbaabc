"""Every family that the shared-prefix path claims: small random models against plain eager generation."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from huggingface_hub import constants
from safetensors.torch import save

from relcli.errors import RelcliError, UsageError
from relcli.models.items import AskItem, PromptItem
from relcli.models.local.engine import Engine
from relcli.models.local.families import FAMILIES
from relcli.models.local.loading import load
from relcli.models.local.padded_path import PaddedPath
from relcli.models.local.processors import load_processor
from relcli.models.local.verify import verify
from tests.models.engine_helpers import ask_items, noise
from tests.models.family_models import GLM
from tests.models.hub_server import hub
from tests.models.painting import SHAPES as PAINTED
from tests.models.painting import check_layout
from tests.models.qwen_models import SHAPES, write_qwen, write_qwen35
from tests.models.small_models import write_glm, write_llava


def test_every_claimed_family_is_tried():
    sharing = [family for family in FAMILIES if family.shared_prefix]
    assert set(SHAPES) == {kind for family in sharing for kind in family.model_types}


@pytest.mark.parametrize("family", sorted(SHAPES))
def test_a_family_equals_plain_eager_generation(family: str, tmp_path: Path):
    engine = Engine(load(str(write_qwen(tmp_path, family))), max_new_tokens=4)
    assert engine.shared_prefix
    items = [AskItem("wide", noise(448, 256, 1), [PromptItem(0, "Is it red?")]), *ask_items(12)]
    found = verify(engine, items, 13)
    assert found.passed, found.detail


def test_layers_without_attention_keep_their_numbers(tmp_path: Path):
    engine = Engine(load(str(write_qwen35(tmp_path))), max_new_tokens=4)
    assert not engine.shared_prefix
    items = [AskItem("wide", noise(448, 256, 1), [PromptItem(0, "Is it red?")]), *ask_items(3)]
    found = verify(engine, items, 4)
    assert found.passed and found.max_attention_error < 1e-5, found.detail
    attention = engine.answer(items)[0].attention
    assert attention is not None and attention.grid == (8, 14)
    there = ~np.isnan(attention.mean_heads).any(axis=1)
    assert there.tolist() == [False, True, False, True]
    assert np.isnan(attention.image_mass).tolist() == [True, False, True, False]


def test_glm_takes_the_plain_path_and_equals_plain_eager_generation(tmp_path: Path, tiny_model: Path):
    engine = Engine(load(str(write_glm(tmp_path, tiny_model))), max_new_tokens=4)
    assert not engine.shared_prefix
    items = [AskItem("wide", noise(448, 256, 1), [PromptItem(0, "Is it red?")]), *ask_items(8)]
    found = verify(engine, items, 9)
    assert found.passed, found.detail


@pytest.mark.parametrize("name", GLM)
def test_later_glms_equal_plain_eager_generation_and_their_template(tmp_path: Path, name: str):
    loaded = load(str(GLM[name](tmp_path)))
    engine, picture = Engine(loaded, max_new_tokens=4), noise(448, 256, 1)
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
    assert isinstance(engine.path, PaddedPath)
    assert torch.equal(engine.path._inputs([(picture, "Is it red?")])["input_ids"], expected)


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
