"""The events of a job, one type each: `jsonl` writes them, and who follows a job reads them back.

On a line each is a JSON object: `event` (its name), `time` (seconds since 1970) and its fields. A reader
leaves out fields and events that it doesn't know.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any, ClassVar


@dataclass(frozen=True, slots=True)
class PhaseStarted:
    """total: None where it is unknown."""

    NAME: ClassVar = "start"
    total: int | None = None
    unit: str = ""
    message: str = ""


@dataclass(frozen=True, slots=True)
class Advanced:
    """rate: units a second over the last half minute; eta_s: seconds left. None where not known."""

    NAME: ClassVar = "advance"
    done: int = 0
    total: int | None = None
    unit: str = ""
    rate: float | None = None
    eta_s: float | None = None


@dataclass(frozen=True, slots=True)
class RunStarted:
    """The run has a row in the warehouse."""

    NAME: ClassVar = "run"
    run: str = ""


@dataclass(frozen=True, slots=True)
class Note:
    """A sentence."""

    NAME: ClassVar = "note"
    message: str = ""


@dataclass(frozen=True, slots=True)
class Metric:
    """Figures by name; on a line they stand beside `event`."""

    NAME: ClassVar = "metric"
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Failed:
    """The sentence of the error, and the exit code the process will have."""

    NAME: ClassVar = "error"
    message: str = ""
    exit_code: int = 1


@dataclass(frozen=True, slots=True)
class Finished:
    """What the job made, by name; on a line it stands beside `event`."""

    NAME: ClassVar = "finish"
    values: Mapping[str, Any] = field(default_factory=dict)


Event = PhaseStarted | Advanced | RunStarted | Note | Metric | Failed | Finished
_BY_NAME: dict[str, type[Event]] = {
    kind.NAME: kind for kind in (PhaseStarted, Advanced, RunStarted, Note, Metric, Failed, Finished)
}
_OPEN = (Metric, Finished)  # their fields are the writer's


def to_record(event: Event, time: float) -> dict[str, Any]:
    """The JSON object of an event; `time` in seconds since 1970."""
    values = event.values if isinstance(event, _OPEN) else asdict(event)
    return {"event": event.NAME, "time": round(time, 3), **values}


def from_record(record: Any) -> Event | None:
    """The event of a JSON value; None for anything else. Missing fields, and those of another type than they
    should have, take their defaults: reading continues whatever a child process writes."""
    kind = _BY_NAME.get(str(record.get("event"))) if isinstance(record, Mapping) else None
    if kind is None:
        return None
    given = {str(name): value for name, value in record.items() if name not in ("event", "time")}
    if kind in _OPEN:
        return kind(given)  # type: ignore[call-arg]
    plain = kind()
    return kind(**{name: value for name, value in given.items() if _fits(plain, name, value)})


def _fits(plain: Event, name: str, value: Any) -> bool:
    """Whether a field may have this value; `plain` has the defaults, None standing for a number or none."""
    default = getattr(plain, name, value)
    if name not in {each.name for each in fields(plain)}:
        return False
    if default is None or isinstance(default, int):
        return isinstance(value, int | float) or value is default
    return isinstance(value, type(default))
