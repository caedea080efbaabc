"""The hidden list of a batch that is being written, and clearing what a killed batch left.

A folder may come from somebody else, and so may a hidden list in it. Only plain names are taken from it, of
pictures whose numbers are the batch's: what lies outside the folder is never removed.
"""

import re
from collections.abc import Iterable
from pathlib import Path
from typing import IO, Final

from relcli.errors import RelcliError
from relcli.inputs import is_plain_name, parse_json, read_text
from relcli.scenes import layout
from relcli.scenes.queries import MOST_BYTES, read_entries
from relcli.scenes.records import Record, brief

try:
    import fcntl
except ImportError:  # Windows has no such locks; two batches at once are then the person's own care.
    fcntl = None

_HIDDEN: Final = re.compile(r"\.unfinished_(\d{1,10})_(\d{1,10})\.jsonl")


def clear_killed(root: Path) -> None:
    """Clear what killed batches left; one that is still being written is let be."""
    for hidden in sorted(root.glob(layout.UNFINISHED_PATTERN)):
        if hidden.is_symlink() or not hidden.is_file():
            raise _no_list(hidden, "it is not a regular file")
        with hidden.open(encoding="utf-8") as file:
            if not lock(file):
                continue
        clear(root, hidden)


def clear(root: Path, hidden: Path) -> None:
    """Remove the files of an unfinished batch and then its hidden file; scenes in queries.json stay.

    Raises RelcliError, before anything is removed, for a hidden file that no batch of ours wrote.
    """
    queries = root / layout.QUERIES
    finished = {entry.image_filename for entry in read_entries(queries)} if queries.exists() else set[str]()
    start, last, names = _names(hidden)
    variants = layout.variant_folders(root)
    refuse_links(root, folders(variants))
    for name in names:
        if name in finished:
            continue
        annotation = layout.annotation_name(name)
        files = [layout.IMAGES / name, layout.ANNOTATIONS / annotation]
        for variant in variants:
            folder = layout.variant_folder(variant)
            files.append(folder / "images" / layout.variant_name(name, variant))
            files.append(folder / "annotations" / layout.variant_name(annotation, variant))
        for file in files:
            (root / file).unlink(missing_ok=True)
    if not finished.intersection(names):
        (root / layout.metadata_name(start, last)).unlink(missing_ok=True)
    hidden.unlink(missing_ok=True)


def folders(variants: Iterable[str]) -> list[Path]:
    """The folders of a data set that has these variants beside the raw pictures, within its own; each before
    the one it lies in."""
    found = [layout.IMAGES, layout.ANNOTATIONS]
    for variant in variants:
        folder = layout.variant_folder(variant)
        found += [folder / "images", folder / "annotations", folder]
    return [*found, layout.VARIANTS] if any(path.parent == layout.VARIANTS for path in found) else found


def refuse_links(root: Path, parts: Iterable[Path]) -> None:
    """Raise RelcliError if one of a data set's folders is a link: what lies behind it is not the set's."""
    for folder in parts:
        if (root / folder).is_symlink():
            raise RelcliError(
                f"{root / folder} is a link to another folder, and scenes are written and removed in {root} "
                "alone; choose another folder."
            )


def _names(hidden: Path) -> tuple[int, int, list[str]]:
    """The first and last number of an unfinished batch, and the pictures it had begun, all of them plain
    names of files in the folder."""
    numbers = _HIDDEN.fullmatch(hidden.name)
    if numbers is None:
        raise _no_list(hidden, "its name holds no first and last number")
    start, last = map(int, numbers.groups())
    try:
        text = read_text(hidden, MOST_BYTES)
    except UnicodeDecodeError as error:
        raise _no_list(hidden, f"it is not in UTF-8, byte {error.start}") from error
    names = []
    # The last line of a killed batch may be cut short; its scene has no other files yet.
    for number, line in enumerate(text.split("\n")[:-1], start=1):
        where = f"{hidden}, line {number}"
        record = Record(parse_json(line, where), where)
        name = record.text("image_filename")
        if not is_plain_name(name):
            raise _no_list(hidden, f"line {number} names {brief(name)}, which is not a plain file name")
        scene_id = layout.scene_id_of(name)
        if scene_id is None:
            scene_id = record.integer("image_id")
        if not start <= scene_id <= last:
            raise _no_list(hidden, f"line {number} names {brief(name)}, which is not of {start} to {last}")
        names.append(name)
    return start, last, names


def _no_list(hidden: Path, reason: str) -> RelcliError:
    return RelcliError(
        f"{hidden} is not a list of an unfinished batch ({reason}): nothing was removed; look at it "
        "and remove "
        "it, or choose another folder."
    )


def lock(file: IO[str]) -> bool:
    """Whether this process now holds the file's lock; it goes with the file's closing."""
    if fcntl is None:
        return False
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
