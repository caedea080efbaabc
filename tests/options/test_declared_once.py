"""Every option of every command is declared in relcli/options, and each help text stands there once."""

import ast
import inspect
from collections import Counter
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any, get_type_hints

import pytest
import typer

import relcli
from relcli.cli.declared import Given, declared
from relcli.options.declaration import option, options_of
from relcli.options.shared import SharedOptions
from relcli.options.which_run import NamedRunOptions
from relcli.report.catalogue import KINDS
from tests.options.test_declared import commands

ROOT = Path(relcli.__file__).parent


def calls(folder: str, *names: str) -> Iterator[tuple[str, ast.Call]]:
    """The calls of functions of these names in the files of a folder, with the file's name."""
    for path in sorted((ROOT / folder).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in names:
                yield path.relative_to(ROOT).as_posix(), node


@pytest.mark.parametrize("name", [name for name, _ in commands()])
def test_a_command_says_no_default_and_no_help_of_an_option(name: str) -> None:
    command: Any = inspect.unwrap(dict(commands())[name].callback)
    own = inspect.signature(command).parameters.values()
    assert all(each.default is inspect.Parameter.empty for each in own)
    assert all(each.kind is inspect.Parameter.POSITIONAL_OR_KEYWORD for each in own)


def test_options_are_made_for_typer_in_one_place() -> None:
    """--version is an action of the program and no option of a command."""
    found = Counter(file for file, _ in calls("", "typer.Option", "typer.Argument"))
    assert found == {"cli/declared.py": 2, "cli/main.py": 1}
    assert {Path(file).parent.name for file, _ in calls("", "option")} == {"options"}


def test_no_help_text_stands_twice() -> None:
    def texts(call: ast.Call) -> list[str]:
        given = [*call.args, *(each.value for each in call.keywords if each.arg == "help")]
        helps = [each.value for each in given if isinstance(each, ast.Constant)]
        return [each for each in helps if isinstance(each, str) and each.endswith(".")]

    found = Counter(text for _, call in calls("options", "option") for text in texts(call))
    assert len(found) > 80 and [text for text, times in found.items() if times > 1] == []


@pytest.mark.parametrize("name", [name for name, _ in commands()])
def test_a_command_takes_its_values_as_they_are_declared(name: str) -> None:
    """A parameter has the type of the field it is made from."""
    command: Any = inspect.unwrap(dict(commands())[name].callback)
    declarations = (*command_declarations(command), SharedOptions)
    declared_types = {
        each.name: get_type_hints(declaration)[each.name]
        for declaration in declarations
        for each in fields(declaration)
    }
    for parameter, hint in get_type_hints(command).items():
        if parameter not in ("return", "options", "context"):
            assert hint == declared_types[parameter], parameter


def command_declarations(command: Any) -> list[type]:
    """The declarations named in a command's decorator."""
    tree = ast.parse(Path(inspect.getsourcefile(command) or "").read_text(encoding="utf-8"))
    [node] = [
        each for each in tree.body if isinstance(each, ast.FunctionDef) and each.name == command.__name__
    ]
    [made] = [
        each
        for each in node.decorator_list
        if isinstance(each, ast.Call) and ast.unparse(each.func) == "declared"
    ]
    return [command.__globals__[ast.unparse(each)] for each in made.args]


def test_what_is_not_declared_and_what_is_not_taken_is_refused() -> None:
    def other(run: str, db: Path, speed: int) -> None: ...
    def fewer(db: Path) -> None: ...

    with pytest.raises(TypeError, match="speed"):
        declared(NamedRunOptions)(other)
    with pytest.raises(TypeError, match="run"):
        declared(NamedRunOptions)(fewer)


def test_a_command_gets_checked_values_by_field_and_its_request_what_was_given() -> None:
    from dataclasses import dataclass

    from typer.testing import CliRunner

    @dataclass(frozen=True, kw_only=True)
    class Asked:
        names: tuple[str, ...] = option((), "Names.", key="name", several="repeated", choices=("a", "b"))
        fast: bool | None = option(None, "Quickly.")

    @dataclass(frozen=True, kw_only=True)
    class Shown:
        sizes: tuple[str, ...] = option(("s",), "Sizes.", key="size", several="repeated")
        width: int = option(4, "Columns.", least=2)

    seen: list[Any] = []

    def command(options: Given, sizes: tuple[str, ...], width: int, format: str) -> None:
        seen.append((options, sizes, width, format))

    app = typer.Typer()
    app.command()(declared(Asked, Shown)(command))
    for words in ([], ["--name", "b,a", "--no-fast", "--size", "m,l", "--size", "m", "--width", "9"]):
        assert CliRunner().invoke(app, words).exit_code == 0
    (first, *others), (second, *rest) = seen
    assert first == Given({"fast": None}, frozenset()) and others == [("s",), 4, "table"]
    assert second.given == {"name", "fast"} and second.values == {"name": ["b,a"], "fast": False}
    assert rest == [("m", "l"), 9, "table"]


def test_what_others_own_is_declared_as_they_have_it() -> None:
    """Two lists of names stand in rooms that options can't import."""
    from relcli.options.figure import FIGURES
    from relcli.options.train import TrainOptions
    from relcli.training.recipe import RECIPES, SIZES, TrainConfig

    assert tuple(KINDS) == FIGURES
    training = {each.name: each for each in options_of(TrainOptions)}
    assert set(training["recipe"].choices) == set(RECIPES) and set(training["size"].choices) == set(SIZES)
    for each in fields(TrainConfig):
        if each.name in training:
            assert training[each.name].default == each.default, each.name
