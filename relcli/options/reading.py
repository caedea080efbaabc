"""From declared options to validated requests, with pydantic; every wrong value gets one sentence, whatever
it came by."""

import difflib
import os
import re
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, Self

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError, ValidationInfo, field_validator
from pydantic.dataclasses import dataclass as validated

from relcli.errors import UsageError
from relcli.inputs import half_character
from relcli.options.declaration import Option, keys_of, options_of

__all__ = ["Request", "read_value", "validated"]


@validated(frozen=True, config=ConfigDict(extra="forbid"))
class Request:
    """What every request has beside its options.

    given: the fields that were set for this call. The others have their defaults, or a setting's value.
    """

    given: frozenset[str] = Field(default=frozenset(), kw_only=True)

    @field_validator("*", mode="wrap")
    @classmethod
    def _read(cls, value: Any, validate: Callable[[Any], Any], info: ValidationInfo) -> Any:
        declared = _by_name(cls).get(info.field_name or "")
        return validate(value) if declared is None else _validated(declared, value, validate)

    @classmethod
    def of(cls, values: Mapping[str, Any], given: frozenset[str] | None = None) -> Self:
        """The request of options by their keys (`category`, not `categories`); those that are missing have
        their defaults.

        values: as typed, or as Python values. given: the keys set for this very call; None: all of them.
        Raises TypeError for keys there are none of and for required ones that are missing, UsageError for
        wrong values.
        """
        keys = keys_of(cls)
        for key in values:
            if key not in keys:
                near = difflib.get_close_matches(key, keys, n=1)
                hint = f"; did you mean {near[0]}?" if near else f"; there are {', '.join(keys)}."
                raise TypeError(f"There is no option {key!r}{hint}")
        missing = [each.key for each in options_of(cls) if each.required and each.key not in values]
        if missing:
            raise TypeError(f"{' and '.join(missing)} must be given.")
        named = {keys[key]: value for key, value in values.items()}
        set_now = values if given is None else given
        return cls(**named, given=frozenset(keys[key] for key in set_now if key in keys))


def read_value(declared: Option, value: Any) -> Any:
    """One option's value from how it was typed. Raises UsageError."""
    return _validated(declared, value, _adapter(declared).validate_python)


@cache
def _by_name(cls: type) -> dict[str, Option]:
    return {each.name: each for each in options_of(cls)}


@cache
def _adapter(declared: Option) -> TypeAdapter[Any]:
    base: Any = tuple[declared.base, ...] if declared.several else declared.base
    return TypeAdapter(base | None if declared.optional else base)


def _validated(declared: Option, value: Any, validate: Callable[[Any], Any]) -> Any:
    value = _plain(declared, value)
    if isinstance(value, bool) and declared.base is not bool:
        raise UsageError(_sentence(declared, value))
    _check_choices(declared, value)
    try:
        value = validate(value)
    except ValidationError:
        raise UsageError(_sentence(declared, value)) from None
    if declared.base in (int, float) and value is not None:
        least, most = declared.least, declared.most
        if (least is not None and not value >= least) or (most is not None and not value <= most):
            raise UsageError(f"{declared.flag} must be {_bounds(declared)}, not {value}.")
    if declared.base is str and any("\0" in text or half_character(text) for text in _texts(value)):
        raise UsageError(f"{declared.flag} has a character that can't be stored: {value!r:.60}.")
    if declared.several and declared.choices and value is not None:
        # In one order, whatever was typed.
        known = tuple(name for name in declared.choices if name in value)
        return (*known, *(name for name in value if name not in known))
    return value


def _plain(declared: Option, value: Any) -> Any:
    """A value in the one form that is validated, from the forms it may come in."""
    if declared.several:
        if value is None:
            return None if declared.optional else declared.default
        return _parts(value, {"commas": ",", "repeated": r"[,\s]", "each": ""}[declared.several])
    if declared.none and value == declared.none:
        return None
    if isinstance(value, os.PathLike) and declared.base is str:
        return os.fspath(value)
    if isinstance(value, (int, float)) and not isinstance(value, bool) and declared.base is str:
        return str(value)  # name = 2024 in a settings file
    return value


def _parts(value: Any, between: str) -> tuple[Any, ...]:
    """`raw, masked`, or a list of such, as a tuple, each once. between: the pattern between two values; ""
    takes them as they are."""
    texts = list(value) if isinstance(value, (list, tuple, set, frozenset)) else [value]
    if not between:
        return tuple(texts)
    stripped: list[Any] = []
    for text in texts:
        stripped += [part.strip() for part in re.split(between, text)] if isinstance(text, str) else [text]
    return tuple(part for at, part in enumerate(stripped) if part != "" and part not in stripped[:at])


def _texts(value: Any) -> tuple[str, ...]:
    return value if isinstance(value, tuple) else () if value is None else (value,)


def _check_choices(declared: Option, value: Any) -> None:
    """Raises UsageError for a value that isn't among the choices, and where none of several is named, unless
    that is the default."""
    if not declared.choices or (value is None and declared.optional):
        return
    named = (value or ()) if declared.several else (value,)
    if not named and declared.default:
        raise UsageError(f"No {declared.noun or declared.label} is named; {_takes(declared)}.")
    for name in named:
        if name not in declared.choices and not declared.others:
            raise UsageError(_sentence(declared, name))


def _sentence(declared: Option, value: Any) -> str:
    shown = f"{value!r}" if len(repr(value)) <= 60 else f"{value!r:.57}..."
    if declared.noun:
        near = difflib.get_close_matches(str(value).strip().lower()[:60], declared.choices, n=1)
        hint = f"; did you mean {near[0]!r}?" if near else "."
        return f"There is no {declared.noun} {shown}; {_takes(declared)}{hint}"
    return f"{_takes(declared)}, not {shown}."


def _takes(declared: Option) -> str:
    if declared.choices:
        joined = "separated by commas" if declared.several == "commas" else ""
        what = ", ".join([*declared.choices, *([joined] if joined else [])])
    else:
        what = {int: "a whole number", float: "a number", bool: "true or false"}.get(declared.base, "text")
    return f"{declared.flag} takes {what}{f' or {declared.none}' if declared.none else ''}"


def _bounds(declared: Option) -> str:
    if declared.least is None:
        return f"{declared.most} or less"
    if declared.most is None:
        return f"{declared.least} or more"
    return f"from {declared.least} to {declared.most}"

