"""Adapters: refused without peft, applied with it, and part of what the hash stands for."""

import json
import shutil
from importlib.util import find_spec
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from relcli.errors import RelcliError
from relcli.models.local import adapters
from relcli.models.local.engine import Engine
from relcli.models.local.loading import load
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
