"""Who holds a DuckDB file: process id and command line, for the error a person reads."""

import os
import re
import subprocess
from pathlib import Path

_PID = re.compile(r"\(PID (\d+)\)")
_SHOWN = 160  # characters of a command line worth printing in one sentence


def holder_pid(lock_error: str) -> int | None:
    """The process id DuckDB puts into its lock error; None where the file system can't tell (NFS)."""
    found = _PID.search(lock_error)
    return int(found.group(1)) if found else None


def command_line(pid: int) -> str | None:
    """Command line of a process of this machine, shortened; None once it has ended."""
    try:
        words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        text = " ".join(word.decode(errors="replace") for word in words if word)
    except OSError:
        shown = subprocess.run(
            ["ps", "-o", "command=", "-p", str(pid)], capture_output=True, text=True, check=False
        )
        text = shown.stdout.strip()
    text = " ".join(text.split())
    return (text if len(text) <= _SHOWN else text[: _SHOWN - 3] + "...") or None


def is_alive(pid: int) -> bool:
    """Whether a process with this id runs on this machine. One that has ended and that its parent has not
    asked about yet does not, where /proc tells."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    try:
        told = Path(f"/proc/{pid}/stat").read_bytes()
    except OSError:
        return True
    return not told.rpartition(b")")[2].startswith(b" Z")


def describe_holder(lock_error: str) -> str:
    """`process 4711 (python -m relcli run ...)`, as far as it can be known."""
    pid = holder_pid(lock_error)
    return "another process" if pid is None else describe(pid)


def describe(pid: int) -> str:
    """`process 4711 (python -m relcli run ...)`, as far as it can be known."""
    if pid == os.getpid():
        return f"this very process ({pid})"
    command = command_line(pid)
    return f"process {pid} ({command})" if command else f"process {pid}"


def lock_holder(*files: Path) -> str:
    """`process 4711 (relcli run ...)` for one that holds a flock on one of the files, the earlier ones first.

    Linux tells in /proc/locks; elsewhere it is `another process`.
    """
    try:
        lines = Path("/proc/locks").read_text(encoding="ascii", errors="replace").splitlines()
    except OSError:
        lines = []
    holders: dict[str, list[int]] = {}
    for line in lines:  # 1: FLOCK  ADVISORY  WRITE 4711 fd:00:1234 0 EOF
        fields = line.split()
        if len(fields) == 8 and fields[1] == "FLOCK" and fields[4].isdecimal() and int(fields[4]):
            holders.setdefault(fields[5], []).append(int(fields[4]))
    for file in files:
        try:
            status = file.stat()
        except OSError:
            continue
        place = f"{os.major(status.st_dev):02x}:{os.minor(status.st_dev):02x}:{status.st_ino}"
        if pids := holders.get(place):
            return describe(min(pids, key=lambda pid: pid == os.getpid()))
    return "another process"
