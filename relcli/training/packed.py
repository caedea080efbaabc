"""A forward pass over Qwen3-VL's own weights for many questions behind one image, in one packed sequence.

transformers runs one image's attention after another and one question a row; here a batch of equal images
goes through the vision tower as one tensor, and all questions of an image follow its prefix in one sequence:
a question sees the prefix and itself, and its positions restart where the prefix ended. The result equals the
ordinary forward pass (tests/training/test_packed.py) and costs a fraction of it.
"""

from dataclasses import dataclass
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from transformers.vision_utils import get_vision_interpolation_indices_and_weights, get_vision_position_ids


@dataclass(frozen=True, slots=True)
class VisionFeatures:
    """What the text model gets of a batch of images: merged tokens and DeepStack levels, each [images,
    tokens, hidden].

    middle: [images, patches, vision hidden], the tower half-way up, which training reads too.
    """

    tokens: Tensor
    deepstack: tuple[Tensor, ...]
    middle: Tensor


def _rotate(x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    half = x.shape[-1] // 2
    return x * cos + torch.cat((-x[..., half:], x[..., :half]), dim=-1) * sin


def _norm(norm: Any, x: Tensor) -> Tensor:
    return F.rms_norm(
        x, (x.shape[-1],), norm.weight, norm.variance_epsilon
    )  # one kernel where the module takes five


class VisionPass(nn.Module):
    """The vision tower over images of one grid (patches high, patches wide) of a Qwen3-VL ``model``."""

    index: Tensor
    weight: Tensor
    cos: Tensor
    sin: Tensor

    def __init__(self, model: Any, grid: tuple[int, int]) -> None:
        super().__init__()
        self.visual = model.model.visual
        config = model.config.vision_config
        thw = torch.tensor([[1, *grid]])
        index, weight = get_vision_interpolation_indices_and_weights(
            thw,
            num_grid_per_side=self.visual.num_grid_per_side,
            mode=self.visual.interpolation_mode,
            align_corners=self.visual.interpolation_align_corners,
            spatial_merge_size=config.spatial_merge_size,
        )
        positions = get_vision_position_ids(thw, config.spatial_merge_size)
        probe = torch.zeros(1, config.hidden_size)
        cos, sin = self.visual.rotary_pos_emb(probe, positions)
        self.register_buffer("index", index, persistent=False)
        self.register_buffer("weight", weight, persistent=False)
        self.register_buffer("cos", cos, persistent=False)
        self.register_buffer("sin", sin, persistent=False)
        self.heads = config.num_heads

    def forward(self, patches: Tensor) -> VisionFeatures:
        """Encode patches [images, patches, channels * patch * patch] (values normalised, one frame) into
        features."""
        visual: Any = self.visual
        kernel = visual.patch_embed.proj.weight.sum(2).flatten(
            1
        )  # both frames of a still picture are the same
        x = F.linear(patches, kernel, visual.patch_embed.proj.bias)
        x = x + (visual.pos_embed(self.index) * self.weight[..., None]).sum(1)
        deepstack = []
        middle = x
        images, length, width = x.shape
        for number, block in enumerate(visual.blocks):
            h = block.norm1(x)
            q, k, v = (
                block.attn.qkv(h).view(images, length, 3, self.heads, -1).permute(2, 0, 3, 1, 4).unbind(0)
            )
            q, k = _rotate(q, self.cos, self.sin), _rotate(k, self.cos, self.sin)
            h = F.scaled_dot_product_attention(q, k, v)
            x = x + block.attn.proj(h.transpose(1, 2).reshape(images, length, width))
            x = x + block.mlp(block.norm2(x))
            if number == len(visual.blocks) // 2 - 1:
                middle = x
            if number in visual.deepstack_visual_indexes:
                merger = visual.deepstack_merger_list[visual.deepstack_visual_indexes.index(number)]
                deepstack.append(merger(x.reshape(images * length, width)).view(images, length // 4, -1))
        tokens = visual.merger(x.reshape(images * length, width)).view(images, length // 4, -1)
        return VisionFeatures(tokens, tuple(deepstack), middle)


class TextPass(nn.Module):
    """The text model over packed sequences whose image tokens stand at one fixed place."""

    def __init__(self, model: Any, image_start: int, image_tokens: int) -> None:
        super().__init__()
        self.text = model.model.language_model
        self.image = slice(image_start, image_start + image_tokens)
        config = model.config.text_config
        self.heads, self.kv_heads, self.head_dim = (
            config.num_attention_heads,
            config.num_key_value_heads,
            config.head_dim,
        )

    def forward(
        self, ids: Tensor, positions: Tensor, mask: Tensor, features: VisionFeatures
    ) -> tuple[Tensor, list[Tensor]]:
        """Run the decoder.

        Args:
            ids: [sequences, length] token ids.
            positions: [3, sequences, length] M-RoPE positions.
            mask: [sequences, 1, length, length], additive or True where a row may look.
            features: of the sequences' images.

        Returns:
            Normalised last hidden state and every layer's output, each [sequences, length, hidden].
        """
        text: Any = self.text
        x = text.embed_tokens(ids)
        x = torch.cat((x[:, : self.image.start], features.tokens, x[:, self.image.stop :]), dim=1)
        cos, sin = text.rotary_emb(x, positions)
        cos, sin = cos[:, None], sin[:, None]
        batch, length, _ = x.shape
        states = []
        for number, layer in enumerate(text.layers):
            attention = layer.self_attn
            h = _norm(layer.input_layernorm, x)
            q = _norm(attention.q_norm, attention.q_proj(h).view(batch, length, self.heads, self.head_dim))
            k = _norm(attention.k_norm, attention.k_proj(h).view(batch, length, self.kv_heads, self.head_dim))
            v = attention.v_proj(h).view(batch, length, self.kv_heads, self.head_dim).transpose(1, 2)
            q, k = _rotate(q.transpose(1, 2), cos, sin), _rotate(k.transpose(1, 2), cos, sin)
            repeat = self.heads // self.kv_heads
            k, v = k.repeat_interleave(repeat, 1), v.repeat_interleave(repeat, 1)
            h = F.scaled_dot_product_attention(q, k, v, attn_mask=mask)
            x = x + attention.o_proj(h.transpose(1, 2).reshape(batch, length, -1))
            x = x + layer.mlp(_norm(layer.post_attention_layernorm, x))
            if number < len(features.deepstack):
                lifted = x[:, self.image] + features.deepstack[number]
                x = torch.cat((x[:, : self.image.start], lifted, x[:, self.image.stop :]), dim=1)
            states.append(x)
        return _norm(text.norm, x), states


def block_mask(segments: Tensor) -> Tensor:
    """Who may look at whom in packed sequences: causal, prefix (segment 0) and own question only.

    Args:
        segments: [sequences, length], 0 for the prefix, 1.. for the questions, -1 for padding.

    Returns:
        Additive float mask [sequences, 1, length, length].
    """
    length = segments.shape[1]
    same = segments[:, :, None] == segments[:, None, :]
    prefix = (segments == 0)[:, None, :]
    causal = torch.ones(length, length, dtype=torch.bool, device=segments.device).tril()
    allowed = (same | prefix) & causal
    return torch.zeros(allowed.shape, device=segments.device).masked_fill_(~allowed, float("-inf"))[:, None]
