"""Several processes on one run: `torchrun --nproc-per-node 4 -m relcli run ...`. They meet only in the spool,
so any launcher does that sets RANK and WORLD_SIZE; no process group is made."""

import os
import re
import time
from collections.abc import Callable
from pathlib import Path

from relcli.errors import UsageError, WarehouseError
from relcli.jobs.ranks import Ranks
from relcli.warehouse.runs import RunRecord, done_keys, get_run

_ADVICE = "a launcher such as torchrun sets both"


def rank_and_world() -> tuple[int, int]:
    """This process's number and how many there are, from the variables that launchers set; (0, 1) alone.

    Raises UsageError for variables that make no sense.
    """
    world = _number("WORLD_SIZE", 1)
    if world > 1 and not os.environ.get("RANK"):
        raise UsageError(f"WORLD_SIZE is {world}, but RANK is not set: {_ADVICE}; unset it for one process.")
    rank = _number("RANK", 0)
    if rank > 0 and not os.environ.get("WORLD_SIZE"):
        raise UsageError(f"RANK is {rank}, but WORLD_SIZE is not set: {_ADVICE}; unset it for one process.")
    if not 0 <= rank < world:
        raise UsageError(f"RANK {rank} is not one of 0 to WORLD_SIZE - 1 (WORLD_SIZE is {world}): {_ADVICE}.")
    return rank, world


def _number(name: str, default: int) -> int:
    text = os.environ.get(name, "").strip()
    if not text:
        return default
    if not re.fullmatch(r"-?[0-9]{1,9}", text):
        raise UsageError(f"{name} must be a whole number, not {text!r:.60}: {_ADVICE}.")
    return int(text)


def wait_for_run(database: Path, run: str, ranks: Ranks) -> RunRecord:
    """The run's row, once rank 0 has made it. Raises RelcliError if rank 0 does not start, stops or dies."""
    while True:
        try:
            record = get_run(database, run)
        except WarehouseError:
            record = None  # not there yet, or rank 0 is writing
        if record is not None and record.state in ("running", "done"):
            return record
        ranks.check()
        time.sleep(0.5)


def wait_for_others(
    database: Path, run: str, n_planned: int, ranks: Ranks, look: Callable[[int], None]
) -> bool:
    """Wait until every planned answer is in the spool or the warehouse. False if all other processes have
    ended and some is missing. Raises RelcliError if one of them has died."""
    best = -1
    while True:
        ended = len(ranks.ended())  # before what they left is counted
        started = time.monotonic()
        # Experiments on the same run have answers of their own.
        count = sum(key.intervention == "none" for key in done_keys(database, run))
        if count >= n_planned:
            return True
        if ended == ranks.world - 1:
            return False
        if count > best:
            best = count
            look(count)
        ranks.check()
        time.sleep(max(1.0, 4 * (time.monotonic() - started)))
