"""The words of a command that a request stands for, as a person would type them."""

from collections.abc import Mapping
from typing import Any

from relcli.options.declaration import Option, options_of


def argv(
    declaration: type, values: Mapping[str, Any], defaults: Mapping[str, Any] | None = None
) -> list[str]:
    """The options that differ from what the command does without them.

    Args:
        declaration: a declaration, or a request made from one.
        values: by field name; validated, or as text that somebody is typing. What is missing has its default.
        defaults: by field name, what settings make of the declared defaults.
    """
    differing = changed(declaration, values, defaults)
    words = [word for each in differing if not each.argument for word in _words(each, values[each.name])]
    arguments = [each.text(values[each.name]) for each in differing if each.argument]
    return [*words, *(["--"] if any(text.startswith("-") for text in arguments) else []), *arguments]


def changed(
    declaration: type, values: Mapping[str, Any], defaults: Mapping[str, Any] | None = None
) -> list[Option]:
    """The options whose values differ from their defaults; arguments as in `argv`."""
    usual = {each.name: (defaults or {}).get(each.name, each.default) for each in options_of(declaration)}
    return [
        each
        for each in options_of(declaration)
        if each.name in values and each.text(values[each.name]) != each.text(usual[each.name])
    ]


def _words(declared: Option, value: Any) -> list[str]:
    if declared.base is bool:
        # A switch without --no-... can't be turned off again; a settings file that turns it on keeps it so.
        return [declared.flags[0]] if value else [flag for flag in declared.flags if flag.startswith("--no-")]
    texts = [str(each) for each in value] if declared.repeats else [declared.text(value)]
    return [word for text in texts if text for word in _with_flag(declared.flag, text)]


def _with_flag(flag: str, text: str) -> list[str]:
    """A value that looks like an option is typed in one word with its own."""
    return [f"{flag}={text}"] if text.startswith("-") else [flag, text]
