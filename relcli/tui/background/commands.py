"""Commands of child processes: what a person would type, and which run a command is about."""

import shlex
from collections.abc import Sequence
from pathlib import Path

from relcli.paths import default_database
from relcli.tui.background.processes import Job


def command_line(arguments: Sequence[str], database: Path) -> str:
    """The same as a person would type it."""
    typed = shlex.join(["relcli", *arguments])
    return typed if database == default_database() else f"{typed} --db {shlex.quote(str(database))}"


def resume_arguments(run: str) -> list[str]:
    return ["run", "--name", run, "--resume"]


def named_run(arguments: Sequence[str]) -> str | None:
    """The run that a `relcli run` of these arguments starts or resumes, where they say so."""
    if arguments[:1] and arguments[0] == "run" and "--name" in arguments[:-1]:
        return arguments[arguments.index("--name") + 1]
    return None


def run_of(job: Job) -> str | None:
    """The run a job starts or resumes; of other jobs, the one they are about."""
    return named_run(job.arguments) or job.run or (str(job.result["run"]) if "run" in job.result else None)
