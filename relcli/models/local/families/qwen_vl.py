"""Qwen-VL and its kin: pictures of any size, whose image tokens are a grid that the processor tells."""

from collections.abc import Sequence
from typing import Any

import torch

from relcli.models.local.families.base import Family, Seen, Token, cells
from relcli.models.local.grid import Grid


class GridFamily(Family):
    """Models whose processor gives the grid of patches of each picture (image_grid_thw), some of which are
    merged into a token."""

    def tokens(self, seen: Seen) -> list[Token] | None:
        grid = seen.inputs.get("image_grid_thw")
        if grid is None:
            return None
        merge = getattr(seen.image_processor, "merge_size", None) or 1
        _, height, width = (int(value) for value in grid[0])
        return cells("grid", height // merge, width // merge)


class QwenVL(GridFamily):
    """The text model is causal, the image tokens stand in one run, and positions are those of `positions`."""

    model_types = ("qwen2_vl", "qwen2_5_vl", "qwen3_vl", "qwen3_vl_moe")
    label = "Qwen2-VL, Qwen2.5-VL, Qwen3-VL, Qwen3-VL-MoE"
    shared_prefix = True

    def shares_prefix(self, config: Any) -> bool:
        """Not where a layer sees a window only: it forgets what left it, and its mask is of its own."""
        return "sliding_attention" not in (getattr(config.get_text_config(), "layer_types", None) or ())


class Qwen35(GridFamily):
    """Most layers are recurrent: only the others have attention to be read. What the recurrent ones have read
    of a prefix is copied as keys are."""

    model_types = ("qwen3_5", "qwen3_5_moe")
    label = "Qwen3.5"
    shared_prefix = True


class Glm4V(GridFamily):
    """Of still pictures the positions are Qwen2-VL's; marks of frames stand among the image tokens of videos.
    """

    model_types = ("glm4v", "glm4v_moe", "glm46v")
    label = "GLM-4V, GLM-4.5V, GLM-4.6V"
    shared_prefix = True


class OtherGrids(GridFamily):
    """Not measured, but they tell their grid as the others do."""

    model_types = ("glm_ocr", "paddleocr_vl", "video_llama_3", "ernie4_5_vl_moe")


def positions(prefix_ids: Sequence[int], image_token_id: int, grid: Grid) -> tuple[torch.Tensor, int]:
    """Position ids int64 [3 (time, height, width), tokens] of a prefix with one image, and the next free
    position.

    Text counts up in all three; an image keeps its time and spans rows and columns from where it starts; what
    follows it goes on behind the larger side (multimodal rotary positions of Qwen2-VL, arXiv 2409.12191).
    """
    start = prefix_ids.index(image_token_id)
    end = start + grid.cells
    before = torch.arange(start).expand(3, -1)
    rows = torch.arange(grid.height).repeat_interleave(grid.width)
    columns = torch.arange(grid.width).repeat(grid.height)
    image = torch.stack([torch.zeros_like(rows), rows, columns]) + start
    behind = start + max(grid.height, grid.width)
    after = (torch.arange(len(prefix_ids) - end) + behind).expand(3, -1)
    return torch.cat([before, image, after], dim=1), behind + len(prefix_ids) - end
