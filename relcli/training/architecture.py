"""The shape of the small Qwen3-VL that ``relcli train`` makes, as transformers' own configuration.

Every module is Qwen3-VL's (ViT with 2-D rotary positions, patch merger, DeepStack, interleaved M-RoPE,
grouped queries with query/key norms), only narrower and shallower, so the checkpoint loads like any other
one.
"""

from dataclasses import dataclass

from transformers import Qwen3VLConfig, Qwen3VLForConditionalGeneration

PATCH_SIZE = 16
MERGE_SIZE = 2
TEMPORAL_PATCH_SIZE = 2
#: Least number of pixels an image is scaled to; the study's 224 x 224 pictures become 256 x 256 (seed facts
#: 5).
MIN_PIXELS = 65_536
MAX_PIXELS = 16_777_216


@dataclass(frozen=True, slots=True)
class Size:
    """Widths and depths of a trained model. ``deepstack``: vision layers whose output the first text layers
    get."""

    vision_depth: int = 6
    vision_hidden: int = 128
    vision_intermediate: int = 384
    vision_heads: int = 4
    text_depth: int = 6
    text_hidden: int = 128
    text_intermediate: int = 384
    text_heads: int = 4
    text_kv_heads: int = 2
    deepstack: tuple[int, ...] = (3,)


SIZES: dict[str, Size] = {
    "nano": Size(
        vision_depth=2,
        vision_hidden=64,
        vision_intermediate=128,
        vision_heads=2,
        text_depth=2,
        text_hidden=64,
        text_intermediate=128,
        text_heads=2,
        text_kv_heads=1,
        deepstack=(0,),
    ),
    "small": Size(),
    "base": Size(
        vision_depth=8, text_depth=8, text_hidden=192, text_intermediate=512, text_heads=6, text_kv_heads=2
    ),
}


def build_config(size: Size, special_ids: dict[str, int], vocab_size: int) -> Qwen3VLConfig:
    """Make the configuration of a model of this size.

    Args:
        size: widths and depths.
        special_ids: token id of each of Qwen3-VL's special token strings.
        vocab_size: number of rows of the embedding.
    """
    return Qwen3VLConfig(
        text_config={
            "vocab_size": vocab_size,
            "hidden_size": size.text_hidden,
            "intermediate_size": size.text_intermediate,
            "num_hidden_layers": size.text_depth,
            "num_attention_heads": size.text_heads,
            "num_key_value_heads": size.text_kv_heads,
            "head_dim": 32,
            "max_position_embeddings": 4096,
            "rope_parameters": {
                "rope_type": "default",
                "rope_theta": 10_000.0,
                "mrope_section": [6, 5, 5],
                "mrope_interleaved": True,
            },
            "pad_token_id": special_ids["<|endoftext|>"],
            "bos_token_id": special_ids["<|endoftext|>"],
            "eos_token_id": special_ids["<|im_end|>"],
        },
        vision_config={
            "depth": size.vision_depth,
            "hidden_size": size.vision_hidden,
            "intermediate_size": size.vision_intermediate,
            "num_heads": size.vision_heads,
            "out_hidden_size": size.text_hidden,
            "patch_size": PATCH_SIZE,
            "spatial_merge_size": MERGE_SIZE,
            "temporal_patch_size": TEMPORAL_PATCH_SIZE,
            "num_position_embeddings": 256,
            "deepstack_visual_indexes": list(size.deepstack),
        },
        image_token_id=special_ids["<|image_pad|>"],
        video_token_id=special_ids["<|video_pad|>"],
        vision_start_token_id=special_ids["<|vision_start|>"],
        vision_end_token_id=special_ids["<|vision_end|>"],
        tie_word_embeddings=True,
    )


def build_model(config: Qwen3VLConfig) -> Qwen3VLForConditionalGeneration:
    """Make a model with fresh weights from torch's current seed, with scaled-dot-product attention."""
    config._attn_implementation = "sdpa"
    return Qwen3VLForConditionalGeneration(config).float()
