"""Models of random weights in the hub's layout, with the widths of real ones."""

import json
import multiprocessing
from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import PreTrainedTokenizerFast, Qwen3VLConfig, Qwen3VLForConditionalGeneration

SPECIAL = [
    "<|endoftext|>",
    "<|im_start|>",
    "<|im_end|>",
    "<|vision_start|>",
    "<|vision_end|>",
    "<|image_pad|>",
]
SPECIAL += ["<|video_pad|>"]
TEMPLATE = (
    "{% for message in messages %}<|im_start|>{{ message.role }}\n"
    "{% for part in message.content %}{% if part.type == 'image' %}"
    "<|vision_start|><|image_pad|><|vision_end|>"
    "{% else %}{{ part.text }}{% endif %}{% endfor %}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
# tiny: the bundled model's widths. 4b: Qwen3-VL-4B-Instruct's.
SHAPES: dict[str, dict[str, dict[str, Any]]] = {
    "tiny": {
        "text": dict(
            vocab_size=2048, hidden_size=128, intermediate_size=384, num_hidden_layers=6,
            num_attention_heads=4, num_key_value_heads=2, head_dim=32, mrope_section=[6, 5, 5],
        ),
        "vision": dict(
            depth=6, hidden_size=128, intermediate_size=384, num_heads=4, out_hidden_size=128,
            num_position_embeddings=256, deepstack_visual_indexes=[3],
        ),
    },
    "4b": {
        "text": dict(
            vocab_size=151936, hidden_size=2560, intermediate_size=9728, num_hidden_layers=36,
            num_attention_heads=32, num_key_value_heads=8, head_dim=128, mrope_section=[24, 20, 20],
        ),
        "vision": dict(
            depth=24, hidden_size=1024, intermediate_size=4096, num_heads=16, out_hidden_size=2560,
            num_position_embeddings=2304, deepstack_visual_indexes=[5, 11, 17],
        ),
    },
}  # fmt: skip


def write_apart(
    folder: Path, shape: str, texts: list[str], dtype: str | None, layers: int | None = None
) -> None:
    """write_shape in a process of its own, whose memory doesn't count as this one's."""
    child = multiprocessing.get_context("spawn").Process(
        target=write_shape, args=(folder, shape, texts, dtype, layers)
    )
    child.start()
    child.join()
    if child.exitcode:
        raise SystemExit(f"The model of random weights could not be written to {folder}.")


def write_shape(
    folder: Path, shape: str, texts: list[str], dtype: str | None, layers: int | None = None
) -> None:
    """A model of random weights in the hub's layout, with a tokenizer made from the questions. layers: of the
    text model, other than the shape's."""
    inner = Tokenizer(models.BPE())
    inner.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    inner.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    inner.train_from_iterator(
        texts, trainers.BpeTrainer(vocab_size=1024, special_tokens=SPECIAL, initial_alphabet=alphabet)
    )
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=inner, eos_token="<|im_end|>", pad_token="<|endoftext|>", chat_template=TEMPLATE
    )
    tokenizer.save_pretrained(folder)
    special: dict[str, Any] = {
        "image_token_id": "<|image_pad|>",
        "video_token_id": "<|video_pad|>",
        "vision_start_token_id": "<|vision_start|>",
        "vision_end_token_id": "<|vision_end|>",
    }
    special = {name: tokenizer.convert_tokens_to_ids(token) for name, token in special.items()}
    sizes = SHAPES[shape]
    text = dict(sizes["text"])
    text["num_hidden_layers"] = layers or text["num_hidden_layers"]
    section = text.pop("mrope_section")
    text["rope_parameters"] = {
        "rope_type": "default", "rope_theta": 5e6, "mrope_section": section, "mrope_interleaved": True,
    }  # fmt: skip
    config = Qwen3VLConfig(
        text_config=text,
        vision_config=sizes["vision"],
        **special,
        tie_word_embeddings=True,
        dtype=dtype or ("bfloat16" if torch.cuda.is_available() else "float32"),
    )
    torch.manual_seed(0)
    with torch.device("cuda" if torch.cuda.is_available() else "cpu"):
        model = Qwen3VLForConditionalGeneration._from_config(config)
    model.generation_config.eos_token_id = tokenizer.eos_token_id
    model.save_pretrained(folder)
    settings = {
        "size": {"longest_edge": 16777216, "shortest_edge": 65536}, "patch_size": 16,
        "temporal_patch_size": 2, "merge_size": 2, "image_mean": [0.5] * 3, "image_std": [0.5] * 3,
        "image_processor_type": "Qwen2VLImageProcessorFast",
    }  # fmt: skip
    (folder / "preprocessor_config.json").write_text(json.dumps(settings))
