"""The wordings of a question: the question sets' own, and paraphrases of it, as templates.

Each category has one template that its questions are made with, and others that ask the same in other words.
All of them parse back to the same category, the same objects and the same order of mention.
"""

import re
from collections.abc import Iterator
from typing import Final

from relcli.scenes.vocabulary import COLORS, SHAPES

_COLOR = "|".join(COLORS)
_SHAPE = "|".join(SHAPES)
NAME: Final = rf"(?:{_COLOR}) (?:{_SHAPE})"
"""A pattern for the name of an object."""

_RECOGNITION: Final = (
    "Does this image have {thing}",
    "Is there {thing} in this image",
    "Does this image show {thing}",
    "Can {thing} be seen in this image",
)
TEMPLATES: Final = {
    "count": (
        "How many shapes are in this image",
        "How many shapes does this image show",
        "What is the number of shapes in this image",
        "How many shapes can be seen in this image",
    ),
    "recognition_shape": _RECOGNITION,
    "recognition_color": _RECOGNITION,
    "recognition_shape_and_color": _RECOGNITION,
    "implicit_spatial": (
        "What is the position of the {first} with respect to the {second}",
        "Where is the {first} relative to the {second}",
        "Where does the {first} lie as seen from the {second}",
        "Where can the {first} be found in relation to the {second}",
    ),
    "explicit_connection": (
        "Which objects are connected",
        "Which objects are connected to each other",
        "Which of the objects are connected",
        "Which connected objects does this image show",
    ),
    "explicit_arrow_direction": (
        "Where does the arrow between the {ends} point to",
        "Which way does the arrow between the {ends} point",
        "In which direction does the arrow between the {ends} point",
        "Where does the arrow between the {ends} lead",
    ),
}
"""By category, the wordings of a question, its own first."""
MOST_WORDINGS: Final = min(map(len, TEMPLATES.values()))

_SLOTS: Final = {
    "thing": {
        "recognition_shape": rf"an? (?:{_SHAPE})(?: shape)?",
        "recognition_color": rf"an? (?:{_COLOR}) shape",
        "recognition_shape_and_color": rf"an? {NAME}",
    },
    "first": NAME,
    "second": NAME,
    "ends": rf"(?:shapes|{NAME} and {NAME})",
}


def category_of(stem: str) -> str | None:
    """The category of a question in any of its wordings, its question mark left out; None for another."""
    return next((category for category, _, _ in _matches(stem)), None)


def reworded(category: str, stem: str, wording: int) -> str | None:
    """The stem in wording number ``wording`` of its category, where 0 is the question sets' own; None for a
    stem that is in none of them."""
    slots = next((slots for found, _, slots in _matches(stem) if found == category), None)
    return None if slots is None else TEMPLATES[category][wording].format(**slots)


def _matches(stem: str) -> Iterator[tuple[str, int, dict[str, str]]]:
    plain = " ".join(stem.split())
    for category, patterns in _PATTERNS.items():
        for number, pattern in enumerate(patterns):
            if found := pattern.fullmatch(plain):
                yield category, number, found.groupdict()


def _pattern(category: str, template: str) -> re.Pattern[str]:
    def slot(name: str) -> str:
        pattern = _SLOTS[name]
        return f"(?P<{name}>{pattern[category] if isinstance(pattern, dict) else pattern})"

    parts = re.split(r"\{(\w+)\}", template)
    text = "".join(slot(part) if at % 2 else re.escape(part) for at, part in enumerate(parts))
    return re.compile(text, re.IGNORECASE)


_PATTERNS: Final = {
    category: [_pattern(category, template) for template in templates]
    for category, templates in TEMPLATES.items()
}
