"""The address of a server, as typed and as it may be shown and stored."""

import re
from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import SplitResult, urlsplit, urlunsplit

from relcli.errors import UsageError

_COMPLETIONS = "/chat/completions"


@dataclass(frozen=True, slots=True)
class Address:
    """`url` is where requests go, `shown` the same without user name and password."""

    url: str
    shown: str

    @property
    def is_loopback(self) -> bool:
        """The server is this machine."""
        return _is_loopback(urlsplit(self.url).hostname or "")

    @property
    def is_plain(self) -> bool:
        """A key would cross a network unencrypted."""
        return urlsplit(self.url).scheme == "http" and not self.is_loopback


def parse_address(text: str) -> Address:
    """The base of the API from what someone typed: `http://host:8000` is `http://host:8000/v1`.

    Raises UsageError for what is not a web address, and for one with a query, which may hold a key.
    """
    try:
        parts = urlsplit(text.strip())
        port = parts.port
    except ValueError:  # whose words may hold a piece of a password
        raise _no_address(text) from None
    # An @ further back: the end of a password with a slash in it, most likely.
    odd = re.search(r"\s", parts.netloc) or "@" in parts.path + parts.query + parts.fragment
    if parts.scheme not in ("http", "https") or not parts.hostname or odd:
        raise _no_address(text)
    if parts.query or parts.fragment:
        bare = urlunsplit((*_without_credentials(parts, port)[:3], "", ""))
        raise UsageError(
            f"--endpoint {bare} continues with ? or #; omit that, and give a key in OPENAI_API_KEY."
        )
    path = parts.path.rstrip("/").removesuffix(_COMPLETIONS).rstrip("/") or "/v1"
    parts = parts._replace(path=path)
    return Address(urlunsplit(parts), urlunsplit(_without_credentials(parts, port)))


def without_credentials(word: str) -> str:
    """A word of a command line with user name and password taken out of any web address in it."""
    return re.sub(r"(?i)(\bhttps?://).*@", r"\1", word)


def _without_credentials(parts: SplitResult, port: int | None) -> SplitResult:
    host = parts.hostname or ""
    host = f"[{host}]" if ":" in host else host
    return parts._replace(netloc=host if port is None else f"{host}:{port}")


def _no_address(text: str) -> UsageError:
    # Nothing before the last @: a password with a slash in it makes no address, and still is one.
    shown = re.sub(r"^.*@", "", text, flags=re.DOTALL)[:200]
    return UsageError(
        f"--endpoint {shown!r} is not a web address; give one such as http://localhost:8000/v1."
    )


def _is_loopback(host: str) -> bool:
    try:
        found = ip_address(host)
        return found.is_loopback or found.is_unspecified  # 0.0.0.0, as servers print it
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
