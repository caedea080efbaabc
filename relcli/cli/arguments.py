"""The words of the command line, before anything reads them."""

import os
from collections.abc import Sequence
from contextlib import suppress

from relcli.errors import UsageError
from relcli.inputs import half_character, shown


def check_words(words: Sequence[str]) -> None:
    """Raise UsageError if an argument, a variable RELCLI_... or the current folder is not in the terminal's
    encoding: it can be neither stored nor shown, and would fail midway."""
    for word in words:
        if half_character(word):
            raise UsageError(f"The argument {shown(word)} is not in UTF-8; type or rename it in UTF-8.")
    for name, value in os.environ.items():
        if name.startswith("RELCLI_") and half_character(value):
            raise UsageError(f"The variable {name} is not in UTF-8; set it in UTF-8.")
    with suppress(FileNotFoundError):  # somebody removed it
        if half_character(folder := os.getcwd()):
            raise UsageError(f"The name of the current folder {shown(folder)} is not in UTF-8; rename it.")
