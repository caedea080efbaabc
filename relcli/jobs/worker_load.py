"""The model of a run as the resident worker loads it."""

from dataclasses import asdict
from pathlib import Path

from relcli.errors import UsageError
from relcli.jobs.run_model import name_to_load
from relcli.jobs.worker_protocol import Load
from relcli.models.answer_engine import REMOTE_DEVICE
from relcli.options.argv import argv
from relcli.options.model import ModelOptions
from relcli.warehouse.runs import RunRecord, get_run

SHORTEST_REPLY = 128
"""New tokens that somebody's own question may take, however few the run allowed."""


def load_of_run(database: Path, run: str, *, as_run: bool = False) -> tuple[RunRecord, Load]:
    """A run and its model: where it was, with its revision and dtype, or behind the server that answered.

    as_run: with the run's own limit on the length of a reply, whatever it was. Raises UsageError for a run
    that isn't there or was imported, and RelcliError as the warehouse.
    """
    record = get_run(database, run)
    if record is None:
        raise UsageError(f"There is no run {run} any more: choose one on Runs (key 1).")
    if record.kind != "run" or not record.model:
        raise UsageError(f"The run {run} was imported: there is no model here to ask.")
    longest = record.max_new_tokens or SHORTEST_REPLY
    longest = longest if as_run else max(longest, SHORTEST_REPLY)
    if record.device == REMOTE_DEVICE:
        return record, Load(
            id=0,
            model=record.model,
            revision=record.revision,
            endpoint=record.model_path,
            max_new_tokens=longest,
        )
    return record, Load(
        id=0,
        model=name_to_load(record),
        revision=record.revision,
        dtype=record.dtype,
        untested_family=True,  # whoever started the run has said yes already
        max_new_tokens=longest,
    )


def ask_arguments(load: Load) -> list[str]:
    """The options of `relcli ask` for this model."""
    return argv(ModelOptions, asdict(load))
