"""Where in a prompt's text attention is read: mentions, the question mark, the options."""

import re
from collections.abc import Collection, Sequence
from typing import NamedTuple

from relcli.scenes.boxes import BoxedEntity
from relcli.scenes.parsing import mention_spans, option_spans
from relcli.scenes.questions import Question
from relcli.scenes.scene import Scene


class Span(NamedTuple):
    """Characters [start, end) of a question's text, and their role: `target`, `stem_end` or `options`."""

    role: str
    start: int
    end: int


def spans_of(question: Question, scene: Scene | None) -> tuple[Span, ...]:
    """The spans of a question's prompt. scene: what its picture shows, None where nobody knows."""
    return question_spans(question.text, question.stem, question.options, labels_of(question.entities, scene))


def labels_of(asked: Collection[int], scene: Scene | None) -> tuple[str, ...]:
    """The labels of the boxed objects among those asked about, in the scene's order."""
    return tuple(
        entity.label
        for entity in (() if scene is None else scene.entities)
        if isinstance(entity, BoxedEntity) and entity.label.strip() and entity.id in asked
    )


def question_spans(
    text: str, stem: str, options: Sequence[str], labels: Sequence[str] = ()
) -> tuple[Span, ...]:
    """The spans of one prompt, in order; what the text doesn't have is left out.

    target: each mention, in the stem, of what is asked about, or of its colour or shape where only that is
    named. It comes from the words alone, so it is there also where the picture has no such object. labels:
    what boxed objects asked about are called; where the stem has one of them, these are its mentions.
    stem_end: the stem's question mark. options: each option's text without its letter.
    """
    start = text.find(stem) if stem else -1
    if start < 0:  # a stem that was not cut out of the text: everything before the options counts
        start, stem = 0, text.partition("?")[0]
    spans = [Span("target", start + first, start + last) for first, last in _mentions(stem, labels)]
    behind = start + len(stem)
    mark = behind - 1 if stem.endswith("?") else text.find("?", behind)
    if mark >= 0:
        spans.append(Span("stem_end", mark, mark + 1))
        behind = mark + 1
    spans += [
        Span("options", behind + first, behind + last) for first, last in option_spans(text[behind:], options)
    ]
    return tuple(spans)


def _mentions(stem: str, labels: Sequence[str]) -> list[tuple[int, int]]:
    """Longest labels first, so that a `dining table` is not read as a `table`; a plural counts too."""
    names = "|".join(
        r"\s+".join(map(re.escape, label.split())) for label in sorted(set(labels), key=len, reverse=True)
    )
    found = re.finditer(rf"(?<!\w)(?:{names})(?:e?s)?(?!\w)", stem, re.IGNORECASE) if names else ()
    return [each.span() for each in found] or mention_spans(stem)
