"""Small random models of the real classes of each family, as folders of files, with processors as their
checkpoints bring them: real image processors on small pictures, and a tokenizer of bytes."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer, decoders, pre_tokenizers, processors
from tokenizers.models import BPE
from transformers import AutoConfig, AutoModelForImageTextToText, PreTrainedTokenizerFast

TEXT = {
    "hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 3, "num_attention_heads": 4,
    "num_key_value_heads": 2, "head_dim": 8, "max_position_embeddings": 8192, "initializer_range": 0.3,
    "tie_word_embeddings": False, "pad_token_id": 0, "bos_token_id": None, "eos_token_id": None,
}  # fmt: skip
SIGLIP = {
    "model_type": "siglip_vision_model", "hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2,
    "num_attention_heads": 4, "vision_use_head": False, "initializer_range": 0.2,
}  # fmt: skip
CLIP = {
    "model_type": "clip_vision_model", "hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 3,
    "num_attention_heads": 4, "projection_dim": 32,
}  # fmt: skip
PIXTRAL = {
    "model_type": "pixtral", "hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2,
    "num_attention_heads": 4, "head_dim": 8, "image_size": 112, "patch_size": 14,
}  # fmt: skip
NORMAL = {
    "do_resize": True, "do_rescale": True, "do_normalize": True, "do_convert_rgb": True, "resample": 3,
    "image_mean": [0.5, 0.5, 0.5], "image_std": [0.5, 0.5, 0.5], "rescale_factor": 1 / 255,
}  # fmt: skip


def byte_tokenizer(
    special: list[str], *, bos: str | None = None, adds_bos: bool = False, **names: Any
) -> Any:
    """A tokenizer of single bytes and special tokens; with adds_bos it puts `bos` in front, as Gemma's."""
    letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    bpe = Tokenizer(BPE(vocab={letter: i for i, letter in enumerate(letters)}, merges=[]))
    bpe.pre_tokenizer, bpe.decoder = pre_tokenizers.ByteLevel(add_prefix_space=False), decoders.ByteLevel()
    bpe.add_special_tokens([*special, "</s>", "<pad>"])
    if bos:
        bpe.add_special_tokens([bos])
    if adds_bos:
        assert bos is not None
        bpe.post_processor = processors.TemplateProcessing(
            single=f"{bos} $A", pair=f"{bos} $A {bos} $B", special_tokens=[(bos, bpe.token_to_id(bos))]
        )
    return PreTrainedTokenizerFast(
        tokenizer_object=bpe, eos_token="</s>", pad_token="<pad>", bos_token=bos, extra_special_tokens=names
    )


def chat_template(image: str, before: str = "", after: str = "\n", bos: str = "") -> str:
    """A template of the usual form: one turn of a picture and a question."""
    start = "{{ bos_token }}" if bos else ""
    return (
        start + "{% for message in messages %}{% for part in message.content %}"
        "{% if part.type == 'image' %}" + before + image + after +
        "{% else %}USER: {{ part.text }}{% endif %}"
        "{% endfor %}{% endfor %}{% if add_generation_prompt %} ASSISTANT:{% endif %}"
    )


def write(
    folder: Path,
    tokenizer: Any,
    config: dict[str, Any],
    image_processor: dict[str, Any],
    processor: dict[str, Any],
    template: str | None,
    seed: int = 3,
) -> Path:
    """Save a random model of `config` with its processor's files; the vocabulary is the tokenizer's."""
    folder.mkdir(parents=True, exist_ok=True)
    vocabulary = len(tokenizer)
    text = {**TEXT, **config.pop("text_config"), "vocab_size": vocabulary}
    made = AutoConfig.for_model(text_config=text, **config)
    torch.manual_seed(seed)
    model = AutoModelForImageTextToText.from_config(made)
    with torch.no_grad():  # some parts start out as zeros, and would hide the picture
        for parameter in model.parameters():
            if not parameter.any():
                parameter.normal_(0, 0.2)
    model.generation_config.eos_token_id = tokenizer.eos_token_id
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    (folder / "preprocessor_config.json").write_text(json.dumps({**NORMAL, **image_processor}))
    (folder / "processor_config.json").write_text(json.dumps(processor))
    if template is not None:
        (folder / "chat_template.jinja").write_text(template)
    return folder


def llava_next(folder: Path) -> Path:
    tokenizer = byte_tokenizer(["<image>"], bos="<s>", adds_bos=True)
    return write(
        folder, tokenizer,
        {
            "model_type": "llava_next", "vision_config": {**CLIP, "image_size": 56, "patch_size": 14},
            "text_config": {"model_type": "llama"},
            "image_token_index": tokenizer.convert_tokens_to_ids("<image>"),
            "image_grid_pinpoints": [[56, 112], [112, 56], [112, 112], [168, 56], [56, 168]],
            "vision_feature_select_strategy": "default", "tie_word_embeddings": False,
        },
        {
            "image_processor_type": "LlavaNextImageProcessor", "size": {"shortest_edge": 56},
            "crop_size": {"height": 56, "width": 56}, "do_center_crop": True, "do_pad": True,
            "image_grid_pinpoints": [[56, 112], [112, 56], [112, 112], [168, 56], [56, 168]],
        },
        {
            "processor_class": "LlavaNextProcessor", "patch_size": 14, "num_additional_image_tokens": 1,
            "vision_feature_select_strategy": "default",
        },
        chat_template("<image>"),
    )  # fmt: skip


def llava_onevision(folder: Path) -> Path:
    tokenizer = byte_tokenizer(["<image>", "<video>"])
    pinpoints = [[56 * rows, 56 * columns] for rows in range(1, 5) for columns in range(1, 5)]
    return write(
        folder, tokenizer,
        {
            "model_type": "llava_onevision", "vision_config": {**SIGLIP, "image_size": 56, "patch_size": 14},
            "text_config": {"model_type": "qwen2"},
            "image_token_index": tokenizer.convert_tokens_to_ids("<image>"),
            "video_token_index": tokenizer.convert_tokens_to_ids("<video>"),
            "image_grid_pinpoints": pinpoints, "vision_aspect_ratio": "anyres_max_4",
            "vision_feature_select_strategy": "full", "tie_word_embeddings": False,
        },
        {
            "image_processor_type": "LlavaOnevisionImageProcessor", "size": {"height": 56, "width": 56},
            "image_grid_pinpoints": pinpoints, "do_pad": True,
        },
        {
            "processor_class": "LlavaOnevisionProcessor", "num_image_tokens": 16,
            "vision_feature_select_strategy": "full", "vision_aspect_ratio": "anyres_max_4",
        },
        chat_template("<image>"),
    )  # fmt: skip


def _idefics(folder: Path, kind: str, name: str) -> Path:
    own = {key: value for key, value in SIGLIP.items() if key not in ("model_type", "vision_use_head")}
    tokenizer = byte_tokenizer(
        [
            "<image>", "<fake_token_around_image>", "<end_of_utterance>", "<global-img>",
            *(f"<row_{row}_col_{column}>" for row in range(1, 7) for column in range(1, 7)),
        ],
        bos="<s>", adds_bos=True,
    )  # fmt: skip
    return write(
        folder, tokenizer,
        {
            "model_type": kind, "scale_factor": 2, "tie_word_embeddings": False,
            "vision_config": {**own, "image_size": 64, "patch_size": 8},
            "text_config": {"model_type": "llama"},
            "image_token_id": tokenizer.convert_tokens_to_ids("<image>"),
        },
        {
            "image_processor_type": f"{name}ImageProcessor", "size": {"longest_edge": 192},
            "max_image_size": {"longest_edge": 64}, "do_image_splitting": True, "do_pad": True,
        },
        {"processor_class": f"{name}Processor", "image_seq_len": 16},
        chat_template("<image>", after="", bos="<s>"),
    )  # fmt: skip


def idefics3(folder: Path) -> Path:
    return _idefics(folder, "idefics3", "Idefics3")


def smolvlm(folder: Path) -> Path:
    return _idefics(folder, "smolvlm", "SmolVLM")


def internvl(folder: Path) -> Path:
    names = {
        "start_image_token": "<img>", "end_image_token": "</img>", "context_image_token": "<IMG_CONTEXT>",
        "video_token": "<video>",
    }  # fmt: skip
    named: dict[str, Any] = names
    tokenizer = byte_tokenizer(list(names.values()), **named)
    return write(
        folder, tokenizer,
        {
            "model_type": "internvl", "downsample_ratio": 0.5, "tie_word_embeddings": False,
            "vision_config": {
                "hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2, "num_attention_heads": 4,
                "image_size": [64, 64], "patch_size": [8, 8], "layer_scale_init_value": 0.5,
            },
            "text_config": {"model_type": "qwen2"},
            "image_token_id": tokenizer.convert_tokens_to_ids("<IMG_CONTEXT>"),
        },
        {
            "image_processor_type": "GotOcr2ImageProcessor", "size": {"height": 64, "width": 64},
            "crop_to_patches": True, "min_patches": 1, "max_patches": 6,
        },
        {"processor_class": "InternVLProcessor", "image_seq_length": 16},
        chat_template("<IMG_CONTEXT>"),
    )  # fmt: skip


def gemma3(folder: Path, window: int = 24) -> Path:
    names = {
        "boi_token": "<start_of_image>", "eoi_token": "<end_of_image>", "image_token": "<image_soft_token>",
    }  # fmt: skip
    tokenizer = byte_tokenizer(list(names.values()), bos="<bos>", adds_bos=True, **names)
    boi, eoi, image = (tokenizer.convert_tokens_to_ids(names[name]) for name in names)
    return write(
        folder, tokenizer,
        {
            "model_type": "gemma3", "mm_tokens_per_image": 16, "tie_word_embeddings": False,
            "vision_config": {**SIGLIP, "image_size": 64, "patch_size": 8},
            "text_config": {
                "model_type": "gemma3_text", "sliding_window": window, "query_pre_attn_scalar": 8,
                "layer_types": ["sliding_attention", "full_attention", "sliding_attention"],
            },
            "boi_token_index": boi, "eoi_token_index": eoi, "image_token_index": image,
        },
        {"image_processor_type": "Gemma3ImageProcessor", "size": {"height": 64, "width": 64}},
        {"processor_class": "Gemma3Processor", "image_seq_length": 16},
        chat_template("<start_of_image>", after="", bos="<bos>"),
    )  # fmt: skip


def gemma4(folder: Path, **text: Any) -> Path:
    """With what the small sizes have: layers that share the keys of others, and embeddings for each layer."""
    names = {
        "boi_token": "<|image>", "eoi_token": "<image|>", "image_token": "<|image|>",
        "boa_token": "<|audio>", "eoa_token": "<audio|>", "audio_token": "<|audio|>",
    }  # fmt: skip
    tokenizer = byte_tokenizer([*names.values(), "<|video|>"], bos="<bos>", adds_bos=True, **names)
    boi, eoi, image = (tokenizer.convert_tokens_to_ids(each) for each in list(names.values())[:3])
    return write(
        folder, tokenizer,
        {
            "model_type": "gemma4", "audio_config": None, "tie_word_embeddings": False,
            "vision_config": {
                "hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2, "num_attention_heads": 4,
                "num_key_value_heads": 4, "head_dim": 8, "patch_size": 4, "pooling_kernel_size": 2,
                "position_embedding_size": 256, "initializer_range": 0.2,
            },
            "text_config": {
                "model_type": "gemma4_text", "num_hidden_layers": 4, "sliding_window": 24,
                "layer_types": ["sliding_attention", "full_attention"] * 2, "num_kv_shared_layers": 1,
                "global_head_dim": 16, "hidden_size_per_layer_input": 8,
                "vocab_size_per_layer_input": len(tokenizer), **text,
            },
            "boi_token_id": boi, "eoi_token_id": eoi, "image_token_id": image,
        },
        {
            "image_processor_type": "Gemma4ImageProcessor", "patch_size": 4, "pooling_kernel_size": 2,
            "max_soft_tokens": 70, "do_normalize": False,
        },
        {"processor_class": "Gemma4Processor", "image_seq_length": 70},
        chat_template("<|image|>", after="", bos="<bos>"),
    )  # fmt: skip


def aya_vision(folder: Path) -> Path:
    marks = ["<|START_OF_IMG|>", "<|END_OF_IMG|>", "<|IMG_PATCH|>", "<|IMG_LINE_BREAK|>"]
    tokenizer = byte_tokenizer(["<image>", *marks, "TILE_GLOBAL", "TILE"], bos="<s>", adds_bos=True)
    return write(
        folder, tokenizer,
        {
            "model_type": "aya_vision", "downsample_factor": 2, "tie_word_embeddings": False,
            "vision_config": {**SIGLIP, "image_size": 64, "patch_size": 8},
            "text_config": {
                "model_type": "cohere2", "sliding_window": 24,
                "layer_types": ["sliding_attention", "full_attention", "sliding_attention"],
            },
            "image_token_index": tokenizer.convert_tokens_to_ids("<|IMG_PATCH|>"),
        },
        {
            "image_processor_type": "GotOcr2ImageProcessor", "size": {"height": 64, "width": 64},
            "crop_to_patches": True, "min_patches": 1, "max_patches": 6,
        },
        {"processor_class": "AyaVisionProcessor", "patch_size": 8, "img_size": 64, "downsample_factor": 2},
        chat_template("<image>", after="", bos="<s>"),
    )  # fmt: skip


def cohere2_vision(folder: Path) -> Path:
    names = {
        "boi_token": "<|START_OF_IMG|>", "eoi_token": "<|END_OF_IMG|>", "image_token": "<|IMG_PATCH|>",
        "img_line_break_token": "<|IMG_LINE_BREAK|>",
    }  # fmt: skip
    tokenizer = byte_tokenizer(list(names.values()), bos="<s>", adds_bos=True, **names)
    return write(
        folder, tokenizer,
        {
            "model_type": "cohere2_vision", "downsample_factor": 2, "alignment_intermediate_size": 64,
            "tie_word_embeddings": False, "vision_config": {**SIGLIP, "image_size": 64, "patch_size": 8},
            "text_config": {
                "model_type": "cohere2", "sliding_window": 24,
                "layer_types": ["sliding_attention", "full_attention", "sliding_attention"],
            },
            "image_token_id": tokenizer.convert_tokens_to_ids("<|IMG_PATCH|>"),
        },
        {
            "image_processor_type": "Cohere2VisionImageProcessor", "size": {"height": 64, "width": 64},
            "crop_to_patches": True, "min_patches": 1, "max_patches": 6, "patch_size": 4,
        },
        {"processor_class": "Cohere2VisionProcessor"},
        chat_template("<|IMG_PATCH|>", after="", bos="<s>"),
    )  # fmt: skip


def lfm2_vl(folder: Path) -> Path:
    """Two of three layers convolve, and have no attention."""
    marks = [
        "<image>", "<|image_start|>", "<|image_end|>", "<|img_thumbnail|>",
        *(f"<|img_row_{row}_col_{column}|>" for row in range(1, 7) for column in range(1, 7)),
    ]  # fmt: skip
    tokenizer = byte_tokenizer(marks, image_token="<image>")
    return write(
        folder, tokenizer,
        {
            "model_type": "lfm2_vl", "downsample_factor": 2, "projector_hidden_size": 64,
            "tie_word_embeddings": False,
            "vision_config": {
                "model_type": "siglip2_vision_model", "hidden_size": 32, "intermediate_size": 64,
                "num_hidden_layers": 2, "num_attention_heads": 4, "patch_size": 8, "num_patches": 64,
                "vision_use_head": False,
            },
            "text_config": {"model_type": "lfm2", "layer_types": ["conv", "full_attention", "conv"]},
            "image_token_id": tokenizer.convert_tokens_to_ids("<image>"),
        },
        {
            "image_processor_type": "Lfm2VlImageProcessor", "encoder_patch_size": 8, "downsample_factor": 2,
            "tile_size": 64, "min_tiles": 2, "max_tiles": 6, "min_image_tokens": 8, "max_image_tokens": 24,
        },
        {"processor_class": "Lfm2VlProcessor"},
        chat_template("<image>", after=""),
    )  # fmt: skip


def ovis2(folder: Path) -> Path:
    marks = ["<IMG_ATOM>", "<IMG_START>", "<IMG_GRID>", "<IMG_COL>", "<IMG_ROW>", "<IMG_END>"]
    tokenizer = byte_tokenizer(["<image>", *marks])
    atom, *indicators = (tokenizer.convert_tokens_to_ids(mark) for mark in marks)
    return write(
        folder, tokenizer,
        {
            "model_type": "ovis2", "tie_word_embeddings": False, "hidden_size": 32,
            "vocab_size": len(tokenizer),
            "vision_config": {
                "hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2, "num_attention_heads": 4,
                "image_size": 56, "patch_size": 7, "hidden_stride": 2, "vocab_size": 64,
                "initializer_range": 0.2,
            },
            "text_config": {"model_type": "qwen2"},
            "image_token_id": atom, "visual_indicator_token_ids": indicators,
        },
        {
            "image_processor_type": "Ovis2ImageProcessor", "size": {"height": 56, "width": 56},
            "crop_to_patches": True, "max_patches": 6,
        },
        {"processor_class": "Ovis2Processor", "image_token": "<image>", "image_seq_length": 16},
        chat_template("<image>"),
    )  # fmt: skip


def _paligemma(folder: Path, text: dict[str, Any]) -> Path:
    tokenizer = byte_tokenizer(["<image>"], bos="<bos>", adds_bos=True, image_token="<image>")
    tokenizer.add_tokens([f"<loc{i:04d}>" for i in range(1024)] + [f"<seg{i:03d}>" for i in range(128)])
    return write(
        folder, tokenizer,
        {
            "model_type": "paligemma", "projection_dim": 32, "hidden_size": 32, "tie_word_embeddings": False,
            "vision_config": {**SIGLIP, "image_size": 56, "patch_size": 14, "projection_dim": 32},
            "text_config": text,
            "image_token_index": tokenizer.convert_tokens_to_ids("<image>"),
        },
        {
            "image_processor_type": "SiglipImageProcessor", "size": {"height": 56, "width": 56},
            "image_seq_length": 16,
        },
        {"processor_class": "PaliGemmaProcessor"},
        None,
    )  # fmt: skip


def paligemma(folder: Path) -> Path:
    return _paligemma(folder, {"model_type": "gemma"})


def paligemma2(folder: Path) -> Path:
    """Gemma 2 bounds its scores, here tightly, and every other layer sees a window."""
    text = {"model_type": "gemma2", "attn_logit_softcapping": 5.0, "query_pre_attn_scalar": 8}
    return _paligemma(folder, {**text, "sliding_window": 40, "initializer_range": 0.8})


def _pixtral(folder: Path, config: dict[str, Any], merge: int) -> Path:
    tokenizer = byte_tokenizer(["[IMG]", "[IMG_BREAK]", "[IMG_END]"], bos="<s>", adds_bos=True)
    return write(
        folder, tokenizer,
        {
            "vision_config": {**PIXTRAL, "image_size": 112 * merge},
            "text_config": {"model_type": "mistral", "sliding_window": None},
            "tie_word_embeddings": False,
            "image_token_index": tokenizer.convert_tokens_to_ids("[IMG]"), **config,
        },
        {
            "image_processor_type": "PixtralImageProcessor", "size": {"longest_edge": 112 * merge},
            "patch_size": {"height": 14 * merge, "width": 14 * merge},
        },
        {"processor_class": "PixtralProcessor", "patch_size": 14, "spatial_merge_size": merge},
        chat_template("[IMG]", after="", bos="<s>"),
    )  # fmt: skip


def pixtral(folder: Path) -> Path:
    return _pixtral(
        folder,
        {"model_type": "llava", "vision_feature_layer": -1, "vision_feature_select_strategy": "full"},
        merge=1,
    )


def mistral3(folder: Path) -> Path:
    config = {"model_type": "mistral3", "spatial_merge_size": 2, "vision_feature_layer": -1}
    return _pixtral(folder, config, merge=2)


def _glm(folder: Path, kind: str, name: str, text: dict[str, Any]) -> Path:
    marks = {
        "image_start_token": "<|begin_of_image|>", "image_end_token": "<|end_of_image|>",
        "image_token": "<|image|>", "video_token": "<|video|>", "video_start_token": "<|begin_of_video|>",
        "video_end_token": "<|end_of_video|>",
    }  # fmt: skip
    tokenizer = byte_tokenizer(list(marks.values()), image_token="<|image|>", video_token="<|video|>")
    ids = {f"{name}_id": tokenizer.convert_tokens_to_ids(token) for name, token in marks.items()}
    return write(
        folder, tokenizer,
        {
            "model_type": kind, "tie_word_embeddings": False, **ids,
            "vision_config": {
                "depth": 2, "hidden_size": 32, "intermediate_size": 64, "num_heads": 2, "out_hidden_size": 32,
                "patch_size": 14, "image_size": 112, "initializer_range": 0.2,
            },
            "text_config": {
                "rope_parameters": {
                    "rope_type": "default", "rope_theta": 1e4, "partial_rotary_factor": 1.0,
                    "mrope_section": [2, 1, 1],
                },
                **text,
            },
        },
        {
            "image_processor_type": f"{name}ImageProcessor", "patch_size": 14, "merge_size": 2,
            "temporal_patch_size": 2, "size": {"shortest_edge": 112 * 112, "longest_edge": 2 * 280 * 280},
        },
        {"processor_class": f"{name}Processor"},
        chat_template("<|begin_of_image|><|image|><|end_of_image|>", after=""),
    )  # fmt: skip


def glm45v(folder: Path) -> Path:
    text = {
        "model_type": "glm4v_moe_text", "n_routed_experts": 4, "num_experts_per_tok": 2,
        "moe_intermediate_size": 32, "first_k_dense_replace": 1, "initializer_range": 0.2,
    }  # fmt: skip
    return _glm(folder, "glm4v_moe", "Glm4v", text)


def glm46v(folder: Path) -> Path:
    return _glm(folder, "glm46v", "Glm46V", {"model_type": "glm4v_text"})


WRITERS: dict[str, Callable[[Path], Path]] = {
    "LLaVA-NeXT": llava_next,
    "LLaVA-OneVision": llava_onevision,
    "Idefics3": idefics3,
    "SmolVLM": smolvlm,
    "InternVL": internvl,
    "Aya Vision": aya_vision,
    "Cohere2 Vision": cohere2_vision,
    "LFM2-VL": lfm2_vl,
    "Ovis2": ovis2,
    "Gemma 3": gemma3,
    "Gemma 4": gemma4,
    "PaliGemma": paligemma,
    "PaliGemma 2": paligemma2,
    "Pixtral": pixtral,
    "Mistral 3": mistral3,
}
"""Families whose processor lays out the prompt; those with a grid stand in test_families.py."""
NEED_TORCHVISION = frozenset({"Cohere2 Vision", "LFM2-VL", "Pixtral", "Mistral 3"})
"""Of these the ones whose processor reads pictures with torchvision alone."""
GLM: dict[str, Callable[[Path], Path]] = {"GLM-4.5V": glm45v, "GLM-4.6V": glm46v}
"""Those with a grid whose processors are their own."""
