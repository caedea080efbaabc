"""The step of a reply that yields its answer, and what the model thought and looked at there.

Most replies begin with their answer. Of the others the prompt and the reply up to the answer are run once
more as one prompt: its last row is the one that yields the answer, so everything that is read of a first step
is read there, and no step's weights have to be kept until the reply is known.
"""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any

from relcli.analysis.answer_step import answer_step
from relcli.models.items import AskItem, PromptItem
from relcli.models.local.decode import DecodedReply
from relcli.models.local.option_scorer import NONE, LaterScorer
from relcli.scenes.vocabulary import LETTERS

Asked = tuple[AskItem, PromptItem]


class AnswerSteps:
    """later: gives replies of one token to prompts whose replies have begun, of equally many tokens each."""

    def __init__(self, tokenizer: Any, later: Callable[[Sequence[AskItem]], list[DecodedReply]]):
        self._tokenizer, self._later = tokenizer, later
        self._scorer = LaterScorer(tokenizer)
        self._step = lru_cache(maxsize=4096)(self._find)

    def find(self, asked: Sequence[Asked], replies: Sequence[DecodedReply]) -> list[int | None]:
        """The answer's step of each reply; None for one that can't be read or was offered nothing."""
        return [
            self._step(tuple(reply.token_ids), prompt.options) if prompt.options else None
            for (_, prompt), reply in zip(asked, replies, strict=True)
        ]

    def read(
        self, asked: Sequence[Asked], replies: Sequence[DecodedReply], steps: Sequence[int | None]
    ) -> None:
        """Put into replies whose answer does not stand at step 0 what is so at their step."""
        groups: dict[int, list[int]] = defaultdict(list)
        for place, step in enumerate(steps):
            if step:
                groups[step].append(place)
        for step, places in groups.items():
            items = []
            for place in places:
                item, prompt = asked[place]
                said = tuple(replies[place].token_ids[:step])
                items.append(AskItem(item.key, item.image, [replace(prompt, said=said)]))
            for place, there in zip(places, self._later(items), strict=True):
                self._take(replies[place], there, step, asked[place][1].options)

    def _take(self, reply: DecodedReply, there: DecodedReply, step: int, options: Sequence[str]) -> None:
        names = (*LETTERS[: len(options)], NONE)
        if reply.token_ids[step] in {number for name in names for number in self._scorer.ids(name)}:
            reply.option_logprobs, reply.lens = there.option_logprobs, there.lens
        reply.hidden |= there.hidden
        ours, theirs = reply.attention, there.attention
        if ours is not None and theirs is not None:
            ours.answer_step, ours.answer_step_entropy = theirs.first_step, theirs.first_step_entropy
            if "answer" in theirs.heads:
                ours.heads["answer"] = theirs.heads["answer"]

    def _find(self, token_ids: tuple[int, ...], options: tuple[str, ...]) -> int | None:
        def said(n: int) -> str:
            return self._tokenizer.decode(
                token_ids[:n], skip_special_tokens=True, clean_up_tokenization_spaces=False
            )

        return answer_step(said, len(token_ids), options)
