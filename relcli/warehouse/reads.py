"""Named reads: the questions the command line and the browser ask, one file each in sql/reads."""

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from relcli.paths import sql_dir
from relcli.warehouse.quoting import literal
from relcli.warehouse.rows import Rows, query

_PARAMETER = re.compile(r"\$([a-z_]+)")
_COMMENT = re.compile(r"--[^\n]*")
_PLACES = re.compile(r"--[^\n]*|'[^']*'|\$([a-z_]+)")  # comments and words keep what looks like a parameter


@cache
def read_text(name: str) -> str:
    """The SQL of a named read; KeyError if there is none of that name."""
    file = sql_dir() / "reads" / f"{name}.sql"
    if not file.is_file():
        raise KeyError(f"no read named {name}; there are: {', '.join(read_names())}")
    return file.read_text(encoding="utf-8")


def read_names() -> list[str]:
    return sorted(file.stem for file in (sql_dir() / "reads").glob("*.sql"))


def parameters(name: str) -> set[str]:
    """The $names a read takes. One that isn't given is NULL, which the reads take as `any`."""
    return set(_PARAMETER.findall(_COMMENT.sub("", read_text(name))))


def filled(name: str, params: Mapping[str, Any]) -> dict[str, Any]:
    """All parameters of a read: those given, and NULL for the others. KeyError for one it doesn't take."""
    known = parameters(name)
    if unknown := params.keys() - known:
        raise KeyError(f"read {name} takes {sorted(known)}, not {sorted(unknown)}")
    return {key: params.get(key) for key in known}


def in_full(name: str, params: Mapping[str, Any]) -> str:
    """The SQL of a read with its parameters written out, to be run anywhere. KeyError as `filled`."""
    given = filled(name, params)

    def written(found: re.Match[str]) -> str:
        return found[0] if found[1] is None else _written(given[found[1]])

    return _PLACES.sub(written, read_text(name))


def _written(value: Any) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_written, value))}]"
    return literal(str(value))


def read(
    path: Path | str, name: str, /, *, limit: int | None = None, timeout_s: float = 10, **params: Any
) -> Rows:
    """Run a named read. KeyError for a read or a parameter that doesn't exist; otherwise as `query`."""
    given = filled(name, params) or None
    return query(path, read_text(name), given, limit=limit, timeout_s=timeout_s)
