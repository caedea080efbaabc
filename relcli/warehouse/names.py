"""Names of runs and data sets, and of the files made from them."""

import re

from relcli.errors import UsageError

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+@=-]{0,119}")


def is_name(name: str) -> bool:
    """Whether a run or a data set may be called so."""
    return _NAME.fullmatch(name) is not None


def check_name(name: str, what: str = "run") -> str:
    """The name, if it can also be a folder's name; UsageError otherwise."""
    if not is_name(name):
        article = "an" if what[0] in "aeiou" else "a"
        raise UsageError(
            f"{name!r} can't name {article} {what}: use up to 120 letters, digits and ._+@=- and start "
            "with a letter or digit."
        )
    return name


def make_name(text: str) -> str:
    """The nearest allowed name: `Qwen/Qwen3-VL 4B` becomes `Qwen-Qwen3-VL-4B`."""
    return re.sub(r"[^A-Za-z0-9._+@=-]+", "-", text).strip("-._")[:120] or "unnamed"
