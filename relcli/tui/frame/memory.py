"""Keeping Python's collector of unused objects out of the way of the keys.

It goes through everything there is whenever enough was made: 80 to 170 ms, in the midst of drawing. Most of
that are modules, widgets and styles, which stay for as long as the application does. What one key makes takes
it 2 to 15 ms, and the older of them 60, so that it has its turn while no key is pressed.
"""

import asyncio
import gc

_MADE = 200_000  # objects more than were let go of, before the youngest are looked at though keys are pressed
_YOUNG, _OLDER = 20, 10
_REST_S = 0.5  # without a key: the next one is not expected within the milliseconds that it takes
_LONG_REST_S = 2.0
_alone = False


def take_over() -> None:
    """The application has this process to itself: what its screens are made of stays until it ends."""
    global _alone
    _alone = True
    gc.set_threshold(_MADE, _YOUNG, _OLDER)


def settle() -> None:
    """After `take_over`, the collector need not go through what is there now any more. It is freed as before
    when nothing refers to it, unless it refers to itself in a circle."""
    if _alone:
        gc.freeze()


class Collecting:
    """After `take_over`: has the collector look at what is new when no key was pressed for a while, and at
    what is older when the rest is longer."""

    def __init__(self) -> None:
        self._waits: asyncio.TimerHandle | None = None

    def put_off(self) -> None:
        """A key was pressed: not now. Needs a running loop."""
        if _alone:
            self.stop()
            self._waits = asyncio.get_running_loop().call_later(_REST_S, self._look_at_new)

    def stop(self) -> None:
        if self._waits is not None:
            self._waits.cancel()
            self._waits = None

    def _look_at_new(self) -> None:
        gc.collect(0)
        self._waits = asyncio.get_running_loop().call_later(_LONG_REST_S, self._look_at_older)

    def _look_at_older(self) -> None:
        self._waits = None
        _, young, older = gc.get_count()
        if older >= _OLDER:
            gc.collect(2)
        elif young >= _YOUNG // 2:
            gc.collect(1)
