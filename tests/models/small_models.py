"""Small random models of families that take the plain path, as folders of files."""

import json
from pathlib import Path

import torch
from tokenizers import Tokenizer, decoders, pre_tokenizers
from tokenizers.models import BPE
from transformers import (
    AutoConfig,
    AutoModelForImageTextToText,
    LlavaConfig,
    LlavaForConditionalGeneration,
    LlavaProcessor,
    PreTrainedTokenizerFast,
    Qwen2Config,
)
from transformers.models.clip.image_processing_pil_clip import CLIPImageProcessorPil

LLAVA_TEMPLATE = (
    "{% for message in messages %}{% for part in message.content %}"
    "{% if part.type == 'image' %}<image>\n{% else %}USER: {{ part.text }}{% endif %}"
    "{% endfor %}{% endfor %}{% if add_generation_prompt %} ASSISTANT:{% endif %}"
)
TOWER = {
    "hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 3, "num_attention_heads": 4,
    "image_size": 56, "patch_size": 14, "projection_dim": 32,
}  # fmt: skip


def write_llava(folder: Path, tower: str = "clip") -> Path:
    """A random LLaVA: its processor lays out the prompt, and its image tokens know no grid."""
    letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    bpe = Tokenizer(BPE(vocab={letter: i for i, letter in enumerate(letters)}, merges=[]))
    bpe.pre_tokenizer, bpe.decoder = pre_tokenizers.ByteLevel(add_prefix_space=False), decoders.ByteLevel()
    bpe.add_special_tokens(["<image>", "</s>"])
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=bpe, eos_token="</s>")
    strategy = "default" if tower == "clip" else "full"  # SigLIP has no class token to leave out
    images = CLIPImageProcessorPil(size={"shortest_edge": 56}, crop_size={"height": 56, "width": 56})
    processor = LlavaProcessor(
        images,
        tokenizer,
        patch_size=14,
        vision_feature_select_strategy=strategy,
        chat_template=LLAVA_TEMPLATE,
        num_additional_image_tokens=int(tower == "clip"),
    )
    processor.save_pretrained(folder)
    kind = "clip_vision_model" if tower == "clip" else "siglip_vision_model"
    config = LlavaConfig(
        vision_config={"model_type": kind, **TOWER},
        text_config=Qwen2Config(
            vocab_size=bpe.get_vocab_size(), hidden_size=32, intermediate_size=64, num_hidden_layers=3,
            num_attention_heads=4, num_key_value_heads=2, initializer_range=0.4,
        ),
        vision_feature_select_strategy=strategy,
        image_token_index=bpe.get_vocab()["<image>"],
        tie_word_embeddings=False,
    )  # fmt: skip
    torch.manual_seed(1)
    model = LlavaForConditionalGeneration(config)
    model.generation_config.eos_token_id = bpe.token_to_id("</s>")
    model.save_pretrained(folder)
    return folder


def write_glm(folder: Path, parts: Path) -> Path:
    """A random GLM-4V, with tokenizer and template of the small Qwen3-VL in `parts`."""
    text = json.loads((parts / "config.json").read_text())
    ids = {name: text[name] for name in text if name.endswith("_token_id") and isinstance(text[name], int)}
    config = AutoConfig.for_model(
        "glm4v",
        text_config={
            "vocab_size": text["text_config"]["vocab_size"], "hidden_size": 32, "intermediate_size": 64,
            "num_hidden_layers": 3, "num_attention_heads": 4, "num_key_value_heads": 2, "head_dim": 8,
            "initializer_range": 0.3, "max_position_embeddings": 4096, "pad_token_id": 0, "eos_token_id": 0,
            "rope_parameters": {
                "rope_type": "default", "rope_theta": 1e4, "partial_rotary_factor": 1.0,
                "mrope_section": [2, 1, 1],
            },
        },
        vision_config={
            "depth": 2, "hidden_size": 32, "intermediate_size": 64, "num_heads": 2, "out_hidden_size": 32,
            "patch_size": 16, "image_size": 256, "spatial_merge_size": 2, "temporal_patch_size": 2,
        },
        **ids,
        tie_word_embeddings=False,
    )  # fmt: skip
    torch.manual_seed(2)
    model = AutoModelForImageTextToText.from_config(config)
    model.save_pretrained(folder)
    shared = ("tokenizer.json", "tokenizer_config.json", "chat_template.jinja", "preprocessor_config.json")
    for name in shared:
        (folder / name).write_bytes((parts / name).read_bytes())
    (folder / "generation_config.json").write_text(json.dumps({"eos_token_id": 256 + 2}))
    return folder
