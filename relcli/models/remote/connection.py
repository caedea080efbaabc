"""The connection to a server: which proxy it takes, whom it trusts, and how large a reply may be."""

import ssl
from collections.abc import AsyncIterator
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import httpx2
import openai

from relcli.errors import RelcliError, UsageError
from relcli.models.remote.address import Address

MOST_BYTES = 64 * 2**20
_PLAIN_ANSWER = ("WRONG_VERSION_NUMBER", "HTTP_REQUEST", "RECORD_LAYER_FAILURE", "PACKET_LENGTH_TOO_LONG")


class Unbounded(Exception):
    """A reply that is larger than any can be."""


def http_client(address: Address) -> openai.DefaultAsyncHttpxClient:
    """A client for one server, without redirects and with bounded replies.

    A proxy of the environment (HTTP_PROXY and its kin) is used but for this machine itself: there the name
    would mean the proxy's own. Raises UsageError for a proxy or certificates that can't be used.
    """
    try:
        # With a transport of its own the client asks for no proxy; certificates are still SSL_CERT_FILE's.
        direct = {}
        if address.is_loopback:
            direct["transport"] = httpx2.AsyncHTTPTransport(limits=openai.DEFAULT_CONNECTION_LIMITS)
        return openai.DefaultAsyncHttpxClient(
            follow_redirects=False, event_hooks={"response": [_bound]}, base_url=address.url, **direct
        )
    except (ImportError, OSError, ValueError, httpx2.InvalidURL) as error:
        if proxy := proxy_for(address):
            kind = urlsplit(proxy).scheme
            more = ": pip install socksio" if isinstance(error, ImportError) else ""
            raise UsageError(
                f"The {kind or 'proxy'} proxy that the environment names for {address.shown} can't be used"
                f"{more}; or set NO_PROXY to the server's name."
            ) from error
        raise UsageError(
            f"The certificates for {address.shown} can't be read ({error}): check SSL_CERT_FILE and "
            "SSL_CERT_DIR."
        ) from error


def proxy_for(address: Address) -> str | None:
    """The proxy that the environment names for a server; None where it is asked directly."""
    parts = urlsplit(address.url)
    if address.is_loopback or proxy_bypass(parts.hostname or ""):
        return None
    named = getproxies()
    return named.get(parts.scheme) or named.get("all")


def reason_of(cause: BaseException | None, address: Address) -> str:
    """Why a connection failed, in a few words. Raises RelcliError for what no further try would change."""
    problem = _tls_problem(cause)
    if isinstance(problem, ssl.SSLCertVerificationError):
        raise RelcliError(
            f"The certificate of the server at {address.shown} is not trusted here "
            f"({problem.verify_message}): set SSL_CERT_FILE to the certificate of whoever signed it."
        )
    if problem is not None and any(name in str(problem) for name in _PLAIN_ANSWER):
        raise RelcliError(
            f"The server at {address.shown} does not speak https: give --endpoint with http://."
        )
    through = " through the environment's proxy" if proxy_for(address) else ""
    text = " ".join(str(cause or "").split())[:200] or "it broke off"
    return f"connection failed{through} ({text})"


def _tls_problem(cause: BaseException | None) -> ssl.SSLError | None:
    while cause is not None and not isinstance(cause, ssl.SSLError):
        cause = cause.__cause__ or cause.__context__
    return cause


class _BoundedStream(httpx2.AsyncByteStream):
    def __init__(self, stream: httpx2.AsyncByteStream) -> None:
        self._stream = stream

    async def __aiter__(self) -> AsyncIterator[bytes]:
        left = MOST_BYTES
        async for chunk in self._stream:
            left -= len(chunk)
            if left < 0:
                raise Unbounded(f"a reply of more than {MOST_BYTES // 2**20} MB")
            yield chunk

    async def aclose(self) -> None:
        await self._stream.aclose()


async def _bound(response: httpx2.Response) -> None:
    """Before the body is read, errors' bodies too. A few bytes of a compressed one can be gigabytes."""
    if response.headers.get("content-encoding", "identity").lower() not in ("identity", ""):
        raise Unbounded("a compressed reply, which was not asked for")
    if isinstance(response.stream, httpx2.AsyncByteStream):
        response.stream = _BoundedStream(response.stream)
