"""`relcli config`: every setting, its value, and where that comes from."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import typer

from relcli.cli.declared import declared, options_of_command
from relcli.cli.output import talk, write_rows
from relcli.options.config import ConfigOptions
from relcli.options.shared import OutputFormat

_HIDDEN = {"help", "version", "install_completion", "show_completion"}


class Setting(NamedTuple):
    """option: as it is typed; source: `default`, or the variable or file the value comes from; variable: the
    environment variable that would set it."""

    command: str
    option: str
    value: Any
    source: str
    variable: str


@declared(ConfigOptions)
def config(
    context: typer.Context,
    command: tuple[str, ...],
    changed: bool,
    db: Path,
    format: OutputFormat,
) -> None:
    """Show each setting, its value, and where it comes from.

    relcli config run

    A flag wins over the environment, that over the settings file, that over the default. The file is TOML;
    relcli doctor says where it is.
    """
    from relcli import paths
    from relcli.errors import UsageError

    wanted = " ".join(command)
    settings = list(all_settings(context))
    known = list(dict.fromkeys(each.command for each in settings))
    if wanted:
        if not any(name == wanted or name.startswith(f"{wanted} ") for name in known):
            from difflib import get_close_matches

            near = get_close_matches(wanted, known, n=1)
            hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(known)}."
            raise UsageError(f"There is no command {wanted!r}; {hint}")
        settings = [each for each in settings if f"{each.command} ".startswith(f"{wanted} ")]
    if changed:
        settings = [each for each in settings if each.source != "default"]
    write_rows(Setting._fields, [_shown(each) for each in settings], format)
    file = paths.config_file()
    talk(f"Settings file: {file}{'' if file.exists() else ' (not there)'}")


def all_settings(context: typer.Context) -> Iterator[Setting]:
    """The settings of every command as the command line would find them: through the same parser, with no
    word typed."""
    from typer.core import TyperGroup

    from relcli import paths

    root = context.find_root()
    file = str(paths.config_file())

    def of(group: TyperGroup, parent: Any, prefix: str) -> Iterator[Setting]:
        for name, command in group.commands.items():
            full = f"{prefix} {name}".strip()
            with _environment_kept():
                # Resilient: nothing is required, nothing runs, no callback complains.
                inner = command.make_context(name, [], parent=parent, resilient_parsing=True)
            if isinstance(command, TyperGroup):
                yield from of(command, inner, full)
                continue
            for param in command.params:
                if param.name is None or param.name in _HIDDEN or param.param_type_name != "option":
                    continue
                source = inner.get_parameter_source(param.name)
                variable = _variable(param, inner)
                places = {"ENVIRONMENT": variable, "DEFAULT_MAP": file}
                where = places.get(source.name if source else "", "default")
                value = _as_typed(command, param.name, inner.params.get(param.name))
                yield Setting(full, param.opts[0], value, where, variable)

    assert isinstance(root.command, TyperGroup)
    yield from of(root.command, root, "")


def _as_typed(command: Any, key: str, value: Any) -> Any:
    """Lists that are typed with commas, and words that stand for nothing, as one would type them."""
    each = next((each for each in options_of_command(command.callback) if each.key == key), None)
    if each is not None and not each.repeats and (isinstance(value, tuple) or value is None):
        return each.text(value) or None
    return value


@contextmanager
def _environment_kept() -> Iterator[None]:
    """--debug of one command goes into the environment, where the next would find it."""
    before = os.environ.get("RELCLI_DEBUG")
    try:
        yield
    finally:
        if before is None:
            os.environ.pop("RELCLI_DEBUG", None)


def _variable(param: Any, context: Any) -> str:
    """The environment variable of an option: its own, or the one made of the command's and its name."""
    if param.envvar:
        return param.envvar if isinstance(param.envvar, str) else param.envvar[0]
    return f"{context.auto_envvar_prefix}_{param.name.upper()}" if context.auto_envvar_prefix else ""


def _shown(setting: Setting) -> tuple[Any, ...]:
    value = setting.value
    if value is not None and not isinstance(value, (bool, int, float, str, list, tuple)):
        value = str(value)
    return (*setting[:2], value, *setting[3:])
