"""Muon for the matrices inside the blocks, AdamW for everything else, under one learning-rate curve.

Muon (Jordan et al. 2024, torch.optim.Muon) orthogonalises each matrix's momentum; on models of a few million
parameters it needs far fewer pictures than AdamW alone for the same dense loss.
"""

from collections.abc import Iterable

import torch
from torch import nn

WEIGHT_DECAY = 0.02


class Optimizer:
    """Both optimizers behind one ``step``; ``lr`` is AdamW's, Muon's is scaled to the same update size."""

    def __init__(self, named: Iterable[tuple[str, nn.Parameter]]) -> None:
        matrices, others = [], []
        for name, parameter in named:
            inner = parameter.ndim == 2 and not any(part in name for part in ("embed", "lm_head", "heads"))
            (matrices if inner else others).append(parameter)
        self.parameters = matrices + others
        self.parts: list[torch.optim.Optimizer] = []
        if matrices:
            self.parts.append(
                torch.optim.Muon(matrices, lr=0.0, weight_decay=WEIGHT_DECAY, adjust_lr_fn="match_rms_adamw")
            )
        self.parts.append(torch.optim.AdamW(others, lr=0.0, betas=(0.9, 0.98), weight_decay=WEIGHT_DECAY))

    def step(self, lr: float) -> float:
        """Clip the gradients at norm 1, update, clear them; returns the norm before clipping."""
        norm = nn.utils.clip_grad_norm_(self.parameters, 1.0)
        for part in self.parts:
            for group in part.param_groups:
                group["lr"] = lr
            part.step()
            part.zero_grad(set_to_none=True)
        return float(norm)

    def state_dict(self) -> list[dict[str, object]]:
        """The state of both, for a checkpoint."""
        return [part.state_dict() for part in self.parts]

    def load_state_dict(self, states: list[dict[str, object]]) -> None:
        """Take up the state of a checkpoint written for the same parameters."""
        for part, state in zip(self.parts, states, strict=True):
            part.load_state_dict(state)


def learning_rate(step: int, steps: int, peak: float, warmup: int, decay_share: float) -> float:
    """Warm up linearly, hold, and fall linearly to nothing over the last ``decay_share`` of the steps."""
    if step < warmup:
        return peak * (step + 1) / warmup
    decay_from = steps * (1 - decay_share)
    if step < decay_from:
        return peak
    return peak * max(0.0, (steps - step) / (steps - decay_from))
