"""Loading: where models come from, how they are held, and one sentence for everything that goes wrong."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
import torch
from huggingface_hub import constants
from PIL import Image
from safetensors.torch import load_file, save_file
from transformers import Qwen3Config, Qwen3ForCausalLM

from relcli.errors import RelcliError, UsageError
from relcli.models.local.engine import Engine
from relcli.models.local.hub import resolve, weights_hash
from relcli.models.local.loading import load
from tests.models.hub_server import COMMIT, hub


@pytest.fixture
def copy(tiny_model: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(tiny_model, tmp_path / "copy"))


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty hub cache of the test's own, and a client that may go online."""
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "hub"))
    return tmp_path / "hub"


def failure(model: str | Path, **options: Any) -> str:
    """The sentence that loading fails with; one line, with no traceback text in it."""
    with pytest.raises(RelcliError) as caught:
        load(str(model), **options)
    message = caught.value.message
    assert "\n" not in message and message.endswith(".")
    return message


def test_on_a_cpu_a_model_is_held_in_float32(tiny_model):
    loaded = load(str(tiny_model))
    assert (loaded.device.type, loaded.dtype) == ("cpu", torch.float32)
    assert (loaded.name, loaded.path, loaded.revision) == (str(tiny_model), tiny_model, None)
    assert loaded.processor is None and not loaded.model.training


def test_dtype_can_be_chosen(tiny_model):
    assert load(str(tiny_model), dtype="bfloat16").dtype == torch.bfloat16


def test_the_template_may_lie_in_json_or_in_the_tokenizer(copy):
    template = (copy / "chat_template.jinja").read_text()
    (copy / "chat_template.jinja").unlink()
    (copy / "chat_template.json").write_text(json.dumps({"chat_template": template}))
    assert load(str(copy)).chat_template == template
    (copy / "chat_template.json").unlink()
    settings = json.loads((copy / "tokenizer_config.json").read_text())
    (copy / "tokenizer_config.json").write_text(json.dumps({**settings, "chat_template": template}))
    assert load(str(copy)).chat_template == template


def test_a_model_without_a_template_says_so_when_asked(copy):
    (copy / "chat_template.jinja").unlink()
    with pytest.raises(RelcliError, match="no chat template"):
        Engine(load(str(copy)))


def test_the_image_settings_are_the_folder_s_own(copy):
    settings = json.loads((copy / "preprocessor_config.json").read_text())
    settings["size"]["shortest_edge"] = 4 * 65536
    (copy / "preprocessor_config.json").write_text(json.dumps(settings))
    grid = Engine(load(str(copy))).image_grid(Image.new("RGB", (224, 224)))
    assert (grid.height, grid.width, grid.image_height, grid.image_width) == (16, 16, 512, 512)


def test_weights_hash_follows_the_weights_and_nothing_else(copy, tiny_model):
    before = load(str(tiny_model)).weights_hash
    assert weights_hash(copy) == weights_hash(tiny_model) == before
    (copy / "README.md").write_text("a note")
    assert weights_hash(copy) == before
    tensors = load_file(copy / "model.safetensors")
    tensors["lm_head.weight"][0, 0] += 1
    save_file(tensors, copy / "model.safetensors", {"format": "pt"})
    assert weights_hash(copy) != before


def test_a_folder_that_is_not_there(tmp_path):
    assert "no model folder" in failure(tmp_path / "nowhere")
    assert "no model folder" in failure("./nowhere")
    assert "no model folder" in failure("a name with spaces")


def test_a_folder_without_configuration(tmp_path):
    assert "no config.json" in failure(tmp_path)


def test_a_folder_without_weights(copy):
    (copy / "model.safetensors").unlink()
    assert "no *.safetensors weights" in failure(copy)
    (copy / "pytorch_model.bin").write_bytes(b"pickle")
    assert "only pickled weights (pytorch_model.bin)" in failure(copy)


def test_broken_weights(copy):
    whole = (copy / "model.safetensors").read_bytes()
    (copy / "model.safetensors").write_bytes(whole[: len(whole) // 2])
    assert "are broken" in failure(copy)
    (copy / "model.safetensors").write_bytes(b"not weights at all")
    assert "are broken" in failure(copy)


def test_weights_that_lack_a_tensor(copy):
    tensors = load_file(copy / "model.safetensors")
    del tensors["lm_head.weight"]
    save_file(tensors, copy / "model.safetensors", {"format": "pt"})
    assert "lack 1 tensors" in failure(copy) and "lm_head.weight" in failure(copy)


def test_weights_of_another_shape(copy):
    config = json.loads((copy / "config.json").read_text())
    config["text_config"]["intermediate_size"] = 80
    (copy / "config.json").write_text(json.dumps(config))
    assert "can't be loaded" in failure(copy)


def test_a_text_model_is_no_vision_language_model(tmp_path):
    config = Qwen3Config(
        vocab_size=32, hidden_size=8, intermediate_size=8, num_hidden_layers=1, num_attention_heads=1,
        num_key_value_heads=1, head_dim=8,
    )  # fmt: skip
    Qwen3ForCausalLM(config).save_pretrained(tmp_path)
    assert "'qwen3', which is not a vision-language model" in failure(tmp_path)


def test_a_model_type_nobody_knows(copy):
    (copy / "config.json").write_text(json.dumps({"model_type": "martian_vl"}))
    assert "can't read the configuration" in failure(copy)
    (copy / "config.json").write_text("{ not json")
    assert "can't read the configuration" in failure(copy)


@pytest.mark.parametrize(
    ("missing", "says"),
    [("tokenizer.json", "tokenizer"), ("preprocessor_config.json", "image processor")],
)
def test_a_folder_with_a_part_missing(copy, missing, says):
    (copy / missing).unlink()
    assert says in failure(copy)


def test_a_dtype_or_device_that_does_not_exist(tiny_model):
    wrong: list[dict[str, Any]] = [{"dtype": "float8"}, {"device": "gpu"}, {"device": "cuda:99"}]
    for options in wrong:
        with pytest.raises(UsageError):
            load(str(tiny_model), **options)


def test_a_model_comes_from_the_hub_and_then_from_its_cache(tiny_model, cache, monkeypatch):
    with hub({"tiny": tiny_model}) as endpoint:
        monkeypatch.setenv("HF_ENDPOINT", endpoint)
        found = load("lab/tiny")
    assert (found.name, found.revision) == ("lab/tiny", COMMIT)
    assert found.weights_hash == weights_hash(tiny_model)
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    assert resolve("lab/tiny").path == found.path


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("gone", "There is no model"),
        ("gated", "is gated"),
        ("private", "HF_TOKEN"),
        ("unknown-to-a-server-that-is-no-hub", "can't be reached"),
    ],
)
def test_a_hub_that_refuses(cache, monkeypatch, name, says):
    with hub({}) as endpoint:
        monkeypatch.setenv("HF_ENDPOINT", endpoint)
        assert says in failure(f"lab/{name}")


def test_a_revision_that_does_not_exist(cache, monkeypatch):
    with hub({}) as endpoint:
        monkeypatch.setenv("HF_ENDPOINT", endpoint)
        assert "no revision 'v9'" in failure("lab/no-such-revision", revision="v9")


def test_no_hub_in_reach(cache, monkeypatch):
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    assert "can't be reached" in failure("lab/tiny")
