"""How an option is declared, and what can be asked of a declaration. Imports no library."""

import inspect
import types
from collections.abc import Mapping
from dataclasses import MISSING, Field, dataclass, field, fields
from functools import cache
from pathlib import Path
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from relcli.inputs import LARGEST_INTEGER

MODEL, DATA, HOW, CUT = "Which model", "Which pictures and questions", "How", "What is cut"
Several = Literal["commas", "repeated", "each"]


@dataclass(frozen=True, slots=True)
class Option:
    """One option of a request.

    name: the request's field. key: the name on the command line, in the settings file and in Python.
    flags: as typed, with the short form; of a switch that can be turned off also `--no-...`. Of an argument
        its name in the help.
    base: str, int, float, bool or Path. optional: whether None is a value.
    several: how a tuple is typed: joined by commas; by repeating the option, commas taken as well; or by
        repeating it only, so that a value may have a comma. None for one value.
    default: MISSING where it is required. empty: what applies where the value is None, in words.
    none: the word that stands for None.
    choices: all values there are; with `others` only those that are known beforehand. noun: what one of them
        is called in an error.
    least, most: the bounds of a number, both included.
    argument: typed without a flag.
    metavar: what stands for the value in the help, where the name of its type says too little.
    variable: the environment variable that sets it for all commands; "" leaves the one that is made of the
        command's name and its own.
    hidden: left out of the help.
    column: the column of `run` that holds the value where it shapes the answers; "" where it doesn't.
    form: `main` or `more`, the part of the terminal application's form; "" keeps it out of forms.
    label: its short name in forms.
    """

    name: str
    key: str
    flags: tuple[str, ...]
    base: type
    optional: bool
    several: Several | None
    default: Any
    help: str
    panel: str | None = None
    empty: str = ""
    none: str = ""
    choices: tuple[str, ...] = ()
    others: bool = False
    noun: str = ""
    least: float | None = None
    most: float | None = None
    argument: bool = False
    metavar: str = ""
    variable: str = ""
    hidden: bool = False
    column: str = ""
    form: str = ""
    label: str = ""

    @property
    def flag(self) -> str:
        """As it is typed and named in sentences: `--max-samples`."""
        return self.flags[0]

    @property
    def required(self) -> bool:
        return self.default is MISSING

    @property
    def repeats(self) -> bool:
        """Whether several values are typed by repeating the option."""
        return self.several in ("repeated", "each")

    @property
    def shapes_answers(self) -> bool:
        return bool(self.column)

    def text(self, value: Any) -> str:
        """A value as one would type it; "" for None without a word of its own."""
        if value is None:
            return self.none
        return ",".join(map(str, value)) if isinstance(value, (tuple, list)) else str(value)


def option(
    default: Any = MISSING,
    help: str = "",
    *,
    key: str = "",
    flags: tuple[str, ...] = (),
    several: Several = "commas",
    panel: str | None = None,
    empty: str = "",
    none: str = "",
    choices: tuple[str, ...] = (),
    others: bool = False,
    noun: str = "",
    least: float | None = None,
    most: float | None = None,
    argument: bool = False,
    metavar: str = "",
    variable: str = "",
    hidden: bool = False,
    column: str = "",
    form: str = "",
    label: str = "",
) -> Any:
    """A field of a declaration; its type is the field's annotation, the rest stands in `Option`.

    Numbers have the bounds `least` and `most`; of whole numbers most is LARGEST_INTEGER where it isn't given.
    `choices` are taken from a Literal annotation.
    """
    details: dict[str, Any] = {
        **{"key": key, "flags": flags, "several": several, "help": help, "panel": panel, "empty": empty},
        **{"none": none, "choices": choices, "noun": noun, "least": least, "most": most, "column": column},
        **{"form": form, "label": label, "others": others, "argument": argument},
        **{"metavar": metavar, "variable": variable, "hidden": hidden},
    }
    # What pydantic reads of a dataclass's field, under its own names.
    metadata = {"option": details, "description": help}
    return field(default=default, metadata=metadata)


@cache
def options_of(declaration: type) -> tuple[Option, ...]:
    """The options of a declaration, or of a request made from it, in the order of declaration.

    Required ones stand first, then those of the class itself, then those of the classes it shares.
    """
    hints = get_type_hints(declaration)
    declared = [each for each in fields(declaration) if "option" in each.metadata]
    made = {each.name: _option(each, hints[each.name]) for each in declared}
    return tuple(made[name] for name in _order(declaration) if name in made)


def keys_of(declaration: type) -> Mapping[str, str]:
    """Each option's key with its field: `{"category": "categories", "model": "model"}`."""
    return {each.key: each.name for each in options_of(declaration)}


def _order(declaration: type) -> list[str]:
    """Fields class by class, the declaration's own first, and before all of them what is required."""
    names = [name for base in declaration.__mro__ for name in inspect.get_annotations(base)]
    required = {each.name for each in fields(declaration) if each.default is MISSING}
    return sorted(dict.fromkeys(names), key=lambda name: name not in required)


def _option(declared: Field[Any], annotation: Any) -> Option:
    details = dict(declared.metadata["option"])
    optional = get_origin(annotation) in (Union, types.UnionType) and type(None) in get_args(annotation)
    if optional:
        [annotation] = [each for each in get_args(annotation) if each is not type(None)]
    several = details.pop("several")
    several = several if get_origin(annotation) is tuple else None
    base, choices = annotation, details.pop("choices")
    if several:
        base = get_args(annotation)[0]
    if get_origin(base) is Literal:
        base, choices = str, get_args(base)
    key = details.pop("key") or declared.name
    flags = details.pop("flags") or (f"--{key.replace('_', '-')}",)
    if details["argument"]:
        flags = (details["metavar"] or key.upper(),)
    if base is bool and (declared.default is True or optional):
        flags = (*flags, f"--no-{flags[0].removeprefix('--')}")
    if base is int and details["most"] is None:
        details["most"] = LARGEST_INTEGER
    label = details.pop("label") or key.replace("_", " ")
    assert base in (str, int, float, bool, Path), f"{declared.name}: {annotation} is no option's type"
    return Option(
        **details,
        name=declared.name,
        key=key,
        flags=flags,
        base=base,
        optional=optional,
        several=several,
        default=declared.default,
        choices=tuple(choices),
        label=label,
    )
