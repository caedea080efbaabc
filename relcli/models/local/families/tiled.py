"""Families that cut a picture into tiles and add a thumbnail, each with a square of tokens."""

from relcli.models.local.families.base import WHOLE, Family, Seen, Token, cells, square
from relcli.token_layout import Rectangle


class Idefics3(Family):
    """Tiles row by row, the thumbnail last. Between them stand marks, which are no image tokens."""

    model_types = ("idefics3", "smolvlm")
    label = "Idefics3, SmolVLM"

    def tokens(self, seen: Seen) -> list[Token] | None:
        processor = seen.image_processor
        side = square(seen.processor.image_seq_len)
        if side is None:
            return None
        rows = columns = 0
        if processor.do_image_splitting:
            _, rows, columns = processor.get_number_of_image_patches(seen.height, seen.width)
        return _tiles(rows, columns, side) if rows else cells("grid", side, side)


class InternVL(Family):
    """Tiles row by row in the grid whose proportions are nearest to the picture's, the thumbnail last; a
    picture that fits one tile has no thumbnail."""

    model_types = ("internvl",)
    label = "InternVL"

    def tokens(self, seen: Seen) -> list[Token] | None:
        from transformers.models.got_ocr2.image_processing_pil_got_ocr2 import get_optimal_tiled_canvas

        processor, of_tile = seen.image_processor, seen.processor.image_seq_length
        side = square(of_tile)
        if side is None:
            return None
        if seen.n_tokens == of_tile:
            return cells("grid", side, side)
        size = processor.size
        columns, rows = get_optimal_tiled_canvas(
            (seen.height, seen.width),
            (size["height"], size["width"]),
            processor.min_patches,
            processor.max_patches,
        )
        return _tiles(rows, columns, side)


def _tiles(rows: int, columns: int, side: int) -> list[Token]:
    windows = [
        Rectangle(x / columns, y / rows, (x + 1) / columns, (y + 1) / rows)
        for y in range(rows)
        for x in range(columns)
    ]
    tiles = [token for window in windows for token in cells("tile", side, side, window)]
    return tiles + cells("thumbnail", side, side, WHOLE)
