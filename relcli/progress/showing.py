"""Runs a job under a display, and tells the display when it fails."""

from collections.abc import Iterator
from contextlib import contextmanager

from relcli.errors import RelcliError
from relcli.progress import Progress, make_progress


@contextmanager
def showing(display: str) -> Iterator[Progress]:
    """A Progress for the block. When the job fails the terminal is given back first, and a program that reads
    JSON lines gets an `error` event before the sentence goes to standard error."""
    progress = make_progress(display)
    try:
        yield progress
    except RelcliError as problem:
        progress.failed(problem.message, problem.exit_code)
        raise
    except Exception as problem:
        progress.failed(f"{type(problem).__name__}: {problem}", 1)
        raise
    finally:
        progress.close()
