"""What a warehouse has: runs, which of them can be resumed, models and data sets."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Inventory:
    """What the warehouse has: run names, models used (newest first), data sets as the read `datasets` gives
    them."""

    runs: frozenset[str] = frozenset()
    models: tuple[str, ...] = ()
    datasets: tuple[dict[str, Any], ...] = ()
    stopped: tuple[dict[str, Any], ...] = ()


def inventory(runs: Sequence[dict[str, Any]], datasets: Sequence[dict[str, Any]]) -> Inventory:
    """From the reads `run_list` and `datasets`."""
    models = dict.fromkeys(row["model"] for row in runs if row["model"] and row["kind"] == "run")
    return Inventory(
        frozenset(row["run"] for row in runs),
        tuple(models),
        tuple(datasets),
        tuple(row for row in runs if can_resume(row)),
    )


def can_resume(row: Mapping[str, Any]) -> bool:
    """Whether a run, as the read `run_list` gives it, stopped on its way."""
    return row["state"] in ("stopped", "failed") and row["kind"] == "run"
