"""Tables in text files (CSV): bytes in any usual encoding to lines of cells, with the column names read."""

import codecs
import csv
import hashlib
import io
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from relcli.errors import RelcliError, UsageError
from relcli.inputs import MIB, half_character, read_bytes
from relcli.scenes.records import brief

MOST_BYTES = 512 * MIB  # the published table has 15
_MOST_CELL = 16 * MIB  # characters; Python's own limit of 131,072 is less than a long answer
_SEPARATORS = ",;\t|"
# The first that fits: UTF-32's mark begins with UTF-16's.
_MARKS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
_SEP_LINE = re.compile(r'"?sep=(.*?)"?(?:\r\n|\r|\n|\Z)', re.IGNORECASE)  # what Excel writes and reads


@dataclass(frozen=True, slots=True)
class Table:
    """A table read: the names of its columns in lower case, and (line number, cells) of every other line
    that isn't blank, in order. A line may have too few or too many cells. `sha256` is of the file's bytes."""

    columns: list[str]
    lines: Iterator[tuple[int, list[str]]]
    encoding: str
    sha256: str


def read_table(path: Path, *, encoding: str | None = None) -> Table:
    """Open a table whose first line names its columns.

    UTF-8 with or without a byte order mark, UTF-16 and UTF-32 with one, else Windows-1252 or Latin-1, unless
    `encoding` says what it is. Commas, semicolons, tabs or bars; a line `sep=;` before the first may say
    which. Lines end in LF, CR LF or CR.

    Raises UsageError for an unknown encoding, RelcliError for a file that is missing, blank, too large or no
    CSV, or that has two columns of one name; reading the lines raises RelcliError where the table breaks off.
    """
    data = _bytes(path)
    text, used = _decode(path, data, encoding)
    if not text.strip():
        raise RelcliError(f"{path} is empty; copy it again.")
    lines = _lines(path, text)
    _, names = next(lines, (0, []))
    if not names:  # nothing but separators
        raise RelcliError(f"{path} names no columns; copy it again.")
    columns = [name.strip().lower() for name in names]
    twice = [name for name, times in Counter(columns).items() if name and times > 1]
    if twice:
        raise RelcliError(
            f"{path} has more than one column {', '.join(map(brief, twice))} in its first line; keep the one "
            "that is meant."
        )
    return Table(columns, lines, used, hashlib.sha256(data).hexdigest())


def _bytes(path: Path) -> bytes:
    try:
        data = read_bytes(path, MOST_BYTES)
    except FileNotFoundError:
        raise RelcliError(f"There is no file {path}; --results takes the study's CSV.") from None
    except OSError as error:
        raise RelcliError(f"{path} can't be read ({error.strerror}); check the path.") from None
    if not data.strip():
        raise RelcliError(f"{path} is empty; copy it again.")
    return data


def _decode(path: Path, data: bytes, encoding: str | None) -> tuple[str, str]:
    """The text without its byte order mark, and the encoding that fitted."""
    marked = next((name for mark, name in _MARKS.items() if data.startswith(mark)), None)
    tried = [encoding] if encoding else [marked] if marked else ["utf-8", "cp1252", "latin-1"]
    if marked == "utf-8-sig":  # also where the encoding named doesn't know of marks
        data = data.removeprefix(codecs.BOM_UTF8)
    for name in tried:
        try:
            text, used = data.decode(name), codecs.lookup(name).name
        except UnicodeError:
            continue
        except (LookupError, ValueError):
            raise UsageError(f"There is no encoding {name!r}; utf-8, cp1252 and latin-1 are usual.") from None
        text = text.lstrip("\ufeff")
        if "\0" in text:
            raise RelcliError(
                f"{path} is not a CSV file (it holds zero bytes); check that it is the right file, "
                "and name its "
                "--encoding if it is UTF-16 without a mark."
            )
        if half_character(text):
            break
        return text, used
    raise RelcliError(f"{path} is not in {tried[0]}; name its --encoding, or save it as UTF-8.")


def _lines(path: Path, text: str) -> Iterator[tuple[int, list[str]]]:
    """(line number, cells) of every line that isn't blank."""
    skipped, separator = 0, None
    if said := _SEP_LINE.match(text):
        skipped, separator = 1, said[1]
        text = text[said.end() :]
        if len(separator) != 1 or separator not in _SEPARATORS:
            raise RelcliError(
                f"{path} names {brief(separator)} as its separator; save it with commas, semicolons or tabs."
            )
    first = re.search(r"[^\r\n]*\S[^\r\n]*", text)
    if first is None:
        return
    csv.field_size_limit(_MOST_CELL)
    # newline="" leaves line breaks inside quotes as they are, and takes CR alone as the end of a line.
    reader = csv.reader(
        io.StringIO(text, newline=""),
        delimiter=separator or max(_SEPARATORS, key=first[0].count),
        strict=True,
    )
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield reader.line_num + skipped, cells
    except csv.Error as error:
        raise RelcliError(
            f"{path} breaks off or is not valid CSV at line {reader.line_num + skipped} ({error}); "
            "copy it again."
        ) from error
