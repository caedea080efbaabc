"""What may go wrong between here and a server: what passes, what doesn't, and in which words."""

import json
import math
import time
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime

from relcli.errors import RelcliError
from relcli.models.remote.address import without_credentials

_PASSES = (408, 409, 425, 429)


@dataclass(slots=True)
class Passing(Exception):
    """Worth another try. `wait_s`: how long the server asks to wait, None if it does not say."""

    reason: str
    wait_s: float | None = None


@dataclass(slots=True)
class Refusal(Exception):
    """The same request would be refused again. `said`: the server's own words."""

    status: int
    said: str


def fault_of_status(status: int, headers: Mapping[str, str], body: bytes, key: str) -> Exception:
    """Passing or Refusal, or the RelcliError where no other form of the question could help."""
    said, code = _said(body, key)
    if code == "insufficient_quota":  # comes with 429, and no waiting helps
        return Refusal(402, said)
    if status in _PASSES or (status >= 500 and status != 501):
        return Passing(f"status {status}{_quoted(said)}", retry_after(headers))
    if 300 <= status < 400:
        return Refusal(status, without_credentials(headers.get("location", "").split("?")[0])[:200])
    return Refusal(status, said)


def sentence(refusal: Refusal, shown: str, model: str, has_key: bool) -> RelcliError:
    """A refusal in words for a person. shown: the server's address without credentials."""
    status, said = refusal.status, _quoted(refusal.said)
    if 300 <= status < 400:
        place = refusal.said or "another address"
        return RelcliError(
            f"The server at {shown} redirects to {place}, where no picture is sent: give --endpoint its real "
            "address."
        )
    if status == 401:
        advice = "check the key in OPENAI_API_KEY" if has_key else "set OPENAI_API_KEY"
        return RelcliError(f"The server at {shown} does not let us in (status 401{said}): {advice}.")
    if status == 402:
        return RelcliError(f"The account at {shown} has no quota left{said}: raise it, then add --resume.")
    if status == 403:
        return RelcliError(
            f"The server at {shown} forbids this (status 403{said}): check what the key in OPENAI_API_KEY "
            f"may do, and that it may use {model}."
        )
    if status in (404, 405, 501):
        return RelcliError(
            f"The server at {shown} has no chat completions for {model!r} (status {status}{said}): check "
            "--model, and that --endpoint ends where its API begins, such as http://localhost:8000/v1."
        )
    if status == 413:
        return RelcliError(f"A picture is too large for the server at {shown} (status 413{said}).")
    return RelcliError(
        f"The server at {shown} refused a question (status {status}{said}): check that {model} takes "
        "pictures and temperature 0, and that its context is long enough."
    )


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds from a Retry-After header, which holds a number or a date; None if it holds neither."""
    text = headers.get("retry-after", "").strip()
    try:
        seconds = float(text)
    except ValueError:
        try:
            seconds = parsedate_to_datetime(text).timestamp() - time.time()
        except (ValueError, TypeError, OverflowError):
            return None
    return max(0.0, seconds) if math.isfinite(seconds) else None


def redacted(text: str, key: str) -> str:
    """Servers quote a wrong key; a sentence that is printed and stored must not."""
    return text.replace(key, "[key]") if key else text


def _said(body: bytes, key: str) -> tuple[str, str]:
    """The message and the code of an error's body, in OpenAI's form or another."""
    text, code = body[:4000].decode(errors="replace"), ""
    try:
        found = json.loads(body)
        error = found.get("error", found)
        if isinstance(error, dict):
            code = str(error.get("code") or error.get("type") or "")
            text = str(error.get("message") or error.get("detail") or "")
        elif isinstance(error, str):
            text = error
    except (ValueError, AttributeError, RecursionError):
        if "<html" in text.lower():
            text = "a web page"
    return redacted(" ".join(text.split()), key)[:300], code


def _quoted(said: str) -> str:
    return f": {said.rstrip('.')}" if said else ""
