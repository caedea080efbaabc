"""File names of a data set's folder (the study's layout) and files that appear whole or not at all."""

import contextlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Final

from relcli.atomic import replaced
from relcli.errors import RelcliError
from relcli.scenes.vocabulary import BLANK, MASKED, RAW, in_order

IMAGES: Final = Path("images")
ANNOTATIONS: Final = Path("annotations")
MASKED_IMAGES: Final = Path("masked/images")
MASKED_ANNOTATIONS: Final = Path("masked/annotations")
VARIANTS: Final = Path("variants")
"""The folder of all other variants, one folder each, laid out as that of the masked ones."""
FORMAT: Final = 2
"""Of a folder with other variants than masked ones; the study's layout, without a number, is 1."""
QUERIES: Final = "queries.json"
METADATA_PATTERN: Final = "metadata_*.json"
UNFINISHED_PATTERN: Final = ".unfinished_*.jsonl"

_VARIANT = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,39}")
_DIGITS = re.compile(r"\d+")


def image_name(scene_id: int) -> str:
    """The picture's file name, e.g. ``image_00017.png``."""
    return f"image_{scene_id:05d}.png"


def masked_name(image_filename: str) -> str:
    """The masked twin's file name beside a picture's: ``image_00017_masked.png``."""
    return variant_name(image_filename, MASKED)


def variant_name(filename: str, variant: str) -> str:
    """A file's name for a variant of what it holds: ``image_00017_changed.png``."""
    name = Path(filename)
    return f"{name.stem}_{variant}{name.suffix}"


def is_variant(name: str) -> bool:
    """Whether a variant can have this name: letters, digits, - and _, and not raw or blank."""
    return _VARIANT.fullmatch(name) is not None and name not in (RAW, BLANK)


def variant_folder(variant: str) -> Path:
    """The folder of a variant's ``images`` and ``annotations``, within the data set's."""
    return MASKED_IMAGES.parent if variant == MASKED else VARIANTS / variant


def variant_folders(root: Path) -> list[str]:
    """The variants that have a folder, in their order; one of another name is none, and a link is not
    followed."""
    names = [MASKED] if (root / MASKED_IMAGES).is_dir() else []
    if (root / VARIANTS).is_dir() and not (root / VARIANTS).is_symlink():
        folders = (folder for folder in (root / VARIANTS).iterdir() if (folder / "images").is_dir())
        names += [folder.name for folder in folders if is_variant(folder.name) and folder.name != MASKED]
    return [*in_order(names)]


def annotation_name(image_filename: str) -> str:
    """The annotation's file name beside a picture's: ``annotation_00017.json``."""
    return f"annotation_{_digits(image_filename) or Path(image_filename).stem}.json"


def metadata_name(start: int, last: int) -> str:
    """The file name of a batch's metadata, by its first and last scene."""
    return f"metadata_{start:05d}_{last:05d}.json"


def unfinished_name(start: int, last: int) -> str:
    """The file name of the list of a batch that is being written, by its first and last scene."""
    return f".unfinished_{start:05d}_{last:05d}.jsonl"


def scene_id_of(image_filename: str) -> int | None:
    """The integer in a picture's file name, or None if there is none.

    It may be more than the warehouse takes; longer ones than Python reads are given as 10^18.
    """
    digits = _digits(image_filename)
    if digits is None:
        return None
    return int(digits) if len(digits.lstrip("0")) <= 18 else 10**18


def _digits(image_filename: str) -> str | None:
    found = _DIGITS.findall(Path(image_filename).stem)
    return found[-1] if found else None


@contextlib.contextmanager
def replacing(path: Path) -> Iterator[IO[str]]:
    """A text file to write in full; on disk, it takes ``path``'s place only when the block ends well."""
    with replaced(path) as temporary, temporary.open("x", encoding="utf-8") as file:
        yield file


@contextlib.contextmanager
def as_sentence(doing: str, advice: str) -> Iterator[None]:
    """Turn an operating system's refusal into one sentence: what could not be done, why, what to do."""
    try:
        yield
    except OSError as error:
        reason = error.strerror or str(error)
        at = f" ({error.filename})" if error.filename else ""
        raise RelcliError(f"Can't {doing}: {reason}{at}; {advice}.") from error
