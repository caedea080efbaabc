"""Imports go down between rooms, and files import each other in no circle."""

import ast
from functools import cache
from pathlib import Path

import pytest

import relcli

ROOT = Path(relcli.__file__).parent
BELOW: dict[str, set[str]] = {
    "": set(),  # the modules at the top: errors, paths, inputs and their like
    "progress": {""},
    "scenes": {""},
    "drawing": {"", "scenes"},
    "analysis": {"", "scenes"},
    "models": {"", "progress", "scenes", "analysis"},
    "training": {"", "progress", "scenes", "analysis", "models"},
    "warehouse": {"", "scenes", "analysis"},
    "results": {"", "scenes", "drawing", "analysis", "warehouse"},
    "options": {"", "scenes", "analysis", "models"},  # of the last two the names alone
    "jobs": {
        *("", "options", "progress", "scenes", "drawing", "analysis", "models", "training"),
        *("warehouse", "results"),
    },
    "report": {"", "options", "progress", "scenes", "drawing", "analysis", "warehouse", "results", "jobs"},
    "tui": {
        *("", "options", "progress", "scenes", "drawing", "analysis", "models"),
        *("warehouse", "results", "jobs"),
    },
}
BELOW["api"] = {*BELOW["report"], "report"}
BELOW["cli"] = set(BELOW)
"""Which rooms a room may import. `relcli tui` starts tui from cli. Nothing below imports either."""


def name_of(path: Path) -> str:
    parts = ["relcli", *path.relative_to(ROOT).with_suffix("").parts]
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


FILES = {name_of(path): path for path in ROOT.rglob("*.py") if "_data" not in path.parts}
PACKAGES = {name for name, path in FILES.items() if path.name == "__init__.py"}


def room(module: str) -> str:
    first = module.split(".")[1] if "." in module else "api"  # `import relcli` is the api's face
    if first == "__main__":
        return "cli"
    return first if f"relcli.{first}" in PACKAGES or first in BELOW else ""


@cache
def imports(name: str) -> list[ast.Import | ast.ImportFrom]:
    """The statements of a file that import, those inside functions and for types too."""
    tree = ast.parse(FILES[name].read_text(encoding="utf-8"))
    return [node for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom)]


def imported(name: str) -> set[str]:
    """The files of relcli that a file imports."""
    found: set[str] = set()
    for node in imports(name):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        else:
            assert node.level == 0, f"{name} imports relatively"
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                found.add(inner if inner in FILES else node.module or "")
    return {each for each in found if each in FILES} - {name}


@pytest.mark.parametrize("of", sorted({room(name) for name in FILES}))
def test_a_room_imports_only_rooms_below(of: str) -> None:
    assert of in BELOW, f"say in BELOW what {of} may import"
    up = {
        (name, other)
        for name in FILES
        if room(name) == of
        for other in imported(name)
        if room(other) not in BELOW[of] | {of}
    }
    assert up == set()


def test_the_rooms_have_an_order() -> None:
    """What a room may import may not import it."""
    for name, below in BELOW.items():
        assert not any(name in BELOW[other] for other in below), name


def test_no_circle_of_files() -> None:
    assert circles({name: imported(name) for name in FILES}) == []


def circles(graph: dict[str, set[str]]) -> list[list[str]]:
    """Groups of names that reach each other (Tarjan's strongly connected components of more than one)."""
    numbers: dict[str, int] = {}
    lowest: dict[str, int] = {}
    stack: list[str] = []
    found: list[list[str]] = []

    def walk(name: str) -> None:
        numbers[name] = lowest[name] = len(numbers)
        stack.append(name)
        for other in graph[name]:
            if other not in numbers:
                walk(other)
                lowest[name] = min(lowest[name], lowest[other])
            elif other in stack:
                lowest[name] = min(lowest[name], numbers[other])
        if lowest[name] == numbers[name]:
            group = stack[stack.index(name) :]
            del stack[stack.index(name) :]
            if len(group) > 1:
                found.append(sorted(group))

    for name in graph:
        if name not in numbers:
            walk(name)
    return found


def test_circles_are_found() -> None:
    graph = {"a": {"b"}, "b": {"c"}, "c": {"a"}, "d": {"a"}, "e": set()}
    assert circles(graph) == [["a", "b", "c"]]


@pytest.mark.parametrize(
    ("package", "rooms"),
    [
        ("torch", {"models", "training"}),
        ("transformers", {"models", "training"}),
        ("duckdb", {"warehouse", "api"}),  # the api hands out DuckDB relations
        ("sklearn", {"analysis"}),
        ("textual", {"tui"}),
        ("typer", {"cli"}),
    ],
)
def test_one_room_knows_a_package(package: str, rooms: set[str]) -> None:
    users = {
        room(name)
        for name in FILES
        for node in imports(name)
        if (isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == package)
        or (isinstance(node, ast.Import) and any(each.name.split(".")[0] == package for each in node.names))
    }
    assert users <= rooms
