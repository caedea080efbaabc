"""Checkpoints whose files don't belong together, or that need what isn't here, are refused in a sentence."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file
from transformers import AutoConfig
from transformers.utils.import_utils import is_torchvision_available

from relcli.errors import RelcliError
from relcli.models.local.fitting import auto_class
from relcli.models.local.loading import load
from tests.models.family_models import WRITERS


@pytest.fixture(scope="module")
def gemma(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return WRITERS["Gemma 3"](tmp_path_factory.mktemp("gemma"))


def changed(source: Path, folder: Path, **settings: Any) -> Path:
    shutil.copytree(source, folder, dirs_exist_ok=True)
    config = json.loads((folder / "config.json").read_text())
    for name, value in settings.items():
        *parts, last = name.split("__")
        place = config
        for part in parts:
            place = place[part]
        place[last] = value
    (folder / "config.json").write_text(json.dumps(config))
    return folder


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        (
            {
                "text_config__num_hidden_layers": 2,
                "text_config__layer_types": ["sliding_attention", "full_attention"],
            },
            "layers that config.json leaves out",
        ),
        ({"vision_config__num_hidden_layers": 1}, "layers that config.json leaves out"),
        ({"quantization_config": {"quant_method": "fp8"}}, r"quantised \(fp8\)"),
    ],
)
def test_settings_that_do_not_fit_the_weights(gemma: Path, tmp_path: Path, settings: Any, told: str):
    with pytest.raises(RelcliError, match=told):
        load(str(changed(gemma, tmp_path / "model", **settings)))


def test_a_layer_of_another_kind_is_left_out_as_well(gemma: Path, tmp_path: Path):
    folder = changed(gemma, tmp_path / "model")
    weights = load_file(folder / "model.safetensors")
    weights["model.language_model.layers.3.recurrent.gate.weight"] = torch.zeros(2, 32)
    save_file(weights, folder / "model.safetensors", {"format": "pt"})
    with pytest.raises(RelcliError, match=r"leaves out, .*layers\.3\.recurrent"):
        load(str(folder))


def test_weights_beside_the_model_that_are_no_layers_are_left_alone(gemma: Path, tmp_path: Path):
    folder = changed(gemma, tmp_path / "model")
    weights = load_file(folder / "model.safetensors")
    weights["mtp.norm.weight"] = torch.zeros(32)
    save_file(weights, folder / "model.safetensors", {"format": "pt"})
    assert load(str(folder)).config.model_type == "gemma3"


def test_an_encoder_decoder_is_refused(tmp_path: Path, gemma: Path):
    folder = tmp_path / "model"
    folder.mkdir()
    (folder / "config.json").write_text(json.dumps({"model_type": "florence2"}))
    shutil.copy(gemma / "model.safetensors", folder)
    with pytest.raises(RelcliError, match=r"florence2.*reads the picture in an encoder"):
        load(str(folder), untested_family=True)


@pytest.mark.skipif(is_torchvision_available(), reason="torchvision is installed")
@pytest.mark.parametrize("name", ["Pixtral", "Mistral 3"])
def test_a_processor_that_needs_torchvision_names_the_extra(name: str, tmp_path: Path):
    with pytest.raises(RelcliError, match=r"pip install 'relcli\[vision\]'"):
        load(str(WRITERS[name](tmp_path)))


def test_a_template_in_the_processor_settings_alone_is_found(tmp_path: Path):
    folder = WRITERS["InternVL"](tmp_path)
    template = (folder / "chat_template.jinja").read_text()
    (folder / "chat_template.jinja").unlink()
    settings = json.loads((folder / "processor_config.json").read_text())
    (folder / "processor_config.json").write_text(json.dumps({**settings, "chat_template": template}))
    assert load(str(folder)).chat_template == template


def test_models_that_see_and_hear_have_another_class():
    assert auto_class(AutoConfig.for_model("phi4_multimodal")).__name__ == "AutoModelForMultimodalLM"
    assert auto_class(AutoConfig.for_model("gemma3")).__name__ == "AutoModelForImageTextToText"
    assert auto_class(AutoConfig.for_model("voxtral")) is None
    assert auto_class(AutoConfig.for_model("llama")) is None
