"""Adapters: refused without peft, applied with it, and part of what the hash stands for."""

import json
import shutil
from importlib.util import find_spec
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file
from transformers import AutoModelForImageTextToText, AutoTokenizer

from relcli.errors import RelcliError
from relcli.models.local import adapters, templates
from relcli.models.local.engine import Engine
from relcli.models.local.loading import load
from relcli.models.local.vision_products import as_products
from tests.models.engine_helpers import ask_items

RANK = 4


def write_adapter(folder: Path, base: Path, size: float = 0.5) -> Path:
    """A LoRA on the query projections of the text model, in the form peft saves, made by hand."""
    folder.mkdir()
    settings = {
        "base_model_name_or_path": str(base), "peft_type": "LORA", "r": RANK, "lora_alpha": 8,
        "target_modules": r".*language_model.*\.q_proj", "lora_dropout": 0.1, "bias": "none",
        "inference_mode": True, "task_type": None,
    }  # fmt: skip
    (folder / "adapter_config.json").write_text(json.dumps(settings))
    torch.manual_seed(3)
    tensors = {}
    for name, weight in load_file(base / "model.safetensors").items():
        if "language_model" in name and name.endswith("q_proj.weight"):
            stem = f"base_model.model.{name.removesuffix('.weight')}"
            tensors[f"{stem}.lora_A.weight"] = torch.randn(RANK, weight.shape[1]) * size
            tensors[f"{stem}.lora_B.weight"] = torch.randn(weight.shape[0], RANK) * size
    assert tensors
    save_file(tensors, folder / "adapter_model.safetensors", {"format": "pt"})
    return folder


def merged(folder: Path, base: Path, adapter: Path) -> Path:
    """The base with the adapter's products added to its weights: what applying it must equal."""
    copy = Path(shutil.copytree(base, folder))
    tensors, low = load_file(base / "model.safetensors"), load_file(adapter / "adapter_model.safetensors")
    for name in [name for name in low if name.endswith("lora_A.weight")]:
        weight = name.removeprefix("base_model.model.").replace("lora_A.weight", "weight")
        tensors[weight] += 8 / RANK * low[name.replace("lora_A", "lora_B")] @ low[name]
    save_file(tensors, copy / "model.safetensors", {"format": "pt"})
    return copy


def failure(folder: Path) -> str:
    with pytest.raises(RelcliError) as caught:
        load(str(folder))
    assert "\n" not in caught.value.message
    return caught.value.message


def test_without_peft_an_adapter_is_refused(tiny_model, tmp_path, monkeypatch):
    adapter = write_adapter(tmp_path / "adapter", tiny_model)
    whole = Path(shutil.copytree(tiny_model, tmp_path / "whole"))
    for name in ("adapter_config.json", "adapter_model.safetensors"):
        shutil.copy(adapter / name, whole)
    if find_spec("peft") is not None:  # as on a machine that has none
        monkeypatch.setattr(adapters, "find_spec", lambda name: None)
    for folder in (adapter, whole):
        assert "adapter_config.json" in failure(folder) and "pip install peft" in failure(folder)


def test_with_peft_it_is_applied_and_hashed(tiny_model, tmp_path):
    pytest.importorskip("peft")
    adapter = write_adapter(tmp_path / "adapter", tiny_model)
    whole = Path(shutil.copytree(tiny_model, tmp_path / "whole"))
    for name in ("adapter_config.json", "adapter_model.safetensors"):
        shutil.copy(adapter / name, whole)
    items = ask_items(6)
    plain = load(str(tiny_model))
    by_hand = load(str(merged(tmp_path / "merged", tiny_model, adapter)))
    wanted = Engine(by_hand, max_new_tokens=3).answer(items)
    assert wanted != Engine(plain, max_new_tokens=3).answer(items)
    hashes = {plain.weights_hash}
    for folder in (adapter, whole):
        loaded = load(str(folder))
        for one, other in zip(Engine(loaded, max_new_tokens=3).answer(items), wanted, strict=True):
            assert one.token_ids == other.token_ids
            assert one.option_logprobs == pytest.approx(other.option_logprobs, abs=1e-3)
        hashes.add(loaded.weights_hash)
    assert len(hashes) == 2  # the same base and adapter, wherever they lie
    settings = json.loads((adapter / "adapter_config.json").read_text())
    (adapter / "adapter_config.json").write_text(json.dumps(settings | {"lora_alpha": 16}))
    assert load(str(adapter)).weights_hash not in hashes


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"base_model_name_or_path": None}, "base_model_name_or_path"),
        ({"base_model_name_or_path": "./nowhere"}, "no model folder"),
        ({"r": 10**9}, "r = 1000000000"),
        ({"r": -1}, "r = -1"),
        ({"target_modules": "nothing"}, "can't be applied"),
        ({"target_modules": r".*language_model.*\.[qk]_proj"}, "does not fit"),
        ({"peft_type": "MAGIC"}, "can't be applied"),
    ],
)
def test_an_adapter_that_does_not_fit(tiny_model, tmp_path, settings, says):
    pytest.importorskip("peft")
    adapter = write_adapter(tmp_path / "adapter", tiny_model)
    told = json.loads((adapter / "adapter_config.json").read_text())
    (adapter / "adapter_config.json").write_text(json.dumps(told | settings))
    assert says in failure(adapter)


@pytest.mark.parametrize(
    "kind",
    [
        {"target_modules": "all-linear"},
        {"target_modules": ["q_proj", "embed_tokens"], "use_rslora": True},
        {"target_modules": ["v_proj"], "modules_to_save": ["merger", "lm_head"]},
        {"target_modules": ["q_proj"], "rank_pattern": {"q_proj": 8}, "trainable_token_indices": [1, 2]},
        {"oft": True},
    ],
    ids=["all layers", "embeddings", "merger and head kept whole", "patterns", "OFT"],
)
def test_adapters_as_peft_writes_them(tiny_model, tmp_path, kind):
    peft = pytest.importorskip("peft")
    model = AutoModelForImageTextToText.from_pretrained(tiny_model, dtype=torch.float32)
    if kind.get("oft"):
        config = peft.OFTConfig(target_modules=["q_proj"], oft_block_size=4)
    else:
        config = peft.LoraConfig(r=RANK, lora_alpha=8, **kind)
    wrapped = peft.get_peft_model(model, config)
    torch.manual_seed(1)
    with torch.no_grad():
        for parameter in wrapped.parameters():
            if parameter.requires_grad:
                parameter.add_(torch.randn_like(parameter) * 0.2)
    wrapped.save_pretrained(tmp_path / "adapter")
    shutil.copytree(tiny_model, tmp_path / "merged")
    wrapped.merge_and_unload().save_pretrained(tmp_path / "merged")
    items = ask_items(4)
    adapted, merged_in = (
        Engine(load(str(tmp_path / name)), max_new_tokens=3).answer(items) for name in ("adapter", "merged")
    )
    assert [answer.token_ids for answer in adapted] == [answer.token_ids for answer in merged_in]


def test_a_module_that_is_wrapped_is_replaced_once():
    """peft keeps a trained copy beside a module, and shows the copy's parts as its own."""

    class Block(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.linear_fc1, self.act_fn = torch.nn.Linear(4, 4), torch.nn.GELU()

        def forward(self, states):
            return self.act_fn(self.linear_fc1(states))

    class Wrapper(torch.nn.Module):
        def __init__(self, block):
            super().__init__()
            self.kept = block

        def __getattr__(self, name):
            kept = super().__getattr__("kept")
            return kept if name == "kept" else getattr(kept, name)

        def forward(self, states):
            return self.kept(states)

    tower = torch.nn.Module()
    tower.patch_embed, tower.merger = torch.nn.Identity(), Wrapper(Block())
    states = torch.randn(3, 4)
    with torch.inference_mode():
        before = tower.merger(states)
        with as_products(tower):
            torch.testing.assert_close(tower.merger(states), before)
        assert torch.equal(tower.merger(states), before)


def test_the_template_with_which_an_adapter_was_trained_is_taken(tiny_model, tmp_path):
    tokenizer = AutoTokenizer.from_pretrained(tiny_model)
    theirs = templates.choose(tiny_model, tokenizer, None)
    assert templates.choose(tiny_model, tokenizer, None, tmp_path) == theirs
    (tmp_path / "tokenizer_config.json").write_text(json.dumps({"chat_template": "{{ 1 }}"}))
    assert templates.choose(tiny_model, tokenizer, None, tmp_path) == "{{ 1 }}"
    (tmp_path / "chat_template.jinja").write_text("{{ 2 }}")
    assert templates.choose(tiny_model, tokenizer, None, tmp_path) == "{{ 2 }}"
