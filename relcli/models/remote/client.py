"""Questions to a server, many at a time: one connection pool, growing waits between tries, bounded replies.

OpenAI's client makes the requests and tells errors from replies. Its own retries are off: each request would
wait for itself where a server asks all to wait, and a broken body would get no second try.
"""

import asyncio
import os
import random
import time
from collections.abc import Callable, Coroutine, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, TypeVar

import httpx2
import openai

from relcli.errors import RelcliError, UsageError
from relcli.models.remote.address import Address
from relcli.models.remote.connection import Unbounded, http_client, reason_of
from relcli.models.remote.faults import Passing, fault_of_status
from relcli.models.remote.requests import Completion, Malformed, read_completion

PLACEHOLDER = "no-key"
"""Sent where OPENAI_API_KEY is not set: the protocol wants a key, and servers of one's own take any."""
_Result = TypeVar("_Result")


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a server is waited for.

    timeout_s: for one whole reply. tries: of one question, the first included. first_wait_s: before the
    second try, doubled for each further one up to longest_wait_s. longest_asked_s: the longest Retry-After
    that is followed. As they stand, a server that is down is given about a minute.
    """

    timeout_s: float = 300.0
    tries: int = 8
    first_wait_s: float = 0.5
    longest_wait_s: float = 30.0
    longest_asked_s: float = 900.0

    def wait_s(self, failed: int) -> float:
        """Seconds before the next try after so many failed ones; spread, so that not all come at once."""
        return min(self.first_wait_s * 2 ** (failed - 1), self.longest_wait_s) * random.uniform(0.75, 1.25)


class Client:
    """Sends requests to one server. It may be used again after it was closed.

    Not for several threads at once, nor in a thread that runs an event loop already.
    """

    def __init__(
        self, address: Address, *, concurrency: int, patience: Patience, on_note: Callable[[str], None]
    ) -> None:
        self.address, self.concurrency, self.patience = address, concurrency, patience
        self.key = key_from_environment()
        self._note, self._noted_at = on_note, -60.0
        self._runner: asyncio.Runner | None = None

    def run(self, work: Callable[["Session"], Coroutine[Any, Any, _Result]]) -> _Result:
        """Do some work to its end. Whatever ends it early, Ctrl-C too, drops the requests under way."""
        if self._runner is None:
            self._runner = asyncio.Runner()
            self._session = Session(self)
        try:
            return self._runner.run(work(self._session))
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        runner, self._runner = self._runner, None
        if runner is not None:
            for task in asyncio.all_tasks(runner.get_loop()):
                task.cancel()
            with suppress(Exception):
                runner.run(self._session.close())
            runner.close()

    def note(self, message: str) -> None:
        """Tell the person, but not once for each of many requests that meet the same."""
        if time.monotonic() - self._noted_at >= 30:
            self._noted_at = time.monotonic()
            self._note(message)


class Session:
    """A client's side within its event loop."""

    def __init__(self, client: Client) -> None:
        self._client, self._patience = client, client.patience
        self._shown = client.address.shown
        self._not_before = 0.0
        key = client.key or PLACEHOLDER
        self._openai = openai.AsyncOpenAI(
            api_key=key,
            base_url=client.address.url,
            max_retries=0,
            timeout=httpx2.Timeout(client.patience.timeout_s, connect=15.0),
            # Said outright, so that no other variable of the environment brings a key.
            default_headers={"Authorization": f"Bearer {key}", "Accept-Encoding": "identity"},
            http_client=http_client(client.address),
        )

    async def complete_all(self, payloads: Sequence[Callable[[], dict[str, Any]]]) -> list[Completion]:
        """Replies in order, never more than `concurrency` requests at once."""
        replies: list[Completion | None] = [None] * len(payloads)
        waiting = iter(enumerate(payloads))

        async def work() -> None:
            for i, payload in waiting:
                replies[i] = await self.complete(payload(), self._patience.tries)

        workers = [asyncio.create_task(work()) for _ in range(min(self._client.concurrency, len(payloads)))]
        try:
            await asyncio.gather(*workers)
        finally:
            for worker in workers:
                worker.cancel()
            await asyncio.gather(*workers, return_exceptions=True)
        return [reply for reply in replies if reply is not None]

    async def complete(self, payload: dict[str, Any], tries: int) -> Completion:
        """One reply. Raises Refusal for what no further try would change, RelcliError when tries are used
        up."""
        for failed in range(1, tries + 1):
            await self._wait_for_turn()
            try:
                return await self._try(payload)
            except Passing as fault:
                if failed == tries:
                    raise self._given_up(fault.reason, tries) from None
                await self._wait(fault, failed)
        raise AssertionError("tries is at least 1")

    async def close(self) -> None:
        await self._openai.close()

    async def model_names(self) -> list[str]:
        """What the server says it has; empty where it does not say."""
        try:
            async with asyncio.timeout(15):
                page = await self._openai.models.list()
            return [model.id for model in page.data if isinstance(model.id, str)]
        except Exception:  # only ever a hint
            return []

    async def _try(self, payload: dict[str, Any]) -> Completion:
        patience = self._patience
        try:
            async with asyncio.timeout(patience.timeout_s):
                raw = await self._openai.chat.completions.with_raw_response.create(**payload)
        except openai.APIStatusError as problem:
            response = problem.response
            raise fault_of_status(
                response.status_code, response.headers, response.content, self._client.key
            ) from None
        except (TimeoutError, openai.APITimeoutError):
            raise Passing(f"no whole reply within {patience.timeout_s:g} s") from None
        except openai.APIConnectionError as problem:
            raise Passing(reason_of(problem.__cause__, self._client.address)) from None
        except Unbounded as problem:
            raise Passing(str(problem)) from None
        except (UnicodeError, httpx2.InvalidURL) as problem:
            raise UsageError(
                f"No request can be made for {self._shown} ({problem}): check --endpoint and --model."
            ) from None
        try:
            return read_completion(raw.content)
        except Malformed as problem:
            raise Passing(str(problem)) from None

    async def _wait(self, fault: Passing, failed: int) -> None:
        asked, wait = fault.wait_s, self._patience.wait_s(failed)
        if asked is not None and asked > self._patience.longest_asked_s:
            raise RelcliError(
                f"The server at {self._shown} asks to wait {asked:,.0f} s ({fault.reason}): resume it "
                "later with "
                "--resume."
            )
        if asked is not None:
            # It told one request, and means all.
            self._not_before = max(self._not_before, time.monotonic() + asked)
            wait = asked + (wait if failed > 1 else 0)
        if wait >= 2:
            self._client.note(
                f"Waiting for the server at {self._shown}: {fault.reason}; next try in {wait:.0f} s."
            )
        await asyncio.sleep(wait)

    async def _wait_for_turn(self) -> None:
        while (left := self._not_before - time.monotonic()) > 0:
            await asyncio.sleep(left)

    def _given_up(self, reason: str, tries: int) -> RelcliError:
        return RelcliError(
            f"The server at {self._shown} gave no answer in {tries} tries (the last: {reason}): see that it "
            "is up and speaks OpenAI's chat completions, then resume it with --resume."
        )


def key_from_environment() -> str:
    """The key for the server, from OPENAI_API_KEY and nowhere else; empty if there is none."""
    key = os.environ.get("OPENAI_API_KEY", "").strip()
    if not key.isascii() or not key.isprintable():
        raise UsageError("OPENAI_API_KEY holds characters that no key has: set it again.")
    return key
