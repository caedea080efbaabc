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
    """Whether a process with this id runs on this machine."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def describe_holder(lock_error: str) -> str:
    """`process 4711 (python -m relcli run ...)`, as far as it can be known."""
    pid = holder_pid(lock_error)
    if pid is None:
        return "another process"
    if pid == os.getpid():
        return f"this very process ({pid})"
    command = command_line(pid)
    return f"process {pid} ({command})" if command else f"process {pid}"
