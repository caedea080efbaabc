"""The questions of sql/examples, for people to pick from."""

from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path

from relcli.paths import sql_dir


@dataclass(frozen=True, slots=True)
class Example:
    """`title`: its file's name as words; `about`: the comment it begins with; `sql`: the file."""

    name: str
    title: str
    about: str
    sql: str


def examples() -> list[Example]:
    """All of them, by title."""
    files = sorted((sql_dir() / "examples").glob("*.sql"))
    return sorted((_example(file) for file in files), key=lambda example: example.title)


def _example(file: Path) -> Example:
    sql = file.read_text(encoding="utf-8").strip()
    comment = takewhile(lambda line: line.startswith("--"), sql.splitlines())
    about = " ".join(line.removeprefix("--").strip() for line in comment)
    title = file.stem.replace("_", " ").capitalize()
    return Example(file.stem, title, about, sql)
