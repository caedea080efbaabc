"""Declared options (`relcli/options`) as the options of a command."""

import inspect
import os
from collections.abc import Callable, Collection
from functools import wraps
from pathlib import Path
from typing import Annotated, Any, NamedTuple

import typer

from relcli import hints, paths
from relcli.inputs import LARGEST_INTEGER
from relcli.options.declaration import Option, options_of
from relcli.options.shared import SharedOptions

REQUEST = "relcli_request"
"""The attribute of a command that holds the declaration its request is made from."""
_OPTIONS = "relcli_options"
_FOR_THIS_CALL = ("COMMANDLINE", "ENVIRONMENT")


class Given(NamedTuple):
    """What a command was called with: its options' values by key, and the keys that were set for this very
    call, by flag or environment. Those of the settings file and the defaults are not among the latter."""

    values: dict[str, Any]
    given: frozenset[str]


def given(context: typer.Context, declaration: type) -> Given:
    """What a command of this declaration was called with."""
    values, keys = {}, set()
    for each in options_of(declaration):
        if _set_for_this_call(context, each.key):
            keys.add(each.key)
        value = context.params[each.key]
        if not each.repeats or value:  # an empty list is what nobody gave
            values[each.key] = value
    return Given(values, frozenset(keys))


def declared(*declarations: type) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Give a command the options of declarations.

    A parameter `options: Given` of the command stands for all options of the first declaration, which its
    request is made from. Each other parameter is one option of the other declarations, or of those that
    commands share, by its field's name, and gets its checked value; `context` is typer's. `--debug` comes
    with every command.

    Raises TypeError for a parameter that isn't declared and for an option that the command does not take.
    """

    def decorate(command: Callable[..., None]) -> Callable[..., None]:
        own = [name for name in inspect.signature(command).parameters if name != "context"]
        request, others = (declarations[0], declarations[1:]) if "options" in own else (None, declarations)
        shared = {each.name: each for each in options_of(SharedOptions)}
        mine = {each.name: each for declaration in others for each in options_of(declaration)}
        if unknown := set(own) - {"options", *mine, *shared} | (set(mine) - set(own)):
            raise TypeError(f"{command.__name__}: {', '.join(sorted(unknown))} declared or taken, not both")
        single = {name: (mine | shared)[name] for name in own if name != "options"}
        whole = options_of(request) if request else ()
        shown = [each for name in own for each in (whole if name == "options" else (single[name],))]
        shown.append(shared["debug"])

        @wraps(command)
        def called(context: typer.Context, **values: Any) -> None:
            taken: dict[str, Any] = {name: _value(each, values[each.key]) for name, each in single.items()}
            if request:
                taken["options"] = given(context, request)
            if "context" in inspect.signature(command).parameters:
                taken["context"] = context
            command(**taken)

        context = inspect.Parameter("context", inspect.Parameter.KEYWORD_ONLY, annotation=typer.Context)
        every = [context, *(_parameter(each) for each in shown)]
        called.__signature__ = inspect.Signature(every)  # type: ignore[attr-defined]
        called.__annotations__ = {each.name: each.annotation for each in every}
        setattr(called, REQUEST, request)
        setattr(called, _OPTIONS, tuple(shown))
        return called

    return decorate


def options_of_command(callback: Any) -> tuple[Option, ...]:
    """The options a declared command has, in the order of its help; none of another function."""
    return getattr(callback, _OPTIONS, ())


def _value(each: Option, value: Any) -> Any:
    """An option's value for its command. Typer has read it already, but for lists."""
    if not each.repeats:
        return value
    return _parser(each)(value) if value else each.default


def _parameter(each: Option) -> inspect.Parameter:
    """What typer reads of a function's parameter; the value is read where the request is made too, so that
    it gets the same sentence whatever it came by."""
    default: Any = inspect.Parameter.empty if each.required else each.default
    annotation: Any = each.base
    details: dict[str, Any] = {"help": each.help, "rich_help_panel": each.panel, "hidden": each.hidden}
    off = [flag for flag in each.flags if flag.startswith("--no-")]
    details["show_default"] = each.empty or each.base is not bool or bool(off)
    details |= {"metavar": _metavar(each), "envvar": each.variable or None}
    if each.choices:
        details["autocompletion"] = _completion(each.choices, split=each.several == "commas")
    if each.repeats:
        annotation, default = list[str], None if not each.required else default
    elif each.base is not Path:  # typer reads these as they are
        details["parser"] = _parser(each)
        if each.several:
            annotation = str
            default = None if default is None else each.text(default)
        elif default is None and each.none:
            default = each.none
        if each.base in (int, float):
            details |= {"min": each.least, "max": None if each.most == LARGEST_INTEGER else each.most}
    if each in options_of(SharedOptions):
        details["callback"] = _CALLBACKS.get(each.name)
    on = [flag for flag in each.flags if flag not in off]
    flags = ["/".join([on[0], *off]), *on[1:]] if each.base is bool else on
    info: Any = typer.Argument(**details) if each.argument else typer.Option(*flags, **details)
    return inspect.Parameter(
        each.key, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=Annotated[annotation, info]
    )


def _metavar(each: Option) -> str | None:
    """What stands for the value in the help; None leaves it to typer."""
    if each.metavar or each.argument:
        return each.metavar or each.flag
    if each.choices and not each.several and not each.others:
        return f"<{'|'.join(each.choices)}>"
    return None


def _parser(each: Option) -> Callable[[Any], Any]:
    def value(typed: Any) -> Any:
        from relcli.options.reading import read_value

        return read_value(each, typed)

    return value


def _completion(choices: Collection[str], split: bool) -> Callable[[str], list[str]]:
    def names(incomplete: str) -> list[str]:
        before, comma, last = incomplete.rpartition(",") if split else ("", "", incomplete)
        return [f"{before}{comma}{name}" for name in choices if name.startswith(last)]

    return names


def _set_for_this_call(context: typer.Context, key: str) -> bool:
    source = context.get_parameter_source(key)
    return source is not None and source.name in _FOR_THIS_CALL


def _check_database(context: typer.Context, param: typer.CallbackParam, value: Path) -> Path:
    """Refuse what can't be a warehouse, whatever command gets it; hints carry the path if it was named for
    this call."""
    if not context.resilient_parsing:
        paths.check_database(value)
        if _set_for_this_call(context, param.name or ""):
            hints.name_database(value)
    return value


def _remember_debug(value: bool) -> bool:
    # The handler in main.py has no access to a command's parameters; the environment reaches child processes
    # too.
    if value:
        os.environ["RELCLI_DEBUG"] = "1"
    return value


_CALLBACKS: dict[str, Callable[..., Any]] = {"db": _check_database, "debug": _remember_debug}
