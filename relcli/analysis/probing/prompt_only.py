"""The prompt-only control: what a reader of the wording, blind to picture and attention, can tell.

Attention shifts with the words it answers, so a label that can be read off the prompt says nothing about
looking.
"""

from collections import Counter
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from relcli.scenes.parsing import parse_prompt
from relcli.scenes.vocabulary import LETTERS

_LONGEST = 3
"""Runs of up to three words of the stem: `between the red` says what the words alone do not, the arrow's
source."""
_RARE = 5
"""Terms of fewer prompts are left out."""


def bag_of_words(texts: Sequence[str]) -> NDArray[np.float32]:
    """Counts `[prompts, terms]` of the stem's words and short runs of words, and of each option's words.

    The closing sentence is the same everywhere and left out. Terms all prompts have alike are, too; a single
    column of zeros stands for no terms at all.
    """
    found = [Counter(_terms(text)) for text in texts]
    spread = Counter(term for counts in found for term in counts)
    column = {term: i for i, term in enumerate(sorted(t for t, n in spread.items() if n >= _RARE))}
    bag = np.zeros((len(texts), max(1, len(column))), dtype=np.float32)
    for row, counts in enumerate(found):
        for term, n in counts.items():
            if term in column:
                bag[row, column[term]] = n
    varied = bag.std(axis=0) > 0
    return bag[:, varied] if varied.any() else bag[:, :1]


def _terms(text: str) -> Iterator[str]:
    prompt = parse_prompt(text)
    words = prompt.stem.lower().split()
    for length in range(1, _LONGEST + 1):
        for start in range(len(words) - length + 1):
            yield " ".join(words[start : start + length])
    for letter, option in zip(LETTERS, prompt.options, strict=False):
        for word in option.lower().split():
            yield f"{letter}) {word}"
