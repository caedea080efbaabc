"""The words of the command line, before anything reads them."""

import os
from collections.abc import Sequence

from relcli.errors import UsageError
from relcli.inputs import half_character, shown


def check_words(words: Sequence[str]) -> None:
    """Raise UsageError if an argument, or a variable RELCLI_..., is not in the terminal's encoding: what
    can't be written can be neither stored nor shown, and would fail somewhere in the middle of the work."""
    for word in words:
        if half_character(word):
            raise UsageError(f"The argument {shown(word)} is not in UTF-8; type or rename it in UTF-8.")
    for name, value in os.environ.items():
        if name.startswith("RELCLI_") and half_character(value):
            raise UsageError(f"The variable {name} is not in UTF-8; set it in UTF-8.")
