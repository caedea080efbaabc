"""Gemma 3 and PaliGemma: one grid over the whole picture, which is squeezed into a square."""

from relcli.models.local.families.base import Family, Seen, Token, cells, square, window_of


class Gemma3(Family):
    """Patches are averaged to a square of tokens. With pan and scan the crops' tokens follow, of which it is
    not known where they stand. Most layers see a window of tokens only."""

    model_types = ("gemma3",)
    label = "Gemma 3"

    def tokens(self, seen: Seen) -> list[Token] | None:
        side = square(seen.config.mm_tokens_per_image)
        return None if side is None else _one_grid(seen, side)


class PaliGemma(Family):
    """Has no chat template: the question follows the picture as it is. The prompt sees itself both ways."""

    model_types = ("paligemma",)
    label = "PaliGemma, PaliGemma 2"

    def prompt(self, question: str) -> str:
        return f"<image>{question}"

    def tokens(self, seen: Seen) -> list[Token] | None:
        side = square(seen.processor.image_seq_length)
        return None if side is None else _one_grid(seen, side)


def _one_grid(seen: Seen, side: int) -> list[Token] | None:
    shown = window_of(seen.image_processor, seen.height, seen.width)
    return None if shown is None else cells("grid", side, side, shown[0])
