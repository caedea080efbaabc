"""Imports that take seconds."""

import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def without_collector(module: str) -> Iterator[None]:
    """No garbage collection while the block imports `module` for the first time in this process.

    What modules hold is never garbage, but every pass over all of it takes longer than the one before: a
    fifth of the time that torch and transformers take to import, and a quarter of a second in the pass behind
    them. So garbage is collected before, and afterwards what is there counts as permanent.
    """
    if module in sys.modules or not gc.isenabled():
        yield
        return
    gc.collect()
    gc.disable()
    try:
        yield
        gc.freeze()
    finally:
        gc.enable()
