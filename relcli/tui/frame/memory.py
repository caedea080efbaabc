"""Keeping Python's collector of unused objects out of the way of the keys.

It goes through everything there is whenever enough was made: 80 to 170 ms, in the midst of drawing. Most of
that are modules, widgets and styles, which stay for as long as the application does.
"""

import gc

_MADE = 20_000  # objects more than were let go of, before the youngest are looked at
_YOUNG, _OLDER = 20, 10
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
