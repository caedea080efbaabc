"""Sentences that several screens say about a run."""

from collections.abc import Mapping
from typing import Any

from relcli.errors import RelcliError


def run_is_gone(run: str | None) -> RelcliError:
    """The run that is open was removed meanwhile."""
    return RelcliError(f"The run {run} is no longer in the warehouse: choose another on Runs (key 1).")


def check_attention(run: Mapping[str, Any]) -> None:
    """Raises RelcliError if a run, a row of the read `run`, was made or imported without attention."""
    if run["attention"] not in (None, "none"):
        return
    name = run["run"]
    if run["kind"] == "import":
        raise RelcliError(
            f"No attention was imported with {name}: relcli import seed --attention DIR does so."
        )
    raise RelcliError(
        f"The run {name} kept no attention: run it again without --attention none, or choose another on Runs "
        "(key 1)."
    )
