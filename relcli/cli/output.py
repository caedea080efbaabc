"""Writes rows to standard output in the form people or programs asked for. Everything else goes to stderr."""

import base64
import csv
import io
import json
import math
import sys
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from pathlib import PurePath
from typing import Any


def write_rows(columns: Sequence[str], rows: Iterable[Sequence[Any]], form: str, title: str = "") -> None:
    """Write rows as `table`, `csv`, `json`, `jsonl` or `markdown`. Table and markdown round floats for the
    eye; the other three keep every digit, and write pictures as base64 and NaN as null."""
    if form == "table":
        _write_table(columns, rows, title)
    elif form == "markdown":
        _write_markdown(columns, rows)
    else:
        write = {"csv": _write_csv, "json": _write_json, "jsonl": _write_jsonl}[form]
        write(_distinct(columns), rows)


def write_record(pairs: Sequence[tuple[str, Any]], form: str) -> None:
    """One thing with named fields: an object in JSON, two columns elsewhere."""
    if form in ("json", "jsonl"):
        _say(
            json.dumps(
                {key: _json_value(value) for key, value in pairs}, indent=2 if form == "json" else None
            )
        )
    else:
        write_rows(("what", "value"), pairs, form)


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")


def talk(message: str) -> None:
    """A sentence for the person, on standard error."""
    sys.stderr.write(message + "\n")


def _write_csv(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([_csv_value(value) for value in row] for row in rows)


def _write_json(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    objects = (json.dumps(_object(columns, row), ensure_ascii=False) for row in rows)
    _say("[" + ",".join(f"\n  {text}" for text in objects) + "\n]")


def _write_jsonl(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    for row in rows:
        _say(json.dumps(_object(columns, row), ensure_ascii=False))


def _write_markdown(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    def line(cells: Iterable[str]) -> str:
        return "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in cells) + " |"

    listed = [list(row) for row in rows]
    right = [_is_numeric(listed, i) for i in range(len(columns))]
    _say(line(columns))
    _say("|" + "|".join("---:" if r else "---" for r in right) + "|")
    for row in listed:
        _say(line(shown(value) for value in row))


def _write_table(columns: Sequence[str], rows: Iterable[Sequence[Any]], title: str) -> None:
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    listed = [list(row) for row in rows]
    table = Table(box=box.SIMPLE_HEAD, title=title or None, title_justify="left", pad_edge=False)
    for index, name in enumerate(columns):
        table.add_column(name, justify="right" if _is_numeric(listed, index) else "left", overflow="fold")
    for row in listed:
        table.add_row(*(Text(shown(value)) for value in row))
    console = Console()
    if not console.is_terminal:
        # A pipe has no width to fit into; wrapped cells would break what reads the lines.
        text = io.StringIO()
        Console(file=text, width=100_000, no_color=True).print(table)
        _say("\n".join(line.rstrip() for line in text.getvalue().rstrip().splitlines()))
    else:
        console.print(table)


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


def _object(columns: Sequence[str], row: Sequence[Any]) -> dict[str, Any]:
    return {name: _json_value(value) for name, value in zip(columns, row, strict=True)}


def _distinct(columns: Sequence[str]) -> list[str]:
    """Column names as they are; a name met again gets a number, so that JSON objects lose nothing."""
    seen: dict[str, int] = {}
    names = []
    for name in columns:
        seen[name] = seen.get(name, 0) + 1
        names.append(name if seen[name] == 1 else f"{name}_{seen[name]}")
    return names
