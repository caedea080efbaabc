"""LLaVA and what came of it: one grid, or a thumbnail and tiles with a mark at the end of each row."""

import math
from typing import Any

from relcli.models.local.families.base import NOWHERE, Family, Seen, Token, cells, square, window_of
from relcli.token_layout import Rectangle

_MEASURED_TOWERS = frozenset({"clip_vision_model", "pixtral"})
_MEASURED_TEXTS = frozenset({"llama", "qwen2", "mistral"})
_WITH_CLASS_TOKEN = "clip_vision_model"


class Llava(Family):
    """May be put together from any two models. The tower decides where the tokens stand: CLIP has a class
    token in front, which is left out or not; Pixtral takes pictures of any size."""

    model_types = ("llava", "vipllava")
    label = "LLaVA-1.5, Pixtral"
    continues = True

    def is_measured(self, config: Any) -> bool:
        tower, text = _parts(config)
        return config.model_type == "llava" and tower in _MEASURED_TOWERS and text in _MEASURED_TEXTS

    def describe(self, config: Any) -> str:
        tower, text = _parts(config)
        return f"{config.model_type} of {tower} and {text}"

    def tokens(self, seen: Seen) -> list[Token] | None:
        patch = seen.config.vision_config.patch_size
        if "image_sizes" in seen.inputs:
            height, width = (int(value) // patch for value in seen.inputs["image_sizes"][0])
            return cells("grid", height, width)
        shown = window_of(seen.image_processor, seen.height, seen.width)
        if shown is None:
            return None
        window, (height, width) = shown
        found = cells("grid", height // patch, width // patch, _whole_patches(window, height, width, patch))
        return _with_class_token(seen.config, found)


class LlavaNext(Family):
    """The whole picture as a thumbnail, then tiles of it in a higher resolution, put together and freed of
    padding, each row with a newline mark behind it."""

    model_types = ("llava_next",)
    label = "LLaVA-NeXT"
    continues = True

    def tokens(self, seen: Seen) -> list[Token] | None:
        side = square(self._tokens_of_tile(seen))
        return None if side is None else [*self._thumbnail(seen, side), *_rows(self._grid(seen, side))]

    def _tokens_of_tile(self, seen: Seen) -> int:
        vision = seen.config.vision_config
        return (vision.image_size // vision.patch_size) ** 2

    def _thumbnail(self, seen: Seen, side: int) -> list[Token]:
        return _with_class_token(seen.config, cells("thumbnail", side, side))

    def _grid(self, seen: Seen, side: int) -> tuple[int, int, Rectangle]:
        """Rows and columns of the tiles' tokens without padding, and their window."""
        from transformers.image_processing_utils import select_best_resolution

        tile = seen.config.vision_config.image_size
        best = select_best_resolution((seen.height, seen.width), seen.config.image_grid_pinpoints)
        rows, columns = best[0] // tile * side, best[1] // tile * side
        window = _letterbox(seen, *best)
        # As unpad_image: by the proportions of the picture, rounded, half on either side.
        off_rows = off_columns = 0
        if seen.width / seen.height > columns / rows:
            off_rows = (rows - int(round(seen.height * (columns / seen.width), 7))) // 2
        else:
            off_columns = (columns - int(round(seen.width * (rows / seen.height), 7))) // 2
        wide, high = (window.right - window.left) / columns, (window.bottom - window.top) / rows
        inner = Rectangle(
            window.left + off_columns * wide,
            window.top + off_rows * high,
            window.right - off_columns * wide,
            window.bottom - off_rows * high,
        )
        return rows - 2 * off_rows, columns - 2 * off_columns, inner


class LlavaOnevision(LlavaNext):
    """The same, but that many tiles are scaled down to as many tokens as nine have."""

    model_types = ("llava_onevision",)
    label = "LLaVA-OneVision"
    continues = True

    def _tokens_of_tile(self, seen: Seen) -> int:
        return seen.processor.num_image_tokens

    def _thumbnail(self, seen: Seen, side: int) -> list[Token]:
        return cells("thumbnail", side, side)

    def _grid(self, seen: Seen, side: int) -> tuple[int, int, Rectangle]:
        rows, columns, window = super()._grid(seen, side)
        ratio_name = getattr(seen.config, "vision_aspect_ratio", None) or seen.processor.vision_aspect_ratio
        most = int(ratio_name.removeprefix("anyres_max_"))
        ratio = math.sqrt(rows * columns / (most * side**2))
        if ratio > 1.1:
            rows, columns = int(rows // ratio), int(columns // ratio)
        return rows, columns, window


def _parts(config: Any) -> tuple[str, str]:
    return config.vision_config.model_type, config.get_text_config().model_type


def _whole_patches(window: Rectangle, height: int, width: int, patch: int) -> Rectangle:
    """The window without the pixels behind the last whole patch."""
    wide, high = window.right - window.left, window.bottom - window.top
    return window._replace(
        right=window.left + wide * (width // patch * patch) / width,
        bottom=window.top + high * (height // patch * patch) / height,
    )


def _with_class_token(config: Any, found: list[Token]) -> list[Token]:
    """The first token of the tower is left out by `default`; only CLIP's is no patch."""
    default = getattr(config, "vision_feature_select_strategy", "default") == "default"  # ViP-LLaVA has none
    if config.vision_config.model_type == _WITH_CLASS_TOKEN:
        return found if default else [NOWHERE, *found]
    return found[1:] if default else found


def _letterbox(seen: Seen, height: int, width: int) -> Rectangle:
    """A canvas on which the picture stands in the middle, as large as it goes."""
    if width / seen.width < height / seen.height:
        wide, high = width, min(math.ceil(seen.height * (width / seen.width)), height)
    else:
        wide, high = min(math.ceil(seen.width * (height / seen.height)), width), height
    left, top = (width - wide) // 2, (height - high) // 2
    return Rectangle(-left / wide, -top / high, (width - left) / wide, (height - top) / high)


def _rows(grid: tuple[int, int, Rectangle]) -> list[Token]:
    height, width, window = grid
    found = cells("tile", height, width, window)
    return [
        token for row in range(height) for token in (*found[row * width : (row + 1) * width], NOWHERE)
    ]
