"""Attention read from chosen rows of the prompt pass, such as those of the words that name an object.

The answer's own row can be blind where those rows look at what they name. Only the chosen rows' softmax is
computed, never a full map.
"""

from collections.abc import Sequence

import numpy as np
import torch

from relcli.captures import TOKEN
from relcli.models.instrument.prompt_tokens import RowTokens
from relcli.models.instrument.region_shares import RegionReader, entropy, in_layers
from relcli.models.items import RegionShares, RowAttention
from relcli.models.local.finite import check_attention


class QueryRows:
    """The chosen rows of one batch, averaged by role layer by layer as they are computed.

    wanted: for each prompt, roles and the distances of their tokens from the prompt's end (1: the last one).
    names: the roles found in any prompt, in order.
    back: int64 [rows, n], those distances side by side, filled up with 1.
    heads: the regions on which to keep the shares of single heads, or None. full: keep the heads' maps.
    """

    def __init__(
        self,
        wanted: Sequence[RowTokens],
        device: torch.device | str,
        heads: RegionReader | None = None,
        full: bool = False,
    ):
        self._wanted = [{name: back for name, back in tokens if name != TOKEN} for tokens in wanted]
        self._reader, self._full = heads, full
        self.names = list(dict.fromkeys(name for tokens in self._wanted for name in tokens))
        places = [sorted({at for back in tokens.values() for at in back}) for tokens in self._wanted]
        most = max(map(len, places), default=0)
        back = np.ones((len(wanted), most), dtype=np.int64)
        shares = np.zeros((len(wanted), len(self.names), most), dtype=np.float32)
        for row, (tokens, found) in enumerate(zip(self._wanted, places, strict=True)):
            back[row, : len(found)] = found
            for name, of_role in tokens.items():
                for at in of_role:
                    shares[row, self.names.index(name), found.index(at)] += 1 / len(of_role)
        self.back, self._shares = torch.from_numpy(back).to(device), torch.from_numpy(shares).to(device)
        self._means: dict[int, torch.Tensor] = {}
        self._heads: dict[int, torch.Tensor] = {}
        self._answer: dict[int, torch.Tensor] = {}
        self._maps: dict[int, torch.Tensor] = {}

    def record(self, layer: int, weights: torch.Tensor) -> None:
        """Keep the mean over heads and over a role's tokens, of weights float32 [rows, heads, n, cells]; of
        single heads what is asked for."""
        shares = self._shares.to(weights.device)
        self._means[layer] = torch.bmm(shares, weights.mean(1))
        if self._reader is None and not self._full:
            return
        by_head = torch.matmul(shares[:, None], weights)  # [rows, heads, roles, cells]
        if self._reader is not None:
            read = self._reader.read(layer, by_head.flatten(1, 2))
            self._heads[layer] = read.unflatten(1, by_head.shape[1:3])
        if self._full:
            self._maps[layer] = by_head.to(torch.float16).cpu()

    def record_answer(self, layer: int, weights: torch.Tensor) -> None:
        """Keep where the heads of the prompt's last row look, of weights float32 [rows, heads, cells]."""
        if self._reader is not None:
            self._answer[layer] = self._reader.read(layer, weights)

    def build(self) -> list[dict[str, RowAttention]]:
        """What each prompt's roles looked at, by role; those a prompt lacks are left out."""
        if not self._means:
            return [{} for _ in self._wanted]
        device = self._means[min(self._means)].device
        means = torch.stack([self._means[layer].to(device) for layer in sorted(self._means)], dim=2)
        entropies, mass = entropy(means).cpu().numpy(), means.sum(-1).cpu().numpy()
        check_attention(mass)
        means = means.cpu().numpy()  # [rows, roles, layers, cells]
        maps = in_layers(self._maps) if self._maps else None  # [layers, rows, heads, roles, cells]
        return [
            {
                name: RowAttention(
                    means[row, at],
                    entropies[row, at],
                    mass[row, at],
                    None if maps is None else maps[:, row, :, at],
                )
                for at, name in enumerate(self.names)
                if name in tokens
            }
            for row, tokens in enumerate(self._wanted)
        ]

    def build_heads(self) -> list[dict[str, RegionShares]]:
        """Where the heads of each prompt's roles looked, and those of its last row, as `answer`."""
        if self._reader is None:
            return [{} for _ in self._wanted]
        answer = in_layers(self._answer)  # [layers, rows, heads, numbers]
        roles = in_layers(self._heads) if self._heads else None  # [layers, rows, heads, roles, numbers]
        found: list[dict[str, RegionShares]] = []
        for row, tokens in enumerate(self._wanted):
            of_row = {"answer": self._reader.shares(row, answer[:, row])}
            for at, name in enumerate(self.names):
                if roles is not None and name in tokens:
                    of_row[name] = self._reader.shares(row, roles[:, row, :, at])
            found.append(of_row)
        return found
