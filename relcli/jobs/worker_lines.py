"""The lines of `relcli worker`: its messages as JSON, one object a line.

pydantic checks what comes in and is imported with the first line.
"""

import base64
import binascii
import json
from dataclasses import asdict, fields
from functools import cache
from typing import Annotated, Any, get_args

from relcli.errors import RelcliError, UsageError
from relcli.inputs import parse_json
from relcli.jobs.worker_protocol import Reply, Request


def to_line(message: Request | Reply) -> bytes:
    """One line with its end. NaN is no JSON: raises ValueError."""
    return json.dumps(asdict(message), allow_nan=False, separators=(",", ":")).encode() + b"\n"


def read_request(line: bytes) -> Request:
    """Raises UsageError with a sentence about what is wrong with the line."""
    return _read(line, Request, "op")


def read_reply(line: bytes) -> Reply:
    """Raises UsageError as `read_request`."""
    return _read(line, Reply, "reply")


def id_of(line: bytes) -> int | None:
    """The id of a line that can't be read otherwise, where it has one."""
    try:
        found = _parsed(line).get("id")
    except UsageError:
        return None
    return found if isinstance(found, int) and not isinstance(found, bool) else None


def picture_bytes(image: str) -> bytes:
    """The bytes of a picture file sent in base64. Raises UsageError."""
    try:
        return base64.b64decode(image, validate=True)
    except (binascii.Error, ValueError):
        raise UsageError(
            "The field image is not base64: send the bytes of a PNG or JPEG file in it."
        ) from None


def _parsed(line: bytes) -> dict[str, Any]:
    try:
        found = parse_json(line.decode("utf-8"), "The line")
    except UnicodeDecodeError:
        raise UsageError("The line is not UTF-8: send one JSON object a line.") from None
    except RelcliError as problem:
        raise UsageError(problem.message) from None
    if not isinstance(found, dict):
        raise UsageError("The line is no JSON object: send one object a line, with op and id.")
    return found


def _read(line: bytes, union: Any, tag: str) -> Any:
    from pydantic import ValidationError

    found = _parsed(line)
    names = _names(union, tag)
    if found.get(tag) not in names:
        said = f"There is no {tag} {found[tag]!r}" if tag in found else f"The field {tag} is missing"
        raise UsageError(f"{said[:120]}: send one of {', '.join(names)}.")
    try:
        return _adapter(union, tag).validate_json(line)
    except ValidationError as problem:
        first = problem.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"][1:]) or "line"
        raise UsageError(
            f"The field {where} of {found[tag]} can't be taken ({first['msg']}): see docs/worker.md."
        ) from None


def _names(union: Any, tag: str) -> list[str]:
    return [str(next(each.default for each in fields(kind) if each.name == tag)) for kind in get_args(union)]


@cache
def _adapter(union: Any, tag: str) -> Any:
    from pydantic import Field, TypeAdapter

    return TypeAdapter(Annotated[union, Field(discriminator=tag)])  # type: ignore[arg-type, valid-type]
