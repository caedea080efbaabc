"""From lines and boxes to scenes: what each picture and its variants show, and the questions about it."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from relcli.errors import RelcliError
from relcli.jobs.importing.coco import Coco, CocoImage
from relcli.jobs.importing.own_files import OwnFile
from relcli.jobs.importing.own_lines import GivenBox, OwnLine, OwnVariant
from relcli.jobs.importing.own_shown import BoxCounts, Shown, check_size
from relcli.scenes.boxes import BoxedEntity, boxed
from relcli.scenes.items import DatasetItem, Variant
from relcli.scenes.masking import Twin
from relcli.scenes.questions import Question, Truth, compose
from relcli.scenes.scene import BBox, Scene
from relcli.scenes.touching import touches
from relcli.scenes.vocabulary import MASKED, OWN_QUESTIONS, in_order

OTHER = "other"
"""The edit of a variant that was not made here."""
_ODD = re.compile(r"[^\w.+=-]+")
_MOST_STEM = 120  # characters of a picture's path that go into its name in the data set


class OwnScene:
    """A picture, its variants, and what their lines say of them. Lines are added in the order of the file."""

    def __init__(
        self, scene_id: int, file: OwnFile, coco: Coco | None, image: CocoImage | None, counts: BoxCounts
    ):
        self.scene_id = scene_id
        self._raw = Shown(file, coco, image, counts)
        self._variants: dict[str, _OwnPicture] = {}
        self._questions: list[tuple[OwnLine, tuple[int, ...], tuple[int, ...] | None]] = []
        self._texts: dict[str, str] = {}
        check_size(self._raw)
        for annotation in self._raw.annotations():
            if not annotation.crowd:
                box = None if annotation.box is None else self._raw.box(annotation.box)
                if box is None:
                    counts.outside += 1
                else:
                    self._add(annotation.name, box, annotation.id)

    def add(self, line: OwnLine, variants: Mapping[str, tuple[OwnFile, CocoImage | None]]) -> None:
        """Take in a line; `variants` are its other pictures. Raises RelcliError where it contradicts another
        line about this picture."""
        text = compose(line.stem, line.options)
        if text in self._texts:
            raise RelcliError(
                f"{line.where}: {self._texts[text]} has the same question about {line.image}; leave one out."
            )
        self._texts[text] = line.where.rpartition(", ")[2]
        targets = tuple(dict.fromkeys(self._number(each, line.where) for each in line.targets))
        if len(targets) < len(line.targets):
            raise RelcliError(f"{line.where}, field targets: one box stands twice; leave one out.")
        others = None
        if line.distractors is not None:
            others = tuple(dict.fromkeys(self._number(each, line.where) for each in line.distractors))
            if set(others) & set(targets):
                raise RelcliError(
                    f"{line.where}, field distractors: one of the boxes is a target; leave it out."
                )
        for each in line.boxes:
            self._number(each, line.where)
        for name, (file, image) in variants.items():
            shown = self._variants.get(name)
            if shown is None:
                shown = self._variants[name] = _OwnPicture(
                    Shown(file, self._raw.coco, image, self._raw.counts)
                )
                check_size(shown.shown)
            if shown.shown.file.name != file.name:
                raise RelcliError(
                    f"{line.where}: the variant {name} of {line.image} is {file.name}, and "
                    f"{shown.shown.file.name} "
                    "in an earlier line; call it by another name."
                )
            shown.add(line, name, line.variants[name], targets, self._raw.file.size)
        self._questions.append((line, targets, others))

    def item(self) -> DatasetItem:
        """The scene as a data set has it."""
        raw = self._raw
        known = raw.entities or any(
            each.extra or each.shown.annotations() for each in self._variants.values()
        )
        scene = Scene(self.scene_id, tuple(raw.entities.values()), (), *raw.file.size) if known else None
        variants = []
        for name in in_order(self._variants):
            picture = self._variants[name]
            twin = None if scene is None else picture.twin(name, scene, raw.file)
            variants.append(Variant(name, picture.shown.file.picture, twin))
        twins = {each.name: each.twin for each in variants}
        questions = [
            self._question(at, line, targets, others, scene, twins)
            for at, (line, targets, others) in enumerate(self._questions)
        ]
        return DatasetItem(
            scene_id=self.scene_id,
            image_filename=file_name(raw.file.name, self.scene_id),
            image=raw.file.picture,
            variants=tuple(variants),
            scene=scene,
            questions=tuple(questions),
            width=raw.file.size[0],
            height=raw.file.size[1],
        )

    def _add(self, label: str, box: BBox, annotation: int | None = None) -> int:
        raw = self._raw
        at = len(raw.entities)
        raw.entities[at] = boxed(at, label, box)
        if annotation is not None:
            raw.of_annotation[annotation] = at
        return at

    def _number(self, given: GivenBox, where: str) -> int:
        """The object that a box is about; a new one if there is none yet."""
        raw = self._raw
        if given.annotation is not None and given.annotation in raw.of_annotation:
            return raw.of_annotation[given.annotation]
        label, box = raw.placed(given, where)
        found = raw.number(label, box) if given.annotation is None else None
        return self._add(label, box, given.annotation) if found is None else found

    def _question(
        self,
        at: int,
        line: OwnLine,
        targets: tuple[int, ...],
        others: tuple[int, ...] | None,
        scene: Scene | None,
        twins: Mapping[str, Twin | None],
    ) -> Question:
        truths = []
        for name in in_order(line.variants):
            given, twin, touched = line.variants[name], twins[name], line.variants[name].touched
            if touched is None and given.answer != line.answer:
                touched = True
            elif touched is None and scene is not None and twin is not None and self._variants[name].is_told:
                touched = touches(line.category, targets, None, scene, twin.scene)
            truths.append(Truth(name, given.answer, touched))
        return Question(
            scene_id=self.scene_id,
            question_index=at,
            question_set=OWN_QUESTIONS,
            category=line.category,
            text=compose(line.stem, line.options),
            stem=line.stem,
            options=line.options,
            ground_truth=line.answer,
            truths=tuple(truths),
            entities=targets,
            distractors=others,
            own_id=line.own_id,
        )


@dataclass(slots=True)
class _OwnPicture:
    """A variant. asked: what its questions ask about, by number. moved: where such objects stand on it, None
    for one that is gone. extra: what else lines say is on it, None where none does. is_told: whether anything
    was said of what it shows."""

    shown: Shown
    asked: set[int] = field(default_factory=set)
    moved: dict[int, BBox | None] = field(default_factory=dict)
    extra: dict[tuple[str, BBox], None] | None = None
    is_told: bool = False

    def add(
        self, line: OwnLine, name: str, given: OwnVariant, targets: Sequence[int], size: tuple[int, int]
    ) -> None:
        if given.targets is None and targets and self.shown.file.size != size:
            raise RelcliError(
                f"{line.where}, variant {name}: {self.shown.file.name} is of another size than "
                f"{line.image}, so that its "
                "targets stand elsewhere; give them, null for one that is gone."
            )
        told = given.targets is not None or given.boxes is not None or self.shown.image is not None
        self.is_told, self.asked = self.is_told or told, self.asked | set(targets)
        for number, place in zip(targets, given.targets or (), strict=False):
            where = f"{line.where}, variant {name}"
            box = None if place is None else self.shown.placed(place, where)[1]
            if self.moved.setdefault(number, box) != box:
                raise RelcliError(
                    f"{where}, field targets: an earlier line has one of them at another place; correct one."
                )
        if given.boxes is not None:
            self.extra = self.extra or {}
        for each in given.boxes or ():
            assert self.extra is not None
            self.extra[self.shown.placed(each, f"{line.where}, variant {name}")] = None

    def twin(self, name: str, scene: Scene, raw: OwnFile) -> Twin:
        """What the variant shows. Without boxes of its own it shows what the raw picture does, but for what
        lines have moved; with them, those, and what lines ask about."""
        same_size = self.shown.file.size == scene.size
        before = {entity.id: entity for entity in scene.entities if isinstance(entity, BoxedEntity)}
        own = self._own_boxes()
        entities = {
            at: each
            for at, each in before.items()
            if same_size and (own is None or at in self.asked or _is_among(each, own))
        }
        for at, box in self.moved.items():
            entities.pop(at, None)
            if box is not None:
                entities[at] = boxed(at, before[at].label, box)
        places = {each.box for each in entities.values()}
        following = 1 + max(before, default=-1)
        for label, box in own or ():
            if box not in places:
                entities[following] = boxed(following, label, box)
                places.add(box)
                following += 1
        shown = Scene(
            scene.scene_id, tuple(entities[at] for at in sorted(entities)), (), *self.shown.file.size
        )
        changed = not same_size or _differ(self.shown.file, raw)
        gone = before.keys() - entities.keys()
        alone = len(gone) == 1 and set(shown.entities) < set(scene.entities) and same_size
        if name == MASKED and alone:
            return Twin(shown, "object", min(gone), None, None, None, changed)
        return Twin(shown, OTHER, None, None, None, None, changed)

    def _own_boxes(self) -> dict[tuple[str, BBox], None] | None:
        """What is told to be on this very picture: its annotations, and the boxes of lines. None where there
        is neither."""
        if self.shown.image is None and self.extra is None:
            return None
        found = dict(self.extra or {})
        for each in self.shown.annotations():
            box = None if each.box is None or each.crowd else self.shown.box(each.box)
            if box is not None:
                found[each.name, box] = None
        return found


def _is_among(entity: BoxedEntity, places: Iterable[tuple[str, BBox]]) -> bool:
    return any(box == entity.box and label in ("", entity.label) for label, box in places)


def _differ(one: OwnFile, other: OwnFile) -> bool:
    """Whether two pictures of one size have other pixels."""
    if one.picture.png() == other.picture.png():
        return False
    return one.picture.image().tobytes() != other.picture.image().tobytes()


def file_name(name: str, scene_id: int) -> str:
    """What a picture is called in a data set, where names are plain and end in the scene's number: a/b.jpg
    becomes a_b_00007.png."""
    path = PurePosixPath(name)
    stem = _ODD.sub("_", "_".join([*path.parts[:-1], path.stem])).strip("._-")
    stem = stem.encode()[-_MOST_STEM:].decode(errors="ignore")
    return f"{stem or 'picture'}_{scene_id:05d}.png"


def names_of(lines: Iterable[OwnLine]) -> list[str]:
    """All pictures that lines name, each once, in their order."""
    return list(
        dict.fromkeys(n for line in lines for n in (line.image, *(v.image for v in line.variants.values())))
    )
