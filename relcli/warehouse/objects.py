"""Macros and views: their files, and whether a warehouse holds just those.

A warehouse can come from anybody, so it is asked for the text of what it holds, never for a digest of it.
"""

import hashlib
import re
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path

import duckdb

from relcli.paths import sql_dir
from relcli.warehouse.kept_objects import Objects, keep, read_kept

KINDS = {"MACRO": "macros", "VIEW": "views"}
"""What is set anew from files, and the folder of sql/ with its files."""
_NOT_CODE = re.compile(r"--[^\n]*|/\*.*?\*/|'(?:[^']|'')*'", re.DOTALL)
"""Comments and texts: a view's description may name another view that it doesn't read."""
# DuckDB writes a number one way before it was stored and another way after.
_STORED_NUMBER = re.compile(r"CAST\((\d+\.\d+) AS DOUBLE\)")
_NUMBER = re.compile(r"\b(\d+(?:\.\d+)?)e0\b")
# And these lists in no order.
_LIST = re.compile(r"\b(EXCLUDE|REPLACE) \(")


def migration_files() -> list[Path]:
    """The numbered migrations, in order."""
    return sorted((sql_dir() / "migrations").glob("[0-9]*.sql"))


def object_files() -> list[tuple[str, Path]]:
    """(kind, file) of all macros and views, each after those it names."""
    kinds = {
        file.stem: (kind, file)
        for kind, folder in KINDS.items()
        for file in sorted((sql_dir() / folder).glob("*.sql"))
    }
    words = {
        name: set(re.findall(r"\w+", _NOT_CODE.sub(" ", file.read_text(encoding="utf-8"))))
        for name, (_, file) in kinds.items()
    }
    order = TopologicalSorter({name: sorted((used & kinds.keys()) - {name}) for name, used in words.items()})
    return [kinds[name] for name in order.static_order()]


def shipped_objects() -> Objects:
    """What a warehouse should hold, in DuckDB's own words. Takes more than a second, once for the user."""
    return _objects_of(files_digest())


@cache
def _objects_of(digest: str) -> Objects:
    """What DuckDB makes of all files together. It is known again where these, DuckDB and this module are the
    same."""
    others = hashlib.sha256(Path(__file__).read_bytes() + duckdb.__version__.encode())
    for file in migration_files():
        others.update(file.read_bytes())
    key = f"{digest}-{others.hexdigest()[:16]}"
    known = read_kept(key)
    if known is None:
        known = _made()
        keep(key, known)
    return known


def _made() -> Objects:
    with duckdb.connect(":memory:") as memory:
        for file in [*migration_files(), *(file for _, file in object_files())]:
            memory.execute(file.read_text(encoding="utf-8"))
        return objects_in(memory)


def objects_in(connection: duckdb.DuckDBPyConnection) -> Objects:
    """The macros and views of an open warehouse that are shipped, or that an earlier relcli shipped."""
    found = connection.execute(
        (sql_dir() / "reads" / "objects.sql").read_text(encoding="utf-8")
    ).fetchall()
    shipped = {(kind, file.stem) for kind, file in object_files()}
    recorded = set(connection.execute("SELECT kind, name FROM schema_object").fetchall()) or shipped
    return {
        (kind, name): canonical(text) for kind, name, text in found if (kind, name) in shipped | recorded
    }


def files_digest() -> str:
    """A hash over all macro and view files."""
    digest = hashlib.sha256()
    for kind, file in object_files():
        digest.update(f"{kind} {file.name}\n".encode() + file.read_bytes())
    return digest.hexdigest()[:16]


def canonical(text: str) -> str:
    """DuckDB's text of a macro or view with what changes between two renderings of the same made equal."""
    text = _STORED_NUMBER.sub(r"\1", text)
    text = _NUMBER.sub(lambda found: str(float(found[1])), text)
    done, at = [], 0
    while start := _LIST.search(text, at):
        end = _closing(text, start.end())
        done += [text[at : start.end()], ", ".join(sorted(_items(text[start.end() : end])))]
        at = end
    return "".join([*done, text[at:]])


def _closing(text: str, at: int) -> int:
    depth = 1
    while at < len(text):
        depth += {"(": 1, ")": -1}.get(text[at], 0)
        if depth == 0:
            return at
        at += 1
    return at


def _items(text: str) -> list[str]:
    """Split at commas outside brackets."""
    items, depth, start = [], 0, 0
    for at, letter in enumerate(text):
        depth += {"(": 1, "[": 1, ")": -1, "]": -1}.get(letter, 0)
        if letter == "," and depth == 0:
            items.append(text[start:at].strip())
            start = at + 1
    return [*items, text[start:].strip()]
