"""The residual states of chosen rows of a prompt, read layer by layer while it passes."""

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray

from relcli.models.instrument.prompt_tokens import RowTokens
from relcli.models.instrument.states import StateReader

ANSWER = "answer"


class HiddenRows(StateReader):
    """Keeps, after each layer (and after what DeepStack adds behind it), the state of each prompt's last
    token, and the mean state of the tokens of other roles.

    wanted: for each prompt, roles and the distances of their tokens from the prompt's end (1: the last one).
    n_columns: of the pass, in which every prompt ends at the last column.
    """

    def __init__(self, wanted: Sequence[RowTokens], n_columns: int):
        self._wanted = [{ANSWER: (1,), **dict(tokens)} for tokens in wanted]
        self.names = list(dict.fromkeys(name for tokens in self._wanted for name in tokens))
        places = [sorted({at for back in tokens.values() for at in back}) for tokens in self._wanted]
        most = max(map(len, places))
        columns = np.full((len(wanted), most), n_columns - 1)
        shares = np.zeros((len(wanted), len(self.names), most), dtype=np.float32)
        for row, (tokens, found) in enumerate(zip(self._wanted, places, strict=True)):
            columns[row, : len(found)] = [n_columns - at for at in found]
            for name, back in tokens.items():
                for at in back:
                    shares[row, self.names.index(name), found.index(at)] += 1 / len(back)
        super().__init__(torch.from_numpy(columns), {"residual"})
        self._shares = torch.from_numpy(shares)

    def gather(self, values: torch.Tensor) -> torch.Tensor:
        """float32 [rows, roles, width] of [rows, tokens, width]."""
        return torch.bmm(self._shares.to(values.device), super().gather(values).float())

    def answer_states(self) -> list[torch.Tensor]:
        """The states of the prompts' last tokens, float32 [rows, width] a layer."""
        place = self.names.index(ANSWER)
        return [values[:, place] for values in self._in_layers()]

    def build(self, names: Sequence[str]) -> list[dict[str, NDArray[np.float32]]]:
        """float32 [layers, width] of those of `names` that each prompt has."""
        layers = torch.stack([values.cpu() for values in self._in_layers()], dim=2).numpy()
        return [
            {name: layers[row, self.names.index(name)].copy() for name in names if name in tokens}
            for row, tokens in enumerate(self._wanted)
        ]

    def _in_layers(self) -> list[torch.Tensor]:
        return [self.kept["residual", layer] for layer in sorted(layer for _, layer in self.kept)]
