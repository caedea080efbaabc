"""One process answers a run at a time, and a killed one leaves nothing locked."""

import fcntl
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from relcli.errors import RelcliError


@contextmanager
def run_lock(folder: Path, run: str) -> Iterator[None]:
    """Hold `<folder>/.lock` for the block. The kernel lets go of it when the process ends, however it ends,
    so a run can be resumed right after a kill, before its heartbeat has gone stale.

    Raises RelcliError that names the process which holds it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / ".lock"
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.read(handle, 300).decode(errors="replace").strip() or "unknown"
            raise RelcliError(
                f"The run {run} is being answered by process {holder} now; wait for it, or stop it first."
            ) from None
        except OSError:
            pass  # a file system without locks: two resumes would do double work, never double rows
        os.truncate(handle, 0)
        os.write(handle, f"{os.getpid()} on {socket.gethostname()}".encode())
        try:
            yield
        finally:
            path.unlink(missing_ok=True)
    finally:
        os.close(handle)
        with suppress(OSError):
            folder.rmdir()  # unless answers wait in it
