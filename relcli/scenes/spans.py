"""Where in a prompt's text attention is read: mentions, the question mark, the options."""

from collections.abc import Sequence
from typing import NamedTuple

from relcli.scenes.parsing import mention_spans, option_spans


class Span(NamedTuple):
    """Characters [start, end) of a question's text, and their role: `target`, `stem_end` or `options`."""

    role: str
    start: int
    end: int


def question_spans(text: str, stem: str, options: Sequence[str]) -> tuple[Span, ...]:
    """The spans of one prompt, in order; what the text doesn't have is left out.

    target: each mention, in the stem, of what is asked about, or of its colour or shape where only that is
    named. It comes from the words alone, so it is there also where the picture has no such object.
    stem_end: the stem's question mark. options: each option's text without its letter.
    """
    start = text.find(stem) if stem else -1
    if start < 0:  # a stem that was not cut out of the text: everything before the options counts
        start, stem = 0, text.partition("?")[0]
    spans = [Span("target", start + first, start + last) for first, last in mention_spans(stem)]
    behind = start + len(stem)
    mark = behind - 1 if stem.endswith("?") else text.find("?", behind)
    if mark >= 0:
        spans.append(Span("stem_end", mark, mark + 1))
        behind = mark + 1
    spans += [
        Span("options", behind + first, behind + last)
        for first, last in option_spans(text[behind:], options)
    ]
    return tuple(spans)
