"""Taking an experiment's answers out of a run."""

from pathlib import Path

from relcli.errors import UsageError
from relcli.warehouse.ingest import ingest
from relcli.warehouse.opening import connect
from relcli.warehouse.parts import run_folder
from relcli.warehouse.reads import read
from relcli.warehouse.run_lock import run_lock


def remove_experiment(database: Path | str, run: str, experiment: str) -> int:
    """Delete the answers of an experiment from a run, those in the spool too; returns how many there were.

    Interventions that no run has answers of any more are forgotten, so that their names are free. Raises
    UsageError if the run has no such experiment, RelcliError if a process is at work on the run now.
    """
    database = Path(database)
    with run_lock(run_folder(database, run), run):
        ingest(database, run)  # else what lies in the spool would come in later
        known = [row["experiment"] for row in read(database, "experiments", run=run).as_dicts()]
        if experiment not in known:
            there = f"it has {', '.join(known)}" if known else "it has none"
            raise UsageError(f"The run {run} has no experiment {experiment}; {there}.")
        with connect(database, read_only=False) as connection:
            connection.execute("BEGIN")
            of_it = "intervention IN (SELECT intervention FROM intervention WHERE experiment = $experiment)"
            removed = connection.execute(
                f"DELETE FROM answer WHERE run = $run AND {of_it}", {"run": run, "experiment": experiment}
            ).fetchall()
            connection.execute(
                "DELETE FROM intervention WHERE experiment = $experiment "
                "AND intervention NOT IN (SELECT intervention FROM answer)",
                {"experiment": experiment},
            )
            connection.execute("COMMIT")
    return int(removed[0][0])
