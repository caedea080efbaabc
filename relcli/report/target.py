"""Whether a page or a figure can be written where it is wanted, told before it is made."""

import os
from pathlib import Path

from relcli.errors import RelcliError, UsageError


def check_target(out: Path, force: bool = False) -> None:
    """Pass if a file can be made at `out`, or written over with `force`.

    Raises UsageError for `-`, RelcliError for a folder, a file that is there, and where none can be made.
    """
    if str(out) == "-":
        raise UsageError("Pages and figures go into a file: name one with --out.")
    try:
        if out.is_dir():
            raise RelcliError(f"{out} is a folder: name a file.")
        if out.exists() and not force:
            raise RelcliError(f"{out} is there already: choose another --out, or write over it with --force.")
        folder = next(each for each in out.absolute().parents if each.exists())
    except OSError as problem:
        raise RelcliError(f"{out} can't be written ({problem.strerror}): choose another --out.") from None
    if not folder.is_dir():
        raise RelcliError(f"{out} can't be written: {folder} is no folder; choose another --out.")
    if not os.access(folder, os.W_OK | os.X_OK):
        raise RelcliError(f"{out} can't be written: {folder} lets you make no files; choose another --out.")
