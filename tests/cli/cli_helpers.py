"""Ways to call relcli and to look at what came of it."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from typer.testing import Result

from relcli.warehouse.rows import query

Relcli = Callable[..., Result]


@dataclass
class Started:
    """A relcli process under test."""

    process: subprocess.Popen[str]

    def finish(self, timeout: float = 400) -> tuple[int, str, str]:
        try:
            out, err = self.process.communicate(timeout=timeout)
        finally:
            self.process.kill()
        return self.process.returncode, out, err


def start(*words: object, cwd: Path, env: Mapping[str, str] | None = None, **options: Any) -> Started:
    """Start relcli as a process of its own, the way a terminal or the browser does."""
    command = [sys.executable, "-m", "relcli", *map(str, words)]
    # A shell may have told its background jobs, and so the tests, to ignore Ctrl-C.
    restore = options.pop("preexec_fn", None) or _default_signals
    return Started(
        subprocess.Popen(
            command,
            cwd=cwd,
            env={**os.environ, **(env or {})},
            text=True,
            stdin=options.pop("stdin", subprocess.DEVNULL),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            preexec_fn=restore,
            **options,
        )
    )


def _default_signals() -> None:
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def rows_of(database: Path, sql: str) -> list[tuple[Any, ...]]:
    return query(database, sql).rows


def tree(folder: Path) -> list[str]:
    """Every file under a folder; to show that nothing was left half-written."""
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def sentence(result: Result) -> str:
    """What stands on standard error; one line, no traceback."""
    lines = result.stderr.strip().splitlines()
    said = [line for line in lines if line.startswith("relcli: ")]
    assert len(said) == 1 and "Traceback" not in result.stderr, result.stderr
    return said[0].removeprefix("relcli: ")


def load_json(result: Result) -> Any:
    return json.loads(result.stdout)
