"""Where whoever runs an engine may stop it: between batches, and between the layers of each pass."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_check: ContextVar[Callable[[], None] | None] = ContextVar("relcli_interruption", default=None)


@contextmanager
def interruptible(check: Callable[[], None]) -> Iterator[None]:
    """Call `check` at every such place inside the block, in this thread. What it raises ends the call of the
    engine, which can answer again afterwards."""
    token = _check.set(check)
    try:
        yield
    finally:
        _check.reset(token)


def may_stop_here() -> None:
    """One of these places."""
    check = _check.get()
    if check is not None:
        check()
