"""Reading a data set from a folder in the study's layout, or from its parts kept elsewhere."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from relcli.errors import RelcliError
from relcli.inputs import LARGEST_INTEGER, LARGEST_SEED, MOST_NAME, half_character, is_plain_name, shown
from relcli.scenes import layout
from relcli.scenes.annotations import scene_from_json, twin_from_json, variant_from_json
from relcli.scenes.items import OWN, Dataset, DatasetItem, Picture, Variant
from relcli.scenes.masking import Twin
from relcli.scenes.queries import QueryEntry, read_entries
from relcli.scenes.records import Record, brief, load_json
from relcli.scenes.scene import Scene
from relcli.scenes.vocabulary import MASKED, SPLITS, TWINS, in_order

VARIANT_KINDS = (*TWINS, OWN)
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
    twin. Other variants lie under ``variants/``, a folder each. ``on_scene`` gets the number of pictures read
    so far.

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
    splits, seed, kinds = _metadata(root)
    places = {MASKED: masked_dir} if masked_dir else {}
    for variant in layout.variant_folders(root) if root else ():
        if variant != MASKED:
            places[variant] = (root or images_dir) / layout.variant_folder(variant) / "images"
    items: list[DatasetItem] = []
    for entry in entries:
        items.append(_item(entry, root, images_dir, places, splits.get(entry.scene_id)))
        if on_scene:
            on_scene(len(items))
    return Dataset(name or (root or images_dir).resolve().name, root, items, seed, kinds=kinds)


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
    entry: QueryEntry, root: Path | None, images_dir: Path, places: Mapping[str, Path], split: str | None
) -> DatasetItem:
    image = images_dir / entry.image_filename
    if not image.is_file():
        raise RelcliError(f"{entry.record.where}: there is no such picture in {images_dir}; copy it there.")
    picture = Picture(image)
    width, height = picture.check()
    scene = _scene(root, entry)
    if scene is not None and (width, height) != scene.size:
        raise RelcliError(
            f"The picture {image} is {width} x {height} pixels, but its annotation is of a scene of "
            f"{scene.width} x {scene.height}; use the original picture."
        )
    variants = []
    for name, found in _variant_pictures(entry, places):
        twin = _twin(entry, name, root, scene)
        if found.check() != ((width, height) if twin is None else twin.scene.size):
            raise RelcliError(f"{found.source} is not of {image.name}'s size; use the original picture.")
        variants.append(Variant(name, found, twin))
    questions = entry.questions(scene, {variant.name: variant.twin for variant in variants})
    return DatasetItem(
        entry.scene_id,
        entry.image_filename,
        picture,
        tuple(variants),
        scene,
        questions,
        split,
        width,
        height,
    )


def _twin(entry: QueryEntry, variant: str, root: Path | None, scene: Scene | None) -> Twin | None:
    """A variant's annotation; None where it has none."""
    if scene is None or root is None:
        return None
    name = layout.variant_name(layout.annotation_name(entry.image_filename), variant)
    file = root / layout.variant_folder(variant) / "annotations" / name
    if not file.exists():
        return None
    read = twin_from_json if variant == MASKED else variant_from_json
    return read(load_json(file), str(file), scene)


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


def _variant_pictures(entry: QueryEntry, places: Mapping[str, Path]) -> Iterator[tuple[str, Picture]]:
    """The scene's other pictures by variant. One that no question has an answer on is not the scene's."""
    asked, answered = entry.answered()
    for variant in in_order({*places, *answered}):
        if variant in answered or not asked:
            folder = places.get(variant)
            if folder is None and variant == MASKED:
                continue  # the study's masked pictures may be left out
            folder = folder or layout.variant_folder(variant) / "images"
            file = folder / layout.variant_name(entry.image_filename, variant)
            if file.is_file():
                yield variant, Picture(file)
            elif variant in answered:
                raise RelcliError(
                    f"{entry.record.where}: it has {variant} answers, but there is no picture {file}; "
                    "copy it there."
                )


def _metadata(root: Path | None) -> tuple[dict[int, str], int | None, dict[str, str]]:
    """The split of every scene, the one seed, and the kinds of variants, from all batches of a folder."""
    splits: dict[int, str] = {}
    kinds: dict[str, str] = {}
    seeds: set[int | None] = set()
    for file in sorted(root.glob(layout.METADATA_PATTERN)) if root else []:
        record = Record(load_json(file), str(file))
        _note_kinds(record, kinds)
        seeds.add(record.integer("seed", LARGEST_SEED) if record.has("seed") else None)
        lists = record.record("splits") if record.has("splits") else record
        for split in SPLITS:
            if lists.has(split):
                splits.update(dict.fromkeys(lists.integers(split), split))
    return splits, seeds.pop() if len(seeds) == 1 else None, kinds


def _note_kinds(record: Record, kinds: dict[str, str]) -> None:
    """Add what a batch says of its variants. Raises RelcliError for a format that is newer than ours."""
    if record.has("format") and record.integer("format") > layout.FORMAT:
        raise RelcliError(
            f"{record.where}: the folder has format {record.integer('format')}, but this relcli knows only "
            f"{layout.FORMAT}; upgrade relcli."
        )
    of_batch = record.record("variants") if record.has("variants") else Record({}, record.where)
    for name in of_batch.data:
        if not layout.is_variant(name):
            of_batch.fail(brief(name), "a variant can't have this name")
        kind = of_batch.text(name, VARIANT_KINDS)
        if kinds.setdefault(name, kind) != kind:
            of_batch.fail(brief(name), f"another batch calls it {kinds[name]}, not {kind}")
