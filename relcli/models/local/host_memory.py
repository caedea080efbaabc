"""How much of this machine's memory a process may still take."""

from collections.abc import Iterator
from pathlib import Path


def available_bytes(root: Path = Path("/")) -> int | None:
    """Bytes that can be taken without swapping: what the kernel calls available, and no more than the control
    group of a container or a scheduler's job leaves. None where the system tells neither (macOS).

    root: where proc/ and sys/ are found.
    """
    found = [*_of_the_machine(root), *_of_the_group(root)]
    return min(found) if found else None


def _of_the_machine(root: Path) -> Iterator[int]:
    for line in _text(root / "proc/meminfo").splitlines():
        name, _, rest = line.partition(":")
        if name == "MemAvailable":
            yield int(rest.split()[0]) * 1024


def _of_the_group(root: Path) -> Iterator[int]:
    """What each group around this process leaves, of cgroup v2 (one line `0::/path`) and v1."""
    for line in _text(root / "proc/self/cgroup").splitlines():
        _, kinds, path = line.split(":", 2)
        if kinds == "":
            base, limit, used = "sys/fs/cgroup", "memory.max", "memory.current"
        elif "memory" in kinds.split(","):
            base, limit, used = "sys/fs/cgroup/memory", "memory.limit_in_bytes", "memory.usage_in_bytes"
        else:
            continue
        # A group of a container may stand at the top of what the container sees.
        folder = root / base / path.lstrip("/")
        for each in (folder, *folder.parents):
            most, now = _number(each / limit), _number(each / used)
            if most is not None and now is not None:
                yield max(0, most - now + _reclaimable(each))
            if each == root / base:
                break


def _reclaimable(group: Path) -> int:
    """Bytes of files that the kernel keeps in a group's memory and gives up when it is short."""
    for line in _text(group / "memory.stat").splitlines():
        name, _, value = line.partition(" ")
        if name in ("inactive_file", "total_inactive_file"):
            return int(value)
    return 0


def _number(file: Path) -> int | None:
    text = _text(file).strip()
    return int(text) if text.isdecimal() else None  # "max": no limit


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="ascii", errors="replace")
    except OSError:
        return ""
