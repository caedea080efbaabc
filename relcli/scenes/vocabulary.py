"""The words and sizes of the world, each said once, as in the study."""

import difflib
from collections.abc import Iterable
from typing import Final

IMAGE_SIZE: Final = 224
"""Side of every picture in pixels."""

SHAPES: Final = ("circle", "square", "rectangle", "triangle")
SIZES: Final = {"small": 20, "medium": 30, "large": 40}
"""Size names and the shape radius in pixels."""
COLORS: Final = {
    "red": (255, 0, 0),
    "green": (0, 255, 0),
    "blue": (0, 0, 255),
    "yellow": (255, 255, 0),
    "magenta": (255, 0, 255),
    "cyan": (0, 255, 255),
    "purple": (128, 0, 128),
    "orange": (255, 128, 0),
}
NAMES: Final = tuple(f"{color} {shape}" for shape in SHAPES for color in COLORS)
"""Every colour and shape as an object's name, shapes in the outer and colours in the inner loop."""

RELATIONS: Final = ("above", "below", "left_of", "right_of")
RELATION_TEXTS: Final = {
    "above": "above",
    "below": "below",
    "left_of": "to the left of",
    "right_of": "to the right of",
}

CATEGORIES: Final = (
    "count",
    "recognition_shape",
    "recognition_color",
    "recognition_shape_and_color",
    "implicit_spatial",
    "explicit_connection",
    "explicit_arrow_direction",
)
QUESTION_SETS: Final = ("seed", "balanced")
QUESTION_SET_VERSIONS: Final = {"seed": 2, "balanced": 2}
"""Raised when the rules of a set change, so that a scene gets other questions. Data sets on disk and in
warehouses keep the questions they were made with; the metadata of a generated batch names its versions."""
OWN_QUESTIONS: Final = "own"
"""The question set of questions about people's own pictures."""
FIRST_INDEX: Final = {"seed": 0, "balanced": 100}
"""First question_index of each set in every scene; a set never reaches the next one's first index."""
RAW: Final = "raw"
BLANK: Final = "blank"
"""The white picture of the raw one's size, graded against the raw answers. It is never kept."""
MASKED: Final = "masked"
TWINS: Final = {"mask": MASKED, "change": "changed", "placebo": "placebo"}
"""The kinds of twin that can be made of a scene, and the variant of the scene each is."""
STUDY_VARIANTS: Final = (RAW, MASKED, BLANK)
"""Those of the study's data sets, and the blank picture."""
VARIANTS: Final = (RAW, *TWINS.values(), BLANK)
"""The variants that can be made here. A data set may have others, see ``in_order``."""
SPLITS: Final = ("train", "val", "test")
LETTERS: Final = "abcdefghijklmnopqrstuvwxyz"
"""What names an option. The questions made here have four at most."""

OPTIONS_LEAD: Final = "? Here are your options: "
SENTENCE_ENDS: Final = (".", "!", ":", "?")
CLOSING: Final = (
    "Please only reply with the correct option, do not explain your reasoning. "
    "If no option is correct, reply with 'None'."
)


def in_order(variants: Iterable[str]) -> tuple[str, ...]:
    """Names of variants, each once: raw first, then those that are made here, any others by name, and blank.
    """
    known = (RAW, *TWINS.values())
    found = set(variants)
    others = sorted(found.difference(known, (BLANK,)))
    return tuple(name for name in (*known, *others, BLANK) if name in found)


def categories_in_order(categories: Iterable[str]) -> tuple[str, ...]:
    """Names of categories, each once: the seven in their order, then any others by name."""
    found = set(categories)
    return (*(name for name in CATEGORIES if name in found), *sorted(found.difference(CATEGORIES)))


def asked_categories(asked: Iterable[str], held: Iterable[str]) -> tuple[str, ...]:
    """Of the categories there are, those asked for; all of them where all seven are asked for, which is what
    naming none means."""
    wanted = set(asked)
    return categories_in_order(name for name in held if name in wanted or wanted.issuperset(CATEGORIES))


def nearest_category(name: str) -> str:
    """The category whose spelling is closest to ``name``, to offer when someone mistypes one."""
    close = difflib.get_close_matches(name.strip().lower()[:60], CATEGORIES, n=1, cutoff=0.0)
    return close[0]
