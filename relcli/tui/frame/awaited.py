"""Reads that several may wait for: each goes on while anybody does, and is given up when nobody has for a
moment."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from typing import Generic, TypeVar

T = TypeVar("T")
K = TypeVar("K", bound=Hashable)
GIVEN_UP_AFTER_S = 0.3
"""Whoever turns away and comes back, or presses the next key, finds the read still under way."""


class Awaited(Generic[T]):
    """A task, and whether anybody waits for it. given_up_after_s: how long it goes on for nobody."""

    def __init__(self, read: Awaitable[T], name: str, given_up_after_s: float = GIVEN_UP_AFTER_S) -> None:
        self.task = asyncio.ensure_future(read)
        self.task.set_name(name)
        self.task.add_done_callback(heard)
        self._waiting, self._given_up_after_s = 0, given_up_after_s

    @property
    def is_of_use(self) -> bool:
        """It has the result, or is on its way to it."""
        if self.task.done():
            return not heard(self.task)
        return not self.task.cancelling()

    async def wait(self) -> T:
        """The result. Raises what the read raises."""
        self._waiting += 1
        try:
            return await asyncio.shield(self.task)
        finally:
            self._waiting -= 1
            if not self._waiting and not self.task.done():
                asyncio.get_running_loop().call_later(self._given_up_after_s, self._look)

    def _look(self) -> None:
        if not self._waiting:
            self.task.cancel()


class Coming(Generic[K, T]):
    """Reads under way by what they read: who asks for the same waits for the same."""

    def __init__(self, name: str, given_up_after_s: float = GIVEN_UP_AFTER_S) -> None:
        self._how = name, given_up_after_s
        self._reads: dict[K, Awaited[T]] = {}

    async def get(self, place: K, read: Callable[[], Awaitable[T]]) -> T:
        """What is being read of that place, or else what `read` begins. Raises what the read raises."""
        found = self._reads.get(place)
        if found is None or not found.is_of_use:
            found = self._reads[place] = Awaited(read(), *self._how)
            found.task.add_done_callback(lambda _: self._ended(place, found))
        return await found.wait()

    def has(self, place: K) -> bool:
        """It is being read."""
        found = self._reads.get(place)
        return found is not None and found.is_of_use

    def forget(self) -> None:
        """Read anew what is asked for from now on."""
        self._reads.clear()

    def _ended(self, place: K, ended: Awaited[T]) -> None:
        if self._reads.get(place) is ended:
            del self._reads[place]


def heard(task: "asyncio.Future[T]") -> bool:
    """Whether a task that has ended failed. Asking keeps asyncio from complaining that nobody did."""
    return task.cancelled() or task.exception() is not None
