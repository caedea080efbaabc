"""Several processes on one run: `accelerate launch -m relcli run ...`. They meet only in the spool."""

import os
import time
from collections.abc import Callable
from pathlib import Path

from relcli.errors import RelcliError, UsageError, WarehouseError
from relcli.warehouse.runs import RunRecord, done_keys, get_run


def rank_and_world() -> tuple[int, int]:
    """This process's number and how many there are, from the variables that launchers set; (0, 1) alone."""
    try:
        rank, world = int(os.environ.get("RANK", "0")), int(os.environ.get("WORLD_SIZE", "1"))
    except ValueError:
        raise UsageError(
            "RANK and WORLD_SIZE must be whole numbers; a launcher such as accelerate sets them."
        ) from None
    if not 0 <= rank < world:
        raise UsageError(
            f"RANK {rank} is not below WORLD_SIZE {world}; a launcher such as accelerate sets both."
        )
    return rank, world


def wait_for_run(database: Path, run: str, patience_s: float = 600.0) -> RunRecord:
    """The run's row, once rank 0 has made it."""
    deadline = time.monotonic() + patience_s
    while time.monotonic() < deadline:
        try:
            record = get_run(database, run)
        except WarehouseError:
            record = None  # not there yet, or rank 0 is writing
        if record is not None and record.state in ("running", "done"):
            return record
        time.sleep(0.5)
    raise RelcliError(
        f"The first process did not start the run {run} within {patience_s:.0f} s; see its messages."
    )


def wait_for_others(
    database: Path, run: str, n_planned: int, look: Callable[[int], None], patience_s: float = 1800.0
) -> bool:
    """Wait until every planned answer is in the spool or the warehouse. False when nothing came for so
    long."""
    best, since = -1, time.monotonic()
    while True:
        # Experiments on the same run have answers of their own.
        count = sum(key.intervention == "none" for key in done_keys(database, run))
        if count >= n_planned:
            return True
        if count > best:
            best, since = count, time.monotonic()
            look(count)
        if time.monotonic() - since > patience_s:
            return False
        time.sleep(1.0)
