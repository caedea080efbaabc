"""A run and its data set as a folder for the Hugging Face Hub: Parquet, pictures, and a card."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from relcli.errors import InterruptedRun, RelcliError, UsageError
from relcli.jobs.dataset_card import card
from relcli.jobs.exporting import new_place, refuse_taken
from relcli.jobs.import_dataset import ABOUT
from relcli.jobs.stopping import stoppable
from relcli.progress import Progress
from relcli.warehouse.publishing import about_run, column_types_of, tables_described, write_tables
from relcli.warehouse.reads import read


@dataclass(frozen=True, slots=True)
class ExportedDataset:
    """What was written: the folder, and the rows of each table in it."""

    out: Path
    rows: Mapping[str, int]


def export_dataset(
    database: Path, run: str | None, out: Path, *, attention: bool | None = None, progress: Progress
) -> ExportedDataset:
    """Write a run, the newest if None, with its scenes and questions to the new folder `out`; whole or not at
    all. Answers under cuts are among them; probes and maps of every step are not.

    attention: None takes it along where there is some. Raises UsageError for an unknown run, RelcliError
    where `out` is there already, the run has no answers, or has no attention though it is asked for.
    """
    run = run or newest_run(database)
    about = about_run(database, run)
    refuse_taken(out)
    [left] = read(database, "export_left", run=run).as_dicts()
    if attention and not left["n_attention"]:
        raise RelcliError(f"The run {run} holds no attention: leave --attention away.")
    progress.note(f"Writing {run} to {out}.")
    with stoppable(watch_stdin=progress.watch_stdin):
        try:
            with new_place(out) as place:
                place.mkdir()
                rows = write_tables(database, run, place, attention=attention is not False)
                if "answer" not in rows:
                    raise RelcliError(f"The run {run} has no answers to export.")
                about["tables"] = rows
                text = json.dumps(about, indent=2, ensure_ascii=False, sort_keys=True, default=str)
                (place / ABOUT).write_text(text + "\n", encoding="utf-8")
                categories = read(database, "category_table", run=run).as_dicts()
                columns = {table: column_types_of(place / table) for table in rows}
                [counts] = read(database, "publish_counts", run=run).as_dicts()
                told = card(about, columns, tables_described(database), categories, counts)
                (place / "README.md").write_text(told, encoding="utf-8")
        except KeyboardInterrupt:
            raise InterruptedRun(f"Interrupted; nothing was kept in {out}.") from None
    progress.finish({"out": str(out), **rows})
    return ExportedDataset(out, rows)


def newest_run(database: Path) -> str:
    """The run that was started last. Raises UsageError where there is none."""
    runs = read(database, "runs").as_dicts()
    if not runs:
        raise UsageError(f"There are no runs in {database} yet; relcli run makes one.")
    return runs[0]["run"]
