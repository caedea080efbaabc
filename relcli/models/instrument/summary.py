"""Attention summaries, gathered step by step so that no step's weights need to stay in memory."""

import numpy as np
import torch

from relcli.models.instrument.prompt_reading import PromptReading
from relcli.models.instrument.region_shares import entropy
from relcli.models.items import AttentionSummary
from relcli.models.local.finite import check_attention


class SummaryBuilder:
    """Summaries of a batch of answers; each step adds the weights of the rows that still run."""

    def __init__(self, rows: int, keep_full: bool):
        self._n = rows
        self._keep_full = keep_full
        self._started = False
        self._entropies: list[tuple[torch.Tensor, torch.Tensor]] = []
        self._full: list[list[np.ndarray]] = [[] for _ in range(rows)]

    def add(self, weights: torch.Tensor, rows: torch.Tensor) -> None:
        """Add one step: weights float32 [layers, rows, heads, cells]; `rows` int64 says whose they are."""
        rows_there, rows = rows, rows.to(weights.device)
        mean, high = weights.mean(2), weights.amax(2)
        if not self._started:
            self._started = True
            shape = (mean.shape[0], self._n, mean.shape[2])
            self._sum, self._max = weights.new_zeros(shape), weights.new_zeros(shape)
            self._first, self._last = weights.new_zeros(shape), weights.new_zeros(shape)
            self._first[:, rows] = mean
            self._steps = torch.zeros(self._n, dtype=torch.long, device=weights.device)
        self._sum[:, rows] += mean
        self._max[:, rows] = torch.maximum(self._max[:, rows], high)
        self._last[:, rows] = mean
        self._steps[rows] += 1
        self._entropies.append((rows_there, entropy(mean)))
        if self._keep_full:
            half = weights.to(torch.float16).cpu().numpy()
            for position, row in enumerate(rows_there.tolist()):
                self._full[row].append(half[:, position])

    def build(
        self, grid: tuple[int, int] | None, reading: PromptReading | None = None
    ) -> list[AttentionSummary]:
        """One summary a row, with what `reading` has of the prompts. Every row must have had a step.

        Raises NotFinite if a weight is NaN or infinite.
        """
        mean = self._sum / self._steps[None, :, None]
        vectors = [mean, self._max, self._first, self._last]
        entropies = [_by_row(entropy(vector)) for vector in vectors]
        mass = _by_row(mean.sum(-1))
        check_attention(mass)  # a sum over all steps, heads and cells: one weight that isn't finite shows
        mean_heads, max_heads, first_step, last_step = (_by_row(vector) for vector in vectors)
        by_query = reading.rows.build() if reading else [{}] * self._n
        by_head = reading.rows.build_heads() if reading else [{}] * self._n
        by_token = reading.tokens.build() if reading and reading.tokens else [None] * self._n
        steps = self._steps.tolist()
        layers = mean.shape[0]
        by_step = [np.zeros((layers, n), dtype=np.float32) for n in steps]
        filled = [0] * self._n
        for rows, values in self._entropies:
            step = values.cpu().numpy()
            for position, row in enumerate(rows.tolist()):
                by_step[row][:, filled[row]] = step[:, position]
                filled[row] += 1
        return [
            AttentionSummary(
                grid=grid,
                mean_heads=mean_heads[row],
                max_heads=max_heads[row],
                first_step=first_step[row],
                last_step=last_step[row],
                mean_heads_entropy=entropies[0][row],
                max_heads_entropy=entropies[1][row],
                first_step_entropy=entropies[2][row],
                last_step_entropy=entropies[3][row],
                step_entropy=by_step[row],
                image_mass=mass[row],
                full=np.stack(self._full[row]) if self._keep_full else None,
                rows=by_query[row],
                heads=by_head[row],
                tokens=by_token[row],
            )
            for row in range(self._n)
        ]


def _by_row(values: torch.Tensor) -> np.ndarray:
    """[layers, rows, ...] on any device to a contiguous float32 array [rows, layers, ...]."""
    return values.transpose(0, 1).contiguous().cpu().numpy()
