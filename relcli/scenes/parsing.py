"""Reading a prompt back: question, options, category and the objects it names, from the text alone."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from relcli.scenes.facts import Pairs
from relcli.scenes.vocabulary import CLOSING, COLORS, LETTERS, SHAPES
from relcli.scenes.wordings import NAME, category_of

Description = tuple[str | None, str | None]
"""A colour and a shape; None for the one that is left open."""

_LEAD = re.compile(r"(?:\?\s*|(?<=[.!:])\s+)here are your options:\s*", re.IGNORECASE)
_CLOSING = re.compile(
    r"(?:^|\s)(?:please|(?:only )?(?:answer|reply|respond) (?:with|only|by|in)|if no option)\b.*",
    re.IGNORECASE | re.S,
)
_COLOR = "|".join(COLORS)
_SHAPE = "|".join(SHAPES)
_MENTION = re.compile(rf"\b(?:(?:({_COLOR})\s+)?({_SHAPE})|({_COLOR}))\b", re.IGNORECASE)
_AT_LARGE = re.compile(r"\b(?:shapes?|objects?|figures?)\b", re.IGNORECASE)
_SPACES = re.compile(r"\s*")
_PAIR = re.compile(rf"the ({NAME}) with the ({NAME})", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class ParsedPrompt:
    """A prompt taken apart.

    ``category`` is None for a wording that is none of ``wordings.TEMPLATES``. ``names`` are the colours and
    shapes the stem mentions, in its order. ``options`` is empty where no lettered list was found.
    """

    stem: str
    options: tuple[str, ...]
    category: str | None
    names: tuple[Description, ...]


def parse_prompt(text: str) -> ParsedPrompt:
    """Take a prompt apart; never fails, whatever the wording or case."""
    stem, listed = _split(text)
    plain = " ".join(stem.split())
    return ParsedPrompt(stem, _options(listed), category_of(plain), mentions(plain))


def mentions(text: str) -> tuple[Description, ...]:
    """The colours and shapes a text names, in order and in lower case: ``a red shape`` gives (red, None)."""
    return tuple(
        ((color or lone or "").lower() or None, shape.lower() or None)
        for color, shape, lone in _MENTION.findall(text)
    )


def mention_spans(text: str) -> list[tuple[int, int]]:
    """Where a text names an object, or a colour or shape alone: characters [start, end), in order.

    A text that names none, such as ``Which objects are connected``, has those of its words for objects at
    large: they stand for everything it is about.
    """
    return [found.span() for found in _MENTION.finditer(text)] or [
        found.span() for found in _AT_LARGE.finditer(text)
    ]


def option_spans(listed: str, options: Sequence[str]) -> list[tuple[int, int]]:
    """Where each option's text stands in a lettered list, without its letter; of those found, in order."""
    spans, at = [], 0
    for letter, option in zip(LETTERS, options, strict=False):
        start = _behind(f"{letter})", option, listed, at) if option else None
        if start is not None:
            at = start + len(option)
            spans.append((start, at))
    return spans


def _behind(mark: str, option: str, listed: str, at: int) -> int | None:
    """Where the option first stands behind its mark and white space. A pattern for each option would have to
    be compiled, which takes longer than all else that a question needs."""
    place = listed.find(mark, at)
    while place >= 0:
        behind = place + len(mark)
        for start in range(_SPACES.match(listed, behind).end(), behind - 1, -1):  # type: ignore[union-attr]
            if listed.startswith(option, start):
                return start
        place = listed.find(mark, place + 1)
    return None


def listed_pairs(option: str) -> list[frozenset[str]] | None:
    """The pairs a connection option lists, without direction, each as often as it is listed; None where it
    isn't worded as one."""
    pairs = _PAIR.findall(option)
    if not pairs or len(_PAIR.sub("", option).replace(" and ", "").strip()):
        return None
    return [frozenset(name.lower() for name in pair) for pair in pairs]


def option_pairs(option: str) -> Pairs | None:
    """The same pairs, each once."""
    pairs = listed_pairs(option)
    return None if pairs is None else frozenset(pairs)


def _split(text: str) -> tuple[str, str]:
    """The stem and what follows it from the first option on."""
    lead = _LEAD.search(text)
    if lead:
        return text[: lead.start()].strip(), text[lead.end() :]
    first = re.search(r"(?:^|\s)\(?a\)", text)
    if first:
        return text[: first.start()].strip().rstrip("?:").rstrip(), text[first.start() :]
    return _CLOSING.sub("", text).strip().rstrip("?").rstrip() or text.strip(), ""


def _options(listed: str) -> tuple[str, ...]:
    listed = listed.strip()
    listed = listed.removesuffix(CLOSING) if listed.endswith(CLOSING) else _CLOSING.sub("", listed)
    starts: list[re.Match[str]] = []
    for letter in LETTERS:
        found = re.compile(rf"(?:^|(?<=\s))\(?{letter}\)").search(listed, starts[-1].end() if starts else 0)
        if found is None:
            break
        starts.append(found)
    if not starts:
        return ()
    ends = [match.start() for match in starts[1:]] + [len(listed)]
    return tuple(listed[match.end() : end].strip() for match, end in zip(starts, ends, strict=True))
