"""Numbers that are NaN or infinite: found where they already lie on the CPU, and said in one sentence."""

import math
from collections.abc import Iterable
from typing import Any

import numpy as np
import torch

from relcli.errors import RelcliError

_ADVICE = {
    torch.float16: "its numbers are too large for this type: try --dtype bfloat16 or --dtype float32",
    torch.bfloat16: "try --dtype float32",
}


class NotFinite(ArithmeticError):
    """A model's numbers are NaN or infinite; the text says which."""


def check_scores(rows: Iterable[Iterable[float]]) -> None:
    """Raises NotFinite if a log-probability of an option isn't finite."""
    if not all(math.isfinite(score) for row in rows for score in row):
        raise NotFinite("the probabilities of the options")


def check_logits(best: torch.Tensor) -> None:
    """Raises NotFinite if a chosen token's logit isn't finite. NaN wins every argmax, so this finds any."""
    if not bool(best.isfinite().all()):
        raise NotFinite("the scores of the next token")


def check_attention(*arrays: np.ndarray) -> None:
    """Raises NotFinite if an attention weight isn't finite."""
    if not all(np.isfinite(array).all() for array in arrays):
        raise NotFinite("the attention weights")


def refusal(loaded: Any, problem: NotFinite) -> RelcliError:
    """The sentence for a person. `loaded`: the LoadedModel that gave the numbers."""
    dtype = str(loaded.dtype).removeprefix("torch.")
    advice = _ADVICE.get(
        loaded.dtype, "its weights are damaged or do not fit its config.json: copy or download them again"
    )
    return RelcliError(f"The model {loaded.name!r} in {dtype} gives NaN or infinity for {problem}; {advice}.")
