"""What one picture shows: its boxes, as whole pixels of the picture as it is seen."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from relcli.errors import RelcliError
from relcli.jobs.importing.coco import Annotation, Coco, CocoImage
from relcli.jobs.importing.own_files import OwnFile
from relcli.jobs.importing.own_lines import GivenBox
from relcli.scenes.boxes import BoxedEntity, box_of
from relcli.scenes.records import brief
from relcli.scenes.scene import BBox


@dataclass(slots=True)
class BoxCounts:
    """What was done to boxes: cut off at the picture's edge, or left out for having nothing on it."""

    clipped: int = 0
    outside: int = 0


@dataclass(slots=True)
class Shown:
    """The objects of one picture by their number, found by annotation or by what and where they are."""

    file: OwnFile
    coco: Coco | None
    image: CocoImage | None
    counts: BoxCounts
    entities: dict[int, BoxedEntity] = field(default_factory=dict)
    of_annotation: dict[int, int] = field(default_factory=dict)

    def box(self, given: tuple[float, float, float, float]) -> BBox | None:
        found = box_of(*given, self.file.size)
        x, y, width, height = given
        beyond = x < 0 or y < 0 or x + width > self.file.size[0] or y + height > self.file.size[1]
        self.counts.clipped += found is not None and beyond
        return found

    def number(self, label: str, box: BBox) -> int | None:
        """Of an object that is there already: the same box, and the same name unless one of them has none."""
        same = (at for at, each in self.entities.items() if each.box == box)
        return next((at for at in same if not label or self.entities[at].label in ("", label)), None)

    def annotations(self) -> Sequence[Annotation]:
        return self.coco.of_image.get(self.image.id, ()) if self.coco and self.image else ()

    def annotation(self, number: int, where: str) -> Annotation:
        if self.coco is None:
            raise RelcliError(
                f"{where}: the box {number} is an annotation's id, and there is no --boxes file to "
                "find it in."
            )
        found = self.coco.annotations.get(number)
        if found is None or self.image is None or found.image_id != self.image.id:
            whose = "it has none" if found is None else "it is another picture's"
            raise RelcliError(
                f"{where}: {self.coco.path} has no annotation {number} of {self.file.name} "
                f"({whose}); correct the id."
            )
        return found

    def placed(self, given: GivenBox, where: str) -> tuple[str, BBox]:
        """What a box that is asked for holds, and where. Raises RelcliError for one beyond the picture."""
        label, values = given.name, given.box
        if given.annotation is not None:
            annotation = self.annotation(given.annotation, where)
            label, values = annotation.name, annotation.box
        box = None if values is None else self.box(values)
        if box is None:
            what = (
                f"annotation {given.annotation}"
                if given.annotation is not None
                else str(list(given.box or ()))
            )
            width, height = self.file.size
            raise RelcliError(
                f"{where}: the box {what} has nothing on {self.file.name}, which is {width} x "
                f"{height} pixels "
                "upright; correct it."
            )
        return label, box


def check_size(shown: Shown) -> None:
    """Boxes are of the picture as it is seen. Raises RelcliError where COCO's file is about another size."""
    image = shown.image
    if image is not None and image.width and image.height and (image.width, image.height) != shown.file.size:
        width, height = shown.file.size
        assert shown.coco is not None
        raise RelcliError(
            f"{shown.coco.path}: {brief(image.file_name)} is {image.width} x {image.height} pixels "
            "there, and the "
            f"picture {shown.file.name} is {width} x {height} as it is seen, upright; its boxes "
            "must be of the "
            "picture as it is seen."
        )
