"""Files that come from outside: read under a ceiling, and refused in a sentence.

A named pipe or a device in the place of a file would hang or never end, a damaged file may claim to hold
gigabytes, and JSON or TOML may nest deeper, or write longer numbers, than Python takes. Whatever reads a
file that a person hands us goes through here, so that each of these is refused in one place.
"""

import errno
import json
import os
import re
import stat
import tomllib
from collections import Counter
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Any, Final, NoReturn

from relcli.errors import RelcliError

MIB: Final = 1 << 20
MOST_JSON: Final = 64 * MIB
MOST_TOML: Final = MIB // 16  # a settings file is a page; dotted keys take quadratic time to parse
MOST_DEPTH: Final = 64
MOST_DIGITS: Final = 1000
MOST_NAME: Final = 200  # bytes of a file's name; what is made of it (`_masked`, `.tmp`) stays below 255
LARGEST_INTEGER: Final = 2**31 - 1
"""The highest number of a picture, question, object ...: the warehouse keeps them in columns of 32 bits."""
LARGEST_SEED: Final = 2**63 - 1
"""And of a seed, in a column of 64."""

_SURROGATE = re.compile("[\ud800-\udfff]")
_ESCAPED_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")
_DEEP_KEY = re.compile(rf"""(?:\.[ \t]*[\w"'-]+[ \t]*){{{MOST_DEPTH}}}""")
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f]")


def read_bytes(path: Path | str, most: int) -> bytes:
    """All of a file of at most `most` bytes. Never waits: a pipe without a writer is refused as well.

    Raises OSError, whose `strerror` is a phrase that says why, if the path names no file, no regular file, a
    file that is too large, or one that may not be read.
    """
    path = Path(path)
    descriptor, state = _opened(path)
    with open(descriptor, "rb") as file:
        # One byte more shows that the file holds more than it says, as those of /proc and one that grows.
        data = file.read(state.st_size + 1) if state.st_size <= most else b""
        if len(data) > state.st_size:
            data += file.read(most)
        if state.st_size > most or len(data) > most:
            size = max(state.st_size, len(data))
            _refuse(path, errno.EFBIG, f"it holds {_size(size)}, and at most {_size(most)} are read")
    return data


def read_start(path: Path | str, most: int) -> tuple[bytes, int]:
    """The first bytes of a file, at most so many, and the size of it all. Raises OSError as `read_bytes`."""
    descriptor, state = _opened(Path(path))
    with open(descriptor, "rb") as file:
        return file.read(most), state.st_size


def _opened(path: Path) -> tuple[int, os.stat_result]:
    """A descriptor of a regular file, and what the system says of it."""
    # Without O_NONBLOCK the opening of a pipe waits for somebody who writes to it.
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    try:
        descriptor = os.open(path, flags)
    except ValueError:  # a zero byte or half a character in the name
        _refuse(path, errno.EINVAL, "no file can have such a name")
    state = os.fstat(descriptor)
    if not stat.S_ISREG(state.st_mode):
        os.close(descriptor)
        _refuse(path, errno.EINVAL, f"it is {_kind(state.st_mode)}, not a file")
    return descriptor, state


def read_text(path: Path | str, most: int) -> str:
    """The text of a file in UTF-8, without its byte order mark.

    Raises OSError as `read_bytes`, UnicodeDecodeError if the file is in another encoding.
    """
    return read_bytes(path, most).decode("utf-8-sig")


def read_json(path: Path | str, *, most: int = MOST_JSON, strict: bool = True) -> Any:
    """The content of a JSON file. Raises OSError as `read_bytes`, RelcliError as `parse_json`."""
    try:
        text = read_text(path, most)
    except UnicodeDecodeError as error:
        raise RelcliError(f"{path} is not in UTF-8 (byte {error.start}); save it as UTF-8.") from error
    return parse_json(text, str(path), strict=strict)


def parse_json(text: str, where: str, *, strict: bool = True) -> Any:
    """The value of a JSON text; `where` is what the sentence calls it.

    Raises RelcliError if it is not valid JSON, nests deeper than 64 levels, writes a number of more than
    1,000
    digits or half of a surrogate pair. `strict` also refuses what the standard leaves open and other programs
    write: a key that stands twice in an object (its first value would be lost), NaN and Infinity.
    """

    def refuse(reason: str) -> NoReturn:
        raise RelcliError(f"{where} is no valid JSON ({reason}); correct it or copy it again.")

    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) < len(pairs):
            twice = Counter(name for name, _ in pairs).most_common(1)[0][0]
            refuse(f"the key {shown(twice)} stands twice in one object")
        return found

    def integer(digits: str) -> int:
        if len(digits) > MOST_DIGITS:
            refuse(f"a number has {len(digits):,} digits")
        return int(digits)

    def decimal(digits: str) -> float:
        value = float(digits)
        if strict and value in (float("inf"), float("-inf")):
            refuse(f"the number {shown(digits)} is too large")
        return value

    def constant(name: str) -> float:
        refuse(f"{name} is not a number of JSON")

    rules: dict[str, Any] = {"parse_int": integer}
    if strict:
        rules |= {"object_pairs_hook": unique, "parse_float": decimal, "parse_constant": constant}
    deep = f"it nests deeper than {MOST_DEPTH} levels"
    try:
        value = json.loads(text, **rules)
    except RecursionError:
        refuse(deep)
    except json.JSONDecodeError as error:
        refuse(f"line {error.lineno}, column {error.colno}: {error.msg}")
    if _depth(value) > MOST_DEPTH:
        refuse(deep)
    if _ESCAPED_SURROGATE.search(text) or half_character(text):
        for each in _texts(value):
            if half_character(each):
                refuse(f"a text holds half of a surrogate pair: {shown(each)}")
    return value


def read_toml(path: Path | str) -> dict[str, Any]:
    """The content of a TOML file. Raises OSError as `read_bytes`, UnicodeDecodeError, and ValueError with the
    reason if it is not valid TOML, nests too deep, or writes a number that is too long."""
    text = read_text(path, MOST_TOML)
    deep = f"it nests deeper than {MOST_DEPTH} levels"
    if _DEEP_KEY.search(text):
        raise ValueError(deep)
    try:
        value = tomllib.loads(text)
    except RecursionError:
        raise ValueError(deep) from None
    except tomllib.TOMLDecodeError:
        raise
    except ValueError:  # Python's own limit on the digits of a number
        raise ValueError("a number is too long") from None
    if _depth(value) > MOST_DEPTH:
        raise ValueError(deep)
    return value


def is_plain_name(name: str) -> bool:
    """Whether a text names a file in a folder and nothing outside it, on every system: no path, no control
    character, nothing that can't be written in UTF-8, and short enough to be a file's name."""
    return (
        name not in ("", ".", "..")
        and not any(mark in name for mark in "/\\")
        and Path(name).name == name
        and not _CONTROL.search(name)
        and not half_character(name)
        and len(name.encode()) <= MOST_NAME
    )


def half_character(text: str) -> bool:
    """Whether a text holds a surrogate without its other half, which no encoding writes: half of a pair in
    JSON, or a byte of a file's name or an argument that is not UTF-8."""
    return not text.isascii() and _SURROGATE.search(text) is not None


def shown(value: Any) -> str:
    """A value as a sentence shows it: short, in one line, and with everything odd escaped."""
    text = json.dumps(value, ensure_ascii=_has_half(value))
    return text if len(text) <= 40 else f"{text[:37]}..."


def _has_half(value: Any) -> bool:
    return any(half_character(text) for text in _texts(value))


def _texts(value: Any) -> Iterator[str]:
    """All texts in a JSON value, keys too."""
    waiting = [value]
    while waiting:
        each = waiting.pop()
        if isinstance(each, str):
            yield each
        elif isinstance(each, dict):
            waiting += chain(each, each.values())
        elif isinstance(each, list):
            waiting += each


def _depth(value: Any) -> int:
    """How deep lists and objects nest; 0 for a single value. Stops counting beyond what is allowed."""
    level, depth = [value], 0
    while depth <= MOST_DEPTH:
        level = [each for each in level if isinstance(each, dict | list)]
        if not level:
            break
        depth += 1
        level = [
            inner for each in level for inner in (each.values() if isinstance(each, dict) else each)
        ]
    return depth


def _refuse(path: Path, code: int, reason: str) -> NoReturn:
    raise OSError(code, reason, str(path))


def _kind(mode: int) -> str:
    kinds = {stat.S_IFDIR: "a folder", stat.S_IFIFO: "a pipe", stat.S_IFSOCK: "a socket"}
    return kinds.get(stat.S_IFMT(mode), "a device")


def _size(n_bytes: int) -> str:
    """`3.1 GiB`, `64 MiB`, `12 bytes`."""
    for unit, name in ((1 << 30, "GiB"), (MIB, "MiB"), (1 << 10, "KiB")):
        if n_bytes >= unit:
            return f"{n_bytes / unit:.3g} {name}"
    return f"{n_bytes} bytes"
