"""Where every token behind the picture looks, as shares on regions: a few numbers a token and layer."""

from collections.abc import Callable, Sequence

import torch

from relcli.captures import TOKEN
from relcli.models.instrument.prompt_tokens import RowTokens
from relcli.models.instrument.region_shares import RegionReader, in_layers
from relcli.models.items import RegionShares

AT_ONCE = 16
"""Tokens of each prompt whose softmax is made at a time: a whole map would be as large as the model's own."""


class TokenRows:
    """The tokens of one batch of prompts.

    wanted: for each prompt, roles and the distances of their tokens from the prompt's end; those of the role
        TOKEN count.
    """

    def __init__(self, wanted: Sequence[RowTokens], device: torch.device | str, reader: RegionReader):
        self._reader = reader
        self._back = [dict(tokens).get(TOKEN, ()) for tokens in wanted]
        most = max(map(len, self._back), default=0)
        filled = [[*back, *[1] * (most - len(back))] for back in self._back]
        self._blocks = [
            torch.tensor([row[start : start + AT_ONCE] for row in filled], device=device)
            for start in range(0, most, AT_ONCE)
        ]
        self._read: dict[int, torch.Tensor] = {}

    def record(self, layer: int, weights_of: Callable[[torch.Tensor], torch.Tensor]) -> None:
        """Keep the shares of all tokens. weights_of: gives weights float32 [rows, heads, n, cells] of the
        tokens that stand so far from the prompts' ends, int64 [rows, n]."""
        if self._blocks:
            read = [self._reader.read(layer, weights_of(back).mean(1)) for back in self._blocks]
            self._read[layer] = torch.cat(read, dim=1)

    def build(self) -> list[RegionShares | None]:
        """The shares of each prompt's tokens, in their order; None for one whose tokens aren't known."""
        if not self._read:
            return [None] * len(self._back)
        read = in_layers(self._read)  # [layers, rows, tokens, numbers]
        return [
            self._reader.shares(row, read[:, row, : len(back)]) if back else None
            for row, back in enumerate(self._back)
        ]
