"""Small random models of the Qwen-VL classes, as folders of files."""

from pathlib import Path
from typing import Any

import torch
from transformers import AutoConfig, AutoModelForImageTextToText

from tests.models.conftest import write_parts_beside_weights

TEXT = {
    "vocab_size": 151936,
    "hidden_size": 32,
    "intermediate_size": 64,
    "num_hidden_layers": 3,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "max_position_embeddings": 4096,
    "initializer_range": 0.3,
    "tie_word_embeddings": False,
}
IDS = {
    "image_token_id": 151655,
    "video_token_id": 151656,
    "vision_start_token_id": 151652,
    "vision_end_token_id": 151653,
}
INTERLEAVED = {
    "rope_type": "default",
    "rope_theta": 5e6,
    "mrope_section": [4, 2, 2],
    "mrope_interleaved": True,
}
SECTIONS = {"rope_type": "default", "rope_theta": 1e6, "mrope_section": [2, 1, 1]}
RECURRENT = {
    **TEXT, "head_dim": 16, "num_hidden_layers": 4,
    "rope_parameters": {**INTERLEAVED, "partial_rotary_factor": 1.0},
    "layer_types": ["linear_attention", "full_attention"] * 2, "linear_num_key_heads": 2,
    "linear_num_value_heads": 2, "linear_key_head_dim": 16, "linear_value_head_dim": 16,
}  # fmt: skip
QWEN3_VISION = {
    "depth": 2, "hidden_size": 32, "intermediate_size": 64, "num_heads": 2, "out_hidden_size": 32,
    "num_position_embeddings": 64, "deepstack_visual_indexes": [0], "initializer_range": 0.2,
}  # fmt: skip
SHAPES = {
    "qwen2_vl": {
        "text_config": {**TEXT, "rope_parameters": SECTIONS},
        "vision_config": {"depth": 2, "embed_dim": 32, "hidden_size": 32, "num_heads": 2, "patch_size": 16},
    },
    "qwen2_5_vl": {
        "text_config": {**TEXT, "rope_parameters": SECTIONS},
        "vision_config": {
            "depth": 3, "hidden_size": 32, "intermediate_size": 64, "num_heads": 2, "out_hidden_size": 32,
            "patch_size": 16, "window_size": 96, "fullatt_block_indexes": [1],
        },
    },
    "qwen3_vl": {
        "text_config": {**TEXT, "head_dim": 16, "rope_parameters": INTERLEAVED},
        "vision_config": QWEN3_VISION,
    },
    "qwen3_vl_moe": {
        "text_config": {
            **TEXT, "head_dim": 16, "rope_parameters": INTERLEAVED, "num_experts": 4,
            "num_experts_per_tok": 2, "moe_intermediate_size": 32, "decoder_sparse_step": 1,
        },
        "vision_config": QWEN3_VISION,
    },
}  # fmt: skip


def write_qwen(folder: Path, kind: str, *, seed: int = 2, **parts: Any) -> Path:
    """A model of a type in SHAPES, or of the configuration `parts`."""
    config = AutoConfig.for_model(kind, **(parts or SHAPES[kind]), **IDS, tie_word_embeddings=False)
    torch.manual_seed(seed)
    model = AutoModelForImageTextToText.from_config(config)
    model.generation_config.eos_token_id = 151645
    model.save_pretrained(folder)
    write_parts_beside_weights(folder)
    return folder


def write_qwen35(folder: Path, kind: str = "qwen3_5") -> Path:
    """Every other layer is recurrent and has no attention."""
    vision = {key: value for key, value in QWEN3_VISION.items() if key != "deepstack_visual_indexes"}
    experts = {
        "num_experts": 4, "num_experts_per_tok": 2, "moe_intermediate_size": 32,
        "shared_expert_intermediate_size": 32,
    }  # fmt: skip
    text = RECURRENT | (experts if kind == "qwen3_5_moe" else {})
    return write_qwen(folder, kind, text_config=text, vision_config=vision)
