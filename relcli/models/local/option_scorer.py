"""Which first tokens stand for an option's letter, and how likely each is."""

from collections.abc import Sequence
from typing import Any

import torch

from relcli.errors import UsageError
from relcli.scenes.vocabulary import LETTERS

NONE = "None"


class OptionScorer:
    """First tokens of the replies "a)", "b)", .. and "None", as the model's own tokenizer makes them.

    A tokenizer may cut the reply "a)" into "a" and ")" or keep it as one token, and the model may say "a"
    alone: the letter counts with the log of the summed probability of the first tokens of "a)" and of "a",
    each once.
    """

    def __init__(self, tokenizer: Any):
        self._tokenizer = tokenizer
        self._ids: dict[str, list[int]] = {}

    def ids(self, reply: str) -> list[int]:
        """The distinct token ids that stand for a letter or None."""
        if reply not in self._ids:
            forms = [reply] if reply == NONE else [f"{reply})", reply]
            firsts = (self._tokenizer(form, add_special_tokens=False)["input_ids"][0] for form in forms)
            self._ids[reply] = sorted(set(firsts))
        return self._ids[reply]

    def score(self, logprobs: torch.Tensor, n_options: Sequence[int]) -> list[list[float]]:
        """Log-probabilities of each row's letters and None.

        logprobs: float32 [rows, vocabulary], the log-softmax of the first step; n_options: options of each
        row.
        """
        most = max(n_options, default=0)
        if most > len(LETTERS):
            raise UsageError(
                f"A question has {most} options: {len(LETTERS)} is the most that letters can name."
            )
        letters = LETTERS[:most]
        columns = [self.ids(letter) for letter in letters] + [self.ids(NONE)]
        scores = torch.stack([logprobs[:, ids].logsumexp(-1) for ids in columns], dim=1).tolist()
        return [row[:n] + row[-1:] for row, n in zip(scores, n_options, strict=True)]
