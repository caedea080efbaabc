"""A lock of relcli's own beside the warehouse file, held from before DuckDB opens it until it has closed it.

DuckDB 2.0.0 and 2.0.1 read the file's header before they lock it, so their own lock does not keep two
processes from writing over each other (ARCHITECTURE.md, "Two locks"). This one does, between processes and
between threads: readers share it, a writer has it alone. It is `flock` on two side files. `<file>.lock` is
the lock. `<file>.lock-queue` is taken for a moment by whoever wants the lock, and by a writer for as long as
it waits: so readers that come later wait behind it, and a writer gets its turn although readers never stop.
The side files stay; removing one while a process waits would split the lock in two.
"""

import fcntl
import logging
import os
import random
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from relcli.errors import WarehouseError
from relcli.warehouse.failures import held_by
from relcli.warehouse.holder import lock_holder

_FIRST_WAIT_S, _LONGEST_WAIT_S = 0.001, 0.03
_LOGGER = logging.getLogger("relcli.warehouse")
# File systems whose flock may not reach other machines, or not at all, depending on how they are mounted.
_UNSURE = ("nfs", "lustre", "cifs", "smb", "9p", "fuse.sshfs", "afs", "beegfs", "glusterfs", "fuse.glusterfs")
_said: set[str] = set()
# Where flock is missing, writers of one process are still kept apart.
_ONE_WRITER = threading.RLock()


@dataclass(slots=True)
class _Held:
    """What a thread holds of one file."""

    exclusive: bool
    depth: int


class _OfThread(threading.local):
    def __init__(self) -> None:
        self.held: dict[Path, _Held] = {}


_mine = _OfThread()


def lock_files(path: Path) -> tuple[Path, Path]:
    """The lock and the queue beside a (resolved) warehouse file."""
    return path.with_name(f"{path.name}.lock"), path.with_name(f"{path.name}.lock-queue")


@contextmanager
def file_lock(path: Path, *, exclusive: bool, timeout_s: float) -> Iterator[None]:
    """Hold the lock of the warehouse at `path` (resolved) for the block.

    A thread that holds it already continues at once if it wants the same again. Raises WarehouseError after
    `timeout_s` seconds, with the process that holds the lock, and at once for a thread that reads and wants
    to write, or the other way round: it would wait for itself. A reader that can't make or open the side
    files (a folder for reading only) continues without.
    """
    held = _mine.held.get(path)
    if held is not None:
        if held.exclusive != exclusive:
            raise WarehouseError(
                f"{path} is open in this process in another mode: close that connection first."
            )
        held.depth += 1
        try:
            yield
        finally:
            held.depth -= 1
        return
    deadline = time.monotonic() + timeout_s
    with _one_writer(path, exclusive, timeout_s), _flocked(path, exclusive, deadline, timeout_s):
        _mine.held[path] = _Held(exclusive, 1)
        try:
            yield
        finally:
            del _mine.held[path]


@contextmanager
def _one_writer(path: Path, exclusive: bool, timeout_s: float) -> Iterator[None]:
    if exclusive and not _ONE_WRITER.acquire(timeout=timeout_s):
        raise WarehouseError(
            f"{path} has been written to by another thread for {timeout_s:g} s: try again when it is done."
        )
    try:
        yield
    finally:
        if exclusive:
            _ONE_WRITER.release()


@contextmanager
def _flocked(path: Path, exclusive: bool, deadline: float, timeout_s: float) -> Iterator[None]:
    lock_file, queue_file = lock_files(path)
    kind = fcntl.LOCK_EX if exclusive else fcntl.LOCK_SH
    lock = _open(lock_file)
    if lock is None:  # DuckDB says what is wrong to one that wants to write here
        yield
        return
    try:
        try:
            queue = _open(queue_file)
            try:
                if queue is not None:
                    _take(queue, kind, path, queue_file, lock_file, deadline, timeout_s)
                _take(lock, kind, path, lock_file, lock_file, deadline, timeout_s)
            finally:
                if queue is not None:
                    os.close(queue)  # which lets go of it
        except OSError as error:
            _say_once(path, f"its file system has no locks ({error.strerror})")
        else:
            if kind_of := unsure_file_system(path):
                _say_once(path, f"locks of a {kind_of} file system may not reach other machines")
        yield
    finally:
        os.close(lock)


def is_waited_for(path: Path) -> bool:
    """A writer waits for the lock of the warehouse at `path` (resolved): a reader that stays lets go.
    True as well where that can't be known."""
    queue = _open(lock_files(path)[1])
    if queue is None:
        return True
    try:
        fcntl.flock(queue, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        return True
    finally:
        os.close(queue)
    return False


def _open(file: Path) -> int | None:
    """A descriptor; for reading only where the file can't be written, None where it is neither there nor can
    be made."""
    with suppress(OSError):
        return os.open(file, os.O_RDWR | os.O_CREAT, 0o666)
    with suppress(OSError):
        return os.open(file, os.O_RDONLY)
    return None


def _take(
    handle: int, kind: int, path: Path, file: Path, lock_file: Path, deadline: float, timeout_s: float
) -> None:
    """flock with a deadline, which flock itself doesn't have. OSError where it doesn't work at all."""
    wait = _FIRST_WAIT_S
    while True:
        try:
            fcntl.flock(handle, kind | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            if time.monotonic() >= deadline:
                raise held_by(path, lock_holder(lock_file, file), timeout_s) from None
        # Jitter keeps waiting processes from knocking in step.
        time.sleep(min(wait * random.uniform(0.5, 1.5), max(0.0, deadline - time.monotonic())))
        wait = min(wait * 1.6, _LONGEST_WAIT_S)


def unsure_file_system(path: Path) -> str | None:
    """The type of the file system under `path` if its locks can't be trusted; None if they can, or on
    systems that don't tell."""
    try:
        mounts = Path("/proc/self/mountinfo").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return None
    best, found = -1, ""
    for line in mounts:
        fields, _, after = line.partition(" - ")
        where = fields.split()[4].encode().decode("unicode_escape")
        if (path.is_relative_to(where)) and len(where) > best:
            best, found = len(where), after.split()[0]
    return found if found.startswith(_UNSURE) else None


def _say_once(path: Path, why: str) -> None:
    if why not in _said:
        _said.add(why)
        _LOGGER.warning("%s is used without a lock that can be relied on: %s.", path, why)
