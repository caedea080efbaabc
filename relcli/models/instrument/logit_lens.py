"""What each layer's state would answer: the model's final norm and output matrix applied to it.

nostalgebraist, "interpreting GPT: the logit lens", 2020. Only the options' log-probabilities are kept.
"""

from collections.abc import Callable, Sequence
from typing import Any

import torch

from relcli.models.instrument.states import text_layers
from relcli.models.local.option_scorer import OptionScorer

_CLOSE, _CLOSE_HALF = 1e-2, 0.5
"""By how much the last layer's log-probabilities may differ from the model's own, by precision: logits of 30
have steps of 0.125 in bfloat16."""


class LogitLens:
    """options: which tokens stand for an option. on_note: told once if the lens doesn't fit the model, which
    then gets none."""

    def __init__(self, model: Any, options: OptionScorer, on_note: Callable[[str], None]):
        self._model, self._options, self._on_note = model, options, on_note
        self._fits = True

    def read(
        self, states: Sequence[torch.Tensor], n_options: Sequence[int], scores: Sequence[Sequence[float]]
    ) -> list[list[list[float]] | None]:
        """Of each row, a list a layer of its options' log-probabilities and None's.

        states: float [rows, width] a layer, of the token that yields the answer. scores: what the model
        itself gives, which the last layer has to give too.
        """
        nothing: list[list[list[float]] | None] = [None] * len(scores)
        if not self._fits:
            return nothing
        by_layer = [self._options.score(self.logprobs(values), n_options) for values in states]
        close = _CLOSE if self._model.dtype == torch.float32 else _CLOSE_HALF
        pairs = zip(by_layer[-1], scores, strict=True)
        if any(abs(a - b) > close for mine, own in pairs for a, b in zip(mine, own, strict=True)):
            self._fits = False
            self._on_note(
                f"The logit lens is not kept: a {self._model.config.model_type!r} makes its logits in "
                "another way than by its final norm and output matrix."
            )
            return nothing
        return [[layer[row] for layer in by_layer] for row in range(len(scores))]

    def logprobs(self, states: torch.Tensor) -> torch.Tensor:
        """float32 [rows, vocabulary] of states [rows, width]."""
        _, norm = text_layers(self._model)
        head = self._model.get_output_embeddings()
        text = self._model.config.get_text_config()
        like = next(norm.parameters(), head.weight)
        normed = norm(states.to(like.device, self._model.dtype)[:, None])
        logits = head(normed.to(head.weight.device))[:, 0].float()
        # What Cohere and Granite models multiply and divide their logits by, and what Gemma's pass through.
        logits = logits * (getattr(text, "logit_scale", None) or 1.0)
        logits = logits / (getattr(text, "logits_scaling", None) or 1.0)
        if cap := getattr(text, "final_logit_softcapping", None):
            logits = torch.tanh(logits / cap) * cap
        return logits.log_softmax(-1)
