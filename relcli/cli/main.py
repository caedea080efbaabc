"""The `relcli` command: what it is made of, its settings, and how an error becomes one sentence."""

import errno
import io
import os
import sys
import traceback
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Annotated, Any, NoReturn

import typer
from typer.core import TyperGroup

from relcli import heavy_imports, hints
from relcli.cli import (
    ask,
    audit,
    config,
    cut,
    db,
    diff,
    doctor,
    experiments,
    export,
    figure,
    generate,
    import_,
    looks,
    patch,
    plan,
    probe,
    report,
    run,
    runs,
    sql,
    steer,
    train,
    tui,
    verify,
    worker,
)
from relcli.cli.arguments import check_words
from relcli.config import command_defaults, read_config
from relcli.errors import InterruptedRun, RelcliError
from relcli.visible import visible


class Commands(TyperGroup):
    """The top of the command tree: reads the settings file first, and turns what goes wrong into a sentence
    on standard error and an exit code. Tests that call the app go through here as the command does."""

    def main(self, args: Sequence[str] | None = None, standalone_mode: bool = True, **extra: Any) -> Any:  # type: ignore[override]
        _quiet_environment(self)
        _encode_anything()
        options = _options_by_command(self)
        hints.begin(name for name, names in options.items() if "db" in names)
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


app = typer.Typer(
    name="relcli",
    cls=Commands,
    help="Does a vision-language model look at the right things? Ask it, and see.",
    epilog="Start with relcli run --category recognition_color. Every option can also be set in the "
    "environment (RELCLI_RUN_MODEL for run --model) or in a settings file; relcli doctor says where that is.",
    no_args_is_help=True,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
    context_settings={"auto_envvar_prefix": "RELCLI", "help_option_names": ["-h", "--help"]},
)


def _version(value: bool) -> None:
    if value:
        from relcli.version import VERSION, commit

        known, dirty, _ = (commit() or "").partition("-dirty")
        print(f"relcli {VERSION}" + (f" ({known[:12]}{dirty})" if known else ""))
        raise typer.Exit()


@app.callback()
def _top(
    version: Annotated[
        bool,
        typer.Option(
            "--version", help="Print the version and its commit.", callback=_version, is_eager=True
        ),
    ] = False,
) -> None: ...


# The order and the panels of the help.
app.command("run", rich_help_panel="Ask")(run.run)
app.command("ask", rich_help_panel="Ask")(ask.ask)
app.command("plan", rich_help_panel="Ask")(plan.plan)
app.command("cut", rich_help_panel="Ask")(cut.cut)
app.command("patch", rich_help_panel="Ask")(patch.patch)
app.command("steer", rich_help_panel="Ask")(steer.steer)
app.command("generate", rich_help_panel="Ask")(generate.generate)
app.command("verify", rich_help_panel="Ask")(verify.verify)
app.command("train", rich_help_panel="Ask")(train.train)
app.command("worker", rich_help_panel="Ask")(worker.worker)
app.command("tui", rich_help_panel="Look")(tui.tui)
app.add_typer(runs.app, name="runs", rich_help_panel="Look")
app.add_typer(experiments.app, name="experiments", rich_help_panel="Look")
app.command("sql", rich_help_panel="Look")(sql.sql)
app.command("diff", rich_help_panel="Look")(diff.diff)
app.command("audit", rich_help_panel="Look")(audit.audit)
app.command("looks", rich_help_panel="Look")(looks.looks)
app.command("probe", rich_help_panel="Look")(probe.probe)
app.command("report", rich_help_panel="Look")(report.report)
app.command("figure", rich_help_panel="Look")(figure.figure)
app.add_typer(db.app, name="db", rich_help_panel="Keep")
app.add_typer(import_.app, name="import", rich_help_panel="Keep")
app.add_typer(export.app, name="export", rich_help_panel="Keep")
app.command("config", rich_help_panel="Keep")(config.config)
app.command("doctor", rich_help_panel="Keep")(doctor.doctor)


def main() -> None:
    heavy_imports.own_process()
    app()
