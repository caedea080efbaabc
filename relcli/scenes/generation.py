"""Making a data set from a seed: every scene from its own derived seeds, written one at a time."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from relcli.errors import UsageError
from relcli.inputs import LARGEST_INTEGER, LARGEST_SEED
from relcli.scenes.balanced import ask_balanced
from relcli.scenes.layout import image_name
from relcli.scenes.masking import Twin, make_twin
from relcli.scenes.questions import Question
from relcli.scenes.rendering import png_bytes, render
from relcli.scenes.scene import Scene, derived_rng, generate_scene
from relcli.scenes.study_questions import ask_seed
from relcli.scenes.truths import with_truth
from relcli.scenes.twins import make_change, make_placebo
from relcli.scenes.vocabulary import MASKED, QUESTION_SET_VERSIONS, QUESTION_SETS, TWINS
from relcli.scenes.writing import FolderWriter

_ASK: Final = {"seed": ask_seed, "balanced": ask_balanced}
_MAKE: Final = {"change": make_change, "placebo": make_placebo}
MOST_SCENES: Final = 10_000_000
"""In one batch: its numbers are held in memory."""


@dataclass(frozen=True, slots=True)
class Sample:
    """A scene, its twins by the variant each is, without those it has none of, and its questions in index
    order."""

    scene: Scene
    twins: Mapping[str, Twin]
    questions: tuple[Question, ...]

    @property
    def twin(self) -> Twin | None:
        """The masked twin; None where there is none."""
        return self.twins.get(MASKED)


@dataclass(frozen=True, slots=True)
class Batch:
    """How much a batch holds."""

    n_scenes: int
    n_twins: int
    n_questions: int


def make_sample(
    seed: int,
    scene_id: int,
    question_sets: Sequence[str] = ("seed",),
    *,
    domain: str = "generate",
    twins: Sequence[str] = ("mask",),
) -> Sample:
    """Scene ``scene_id`` of ``seed`` with its twins and questions, the same however many others are made.

    The questions are the same whatever twins are asked for; the changed twin and the placebo depend on the
    questions, and thereby on the sets.
    """
    scene = generate_scene(seed, scene_id, domain=domain)
    twin = make_twin(scene, seed, domain=domain)
    questions = [
        question
        for question_set in QUESTION_SETS
        if question_set in question_sets
        for question in _ASK[question_set](
            scene, twin, derived_rng(seed, scene_id, f"questions/{question_set}", domain)
        )
    ]
    made = {MASKED: twin} if twin and "mask" in twins else {}
    if "mask" not in twins:
        questions = [replace(question, truths=()) for question in questions]
    asked = tuple(questions)
    for kind, make in _MAKE.items():
        other = make(scene, asked, seed, domain=domain) if kind in twins else None
        if other is not None:
            made[TWINS[kind]] = other
            questions = [with_truth(question, TWINS[kind], scene, other.scene) for question in questions]
    return Sample(scene, made, tuple(questions))


def generate_folder(
    path: Path | str,
    *,
    n_scenes: int,
    seed: int,
    start_index: int = 0,
    question_sets: Sequence[str] = ("seed",),
    twins: Sequence[str] = ("mask",),
    domain: str = "generate",
    on_scene: Callable[[int], None] | None = None,
) -> Batch:
    """Add ``n_scenes`` scenes, numbered from ``start_index``, to a folder that may hold others already.

    ``on_scene`` gets the number of scenes written so far. Raises UsageError for numbers below their least and
    for unknown question sets, RelcliError as ``FolderWriter``; then nothing of the batch is kept.
    """
    if n_scenes < 1:
        raise UsageError(f"Can't make {n_scenes} scenes; ask for at least one.")
    if start_index < 0:
        raise UsageError(f"Can't start at scene {start_index}; the first number is 0.")
    if n_scenes > MOST_SCENES:
        raise UsageError(f"Can't make {n_scenes:,} scenes at once; {MOST_SCENES:,} is the most.")
    if start_index + n_scenes - 1 > LARGEST_INTEGER:
        raise UsageError(
            f"Can't number {n_scenes:,} scenes from {start_index}; the highest number is {LARGEST_INTEGER}."
        )
    if abs(seed) > LARGEST_SEED:
        raise UsageError(f"Can't take {seed} as a seed; the highest is {LARGEST_SEED}.")
    unknown = [name for name in question_sets if name not in QUESTION_SETS]
    if unknown or not question_sets:
        raise UsageError(
            f"There is no question set {', '.join(unknown)!r}; choose from {', '.join(QUESTION_SETS)}."
        )
    unknown = [name for name in twins if name not in TWINS]
    if unknown or not twins:
        named = f"There is no kind of twin {', '.join(unknown)!r}" if unknown else "No kind of twin is named"
        raise UsageError(f"{named}; --twins takes {', '.join(TWINS)}, separated by commas.")
    ids = range(start_index, start_index + n_scenes)
    n_twins = n_questions = 0
    made_by = {name: QUESTION_SET_VERSIONS[name] for name in QUESTION_SETS if name in question_sets}
    kinds = {variant: kind for kind, variant in TWINS.items() if kind in twins}
    with FolderWriter(path, ids, seed=seed, question_sets=made_by, kinds=kinds) as writer:
        for done, scene_id in enumerate(ids, start=1):
            sample = make_sample(seed, scene_id, question_sets, domain=domain, twins=twins)
            png = png_bytes(render(sample.scene))
            others = {name: (png_bytes(render(twin.scene)), twin) for name, twin in sample.twins.items()}
            writer.add(
                image_name(scene_id), png, sample.scene, sample.questions, others, scene_id=scene_id
            )
            n_twins += len(others)
            n_questions += len(sample.questions)
            if on_scene:
                on_scene(done)
    return Batch(n_scenes, n_twins, n_questions)
