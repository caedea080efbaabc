"""Values and tables as HTML, without a template engine: notebooks show them where only the core is there."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from html import escape
from typing import Any

from relcli.visible import visible

_LONG = 80  # characters of a cell


def told(value: Any) -> str:
    """A value in words: lists cut at twenty, times as the warehouse keeps them, in UTC."""
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M:%S} UTC"
    if isinstance(value, (list, tuple)):
        shown = ", ".join(map(str, value[:20]))
        return f"{shown}, … {len(value)} in all" if len(value) > 20 else shown
    if isinstance(value, bytes):
        return f"<{len(value):,} bytes>"
    return str(value)


def cell(value: Any) -> str:
    """A value as HTML: rounded for the eye, exact in the element's `value`."""
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case float():
            shown = f"{value:.4g}" if value and abs(value) < 1e-3 else f"{value:.4f}".rstrip("0").rstrip(".")
            return f'<data value="{value!r}">{shown}</data>'
        case int():
            return f'<data value="{value}">{value:,}</data>'
        case _:
            return escape(visible(told(value)))


def html_table(columns: Sequence[str], rows: Iterable[Sequence[Any]], note: str = "") -> str:
    """Rows as an HTML table, everything in them escaped. A wide one scrolls; only long texts are broken."""
    head = "".join(f"<th>{escape(visible(name))}</th>" for name in columns)
    body = "".join(f"<tr>{''.join(map(_table_cell, row))}</tr>" for row in rows)
    foot = f"<p>{escape(note)}</p>" if note else ""
    return (
        '<div style="overflow-x: auto"><table style="white-space: nowrap">'
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>{foot}"
    )


def _table_cell(value: Any) -> str:
    shown = cell(value)
    long = isinstance(value, (str, list, tuple)) and len(told(value)) > _LONG
    style = ' style="white-space: normal; min-width: 24em"' if long else ""
    return f"<td{style}>{shown}</td>"
