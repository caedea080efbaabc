"""Figures that a screen reads in the background: each once, for as long as the file stays as it is."""

from collections.abc import Awaitable, Callable
from typing import Any, Generic, TypeVar

from relcli.errors import RelcliError
from relcli.tui.frame.awaited import Awaited
from relcli.tui.frame.store import Store

T = TypeVar("T")


class Figures(Generic[T]):
    """`of` gives the figures of what `turn_to` asked for last, once they are there.

    compute: makes the figures of a place from the store. What is being computed is not asked for twice, and
    is given up once nobody waits for it.
    """

    def __init__(self, store: Store, compute: Callable[..., Awaitable[T]]) -> None:
        self._store, self._compute = store, compute
        self._stamp: tuple[int, ...] = ()
        self._reading: dict[tuple[Any, ...], Awaited[T]] = {}
        self._now: T | None = None
        self._place: tuple[Any, ...] = ()

    async def get(self, *place: Any) -> T:
        """The figures of a place. Raises RelcliError."""
        if (stamp := self._store.stamp()) != self._stamp:
            self._reading.clear()
            self._stamp = stamp
        found = self._reading.get(place)
        if found is None or not found.is_of_use:
            found = self._reading[place] = Awaited(self._compute(self._store, *place), "figures")
        return await found.wait()

    def of(self, *place: Any) -> T | None:
        return self._now if place == self._place else None

    async def turn_to(self, *place: Any) -> None:
        """Read the figures of a place. Those that were read before stay meanwhile. Raises RelcliError."""
        if place != self._place:
            self._now, self._place = None, place
        try:
            self._now = await self.get(*place)
        except RelcliError:
            self._now = None
            raise
