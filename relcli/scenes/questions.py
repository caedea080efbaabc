"""Questions about a scene: what one is, and what the sets of them share."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from relcli.scenes.facts import ends_of
from relcli.scenes.flaws import flaw_names, question_flaws
from relcli.scenes.masking import Twin
from relcli.scenes.scene import Scene
from relcli.scenes.touching import touches
from relcli.scenes.vocabulary import (
    BLANK,
    CLOSING,
    FIRST_INDEX,
    LETTERS,
    MASKED,
    OPTIONS_LEAD,
    RAW,
    SENTENCE_ENDS,
)

NONE_ANSWER: Final = "None"
PLAIN: Final = "plain"
YES_NO: Final = ("Yes", "No")
N_WRONG: Final = 3


@dataclass(frozen=True, slots=True)
class Truth:
    """The right answer to a question on another variant of the scene than the raw picture.

    ``answer`` is written as ``Question.ground_truth``. ``touched``: whether what was edited is asked about,
    see ``touching.py``; None where the scene is not known.
    """

    variant: str
    answer: str
    touched: bool | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """One question on one scene, with its truth on the raw picture and on every variant of it.

    - ``text``: the whole prompt as sent; ``stem``: the question in it without the question mark.
    - ``options``: the texts behind the letters, without letters.
    - ``ground_truth``: ``a)`` to ``d)``, or ``None`` where no option fits.
    - ``truths``: the same for other variants of the scene, at most one each; a variant without a truth here
      is not asked about. The blank picture has none of its own: it is graded against the raw one's.
    - ``entities``: ids in the raw scene of what is asked about: all for a count; for recognition those that
      fit the description, in id order (none when the answer is no); for spatial (the one asked about, the
      reference); for an arrow (source, target), none where neither stem nor options name a drawn one; for a
      connection every entity at an arrow, in id order.
    - ``relation_index``: the raw scene's relation a spatial or an arrow question is about, else None.
    - ``flaws``: names of what is wrong with the question, see ``flaws.py``.
    - ``distractors``: ids of the entities that it is to be told apart from; None: all others.
    - ``own_id``: what its author calls it.
    """

    scene_id: int
    question_index: int
    question_set: str
    category: str
    text: str
    stem: str
    options: tuple[str, ...]
    ground_truth: str
    truths: tuple[Truth, ...] = ()
    entities: tuple[int, ...] = ()
    relation_index: int | None = None
    flaws: tuple[str, ...] = ()
    distractors: tuple[int, ...] | None = None
    own_id: str | None = None

    @property
    def presentation(self) -> str:
        """How it is put: ``plain``, as its set words it; others are in ``presentations.py``."""
        return PLAIN

    def truth_on(self, variant: str) -> str | None:
        """The right answer on a variant; None where there is none, as on a twin that the scene lacks."""
        if variant in (RAW, BLANK):
            return self.ground_truth
        return next((truth.answer for truth in self.truths if truth.variant == variant), None)

    @property
    def ground_truth_masked(self) -> str:
        """The right answer on the masked twin, empty where there is none."""
        return self.truth_on(MASKED) or ""


@dataclass(frozen=True, slots=True)
class Draft:
    """A question before it has a number: texts only. ``truth`` and ``truth_masked`` are option texts;
    a text that is not an option, or None, makes the answer None."""

    category: str
    stem: str
    options: tuple[str, ...]
    truth: str | None
    truth_masked: str | None
    entities: tuple[int, ...] = ()
    relation_index: int | None = None


def compose(stem: str, options: Sequence[str]) -> str:
    """The prompt: the question, the lettered options and the closing sentence. A stem that ends a sentence
    gets no question mark."""
    lettered = " ".join(f"{LETTERS[index]}) {option}" for index, option in enumerate(options))
    lead = OPTIONS_LEAD.removeprefix("?") if stem.endswith(SENTENCE_ENDS) else OPTIONS_LEAD
    return f"{stem}{lead}{lettered} {CLOSING}"


def answer_of(options: Sequence[str], truth: str | None) -> str:
    """The answer that names option ``truth``: its letter and a bracket, or ``None`` if it is not offered."""
    return f"{LETTERS[options.index(truth)]})" if truth in options else NONE_ANSWER


def number(drafts: Iterator[Draft], scene: Scene, twin: Twin | None, question_set: str) -> list[Question]:
    """Turn drafts into questions numbered in order from the set's first index, their flaws noted."""
    return [
        Question(
            scene_id=scene.scene_id,
            question_index=index,
            question_set=question_set,
            category=draft.category,
            text=compose(draft.stem, draft.options),
            stem=draft.stem,
            options=draft.options,
            ground_truth=(ground_truth := answer_of(draft.options, draft.truth)),
            truths=() if twin is None else (_masked_truth(draft, scene, twin),),
            entities=draft.entities,
            relation_index=draft.relation_index,
            flaws=flaw_names(
                question_flaws(
                    category=draft.category,
                    stem=draft.stem,
                    options=draft.options,
                    ground_truth=ground_truth,
                    question_set=question_set,
                    scene=scene,
                    entities=draft.entities,
                )
            ),
        )
        for index, draft in enumerate(drafts, start=FIRST_INDEX[question_set])
    ]


def _masked_truth(draft: Draft, scene: Scene, twin: Twin) -> Truth:
    truth, masked = (answer_of(draft.options, text) for text in (draft.truth, draft.truth_masked))
    about = draft.category, draft.entities, draft.relation_index
    return Truth(MASKED, masked, touches(*about, scene, twin.scene) or masked != truth)


def connections(scene: Scene) -> list[str]:
    """Every arrow as the study says it, ``the A with the B``, sorted as text."""
    return sorted(pair_text(*ends_of(scene, arrow)) for arrow in scene.arrows)


def pair_text(first: str, second: str) -> str:
    """Two objects as a connection."""
    return f"the {first} with the {second}"


def arrow_text(source: str, target: str) -> str:
    """Two objects as an arrow's ends."""
    return f"from the {source} to the {target}"
