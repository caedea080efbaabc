"""Attention weights from queries and keys: some rows of them, and the output where a kernel can't make it.

Beside scaling and mask some models bound their scores (Gemma 2's soft cap) or let a head look at nothing at
all: a learned score, the sink, takes part in the softmax and has no value (gpt-oss). SDPA knows neither.
"""

import math
from dataclasses import dataclass
from typing import Any

import torch

_MOST_BYTES = 1 << 26
"""Of the scores that exist at once where the output is made here."""
_UNSEEN = torch.finfo(torch.float32).min
"""Finite, so that a row of padding, which sees nothing, gives numbers: others multiply them with 0."""


@dataclass(frozen=True, slots=True)
class Scoring:
    """How a layer makes weights of products.

    scaling: None is one over the root of the width. softcap: scores s become cap * tanh(s / cap), before the
    mask. sinks: one score a head [heads], behind the mask.
    """

    scaling: float | None = None
    softcap: float | None = None
    sinks: torch.Tensor | None = None

    @staticmethod
    def of(scaling: float | None, told: dict[str, Any]) -> "Scoring":
        """From the arguments that transformers hands to an attention function."""
        return Scoring(scaling, told.get("softcap"), told.get("s_aux"))

    @property
    def is_plain(self) -> bool:
        """Whether SDPA makes the same."""
        return self.softcap is None and self.sinks is None

    def parts(self, width: int) -> tuple[float, float]:
        """The scaling as a power of two, which rounds nothing, and the rest."""
        rest, power = math.frexp(width**-0.5 if self.scaling is None else self.scaling)
        return 2.0**power, rest

    def capped(self, scores: torch.Tensor) -> torch.Tensor:
        """Scores before the mask; `scores` is overwritten."""
        if self.softcap is None:
            return scores
        return scores.div_(self.softcap).tanh_().mul_(self.softcap)

    def softmax(self, scores: torch.Tensor) -> torch.Tensor:
        """Weights over the keys of scores [rows, heads, n, keys]."""
        if self.sinks is None:
            return scores.softmax(-1)
        rows, heads, n, _ = scores.shape
        sinks = self.sinks.to(scores).view(1, heads, 1, 1).expand(rows, -1, n, -1)
        return torch.cat([scores, sinks], -1).softmax(-1)[..., :-1]


def last_query_weights(
    query: torch.Tensor, key: torch.Tensor, mask: torch.Tensor | None, scoring: Scoring
) -> torch.Tensor:
    """Softmax weights of the last query row over all keys, float32 [rows, heads, keys].

    query [rows, heads, queries, width], key [rows, key heads, keys, width]. Heads that share a key head
    (grouped-query attention) are multiplied together with it, so keys aren't copied. Most of the scaling
    comes before the product, which could overflow float16 where SDPA does not.
    """
    rows, heads, _, width = query.shape
    key_heads, keys = key.shape[1], key.shape[2]
    power, rest = scoring.parts(width)
    grouped = (query[:, :, -1] * power).reshape(rows, key_heads, heads // key_heads, width)
    scores = scoring.capped(torch.matmul(grouped, key.transpose(2, 3)).float() * rest)
    if mask is not None:
        last = mask[:, :, -1:, :keys]
        if last.shape[1] not in (1, key_heads):
            last = last.reshape(last.shape[0], key_heads, heads // key_heads, keys)
        scores = scores.masked_fill(~last, _UNSEEN) if last.dtype == torch.bool else scores + last
    return scoring.softmax(scores.reshape(rows, heads, 1, keys))[:, :, 0]


def row_weights(
    query: torch.Tensor, key: torch.Tensor, seen: torch.Tensor | None, scoring: Scoring, at: torch.Tensor
) -> torch.Tensor:
    """As last_query_weights, of the query rows `at` [rows, n] of each prompt: float32 [rows, heads, n, keys].

    seen: these rows of the mask, bool or additive float [rows, 1 or heads, n, keys]; None is causal.
    """
    rows, heads, queries, width = query.shape
    key_heads, keys, n = key.shape[1], key.shape[2], at.shape[1]
    power, rest = scoring.parts(width)
    chosen = query.gather(2, at[:, None, :, None].expand(-1, heads, -1, width)) * power
    grouped = chosen.reshape(rows, key_heads, heads // key_heads * n, width)
    scores = torch.matmul(grouped, key.transpose(2, 3)).float().mul_(rest).view(rows, heads, n, keys)
    scores = scoring.capped(scores)
    if seen is None:  # the queries are the last of the keys
        later = torch.arange(keys, device=at.device) > (at + keys - queries)[:, None, :, None]
        scores.masked_fill_(later, _UNSEEN)
    elif seen.dtype == torch.bool:
        scores.masked_fill_(~seen, _UNSEEN)
    else:
        scores += seen
    return scoring.softmax(scores)


def attended(
    query: torch.Tensor, key: torch.Tensor, value: torch.Tensor, mask: torch.Tensor | None, scoring: Scoring
) -> torch.Tensor:
    """The output of attention [rows, queries, heads, width], a few query rows at a time.

    mask: [rows or 1, 1 or heads, queries, keys] or None, which is causal.
    """
    rows, heads, queries, _ = query.shape
    keys = key.shape[2]
    step = max(1, _MOST_BYTES // (4 * rows * heads * keys))
    found = []
    for start in range(0, queries, step):
        end = min(start + step, queries)
        at = torch.arange(start, end, device=query.device).expand(rows, -1)
        seen = None if mask is None else mask[:, :, start:end, :keys]
        found.append(with_values(row_weights(query, key, seen, scoring, at), value))
    return torch.cat(found, dim=1)


def with_values(weights: torch.Tensor, value: torch.Tensor) -> torch.Tensor:
    """Values [rows, key heads, keys, width] by weights [rows, heads, n, keys]: [rows, n, heads, width]."""
    rows, heads, n, keys = weights.shape
    key_heads = value.shape[1]
    grouped = weights.to(value.dtype).view(rows, key_heads, heads // key_heads * n, keys)
    return torch.matmul(grouped, value).view(rows, heads, n, value.shape[-1]).transpose(1, 2)
