"""Which first tokens stand for an option's letter, and how likely each is."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

import torch

from relcli.errors import UsageError
from relcli.models.items import PromptItem
from relcli.scenes.vocabulary import LETTERS

NONE = "None"


_FORMS = ("{0})", "{0}", " {0})", " {0}", "({0})", "({0}", " ({0})", " ({0}", "**{0}", " **{0}")
"""How a reply may write a letter where it doesn't begin with it; the token that has the letter counts."""


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


def likeliest(logprobs: Sequence[float]) -> str:
    """The answer that log-probabilities of letters and None, in this order, speak for: `b)`, or `None`."""
    best = max(range(len(logprobs)), key=logprobs.__getitem__)
    return NONE if best == len(logprobs) - 1 else f"{LETTERS[best]})"


def refuse_without_options(prompts: Sequence[PromptItem]) -> None:
    """Raises UsageError for a question that offers nothing to choose from."""
    for prompt in prompts:
        if not prompt.options:
            raise UsageError(
                f"The question {prompt.text[:60]!r} has no options, so that none can be the likeliest: ask "
                "it with --answers text."
            )


class LaterScorer(OptionScorer):
    """The same for letters further on in a reply, where a space, a bracket or emphasis may stand before them
    and they may be capitals: each token that tells one letter from the others counts."""

    def ids(self, reply: str) -> list[int]:
        if not self._ids:
            found = {name: self._candidates(name) for name in (*LETTERS, NONE)}
            times = Counter(number for ids in found.values() for number in ids)
            # With one token a character, None has no token of its own beside N.
            self._ids = {
                name: sorted({number for number in ids if times[number] == 1} or ids)
                for name, ids in found.items()
            }
        return self._ids[reply]

    def _candidates(self, reply: str) -> set[int]:
        if reply == NONE:
            forms = [NONE, f" {NONE}", NONE.lower(), f" {NONE.lower()}"]
        else:
            forms = [form.format(letter) for form in _FORMS for letter in (reply, reply.upper())]
        found: set[int] = set()
        for form in forms:
            ids = self._tokenizer(form, add_special_tokens=False)["input_ids"]
            first = reply[0].lower()
            named = (number for number in ids if first in self._tokenizer.decode([number]).lower())
            found.add(next(named, ids[0]))
        return found
