"""Families that cut a picture into tiles and add a thumbnail, each with a square of tokens."""

from relcli.models.local.families.base import Family, Seen, Token, cells, square
from relcli.token_layout import Rectangle


class Idefics3(Family):
    """Tiles row by row, the thumbnail last. Between them stand marks, which are no image tokens."""

    model_types = ("idefics3", "smolvlm")
    label = "Idefics3, SmolVLM"
    continues = True

    def tokens(self, seen: Seen) -> list[Token] | None:
        processor = seen.image_processor
        side = square(seen.processor.image_seq_len)
        if side is None:
            return None
        rows = columns = 0
        if processor.do_image_splitting:
            _, rows, columns = processor.get_number_of_image_patches(seen.height, seen.width)
        if not rows:
            return cells("grid", side, side)
        return _tiles(rows, columns, side) + cells("thumbnail", side, side)


class InternVL(Family):
    """Tiles row by row in the grid whose proportions are nearest to the picture's, the thumbnail last; a
    picture that fits one tile has no thumbnail."""

    model_types = ("internvl",)
    label = "InternVL"
    continues = True

    def side(self, seen: Seen) -> int | None:
        """Tokens along a tile's side."""
        return square(seen.processor.image_seq_length)

    def tokens(self, seen: Seen) -> list[Token] | None:
        from transformers.models.got_ocr2.image_processing_pil_got_ocr2 import get_optimal_tiled_canvas

        processor, side = seen.image_processor, self.side(seen)
        if side is None:
            return None
        if seen.n_tokens == side * side:
            return cells("grid", side, side)
        size = processor.size
        columns, rows = get_optimal_tiled_canvas(
            (seen.height, seen.width),
            (size["height"], size["width"]),
            processor.min_patches,
            processor.max_patches,
        )
        return _tiles(rows, columns, side) + cells("thumbnail", side, side)


class AyaVision(InternVL):
    """Its tiles are cut as InternVL's."""

    model_types = ("aya_vision",)
    label = "Aya Vision"

    def side(self, seen: Seen) -> int | None:
        return seen.processor.img_size // seen.processor.patch_size


class Cohere2Vision(Family):
    """Tiles row by row in the grid that needs the least enlarging, the thumbnail last; a picture that fits
    one tile has no thumbnail."""

    model_types = ("cohere2_vision",)
    label = "Cohere2 Vision"

    def tokens(self, seen: Seen) -> list[Token] | None:
        from transformers.models.cohere2_vision import image_processing_cohere2_vision as cohere2

        processor, side = seen.image_processor, seen.processor.patch_size
        if seen.n_tokens == side * side:
            return cells("grid", side, side)
        shape, size = (seen.height, seen.width), (processor.size["height"], processor.size["width"])
        columns, rows = cohere2.get_optimal_tiled_canvas(
            shape, size, processor.min_patches, processor.max_patches
        )
        return _tiles(rows, columns, side) + cells("thumbnail", side, side)


class Lfm2Vl(Family):
    """Large pictures in tiles row by row, with a thumbnail of about the picture's proportions behind them."""

    model_types = ("lfm2_vl",)
    label = "LFM2-VL"

    def tokens(self, seen: Seen) -> list[Token] | None:
        processor, merge = seen.image_processor, seen.config.downsample_factor
        shapes = [(height // merge, width // merge) for height, width in _patches(seen)]
        if len(shapes) == 1:
            return cells("grid", *shapes[0])
        columns, rows, *_ = processor._get_grid_layout(
            seen.height, seen.width, processor.min_tiles, processor.max_tiles, processor.tile_size
        )
        thumbnail = cells("thumbnail", *shapes[-1]) if processor.use_thumbnail else []
        return _tiles(rows, columns, shapes[0][0]) + thumbnail

    def image_size(self, seen: Seen) -> tuple[int, int] | None:
        [(height, width), *more] = _patches(seen)
        side = seen.image_processor.encoder_patch_size
        return None if more else (width * side, height * side)


class Ovis2(Family):
    """The thumbnail first, then the tiles row by row in the smallest grid that shows most of the picture at
    its own size; a picture that fits one tile has no others."""

    model_types = ("ovis2",)
    label = "Ovis2"

    def tokens(self, seen: Seen) -> list[Token] | None:
        from transformers.models.ovis2 import image_processing_pil_ovis2 as ovis2

        processor, side = seen.image_processor, square(seen.processor.image_seq_length)
        if side is None:
            return None
        if seen.n_tokens == side * side:
            return cells("grid", side, side)
        size, shape = (processor.size["height"], processor.size["width"]), (seen.height, seen.width)
        if processor.use_covering_area_grid:
            grid = ovis2.get_min_tile_covering_grid(shape, size[0], processor.max_patches)
        else:
            grid = ovis2.get_optimal_tiled_canvas(shape, size, processor.min_patches, processor.max_patches)
        columns, rows = grid
        return cells("thumbnail", side, side) + _tiles(rows, columns, side)


def _patches(seen: Seen) -> list[tuple[int, int]]:
    """Rows and columns of patches of each tile and of the thumbnail, or of a whole picture, of an LFM2-VL."""
    return [(int(height), int(width)) for height, width in seen.inputs["spatial_shapes"]]


def _tiles(rows: int, columns: int, side: int) -> list[Token]:
    windows = [
        Rectangle(x / columns, y / rows, (x + 1) / columns, (y + 1) / rows)
        for y in range(rows)
        for x in range(columns)
    ]
    return [token for window in windows for token in cells("tile", side, side, window)]
