"""What is wrong with a question, after the flaws the study's questions turned out to have.

Three flaws leave more than one right answer: ``equivalent_option``, ``two_axes``, ``referent_not_unique``.
Three are leaks, ``wording``, ``fixed_negative`` and ``fixed_letter``: they tell a reader without the picture
something. Those lie in how a whole set is made, so they are looked for in the seed set only. ``wording`` also
marks its arrow questions, whose stem always names the arrow's source first; the study's list lacks that.
"""

from collections import Counter
from collections.abc import Sequence
from typing import Final

from relcli.scenes.facts import AXIS_TOLERANCE, Pairs, axes, connected
from relcli.scenes.parsing import mentions, option_pairs
from relcli.scenes.scene import Scene
from relcli.scenes.vocabulary import LETTERS, NAMES

AMBIGUOUS: Final = ("equivalent_option", "two_axes", "referent_not_unique")
LEAKS: Final = ("wording", "fixed_negative", "fixed_letter")
FLAWS: Final = AMBIGUOUS + LEAKS
FLAW_WORDS: Final = {
    "equivalent_option": "Another option states the same connection as the right one.",
    "two_axes": "The objects are apart on both axes, so a second direction is right too.",
    "referent_not_unique": "What the question names is not the only one of its kind in the picture.",
    "wording": "The words of the question give the right answer away.",
    "fixed_negative": "The object that is not there is the first absent one in a fixed order.",
    "fixed_letter": "Yes is always a) and No always b), so the letter tells the answer.",
}
"""What each flaw means, in a sentence for people."""

Flaw = tuple[str, str]
"""A flaw's name and a sentence about it."""


def question_flaws(
    *,
    category: str,
    stem: str,
    options: Sequence[str],
    ground_truth: str,
    question_set: str = "seed",
    scene: Scene | None = None,
    entities: Sequence[int] = (),
) -> list[Flaw]:
    """Every flaw of a question with a detail: from its text alone, and from the scene where there is one.

    ``entities`` are the question's own (``Question.entities``); without them a spatial question goes
    unchecked for a second axis.
    """
    flaws: list[Flaw] = []
    if category == "explicit_connection":
        flaws += _equivalent(options, ground_truth, scene)
    if category == "implicit_spatial" and scene and len(entities) == 2:
        flaws += _two_axes(scene, entities)
    flaws += _not_unique(category, stem, options, scene)
    if question_set == "seed":
        flaws += _leaks(category, stem, options, ground_truth, scene)
    return flaws


def flaw_sentence(name: str) -> str:
    """A flaw by the name it has in the warehouse, and what it means."""
    return f"{name}: {FLAW_WORDS[name]}" if name in FLAW_WORDS else name


def flaw_names(flaws: Sequence[Flaw]) -> tuple[str, ...]:
    """The names alone, as ``Question.flaws`` keeps them."""
    return tuple(name for name, _ in flaws)


def _truth(options: Sequence[str], ground_truth: str) -> str | None:
    place = LETTERS.find(ground_truth[:1].lower()) if ground_truth.endswith(")") else -1
    return options[place] if 0 <= place < len(options) else None


def _equivalent(options: Sequence[str], ground_truth: str, scene: Scene | None) -> list[Flaw]:
    """Options that state the truth in other words, the marked option's or the scene's."""
    truth = _truth(options, ground_truth)
    true_pairs: set[Pairs | None] = {option_pairs(truth)} if truth else set()
    if scene:
        true_pairs.add(connected(scene))
    true_pairs -= {None, frozenset()}
    same = [
        f"{LETTERS[place]})"
        for place, option in enumerate(options)
        if option != truth and option_pairs(option) in true_pairs
    ]
    verb = "lists" if len(same) == 1 else "list"
    return [("equivalent_option", f"{', '.join(same)} {verb} the same pairs as the truth")] if same else []


def _two_axes(scene: Scene, entities: Sequence[int]) -> list[Flaw]:
    short, long = axes(scene.entity(entities[0]), scene.entity(entities[1]))
    if short < AXIS_TOLERANCE:
        return []
    return [("two_axes", f"the objects are {short} px apart on one axis and {long} px on the other")]


def _not_unique(category: str, stem: str, options: Sequence[str], scene: Scene | None) -> list[Flaw]:
    """A thing named by "the" that is not the only one of its name."""
    counts = Counter(entity.name for entity in scene.entities) if scene else Counter[str]()
    if category not in ("implicit_spatial", "explicit_connection", "explicit_arrow_direction"):
        return []
    named = [f"{color} {shape}" for color, shape in mentions(stem)]
    if len(named) == 2 and named[0] == named[1]:
        return [("referent_not_unique", f"the question names the {named[0]} twice")]
    if not named:
        named = [f"{color} {shape}" for option in options for color, shape in mentions(option)]
    double = next((name for name in named if counts[name] > 1), None)
    return [("referent_not_unique", f"the scene has {counts[double]} of the {double}")] if double else []


def _leaks(
    category: str, stem: str, options: Sequence[str], ground_truth: str, scene: Scene | None
) -> list[Flaw]:
    flaws: list[Flaw] = []
    truth = _truth(options, ground_truth)
    named = mentions(stem)
    if category == "recognition_shape" and len(named) == 1:
        says_shape = stem.rstrip().lower().endswith(" shape")
        if says_shape == (truth == "Yes"):
            flaws.append(("wording", f"the stem {'adds' if says_shape else 'leaves out'} the word shape"))
    if category == "recognition_shape_and_color" and truth == "No" and len(named) == 1:
        name = "{} {}".format(*named[0])
        taken = {entity.name for entity in scene.entities} if scene else set[str]()
        if scene is None or name == next(other for other in NAMES if other not in taken):
            flaws.append(("fixed_negative", f"the {name} is the first absent pair in a fixed order"))
    if category == "explicit_arrow_direction" and len(named) == 2 and truth:
        first, second = (f"{color} {shape}" for color, shape in named)
        if truth.lower() == f"from the {first} to the {second}":
            flaws.append(("wording", "the stem names the arrow's source first"))
    if category.startswith("recognition_") and tuple(options) == ("Yes", "No"):
        flaws.append(("fixed_letter", "Yes is always a) and No always b)"))
    return flaws
