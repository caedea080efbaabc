"""A data set in memory: pictures, annotations and questions, wherever they come from."""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from functools import cached_property
from pathlib import Path
from typing import Any

from PIL import Image

from relcli.errors import RelcliError
from relcli.scenes.annotations import scene_to_json, twin_to_json, variant_to_json
from relcli.scenes.decoding import UndecodableError, decode, read_file, to_png
from relcli.scenes.layout import variant_name
from relcli.scenes.masking import Twin
from relcli.scenes.questions import Question
from relcli.scenes.scene import Scene
from relcli.scenes.vocabulary import BLANK, MASKED, QUESTION_SETS, RAW, TWINS, in_order

_NEWER = ("distractors", "own_id")
_HASHED = [field.name for field in fields(Question) if field.name not in ("flaws", "truths", *_NEWER)]
OWN = "own"
"""The kind of a variant that was not made here."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture that is read when it is needed: from bytes, from a file, or from a function that fetches
    bytes; None for one that nobody has, as where results were imported without their pictures.

    ``name`` is what errors call it; a file's path if left empty.
    """

    source: bytes | Path | Callable[[], bytes] | None
    name: str = ""

    @property
    def known(self) -> bool:
        """Whether there is a picture at all."""
        return self.source is not None

    def png(self) -> bytes:
        """The picture as a model sees it, as PNG bytes: the file's own if they are just that. Raises
        RelcliError if unreadable."""
        try:
            return to_png(self._bytes())
        except UndecodableError as error:
            raise self._unreadable(error) from error

    def image(self) -> Image.Image:
        """The picture as a model sees it: RGB, upright, on white. Raises RelcliError if unreadable."""
        try:
            return decode(self._bytes())
        except UndecodableError as error:
            raise self._unreadable(error) from error

    def check(self) -> tuple[int, int]:
        """Width and height in pixels, upright. Raises RelcliError if the file is missing, no picture or
        damaged."""
        return self.image().size

    def _bytes(self) -> bytes:
        if isinstance(self.source, bytes):
            return self.source
        if self.source is None:
            raise RelcliError(
                f"There is no picture {self._shown} in this data set, which was made from questions alone; "
                "import it again with --dataset and the folder of the pictures."
            )
        if not isinstance(self.source, Path):
            return self.source()
        try:
            return read_file(self.source)
        except FileNotFoundError:
            raise RelcliError(f"The picture {self._shown} is missing; copy it there.") from None
        except OSError as error:
            raise RelcliError(
                f"The picture {self._shown} can't be read: {error.strerror}; check its permissions."
            ) from error

    @property
    def _shown(self) -> str:
        return self.name or (str(self.source) if isinstance(self.source, Path) else "in memory")

    def _unreadable(self, error: UndecodableError) -> RelcliError:
        return RelcliError(f"The picture {self._shown} can't be decoded ({error.reason}); {error.advice}.")


@dataclass(frozen=True, slots=True)
class Variant:
    """Another picture of a scene: its name, and what it shows (None without an annotation)."""

    name: str
    image: Picture
    twin: Twin | None = None


@dataclass(frozen=True, slots=True)
class DatasetItem:
    """One picture with all that is known of it; ``scene`` is None without annotations.

    ``variants`` are the other pictures of the scene, at most one of each name, and neither raw nor blank.
    ``width`` and ``height`` are the raw picture's, in pixels; ``size_of`` has those of the others.
    """

    scene_id: int
    image_filename: str
    image: Picture
    variants: tuple[Variant, ...] = ()
    scene: Scene | None = None
    questions: tuple[Question, ...] = ()
    split: str | None = None
    width: int = 224
    height: int = 224

    def variant(self, name: str) -> Variant | None:
        """The variant of this name; None where the scene has none."""
        return next((variant for variant in self.variants if variant.name == name), None)

    def size_of(self, name: str) -> tuple[int, int]:
        """Width and height of a variant's picture: the raw one's unless its annotation says otherwise."""
        found = self.variant(name)
        return (self.width, self.height) if found is None or found.twin is None else found.twin.scene.size

    def picture(self, name: str) -> Image.Image | None:
        """The picture of a variant, raw and blank included, as a model sees it; None where there is none.
        Raises RelcliError if it can't be read."""
        if name in (RAW, BLANK):
            raw = self.image.image()
            return raw if name == RAW else Image.new("RGB", raw.size, (255, 255, 255))
        found = self.variant(name)
        return found and found.image.image()

    @property
    def masked(self) -> Picture | None:
        """The masked twin's picture; None without a twin."""
        found = self.variant(MASKED)
        return found and found.image

    @property
    def twin(self) -> Twin | None:
        """What the masked twin shows; None without a twin or its annotation."""
        found = self.variant(MASKED)
        return found and found.twin

    @property
    def png(self) -> bytes:
        """The picture as PNG bytes, read now."""
        return self.image.png()

    @property
    def masked_png(self) -> bytes | None:
        """The twin's picture as PNG bytes, read now."""
        return None if self.masked is None else self.masked.png()

    @property
    def has_twin(self) -> bool:
        """Whether there is a twin's picture."""
        return self.masked is not None

    @property
    def masked_filename(self) -> str | None:
        """The twin's file name."""
        return None if self.masked is None else self.filename(MASKED)

    def filename(self, name: str) -> str:
        """The file name of a variant's picture, whether there is one or not."""
        return variant_name(self.image_filename, name)

    @property
    def twin_changed(self) -> bool | None:
        """Whether the masked picture is another, as ``differs``."""
        return self.differs(MASKED)

    def differs(self, name: str) -> bool | None:
        """Whether a variant's picture differs from the raw one; without annotations they are decoded and
        compared. None without the variant or its picture."""
        found = self.variant(name)
        if found is None:
            return None
        if found.twin is not None:
            return found.twin.changed
        if not (self.image.known and found.image.known):
            return None
        return self.image.image().tobytes() != found.image.image().tobytes()


@dataclass
class Dataset:
    """Items in the order of their scene ids. ``seed`` is what they were generated from, if that is known.
    ``kinds``: of variants, what kind each is, where that doesn't follow from its name."""

    name: str
    root: Path | None
    items: Sequence[DatasetItem]
    seed: int | None = None
    source: str = field(default="folder")
    kinds: Mapping[str, str] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.items)

    @property
    def has_annotations(self) -> bool:
        """Whether every picture has its annotation."""
        return bool(self.items) and all(item.scene is not None for item in self.items)

    @cached_property
    def question_sets(self) -> tuple[str, ...]:
        """The question sets that occur, ours in their order, then any others by name."""
        found = {question.question_set for item in self.items for question in item.questions}
        return (*(s for s in QUESTION_SETS if s in found), *sorted(found.difference(QUESTION_SETS)))

    @cached_property
    def variants(self) -> tuple[str, ...]:
        """The variants that pictures have, raw and blank included, in their order."""
        return in_order(
            {RAW, BLANK, *(variant.name for item in self.items for variant in item.variants)}
        )

    def kind_of(self, variant: str) -> str:
        """A variant's kind: raw, blank, mask, change, placebo, or own for one that was not made here."""
        if variant in (RAW, BLANK):
            return variant
        made = {name: kind for kind, name in TWINS.items()}
        return self.kinds.get(variant) or made.get(variant, OWN)

    @cached_property
    def content_hash(self) -> str:
        """SHA-256 over pictures (PNG bytes), annotations and questions, in hexadecimal.

        It doesn't depend on the name, the place, the split or the order of items; flaws follow from the rest.
        """
        digest = hashlib.sha256()
        for item in sorted(self.items, key=lambda item: item.scene_id):
            questions = [_hashed(question) for question in item.questions]
            questions.sort(key=lambda question: question["question_index"])
            content = {
                "image_filename": item.image_filename,
                "image": _picture_hash(item.image),
                "masked": _picture_hash(item.masked),
                "scene": item.scene and scene_to_json(item.scene, item.image_filename),
                "twin": item.twin and twin_to_json(item.twin, variant_name(item.image_filename, MASKED)),
                "questions": questions,
            }
            # What data sets of old don't have stands in the hash only where it is there: they keep theirs.
            others = {
                each.name: [
                    _picture_hash(each.image),
                    each.twin and variant_to_json(each.twin, variant_name(item.image_filename, each.name)),
                ]
                for each in item.variants
                if each.name != MASKED
            }
            content |= {"variants": others} if others else {}
            digest.update(json.dumps(content, sort_keys=True, separators=(",", ":")).encode() + b"\n")
        return digest.hexdigest()


def _hashed(question: Question) -> dict[str, Any]:
    others = {truth.variant: truth.answer for truth in question.truths if truth.variant != MASKED}
    return {
        **{name: getattr(question, name) for name in _HASHED},
        "ground_truth_masked": question.ground_truth_masked,
        **({"truths": others} if others else {}),
        # as above
        **{name: value for name in _NEWER if (value := getattr(question, name)) is not None},
    }


def _picture_hash(picture: Picture | None) -> str | None:
    return hashlib.sha256(picture.png()).hexdigest() if picture and picture.known else None
