"""Imports that take seconds."""

import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager

_process_is_own = False


def own_process() -> None:
    """Told by the command: nothing but relcli runs in this process."""
    global _process_is_own
    _process_is_own = True


@contextmanager
def without_collector(module: str) -> Iterator[None]:
    """No garbage collection while the block imports `module` for the first time in this process.

    What modules hold is never garbage, but every pass over all of it takes longer than the one before: a
    fifth of the time that torch and transformers take to import. In a process of relcli's own what is there
    afterwards counts as permanent, which saves the pass behind the imports and those at the end: 1.4 s. In
    another's process that would keep garbage of theirs for good.
    """
    if module in sys.modules or not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
        if _process_is_own:
            gc.freeze()
    finally:
        gc.enable()
