"""The `relcli` command: what it is made of, its settings, and how an error becomes one sentence."""

import errno
import io
import os
import sys
import traceback
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from functools import cache
from typing import Annotated, Any, NoReturn

import typer
from typer.core import TyperGroup
from typer.main import get_group

from relcli import heavy_imports, hints, paths
from relcli.cli.arguments import check_words
from relcli.cli.late_types import LateTypes
from relcli.cli.tree import NAMES, add_commands
from relcli.config import command_defaults, read_config
from relcli.errors import InterruptedRun, RelcliError
from relcli.visible import visible


class Commands(LateTypes, TyperGroup):
    """The top of the command tree: reads the settings file first, and turns what goes wrong into a sentence
    on standard error and an exit code. Tests that call the app go through here as the command does."""

    def main(self, args: Sequence[str] | None = None, standalone_mode: bool = True, **extra: Any) -> Any:  # type: ignore[override]
        _quiet_environment(self)
        _encode_anything()
        options = _options_by_command(self)
        is_whole = len(self.commands) == len(NAMES)
        hints.begin(lambda: _with_database(options if is_whole else _options_by_command(get_group(whole()))))
        try:
            check_words(sys.argv[1:] if args is None else args)
            extra.setdefault("default_map", self._defaults(options))
            code = super().main(args=args, standalone_mode=False, **extra)
            sys.stdout.flush()
        except RelcliError as problem:
            _fail(problem, hints.with_database(problem.message), problem.exit_code)
        except typer.TyperException as problem:
            if not problem.format_message():  # a group without a word showed its help
                sys.exit(problem.exit_code)
            _fail(problem, _usage_sentence(problem), problem.exit_code)
        except typer.Abort as problem:
            _fail(problem, "Stopped.", InterruptedRun.exit_code)
        except BrokenPipeError:
            _leave_quietly()
        except OSError as problem:
            _fail(problem, _os_sentence(problem), 1)
        except MemoryError as problem:
            _fail(problem, "There is not enough memory; try a smaller --batch-size or fewer scenes.", 1)
        except Exception as problem:  # a bug of ours: say so, and how to see more
            kind, text = type(problem).__name__, " ".join(str(problem).split())
            _fail(problem, f"relcli failed unexpectedly ({kind}: {text}); --debug shows where.", 1)
        # Without standalone mode an exit (--version, --help, Ctrl-C) comes back as its code.
        sys.exit(code if isinstance(code, int) else 0)

    def invoke(self, ctx: typer.Context) -> Any:
        # typer would end with 1, as if something had failed.
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            _leave_quietly()

    def _defaults(self, options: Mapping[str, Sequence[str]]) -> dict[str, Any]:
        """The settings file as the nested defaults typer looks options up in."""
        config = read_config()
        if not config:
            return {}
        nested: dict[str, Any] = {}
        for name, values in command_defaults(config, options).items():
            table = nested
            for part in name.split():
                table = table.setdefault(part, {})
            lists = _repeated(self, name)
            for key, value in values.items():
                table[key] = [value] if key in lists and isinstance(value, str) else value
        return nested


def _with_database(options: Mapping[str, Sequence[str]]) -> list[str]:
    """The commands that take --db."""
    return [name for name, names in options.items() if "db" in names]


def _quiet_environment(group: TyperGroup) -> None:
    """Help names the variables every command shares; RELCLI_RUN_MODEL and its kin follow from the epilog."""
    for command in group.commands.values():
        if isinstance(command, TyperGroup):
            _quiet_environment(command)
        for param in (*command.params, *group.params):
            if not param.envvar and hasattr(param, "show_envvar"):
                param.show_envvar = False  # type: ignore[attr-defined]


def _options_by_command(group: TyperGroup, prefix: str = "") -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, command in group.commands.items():
        full = f"{prefix} {name}".strip()
        if isinstance(command, TyperGroup):
            found |= _options_by_command(command, full)
        else:
            found[full] = [p.name for p in command.params if p.name and p.param_type_name == "option"]
    return found


def _repeated(group: TyperGroup, name: str) -> set[str]:
    """The options of a command that may be given again; in the settings file one text will do."""
    command: Any = group
    for part in name.split():
        command = command.commands[part]
    return {param.name for param in command.params if getattr(param, "multiple", False)}


def _usage_sentence(problem: typer.TyperException) -> str:
    context = getattr(problem, "ctx", None)
    hint = f" See {context.command_path} --help." if context is not None else ""
    sentence = problem.format_message().rstrip(".")
    return sentence + ("" if sentence.endswith("?") else ".") + hint


def _os_sentence(problem: OSError) -> str:
    where = f": {problem.filename}" if problem.filename else ""
    if problem.errno == errno.ENOSPC:
        return f"The disk is full{where}; make room and try again (a run continues with --resume)."
    if problem.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return f"Nothing can be written or read there{where} ({problem.strerror}); choose another place."
    return f"{problem.strerror or problem}{where}."


_CLOSED_PIPE = 128 + 13  # what a shell reports of a program that SIGPIPE ended


def _encode_anything() -> None:
    """What a terminal or pipe of another encoding than UTF-8 can't carry is written as an escape."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper) and stream.errors in ("strict", "surrogateescape"):
            stream.reconfigure(errors="backslashreplace")


def _leave_quietly() -> NoReturn:
    """Whoever read the output has had enough of it, as `| head` does."""
    with suppress(OSError, ValueError):
        # Else Python complains once more when it flushes standard output at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    sys.exit(_CLOSED_PIPE)


def _fail(problem: BaseException, sentence: str, code: int) -> NoReturn:
    if os.environ.get("RELCLI_DEBUG", "0") not in ("", "0"):
        sys.stderr.write(visible("".join(traceback.format_exception(problem)), keep="\n"))
    sys.stderr.write(visible(f"relcli: {sentence}", keep="\n") + "\n")
    sys.exit(code)


def _version(value: bool) -> None:
    if value:
        from relcli.version import VERSION, commit

        known, dirty, _ = (commit() or "").partition("-dirty")
        print(f"relcli {VERSION}" + (f" ({known[:12]}{dirty})" if known else ""))
        raise typer.Exit()


def _top(
    version: Annotated[
        bool,
        typer.Option(
            "--version", help="Print the version and its commit.", callback=_version, is_eager=True
        ),
    ] = False,
) -> None: ...


def tree(names: Iterable[str] = NAMES) -> typer.Typer:
    """The command line with these commands, which are names in `relcli.cli.tree.NAMES`."""
    made = typer.Typer(
        name="relcli",
        cls=Commands,
        help="Does a vision-language model look at the right things? Ask it, and see.",
        epilog="Start with relcli run --category recognition_color. Every option can also be set in the "
        "environment (RELCLI_RUN_MODEL for run --model) or in a settings file; relcli doctor says where that "
        "is.",
        no_args_is_help=True,
        rich_markup_mode="markdown",
        pretty_exceptions_enable=False,
        context_settings={"auto_envvar_prefix": "RELCLI", "help_option_names": ["-h", "--help"]},
    )
    made.callback()(_top)
    add_commands(made, names)
    return made


@cache
def whole() -> typer.Typer:
    """The command line with all commands."""
    return tree()


app: typer.Typer  # `whole()`, made when somebody asks for it


def __getattr__(name: str) -> Any:
    if name == "app":
        return whole()
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def main() -> None:
    heavy_imports.own_process()
    _asked(sys.argv[1:])()


def _asked(words: Sequence[str]) -> typer.Typer:
    """The command line as far as it takes to understand these words: their command alone, unless it lists
    the others, a settings file speaks of them or a shell asks what there is."""
    first = words[0] if words else ""
    others = first == "config" or paths.config_file().exists() or "_RELCLI_COMPLETE" in os.environ
    return tree([first]) if first in NAMES and not others else whole()
