"""Which relcli it is that runs: its version and its commit."""

import subprocess
from pathlib import Path

VERSION = "0.1.0"
_PACKAGE = Path(__file__).resolve().parent


def commit() -> str | None:
    """The commit of the relcli that runs, with `-dirty` if its files were changed. In a checkout git says it,
    in a wheel the file that the build wrote (hatch_build.py); None where neither is there."""
    root = _PACKAGE.parent
    if not (root / ".git").exists():
        try:
            return (_PACKAGE / "_data" / "COMMIT").read_text(encoding="ascii").strip() or None
        except (OSError, ValueError):
            return None
    try:
        asked = ["git", "-C", str(root), "describe", "--always", "--dirty", "--abbrev=40", "--exclude=*"]
        answer = subprocess.run(asked, capture_output=True, text=True, timeout=5, check=True)
    except (OSError, subprocess.SubprocessError):
        return None
    return answer.stdout.strip() or None
