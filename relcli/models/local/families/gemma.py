"""Gemma and PaliGemma: one grid over the whole picture, which all but Gemma 4 squeeze into a square."""

from relcli.models.local.families.base import Family, Seen, Token, cells, square, window_of


class Gemma3(Family):
    """Patches are averaged to a square of tokens. With pan and scan the crops' tokens follow, of which it is
    not known where they stand. Most layers see a window of tokens only."""

    model_types = ("gemma3",)
    label = "Gemma 3"

    def tokens(self, seen: Seen) -> list[Token] | None:
        side = square(seen.config.mm_tokens_per_image)
        return None if side is None else _one_grid(seen, side)


class Gemma4(Family):
    """Patches of a picture of about its own proportions, averaged in squares. Layers differ in the width of
    their heads, some share the keys of others, and most see a window of tokens only."""

    model_types = ("gemma4",)
    label = "Gemma 4"

    def tokens(self, seen: Seen) -> list[Token] | None:
        pool = seen.image_processor.pooling_kernel_size
        columns, rows = _patches(seen)
        return cells("grid", rows // pool, columns // pool)

    def image_size(self, seen: Seen) -> tuple[int, int] | None:
        side = seen.image_processor.patch_size
        columns, rows = _patches(seen)
        return columns * side, rows * side


class PaliGemma(Family):
    """Has no chat template: the question follows the picture as it is. The prompt sees itself both ways."""

    model_types = ("paligemma",)
    label = "PaliGemma, PaliGemma 2"

    def prompt(self, question: str) -> str:
        return f"<image>{question}"

    def tokens(self, seen: Seen) -> list[Token] | None:
        side = square(seen.processor.image_seq_length)
        return None if side is None else _one_grid(seen, side)


def _patches(seen: Seen) -> tuple[int, int]:
    """Columns and rows of a Gemma 4's patches, from x and y of each; those of padding are -1."""
    columns, rows = (int(last) + 1 for last in seen.inputs["image_position_ids"][0].amax(0))
    return columns, rows


def _one_grid(seen: Seen, side: int) -> list[Token] | None:
    shown = window_of(seen.image_processor, seen.height, seen.width)
    return None if shown is None else cells("grid", side, side, shown[0])
