"""Reading a data set from a folder in the study's layout, or from its parts kept elsewhere."""

from collections.abc import Callable
from pathlib import Path

from relcli.errors import RelcliError
from relcli.inputs import LARGEST_INTEGER, LARGEST_SEED, MOST_NAME, half_character, is_plain_name, shown
from relcli.scenes import layout
from relcli.scenes.annotations import scene_from_json, twin_from_json
from relcli.scenes.items import Dataset, DatasetItem, Picture
from relcli.scenes.queries import QueryEntry, read_entries
from relcli.scenes.records import Record, brief, load_json
from relcli.scenes.scene import Scene
from relcli.scenes.vocabulary import IMAGE_SIZE, SPLITS

PICTURE_SUFFIXES = (".png", ".jpg", ".jpeg", ".bmp", ".webp")


def read_folder(
    path: Path | str | None = None,
    *,
    queries: Path | str | None = None,
    images: Path | str | None = None,
    masked_images: Path | str | None = None,
    name: str | None = None,
    on_scene: Callable[[int], None] | None = None,
) -> Dataset:
    """Read a data set; pictures are checked now and read when they are needed.

    ``queries`` (a file), ``images`` and ``masked_images`` (folders) may lie elsewhere; a relative path is
    also looked for under ``path``, which may be left out if ``images`` is given. With a queries.json its
    pictures are the data set, without one every picture is, and there are no questions. Without annotations,
    ``scene`` and ``twin`` are None. An empty ``ground_truth_masked`` throughout means that a picture has no
    twin. ``on_scene`` gets the number of pictures read so far.

    Raises RelcliError, naming file, item and field, for anything missing, unreadable or against the schema.
    """
    root = _root(path, images)
    images_dir = _part(root, images, layout.IMAGES, "folder of pictures")
    masked_dir = _part(root, masked_images, layout.MASKED_IMAGES, "folder of masked pictures", optional=True)
    queries_file = _part(root, queries, Path(layout.QUERIES), "query file", optional=True)
    assert images_dir is not None
    for folder in (root, images_dir):
        if folder and half_character(place := str(folder.resolve())):
            raise RelcliError(f"The name of the folder {shown(place)} is not in UTF-8; rename it.")
    if queries_file is None and root and any(root.glob(layout.UNFINISHED_PATTERN)):
        raise RelcliError(f"{root} holds a batch that was not finished; generate it again.")
    entries = read_entries(queries_file) if queries_file else _all_pictures(images_dir)
    if not entries:
        raise RelcliError(f"{queries_file or images_dir} holds no pictures; choose another folder.")
    splits, seed = _metadata(root)
    items: list[DatasetItem] = []
    for entry in entries:
        items.append(_item(entry, root, images_dir, masked_dir, splits.get(entry.scene_id)))
        if on_scene:
            on_scene(len(items))
    return Dataset(name or (root or images_dir).resolve().name, root, items, seed)


def _root(path: Path | str | None, images: Path | str | None) -> Path | None:
    if path is None:
        if images is None:
            raise RelcliError(
                "No data set is named; give a folder, or a folder of pictures and a query file."
            )
        return None
    root = Path(path)
    if not root.is_dir():
        raise RelcliError(
            f"There is no folder {root}; give one that holds {layout.IMAGES}/ and queries.json."
        )
    return root


def _part(
    root: Path | None, given: Path | str | None, default: Path, what: str, *, optional: bool = False
) -> Path | None:
    """A part's place: as given, else under the root."""
    if given is not None:
        for place in (Path(given), *([root / given] if root else [])):
            if place.exists():
                return place
        raise RelcliError(f"There is no {what} at {given}; check the path.")
    place = root / default if root else None
    if place is not None and place.exists():
        return place
    if optional:
        return None
    raise RelcliError(
        f"{root} has no {default}/ with its pictures; choose another folder or say where they are."
    )


def _all_pictures(images_dir: Path) -> list[QueryEntry]:
    entries: dict[int, QueryEntry] = {}
    for file in sorted(images_dir.iterdir()):
        if file.suffix.lower() not in PICTURE_SUFFIXES:
            continue
        if not is_plain_name(file.name):
            raise RelcliError(
                f"The picture {shown(file.name)} in {images_dir} has control characters in its name, is not "
                f"named in UTF-8, or takes more than {MOST_NAME} bytes; rename it."
            )
        scene_id = layout.scene_id_of(file.name)
        if scene_id is not None and scene_id > LARGEST_INTEGER:
            raise RelcliError(
                f"The number of the picture {file} is too large, the highest a picture can have is "
                f"{LARGEST_INTEGER}; rename it."
            )
        if scene_id is None:
            raise RelcliError(
                f"The picture {file} has no number in its name; rename it, e.g. to image_00000.png."
            )
        if scene_id in entries:
            other = entries[scene_id].image_filename
            raise RelcliError(
                f"The pictures {other} and {file.name} in {images_dir} share a number; rename one."
            )
        entries[scene_id] = QueryEntry(scene_id, file.name, Record({"questions": []}, str(file)))
    return [entries[scene_id] for scene_id in sorted(entries)]


def _item(
    entry: QueryEntry, root: Path | None, images_dir: Path, masked_dir: Path | None, split: str | None
) -> DatasetItem:
    image = images_dir / entry.image_filename
    if not image.is_file():
        raise RelcliError(f"{entry.record.where}: there is no such picture in {images_dir}; copy it there.")
    picture = Picture(image)
    width, height = picture.check()
    scene = _scene(root, entry)
    if scene is not None and (width, height) != (IMAGE_SIZE, IMAGE_SIZE):
        raise RelcliError(
            f"The picture {image} is {width} x {height} pixels, but an annotated scene is "
            f"{IMAGE_SIZE} x {IMAGE_SIZE}; use the original picture."
        )
    questions = entry.questions(scene)
    answered = any(question.ground_truth_masked for question in questions)
    masked = _masked(entry, masked_dir, bool(questions), answered)
    if masked is not None and masked.check() != (width, height):
        raise RelcliError(f"{masked.source} is not of {image.name}'s size; use the original picture.")
    twin = None
    if masked is not None and scene is not None and root is not None:
        file = root / layout.MASKED_ANNOTATIONS / _masked_annotation(entry)
        twin = twin_from_json(load_json(file), str(file), scene) if file.exists() else None
    return DatasetItem(
        entry.scene_id, entry.image_filename, picture, masked, scene, twin, questions, split, width, height
    )


def _masked_annotation(entry: QueryEntry) -> str:
    return layout.masked_name(layout.annotation_name(entry.image_filename))


def _scene(root: Path | None, entry: QueryEntry) -> Scene | None:
    """The picture's annotation; None where the folder has none at all."""
    if root is None or not (root / layout.ANNOTATIONS).is_dir():
        return None
    file = root / layout.ANNOTATIONS / layout.annotation_name(entry.image_filename)
    data = load_json(file)
    record = Record(data, str(file))
    name = record.text("image_filename") if record.has("image_filename") else entry.image_filename
    if name != entry.image_filename:
        record.fail("image_filename", f"{brief(name)} is not {entry.image_filename!r}")
    return scene_from_json(data, str(file), entry.scene_id)


def _masked(entry: QueryEntry, masked_dir: Path | None, asked: bool, answered: bool) -> Picture | None:
    if masked_dir is None or (asked and not answered):
        return None
    file = masked_dir / layout.masked_name(entry.image_filename)
    if not file.is_file():
        if answered:
            raise RelcliError(
                f"{entry.record.where}: it has masked answers, but there is no picture {file}; copy it there."
            )
        return None
    return Picture(file)


def _metadata(root: Path | None) -> tuple[dict[int, str], int | None]:
    """The split of every scene and the one seed, from all batches of a folder."""
    splits: dict[int, str] = {}
    seeds: set[int | None] = set()
    for file in sorted(root.glob(layout.METADATA_PATTERN)) if root else []:
        record = Record(load_json(file), str(file))
        seeds.add(record.integer("seed", LARGEST_SEED) if record.has("seed") else None)
        lists = record.record("splits") if record.has("splits") else record
        for split in SPLITS:
            if lists.has(split):
                splits.update(dict.fromkeys(lists.integers(split), split))
    return splits, seeds.pop() if len(seeds) == 1 else None
