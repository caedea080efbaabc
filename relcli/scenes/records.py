"""Reading JSON files that people hand us: every complaint names the file, the item and the field."""

import json
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any, NoReturn

from relcli.errors import RelcliError

_KINDS = {str: "a text", int: "a whole number", bool: "true or false", list: "a list", dict: "an object"}


def load_json(path: Path) -> Any:
    """The file's content. Raises RelcliError if it is missing, unreadable or no JSON."""
    try:
        return json.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        raise RelcliError(f"{path} is missing; copy it there or leave out what refers to it.") from None
    except OSError as error:
        raise RelcliError(f"{path} can't be read: {error.strerror}; check its permissions.") from error
    except UnicodeDecodeError as error:
        raise RelcliError(f"{path} is not in UTF-8 (byte {error.start}); save it as UTF-8.") from error
    except json.JSONDecodeError as error:
        raise RelcliError(
            f"{path} is no valid JSON (line {error.lineno}, column {error.colno}: {error.msg}); "
            "correct it or copy it again."
        ) from error


class Record:
    """One JSON object and where it stands, with getters that check a field's presence and type.

    Every getter raises RelcliError naming file, item and field.
    """

    def __init__(self, data: Any, where: str) -> None:
        self.where = where
        if not isinstance(data, dict):
            raise RelcliError(f"{where}: expected an object, found {_shown(data)}; correct the file.")
        self.data: dict[str, Any] = data

    def fail(self, field: str, problem: str) -> NoReturn:
        """Raise the error of one field."""
        raise RelcliError(f"{self.where}, field {field}: {problem}; correct the file.")

    def has(self, field: str) -> bool:
        """Whether the field is there and not null."""
        return self.data.get(field) is not None

    def text(self, field: str, choices: Collection[str] | None = None) -> str:
        """A text, one of ``choices`` if they are given."""
        value: str = self._get(field, str)
        if choices is not None and value not in choices:
            self.fail(field, f"{value!r} is none of {', '.join(choices)}")
        return value

    def integer(self, field: str) -> int:
        """A whole number; true and false are none."""
        return self._get(field, int)

    def flag(self, field: str) -> bool:
        """True or false."""
        return self._get(field, bool)

    def strings(self, field: str) -> tuple[str, ...]:
        """A list of texts."""
        return tuple(self._list(field, str))

    def integers(self, field: str) -> tuple[int, ...]:
        """A list of whole numbers."""
        return tuple(self._list(field, int))

    def record(self, field: str) -> "Record":
        """An object inside this one."""
        return Record(self._get(field, dict), f"{self.where}, {field}")

    def records(self, field: str, label: str) -> Iterator["Record"]:
        """The objects of a list, each named by ``label`` and its place, from 0."""
        for index, value in enumerate(self._get(field, list)):
            yield Record(value, f"{self.where}, {label} {index}")

    def _get(self, field: str, kind: type) -> Any:
        if field not in self.data:
            self.fail(field, "it is missing")
        value = self.data[field]
        if not _is(value, kind):
            self.fail(field, f"expected {_KINDS[kind]}, found {_shown(value)}")
        return value

    def _list(self, field: str, kind: type) -> list[Any]:
        values: list[Any] = self._get(field, list)
        for value in values:
            if not _is(value, kind):
                self.fail(field, f"expected {_KINDS[kind]} in the list, found {_shown(value)}")
        return values


def _is(value: Any, kind: type) -> bool:
    return isinstance(value, kind) and not (kind is int and isinstance(value, bool))


def _shown(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 40 else f"{text[:37]}..."
