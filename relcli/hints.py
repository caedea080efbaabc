"""Commands that sentences hint at carry the warehouse the person named, so that they can be typed as they
stand: "`relcli runs list` shows those there are" becomes "`relcli runs list --db mine.duckdb` shows ..."."""

import re
import shlex
from collections.abc import Iterable
from pathlib import Path

_COMMAND: re.Pattern[str] | None = None
_OPTION = ""


def begin(commands: Iterable[str]) -> None:
    """A new call of the command line: the commands there are that take --db (`run`, `db migrate`), and no
    warehouse named yet."""
    global _COMMAND, _OPTION
    longest_first = sorted(commands, key=len, reverse=True)
    names = "|".join(re.escape(name) for name in longest_first)
    _OPTION = ""
    _COMMAND = re.compile(rf"(?<![\w/.-])relcli (?:{names})(?![\w-])(?! --(?:db|help)\b)") if names else None


def name_database(path: Path) -> None:
    """The warehouse that somebody named for this call."""
    global _OPTION
    _OPTION = f" --db {shlex.quote(str(path))}"


def with_database(sentence: str) -> str:
    """The sentence, its commands with `--db PATH` if a warehouse was named."""
    if not _OPTION or _COMMAND is None:
        return sentence
    return _COMMAND.sub(lambda found: found[0] + _OPTION, sentence)
