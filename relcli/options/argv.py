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
    words: list[str] = []
    for each in options_of(declaration):
        usual = (defaults or {}).get(each.name, each.default)
        value = values.get(each.name, usual)
        if each.text(value) != each.text(usual):
            words += _words(each, value)
    return words


def _words(declared: Option, value: Any) -> list[str]:
    if declared.base is bool:
        # A switch without --no-... can't be turned off again; a settings file that turns it on keeps it so.
        return [declared.flags[0]] if value else [flag for flag in declared.flags if flag.startswith("--no-")]
    if declared.several == "repeated":
        return [word for each in value for word in (declared.flag, each)]
    text = declared.text(value)
    if not text:
        return []
    # A value that looks like an option must hang on its own.
    return [f"{declared.flag}={text}"] if text.startswith("-") else [declared.flag, text]
