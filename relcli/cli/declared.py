"""Declared options (`relcli/options`) as the options of a command."""

import inspect
from collections.abc import Callable, Collection
from functools import wraps
from typing import Annotated, Any, NamedTuple

import typer

from relcli.inputs import LARGEST_INTEGER
from relcli.options.declaration import Option, options_of

DECLARATION = "relcli_declaration"
"""The attribute of a command that holds its declaration."""
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
        source = context.get_parameter_source(each.key)
        if source is not None and source.name in _FOR_THIS_CALL:
            keys.add(each.key)
        value = context.params[each.key]
        if not each.repeats or value:  # an empty list is what nobody gave
            values[each.key] = value
    return Given(values, frozenset(keys))


def declared(declaration: type) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Give a command the options of a declaration, in place of its parameter `options: Given`."""
    shown = options_of(declaration)
    made = [_parameter(each) for each in shown]

    def decorate(command: Callable[..., None]) -> Callable[..., None]:
        own = list(inspect.signature(command).parameters.values())
        place = [each.name for each in own].index("options")

        @wraps(command)
        def called(context: typer.Context, **values: Any) -> None:
            others = {name: value for name, value in values.items() if name not in {o.key for o in shown}}
            command(**others, options=given(context, declaration))

        context = inspect.Parameter("context", inspect.Parameter.KEYWORD_ONLY, annotation=typer.Context)
        every = [context, *own[:place], *made, *own[place + 1 :]]
        every = [each.replace(kind=inspect.Parameter.KEYWORD_ONLY) for each in every]
        called.__signature__ = inspect.Signature(every)  # type: ignore[attr-defined]
        called.__annotations__ = {each.name: each.annotation for each in every}
        setattr(called, DECLARATION, declaration)
        return called

    return decorate


def _parameter(each: Option) -> inspect.Parameter:
    """What typer reads of a function's parameter; the value is read where the request is made too, so that
    it gets the same sentence whatever it came by."""
    default: Any = inspect.Parameter.empty if each.required else each.default
    annotation: Any = each.base
    details: dict[str, Any] = {"help": each.help, "rich_help_panel": each.panel}
    details["show_default"] = each.empty or (each.base is not bool or len(each.flags) > 1)
    if each.choices:
        details["autocompletion"] = _completion(each.choices, split=each.several == "commas")
    if each.repeats:
        annotation, default = list[str], None if not each.required else default
    else:
        details["parser"] = _parser(each)
        if each.several:
            annotation = str
            default = None if default is None else each.text(default)
        elif default is None and each.none:
            default = each.none
        if each.choices and not each.several:
            details["metavar"] = f"[{'|'.join(each.choices)}]"
        if each.base in (int, float):
            details |= {"min": each.least, "max": None if each.most == LARGEST_INTEGER else each.most}
    flags = ["/".join(each.flags)] if each.base is bool else list(each.flags)
    info: Any = typer.Argument(**details) if each.argument else typer.Option(*flags, **details)
    return inspect.Parameter(
        each.key, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=Annotated[annotation, info]
    )


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
