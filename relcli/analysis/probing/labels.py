"""What probes predict: the study's 34 labels (its section 6), read off a question's own text.

Prompt and ground truth are all that is looked at, so a run whose data set came without annotations has the
same labels as one of generated scenes.
"""

import difflib
from collections.abc import Callable, Sequence
from typing import Final

from relcli.errors import UsageError
from relcli.scenes.parsing import Description, mentions, parse_prompt
from relcli.scenes.vocabulary import CATEGORIES, COLORS, LETTERS, RELATION_TEXTS, SHAPES

HAS_COLORS: Final = tuple(color for color in COLORS if color != "orange")
"""The study has no ``has_orange``."""

LABELS: Final[dict[str, tuple[str, ...]]] = {
    "count": ("counting",),
    "recognition_shape": ("answer", "concept"),
    "recognition_color": ("answer", "concept"),
    "recognition_shape_and_color": ("answer", "queried_color", "queried_shape", "concept"),
    "implicit_spatial": ("direction", "axis", "ref_shape", "ref_color", "ref_combo"),
    "explicit_connection": (
        "connection_count",
        *(f"has_{shape}" for shape in SHAPES),
        *(f"has_{color}" for color in HAS_COLORS),
    ),
    "explicit_arrow_direction": (
        *(f"{end}_{what}" for end in ("source", "target") for what in ("shape", "color", "combo")),
        "same_shape",
        "same_color",
    ),
}
"""The labels of each category, in the order tables show them."""

CORRECT: Final = "correct"
"""A label of every category that is probed only where it is named: whether the answer is right or wrong."""
LEAST_OF_A_KIND: Final = 10
"""Right answers, and wrong ones, below which it is not probed."""

OWN_LABELS: Final = ("answer",)
"""Those of any other category: the true option, in small letters."""

CONNECTION_BINS: Final = ((1, "single"), (2, "double"), (4, "few"), (10, "many"))
"""``connection_count``: the most arrows each class stands for: 1, 2, 3 to 4, 5 or more (five entities have at
most ten). The study gives the four names and not their bounds; these are ours."""

_AXES: Final = {"above": "vertical", "below": "vertical", "left_of": "horizontal", "right_of": "horizontal"}


def labels_of(category: str) -> tuple[str, ...]:
    """The labels of a category, whosever it is."""
    return LABELS.get(category, OWN_LABELS)


def question_labels(category: str, text: str, ground_truth: str | None) -> dict[str, str]:
    """The labels of one question by name.

    ``text`` is the whole prompt, ``ground_truth`` the right letter (``a)``) or ``None`` on the picture in
    question. A label that hangs on the true option is missing where no option is true; a prompt of unknown
    wording, or of another category's, has no labels.
    """
    prompt = parse_prompt(text)
    if category not in LABELS:
        return _known(answer=_true_option(prompt.options, ground_truth))
    if prompt.category != category:
        return {}
    return _READERS[category](prompt.names, _true_option(prompt.options, ground_truth))


def choose_labels(categories: Sequence[str], names: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """The labels asked for by category, categories without one left out; all of LABELS when none is named.

    Raises UsageError for a name no chosen category has.
    """
    also = (CORRECT,) if CORRECT in names else ()
    known = list(dict.fromkeys(name for category in categories for name in labels_of(category)))
    for name in names:
        if name not in known and name not in also:
            everywhere = dict.fromkeys(label for labels in LABELS.values() for label in labels)
            owners = [category for category in CATEGORIES if name in LABELS[category]]
            near = difflib.get_close_matches(name, [*(known or everywhere), CORRECT], n=1, cutoff=0.0)[0]
            hint = f"it belongs to {' and '.join(owners)}" if owners else f"did you mean {near!r}"
            raise UsageError(
                f"There is no label {name!r} in {', '.join(categories)}: {hint}; "
                f"there are {', '.join([*known, CORRECT])}."
            )
    chosen = {
        category: (*(label for label in labels_of(category) if not names or label in names), *also)
        for category in categories
    }
    return {category: labels for category, labels in chosen.items() if labels}


def _true_option(options: Sequence[str], ground_truth: str | None) -> str | None:
    truth = (ground_truth or "").strip().lower()
    place = LETTERS.find(truth[0]) if len(truth) == 2 and truth.endswith(")") else -1
    return options[place].lower() if 0 <= place < len(options) else None


def _known(**values: str | None) -> dict[str, str]:
    return {name: value for name, value in values.items() if value is not None}


def _combo(name: Description) -> str:
    return f"{name[0]} {name[1]}"


def _count(names: Sequence[Description], truth: str | None) -> dict[str, str]:
    return _known(counting=truth)


def _shape(names: Sequence[Description], truth: str | None) -> dict[str, str]:
    return _known(answer=truth, concept=names[0][1])


def _color(names: Sequence[Description], truth: str | None) -> dict[str, str]:
    return _known(answer=truth, concept=names[0][0])


def _both(names: Sequence[Description], truth: str | None) -> dict[str, str]:
    color, shape = names[0]
    return _known(answer=truth, queried_color=color, queried_shape=shape, concept=_combo(names[0]))


def _spatial(names: Sequence[Description], truth: str | None) -> dict[str, str]:
    """The reference is the object named last: the position is asked with respect to it."""
    color, shape = names[1]
    text = truth or ""
    label = next((label for label, words in RELATION_TEXTS.items() if text.startswith(words)), None)
    return _known(
        direction=label,
        axis=_AXES[label] if label else None,
        ref_shape=shape,
        ref_color=color,
        ref_combo=_combo(names[1]),
    )


def _connection(names: Sequence[Description], truth: str | None) -> dict[str, str]:
    named = mentions(truth or "")
    if not named:
        return {}
    words = {word for name in named for word in name}
    pairs = len(named) // 2
    size = next((size for most, size in CONNECTION_BINS if pairs <= most), CONNECTION_BINS[-1][1])
    has = {f"has_{word}": "yes" if word in words else "no" for word in (*SHAPES, *HAS_COLORS)}
    return {"connection_count": size, **has}


def _arrow(names: Sequence[Description], truth: str | None) -> dict[str, str]:
    ends = mentions(truth or "")
    if len(ends) != 2:
        return {}
    source, target = ends
    return _known(
        source_shape=source[1],
        source_color=source[0],
        source_combo=_combo(source),
        target_shape=target[1],
        target_color=target[0],
        target_combo=_combo(target),
        same_shape="yes" if source[1] == target[1] else "no",
        same_color="yes" if source[0] == target[0] else "no",
    )


_READERS: Final[dict[str, Callable[[Sequence[Description], str | None], dict[str, str]]]] = {
    "count": _count,
    "recognition_shape": _shape,
    "recognition_color": _color,
    "recognition_shape_and_color": _both,
    "implicit_spatial": _spatial,
    "explicit_connection": _connection,
    "explicit_arrow_direction": _arrow,
}
