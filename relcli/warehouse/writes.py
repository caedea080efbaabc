"""Named writes: the statements of longer changes, one file each in sql/writes."""

from functools import cache

from relcli.paths import sql_dir


@cache
def write_text(name: str) -> str:
    """The SQL of a named write."""
    return (sql_dir() / "writes" / f"{name}.sql").read_text(encoding="utf-8")
