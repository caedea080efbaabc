"""Attention read from chosen rows of the prompt pass, such as those of the words that name an object.

The answer's own row can be blind where those rows look at what they name. Only the chosen rows' softmax is
computed, never a full map.
"""

from collections.abc import Sequence

import numpy as np
import torch

from relcli.models.instrument.prompt_tokens import RowTokens
from relcli.models.items import RowAttention
from relcli.models.local.finite import check_attention


def entropy(weights: torch.Tensor) -> torch.Tensor:
    """Shannon entropy in nats over the last axis, of weights normalised to sum 1; 0 where they sum to 0."""
    total = weights.sum(-1, keepdim=True)
    share = weights / total.clamp_min(torch.finfo(weights.dtype).tiny)
    return torch.special.entr(share).sum(-1)


class QueryRows:
    """The chosen rows of one batch, averaged by role layer by layer as they are computed.

    wanted: for each prompt, roles and the distances of their tokens from the prompt's end (1: the last one).
    names: the roles found in any prompt, in order.
    back: int64 [rows, n], those distances side by side, filled up with 1.
    """

    def __init__(self, wanted: Sequence[RowTokens], device: torch.device | str):
        self._wanted = [dict(tokens) for tokens in wanted]
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
        self._seen: tuple[torch.Tensor, torch.Tensor] | None = None
        self._means: dict[int, torch.Tensor] = {}

    @staticmethod
    def of(wanted: Sequence[RowTokens], device: torch.device | str) -> "QueryRows | None":
        """None where no prompt has a row to read."""
        return QueryRows(wanted, device) if any(wanted) else None

    def mask_rows(self, mask: torch.Tensor, at: torch.Tensor, keys: int) -> torch.Tensor:
        """The rows `at` [rows, n] of a mask [rows or 1, 1 or heads, queries, keys]. Layers share a mask as a
        rule: it is gathered once."""
        if self._seen is None or self._seen[0] is not mask:
            whole = mask[..., :keys].expand(len(at), -1, -1, -1)
            index = at[:, None, :, None].expand(-1, whole.shape[1], -1, keys)
            self._seen = (mask, whole.gather(2, index))
        return self._seen[1]

    def record(self, layer: int, weights: torch.Tensor) -> None:
        """Keep the mean over heads and over a role's tokens, of weights float32 [rows, heads, n, cells]."""
        shares = self._shares.to(weights.device)
        self._means[layer] = torch.bmm(shares, weights.mean(1))

    def build(self) -> list[dict[str, RowAttention]]:
        """What each prompt's roles looked at, by role; those a prompt lacks are left out."""
        if not self._means:
            return [{} for _ in self._wanted]
        device = self._means[min(self._means)].device
        means = torch.stack([self._means[layer].to(device) for layer in sorted(self._means)], dim=2)
        entropies, mass = entropy(means).cpu().numpy(), means.sum(-1).cpu().numpy()
        check_attention(mass)
        means = means.cpu().numpy()  # [rows, roles, layers, cells]
        return [
            {
                name: RowAttention(means[row, at], entropies[row, at], mass[row, at])
                for at, name in enumerate(self.names)
                if name in tokens
            }
            for row, tokens in enumerate(self._wanted)
        ]
