"""Checkpoints as people make them of known families: text models, windows, kernels, templates, packing."""

import json
import math
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file
from transformers import dynamic_module_utils

from relcli.errors import RelcliError
from relcli.models.items import AskItem, PromptItem
from relcli.models.local.engine import Engine
from relcli.models.local.loading import load
from relcli.models.local.verify import verify
from tests.models import family_models
from tests.models.engine_helpers import ask_items, noise
from tests.models.qwen_models import SHAPES, write_qwen
from tests.models.small_models import write_glm
from tests.models.test_checkpoints import change


@pytest.fixture
def copy(tiny_model: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(tiny_model, tmp_path / "copy"))


def assert_equals_plain_generation(folder: Path, n: int = 5) -> Engine:
    engine = Engine(load(str(folder)), max_new_tokens=3)
    items = [AskItem("wide", noise(448, 256, 1), [PromptItem(0, "Is it red?")]), *ask_items(n - 1)]
    found = verify(engine, items, n)
    assert found.passed and found.tokens_equal, found.detail
    return engine


SINKS = {
    "model_type": "gpt_oss", "num_local_experts": 4, "num_experts_per_tok": 2, "sliding_window": 16,
    "layer_types": ["sliding_attention", "full_attention", "sliding_attention"],
}  # fmt: skip
BOUNDED = {
    "model_type": "gemma2", "attn_logit_softcapping": 3.0, "query_pre_attn_scalar": 8, "sliding_window": 30,
}  # fmt: skip


@pytest.mark.parametrize(
    "text", [SINKS, pytest.param(BOUNDED, marks=pytest.mark.slow)], ids=["sinks", "bounded scores"]
)
def test_text_models_that_sdpa_can_not_run(text: dict[str, Any], tmp_path: Path, monkeypatch):
    """InternVL 3.5 comes on gpt-oss as well, whose heads may look at nothing."""
    write = family_models.write
    monkeypatch.setattr(
        family_models,
        "write",
        lambda folder, tokenizer, config, *rest: write(
            folder, tokenizer, {**config, "text_config": text}, *rest
        ),
    )
    family_models.internvl(tmp_path)
    if text is SINKS:
        weights = load_file(tmp_path / "model.safetensors")
        sinks = {name for name in weights if name.endswith("sinks")}
        torch.manual_seed(0)
        changed = {name: torch.randn(4) + 2 if name in sinks else value for name, value in weights.items()}
        assert sinks
        save_file(changed, tmp_path / "model.safetensors", {"format": "pt"})
    assert_equals_plain_generation(tmp_path)


def test_a_family_that_shares_prefixes_does_not_where_layers_see_a_window(tmp_path: Path):
    parts = SHAPES["qwen2_5_vl"]
    windows = {"use_sliding_window": True, "sliding_window": 30, "max_window_layers": 1}
    write_qwen(tmp_path, "qwen2_5_vl", **{**parts, "text_config": {**parts["text_config"], **windows}})
    assert not assert_equals_plain_generation(tmp_path).shared_prefix


def test_a_template_that_looks_at_the_part_s_key(copy: Path):
    template = copy / "chat_template.jinja"
    text = template.read_text()
    by_type = "content.type == 'image' or 'image' in content or 'image_url' in content"
    assert by_type in text
    hashes = set()
    for condition in (by_type, "content.image"):
        template.write_text(text.replace(by_type, condition))
        hashes.add(Engine(load(str(copy)), max_new_tokens=1).prompt_hash)
    assert len(hashes) == 1


@pytest.mark.parametrize(
    "key", ["_attn_implementation", pytest.param("attn_implementation", marks=pytest.mark.slow)]
)
def test_the_kernel_a_checkpoint_was_trained_with_need_not_be_here(copy: Path, key: str):
    change(copy / "config.json", **{key: "flash_attention_2"})
    assert_equals_plain_generation(copy, 2)


def in_eight_bits(folder: Path, name: str, side: int) -> None:
    """Rewrite a checkpoint's text layers as float8 with a scale for each square of `side`."""
    packed = {}
    for key, value in load_file(folder / "model.safetensors").items():
        packed[key] = value
        if ".layers." in key and key.endswith("proj.weight"):
            scale = value.abs().amax() / 448
            packed[key] = (value / scale).to(torch.float8_e4m3fn)
            shape = [math.ceil(n / side) for n in value.shape]
            packed[key.removesuffix("weight") + name] = torch.full(shape, float(scale))
    save_file(packed, folder / "model.safetensors", {"format": "pt"})


@pytest.mark.parametrize("method", [None, "modelopt"])
def test_scales_that_nobody_applies_are_refused(copy: Path, method: str | None):
    """transformers would take the small numbers for the weights, and answers would be noise."""
    in_eight_bits(copy, "weight_scale", 10**6)
    if method:
        change(copy / "config.json", quantization_config={"quant_method": method, "quant_algo": "FP8"})
    with pytest.raises(RelcliError, match=r"are quantised, with .*weight_scale"):
        load(str(copy))


def test_weights_in_eight_bits_answer_as_the_same_numbers_in_full(copy: Path, tmp_path: Path):
    in_eight_bits(copy, "weight_scale_inv", 128)
    whole = Path(shutil.copytree(copy, tmp_path / "whole"))
    settings = {"activation_scheme": "dynamic", "weight_block_size": [128, 128], "fmt": "e4m3"}
    change(copy / "config.json", quantization_config={"quant_method": "fp8", **settings})
    weights = load_file(whole / "model.safetensors")
    scales = {name.removesuffix("_scale_inv"): value for name, value in weights.items() if "_inv" in name}
    plain = {
        name: value.float() * scales[name].flatten()[0] if name in scales else value
        for name, value in weights.items()
        if not name.endswith("_inv")
    }
    save_file(plain, whole / "model.safetensors", {"format": "pt"})
    told = [
        [answer.token_ids for answer in Engine(load(str(folder)), max_new_tokens=3).answer(ask_items(4))]
        for folder in (copy, whole)
    ]
    assert told[0] == told[1]


def test_a_package_for_quantised_weights_is_named(copy: Path):
    pytest.importorskip("accelerate")
    weights = load_file(copy / "model.safetensors")
    weights["model.language_model.layers.0.mlp.up_proj.weight.absmax"] = torch.ones(4)
    save_file(weights, copy / "model.safetensors", {"format": "pt"})
    change(copy / "config.json", quantization_config={"quant_method": "bitsandbytes", "load_in_4bit": True})
    try:
        import bitsandbytes  # noqa: F401  # pyright: ignore[reportMissingImports]
    except ImportError:
        with pytest.raises(RelcliError, match=r"need a package that is not here .*bitsandbytes.*install it"):
            load(str(copy))


def test_settings_of_the_processor_may_stand_in_one_file(copy: Path):
    """As processors are saved since transformers 5."""
    before = load(str(copy)).image_processor.to_dict()
    settings = json.loads((copy / "preprocessor_config.json").read_text())
    (copy / "processor_config.json").write_text(json.dumps({"image_processor": settings}))
    (copy / "preprocessor_config.json").unlink()
    assert load(str(copy)).image_processor.to_dict() == before


def refused(model: str, **options: Any) -> str:
    with pytest.raises(RelcliError) as caught:
        load(model, **options)
    assert "\n" not in caught.value.message and caught.value.message.endswith(".")
    return caught.value.message


def test_where_a_model_is_whose_folder_was_not_quite_given(copy: Path, tmp_path: Path):
    """The folder above a training's checkpoints, one of the hub's cache, and a file."""
    trained = tmp_path / "trained" / "checkpoint-500"
    cached = tmp_path / "models--lab--x" / "snapshots" / "c0ffee"
    shutil.copytree(copy, trained)
    shutil.copytree(copy, cached)
    assert f"give a folder inside it, such as {trained}." in refused(str(trained.parent))
    for folder in (cached.parent, cached.parent.parent):
        assert f"such as {cached}." in refused(str(folder))
    assert f"give its folder, {copy}." in refused(str(copy / "config.json"))
    (tmp_path / "small.gguf").write_bytes(b"GGUF")
    for model in (tmp_path / "small.gguf", tmp_path):
        shutil.rmtree(tmp_path / "trained", ignore_errors=True)
        shutil.rmtree(tmp_path / "copy", ignore_errors=True)
        assert "serve it and use --endpoint" in refused(str(model))
    (cached / "model.safetensors").unlink()
    assert "has but a part of it" in refused(str(cached))
    (cached / "model.safetensors").symlink_to(tmp_path / "blob")
    assert "a link to a file that is not there" in refused(str(cached))


def test_a_folder_has_no_revision(copy: Path):
    assert "--revision main is for a model of a hub" in refused(str(copy), revision="main")


@pytest.mark.parametrize(
    "family", ["LLaVA-NeXT", pytest.param("LLaVA-OneVision", marks=pytest.mark.slow)]
)
def test_of_a_very_long_picture_no_tile_may_be_left(family: str, tmp_path: Path):
    engine = Engine(load(str(family_models.WRITERS[family](tmp_path))), max_new_tokens=1)
    for width, height in ((2000, 20), (20, 2000), (2, 300)):
        items = [AskItem("long", noise(400, 400, 1).resize((width, height)), [PromptItem(0, "Is it red?")])]
        assert verify(engine, items, 1).passed
        assert engine.path.layout(items[0].image).is_placed


def test_a_picture_that_a_processor_refuses_is_named(tmp_path: Path, tiny_model: Path):
    """In the middle of a run, where a checkpoint's settings are known to be right."""
    engine = Engine(load(str(write_glm(tmp_path, tiny_model))), max_new_tokens=1)
    engine.answer(ask_items(1))
    with pytest.raises(RelcliError, match=r"A picture of 2000 x 5 pixels is too long .*crop it"):
        engine.ask(noise(400, 400, 1).resize((2000, 5)), "Is it red?")


def test_a_layout_that_settings_do_not_tell_is_unknown_and_no_fault(tmp_path: Path, monkeypatch):
    """ViP-LLaVA is like LLaVA, without some of its settings."""
    write = family_models.write

    def other(folder: Path, tokenizer: Any, config: dict[str, Any], *rest: Any) -> Path:
        config = {**config, "model_type": "vipllava", "vision_feature_layers": [-1, -2]}
        for name in ("image_grid_pinpoints", "vision_feature_select_strategy"):
            config.pop(name)
        pictures = {
            "image_processor_type": "CLIPImageProcessor", "size": {"shortest_edge": 56},
            "crop_size": {"height": 56, "width": 56}, "do_center_crop": True,
        }  # fmt: skip
        processor = {**rest[1], "processor_class": "LlavaProcessor"}
        return write(folder, tokenizer, config, pictures, processor, rest[2])

    monkeypatch.setattr(family_models, "write", other)
    loaded = load(str(family_models.llava_next(tmp_path)), untested_family=True)
    engine, picture = Engine(loaded, max_new_tokens=2), noise(448, 256, 1)
    assert verify(engine, [AskItem(0, picture, [PromptItem(0, "Is it red?")])], 1).passed
    assert engine.path.layout(picture).is_placed
    loaded.config.vision_config.patch_size = None
    assert not Engine(loaded, max_new_tokens=1).path.layout(picture).is_placed


CONFIG_CODE = """
from transformers import Qwen3VLConfig
print("talk")
class MineConfig(Qwen3VLConfig):
    model_type = "mine_vl"
"""
MODEL_CODE = """
from transformers import Qwen3VLForConditionalGeneration
from .conf import MineConfig
class Mine(Qwen3VLForConditionalGeneration):
    config_class = MineConfig
"""


@pytest.fixture
def own_modules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where transformers keeps the code of checkpoints is this test's own."""
    monkeypatch.setattr(dynamic_module_utils, "HF_MODULES_CACHE", str(tmp_path / "modules"))
    monkeypatch.setattr(sys, "path", [*sys.path])
    for name in [name for name in sys.modules if name.split(".")[0] == "transformers_modules"]:
        monkeypatch.delitem(sys.modules, name)


def with_code(folder: Path, auto: str, before: str = "") -> str:
    # transformers keeps a class that it has seen with its model: each text is another class.
    (folder / "conf.py").write_text(f"# {folder}{CONFIG_CODE}")
    (folder / "modeling.py").write_text(before + MODEL_CODE)
    change(
        folder / "config.json",
        model_type="mine_vl",
        auto_map={"AutoConfig": "conf.MineConfig", auto: "modeling.Mine"},
    )
    return str(folder)


@pytest.mark.usefixtures("own_modules")
def test_a_checkpoint_s_own_code_speaks_on_standard_error(copy: Path, capsys: pytest.CaptureFixture[str]):
    model = with_code(copy, "AutoModelForImageTextToText")
    assert "--trust-remote-code" in refused(model)
    assert "--untested-family" in refused(model, trust_remote_code=True)
    loaded = load(model, trust_remote_code=True, untested_family=True)
    assert Engine(loaded, max_new_tokens=1).answer(ask_items(1))
    told = capsys.readouterr()
    assert "talk" in told.err and not told.out


@pytest.mark.usefixtures("own_modules")
@pytest.mark.parametrize("auto", ["AutoModelForCausalLM", "AutoModel", "AutoModelForVision2Seq"])
def test_own_code_that_is_asked_in_its_own_way_is_not_called_a_text_model(copy: Path, auto: str):
    said = refused(with_code(copy, auto), trust_remote_code=True, untested_family=True)
    assert f"code of its own as {auto}" in said and "--endpoint" in said


@pytest.mark.usefixtures("own_modules")
def test_a_package_that_own_code_needs_is_named(copy: Path):
    model = with_code(copy, "AutoModelForImageTextToText", "import no_such_package_at_all\n")
    said = refused(model, trust_remote_code=True, untested_family=True)
    assert "no_such_package_at_all" in said and said.endswith("install it.")
