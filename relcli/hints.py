"""Commands that sentences hint at carry the warehouse the person named, so that they can be typed as they
stand: "`relcli runs list` shows those there are" becomes "`relcli runs list --db mine.duckdb` shows ..."."""

import re
import shlex
from collections.abc import Callable, Iterable
from pathlib import Path

_COMMANDS: Iterable[str] | Callable[[], Iterable[str]] = ()
_COMMAND: re.Pattern[str] | None = None
_OPTION = ""


def begin(commands: Iterable[str] | Callable[[], Iterable[str]]) -> None:
    """A new call of the command line: the commands there are that take --db (`run`, `db migrate`), or what
    tells them once a sentence hints at one, and no warehouse named yet."""
    global _COMMANDS, _COMMAND, _OPTION
    _COMMANDS, _COMMAND, _OPTION = commands, None, ""


def name_database(path: Path) -> None:
    """The warehouse that somebody named for this call."""
    global _OPTION
    _OPTION = f" --db {shlex.quote(str(path))}"


def with_database(sentence: str) -> str:
    """The sentence, its commands with `--db PATH` if a warehouse was named."""
    global _COMMAND
    if not _OPTION or "relcli " not in sentence:
        return sentence
    if _COMMAND is None:
        commands = sorted(_COMMANDS() if callable(_COMMANDS) else _COMMANDS, key=len, reverse=True)
        names = "|".join(map(re.escape, commands)) or "(?!)"
        _COMMAND = re.compile(rf"(?<![\w/.-])relcli (?:{names})(?![\w-])(?! --(?:db|help)\b)")
    return _COMMAND.sub(lambda found: found[0] + _OPTION, sentence)
