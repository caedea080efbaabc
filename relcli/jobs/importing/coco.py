"""Boxes in COCO's JSON: whose they are, by picture and by id."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from relcli.errors import RelcliError
from relcli.inputs import MIB, half_character, shown
from relcli.jobs.importing.own_lines import is_box, is_four_numbers
from relcli.scenes.records import Record, load_json

MOST_BYTES = 1024 * MIB  # COCO's own instances of 118,000 pictures have 450
_LARGEST_ID = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Annotation:
    """A box of a picture: x, y, width and height in pixels, and its category's name. crowd: it is around many
    objects, and counts only where it is named."""

    id: int
    image_id: int
    box: tuple[float, float, float, float] | None
    name: str
    crowd: bool


@dataclass(frozen=True, slots=True)
class CocoImage:
    """An image's entry; width and height are 0 where it doesn't say."""

    id: int
    file_name: str
    width: int
    height: int


@dataclass(slots=True)
class Coco:
    """What a file says: its annotations by id, and those of each image in the file's order."""

    path: Path
    images: dict[str, CocoImage] = field(default_factory=dict)
    annotations: dict[int, Annotation] = field(default_factory=dict)
    of_image: dict[int, list[Annotation]] = field(default_factory=lambda: defaultdict(list))

    def images_of(self, names: Iterable[str]) -> dict[str, CocoImage]:
        """The entry of each picture that has one: that of its path below the folder, else that of the end of
        its path. Raises RelcliError where one entry would be that of two pictures."""
        found: dict[str, CocoImage] = {}
        taken: dict[int, str] = {}
        for name in names:
            parts = name.split("/")
            ends = ("/".join(parts[at:]) for at in range(len(parts)))
            image = next((self.images[end] for end in ends if end in self.images), None)
            if image is None:
                continue
            if image.id in taken:
                raise RelcliError(
                    f"{self.path} has one entry {image.file_name} for the two pictures {taken[image.id]} and "
                    f"{name}: write the paths of both into file_name."
                )
            taken[image.id] = name
            found[name] = image
        return found


def read_coco(path: Path) -> Coco:
    """Raises RelcliError, naming file, item and field, for a file that is none of COCO's."""
    record = Record(load_json(path, most=MOST_BYTES), str(path))
    coco = Coco(path)
    names: dict[int, str] = {}
    for item in record.records("categories", "category") if record.has("categories") else ():
        name = item.text("name")
        if half_character(name) or not name.isprintable():
            item.fail("name", f"{shown(name)} has a character that can't be shown")
        names[item.integer("id", _LARGEST_ID)] = name
    ids: set[int] = set()
    for item in record.records("images", "image"):
        image = _image(item)
        if image.id in ids or image.file_name in coco.images:
            item.fail("file_name" if image.id not in ids else "id", "it stands twice")
        ids.add(image.id)
        coco.images[image.file_name] = image
    for item in record.records("annotations", "annotation"):
        annotation = _annotation(item, names)
        if annotation.id in coco.annotations:
            item.fail("id", f"{annotation.id} stands twice")
        if annotation.image_id not in ids:
            item.fail("image_id", f"there is no image {annotation.image_id}")
        coco.annotations[annotation.id] = annotation
        coco.of_image[annotation.image_id].append(annotation)
    return coco


def _image(item: Record) -> CocoImage:
    width, height = (item.integer(side) if item.has(side) else 0 for side in ("width", "height"))
    name = item.text("file_name").removeprefix("./")
    return CocoImage(item.integer("id", _LARGEST_ID), name, width, height)


def _annotation(item: Record, names: dict[int, str]) -> Annotation:
    given = item.data.get("bbox")
    if given is None:
        item.fail("bbox", "it is missing")
    if not is_four_numbers(given):
        item.fail("bbox", f"{shown(given)} is not x, y, width and height in pixels")
    # COCO's own files have a few boxes without width: no harm unless one is asked for.
    box = (float(given[0]), float(given[1]), float(given[2]), float(given[3])) if is_box(given) else None
    kind = item.integer("category_id", _LARGEST_ID) if item.has("category_id") else None
    return Annotation(
        id=item.integer("id", _LARGEST_ID),
        image_id=item.integer("image_id", _LARGEST_ID),
        box=box,
        name="" if kind is None else names.get(kind, str(kind)),
        crowd=bool(item.data.get("iscrowd")),
    )
