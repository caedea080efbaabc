"""The files of a checkpoint: the hash is of what was loaded, and what makes no sense is refused by name."""

import json
import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from safetensors.torch import load_file, save_file

from relcli.errors import RelcliError
from relcli.models.local.engine import Engine
from relcli.models.local.hub import weights_hash
from relcli.models.local.loading import load


@pytest.fixture
def copy(tiny_model: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(tiny_model, tmp_path / "copy"))


def failure(folder: Path, seconds: float = 10) -> str:
    """The sentence with which loading and asking fails."""
    started = time.monotonic()
    with pytest.raises(RelcliError) as caught:
        Engine(load(str(folder)), max_new_tokens=1).ask(Image.new("RGB", (64, 64)), "Is it red?")
    assert time.monotonic() - started < seconds
    assert "\n" not in caught.value.message and caught.value.message.endswith(".")
    return caught.value.message


def change(path: Path, **values: Any) -> None:
    """Set keys of a JSON file; `text_config__x` is x inside text_config."""
    settings = json.loads(path.read_text())
    for name, value in values.items():
        *outer, last = name.split("__")
        inside = settings
        for key in outer:
            inside = inside[key]
        inside[last] = value
    path.write_text(json.dumps(settings))


def split(folder: Path) -> list[str]:
    """Make two shards and an index of the weights; the names of the shards."""
    tensors = load_file(folder / "model.safetensors")
    (folder / "model.safetensors").unlink()
    names = [f"model-0000{i}-of-00002.safetensors" for i in (1, 2)]
    place = {key: names[i % 2] for i, key in enumerate(sorted(tensors))}
    for name in names:
        part = {key: value for key, value in tensors.items() if place[key] == name}
        save_file(part, folder / name, {"format": "pt"})
    index = {"metadata": {}, "weight_map": place}
    (folder / "model.safetensors.index.json").write_text(json.dumps(index))
    return names


def test_the_hash_is_of_the_files_that_were_loaded(copy):
    before = weights_hash(copy)
    shutil.copy(copy / "model.safetensors", copy / "model.fp16.safetensors")
    (copy / "consolidated.safetensors").write_bytes(b"not weights at all")
    assert load(str(copy)).weights_hash == weights_hash(copy) == before
    names = split(copy)
    sharded = weights_hash(copy)
    assert sharded != before
    assert load(str(copy)).weights_hash == sharded
    (copy / names[0]).write_bytes(b"stale")
    assert weights_hash(copy) != sharded
    # With both, transformers takes the single file.
    shutil.copy(copy / "model.fp16.safetensors", copy / "model.safetensors")
    assert load(str(copy)).weights_hash == before


def test_a_name_in_the_settings_goes_before_the_usual_one(copy):
    (copy / "model.safetensors").rename(copy / "mine.safetensors")
    assert "mine.safetensors would not be read" in failure(copy)
    change(copy / "config.json", transformers_weights="mine.safetensors")
    assert load(str(copy)).weights_hash == weights_hash(copy)
    change(copy / "config.json", transformers_weights="../elsewhere.safetensors")
    assert "transformers_weights" in failure(copy)


def test_a_missing_shard_and_a_broken_index(copy):
    names = split(copy)
    (copy / names[1]).rename(copy / "away")
    assert names[1] in failure(copy)
    (copy / "away").rename(copy / names[1])
    index = copy / "model.safetensors.index.json"
    maps = ({"a": 1}, {"a": "../b.safetensors"}, {}, [])
    for text in ("{ broken", "[]", "{}", *(json.dumps({"weight_map": each}) for each in maps)):
        index.write_text(text)
        assert "model.safetensors.index.json" in failure(copy)


def test_parts_of_a_distributed_checkpoint_take_no_one_s_place(copy):
    shutil.copy(copy / "model.safetensors", copy / "shard-00001-model-00001-of-00001.safetensors")
    assert "shard-00001" in failure(copy)


@pytest.mark.parametrize("size", [0, 4, 100, 5000])
def test_a_damaged_header_names_the_file(copy, size):
    whole = (copy / "model.safetensors").read_bytes()
    (copy / "model.safetensors").write_bytes(whole[:size])
    assert "model.safetensors are broken" in failure(copy)
    (copy / "model.safetensors").write_bytes(b"\xff" * 8 + whole[8:])
    assert "model.safetensors are broken" in failure(copy)


@pytest.mark.parametrize(
    "name",
    [
        "config.json", "generation_config.json", "preprocessor_config.json", "processor_config.json",
        "tokenizer_config.json", "special_tokens_map.json", "tokenizer.json", "chat_template.json",
    ],
)  # fmt: skip
@pytest.mark.parametrize("text", ["{ broken", "[1]", '{"a": ' + "[" * 5000 + "]" * 5000 + "}", "\xff"])
def test_broken_json_names_the_file(copy, name, text):
    (copy / name).write_text(text, encoding="latin-1")
    assert name in failure(copy)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
@pytest.mark.parametrize("name", ["config.json", "tokenizer.json", "chat_template.jinja"])
def test_a_pipe_is_no_file(copy, name):
    (copy / name).unlink()
    os.mkfifo(copy / name)
    assert name in failure(copy)


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"text_config__hidden_size": 100_000}, "do not belong together"),
        ({"text_config__vocab_size": 2_000_000_000}, "do not belong together"),
        ({"text_config__num_hidden_layers": 60}, "lack"),
        ({"text_config__num_hidden_layers": 1}, "leaves out"),
        ({"text_config__num_hidden_layers": 10**9}, "num_hidden_layers"),
        ({"vision_config__depth": 10**9}, "depth"),
        ({"text_config__intermediate_size": -64}, "intermediate_size"),
        ({"text_config__hidden_size": 0}, ""),
        ({"text_config__num_attention_heads": 0}, ""),
        ({"text_config__num_key_value_heads": 3}, ""),
        ({"text_config__vocab_size": 10**400}, "vocab_size"),
        ({"text_config__hidden_size": "many"}, ""),
        ({"text_config": []}, ""),
        ({"vision_config__patch_size": 0}, ""),
        ({"image_token_id": 10**6}, "image_token_id"),
        ({"image_token_id": -3}, "image_token_id"),
        ({"image_token_id": None}, ""),
        ({"vision_end_token_id": 10**30}, ""),
        ({"text_config__rope_parameters": {"rope_type": "longer"}}, ""),
        ({"text_config__hidden_act": "magic"}, ""),
        ({"dtype": "float7"}, ""),
    ],
)
def test_settings_that_the_weights_do_not_fit(copy, values, says):
    change(copy / "config.json", **values)
    assert says in failure(copy)


@pytest.mark.parametrize(
    "values",
    [{"patch_size": 0}, {"merge_size": -2}, {"size": {"shortest_edge": 10**14, "longest_edge": 10**15}}],
)
def test_picture_settings_beyond_sense(copy, values):
    change(copy / "preprocessor_config.json", **values)
    assert "preprocessor_config.json" in failure(copy)


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("preprocessor_config.json", {"image_mean": 7}),
        ("preprocessor_config.json", {"image_std": [0.5, "much", 0.5]}),
        ("preprocessor_config.json", {"merge_size": "2"}),
        ("preprocessor_config.json", {"size": {"shortest_edge": 65536, "longest_edge": {}}}),
        ("config.json", {"text_config__rope_parameters__mrope_section": 1.5}),
        ("tokenizer_config.json", {"model_max_length": []}),
    ],
)
def test_settings_of_a_wrong_kind_that_show_only_in_use(copy, name, values):
    change(copy / name, **values)
    assert "can't answer" in failure(copy)


def named(template: str) -> list[tuple[str, Callable[[Path], None]]]:
    """The ways in which a checkpoint keeps several templates."""
    other = "{{ raise_exception('the wrong template') }}"
    both = {"default": template, "tool_use": other}
    listed = [{"name": name, "template": text} for name, text in reversed(both.items())]

    def as_json(folder: Path) -> None:
        (folder / "chat_template.json").write_text(json.dumps({"chat_template": listed}))

    def beside(folder: Path) -> None:
        (folder / "chat_template.jinja").write_text(template)
        (folder / "additional_chat_templates").mkdir()
        (folder / "additional_chat_templates" / "tool_use.jinja").write_text(other)

    return [
        ("a list", lambda folder: change(folder / "tokenizer_config.json", chat_template=listed)),
        ("a dict", lambda folder: change(folder / "tokenizer_config.json", chat_template=both)),
        ("json", as_json),
        ("files", beside),
    ]


@pytest.mark.parametrize("way", range(4))
def test_of_named_templates_the_default_is_taken(copy, way):
    template = (copy / "chat_template.jinja").read_text()
    (copy / "chat_template.jinja").unlink()
    named(template)[way][1](copy)
    assert load(str(copy)).chat_template == template


def test_named_templates_without_a_default(copy):
    (copy / "chat_template.jinja").unlink()
    change(copy / "tokenizer_config.json", chat_template=[{"name": "rag", "template": "{{ 1 }}"}])
    assert "rag" in failure(copy) and "none called default" in failure(copy)


@pytest.mark.parametrize(
    "template",
    [
        "{% for",
        "{{ nothing.at.all }}",
        "{{ 1 / 0 }}",
        "{{ raise_exception('no') }}",
        "{{ ''.__class__.__mro__ }}",
        "{% include 'other' %}",
        "{{ '('  * 3 }}{{ range(10**9) }}",
        "{{ " + "(" * 3000 + "1" + ")" * 3000 + " }}",
        "\xff",
    ],
)
def test_a_broken_template(copy, template):
    (copy / "chat_template.jinja").write_text(template, encoding="latin-1")
    assert "template" in failure(copy)


@pytest.mark.parametrize(
    "growth",
    [
        "{% for i in range(99999) %}{{ 'a' * 99999 }}{% endfor %}",
        "{% for i in range(99999) %}{% for j in range(99999) %}{% endfor %}{% endfor %}",
        "{{ 'a' * 10**11 }}",
        "{{ '%0100000000000d' % 1 }}",
        "{{ 10**(10**10) }}",
        "{% set ns = namespace(x='ab') %}{% for i in range(99) %}{% set ns.x = ns.x ~ ns.x %}{% endfor %}",
        "{{ 'a'|center(300000) }}",
    ],
)
def test_a_template_that_grows(copy, growth):
    path = copy / "chat_template.jinja"
    path.write_text(path.read_text() + growth)
    assert "template" in failure(copy, seconds=15)
