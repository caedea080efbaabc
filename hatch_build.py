"""Writes the commit a wheel or sdist was built from into it, for `relcli --version` outside a checkout."""

import subprocess
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

IN_SDIST, IN_WHEEL = "COMMIT", "relcli/_data/COMMIT"


class CommitHook(BuildHookInterface):
    """Adds one file with one line, unless the commit is unknown or the install is editable."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        commit = self._commit()
        if commit is None or version == "editable":
            return
        self._folder = tempfile.TemporaryDirectory()
        file = Path(self._folder.name) / "COMMIT"
        file.write_text(commit + "\n")
        build_data["force_include"][str(file)] = IN_SDIST if self.target_name == "sdist" else IN_WHEEL

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        if hasattr(self, "_folder"):
            self._folder.cleanup()

    def _commit(self) -> str | None:
        root = Path(self.root)
        if (root / IN_SDIST).is_file():  # a wheel built from an sdist
            return (root / IN_SDIST).read_text().strip()
        if not (root / ".git").exists():
            return None
        asked = ["git", "-C", str(root), "describe", "--always", "--dirty", "--abbrev=40", "--exclude=*"]
        try:
            answer = subprocess.run(asked, capture_output=True, text=True, timeout=20, check=True)
        except (OSError, subprocess.SubprocessError):
            return None
        return answer.stdout.strip() or None
