"""At which step does a reply say what it chooses? A verbose model's first token is not its answer."""

from collections.abc import Callable, Sequence

from relcli.analysis.choices import read_choice
from relcli.scenes.vocabulary import LETTERS

OPENINGS = ("<think>", "<thinking>", "<thought>", "<reasoning>")


def answer_step(said: Callable[[int], str], n: int, options: Sequence[str]) -> int | None:
    """The step, from 0, whose token yields the answer; None where the reply can't be read.

    said: what the first so many tokens of the reply decode to. n: its tokens. The answer's step is the first
    from which on all that is said so far chooses what the whole reply chooses; of an answer in several tokens
    the first, for it is there that the word is decided. Thoughts in tags choose nothing.
    """
    if n < 1:
        return None
    whole = said(n)
    if _is_letter(whole, options) and _is_letter(said(1), options):
        return 0
    chosen = read_choice(whole, options)
    if chosen is None:
        return None
    step = n - 1
    while step > 0 and read_choice(said(step), options) == chosen:
        step -= 1
    return _start_of_word(said, step)


def is_still_thinking(reply: str) -> bool:
    """Whether a reply ends within its thoughts: a tag is open that nothing closes."""
    text = reply.casefold()
    return any(text.rfind(tag) > text.rfind(tag.replace("<", "</")) for tag in OPENINGS)


def _is_letter(text: str, options: Sequence[str]) -> bool:
    text = text.strip()
    return len(text) in (1, 2) and text[:1] in LETTERS[: len(options)] and text[1:] in ("", ")")


def _start_of_word(said: Callable[[int], str], step: int) -> int:
    while step > 0:
        before, here = said(step), said(step + 1)
        piece = here[len(before) :] if here.startswith(before) else " "
        if not (before[-1:].isalnum() and piece[:1].isalnum()):
            return step
        step -= 1
    return step
