"""Reading JSON files that people hand us: every complaint names the file, the item and the field."""

from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any, NoReturn

from relcli.errors import RelcliError
from relcli.inputs import LARGEST_INTEGER, MOST_JSON, read_json, shown

_KINDS = {str: "a text", int: "a whole number", bool: "true or false", list: "a list", dict: "an object"}


def load_json(path: Path, *, most: int = MOST_JSON) -> Any:
    """The content of a file of at most `most` bytes. Raises RelcliError if it is missing, unreadable, too
    large or no JSON."""
    try:
        return read_json(path, most=most)
    except FileNotFoundError:
        raise RelcliError(f"{path} is missing; copy it there or leave out what refers to it.") from None
    except OSError as error:
        raise RelcliError(f"{path} can't be read: {error.strerror}; check the file.") from error


class Record:
    """One JSON object and where it stands, with getters that check a field's presence and type.

    Every getter raises RelcliError naming file, item and field.
    """

    def __init__(self, data: Any, where: str) -> None:
        self.where = where
        if not isinstance(data, dict):
            raise RelcliError(f"{where}: expected an object, found {shown(data)}; correct the file.")
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
            self.fail(field, f"{brief(value)} is none of {', '.join(choices)}")
        return value

    def integer(self, field: str, most: int = LARGEST_INTEGER) -> int:
        """A whole number of at most `most`, below zero too; true and false are none."""
        value: int = self._get(field, int)
        self._check_size(field, value, most)
        return value

    def flag(self, field: str) -> bool:
        """True or false."""
        return self._get(field, bool)

    def strings(self, field: str) -> tuple[str, ...]:
        """A list of texts."""
        return tuple(self._list(field, str))

    def integers(self, field: str) -> tuple[int, ...]:
        """A list of whole numbers of 32 bits."""
        values = self._list(field, int)
        for value in values:
            self._check_size(field, value, LARGEST_INTEGER)
        return tuple(values)

    def record(self, field: str) -> "Record":
        """An object inside this one."""
        return Record(self._get(field, dict), f"{self.where}, {field}")

    def records(self, field: str, label: str) -> Iterator["Record"]:
        """The objects of a list, each named by ``label`` and its place, from 0."""
        for index, value in enumerate(self._get(field, list)):
            yield Record(value, f"{self.where}, {label} {index}")

    def _check_size(self, field: str, value: int, most: int) -> None:
        if not -most <= value <= most:
            self.fail(field, f"the number {shown(value)} is beyond {most}, the highest there can be")

    def _get(self, field: str, kind: type) -> Any:
        if field not in self.data:
            self.fail(field, "it is missing")
        value = self.data[field]
        if not _is(value, kind):
            self.fail(field, f"expected {_KINDS[kind]}, found {shown(value)}")
        return value

    def _list(self, field: str, kind: type) -> list[Any]:
        values: list[Any] = self._get(field, list)
        for value in values:
            if not _is(value, kind):
                self.fail(field, f"expected {_KINDS[kind]} in the list, found {shown(value)}")
        return values


def _is(value: Any, kind: type) -> bool:
    return isinstance(value, kind) and not (kind is int and isinstance(value, bool))


def brief(text: str) -> str:
    """A text in quotes, cut where it is too long for a sentence."""
    return repr(text if len(text) <= 60 else f"{text[:57]}...")
