"""Writes rows to standard output in the form people or programs asked for. Everything else goes to stderr.

What stands in the rows comes from models, files and other people's warehouses: `relcli.visible` says what
happens to characters that a terminal would obey. Tables and Markdown are for the eye and always show them;
csv and json are exact, but for csv on a terminal.
"""

import base64
import csv
import io
import json
import math
import re
import sys
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from pathlib import PurePath
from typing import TYPE_CHECKING, Any, TextIO

from relcli.errors import UsageError
from relcli.hints import with_database
from relcli.visible import visible, visible_json

if TYPE_CHECKING:
    from rich.box import Box


def write_rows(columns: Sequence[str], rows: Iterable[Sequence[Any]], form: str, title: str = "") -> None:
    """Write rows as `table`, `csv`, `json`, `jsonl` or `markdown`. Table and markdown round floats for the
    eye; the other three keep every digit, and write pictures as base64 and NaN as null.

    Raises UsageError for JSON of two columns with one name, since an object can't hold both.
    """
    if form == "table":
        _write_table(columns, rows, title)
    elif form == "markdown":
        _write_markdown(columns, rows)
    else:
        if form != "csv":
            _refuse_twice(columns, form)
        write = {"csv": _write_csv, "json": _write_json, "jsonl": _write_jsonl}[form]
        write(columns, rows)


def write_record(pairs: Sequence[tuple[str, Any]], form: str) -> None:
    """One thing with named fields: an object in JSON, two columns elsewhere."""
    if form in ("json", "jsonl"):
        _say(_json({key: _json_value(value) for key, value in pairs}, indent=2 if form == "json" else None))
    else:
        write_rows(("what", "value"), pairs, form)


def say(text: str) -> None:
    """A line for standard output: exact for a pipe or a file, visible on a terminal."""
    _say(visible(text, keep="\n") if sys.stdout.isatty() else text)


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")


def talk(message: str) -> None:
    """A sentence for the person, on standard error."""
    sys.stderr.write(visible(with_database(message), keep="\n") + "\n")


def is_unicode(stream: TextIO | None = None) -> bool:
    """Whether standard output, or another stream, can carry any character; where it can't, what is drawn is
    drawn in ASCII."""
    return ((stream or sys.stdout).encoding or "utf-8").lower().replace("_", "-").startswith("utf")


def _json(value: Any, indent: int | None = None) -> str:
    # JSON has an escape for every character, so a narrow encoding and a terminal lose nothing.
    return visible_json(json.dumps(value, ensure_ascii=not is_unicode(), indent=indent))


def _refuse_twice(columns: Sequence[str], form: str) -> None:
    twice = next((name for at, name in enumerate(columns) if name in columns[:at]), None)
    if twice is not None:
        raise UsageError(
            f"Two columns are called {twice!r}, and {form} can hold only one of them: give one of them "
            "another name with AS, or write --format csv."
        )


class _UnixLines:
    """Where csv's writer writes: it quotes a carriage return only where its lines end in one, too."""

    def write(self, line: str) -> None:
        sys.stdout.write(line.removesuffix("\r\n") + "\n")


def _write_csv(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    writer = csv.writer(_UnixLines(), lineterminator="\r\n")
    value_of = _seen_csv_value if sys.stdout.isatty() else _csv_value
    writer.writerow([value_of(name) for name in _distinct(columns)])
    writer.writerows([value_of(value) for value in row] for row in rows)


def _write_json(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    objects = (_json(_object(columns, row)) for row in rows)
    _say("[" + ",".join(f"\n  {text}" for text in objects) + "\n]")


def _write_jsonl(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    for row in rows:
        _say(_json(_object(columns, row)))


# What CommonMark and its tables read as structure; an underscore inside a word isn't.
_MARKUP = re.compile(r"[\\|`*~\[<]|&(?=#?\w+;)|(?<![^\W_])_|_(?![^\W_])")


def _write_markdown(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    def line(cells: Iterable[str]) -> str:
        return "| " + " | ".join(_marked(cell) for cell in cells) + " |"

    listed = [list(row) for row in rows]
    right = [_is_numeric(listed, i) for i in range(len(columns))]
    _say(line(columns))
    _say("|" + "|".join("---:" if r else "---" for r in right) + "|")
    for row in listed:
        _say(line(shown(value) for value in row))


def _marked(cell: str) -> str:
    """A cell that Markdown shows as it is."""
    return _MARKUP.sub(r"\\\g<0>", visible(cell))


def _write_table(columns: Sequence[str], rows: Iterable[Sequence[Any]], title: str) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    def seen(text: str) -> Text:
        return Text(visible(text))

    listed = [list(row) for row in rows]
    heading = seen(title) if title else None
    table = Table(box=_lines(), title=heading, title_justify="left", pad_edge=False)
    for index, name in enumerate(columns):
        justify = "right" if _is_numeric(listed, index) else "left"
        table.add_column(seen(name), justify=justify, overflow="fold")
    for row in listed:
        table.add_row(*(seen(shown(value)) for value in row))
    console = Console()
    if not console.is_terminal or console.is_dumb_terminal:
        # A pipe has no width to fit into; wrapped cells would break what reads the lines.
        text = io.StringIO()
        Console(file=text, width=100_000, no_color=True, force_terminal=False).print(table)
        _say("\n".join(line.rstrip() for line in text.getvalue().rstrip().splitlines()))
    else:
        console.print(table)


def _lines() -> "Box":
    """A line under the headings, in what standard output can carry."""
    from rich import box

    return box.SIMPLE_HEAD if is_unicode() else box.Box(str(box.SIMPLE_HEAD).replace("─", "-"), ascii=True)


def shown(value: Any) -> str:
    """A value for the eye: floats to four places, long lists cut."""
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case float():
            return f"{value:.4g}" if value and abs(value) < 1e-3 else f"{value:.4f}".rstrip("0").rstrip(".")
        case bytes():
            return f"<{len(value):,} bytes>"
        case datetime():
            return value.strftime("%Y-%m-%d %H:%M:%S")
        case list() | tuple():
            head = ", ".join(shown(item) for item in value[:8])
            return f"[{head}, ... {len(value)} values]" if len(value) > 8 else f"[{head}]"
        case _:
            return str(value)


def _is_numeric(rows: Sequence[Sequence[Any]], index: int) -> bool:
    values = [row[index] for row in rows if row[index] is not None]
    return bool(values) and all(isinstance(v, (int, float)) and not isinstance(v, bool) for v in values)


def _json_value(value: Any) -> Any:
    match value:
        case float():
            return value if math.isfinite(value) else None
        case None | bool() | int() | str():
            return value
        case bytes():
            return base64.b64encode(value).decode()
        case datetime() | date():
            return value.isoformat()
        case list() | tuple():
            return [_json_value(item) for item in value]
        case dict():
            return {str(key): _json_value(item) for key, item in value.items()}
        case PurePath():
            return str(value)
        case _:
            return str(value)


def _csv_value(value: Any) -> Any:
    match value:
        case bool():
            return "true" if value else "false"
        case float():
            return repr(value)
        case bytes() | datetime() | date():
            return _json_value(value)
        case list() | tuple() | dict():
            return json.dumps(_json_value(value), ensure_ascii=False)
        case _:
            return value


def _seen_csv_value(value: Any) -> Any:
    """The same for a terminal."""
    written = _csv_value(value)
    return visible(written) if isinstance(written, str) else written


def _object(columns: Sequence[str], row: Sequence[Any]) -> dict[str, Any]:
    return {name: _json_value(value) for name, value in zip(columns, row, strict=True)}


def _distinct(columns: Sequence[str]) -> list[str]:
    """Column names as they are; a name met again gets a number that no other has, so that readers of csv lose
    nothing."""
    names: list[str] = []
    for name in columns:
        other, number = name, 2
        while other in names or (number > 2 and other in columns):
            other, number = f"{name}_{number}", number + 1
        names.append(other)
    return names
