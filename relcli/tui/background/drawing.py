"""Figures drawn by a child process, as a job."""

import asyncio
import sys
from contextlib import suppress

from relcli.errors import RelcliError
from relcli.tui.background.processes import Job


async def draw_figure(job: Job) -> None:
    """Run the job's `relcli figure`, and say where the file is. Raises RelcliError with what it said."""
    try:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "relcli", *job.arguments),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
            start_new_session=True,
        )
    except OSError as problem:
        raise RelcliError(f"It can't be started: {problem.strerror or problem}.") from problem
    try:
        _, said = await process.communicate()
    finally:
        with suppress(ProcessLookupError):
            process.kill()  # where the wait was given up
    if process.returncode:
        lines = said.decode(errors="replace").strip().splitlines()
        raise RelcliError(lines[-1].removeprefix("relcli: ") if lines else f"ended with {process.returncode}")
    job.result = {"written to": job.arguments[job.arguments.index("--out") + 1]}
